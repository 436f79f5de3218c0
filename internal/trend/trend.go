// Package trend has past states of a branch judged, one after the other, and says
// what became of the debt between them. It keeps nothing: the command keeps what
// it judged in files, the server in its store, and both draw the same series, a
// row of debt.Point.
//
// Each state is scanned as a whole, so what it owes does not depend on the one
// before. But the scans run in one child, which keeps what a change between two
// states cannot have touched (engine, follow.go): only the first is dear.
package trend

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/barraiser/barraiser/internal/change"
	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/engine"
	"github.com/barraiser/barraiser/internal/git"
	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/sandbox"
)

// Config is what a Judge is made of.
type Config struct {
	Repo *git.Repo
	// Dir is a private, empty folder, which the caller removes.
	Dir string
	// All states are judged by Policy and told apart by Owners. PolicyTree is the
	// tree that both are from.
	Policy     review.Policy
	Owners     review.Owners
	PolicyTree string
	Toolchain  engine.Toolchain
	Facts      string        // folder of the fact cache; empty: none
	Timeout    time.Duration // of one state; 0: none
	MaxMemory  int64         // of one state, in bytes; 0: no limit
	// Sandbox says, once there is something to judge, what confines the child; nil:
	// nothing does.
	Sandbox func() (sandbox.Sandbox, error)
	// Download brings the modules that a tree asks for; nil: what is not in the
	// module cache leaves states in part.
	Download func(ctx context.Context, tree string) error
}

// A Judge judges the states of one branch, the oldest first. Close it.
type Judge struct {
	Config
	series  *engine.Series
	started int
	last    written // the state that was judged last
	of      string  // its commit
}

// New makes a judge. It starts nothing yet.
func New(c Config) *Judge { return &Judge{Config: c} }

// Close ends the child.
func (j *Judge) Close() {
	if j.series != nil {
		j.series.Close()
		j.series = nil
	}
}

// Judged is what was found out about a state.
type Judged struct {
	State   debt.State
	Figures debt.Figures
	Spots   []debt.Hotspot
	Step    debt.Step // from the state before, where that was given
	Missing []string  // modules that were not at hand
}

// Point is the state as a point of the trend.
func (d Judged) Point(s State, settings debt.Settings) debt.Point {
	p := debt.Point{Commit: s.Commit, At: s.At, Catalogue: debt.CatalogueVersion, Figures: d.Figures, Step: d.Step, Judged: true, Gap: Gap(d.State)}
	if p.Gap == "" && p.Lines > 0 && settings.Shipped() {
		if share, ok := debt.ShippedCorpus().Rank(p.Density()); ok {
			p.Rank = &share
		}
	}
	return p
}

// Gap says why a state is not whole; empty: it is.
func Gap(s debt.State) string {
	switch {
	case s.Whole():
		return ""
	case s.Files == 0:
		return "there is no Go code"
	case s.Unread == 0:
		return fmt.Sprintf("checks failed on %s", count(s.Lost, "package"))
	}
	return fmt.Sprintf("%d of %s could not be analysed", s.Unread, count(s.Files, "file"))
}

func count(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}

// Judge judges a state. previous is the commit of the one before, with what it was
// found to be; empty for the first. An error that is an *engine.Failure says that
// nothing is known of this state, and that others may be judged.
func (j *Judge) Judge(ctx context.Context, s State, previous string, before debt.State) (Judged, error) {
	way, res, err := j.scan(ctx, s, previous)
	if err != nil {
		return Judged{}, err
	}
	out := Judged{State: stateOf(res), Missing: res.Missing}
	owners := Partition(j.Policy, j.Owners)
	if out.Figures, out.Spots, err = j.price(ctx, s, out.State, owners); err != nil {
		return Judged{}, err
	}
	if previous != "" && before.Files > 0 {
		way.From, way.To, way.Owners = before, out.State, owners
		out.Step = way.Step(j.Policy.Rules)
		out.Step.Credit = debt.Credits(out.Step, s.Merged, dependants(res.Impact.Head.Packages), owners.Team)
	}
	return out, nil
}

