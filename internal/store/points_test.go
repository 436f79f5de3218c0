package store_test

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/store"
)

// monday is the one that week 0 begins with.
var monday = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// week is an hour of a week, by its number.
func week(n int, hours int) time.Time {
	return monday.AddDate(0, 0, 7*n).Add(time.Duration(hours) * time.Hour)
}

// pointOf is a whole point with two teams, of which one serves a goal.
func pointOf(at time.Time, pay, ops, introduced, repaid float64) debt.Point {
	p := debt.Point{Commit: fmt.Sprint(at.Unix()), At: at, Catalogue: "7", Merged: []debt.Merged{{Commit: "c", Title: "Change", Files: []string{"a.go"}}}}
	p.Lines, p.Principal, p.Interest, p.Payable = 1000, pay+ops, (pay+ops)/10, pay
	p.ByRule = map[string]float64{"cognitive": pay + ops}
	p.ByTeam = map[string]float64{"pay": pay}
	if ops > 0 {
		p.ByTeam["ops"] = ops
	}
	p.ByGoal = map[string]float64{"speed": pay}
	p.Costs = map[debt.Division]map[string]debt.Cost{debt.Teams: {"pay": {Interest: pay / 10, Payable: pay, Lines: 600}}, debt.Goals: {}}
	if pay > 10 { // else they are not known
		p.Costs[debt.Goals]["speed"] = debt.Cost{Lines: 300}
	}
	p.Introduced, p.Repaid = introduced, repaid
	p.Flows = map[debt.Division]map[string]debt.Flow{debt.Teams: {"pay": {Introduced: introduced, Repaid: repaid}}}
	p.Moves = []debt.Move{{Rule: "cognitive", File: "a.go", Minutes: introduced - repaid}}
	return p
}

