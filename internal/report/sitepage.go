package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/barraiser/barraiser/internal/debt"
)

// maxLines is how many parts a chart shows; the table has all.
const maxLines = 5

// chart starts a chart of all points.
func (t Trend) chart(slug, title string, lines ...chartLine) chart {
	c := chart{slug: slug, title: title, known: t.known(), lines: lines}
	for _, p := range t.Points {
		c.at = append(c.at, p.At)
	}
	return c
}

// line is a figure of all points.
func (t Trend) line(name string, of func(debt.Point) float64) chartLine {
	return chartLine{name, t.series(of)}
}

// describe says in words what a chart shows of a line.
func (t Trend) describe(what string, of func(debt.Point) float64, text func(float64) string) string {
	first, last, ok := debt.Ends(t.Points)
	if !ok {
		return what + ": there is nothing to compare."
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, p := range t.Points {
		if p.Gap == "" {
			low, high = min(low, of(p)), max(high, of(p))
		}
	}
	return fmt.Sprintf("%s: from %s on %s to %s on %s, at least %s and at most %s.",
		what, text(of(first)), day(first.At), text(of(last)), day(last.At), text(low), text(high))
}

// debtChart is the line that all others explain.
func (t Trend) debtChart() chart {
	principal := func(p debt.Point) float64 { return p.Principal }
	c := t.chart("debt", "Debt over time", t.line("Debt", principal))
	c.desc = t.describe("Debt", principal, Minutes)
	return c
}

// overTime is the section of the charts.
func (s *Sheet) overTime(t Trend) Section {
	density := func(p debt.Point) float64 { return p.Density() }
	interest := func(p debt.Point) float64 { return p.Interest }
	payable := func(p debt.Point) float64 { return p.Payable }
	introduced := func(p debt.Point) float64 { return p.Introduced }
	repaid := func(p debt.Point) float64 { return p.Repaid }
	perThousand := func(v float64) string { return fmt.Sprintf("%.0f min", v) }

	over := t.debtChart()
	events, caption := t.events(), "Debt of production code."+over.cut()
	if over.numbered(events); len(over.marks) > 0 {
		caption += " " + eventsCaption
	}
	dense := t.chart("density", "Debt per 1,000 code lines", t.line("Density", density))
	dense.fixed = true
	dense.desc = t.describe("Debt per 1,000 code lines", density, perThousand)
	bars := t.chart("moves", "Introduced and repaid", t.line("introduced", introduced), t.line("repaid", repaid))
	bars.bars = true
	bars.desc = t.describe("Introduced in a period", introduced, Minutes) + " " + t.describe("Repaid", repaid, Minutes)
	costs := t.chart("interest", "What it costs, and what pays back", t.line("costs a quarter", interest), t.line("pays back", payable))
	costs.zero = true
	costs.desc = t.describe("What it costs a quarter", interest, Minutes) + " " + t.describe("Debt that pays back within a year", payable, Minutes)

	out := Section{
		ID: "time", Title: "Debt over time", Text: riskText(t.Risk),
		Figures: []Figure{
			s.figure(over, caption),
			s.figure(dense, "Debt per 1,000 code lines, in minutes."+dense.cut()),
			s.figure(bars, "Introduced (up) and repaid (down) since the state before."),
			s.figure(costs, "What the debt costs a quarter while it stays, and how much debt would pay back within four quarters."),
		},
	}
	if len(events) > 0 {
		out.Tables = append(out.Tables, s.table(eventsGrid(events), len(events) > mostEvents, "trend.json", 0))
	}
	out.Tables = append(out.Tables, s.table(t.pointsGrid(), true, "trend.json", 0))
	return out
}

// splitText says how the changes of a jump are found where they are not measured.
const splitText = "What moved in a file is split evenly among the changes that touched it, unless each was judged by itself (bot trend --explain)."

// jumps is the section about the largest steps.
func (s *Sheet) jumps(t Trend) Section {
	return Section{
		ID: "jumps", Title: "Largest jumps",
		Text:   "The steps between two states that moved the debt most. " + splitText,
		Tables: []Table{s.table(t.jumpsGrid(), false, "trend.json", 0)},
	}
}

// breakdown is a section about the parts of the debt.
func (s *Sheet) breakdown(t Trend, b breakdown, list []row) Section {
	shown := list[:min(maxLines, len(list))]
	c := t.chart(b.slug, b.title)
	c.zero = true
	var words []string
	first, last := 0, lastTrue(c.known)
	for i, known := range c.known {
		if known {
			first = i
			break
		}
	}
	for _, r := range shown {
		c.lines = append(c.lines, chartLine{b.label(r.name), r.values})
		if last >= 0 {
			words = append(words, fmt.Sprintf("%s from %s to %s", plain(b.label(r.name)), Minutes(r.values[first]), Minutes(r.values[last])))
		}
	}
	c.desc = b.title + ": " + strings.Join(words, ", ") + "."
	caption := "All parts."
	if more := len(list) - len(shown); more > 0 {
		caption = fmt.Sprintf("The %d largest now; %s more in the table.", len(shown), thousands(more))
	}
	return Section{
		ID: b.slug, Title: b.title,
		Figures: []Figure{s.figure(c, caption)},
		Tables:  []Table{s.table(t.standingGrid(b, list), b.division == debt.Families, "trend.json", maxHolders), s.table(t.partsGrid(b, list), true, "trend.json", 0)},
	}
}

// hotspots is the section about the newest state.
func (s *Sheet) hotspots(h Hotspots) Section {
	shown, _ := h.listed(true)
	s.picture("hotspots", func(t theme, size chartSize) ([]byte, error) { return treemap(h.Spots, t, size), nil })
	principal, interest := owed(shown)
	return Section{
		ID: "hotspots", Title: "Hotspots",
		Text: fmt.Sprintf("%s of debt lie in code that was changed in the year before, and cost %s a quarter.", Minutes(principal), Minutes(interest)),
		Figures: []Figure{{
			Slug: "hotspots", Width: int(chartSizes[0].width), Height: int(chartSizes[0].height * 1.5),
			Alt:     "The places with most debt as rectangles; the table below has the same.",
			Caption: "The area is what it costs to mend a place. Palest: nobody touched it, leave it alone. Darkest, with a border: it pays back within four quarters.",
		}},
		Tables: []Table{s.table(hotspotsGrid(shown), false, "hotspots.json", maxSpots)},
	}
}
