package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/barraiser/barraiser/internal/debt"
)

// A PlacedSpot is a hotspot, with the repository that it is in.
type PlacedSpot struct {
	Repository, Link string
	debt.Hotspot
}

// Family is the debt of a family of rules in the newest states of repositories.
type Family struct {
	Name         string
	Repositories int // that have it
	Minutes      float64
}

// Drifts counts repositories by where the risk of their changes goes.
type Drifts struct{ Rising, Falling int }

// Repositories is "1 repository" or "12 repositories".
func Repositories(n int) string {
	if n == 1 {
		return "1 repository"
	}
	return thousands(n) + " repositories"
}

// sentence is nothing where risk moves nowhere.
func (d *Drifts) sentence() string {
	if d == nil {
		return ""
	}
	var parts []string
	if d.Rising > 0 {
		parts = append(parts, "rising in "+Repositories(d.Rising))
	}
	if d.Falling > 0 {
		parts = append(parts, "falling in "+Repositories(d.Falling))
	}
	if len(parts) == 0 {
		return ""
	}
	return "Risk is " + strings.Join(parts, " and ") + "."
}

func (d *Drifts) text() string {
	if d.sentence() == "" {
		return ""
	}
	return "Risk is of changes, not of the debt: whether those of the newest 13 weeks of a repository rank higher than those of the 39 weeks before. The page of each says more."
}

// acrossRepositories is what engineers are shown of several repositories: the places
// to look at first, and which rules most of the debt is of.
func (s *Sheet) acrossRepositories(v Survey) {
	where, of := "in all these repositories", ""
	switch v.Of {
	case OfTeam:
		where, of = "in the code of this team", " in the code of this team"
	case OfGoal:
		where, of = "in the code that this goal needs", " in the code that this goal needs"
	}
	if len(v.Spots) > 0 {
		s.Sections = append(s.Sections, Section{
			ID: "hotspots", Title: "Hotspots",
			Text:   "The places that are dearest to leave alone " + where + ", at most 20 of each repository. Only those that say so are advised to be mended: a goal needs them, and the work comes back within four quarters.",
			Tables: []Table{s.table(placedGrid(v.Spots), false, "", maxSpots)},
		})
	}
	if len(v.Families) > 0 {
		s.Sections = append(s.Sections, Section{
			ID: "families", Title: "By rule family",
			Text:   "What the newest states come to" + of + ", each family alone: neither damped nor capped, so the parts are more than the whole.",
			Tables: []Table{s.table(familiesGrid(v.Families), false, "", maxHolders)},
		})
	}
}

func placedGrid(spots []PlacedSpot) grid {
	g := grid{slug: "hotspots", caption: "Hotspots", head: heads("Repository", "Where", "What", "#Costs a quarter", "#To mend", "#Changes", "Pays back in", "Advice")}
	for _, p := range spots {
		g.rows = append(g.rows, []gridCell{
			linked(p.Repository, p.Link), word(spotPlace(p.Hotspot)), word(placedWhat(p.Hotspot)), amount(p.Interest), amount(p.Principal),
			numberCell(thousands(p.Changes), float64(p.Changes)), word(payback(p.Payback())), word(advice(p.Hotspot).text),
		})
	}
	return g
}

// placedWhat is what is wrong there, as far as it was kept.
func placedWhat(s debt.Hotspot) string {
	if len(s.Findings) == 0 {
		return s.Symbol
	}
	return spotText(s)
}

func familiesGrid(families []Family) grid {
	g := grid{slug: "families", caption: "By rule family", head: heads("Rule family", "#Debt", "#Share", "#Repositories")}
	sum := 0.0
	for _, f := range families {
		sum += f.Minutes
	}
	most := slices.SortedStableFunc(slices.Values(families), func(a, b Family) int { return cmp.Compare(b.Minutes, a.Minutes) })
	for _, f := range most {
		share := 100 * f.Minutes / max(1, sum)
		g.rows = append(g.rows, []gridCell{
			word(f.Name), amount(f.Minutes), {text: fmt.Sprintf("%.0f %%", share), number: true, raw: fmt.Sprintf("%g", hundredths(share))},
			numberCell(thousands(f.Repositories), float64(f.Repositories)),
		})
	}
	return g
}
