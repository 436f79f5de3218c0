package change

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/engine"
	"github.com/barraiser/barraiser/internal/git"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/sandbox"
)

// Analyst has code judged.
type Analyst struct {
	Repo *git.Repo
	// Dir is a private, empty folder: the trees are written there, and the judge
	// has its scratch in it. The caller removes it.
	Dir       string
	Toolchain engine.Toolchain
	Facts     string // folder of the fact cache; empty: none
	// Packages is a folder that keeps what was found in single packages, for each
	// repository apart; empty: none.
	Packages string
	// Results is a folder that keeps what whole changes came to; empty: none.
	Results string
	// History is a folder that keeps what is known of the history; empty: none.
	History   string
	Timeout   time.Duration
	MaxMemory int64
	// Sandbox says, once there is something to judge, what confines the judge; nil:
	// nothing does.
	Sandbox  func() (sandbox.Sandbox, error)
	Progress func(engine.Progress)
	// Explain is told, if not nil, what was done, or that it was kept from before.
	Explain func(stats engine.Stats, kept bool, took time.Duration)
}

// Analysis is what was found in the code of a change.
type Analysis struct {
	Delta    debt.Delta
	Coverage debt.Coverage
	Impact   engine.ImpactFacts
	Engine   review.Engine
	Hints    []string
	// Failure says why nothing is known; then Coverage lists all files.
	Failure string
	// NoPackages says that the tree holds no Go at all.
	NoPackages bool
}

// Analyse judges a change by a policy: that of its base. A judge that failed is
// no error: the result is that nothing is known. Where ctx ends, what is returned
// beside the error says so of each file.
func (a *Analyst) Analyse(ctx context.Context, p review.Policy, base, head review.Revision, c *Change) (*Analysis, error) {
	out := &Analysis{}
	if !c.Relevant {
		return out, nil
	}
	res, stats, err := a.judgePair(ctx, p, base, head, c)
	out.Engine = stats
	failed, broken := errors.AsType[*engine.Failure](err)
	switch {
	case broken:
		out.Failure = failed.Reason
		out.Coverage = Unjudged(c.Go, failed.Reason)
		return out, nil
	case ctx.Err() != nil:
		out.Failure = "cancelled"
		out.Coverage = Unjudged(c.Go, out.Failure)
		return out, ctx.Err()
	case err != nil:
		return nil, err
	}
	out.NoPackages = res.NoPackages
	out.Delta = debt.Compare(debt.Comparison{Base: res.Base, Head: res.Head, Files: c.Go, Excluded: res.Excluded, Settings: p.Rules})
	out.Coverage, out.Impact, out.Hints = res.Coverage, res.Impact, Hints(res)
	return out, nil
}

// judgePair packs both trees and has them judged, where that was not done before.
func (a *Analyst) judgePair(ctx context.Context, p review.Policy, base, head review.Revision, c *Change) (*engine.Result, review.Engine, error) {
	begun := time.Now()
	tags, err := a.Repo.Tags(ctx, base.Commit, a.History)
	if err != nil {
		return nil, review.Engine{}, err
	}
	name, err := a.resultName(p, base, head, tags)
	if err != nil {
		return nil, review.Engine{}, err
	}
	if name != "" {
		if res, ok := engine.KeptResult(a.Results, name); ok {
			a.explain(engine.Stats{}, true, begun)
			return res, engineStats(res, begun), nil
		}
	}
	job := engine.Job{
		Base: filepath.Join(a.scratch(), BaseDir), Head: filepath.Join(a.scratch(), HeadDir),
		Files: c.Go, Tags: tags, Settings: p.Rules,
	}
	if job.Packed, job.Unread, err = a.pack(ctx, base.Tree, head.Tree); err != nil {
		return nil, review.Engine{}, err
	}
	files := func(visit func(rel string)) error {
		for _, f := range slices.Concat(job.Packed.Base, job.Packed.Head) {
			visit(f.Path)
		}
		return nil
	}
	if job.Stated, err = Stated(ctx, a.Repo, p, base.Tree, files); err != nil {
		return nil, review.Engine{}, err
	}
	res, stats, err := a.Judge(ctx, job)
	if err == nil && name != "" {
		err = engine.KeepResult(a.Results, name, res)
	}
	return res, stats, err
}

// resultName names what judging a change comes to, by all that decides over it:
// both trees, the tags, the policy, CODEOWNERS of the base tree, and the day, by
// which experiments end and modules age. It is empty where nothing is kept.
func (a *Analyst) resultName(p review.Policy, base, head review.Revision, tags []string) (string, error) {
	if a.Results == "" {
		return "", nil
	}
	policy, err := json.Marshal([]any{p, tags})
	if err != nil {
		return "", err
	}
	return engine.ResultName(a.Toolchain, base.Tree, head.Tree, string(policy), time.Now().UTC().Format(time.DateOnly))
}

func (a *Analyst) explain(stats engine.Stats, kept bool, begun time.Time) {
	if a.Explain != nil {
		a.Explain(stats, kept, time.Since(begun))
	}
}

func engineStats(res *engine.Result, begun time.Time) review.Engine {
	return review.Engine{
		Seconds: time.Since(begun).Seconds(), Packages: res.Packages, Reused: res.Reused, Modules: res.Modules, PeakMiB: res.PeakMiB,
	}
}

