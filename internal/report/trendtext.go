package report

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
)

// TrendOptions fit a trend to the terminal.
type TrendOptions struct {
	TextOptions
	ASCII bool // draw with ASCII alone
}

// What is listed where not all is.
const (
	maxTrendRows = 13 // the newest points: a quarter of weeks, and what it began with
	maxParts     = 8
	maxName      = 40 // letters of a part's
)

// TrendText draws a trend for a terminal: what became of the debt, the figures
// as sparklines, the newest points, the parts, the jumps. The error is the
// writer's.
func TrendText(w io.Writer, t Trend, o TrendOptions) error {
	c := &canvas{color: o.Color}
	c.line("Debt of ", EscapeTerminal(revision(t.Branch)), ", one state every ", period(t.Every), ": ", count(len(t.Points), "state"), dates(t.Points))
	c.line()
	if len(t.Points) > 0 {
		c.line("  ", c.paint(bold, t.Sentence()))
		if more := t.Context(); more != "" {
			c.line("  ", more)
		}
		if r := t.Risk; r != nil {
			c.line("  Risk of changes: ", string(r.Direction), fmt.Sprintf(" (%s of 13 weeks, against %s of the 39 weeks before)", count(r.Recent, "change"), thousands(r.Earlier)))
		}
		c.line()
		c.sparks(t, o)
		c.line()
		c.points(t, o)
		for _, b := range breakdowns {
			c.parts(t, b, o)
		}
		c.jumps(t, o)
		c.credit(t.credit(), o)
	}
	c.gaps(t, o)
	c.hints(t.Hints, o.TextOptions)
	text := c.String()
	if o.ASCII {
		text = ascii.Replace(text)
	}
	_, err := io.WriteString(w, text)
	return err
}

// ascii spells the signs that this package writes itself.
var ascii = strings.NewReplacer("−", "-", "…", "...")

// period is a number of days as people say it.
func period(days int) string {
	switch {
	case days == 1:
		return "day"
	case days == 7:
		return "week"
	case days%7 == 0:
		return count(days/7, "week")
	}
	return count(days, "day")
}

func dates(points []debt.Point) string {
	if len(points) == 0 {
		return ""
	}
	return fmt.Sprintf(", %s to %s", day(points[0].At), day(points[len(points)-1].At))
}

func day(at time.Time) string { return at.UTC().Format(time.DateOnly) }

// sparks are the figures over time.
func (c *canvas) sparks(t Trend, o TrendOptions) {
	known := t.known()
	figures := []struct {
		name string
		zero bool
		of   func(debt.Point) float64
		text func(float64) string
	}{
		{"Debt", false, func(p debt.Point) float64 { return p.Principal }, Minutes},
		{"per 1,000 lines", false, func(p debt.Point) float64 { return p.Density() }, func(v float64) string { return fmt.Sprintf("%.0f min", v) }},
		{"costs a quarter", false, func(p debt.Point) float64 { return p.Interest }, Minutes},
		{"pays back in a year", false, func(p debt.Point) float64 { return p.Payable }, Minutes},
		{"Introduced", true, func(p debt.Point) float64 { return p.Introduced }, nil},
		{"Repaid", true, func(p debt.Point) float64 { return p.Repaid }, nil},
	}
	var rows [][]cell
	for _, f := range figures {
		values := t.series(f.of)
		text := ""
		switch first, last, ok := t.ends(); {
		case f.text == nil:
			sum := 0.0
			for _, v := range values {
				sum += v
			}
			text = Minutes(sum) + " in all"
		case ok:
			text = f.text(f.of(first)) + arrow(o.ASCII) + f.text(f.of(last))
		}
		rows = append(rows, []cell{{text: f.name}, {text: spark(values, known, f.zero, o.ASCII)}, {text: text}})
	}
	c.table(rows)
}

func arrow(ascii bool) string {
	if ascii {
		return " -> "
	}
	return " → "
}

// points is the table of the newest points.
func (c *canvas) points(t Trend, o TrendOptions) {
	points := t.Points
	if !o.All && len(points) > maxTrendRows {
		c.line("  ", c.paint(dim, fmt.Sprintf("The newest %d of %s (all: --all)", maxTrendRows, count(len(points), "state"))))
		points = points[len(points)-maxTrendRows:]
	}
	rows := [][]cell{{
		{text: "DAY", style: dim}, {text: "COMMIT", style: dim},
		{text: "LINES", style: dim, right: true}, {text: "DEBT", style: dim, right: true}, {text: "/1,000", style: dim, right: true},
		{text: "INTRODUCED", style: dim, right: true}, {text: "REPAID", style: dim, right: true},
		{text: "A QUARTER", style: dim, right: true}, {text: "CHANGES", style: dim, right: true}, {text: "", style: dim},
	}}
	for i, p := range points {
		row := []cell{
			{text: day(p.At)}, {text: short(p.Commit)},
			{text: thousands(p.Lines), right: true}, {text: Minutes(p.Principal), right: true}, {text: fmt.Sprintf("%.0f", p.Density()), right: true},
			{text: Minutes(p.Introduced), right: true}, {text: Minutes(p.Repaid), right: true},
			{text: Minutes(p.Interest), right: true},
		}
		if p.Gap != "" { // its figures are of a part, and would be read as a fall
			for i := 2; i < len(row); i++ {
				row[i] = cell{text: "?", right: true}
			}
		}
		rows = append(rows, append(row, cell{text: thousands(len(p.Merged)), right: true}, cell{text: EscapeTerminal(t.eventsText(len(t.Points) - len(points) + i))}))
	}
	c.table(rows)
}

