package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
)

// Repayment is a credit, with where it was earned: Repository and Link are empty
// where there is one repository alone.
type Repayment struct {
	At         time.Time // of the state that it led to
	Repository string
	Link       string
	debt.Credit
}

// maxCredits is how many repayments are shown.
const maxCredits = 20

const creditsText = "Changes that gave back more than they took, with the packages and teams that depend on the code that was mended."

// creditsGrid is who paid debt down, and who gains by it, those of the longest
// reach first. It is told of teams and changes, not of people. Changes says whether
// these are named.
func creditsGrid(list []Repayment, changes bool) grid {
	several := slices.ContainsFunc(list, func(c Repayment) bool { return c.Repository != "" })
	g := grid{slug: "credits", caption: "Repayments of the longest reach", head: heads("Day")}
	if several {
		g.head = append(g.head, word("Repository"))
	}
	g.head = append(g.head, word("By"))
	g.head = append(g.head, heads("", "#Repaid", "#Packages that depend on it", "Teams that depend on it")[1:]...)
	if changes {
		g.head = append(g.head, word("Change"))
	}
	list = slices.SortedStableFunc(slices.Values(list), func(a, b Repayment) int { return cmp.Compare(b.Reach(), a.Reach()) })
	for _, c := range list[:min(maxCredits, len(list))] {
		row := []gridCell{word(day(c.At))}
		if several {
			row = append(row, linked(c.Repository, c.Link))
		}
		row = append(row,
			word(cmp.Or(strings.Join(c.By, ", "), "not known")), amount(c.Minutes),
			numberCell(thousands(c.Packages), float64(c.Packages)), word(strings.Join(c.Teams, ", ")),
		)
		if changes {
			row = append(row, word(short(c.Commit)+" "+c.Title))
		}
		g.rows = append(g.rows, row)
	}
	return g
}

// credits is the section about them.
func (s *Sheet) credits(list []Repayment, changes bool, more string) {
	if len(list) == 0 {
		return
	}
	s.Sections = append(s.Sections, Section{
		ID: "credits", Title: "Paid down, and who benefits", Text: creditsText + more,
		Tables: []Table{s.table(creditsGrid(list, changes), false, "", 0)},
	})
}
