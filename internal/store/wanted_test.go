package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/store"
)

// A hundred pushes make one job, and none is lost while it runs.
func TestWantHistory(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		want := func(asked string) {
			t.Helper()
			done(t, db.WantHistory(ctx, jobs{}, 5, asked, start))
		}
		jobsNow := func(want int) {
			t.Helper()
			if got := counted(t, db, "5"); got != want {
				t.Errorf("jobs = %d, want %d", got, want)
			}
		}
		same(t, "History of none", store.History{Repository: 5})(db.History(ctx, 5))
		want("a")
		want("a")
		want("b")
		jobsNow(1)
		h, err := db.History(ctx, 5)
		done(t, err)
		want("c") // while it runs
		jobsNow(1)
		done(t, db.PlanHistory(ctx, 5, 3, start.Add(time.Hour)))
		grow(t, db, 5, pointOf(week(0, 0), 1, 0, 0, 0))
		same(t, "History", store.History{Repository: 5, Wanted: 3, Asked: "c", Todo: 2, Number: 1})(db.History(ctx, 5))
		same(t, "EndHistory", true)(db.EndHistory(ctx, 5, h.Wanted, ""))
		same(t, "EndHistory", false)(db.EndHistory(ctx, 5, 3, "no policy"))
		want("c")
		jobsNow(1)
		want("d")
		jobsNow(2)
		same(t, "History", store.History{Repository: 5, Wanted: 4, Done: 3, Asked: "d", Number: 1, Problem: "no policy"})(db.History(ctx, 5))
		same[[]int64](t, "UndoneHistories", nil)(db.UndoneHistories(ctx, start, 9))
		same(t, "UndoneHistories", []int64{5})(db.UndoneHistories(ctx, start.Add(time.Second), 9))
		done(t, db.RequeueHistories(ctx, jobs{}, start.Add(time.Hour), 5))
		jobsNow(3)
		same[[]int64](t, "UndoneHistories", nil)(db.UndoneHistories(ctx, start.Add(time.Second), 9))
		missing[bool](t, "EndHistory of none")(db.EndHistory(ctx, 6, 1, ""))

		failing := errors.New("no queue")
		if err := db.WantHistory(ctx, jobs{failing}, 6, "a", start); !errors.Is(err, failing) {
			t.Errorf("WantHistory without a queue = %v, want %v", err, failing)
		}
		same(t, "History that was rolled back", store.History{Repository: 6})(db.History(ctx, 6))
	})
}

// TestCompactPoints: fewer points say the same.
func TestCompactPoints(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		hole := debt.Point{Commit: "hole", At: week(60, 90), Gap: "broken"}
		hole.Other = -100
		healed := pointOf(week(61, 0), 100, 0, 0, 0)
		healed.Other = 100
		points := []debt.Point{
			pointOf(week(0, 1), 10, 0, 0, 0), // the first stays
			pointOf(week(0, 2), 20, 0, 10, 0), pointOf(week(0, 3), 15, 0, 0, 5),
			pointOf(week(1, 3), 30, 0, 15, 0), pointOf(week(3, 0), 25, 0, 0, 5), pointOf(week(4, 0), 40, 0, 15, 0),
			pointOf(week(60, 0), 90, 0, 50, 0), pointOf(week(60, 5), 100, 0, 10, 0), hole, healed,
			pointOf(week(130, 0), 110, 0, 10, 0), pointOf(week(130, 1), 100, 0, 0, 10), pointOf(week(130, 2), 100, 0, 0, 0),
		}
		grow(t, db, 1, points...)
		grow(t, db, 2, points[0])
		f := store.SumFilter{From: week(0, 0), To: week(140, 0)}
		sums := func() ([]store.Sum, error) {
			totals, err := db.Totals(ctx, f, debt.Whole)
			return totals.Sums(debt.Whole, nil), err
		}
		before, err := sums()
		done(t, err)
		compact := func(now time.Time, want string) (list []store.Point) {
			t.Helper()
			for range 2 { // a second time does nothing
				done(t, db.CompactPoints(ctx, 1, now))
				list, err = db.Points(ctx, 1, time.Time{}, week(999, 0))
				done(t, err)
				numbers := ""
				for _, p := range list {
					numbers += string(rune('a' + p.Number - 1))
				}
				if numbers != want {
					t.Errorf("points left = %s, want %s", numbers, want)
				}
			}
			principal := 0.0
			for _, p := range list {
				principal += p.Introduced - p.Repaid + p.Other
			}
			if last := list[len(list)-1]; principal+10 != last.Principal {
				t.Errorf("the steps lead to %g, the last point has %g", principal+10, last.Principal)
			}
			return list
		}
		compact(week(2, 1), "abcdefghijklm")
		// Of the old the last of four weeks, then the last of a week, a whole one if
		// there is one, and all that is new.
		list := compact(week(130, 3), "acfhijklm")
		same(t, "Sums after", before)(sums())
		if got := list[2]; got.Introduced != 30 || got.Repaid != 5 {
			t.Errorf("the steps of four weeks: +%g −%g, want +30 −5", got.Introduced, got.Repaid)
		}
		d, err := db.Details(ctx, 1, list[len(list)-1].Number)
		if err != nil || len(d.Merged) != 1 {
			t.Errorf("details of the newest = %+v, %v", d, err)
		}
		missing[store.Details](t, "Details of long ago")(db.Details(ctx, 1, 1))
	})
}
