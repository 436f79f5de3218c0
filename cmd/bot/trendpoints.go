package main

import (
	"context"
	"errors"
	"time"

	"github.com/barraiser/barraiser/internal/change"
	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/engine"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/trend"
)

// pointJudge makes the points of a trend, of what was kept or by having states
// judged.
type pointJudge struct {
	*analysis
	*trend.Judge
	policy     review.Policy
	owners     review.Owners
	ownersFile []byte
	policyTree string // where CODEOWNERS was read
	toolchain  engine.Toolchain
	kept       trendCache
	fresh      bool
	complete   bool            // judge again what lacked modules
	missing    map[string]bool // modules that were not at hand
	newest     debt.State      // the state judged last

	second time.Time // when the first state was judged
	judged int       // states since then
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
	if j.Judge != nil {
		j.Judge.Close()
	}
}

// all judges the states. With an error it returns those that were judged.
func (j *pointJudge) all(ctx context.Context, states []trend.State) ([]debt.Point, error) {
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
		if i > 0 {
			p.Merged = s.Merged
		}
		points, before = append(points, p), st
	}
	j.newest = before
	return points, nil
}

// known reports whether nothing has to be judged for a state.
func (j *pointJudge) known(states []trend.State, i int) bool {
	if j.fresh || !j.kept.has(stateEntry, states[i].Commit) || i > 0 && !j.kept.has(stepEntry, states[i-1].Commit+states[i].Commit) {
		return false
	}
	var kept keptState
	return !j.complete || j.kept.recall(stateEntry, states[i].Commit, &kept) && len(kept.Missing) == 0
}

// keptState is what is kept of a state.
type keptState struct {
	State   debt.State
	Figures debt.Figures
	Missing []string
}

// point makes the figures of one state and of the way to it.
func (j *pointJudge) point(ctx context.Context, states []trend.State, i int, before debt.State) (debt.Point, debt.State, error) {
	s, previous := states[i], ""
	if i > 0 {
		previous = states[i-1].Commit
	}
	var kept keptState
	var step debt.Step
	if j.known(states, i) && j.kept.recall(stateEntry, s.Commit, &kept) && (i == 0 || j.kept.recall(stepEntry, previous+s.Commit, &step)) {
		return j.finished(s, kept, step), kept.State, nil
	}
	judged, err := j.Judge.Judge(ctx, s, previous, before)
	if failed, ok := errors.AsType[*engine.Failure](err); ok {
		return debt.Point{Commit: s.Commit, At: s.At, Gap: failed.Reason}, debt.State{}, nil
	}
	if err != nil {
		return debt.Point{}, debt.State{}, usage(err)
	}
	kept = keptState{State: judged.State, Figures: judged.Figures, Missing: judged.Missing}
	j.kept.keep(stateEntry, s.Commit, kept)
	if previous != "" {
		j.kept.keep(stepEntry, previous+s.Commit, judged.Step)
	}
	if j.second.IsZero() {
		j.second = time.Now()
	} else {
		j.judged++
	}
	return j.finished(s, kept, judged.Step), kept.State, nil
}

// finished is a point, with what can be told of it now.
func (j *pointJudge) finished(s trend.State, kept keptState, step debt.Step) debt.Point {
	for _, m := range kept.Missing {
		j.missing[m] = true
	}
	teams := map[string][]string{} // by commit: people may have joined since it was kept
	for _, m := range s.Merged {
		teams[m.Commit] = m.Teams
	}
	for i := range step.Credit {
		step.Credit[i].By = teams[step.Credit[i].Commit]
	}
	return trend.Judged{State: kept.State, Figures: kept.Figures, Step: step}.Point(s, j.policy.Rules)
}
