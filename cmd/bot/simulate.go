package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/barraiser/barraiser/internal/change"
	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/engine"
	"github.com/barraiser/barraiser/internal/git"
	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/sandbox"
	"github.com/barraiser/barraiser/internal/trend"
)

// simulateCommand judges what was merged.
type simulateCommand struct {
	analysis
	outputs
	since  days
	last   int
	branch string

	policy     review.Policy
	codeowners review.Codeowners
	series     *engine.Series
	started    int                    // series so far
	trees      map[string]writtenTree // by hash
	missing    map[string]bool        // modules that were not at hand
}

// writtenTree is a tree that lies on the disk.
type writtenTree struct {
	dir    string
	unread map[string]string // files that could not be written, and why
}

var simulateFormats = []string{"text", "json"}

func newSimulate() *cobra.Command {
	s := simulateCommand{since: 90, missing: map[string]bool{}, trees: map[string]writtenTree{}}
	c := &cobra.Command{
		Use:   "simulate",
		Short: "Say which merged changes the bar would have sent, and to whom",
		Long: `Simulate judges the changes that were merged into a branch, one after the other,
as if each were proposed now: which would have been sent to a bar raiser, in
which domain, by which trigger, and to whom. It is the way to set the bar before
it is enforced.

A change is a step of the branch: a merge, or a commit that was put on it
directly. All are judged by one policy, that of the working tree, or of the
branch where there is none. The debt of the changes is judged only where the
policy has a bar for it (budget, ratchet), since that takes much longer.

Exit codes: 0 done, 2 usage or configuration, 130 cancelled.`,
		Example: `  bot simulate
  bot simulate --since 26w --format json -o simulation.json
  bot simulate --last 300 --branch origin/main`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return s.run(c.Context(), c) },
	}
	s.analysis.register(c)
	s.outputs.register(c, simulateFormats...)
	c.Flags().Lookup("all").Usage = "list every sent change with all evidence"
	c.Flags().Var(&s.since, "since", "`time` before the newest change in which changes are judged: 90d, 26w, 1y")
	c.Flags().IntVar(&s.last, "last", 0, "judge the `number` of newest changes instead of those of --since")
	c.Flags().StringVar(&s.branch, "branch", "", "`revision` whose changes are judged (default: the default branch of the remote, else HEAD)")
	c.MarkFlagsMutuallyExclusive("since", "last")
	return c
}

