package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/review"
)

// TextOptions are the choices of whoever looks at the text.
type TextOptions struct {
	Color bool // paint with ANSI colours
	All   bool // every finding and every file, unchanged findings included
	// Width is the number of columns to stay within by cutting messages and
	// paths, and by messages below the paths; 0: lines are as long as they are.
	// Summary lines are never cut.
	Width int
}

// What is shown without All: what needs a decision, and a word of thanks.
const (
	maxAdded  = 8
	maxHidden = 3
	maxRepaid = 3
	maxListed = 5 // files, packages and reasons in one list
	maxTop    = 20
)

// label is the first column.
func label(s debt.Status) cell {
	switch s {
	case debt.New:
		return cell{text: "NEW", style: red}
	case debt.Worse:
		return cell{text: "WORSE", style: red}
	case debt.Paid:
		return cell{text: "PAID", style: green}
	case debt.Better:
		return cell{text: "BETTER", style: green}
	case debt.Moved:
		return cell{text: "MOVED", style: dim}
	case debt.Suppressed:
		return cell{text: "HIDDEN", style: yellow}
	}
	return cell{text: "SAME", style: dim}
}

// Text draws a review for a terminal. The error is the writer's.
func Text(w io.Writer, r review.Review, o TextOptions) error {
	c := &canvas{color: o.Color}
	c.line("Comparing ", EscapeTerminal(revision(r.Head)), " with merge base ",
		EscapeTerminal(revision(r.Base)), ": ", scope(r.Engine))
	c.line()

	g := group(r.Delta.Findings)
	if rows := reviewRows(g, o); len(rows) > 0 {
		c.table(fitFindings(rows, o.Width))
		c.line()
	}
	if g.nothing(r.Delta) {
		c.line("  ", emptySentence(r))
	} else {
		c.totals(r)
	}
	c.coverage(r.Coverage, "changed file", o)
	c.outcome(r.Outcome, otherReasons(r), o)
	c.decision(r, o)
	c.hints(r.Hints, o)
	c.hints(r.Warnings, o)
	c.took(r.Engine)
	_, err := io.WriteString(w, c.String())
	return err
}

// emptySentence claims no more than what was looked at.
func emptySentence(r review.Review) string {
	switch {
	case r.Outcome == review.Incomplete:
		return "Nothing changed for the debt in what was analysed."
	case r.Coverage.Changed == 0 && r.Engine.Modules == 0: // nor was one deleted, or a go.mod changed
		return "No Go file changed."
	}
	return "Nothing changed for the debt."
}

func reviewRows(g groups, o TextOptions) [][]cell {
	rows := findingRows(g.added, maxAdded, o.All)
	rows = append(rows, findingRows(g.hidden, maxHidden, o.All)...)
	if o.All || len(g.repaid) <= maxRepaid {
		rows = append(rows, findingRows(g.repaid, len(g.repaid), true)...)
	} else {
		rows = append(rows, repaidRows(byFile(g.repaid))...)
	}
	if o.All {
		rows = append(rows, findingRows(g.moved, 0, true)...)
		return append(rows, findingRows(g.unchanged, 0, true)...)
	}
	if n := len(g.moved); n > 0 {
		rows = append(rows, []cell{label(debt.Moved), {text: minutesCell(debt.Moved, sumMinutes(g.moved))},
			{text: count(n, "finding") + " (--all)"}})
	}
	return rows
}

// findingRows is one row per finding, the ones past the limit in one sum.
func findingRows(fs []numbered, limit int, all bool) [][]cell {
	var rows [][]cell
	for i, f := range fs {
		if !all && i == limit {
			rest := fs[i:]
			return append(rows, moreRow(rest[0].Status, sumMinutes(rest), len(rest)))
		}
		rows = append(rows, []cell{
			label(f.Status),
			{text: minutesCell(f.Status, f.Minutes)},
			{text: EscapeTerminal(position(f.Finding))},
			{text: EscapeTerminal(describe(f.Finding))},
			{text: EscapeTerminal(f.Rule), style: dim},
		})
	}
	return rows
}

func repaidRows(files []fileGroup) [][]cell {
	var rows [][]cell
	for i, f := range files {
		if i == maxRepaid {
			var sum float64
			var n int
			for _, f := range files[i:] {
				sum += f.Minutes
				n += f.Count
			}
			return append(rows, moreRow(debt.Paid, sum, n))
		}
		rows = append(rows, []cell{
			label(debt.Paid),
			{text: minutesCell(debt.Paid, f.Minutes)},
			{text: EscapeTerminal(f.File)},
			{text: count(f.Count, "finding") + ": " + EscapeTerminal(strings.Join(f.Rules, ", "))},
		})
	}
	return rows
}

func moreRow(s debt.Status, minutes float64, n int) []cell {
	return []cell{label(s), {text: minutesCell(s, minutes)}, {text: thousands(n) + " more (--all)"}}
}