// Complete fills in what the code adds to a snapshot.
func (a *Analysis) Complete(s *review.Snapshot) {
	s.Change.Base, s.Change.Head, s.Change.Breaks = a.Impact.Base, a.Impact.Head, a.Impact.Breaks
	s.Delta = a.Delta
	if a.Failure == "" {
		s.Coverage = a.Coverage // else the failure says more than each file does
	}
}

// scratch is what the judge may write into.
func (a *Analyst) scratch() string { return filepath.Join(a.Dir, "scratch") }

// pack packs both trees and returns what could not be packed of the head, by
// path.
func (a *Analyst) pack(ctx context.Context, base, head string) (*engine.Packed, map[string]string, error) {
	if err := os.MkdirAll(a.scratch(), 0o700); err != nil {
		return nil, nil, err
	}
	f, err := os.OpenFile(filepath.Join(a.scratch(), "trees"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, nil, err
	}
	files, written, err := a.Repo.PackTrees(ctx, []string{base, head}, f, Wanted)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, nil, err
	}
	unread := map[string]string{}
	for _, s := range written[1].Skipped {
		unread[s.Path] = s.Reason
	}
	of := func(files []git.Packed) (out []engine.PackedFile) {
		for _, f := range files {
			out = append(out, engine.PackedFile(f))
		}
		return out
	}
	return &engine.Packed{File: f.Name(), Base: of(files[0]), Head: of(files[1])}, unread, nil
}

// The folders of the trees: in Analyst.Dir, or, packed, where the judge may write
// them out.
const (
	BaseDir = "base"
	HeadDir = "head"
)

// WriteTrees writes trees out side by side and returns what could not be
// written of the last one, by path.
func (a *Analyst) WriteTrees(ctx context.Context, trees map[string]string) (unread map[string]string, err error) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	unread = map[string]string{}
	for name, tree := range trees {
		wg.Go(func() {
			dir := filepath.Join(a.Dir, name)
			var written git.Written
			e := os.Mkdir(dir, 0o700)
			if e == nil {
				written, e = a.Repo.WriteTree(ctx, tree, dir, Wanted)
			}
			mu.Lock()
			defer mu.Unlock()
			err = cmp.Or(err, e) // a second one would say the same of the other side
			if name == HeadDir {
				for _, s := range written.Skipped {
					unread[s.Path] = s.Reason
				}
			}
		})
	}
	wg.Wait()
	return unread, err
}

// Judge has a job judged and fills in what all reports say of it.
func (a *Analyst) Judge(ctx context.Context, job engine.Job) (*engine.Result, review.Engine, error) {
	begun := time.Now()
	scratch := a.scratch()
	if err := os.MkdirAll(scratch, 0o700); err != nil {
		return nil, review.Engine{}, err
	}
	job.MaxMemory = a.MaxMemory
	options := engine.Options{
		Toolchain: a.Toolchain, Scratch: scratch, Cache: a.Facts, Packages: a.packages(), Timeout: a.Timeout, Progress: a.Progress,
	}
	if a.Sandbox != nil {
		var err error
		if options.Sandbox, err = a.Sandbox(); err != nil {
			return nil, review.Engine{}, err
		}
	}
	res, err := engine.Judge(ctx, job, options)
	if err != nil {
		return nil, review.Engine{Seconds: time.Since(begun).Seconds()}, err
	}
	a.explain(res.Stats, false, begun)
	return res, engineStats(res, begun), nil
}

// packages is the folder of the repository's packages: all work trees of one
// share it.
func (a *Analyst) packages() string {
	if a.Packages == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(a.Repo.Objects()))
	return filepath.Join(a.Packages, hex.EncodeToString(sum[:8]))
}

// Unjudged is the coverage of a change that could not be judged at all.
func Unjudged(files []debt.FileChange, why string) debt.Coverage {
	var c debt.Coverage
	for _, f := range files {
		if f.New != "" {
			c.Changed++
			c.Skipped = append(c.Skipped, debt.Skipped{File: f.New, Reason: why})
		}
	}
	return c
}

// tooOld is how the go command refuses a module of a later Go.
var tooOld = regexp.MustCompile(`requires go >= ([0-9.a-z]+) \(running go ([0-9.a-z]+)`)

// Hints says what mends an analysis that lacks modules or a later Go.
func Hints(res *engine.Result) []string {
	var out []string
	c := res.Coverage
	short := len(c.Broken) > 0 || len(c.Lost) > 0 || slices.ContainsFunc(c.Skipped, func(s debt.Skipped) bool { return !s.Expected })
	if len(res.Missing) > 0 && short { // else what needs them is out of the reach of the change
		out = append(out, "go mod download "+strings.Join(res.Missing, " "))
	}
	var reasons []string
	for _, b := range res.Coverage.Broken {
		reasons = append(reasons, b.Error)
	}
	for _, s := range res.Coverage.Skipped {
		reasons = append(reasons, s.Reason)
	}
	for _, why := range reasons {
		if v := tooOld.FindStringSubmatch(why); v != nil {
			hint := fmt.Sprintf("install Go %s or a later one: go.mod asks for it, and the go command on PATH is of %s", v[1], v[2])
			return append(out, hint) // once
		}
	}
	return out
}
