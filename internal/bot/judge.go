package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/barraiser/barraiser/internal/change"
	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/engine"
	"github.com/barraiser/barraiser/internal/git"
	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/sandbox"
)

// A judgement is what was found out about one pair of commits. It holds all of a
// review.Snapshot that stays the same while nobody pushes, so that a decision
// can be made again when people, teams or the policy's pools change. It is stored
// as JSON: fields may be added, never given another meaning.
type judgement struct {
	Base, Head review.Revision
	Delta      debt.Delta
	Coverage   debt.Coverage
	Files      []string
	Go         []debt.FileChange // never nil
	Involved   review.Involved
	// The parts of an impact.Change.
	BaseSide, HeadSide impact.Side
	Breaks             []impact.Break
	Changed            []impact.File
	History            *impact.History
	Self               impact.PastChange
	Revert             string

	Warnings, Hints []string
	Engine          review.Engine
	// Failure says why the code could not be judged.
	Failure string
}

// historyFolder is the part of a cache that keeps what commits did.
const historyFolder = "history"

// snapshot is the judgement as review.Decide takes it, without the people.
func (j *judgement) snapshot() review.Snapshot {
	s := review.Snapshot{Delta: j.Delta, Files: j.Files, Involved: j.Involved}
	if j.Failure == "" {
		s.Coverage = j.Coverage // else the failure says more than each file does
	}
	s.Change = impact.Change{
		Base: j.BaseSide, Head: j.HeadSide, Breaks: j.Breaks, Files: j.Changed,
		History: j.History, Self: j.Self, Revert: j.Revert,
	}
	return s
}

// review is the judgement with a decision, as the reports draw it.
func (j *judgement) review(p review.Policy, d review.Decision) review.Review {
	return review.Review{
		Base: j.Base, Head: j.Head, Policy: p, Delta: j.Delta, Coverage: j.Coverage, Decision: d,
		Hints: j.Hints, Warnings: j.Warnings, Engine: j.Engine,
	}
}

// A pair is what is to be judged: the head against the merge base, by a policy.
type pair struct {
	repository int64
	base, head review.Revision
	policy     review.Policy
	policyID   string // of the policy's content
	// attempt grows each time somebody asks to judge again.
	attempt int
}

// analysisID names the judgement over a pair. What may change the result is in
// it, except the program: a pull request stays with the rules by which it was
// judged first, so that an upgrade of ours does not redden what was green.
func (p pair) analysisID() string {
	h := sha256.New()
	fmt.Fprintf(h, "%d\n%s\n%s\n%s\n%d\n", p.repository, p.base.Commit, p.head.Commit, p.policyID, p.attempt)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Judge is how pairs are judged.
type Judge struct {
	Toolchain engine.Toolchain // ModCache is the server's own
	// Scratch is a folder for what each judgement writes and removes, Cache one
	// for facts and histories.
	Scratch, Cache string
	Proxy          string // GOPROXY of the downloads
	Timeout        time.Duration
	MaxMemory      int64
	Sandbox        sandbox.Sandbox
	// Explain is told, if not nil, what each analysis did and was spared.
	Explain func(engine.Stats)
}

// judge finds out about a pair. What cannot be judged is in the result; an error
// is ours, and asking again may help.
func (g Judge) judge(ctx context.Context, repo *git.Repo, p pair) (_ *judgement, err error) {
	dir, err := os.MkdirTemp(g.Scratch, "job-")
	if err != nil {
		return nil, fmt.Errorf("make room for a judgement: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	diff, err := change.Read(ctx, repo, p.base.Tree, p.head.Tree)
	if err != nil {
		return nil, fmt.Errorf("compare %s with %s: %w", p.head.Commit, p.base.Commit, err)
	}
	out := &judgement{Base: p.base, Head: p.head, Go: goFiles(diff.Go)}
	var around review.Snapshot
	var found *change.Analysis
	var lookErr, judgeErr error
	var both sync.WaitGroup
	both.Go(func() { around, out.Warnings, lookErr = g.lookAround(ctx, repo, p, diff) })
	both.Go(func() { found, judgeErr = g.analyse(ctx, repo, dir, p, diff) })
	both.Wait()
	if err := errors.Join(lookErr, judgeErr); err != nil {
		return nil, fmt.Errorf("judge %s: %w", p.head.Commit, err)
	}
	out.Files, out.Involved = around.Files, around.Involved
	out.Changed, out.History, out.Self, out.Revert = around.Change.Files, around.Change.History, around.Change.Self, around.Change.Revert
	out.Delta, out.Coverage, out.Engine = found.Delta, found.Coverage, found.Engine
	out.BaseSide, out.HeadSide, out.Breaks = found.Impact.Base, found.Impact.Head, found.Impact.Breaks
	out.Hints, out.Failure = found.Hints, found.Failure
	return out, nil
}

func (g Judge) lookAround(ctx context.Context, repo *git.Repo, p pair, diff *change.Change) (review.Snapshot, []string, error) {
	s, warnings, err := change.LookAround(ctx, repo, p.base, p.head.Commit, diff, filepath.Join(g.Cache, historyFolder))
	if err != nil {
		return s, warnings, err
	}
	s.Change.Revert, err = repo.RevertOf(ctx, p.base.Commit, p.head.Commit)
	if err != nil && ctx.Err() == nil {
		warnings = append(warnings, "whether this change is a clean revert is not known: "+err.Error())
		err = nil
	}
	return s, warnings, err
}

func (g Judge) analyse(ctx context.Context, repo *git.Repo, dir string, p pair, diff *change.Change) (*change.Analysis, error) {
	if diff.Relevant {
		for _, side := range []review.Revision{p.base, p.head} {
			// What is missing will be named by the analysis, with the packages that
			// lack it.
			if _, err := change.Download(ctx, repo, side.Tree, dir, g.Toolchain, g.Proxy); err != nil {
				return nil, err
			}
		}
	}
	job := filepath.Join(dir, "job")
	if err := os.Mkdir(job, 0o700); err != nil {
		return nil, err
	}
	analyst := change.Analyst{
		Repo: repo, Dir: job, Toolchain: g.Toolchain, Facts: filepath.Join(g.Cache, "facts"), Packages: filepath.Join(g.Cache, "packages"),
		History: filepath.Join(g.Cache, historyFolder), Timeout: g.Timeout, MaxMemory: g.MaxMemory,
		Sandbox: func() (sandbox.Sandbox, error) { return g.Sandbox, nil },
	}
	if g.Explain != nil {
		analyst.Explain = func(stats engine.Stats, _ bool, _ time.Duration) { g.Explain(stats) }
	}
	return analyst.Analyse(ctx, p.policy, p.base, p.head, diff)
}

func (j *judgement) encode() ([]byte, error) { return json.Marshal(j) }

func decodeJudgement(data []byte) (*judgement, error) {
	var j judgement
	if err := json.Unmarshal(data, &j); err != nil {
		return nil, fmt.Errorf("stored analysis: %w", err)
	}
	return &j, nil
}
