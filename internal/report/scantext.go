package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/review"
)

// ScanText draws a scan for a terminal: totals, debt by rule, the largest
// findings (all of them with o.All), coverage. The error is the writer's.
func ScanText(w io.Writer, s review.Scan, o TextOptions) error {
	c := &canvas{color: o.Color}
	c.line("Scanned ", EscapeTerminal(revision(s.Revision)), ": ", scope(s.Engine))
	c.line()
	c.scanTotals(s)
	if rows := ruleRows(s); len(rows) > 0 {
		c.line()
		c.table(rows)
	}
	if len(s.Findings) > 0 {
		c.line()
		c.top(s.Findings, o)
	}
	if needsCoverage(s) {
		c.line()
	}
	c.coverage(s.Coverage, "file", o)
	c.outcome(s.Outcome, s.Reasons, o)
	c.hints(s.Hints, o)
	c.took(s.Engine)
	_, err := io.WriteString(w, c.String())
	return err
}

func needsCoverage(s review.Scan) bool {
	v := s.Coverage
	return len(v.Skipped)+len(v.Broken)+len(v.Lost)+len(s.Hints) > 0 || s.Outcome != review.Clear
}

func (c *canvas) scanTotals(s review.Scan) {
	t := s.Totals
	if len(s.Findings) == 0 && t.Principal == 0 && t.Tests == 0 {
		if s.Outcome == review.Incomplete {
			c.line("  No debt found in what was analysed.")
		} else {
			c.line("  No debt found.")
		}
		return
	}
	c.line("  ", c.paint(bold, "Debt "+Minutes(t.Principal)), " (", span(t.Low, t.High), ")   ",
		density(t), " min per 1,000 code lines (", count(t.Lines, "line"), ")")
	if r := s.Rank; r != nil {
		c.line(fmt.Sprintf("  Denser than %.0f %% of %s", 100*r.Share, count(r.Of, "public Go project")))
	}
	if t.Tests != 0 {
		c.line("  In tests, apart: ", Minutes(t.Tests))
	}
}

// density keeps a digit only where there are few.
func density(t debt.Totals) string {
	if d := t.Density(); d < 10 {
		return fmt.Sprintf("%.1f", d)
	}
	return thousands(int(math.Round(t.Density())))
}

// ruleRows is the table by rule, the largest sum first. Findings and minutes
// are of production code alone, as Totals.ByRule is.
func ruleRows(s review.Scan) [][]cell {
	n := map[string]int{}
	for _, f := range s.Findings {
		if !f.Test {
			n[f.Rule]++
		}
	}
	rules := slices.SortedFunc(maps.Keys(s.Totals.ByRule), func(a, b string) int {
		return cmp.Or(cmp.Compare(s.Totals.ByRule[b], s.Totals.ByRule[a]), cmp.Compare(a, b))
	})
	if len(rules) == 0 {
		return nil
	}
	rows := [][]cell{{
		{text: "RULE", style: dim},
		{text: "FINDINGS", style: dim, right: true},
		{text: "DEBT", style: dim, right: true},
		{text: "TITLE", style: dim},
	}}
	for _, r := range rules {
		title := ""
		if row, ok := debt.Lookup(r); ok {
			title = row.Title
		}
		rows = append(rows, []cell{
			{text: EscapeTerminal(r)},
			{text: thousands(n[r]), right: true},
			{text: Minutes(s.Totals.ByRule[r]), right: true},
			{text: EscapeTerminal(title)},
		})
	}
	return rows
}

func (c *canvas) top(findings []debt.Finding, o TextOptions) {
	fs := slices.Clone(findings)
	// Stable: findings of one price stay in the order in which to read them.
	slices.SortStableFunc(fs, func(a, b debt.Finding) int { return cmp.Compare(b.Minutes, a.Minutes) })
	title := count(len(fs), "finding")
	if !o.All && len(fs) > maxTop {
		title = fmt.Sprintf("The %d largest of %s (all: --all)", maxTop, title)
		fs = fs[:maxTop]
	}
	c.line("  ", c.paint(dim, title))
	var rows [][]cell
	for _, f := range fs {
		rows = append(rows, []cell{
			{}, // where a review has its label: fit goes by the column
			{text: Minutes(f.Minutes), right: true},
			{text: EscapeTerminal(position(f))},
			{text: EscapeTerminal(describe(f))},
			{text: EscapeTerminal(f.Rule), style: dim},
		})
	}
	c.table(fitFindings(rows, o.Width))
}