func (s *simulateCommand) run(ctx context.Context, c *cobra.Command) (err error) {
	if err := s.check(simulateFormats...); err != nil {
		return err
	}
	if s.last < 0 || s.last == 0 && c.Flags().Changed("last") {
		return misuse(c, errors.New("--last has to be 1 or more"))
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := s.open(ctx, c); err != nil {
		return err
	}
	sim, err := s.simulate(ctx, c)
	if sim == nil {
		return err
	}
	return errors.Join(s.write(c.OutOrStdout(), func(w io.Writer, format string) error {
		if format == "json" {
			return report.SimulationJSON(w, *sim)
		}
		return report.SimulationText(w, *sim, s.textOptions(c.OutOrStdout()))
	}), err)
}

// simulate judges the changes. Where it was cancelled, it returns those that
// were judged beside the error.
func (s *simulateCommand) simulate(ctx context.Context, c *cobra.Command) (_ *review.Simulation, cancelled error) {
	tip, err := s.tip(ctx, c, s.branch)
	if err != nil {
		return nil, err
	}
	if err := s.readPolicy(ctx, c, tip); err != nil {
		return nil, err
	}
	steps, n, err := s.steps(ctx, tip.Commit)
	if err != nil {
		return nil, usage(err)
	}
	if s.toolchain, err = engine.FindToolchain(ctx); err != nil {
		return nil, usage(err)
	}
	defer func() {
		if s.series != nil {
			s.series.Close()
		}
	}()
	history, _ := impact.NewHistory(change.Steps(steps), impact.Uncounted)
	sim := &review.Simulation{Branch: tip, Debt: s.policy.Budget != nil || len(s.policy.Ratchet) > 0}
	// The oldest first: what one change leaves is what the next one finds.
	for i := n - 1; i >= 0; i-- {
		s.progress.show(engine.Progress{Phase: "judging", Done: n - 1 - i, Total: n})
		judged, err := s.judgeStep(ctx, steps[i], rankedIn(history, steps[i:]), sim)
		if ctx.Err() != nil {
			cancelled = ctx.Err()
			sim.Hints = append(sim.Hints, fmt.Sprintf("cancelled: only the %d oldest of %s were judged", len(sim.Changes), count(n, "change")))
			break
		}
		if err != nil {
			return nil, err
		}
		sim.Changes = append(sim.Changes, judged)
	}
	s.progress.clear()
	slices.Reverse(sim.Changes)
	if len(s.missing) > 0 {
		sim.Hints = append(sim.Hints, fmt.Sprintf("%s are not in the module cache, so changes were judged in part: go mod download in the commits that need them, or: go mod download %s",
			count(len(s.missing), "module"), strings.Join(slices.Sorted(maps.Keys(s.missing)), " ")))
	}
	return sim, cancelled
}

// rankedIn measures the first of the steps among those of the year before it.
// A step may lack its measure, where the clock of who committed it was wrong:
// then nothing is known of the risk.
func rankedIn(h impact.History, steps []git.Step) impact.Change {
	at := slices.IndexFunc(h.Changes, func(c impact.PastChange) bool { return c.Commit == steps[0].Commit })
	if at < 0 {
		return impact.Change{}
	}
	from := steps[0].When.Add(-change.Year)
	n := countWhile(steps[1:], func(step git.Step) bool { return !step.When.Before(from) })
	year := h.Changes[at+1:]
	return impact.Change{Self: h.Changes[at], History: &impact.History{Changes: year[:min(n, len(year))]}}
}

// steps returns the steps of the branch, of which the first n are to be judged,
// with all that they are ranked in counted.
func (s *simulateCommand) steps(ctx context.Context, tip string) (steps []git.Step, n int, err error) {
	newest, err := s.repo.When(ctx, tip)
	if err != nil {
		return nil, 0, err
	}
	from := newest.AddDate(0, 0, -int(s.since))
	if s.last > 0 { // nobody knows yet how far back that is
		if steps, err = s.repo.Steps(ctx, tip, newest, s.cacheFolder(historyFolder)); err != nil {
			return nil, 0, err
		}
		n = min(s.last, len(steps))
		from = steps[n-1].When
	}
	if steps, err = s.repo.Steps(ctx, tip, from.Add(-change.Year), s.cacheFolder(historyFolder)); err != nil {
		return nil, 0, err
	}
	if s.last == 0 {
		n = countWhile(steps, func(step git.Step) bool { return !step.When.Before(from) })
	}
	if n > 0 && steps[n-1].Parent == "" {
		n-- // the first commit was no change
	}
	return steps, n, nil
}

func countWhile[T any](list []T, is func(T) bool) int {
	if i := slices.IndexFunc(list, func(v T) bool { return !is(v) }); i >= 0 {
		return i
	}
	return len(list)
}

// readPolicy takes the policy by which all changes are judged.
func (s *simulateCommand) readPolicy(ctx context.Context, c *cobra.Command, tip review.Revision) (err error) {
	from := tip
	if s.repo.Root() != "" {
		if from, err = s.workingTree(ctx); err != nil {
			return err
		}
	}
	if s.policy, _, err = s.basePolicy(ctx, from.Tree, from.Name, c.ErrOrStderr()); err != nil {
		return err
	}
	s.codeowners, _, err = change.Codeowners(ctx, s.repo, from.Tree)
	return err
}

// requestWindow is for how long a request weighs on who is asked next.
const requestWindow = 30 * 24 * time.Hour

// judgeStep judges one change. What could not be analysed is in the decision,
// and no error.
func (s *simulateCommand) judgeStep(ctx context.Context, step git.Step, ranked impact.Change, before *review.Simulation) (review.Simulated, error) {
	out := review.Simulated{Commit: step.Commit, Subject: trend.Title(step), Day: review.Date(step.When.UTC().Format(time.DateOnly))}
	base, err := s.revision(ctx, step.Parent)
	if err != nil {
		return out, err
	}
	head, err := s.revision(ctx, step.Commit)
	if err != nil {
		return out, err
	}
	diff, err := change.Read(ctx, s.repo, base.Tree, head.Tree)
	if err != nil {
		return out, usage(err)
	}
	snapshot := review.Snapshot{Change: ranked, Files: diff.Paths(), Codeowners: s.codeowners, Day: out.Day, Seed: step.Commit}
	snapshot.Load = requests(before.Changes, step.When)
	if snapshot.Change.Files, err = diff.ImpactFiles(ctx, s.repo); err != nil {
		return out, usage(err)
	}
	if snapshot.Involved, err = change.Involved(ctx, s.repo, step.Parent, step.Commit); err != nil {
		return out, usage(err)
	}
	if snapshot.Change.Revert, err = s.repo.RevertOf(ctx, step.Parent, step.Commit); err != nil {
		return out, usage(err)
	}
	if err := s.analyse(ctx, base, head, diff, before.Debt, &snapshot); err != nil {
		return out, err
	}
	out.Decision = review.Decide(s.policy, snapshot)
	return out, nil
}

// analyse has the code of one change judged, where it matters.
func (s *simulateCommand) analyse(ctx context.Context, base, head review.Revision, diff *change.Change, debtToo bool, snapshot *review.Snapshot) error {
	if !debtToo && !slices.ContainsFunc(diff.Files, func(f git.Change) bool { return production(f.OldPath) || production(f.NewPath) }) {
		return nil
	}
	job := engine.Job{Files: diff.Go, Settings: s.policy.Rules, ImpactOnly: !debtToo, MaxMemory: int64(s.maxMemory)}
	if err := s.writeSides(ctx, &job, base, head); err != nil {
		return err
	}
	if debtToo {
		var err error
		if job.Tags, err = s.repo.Tags(ctx, base.Commit, s.cacheFolder(historyFolder)); err != nil {
			return usage(err)
		}
		if job.Stated, err = change.Stated(ctx, s.repo, s.policy, base.Tree, change.Folders(job.Base, job.Head)); err != nil {
			return usage(err)
		}
	}
	res, err := s.judgeInSeries(ctx, job)
	if failed, ok := errors.AsType[*engine.Failure](err); ok {
		snapshot.Coverage = change.Unjudged(diff.Go, failed.Reason)
		return nil
	}
	if err != nil {
		return err
	}
	for _, m := range res.Missing {
		s.missing[m] = true
	}
	snapshot.Coverage = res.Coverage
	snapshot.Change.Base, snapshot.Change.Head, snapshot.Change.Breaks = res.Impact.Base, res.Impact.Head, res.Impact.Breaks
	if debtToo {
		snapshot.Delta = debt.Compare(debt.Comparison{Base: res.Base, Head: res.Head, Files: diff.Go, Excluded: res.Excluded, Settings: s.policy.Rules})
	}
	return nil
}

// production reports whether a file bears on the impact that the engine sees.
func production(file string) bool { return change.Wanted(file) && !strings.HasSuffix(file, "_test.go") }

// writeSides writes both trees out. The head of the change before is mostly the
// base of this one, and lies there already.
func (s *simulateCommand) writeSides(ctx context.Context, job *engine.Job, base, head review.Revision) error {
	for tree, written := range s.trees {
		if tree != base.Tree && tree != head.Tree {
			delete(s.trees, tree)
			if err := os.RemoveAll(written.dir); err != nil {
				return err
			}
		}
	}
	for _, tree := range []string{base.Tree, head.Tree} {
		if _, ok := s.trees[tree]; ok {
			continue
		}
		dir, err := os.MkdirTemp(s.job, "tree-")
		if err != nil {
			return err
		}
		written, err := s.repo.WriteTree(ctx, tree, dir, change.Wanted)
		if err != nil {
			return usage(err)
		}
		unread := map[string]string{}
		for _, skipped := range written.Skipped {
			unread[skipped.Path] = skipped.Reason
		}
		s.trees[tree] = writtenTree{dir, unread}
	}
	job.Base, job.Head, job.Unread = s.trees[base.Tree].dir, s.trees[head.Tree].dir, s.trees[head.Tree].unread
	return nil
}

// judgeInSeries judges by the running child, or by a new one after a failure.
func (s *simulateCommand) judgeInSeries(ctx context.Context, job engine.Job) (*engine.Result, error) {
	if s.series == nil {
		s.started++
		scratch := filepath.Join(s.job, "scratch-"+strconv.Itoa(s.started))
		if err := os.Mkdir(scratch, 0o700); err != nil {
			return nil, err
		}
		confined, err := localSandbox(ctx, sandbox.Mode(s.mode))
		if err != nil {
			return nil, err
		}
		series, err := engine.Start(ctx, engine.Options{
			Toolchain: s.toolchain, Scratch: scratch, Cache: s.cacheFolder("facts"), Timeout: time.Duration(s.timeout),
			Sandbox: confined, Trees: []string{s.job},
		})
		if err != nil {
			return nil, err
		}
		s.series = series
	}
	res, err := s.series.Judge(ctx, job)
	if err != nil {
		s.series.Close()
		s.series = nil
	}
	return res, err
}

// requests counts who was asked in the time before a change.
func requests(changes []review.Simulated, when time.Time) map[string]int {
	load := map[string]int{}
	since := review.Date(when.Add(-requestWindow).UTC().Format(time.DateOnly))
	for _, c := range changes {
		if c.Day < since {
			continue
		}
		for _, q := range c.Requirements {
			if q.Assignee != "" {
				load[q.Assignee]++
			}
		}
	}
	return load
}
