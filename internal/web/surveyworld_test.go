package web

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/store"
)

// grow gives a repository a history of weeks, the last one that of the world's now:
// its debt falls or rises by slope a week, with a wave in it, two teams own it, and
// in the middle the prices change. Names from outside are s.
func (w *world) grow(repo store.Repository, weeks int, principal, slope float64, s string) {
	w.t.Helper()
	number := int64(0)
	for i := range weeks {
		at := storyNow.AddDate(0, 0, -7*(weeks-1-i)).Add(-time.Hour)
		total := principal + slope*float64(i) + 40*math.Sin(float64(i))
		p := debt.Point{
			Commit: strings.Repeat(fmt.Sprintf("%x", i%16), 40), At: at, Judged: true, Catalogue: "1",
			Figures: debt.Figures{
				Lines: 20_000 + 50*i, Principal: total, Interest: total / 20, Payable: total / 3,
				ByRule:      map[string]float64{"cognitive": total * .5, "nesting": total * .3, "vet": total * .2},
				ByComponent: map[string]float64{"ledger": total * .6, s: total * .4},
				ByTeam:      map[string]float64{"payments": total * .7, s: total * .3},
				ByGoal:      map[string]float64{"ledger-v2": total * .4},
				Costs:       map[debt.Division]map[string]debt.Cost{debt.Teams: {"payments": {Interest: total / 25, Payable: total / 4, Lines: 2000}}},
			},
			Merged: []debt.Merged{{Commit: strings.Repeat("c", 40), Title: s, Files: []string{"ledger/open.go"}}},
		}
		if i > 0 {
			p.Introduced, p.Repaid = 60+slope, 60
			p.Flows = map[debt.Division]map[string]debt.Flow{debt.Teams: {"payments": {Introduced: 40, Repaid: 50}}}
			p.Moves = []debt.Move{{Rule: "cognitive", File: "ledger/open.go", Minutes: slope}}
		}
		if i >= weeks/2 {
			p.Catalogue = "2"
		}
		if i == weeks/2 {
			p.Repriced = 25
		}
		p.Credit = []debt.Credit{{Commit: strings.Repeat("d", 40), Title: s, By: []string{"payments"}, Minutes: 50, Packages: 9, Teams: []string{s}}}
		var d store.Details
		for j := range 12 {
			d.Spots = append(d.Spots, debt.Hotspot{
				Package: "pay/ledger", Symbol: fmt.Sprintf("Open%d", j), File: "ledger/open.go", Line: 10 * j, Principal: 120 - 9*float64(j), Interest: 40 - 3*float64(j),
				Changes: 12 - j, Authors: 3, Findings: []debt.Finding{{Measure: debt.Measure{Rule: "cognitive", File: "ledger/open.go", Line: 10 * j, Message: s}, Minutes: 30}},
			})
		}
		d.Fronts = []debt.Front{
			{Part: debt.Part{Division: debt.Teams, Name: "payments"}, Families: map[string]float64{"cognitive": total * .4, "nesting": total * .3}, Spots: []int{0, 1, 2}},
			{Part: debt.Part{Division: debt.Goals, Name: "ledger-v2"}, Families: map[string]float64{"vet": total * .2}, Spots: []int{1, 11}},
		}
		var err error
		number, err = w.db.AddPoint(w.t.Context(), repo.ID, number, p, "r", d)
		w.must(err)
	}
}

// grown is a world with pull requests, overrides and the histories of its
// repositories.
func (w *world) grown(s string) {
	w.t.Helper()
	w.tell()
	w.grow(acmePay, 40, 3000, -18, s)
	w.grow(acmeSite, 20, 900, 12, s)
	w.grow(acmeSecret, 40, 5000, 30, "nobody-may-know")
	for _, repo := range []store.Repository{acmePay, acmeSite, acmeSecret} {
		name := s
		if repo.ID == acmeSecret.ID {
			name = "nobody-may-know"
		}
		w.must(w.db.PutOutlook(w.t.Context(), store.Outlook{
			Repository: repo.ID, Risk: &impact.Drift{Recent: 25, Earlier: 80, Higher: .7, Direction: impact.Rising},
			Parts: map[debt.Part]impact.Direction{
				{Division: debt.Teams, Name: "payments"}: impact.Rising, {Division: debt.Goals, Name: "ledger-v2"}: impact.Falling,
			},
			Events: []debt.Event{
				{At: storyNow.AddDate(0, 0, -70), Kind: debt.ModeChanged, Name: "enforce", Was: "observe"},
				{At: storyNow.AddDate(0, 0, -30), Kind: debt.Released, Name: name},
				{At: storyNow.AddDate(-3, 0, 0), Kind: debt.Released, Name: "long-ago"},
			},
		}))
	}
}

func readableRepos(n int) (out []store.Repository) {
	for range n {
		out = append(out, acmePay)
	}
	return out
}
