package report

import (
	"fmt"

	"github.com/barraiser/barraiser/internal/debt"
)

// A breakdown is a way to tell the debt apart.
type breakdown struct {
	title    string // "By rule family"
	head     string // of the column of names
	slug     string // in file names
	none     string // the name of what belongs nowhere
	division debt.Division
}

var breakdowns = []breakdown{
	{"By rule family", "Rule family", "rules", "", debt.Families},
	{"By component", "Component", "components", "no component", debt.Components},
	{"By team", "Team", "teams", "no owner", debt.Teams},
	{"By goal", "Goal", "goals", "", debt.Goals},
}

// label is the name of a part as people read it.
func (b breakdown) label(name string) string {
	if name == "" {
		return b.none
	}
	return name
}

// fewestLines is what a part must have for a density to be held against the corpus,
// which is of whole repositories: of a hundred lines it says nothing.
const fewestLines = 1000

// partFigures are what is known of a part beside its principal. What came and went is
// since the point before.
type partFigures struct {
	debt.Cost
	debt.Flow
	density *float64 // per 1,000 code lines; nil: they are not known
	rank    *float64 // the share of the corpus with a lower density; nil: not known
}

// figures of a part at a point. A rule family has all lines, and no rank.
func figures(p debt.Point, part debt.Part) partFigures {
	f := partFigures{Cost: p.Costs[part.Division][part.Name], Flow: p.Flows[part.Division][part.Name]}
	f.Lines = p.PartLines(part)
	density, ok := p.PartDensity(part)
	if !ok {
		return f
	}
	f.density = &density
	if p.Rank != nil && part.Division != debt.Families && f.Lines >= fewestLines {
		if rank, ok := debt.ShippedCorpus().Rank(density); ok {
			f.rank = &rank
		}
	}
	return f
}

// standingGrid is what the newest whole state says of each part, with what came and
// went in all.
func (t Trend) standingGrid(b breakdown, list []row) grid {
	g := grid{slug: b.slug + "-now", caption: b.title + ", the newest state; introduced and repaid in all"}
	g.head = heads(b.head, "#Debt", "#Introduced", "#Repaid", "#Per 1,000 lines")
	costs := b.division != debt.Families // which are not told apart by what they cost
	if costs {
		g.head = append(g.head, heads("", "#Percentile", "#Costs a quarter", "#Pays back in a year")[1:]...)
	}
	_, last, _ := t.ends()
	for _, r := range list {
		f := figures(last, debt.Part{Division: b.division, Name: r.name})
		var all debt.Flow
		for _, p := range t.Points {
			flow := p.Flows[b.division][r.name]
			all.Introduced += flow.Introduced
			all.Repaid += flow.Repaid
		}
		cells := []gridCell{word(b.label(r.name)), amount(last.Principals(b.division)[r.name]), amount(all.Introduced), amount(all.Repaid), {number: true}}
		if f.density != nil {
			cells[4] = numberCell(fmt.Sprintf("%.0f min", *f.density), *f.density)
		}
		if costs {
			rank := gridCell{number: true}
			if f.rank != nil {
				rank = numberCell(fmt.Sprintf("%.0f %%", 100**f.rank), 100**f.rank)
			}
			cells = append(cells, rank, amount(f.Interest), amount(f.Payable))
		}
		g.rows = append(g.rows, cells)
	}
	return g
}