// minutesCell signs what is repaid, and puts in brackets what is in no total.
func minutesCell(s debt.Status, m float64) string {
	switch s {
	case debt.New, debt.Worse:
		return Minutes(m)
	case debt.Paid, debt.Better:
		return Minutes(-m)
	}
	return "(" + Minutes(m) + ")"
}

// position is "file:line:column", as much of it as there is. Editors open it.
func position(f debt.Finding) string {
	s := place(f)
	if f.File == "" || f.Line < 1 {
		return s
	}
	s += fmt.Sprintf(":%d", f.Line)
	if f.Column > 0 {
		s += fmt.Sprintf(":%d", f.Column)
	}
	return s
}

func (c *canvas) totals(r review.Review) {
	d := r.Delta
	repaid := "Repaid " + Minutes(d.Repaid)
	if d.Deleted > 0 {
		repaid += " (of it by deletion " + Minutes(d.Deleted) + ")"
	}
	budget := ""
	if r.Policy.Budget != nil {
		budget = "   budget " + Minutes(*r.Policy.Budget)
	}
	c.line("  Introduced ", Minutes(d.Introduced), "   ", repaid, "   ",
		c.paint(bold, "Net "+signed(d.Net)), " (", span(d.Low, d.High), ")", budget)
	if d.Tests.Introduced != 0 || d.Tests.Repaid != 0 {
		c.line("  In tests, apart: introduced ", Minutes(d.Tests.Introduced),
			", repaid ", Minutes(d.Tests.Repaid))
	}
}

// coverage says what was not looked at of the files, which are called what. Silent
// where there is nothing to say.
func (c *canvas) coverage(v debt.Coverage, what string, o TextOptions) {
	if s := leftOut(v.Skipped); s != "" {
		c.line("  ", EscapeTerminal(s))
	}
	if by, total := notAnalysed(v.Skipped); total > 0 {
		c.line("  ", c.paint(yellow, fmt.Sprintf("Not analysed: %s of %s", thousands(total), count(v.Changed, what))))
		var items []string
		for _, u := range by {
			items = append(items, fileList(u, o))
		}
		c.list(items, o)
	}
	if len(v.Broken) > 0 {
		c.line("  ", c.paint(yellow, "Does not type-check: "+count(packages(v.Broken), "package")))
		var items []string
		for _, b := range v.Broken {
			items = append(items, side(b.Package, b.Side)+": "+b.Error)
		}
		c.list(items, o)
	}
	if len(v.Lost) > 0 {
		c.line("  ", c.paint(yellow, "Analyzer failed: "+count(len(v.Lost), "time")))
		var items []string
		for _, l := range v.Lost {
			items = append(items, l.Analyzer+" on "+side(l.Package, l.Side)+": "+l.Error)
		}
		c.list(items, o)
	}
}

// packages counts a package that is broken on both sides once.
func packages(broken []debt.Broken) int {
	seen := map[string]bool{}
	for _, b := range broken {
		seen[b.Package] = true
	}
	return len(seen)
}

// fileList is "a.go, b.go: symbolic link".
func fileList(u unread, o TextOptions) string {
	files := u.Files
	more := ""
	if n := len(files) - maxListed; n > 0 && !o.All {
		files, more = files[:maxListed], fmt.Sprintf(" and %s more (--all)", thousands(n))
	}
	return strings.Join(files, ", ") + more + ": " + u.Reason
}

// list writes items that are not yet escaped, indented by four.
func (c *canvas) list(items []string, o TextOptions) {
	for i, s := range items {
		if i == maxListed && !o.All {
			c.line("    ", thousands(len(items)-i), " more (--all)")
			return
		}
		s = EscapeTerminal(s)
		if o.Width > 0 {
			s = cutRight(s, max(20, o.Width-4))
		}
		c.line("    ", s)
	}
}

// outcome is silent when all is well.
func (c *canvas) outcome(out review.Outcome, reasons []string, o TextOptions) {
	if out == review.Clear {
		return
	}
	head := verdict(out)
	switch len(reasons) {
	case 0:
		c.line("  ", c.paint(bold, head))
	case 1:
		c.line("  ", c.paint(bold, head), ": ", EscapeTerminal(reasons[0]))
	default:
		c.line("  ", c.paint(bold, head))
		// Reasons are the answer to "why me": whole, whatever the width.
		c.list(reasons, TextOptions{All: o.All})
	}
}

// hints are not cut: they hold commands.
func (c *canvas) hints(hints []string, o TextOptions) {
	for i, h := range hints {
		if i == maxListed && !o.All {
			c.line("  ", thousands(len(hints)-i), " more hints (--all)")
			return
		}
		c.line("  What to do: ", EscapeTerminal(h))
	}
}

func (c *canvas) took(e review.Engine) {
	s := seconds(e.Seconds)
	if e.Reused > 0 {
		s += fmt.Sprintf(" (%s of %s reused)", thousands(e.Reused), count(e.Packages, "package"))
	}
	c.line()
	c.line(c.paint(dim, s))
}