// parts is one way to tell the debt apart.
func (c *canvas) parts(t Trend, b breakdown, o TrendOptions) {
	list := t.rowsOf(b)
	if len(list) == 0 {
		return
	}
	c.line()
	c.line("  ", c.paint(dim, b.title))
	known := t.known()
	first, last := slices.Index(known, true), lastTrue(known)
	var rows [][]cell
	for i, r := range list {
		if i == maxParts && !o.All {
			rows = append(rows, []cell{{text: thousands(len(list)-i) + " more (--all)", style: dim}})
			break
		}
		text := ""
		if first >= 0 {
			text = Minutes(r.values[first]) + arrow(o.ASCII) + Minutes(r.values[last])
		}
		dense := ""
		if _, newest, ok := t.ends(); ok && b.division != debt.Families {
			if f := figures(newest, debt.Part{Division: b.division, Name: r.name}); f.density != nil {
				dense = fmt.Sprintf("%.0f min per 1,000 lines", *f.density)
			}
		}
		rows = append(rows, []cell{{text: clip(EscapeTerminal(b.label(r.name)), maxName)}, {text: spark(r.values, known, true, o.ASCII)}, {text: text}, {text: dense, style: dim}})
	}
	c.table(rows)
}

func lastTrue(list []bool) int {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i] {
			return i
		}
	}
	return -1
}

// jumps are the steps that moved the debt most.
func (c *canvas) jumps(t Trend, o TrendOptions) {
	if len(t.Jumps) == 0 {
		return
	}
	c.line()
	c.line("  ", c.paint(dim, "Largest jumps"))
	for _, j := range t.Jumps {
		p := t.Points[j.Point]
		rules := sharesText(j.Rules)
		if rules != "" {
			rules = ": " + rules
		}
		c.line("  ", c.paint(bold, signed(j.Net)), " up to ", day(p.At), ", ", short(t.Points[j.Point-1].Commit), "..", short(p.Commit), rules)
		if places := sharesText(j.Places); places != "" {
			c.line("    in ", places)
		}
		for _, share := range j.Changes {
			text := EscapeTerminal(t.title(j, share.Name))
			if o.Width > 0 {
				text = cutRight(text, max(20, o.Width-26))
			}
			c.line("    ", short(share.Name), "  ", signed(share.Minutes), "  ", text)
		}
	}
	if slices.ContainsFunc(t.Jumps, func(j debt.Jump) bool { return !j.Measured && len(j.Changes) > 0 }) {
		c.line("  ", c.paint(dim, splitText))
	}
}

// credit thanks for what was repaid.
func (c *canvas) credit(list []Repayment, o TrendOptions) {
	if len(list) == 0 {
		return
	}
	c.line()
	c.line("  ", c.paint(dim, "Paid down, and who gains by it"))
	for i, one := range list {
		if i == maxThanks && !o.All {
			c.line("    ", thousands(len(list)-i), " more (--all)")
			break
		}
		text := EscapeTerminal(one.Title)
		if o.Width > 0 {
			text = cutRight(text, max(20, o.Width-26))
		}
		c.line("    ", short(one.Commit), "  ", signed(-one.Minutes), "  ", text)
		c.line("             ", EscapeTerminal(gains(one.Credit)))
	}
}

// maxThanks is how many repayments are named where not all are.
const maxThanks = 3

// gains is "by Payments; 12 packages depend on it, of Ledger and Web".
func gains(c debt.Credit) string {
	text := "nothing else in the repository depends on it"
	switch {
	case c.Packages == 1:
		text = "1 package depends on it"
	case c.Packages > 1:
		text = thousands(c.Packages) + " packages depend on it"
	}
	if len(c.Teams) > 0 {
		text += ", of " + strings.Join(c.Teams, ", ")
	}
	if len(c.By) > 0 {
		text = "by " + strings.Join(c.By, ", ") + "; " + text
	}
	return text
}

// sharesText is "cognitive +2 h, clone +40 min".
func sharesText(list []debt.Share) string {
	text := ""
	for i, s := range list {
		if i > 0 {
			text += ", "
		}
		text += EscapeTerminal(s.Name) + " " + signed(s.Minutes)
	}
	return text
}

// gaps say which states are not whole, and what no comparison could see.
func (c *canvas) gaps(t Trend, o TrendOptions) {
	var list []debt.Point
	other, repriced := 0.0, 0.0
	for _, p := range t.Points {
		repriced += p.Repriced
		if p.Gap != "" {
			list = append(list, p)
		}
		other += p.Other
	}
	if len(list) > 0 {
		c.line()
		c.line("  ", c.paint(yellow, count(len(list), "state")+" could be analysed in part only, and can not be compared with others:"))
		for i, p := range list {
			if i == 3 && !o.All {
				c.line("    ", thousands(len(list)-i), " more (--all)")
				break
			}
			c.line("    ", day(p.At), "  ", short(p.Commit), "  ", EscapeTerminal(p.Gap))
		}
	}
	if math.Abs(other) >= 1 {
		c.line()
		c.line("  ", signed(other), " more came or went with code that began or ceased to be analysed, or went to generated or test code")
	}
	if math.Abs(repriced) >= 1 {
		c.line()
		c.line("  ", signed(repriced), " more came or went only because the rules or their prices changed")
	}
}
