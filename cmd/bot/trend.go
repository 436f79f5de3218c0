package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/engine"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/trend"
)

// trendCommand judges past states of a branch.
type trendCommand struct {
	analysis
	outputs
	since, every days
	branch       string
	fresh        bool
	download     bool
	explained    bool

	judge pointJudge
}

var trendFormats = []string{"text", "json"}

func newTrend() *cobra.Command {
	t := trendCommand{since: 26 * 7, every: 7}
	c := &cobra.Command{
		Use:   "trend",
		Short: "Show how the debt of a branch moves over time",
		Long: `Trend judges past states of a branch, the last commit of each period, and shows
how its debt moved: what was introduced and repaid, what it costs a quarter, by
family of rules, component and team, and which changes moved it most.

All states are judged by one policy, that of the working tree, or of the branch
where there is none, and by the rules and prices of this program: so a changed
price or a changed policy is never taken for changed code.

What was judged is kept. The next run judges only what is new, and one that was
interrupted prints what there is and goes on from there.

Exit codes: 0 done, 2 usage or configuration, 3 the newest state could not be
analysed, 5 no Go packages, 130 cancelled.`,
		Example: `  bot trend
  bot trend --since 1y --every 4w
  bot trend --explain
  bot trend -C ../prometheus --format json -o trend.json`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return t.run(c.Context(), c) },
	}
	t.register(c)
	t.outputs.register(c, trendFormats...)
	c.Flags().Lookup("all").Usage = "list every point, rule, component and team"
	return c
}

func (t *trendCommand) register(c *cobra.Command) {
	t.analysis.register(c)
	c.Flags().Lookup("timeout").Usage = "`time` that the analysis of one state may take; past it that state is unknown; 0: no limit"
	c.Flags().Var(&t.since, "since", "`time` before the newest commit in which states are judged: 90d, 26w, 1y")
	c.Flags().Var(&t.every, "every", "`time` between two states: 1d, 1w, 4w")
	c.Flags().StringVar(&t.branch, "branch", "", "`revision` whose states are judged (default: the default branch of the remote, else HEAD)")
	c.Flags().BoolVar(&t.download, "download", false, "bring the modules that old states need and the module cache lacks from the proxies of GOPROXY, and judge what lacked them again")
	c.Flags().BoolVar(&t.explained, "explain", false, "judge each change on the way of the largest jumps by itself, and say what it did")
	c.Flags().BoolVar(&t.fresh, "fresh", false, "judge again what an earlier run has judged")
}

func (t *trendCommand) run(ctx context.Context, c *cobra.Command) (err error) {
	if err := t.check(trendFormats...); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	if err := t.open(ctx, c); err != nil {
		return err
	}
	made, err := t.trend(ctx, c)
	if made == nil {
		return err
	}
	cancelled := err
	err = t.write(c.OutOrStdout(), func(w io.Writer, format string) error {
		if format == "json" {
			return report.TrendJSON(w, *made)
		}
		return report.TrendText(w, *made, report.TrendOptions{TextOptions: t.textOptions(c.OutOrStdout()), ASCII: plainTerminal()})
	})
	if err := errors.Join(err, cancelled); err != nil {
		return err
	}
	return t.finish(made.Outcome())
}

// plainTerminal reports whether the terminal says that it knows ASCII only.
func plainTerminal() bool {
	if os.Getenv("TERM") == "dumb" {
		return true
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := strings.ToLower(os.Getenv(name)); locale != "" {
			return !strings.Contains(locale, "utf-8") && !strings.Contains(locale, "utf8")
		}
	}
	return false // nothing is said, as in most containers
}