// grow appends points to a repository.
func grow(t *testing.T, db *store.DB, repository int64, points ...debt.Point) {
	t.Helper()
	h, err := db.History(t.Context(), repository)
	done(t, err)
	for _, p := range points {
		if h.Number, err = db.AddPoint(t.Context(), repository, h.Number, p, "r", store.Details{State: debt.State{Files: 3}}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPoints(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		missing[store.Point](t, "NewestPoint of none")(db.NewestPoint(ctx, 1))
		hole := debt.Point{Commit: "hole", At: week(2, 1), Gap: "broken", Judged: true}
		late := pointOf(week(1, 0), 70, 0, 0, 40) // its clock is behind
		grow(t, db, 1, pointOf(week(0, 5), 60, 40, 0, 0), hole, late)
		if _, err := db.AddPoint(ctx, 1, 2, hole, "r", store.Details{}); !errors.Is(err, store.ErrConflict) {
			t.Errorf("AddPoint after one that is not the newest = %v, want %v", err, store.ErrConflict)
		}
		want := late
		want.Moves, want.Merged, want.At = nil, nil, week(2, 1)
		same(t, "NewestPoint", store.Point{Number: 3, Rules: "r", Point: want})(db.NewestPoint(ctx, 1))
		for _, c := range []struct {
			from, to time.Time
			want     string
		}{
			{week(0, 0), week(9, 0), "[1 2 3]"}, {week(1, 0), week(9, 0), "[1 2 3]"}, {week(3, 0), week(9, 0), "[3]"},
			{week(0, 0), week(1, 0), "[1]"}, {week(0, 0), week(0, 1), "[]"}, {week(0, 0), week(0, 5), "[]"},
		} {
			list, err := db.Points(ctx, 1, c.from, c.to)
			numbers := []int64{}
			for _, p := range list {
				numbers = append(numbers, p.Number)
			}
			if err != nil || fmt.Sprint(numbers) != c.want {
				t.Errorf("points from %v to %v = %v, %v, want %s", c.from, c.to, numbers, err, c.want)
			}
		}
		same(t, "Details", store.Details{State: debt.State{Files: 3}, Moves: late.Moves, Merged: late.Merged})(db.Details(ctx, 1, 3))
		missing[store.Details](t, "Details of none")(db.Details(ctx, 1, 4))
		if p := pointOf(week(0, 0), math.Inf(1), 0, 0, 0); true {
			if _, err := db.AddPoint(ctx, 1, 3, p, "r", store.Details{}); err == nil {
				t.Error("a point that JSON cannot hold was kept")
			}
		}
		if h, err := db.History(ctx, 1); err != nil || h.Number != 3 {
			t.Errorf("History = %+v, %v, want number 3", h, err)
		}
	})
}

// TestSums: sums over repositories are those of their points, week by week.
func TestSums(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		seam := pointOf(week(3, 9), 100, 0, 0, 0)
		seam.Repriced = 30
		hole := debt.Point{Commit: "hole", At: week(2, 1), Gap: "broken"}
		// Two points in a week, of which the second is without ops; a week without any.
		grow(t, db, 1, pointOf(week(0, 5), 60, 40, 0, 0), pointOf(week(1, 1), 70, 40, 15, 5), pointOf(week(1, 2), 70, 0, 0, 40), hole, seam)
		grow(t, db, 2, pointOf(week(2, 0), 10, 0, 0, 0)) // it begins later, and rests
		sums := func(d debt.Division, name *string, repositories []int64, from, to int) (lines []string) {
			t.Helper()
			totals, err := db.Totals(ctx, store.SumFilter{Repositories: repositories, From: week(from, 0), To: week(to, 0)}, d)
			done(t, err)
			for _, s := range totals.Sums(d, name) {
				n := int(s.Week.Sub(monday) / (7 * 24 * time.Hour))
				lines = append(lines, fmt.Sprintf("%d %q of %d: %g costs %g pays %g +%g -%g ~%g, %d lines", n, s.Name, s.Repositories,
					s.Principal, s.Interest, s.Payable, s.Introduced, s.Repaid, s.Repriced, s.Lines))
			}
			return lines
		}
		pay := "pay"
		for _, c := range []struct {
			what string
			got  []string
			want []string
		}{
			{"all", sums(debt.Whole, nil, nil, 0, 6), []string{
				`0 "" of 1: 100 costs 10 pays 60 +0 -0 ~0, 1000 lines`,
				`1 "" of 1: 70 costs 7 pays 70 +15 -45 ~0, 1000 lines`,
				`2 "" of 2: 80 costs 8 pays 80 +0 -0 ~0, 2000 lines`,
				`3 "" of 2: 110 costs 11 pays 110 +0 -0 ~30, 2000 lines`,
				`4 "" of 2: 110 costs 11 pays 110 +0 -0 ~0, 2000 lines`,
				`5 "" of 2: 110 costs 11 pays 110 +0 -0 ~0, 2000 lines`,
			}},
			{"one repository, long after", sums(debt.Whole, nil, []int64{2}, 20, 21), []string{`20 "" of 1: 10 costs 1 pays 10 +0 -0 ~0, 1000 lines`}},
			{"none", sums(debt.Whole, nil, []int64{}, 0, 6), nil},
			{"a team", sums(debt.Teams, &pay, nil, 1, 3), []string{
				`1 "pay" of 1: 70 costs 7 pays 70 +15 -45 ~0, 600 lines`,
				`2 "pay" of 2: 80 costs 8 pays 80 +0 -0 ~0, 1200 lines`,
			}},
			{"all teams", sums(debt.Teams, nil, []int64{1}, 0, 2), []string{
				`0 "ops" of 1: 40 costs 0 pays 0 +0 -0 ~0, 0 lines`,
				`0 "pay" of 1: 60 costs 6 pays 60 +0 -0 ~0, 600 lines`,
				`1 "ops" of 0: 0 costs 0 pays 0 +0 -0 ~0, 0 lines`,
				`1 "pay" of 1: 70 costs 7 pays 70 +15 -45 ~0, 600 lines`,
			}},
			{"a goal of which the lines are known in one of two repositories", sums(debt.Goals, nil, nil, 1, 3), []string{
				`1 "speed" of 1: 70 costs 0 pays 0 +0 -0 ~0, 300 lines`,
				`2 "speed" of 2: 80 costs 0 pays 0 +0 -0 ~0, 0 lines`,
			}},
			{"before all", sums(debt.Goals, nil, nil, -3, 0), nil},
		} {
			if diff := cmp.Diff(c.want, c.got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.what, diff)
			}
		}

		f := store.SumFilter{From: week(2, 0), To: week(5, 0)}
		one := store.Standing{Repository: 1, First: store.Amounts{Lines: 1000, Principal: 70, Interest: 7, Payable: 70},
			Last: store.Amounts{Lines: 1000, Principal: 100, Interest: 10, Payable: 100, Repriced: 30}}
		two := store.Standing{Repository: 2, First: store.Amounts{Lines: 1000, Principal: 10, Interest: 1, Payable: 10},
			Last: store.Amounts{Lines: 1000, Principal: 10, Interest: 1, Payable: 10}}
		totals, err := db.Totals(ctx, f, debt.Whole, debt.Goals)
		done(t, err)
		same(t, "OfRepositories", []store.Standing{one, two})(totals.OfRepositories(debt.Whole, nil), nil)
		same(t, "OfParts", []store.Standing{{Name: "speed", First: store.Amounts{Principal: 80}, Last: store.Amounts{Principal: 110}}})(totals.OfParts(debt.Goals), nil)
		speed, none := "speed", "none"
		if got := len(totals.OfRepositories(debt.Goals, &speed)); got != 2 {
			t.Errorf("repositories that serve the goal = %d, want 2", got)
		}
		if got := totals.OfRepositories(debt.Goals, &none); got != nil {
			t.Errorf("repositories that serve no goal of this name = %v", got)
		}
		if sums, parts := totals.Sums(debt.Teams, nil), totals.OfParts(debt.Teams); sums != nil || parts != nil {
			t.Errorf("of a division that was not asked for = %v, %v", sums, parts)
		}
		f.Repositories = []int64{2}
		totals, err = db.Totals(ctx, f, debt.Whole)
		same(t, "OfRepositories of one", []store.Standing{two})(totals.OfRepositories(debt.Whole, nil), err)
	})
}
