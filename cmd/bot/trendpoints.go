package main

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
	"github.com/barraiser/barraiser/internal/review"
)

// pointJudge judges the states of a branch, the oldest first.
//
// Each state is scanned as a whole, so what it owes does not depend on the one
// before. But the scans run in one child, which keeps what a change between two
// states cannot have touched (engine, follow.go): only the first is dear.
type pointJudge struct {
	*analysis
	policy     review.Policy
	owners     review.Owners
	ownersFile []byte
	policyTree string // where CODEOWNERS was read
	toolchain  engine.Toolchain
	kept       trendCache
	fresh      bool
	missing    map[string]bool // modules that were not at hand
	newest     debt.State      // the state judged last

	series  *engine.Series
	started int
	written writtenTree // of the state that was judged last
	of      string      // its commit
	touched string      // folder of what is known of the history
	second  time.Time   // when the first state was judged
	judged  int         // states since then
}

// readOwners reads who owns what, by which all states are told apart.
func (j *pointJudge) readOwners(ctx context.Context, tree string) error {
	codeowners, _, err := change.Codeowners(ctx, j.repo, tree)
	if err != nil {
		return err
	}
	j.policyTree = tree
	j.owners = review.Owners{Policy: j.policy, Codeowners: codeowners}
	for _, name := range review.CodeownersFiles {
		if content, err := j.repo.ReadFile(ctx, tree, name); err == nil {
			j.ownersFile = content
			break
		}
	}
	return nil
}

// close ends the child.
func (j *pointJudge) close() {
	if j.series != nil {
		j.series.Close()
		j.series = nil
	}
}

// all judges the states. With an error it returns those that were judged.
func (j *pointJudge) all(ctx context.Context, states []state) ([]debt.Point, error) {
	var points []debt.Point
	var before debt.State
	todo := 0
	for i := range states {
		if !j.known(states, i) {
			todo++
		}
	}
	done := 0
	for i, s := range states {
		if !j.known(states, i) {
			j.progress.point(done, todo, j.second, j.judged)
			done++
		}
		p, st, err := j.point(ctx, states, i, before)
		if ctx.Err() != nil {
			return points, ctx.Err()
		}
		if err != nil {
			return points, err
		}
		p.Commit, p.At = s.commit, s.at
		if i > 0 {
			p.Merged = s.merged
		}
		points, before = append(points, p), st
	}
	j.newest = before
	return points, nil
}

// known reports whether nothing has to be judged for a state.
func (j *pointJudge) known(states []state, i int) bool {
	if j.fresh {
		return false
	}
	return j.kept.has(stateEntry, states[i].commit) && (i == 0 || j.kept.has(stepEntry, states[i-1].commit+states[i].commit))
}

// keptState is what is kept of a state.
type keptState struct {
	State   debt.State
	Figures debt.Figures
	Missing []string
}

// point makes the figures of one state and of the way to it.
func (j *pointJudge) point(ctx context.Context, states []state, i int, before debt.State) (debt.Point, debt.State, error) {
	var kept keptState
	var step debt.Step
	s, previous := states[i], ""
	if i > 0 {
		previous = states[i-1].commit
	}
	if !j.fresh && j.kept.recall(stateEntry, s.commit, &kept) && (i == 0 || j.kept.recall(stepEntry, previous+s.commit, &step)) {
		j.note(kept)
		return j.finished(kept, step), kept.State, nil
	}
	way, res, err := j.scan(ctx, s, previous)
	if failed, ok := errors.AsType[*engine.Failure](err); ok {
		return debt.Point{Gap: failed.Reason}, debt.State{}, nil
	}
	if err != nil {
		return debt.Point{}, debt.State{}, err
	}
	kept = keptState{State: stateOf(res), Missing: res.Missing}
	touches, err := j.touches(ctx, s)
	if err != nil {
		return debt.Point{}, debt.State{}, err
	}
	kept.Figures, _ = kept.State.Figures(j.policy.Rules, touches, j.partition())
	if previous != "" && before.Files > 0 {
		way.From, way.To = before, kept.State
		step = way.Step(j.policy.Rules)
	}
	j.note(kept)
	j.kept.keep(stateEntry, s.commit, kept)
	if previous != "" {
		j.kept.keep(stepEntry, previous+s.commit, step)
	}
	if j.second.IsZero() {
		j.second = time.Now()
	} else {
		j.judged++
	}
	return j.finished(kept, step), kept.State, nil
}

// note keeps what is said of the trend as a whole.
func (j *pointJudge) note(kept keptState) {
	for _, m := range kept.Missing {
		j.missing[m] = true
	}
}

// finished is a point, with what can be told of it now.
func (j *pointJudge) finished(kept keptState, step debt.Step) debt.Point {
	p := debt.Point{Figures: kept.Figures, Step: step, Judged: true, Gap: gap(kept.State)}
	if p.Gap == "" && p.Lines > 0 && j.policy.Rules.Shipped() {
		if share, ok := debt.ShippedCorpus().Rank(p.Density()); ok {
			p.Rank = &share
		}
	}
	return p
}