// Spots are the places with debt of a state that was judged before.
func (j *Judge) Spots(ctx context.Context, s State, known debt.State) ([]debt.Hotspot, error) {
	_, spots, err := j.price(ctx, s, known, Partition(j.Policy, j.Owners))
	return spots, err
}

func (j *Judge) price(ctx context.Context, s State, known debt.State, owners debt.Owners) (debt.Figures, []debt.Hotspot, error) {
	touches, err := j.touches(ctx, s)
	if err != nil {
		return debt.Figures{}, nil, err
	}
	figures, spots := known.Figures(j.Policy.Rules, touches, owners)
	return figures, spots, nil
}

// Partition is by what parts the debt is told apart.
func Partition(p review.Policy, o review.Owners) debt.Owners {
	var out debt.Owners
	if len(p.Components) > 0 {
		out.Component = p.ComponentOf
	}
	if o.Stated() {
		out.Team = o.TeamOf
	}
	if len(p.Goals) > 0 {
		out.Goals = func(file string) []string { return p.GoalsOf(p.ComponentOf(file)) }
	}
	return out
}

// stateOf keeps of a scan what a trend needs.
func stateOf(res *engine.Result) debt.State {
	s := debt.State{Measures: res.Head.Measures, Broken: res.Head.Broken, Lines: res.CodeLines(), FileLines: res.Lines}
	lost := map[string]bool{}
	for _, l := range res.Coverage.Lost {
		lost[l.Package] = true
	}
	s.Lost = len(lost)
	for _, skipped := range res.Coverage.Skipped {
		if !skipped.Expected {
			s.Unread++
		}
	}
	s.Files = res.Coverage.Analysed + s.Unread
	return s
}

// dependants returns which folders depend on the packages in one, directly or not.
func dependants(packages []impact.Package) func(dir string) []string {
	folder, importers := map[string]string{}, map[string][]string{}
	for _, p := range packages {
		folder[p.Path] = p.Dir
	}
	for _, p := range packages {
		for _, path := range p.Imports {
			importers[folder[path]] = append(importers[folder[path]], p.Dir)
		}
	}
	return func(dir string) []string {
		var out []string
		seen := map[string]bool{dir: true}
		for todo := []string{dir}; len(todo) > 0; todo = todo[1:] {
			for _, by := range importers[todo[0]] {
				if !seen[by] {
					seen[by] = true
					out, todo = append(out, by), append(todo, by)
				}
			}
		}
		return out
	}
}

// year, in days, is how far back touches are read: one that is older would count
// less than a sixteenth.
const year = 365

// touches reads what was touched in the year before a state. What is known of the
// history of one state serves the next, and is gone with the private folder: a
// trend asks for many commits, and would push all else out of a cache.
func (j *Judge) touches(ctx context.Context, s State) ([]debt.Touch, error) {
	read, err := j.Repo.Touches(ctx, s.Commit, s.At.AddDate(0, 0, -year), filepath.Join(j.Dir, "history"))
	if err != nil {
		return nil, err
	}
	return Ages(read, s.At), nil
}

// Ages are touches as seen from a commit.
func Ages(read []git.Touch, at time.Time) []debt.Touch {
	out := make([]debt.Touch, 0, len(read))
	for _, t := range read {
		// A clock that is ahead makes a commit newer than what follows it.
		age := max(0, at.Sub(t.When).Hours()/24)
		out = append(out, debt.Touch{Commit: t.Commit, Author: t.Author, Age: age, File: t.Path, Symbol: t.Symbol})
	}
	return out
}

