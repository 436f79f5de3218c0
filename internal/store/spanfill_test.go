package store

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/debt"
)

// TestOlderProcess: what a process of an older program wrote beside this one is in
// the sums once the repository has another point, and with it the weeks between.
func TestOlderProcess(t *testing.T) {
	ctx := t.Context()
	point := func(week int, minutes float64) debt.Point {
		p := debt.Point{Commit: "c", At: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC).AddDate(0, 0, 7*week)}
		p.Lines, p.Principal, p.Introduced, p.ByTeam = 100, minutes, 5, map[string]float64{"pay": minutes / 4}
		return p
	}
	sums := func(older bool) [][]Sum {
		db, err := Open(ctx, "sqlite:"+t.TempDir()+"/store.db")
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		number := int64(0)
		for i, p := range []debt.Point{point(0, 40), point(1, 44), point(1, 48), point(4, 80), point(31, 60), point(31, 64), point(33, 20)} {
			if older && (i == 3 || i == 5) {
				err = db.update(ctx, func(ctx context.Context, tx *sql.Tx) error { return addOlder(ctx, tx, number, p) })
				number++
			} else {
				number, err = db.AddPoint(ctx, 1, number, p, "r", Details{})
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		totals, err := db.Totals(ctx, SumFilter{From: point(0, 0).At, To: point(35, 0).At}, debt.Whole, debt.Teams)
		if err != nil {
			t.Fatal(err)
		}
		return [][]Sum{totals.Sums(debt.Whole, nil), totals.Sums(debt.Teams, nil)}
	}
	want, got := sums(false), sums(true)
	if len(want[0]) != 35 || len(want[1]) != 35 {
		t.Fatalf("weeks = %d and %d, want 35 of each", len(want[0]), len(want[1]))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("with an older process beside (-want +got):\n%s", diff)
	}
}

// addOlder adds a point as a program did that knew no spans: with rows of its week.
// What it looks for of the weeks before was moved meanwhile.
func addOlder(ctx context.Context, tx *sql.Tx, number int64, p debt.Point) error {
	for _, d := range debt.Divisions {
		for name, a := range amounts(p, d) {
			_, err := tx.ExecContext(ctx, `
				INSERT INTO weeks (division, week, name, repository, lines, principal, interest, payable, introduced, repaid, repriced)
				VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, $10)`,
				string(d), stampWeek(p.At), name, a.Lines, a.Principal, a.Interest, a.Payable, a.Introduced, a.Repaid, a.Repriced)
			if err != nil {
				return err
			}
		}
	}
	_, err := tx.ExecContext(ctx, `UPDATE histories SET number = $1, last_week = $2 WHERE repository = 1`, number+1, stampWeek(p.At))
	return err
}
