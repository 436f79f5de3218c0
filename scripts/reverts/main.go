// Reverts says how well the risk score tells the changes that were reverted later
// from the others, beside the number of lines added.
//
//	go run ./scripts/reverts [-years 4] DIR...
//
// For each repository it takes the changes of the default branch in the years
// before its tip that had a year of history before them, scores each as it would
// have been scored then, and looks for later changes that say they revert it: by
// "This reverts commit HASH", GitHub's "Reverts OWNER/REPO#N", or the name of the
// branch that GitHub makes for a revert. The area under
// the ROC curve is the share of pairs, one reverted and one not, in which the
// reverted one has the higher value; equal ones count half. 0.5 is a coin.
// The interval holds 95 % of 2,000 resamples of the changes, drawn with a fixed
// seed.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/change"
	"github.com/barraiser/barraiser/internal/git"
	"github.com/barraiser/barraiser/internal/impact"
)

func main() {
	log.SetFlags(0)
	years := flag.Int("years", 4, "changes of so many years")
	flag.Parse()
	if flag.NArg() == 0 {
		log.Fatal("usage: reverts [-years N] DIR...")
	}
	if err := run(context.Background(), os.Stdout, flag.Args(), *years); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer, dirs []string, years int) error {
	fmt.Fprintln(out, "| repository | changes | reverted | AUC of the risk score | AUC of lines added |")
	fmt.Fprintln(out, "|---|--:|--:|--:|--:|")
	var all []scored
	for _, dir := range dirs {
		name, changes, err := measure(ctx, dir, years)
		if err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
		row(out, name, changes)
		all = append(all, changes...)
	}
	row(out, "**all**", all)
	return nil
}

// scored is one change.
type scored struct {
	risk, lines float64
	reverted    bool
}

func measure(ctx context.Context, dir string, years int) (name string, changes []scored, err error) {
	repo, err := git.Open(ctx, dir, "")
	if err != nil {
		return "", nil, err
	}
	defer repo.Close()
	tip, err := repo.Resolve(ctx, "HEAD")
	if err != nil {
		return "", nil, err
	}
	name = strings.ReplaceAll(filepath.Base(dir), "__", "/") + " at " + tip[:9]
	when, err := repo.When(ctx, tip)
	if err != nil {
		return "", nil, err
	}
	steps, err := repo.Steps(ctx, tip, when.Add(-time.Duration(years+1)*change.Year), "")
	if err != nil {
		return "", nil, err
	}
	reverted := revertedBy(steps)
	history, _ := impact.NewHistory(change.Steps(steps), impact.Uncounted)
	at := map[string]int{}
	for i, c := range history.Changes {
		at[c.Commit] = i
	}
	from := when.Add(-time.Duration(years) * change.Year)
	for i, step := range steps {
		self, ok := at[step.Commit]
		if !ok || step.When.Before(from) || strings.HasPrefix(strings.ToLower(step.Subject()), "revert") {
			continue // of a revert one asks nothing
		}
		n := 0
		for i+1+n < len(steps) && !steps[i+1+n].When.Before(step.When.Add(-change.Year)) {
			n++
		}
		before := history.Changes[self+1 : min(self+1+n, len(history.Changes))]
		a := impact.Assess(impact.Change{Self: history.Changes[self], History: &impact.History{Changes: before}})
		if a.Score == nil {
			continue // too little history to rank in
		}
		changes = append(changes, scored{a.Score.Value, float64(a.Score.LinesAdded), reverted[step.Commit]})
	}
	return name, changes, nil
}

var (
	reverts      = regexp.MustCompile(`(?i)this reverts (?:commit|merge commit|PR)?\s*([0-9a-f]{7,40})`)
	revertsByPR  = regexp.MustCompile(`^Merge pull request #\d+ from \S+/revert-(\d+)-`) // the branch that GitHub makes
	revertsPull  = regexp.MustCompile(`(?im)^\s*reverts?:? (?:[\w.-]+/[\w.-]+)?#(\d+)`)
	pullInMerge  = regexp.MustCompile(`^Merge pull request #(\d+) `)
	pullInSquash = regexp.MustCompile(`\(#(\d+)\)$`)
)

// revertedBy are the steps that a later one says it reverts. A commit that came
// with a merge is not a step, so of those only reverts by number count.
func revertedBy(steps []git.Step) map[string]bool {
	byPull := map[string]string{}
	for _, s := range steps {
		for _, re := range []*regexp.Regexp{pullInMerge, pullInSquash} {
			if m := re.FindStringSubmatch(s.Subject()); m != nil {
				byPull[m[1]] = s.Commit
			}
		}
	}
	out := map[string]bool{}
	for _, s := range steps {
		for _, m := range reverts.FindAllStringSubmatch(s.Message, -1) {
			for _, other := range steps {
				if strings.HasPrefix(other.Commit, m[1]) {
					out[other.Commit] = true
				}
			}
		}
		for _, m := range slices.Concat(revertsPull.FindAllStringSubmatch(s.Message, -1), revertsByPR.FindAllStringSubmatch(s.Message, -1)) {
			if commit := byPull[m[1]]; commit != "" && commit != s.Commit {
				out[commit] = true
			}
		}
	}
	return out
}

func row(out io.Writer, name string, changes []scored) {
	n := 0
	for _, c := range changes {
		if c.reverted {
			n++
		}
	}
	fmt.Fprintf(out, "| %s | %d | %d | %s | %s |\n", name, len(changes), n,
		interval(changes, func(c scored) float64 { return c.risk }), interval(changes, func(c scored) float64 { return c.lines }))
}

const resamples = 2000

// interval is the area with the bounds of 95 % of the resamples.
func interval(changes []scored, value func(scored) float64) string {
	whole, ok := area(changes, value)
	if !ok {
		return "–"
	}
	random := rand.New(rand.NewPCG(1, 2))
	var drawn []float64
	sample := make([]scored, len(changes))
	for range resamples {
		for i := range sample {
			sample[i] = changes[random.IntN(len(changes))]
		}
		if a, ok := area(sample, value); ok {
			drawn = append(drawn, a)
		}
	}
	slices.Sort(drawn)
	return fmt.Sprintf("%.2f (%.2f–%.2f)", whole, drawn[len(drawn)*25/1000], drawn[len(drawn)*975/1000])
}

// area is that under the ROC curve, by the ranks of Mann and Whitney; not ok where
// all or none were reverted.
func area(changes []scored, value func(scored) float64) (a float64, ok bool) {
	sorted := slices.Clone(changes)
	slices.SortFunc(sorted, func(x, y scored) int {
		switch d := value(x) - value(y); {
		case d < 0:
			return -1
		case d > 0:
			return 1
		}
		return 0
	})
	positives, ranks := 0, 0.0
	for i := 0; i < len(sorted); {
		j := i
		for j < len(sorted) && value(sorted[j]) == value(sorted[i]) {
			j++
		}
		rank := float64(i+j+1) / 2 // the mean of i+1 … j
		for ; i < j; i++ {
			if sorted[i].reverted {
				positives++
				ranks += rank
			}
		}
	}
	negatives := len(sorted) - positives
	if positives == 0 || negatives == 0 {
		return 0, false
	}
	return (ranks - float64(positives)*float64(positives+1)/2) / (float64(positives) * float64(negatives)), true
}