// scan has a state judged, and reads what differs from the one before.
func (j *Judge) scan(ctx context.Context, s State, previous string) (debt.Advance, *engine.Result, error) {
	var way debt.Advance
	tree, err := j.Repo.TreeOf(ctx, s.Commit)
	if err != nil {
		return way, nil, err
	}
	if j.Download != nil {
		if err := j.Download(ctx, tree); err != nil {
			return way, nil, err
		}
	}
	var since engine.Since
	if previous != "" {
		if since, err = j.since(ctx, previous, tree); err != nil {
			return way, nil, err
		}
	}
	here, err := j.write(ctx, tree, change.Wanted)
	if err != nil {
		return way, nil, err
	}
	stated, err := change.Stated(ctx, j.Repo, j.Policy, j.PolicyTree, change.Folders(here.dir))
	if err != nil {
		return way, nil, err
	}
	stated.Today = s.At.UTC().Format(time.DateOnly) // as it was then, on any day
	res, err := j.inSeries(ctx, engine.Job{
		Head: here.dir, Unread: here.unread, Settings: j.Policy.Rules, Stated: stated,
		Since: since, Follow: true, MaxMemory: j.MaxMemory,
	})
	old := j.last.dir
	j.last, j.of = here, s.Commit
	if old != "" {
		err = errors.Join(err, os.RemoveAll(old))
	}
	if err != nil {
		return way, nil, err
	}
	way = debt.Advance{Files: since.Files, Before: res.Base.Symbols, After: res.Head.Symbols, Excluded: excludedOf(res, since.Files)}
	return way, res, nil
}

// excludedOf are the changed files whose findings do not count.
func excludedOf(res *engine.Result, files []debt.FileChange) map[string]string {
	out := map[string]string{}
	for _, f := range files {
		if why, ok := res.Excluded[f.New]; ok {
			out[f.New] = why
		}
	}
	return out
}

// since is the state before, of which only the files that differ are needed.
func (j *Judge) since(ctx context.Context, previous, tree string) (engine.Since, error) {
	before, err := j.Repo.TreeOf(ctx, previous)
	if err != nil {
		return engine.Since{}, err
	}
	diff, err := change.Read(ctx, j.Repo, before, tree)
	if err != nil {
		return engine.Since{}, err
	}
	if j.of == previous {
		return engine.Since{Dir: j.last.dir, Files: diff.Go}, nil
	}
	old := map[string]bool{}
	for _, f := range diff.Go {
		old[f.Old] = true
	}
	if j.last.dir != "" {
		if err := os.RemoveAll(j.last.dir); err != nil {
			return engine.Since{}, err
		}
	}
	here, err := j.write(ctx, before, func(file string) bool { return old[file] || filepath.Base(file) == "go.mod" })
	if err != nil {
		return engine.Since{}, err
	}
	j.last, j.of = here, ""
	return engine.Since{Dir: here.dir, Files: diff.Go}, nil
}

// written is a tree that lies on the disk.
type written struct {
	dir    string
	unread map[string]string // files that could not be written out, and why
}

func (j *Judge) write(ctx context.Context, tree string, want func(string) bool) (written, error) {
	dir, err := os.MkdirTemp(j.Dir, "tree-")
	if err != nil {
		return written{}, err
	}
	w, err := j.Repo.WriteTree(ctx, tree, dir, want)
	if err != nil {
		return written{}, err
	}
	unread := map[string]string{}
	for _, skipped := range w.Skipped {
		unread[skipped.Path] = skipped.Reason
	}
	return written{dir, unread}, nil
}

// inSeries judges by the running child, or by a new one after a failure.
func (j *Judge) inSeries(ctx context.Context, job engine.Job) (*engine.Result, error) {
	if j.series == nil {
		j.started++
		scratch := filepath.Join(j.Dir, "scratch-"+strconv.Itoa(j.started))
		if err := os.Mkdir(scratch, 0o700); err != nil {
			return nil, err
		}
		options := engine.Options{Toolchain: j.Toolchain, Scratch: scratch, Cache: j.Facts, Timeout: j.Timeout, Trees: []string{j.Dir}}
		if j.Sandbox != nil {
			var err error
			if options.Sandbox, err = j.Sandbox(); err != nil {
				return nil, err
			}
		}
		series, err := engine.Start(ctx, options)
		if err != nil {
			return nil, err
		}
		j.series = series
	}
	res, err := j.series.Judge(ctx, job)
	if err != nil {
		j.Close()
	}
	return res, err
}