func gap(s debt.State) string {
	switch {
	case s.Whole():
		return ""
	case s.Files == 0:
		return "there is no Go code"
	case s.Unread == 0:
		return "checks failed on " + count(s.Lost, "package")
	}
	return fmt.Sprintf("%d of %s could not be analysed", s.Unread, count(s.Files, "file"))
}

// partition is by what parts the debt is told apart.
func (j *pointJudge) partition() debt.Owners {
	var o debt.Owners
	if len(j.policy.Components) > 0 {
		o.Component = j.policy.ComponentOf
	}
	if j.owners.Stated() {
		o.Team = j.owners.TeamOf
	}
	return o
}

// stateOf keeps of a scan what a trend needs.
func stateOf(res *engine.Result) debt.State {
	s := debt.State{Measures: res.Head.Measures, Broken: res.Head.Broken, Lines: res.Lines}
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

// touches reads what was touched in the year before a state. What is known of
// the history of one state serves the next, and is gone with the private folder:
// a trend asks for many commits, and would push all else out of the cache.
func (j *pointJudge) touches(ctx context.Context, s state) ([]debt.Touch, error) {
	if j.touched == "" {
		j.touched = filepath.Join(j.job, "history")
	}
	read, err := j.repo.Touches(ctx, s.commit, s.at.AddDate(0, 0, -year), j.touched)
	if err != nil {
		return nil, err
	}
	return ages(read, s.at), nil
}

// scan has a state judged, and reads what differs from the one before.
func (j *pointJudge) scan(ctx context.Context, s state, previous string) (debt.Advance, *engine.Result, error) {
	var way debt.Advance
	tree, err := j.repo.TreeOf(ctx, s.commit)
	if err != nil {
		return way, nil, usage(err)
	}
	var since engine.Since
	if previous != "" {
		if since, err = j.since(ctx, previous, tree); err != nil {
			return way, nil, usage(err)
		}
	}
	written, err := j.writeTree(ctx, tree, change.Wanted)
	if err != nil {
		return way, nil, usage(err)
	}
	stated, err := change.Stated(ctx, j.repo, j.policy, j.policyTree, written.dir)
	if err != nil {
		return way, nil, usage(err)
	}
	stated.Today = s.at.UTC().Format(time.DateOnly) // as it was then, on any day
	res, err := j.inSeries(ctx, engine.Job{
		Head: written.dir, Unread: written.unread, Settings: j.policy.Rules, Stated: stated,
		Since: since, Follow: true, MaxMemory: int64(j.maxMemory),
	})
	old := j.written.dir
	j.written, j.of = written, s.commit
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
func (j *pointJudge) since(ctx context.Context, previous, tree string) (engine.Since, error) {
	before, err := j.repo.TreeOf(ctx, previous)
	if err != nil {
		return engine.Since{}, err
	}
	diff, err := change.Read(ctx, j.repo, before, tree)
	if err != nil {
		return engine.Since{}, err
	}
	if j.of == previous {
		return engine.Since{Dir: j.written.dir, Files: diff.Go}, nil
	}
	old := map[string]bool{}
	for _, f := range diff.Go {
		old[f.Old] = true
	}
	if j.written.dir != "" {
		if err := os.RemoveAll(j.written.dir); err != nil {
			return engine.Since{}, err
		}
	}
	written, err := j.writeTree(ctx, before, func(file string) bool { return old[file] || filepath.Base(file) == "go.mod" })
	if err != nil {
		return engine.Since{}, err
	}
	j.written, j.of = written, ""
	return engine.Since{Dir: written.dir, Files: diff.Go}, nil
}

func (j *pointJudge) writeTree(ctx context.Context, tree string, want func(string) bool) (writtenTree, error) {
	dir, err := os.MkdirTemp(j.job, "tree-")
	if err != nil {
		return writtenTree{}, err
	}
	var written git.Written
	if written, err = j.repo.WriteTree(ctx, tree, dir, want); err != nil {
		return writtenTree{}, err
	}
	unread := map[string]string{}
	for _, skipped := range written.Skipped {
		unread[skipped.Path] = skipped.Reason
	}
	return writtenTree{dir, unread}, nil
}

// inSeries judges by the running child, or by a new one after a failure.
func (j *pointJudge) inSeries(ctx context.Context, job engine.Job) (*engine.Result, error) {
	if j.series == nil {
		j.started++
		scratch := filepath.Join(j.job, "scratch-"+strconv.Itoa(j.started))
		if err := os.Mkdir(scratch, 0o700); err != nil {
			return nil, err
		}
		series, err := engine.Start(ctx, engine.Options{
			Toolchain: j.toolchain, Scratch: scratch, Cache: j.cacheFolder("facts"), Timeout: time.Duration(j.timeout),
		})
		if err != nil {
			return nil, err
		}
		j.series = series
	}
	res, err := j.series.Judge(ctx, job)
	if err != nil {
		j.close()
	}
	return res, err
}