// trend judges the states. Where it was cancelled, it returns those that were
// judged beside the error.
func (t *trendCommand) trend(ctx context.Context, c *cobra.Command) (*report.Trend, error) {
	t.progress.show(engine.Progress{Phase: "history"})
	tip, err := t.tip(ctx, c, t.branch)
	if err != nil {
		return nil, err
	}
	out := &report.Trend{Branch: tip, Since: int(t.since), Every: int(t.every), Catalogue: debt.CatalogueVersion}
	if out.Repository, err = t.name(ctx); err != nil {
		return nil, err
	}
	if err := t.prepare(ctx, c, tip); err != nil {
		return nil, err
	}
	defer t.judge.close()
	states, err := t.states(ctx, tip.Commit, out)
	if err != nil {
		return nil, usage(err)
	}
	out.Points, err = t.judge.all(ctx, states)
	t.progress.clear()
	if err != nil && ctx.Err() == nil {
		return nil, err
	}
	out.Jumps = debt.Jumps(out.Points, maxJumps)
	if t.explained && ctx.Err() == nil {
		if err := t.explain(ctx, out, states); err != nil && ctx.Err() == nil {
			return nil, err
		}
		t.progress.clear()
	}
	if ctx.Err() != nil {
		out.Cancelled = true
		out.Hints = append(out.Hints, fmt.Sprintf("cancelled: %d of %s were judged; the same command goes on from there", len(out.Points), count(len(states), "state")))
		return out, ctx.Err()
	}
	if n := len(out.Points); n > 0 && out.Points[n-1].Judged && t.judge.newest.Files == 0 {
		return nil, noPackages(t.dir)
	}
	out.Hints, err = t.hints(ctx)
	return out, err
}

// maxJumps is how many jumps a trend names.
const maxJumps = 3

// name is what the repository is called.
func (t *trendCommand) name(ctx context.Context) (string, error) {
	address, err := t.repo.Remote(ctx)
	if err != nil {
		return "", err
	}
	return hosted(address), nil
}

// prepare makes the judge of the states, with the policy that all are judged by.
func (t *trendCommand) prepare(ctx context.Context, c *cobra.Command, tip review.Revision) error {
	from := tip
	var err error
	if t.repo.Root() != "" {
		if from, err = t.workingTree(ctx); err != nil {
			return err
		}
	}
	policy, _, err := t.basePolicy(ctx, from.Tree, from.Name, c.ErrOrStderr())
	if err != nil {
		return err
	}
	analyst, err := t.analyst(ctx)
	if err != nil {
		return err
	}
	t.judge = pointJudge{analysis: &t.analysis, policy: policy, toolchain: analyst.Toolchain, missing: map[string]bool{}}
	if err := t.judge.readOwners(ctx, from.Tree); err != nil {
		return usage(err)
	}
	t.judge.fresh = t.fresh
	t.judge.complete = t.download
	if err := t.judge.openCache(); err != nil {
		return err
	}
	config := trend.Config{
		Repo: t.repo, Dir: t.job, Policy: policy, Owners: t.judge.owners, PolicyTree: t.judge.policyTree,
		Toolchain: analyst.Toolchain, Facts: t.cacheFolder("facts"), Timeout: time.Duration(t.timeout), MaxMemory: int64(t.maxMemory),
		Sandbox: analyst.Sandbox,
	}
	if t.download {
		if config.Download, err = t.downloader(ctx); err != nil {
			return err
		}
	}
	t.judge.Judge = trend.New(config)
	return nil
}

// few are the first of a list in words: all, where they are not many.
func few(list []string) string {
	const most = 4
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:most-1], ", "), len(list)-most+1)
}

// hints say what would make the trend more whole.
func (t *trendCommand) hints(ctx context.Context) ([]string, error) {
	var out []string
	shallow, err := t.repo.Shallow()
	if err != nil {
		return nil, err
	}
	if shallow {
		out = append(out, "git fetch --unshallow brings the rest of the history: this clone is cut off")
	}
	if missing := slices.Sorted(maps.Keys(t.judge.missing)); len(missing) > 0 {
		then := "--download brings them"
		if t.download {
			then = "nor have the proxies of GOPROXY got them"
		}
		out = append(out, fmt.Sprintf("some states were judged in part, since the module cache lacks %s; %s: %s", count(len(missing), "module"), then, few(missing)))
	}
	return out, nil
}
