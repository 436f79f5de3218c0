package change

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/engine"
	"github.com/barraiser/barraiser/internal/git"
	"github.com/barraiser/barraiser/internal/review"
)

// Analyst has code judged.
type Analyst struct {
	Repo *git.Repo
	// Dir is a private, empty folder: the trees are written there, and the judge
	// has its scratch in it. The caller removes it.
	Dir       string
	Toolchain engine.Toolchain
	Facts     string // folder of the fact cache; empty: none
	Timeout   time.Duration
	MaxMemory int64
	Progress  func(engine.Progress)
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
	unread, err := a.WriteTrees(ctx, map[string]string{BaseDir: base.Tree, HeadDir: head.Tree})
	if err != nil {
		return nil, err
	}
	tags, err := a.Repo.Tags(ctx, base.Commit)
	if err != nil {
		return nil, err
	}
	job := engine.Job{
		Base: filepath.Join(a.Dir, BaseDir), Head: filepath.Join(a.Dir, HeadDir),
		Files: c.Go, Unread: unread, Tags: tags, Settings: p.Rules,
	}
	if job.Stated, err = Stated(ctx, a.Repo, p, base.Tree, job.Base, job.Head); err != nil {
		return nil, err
	}
	res, stats, err := a.Judge(ctx, job)
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

// Complete fills in what the code adds to a snapshot.
func (a *Analysis) Complete(s *review.Snapshot) {
	s.Change.Base, s.Change.Head, s.Change.Breaks = a.Impact.Base, a.Impact.Head, a.Impact.Breaks
	s.Delta = a.Delta
	if a.Failure == "" {
		s.Coverage = a.Coverage // else the failure says more than each file does
	}
}

// The folders of the trees in Analyst.Dir.
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
	scratch := filepath.Join(a.Dir, "scratch")
	if err := os.Mkdir(scratch, 0o700); err != nil {
		return nil, review.Engine{}, err
	}
	job.MaxMemory = a.MaxMemory
	res, err := engine.Judge(ctx, job, engine.Options{
		Toolchain: a.Toolchain, Scratch: scratch, Cache: a.Facts, Timeout: a.Timeout, Progress: a.Progress,
	})
	stats := review.Engine{Seconds: time.Since(begun).Seconds()}
	if err != nil {
		return nil, stats, err
	}
	stats.Packages, stats.Reused, stats.Modules, stats.PeakMiB = res.Packages, res.Reused, res.Modules, res.PeakMiB
	return res, stats, nil
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
	if len(res.Missing) > 0 {
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
