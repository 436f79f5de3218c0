package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/engine"
	"github.com/barraiser/barraiser/internal/report"
)

// hotspotsCommand joins a scan with the history.
type hotspotsCommand struct {
	scanCommand
	since days
}

var hotspotsFormats = []string{"text", "json"}

func newHotspots() *cobra.Command {
	h := hotspotsCommand{since: 90}
	c := &cobra.Command{
		Use:   "hotspots",
		Short: "Show where debt meets the code that people change",
		Long: `Hotspots scans the working tree, or the revision of --head, and lists the symbols
whose debt costs most: what it costs a quarter to leave it, what it costs to
mend, how often the code was changed and by how many people, and when mending
has come back.

Debt in code that nobody changes costs nothing. Mending is advised where it
comes back within four quarters and a goal of the policy needs the code;
everything else can be left alone.

A change costs 20 minutes, and debt makes it longer by a tenth (a single line)
up to 124 % (the hardest functions). Changes count for less the older they are:
one of 90 days ago, half. Merges, bots and changes of white space do not count,
and test code is left out. All are estimates.

Exit codes: 0 done, 2 usage, 3 incomplete analysis, 5 no Go packages,
130 cancelled.`,
		Example: `  bot hotspots
  bot hotspots -C ../prometheus --since 26w --format json`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return h.run(c.Context(), c) },
	}
	h.analysis.register(c)
	h.outputs.register(c, hotspotsFormats...)
	c.Flags().Lookup("all").Usage = "list every place, also those that were changed only before --since"
	c.Flags().StringVar(&h.head, "head", "", "`revision` to scan (default: the working tree)")
	c.Flags().Var(&h.since, "since", "`time` before the newest commit in which changes are counted: 90d, 26w, 1y")
	return c
}

func (h *hotspotsCommand) run(ctx context.Context, c *cobra.Command) (err error) {
	if err := h.check(hotspotsFormats...); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	if err := h.open(ctx, c); err != nil {
		return err
	}
	out := report.Hotspots{Days: int(h.since)}
	touches, err := h.touches(ctx, &out)
	if err != nil {
		return err
	}
	scan, err := h.judgeTree(ctx, c)
	if err != nil {
		return err
	}
	out.Scan = *scan
	shallow, err := h.repo.Shallow()
	if err != nil {
		return err
	}
	if shallow {
		out.Scan.Hints = append(out.Scan.Hints, "git fetch --unshallow brings the rest of the history: this clone is cut off, so changes are missing")
	}
	out.Spots = debt.Hotspots(scan.Findings, touches, float64(h.since), func(file string) []string {
		return scan.Policy.GoalsOf(scan.Policy.ComponentOf(file))
	})
	err = h.write(c.OutOrStdout(), func(w io.Writer, format string) error {
		if format == "json" {
			return report.HotspotsJSON(w, out, h.all)
		}
		return report.HotspotsText(w, out, h.textOptions(c.OutOrStdout()))
	})
	if err != nil {
		return err
	}
	return h.finish(scan.Outcome)
}

// year, in days, is how far back touches are read at least: one that is older would count
// less than a sixteenth.
const year = 365

// touches reads what was touched before the commit that is scanned, or that the
// working tree stands on. Ages are counted from that commit and not from now,
// so that one tree has the same hotspots on any day.
func (h *hotspotsCommand) touches(ctx context.Context, out *report.Hotspots) ([]debt.Touch, error) {
	h.progress.show(engine.Progress{Phase: "history"})
	defer h.progress.clear()
	head := h.head
	if head == "" {
		head = "HEAD"
	}
	tip, err := h.revision(ctx, head)
	if err != nil {
		return nil, err
	}
	out.Tip = tip.Commit
	if out.Until, err = h.repo.When(ctx, tip.Commit); err != nil {
		return nil, usage(err)
	}
	since := out.Until.AddDate(0, 0, -max(int(h.since), year))
	read, err := h.repo.Touches(ctx, tip.Commit, since, h.cacheFolder(historyFolder))
	if err != nil {
		return nil, usage(err)
	}
	touches := make([]debt.Touch, 0, len(read))
	for _, t := range read {
		// A clock that is ahead makes a commit newer than what follows it.
		age := max(0, out.Until.Sub(t.When).Hours()/24)
		touches = append(touches, debt.Touch{Commit: t.Commit, Author: t.Author, Age: age, File: t.Path, Symbol: t.Symbol})
	}
	return touches, nil
}

// days is a flag in days.
type days int

func (d *days) Type() string { return "time" }

func (d *days) String() string { return fmt.Sprintf("%dd", int(*d)) }

// maxDays is more than the age of git.
const maxDays = 100 * 365

func (d *days) Set(text string) error {
	units := map[string]int{"d": 1, "w": 7, "y": 365}
	if text != "" {
		n, err := strconv.Atoi(text[:len(text)-1])
		if unit := units[text[len(text)-1:]]; err == nil && unit > 0 && n > 0 && n <= maxDays/unit {
			*d = days(n * unit)
			return nil
		}
	}
	return fmt.Errorf("%q is no number of days; write it as 90d, 26w or 1y", text)
}
