package store

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/signoff"
)

// unpacked reads a packed span.
func unpacked(number int64, content []byte) (span, error) {
	out := span{}
	err := eachWeek(number, content, func(b []byte) func(weekValues) {
		name := string(b)
		return func(w weekValues) { out[name] = append(out[name], w) }
	})
	return out, err
}

func TestSpan(t *testing.T) {
	want := span{
		"":    {{52, values{1000, 12345, 7, 0, 1, 2, -3}}, {53, values{900, 12345, 0, 99, 0, 0, 0}}, {77, values{0, 0, 0, 0, 0, 5, 0}}},
		"pay": {{60, values{0, 1e14, 1, 1, 0, 0, -1e14}}},
		"é\n": {{76, values{1}}},
	}
	content := want.packed(2)
	got, err := unpacked(2, content)
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(weekValues{})); err != nil || diff != "" {
		t.Errorf("a span that was packed: %v (-want +got):\n%s", err, diff)
	}
	for n := range content { // whatever is missing of it is not taken for nothing
		if got, err := unpacked(2, content[:n]); err == nil && len(got) == len(want) || err != nil && !errors.Is(err, errBadSpan) {
			t.Errorf("the first %d bytes of a span = %v, %v", n, got, err)
		}
	}
	for _, bad := range [][]byte{nil, {9}, {spanFormat, 200, 'a'}, {spanFormat, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}} {
		if got, err := unpacked(0, bad); !errors.Is(err, errBadSpan) {
			t.Errorf("span %v = %v, %v, want %v", bad, got, err, errBadSpan)
		}
	}
	for _, minutes := range []float64{math.NaN(), math.Inf(-1), 2 * mostMinutes} {
		if _, err := valuesOf(Amounts{Repaid: minutes}); !errors.Is(err, errNoAmount) {
			t.Errorf("amount of %g: %v, want %v", minutes, err, errNoAmount)
		}
	}
}

// FuzzSpan: what is stored is never trusted.
func FuzzSpan(f *testing.F) {
	f.Add(span{"a": {{3, values{1, 2, 3, 4, 5, 6, 7}}}}.packed(0))
	f.Fuzz(func(t *testing.T, content []byte) {
		weeks := 0
		unpacked := eachWeek(3, content, func([]byte) func(weekValues) { return func(weekValues) { weeks++ } })
		if unpacked == nil && weeks > len(content) {
			t.Errorf("%d weeks in %d bytes", weeks, len(content))
		}
	})
}

// TestMoveWeeks: what an older program kept is the same in spans, also after a start
// that was stopped on the way.
func TestMoveWeeks(t *testing.T) {
	ctx := t.Context()
	url := "sqlite:" + t.TempDir() + "/store.db"
	db, err := Open(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	point := func(week int, minutes float64) debt.Point {
		p := debt.Point{Commit: "c", At: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC).AddDate(0, 0, 7*week)}
		p.Lines, p.Principal, p.Introduced, p.ByTeam = 100, minutes, 5, map[string]float64{"pay": minutes / 3}
		return p
	}
	for repository := int64(1); repository <= 3; repository++ {
		number := int64(0)
		for _, week := range []int{0, 1, 30, 31} {
			if number, err = db.AddPoint(ctx, repository, number, point(week, float64(week)*10.25+float64(repository)), "r", Details{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	f := SumFilter{From: point(1, 0).At, To: point(40, 0).At}
	sums := func() (out [][]Sum) {
		t.Helper()
		totals, err := db.Totals(ctx, f, debt.Whole, debt.Teams)
		if err != nil {
			t.Fatal(err)
		}
		return [][]Sum{totals.Sums(debt.Whole, nil), totals.Sums(debt.Teams, nil)}
	}
	want := sums()
	if len(want[0]) != 39 || len(want[1]) != 39 {
		t.Fatalf("weeks = %d and %d, want 39 of each", len(want[0]), len(want[1]))
	}
	if err := db.update(ctx, func(ctx context.Context, tx *sql.Tx) error { return unmove(ctx, tx) }); err != nil {
		t.Fatal(err)
	}
	if empty := sums(); empty[0] != nil {
		t.Fatal("the spans were not removed")
	}
	if err := db.update(ctx, func(ctx context.Context, tx *sql.Tx) error { return moveWeeksOf(ctx, tx, 2) }); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if db, err = Open(ctx, url); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if diff := cmp.Diff(want, sums()); diff != "" {
		t.Errorf("after the move (-want +got):\n%s", diff)
	}
	left := 0
	if err := db.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM weeks`).Scan(&left); err != nil || left != 0 {
		t.Errorf("rows that were moved and are still there = %d, %v", left, err)
	}
	if _, err := db.AddPoint(ctx, 3, 4, point(33, 400), "r", Details{}); err != nil {
		t.Errorf("AddPoint after the move: %v", err)
	}
}

// TestCountAllAdvice: what an older program kept of advice is counted when the store
// is opened, once.
func TestCountAllAdvice(t *testing.T) {
	ctx := t.Context()
	url := "sqlite:" + t.TempDir() + "/store.db"
	now := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
	var db *DB
	reopen := func() {
		t.Helper()
		if db != nil {
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}
		var err error
		if db, err = Open(ctx, url); err != nil {
			t.Fatal(err)
		}
	}
	advice := func() []RuleAdvice {
		t.Helper()
		list, err := db.Advice(ctx, FigureFilter{From: now.AddDate(0, -1, 0), To: now.AddDate(0, 1, 0)})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	reopen()
	defer func() { db.Close() }()
	listed := []Listed{{"a", "clone"}, {"b", "clone"}, {"c", "unused"}}
	for number, weeks := range []int{0, -1, -30} { // the last is before the time
		s := signoff.Subject{Installation: 1, Repository: int64(number), Kind: signoff.PullRequest, Number: number}
		for _, list := range [][]Listed{listed, listed[1:]} {
			err := db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
				return saveAdvice(ctx, tx, s, signoff.Record{}, list, now.AddDate(0, 0, 7*weeks))
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	want := []RuleAdvice{{"clone", 4, 2, 0}, {"unused", 2, 0, 0}}
	if diff := cmp.Diff(want, advice()); diff != "" {
		t.Errorf("as it was counted (-want +got):\n%s", diff)
	}
	for _, statement := range []string{`DELETE FROM spans`, `DELETE FROM settings`} {
		if _, err := db.write.ExecContext(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	if got := advice(); got != nil {
		t.Fatalf("the counts were not removed: %v", got)
	}
	for range 2 {
		reopen()
		if diff := cmp.Diff(want, advice()); diff != "" {
			t.Errorf("after an upgrade (-want +got):\n%s", diff)
		}
	}
}

// unmove puts spans where an older program had them.
func unmove(ctx context.Context, tx *sql.Tx) error {
	type row struct {
		division   string
		repository int64
		number     int64
		content    []byte
	}
	rows, err := collect(ctx, tx, func(s scanner) (r row, err error) {
		return r, s.Scan(&r.division, &r.repository, &r.number, &r.content)
	}, `SELECT division, repository, span, content FROM spans`)
	if err != nil {
		return err
	}
	for _, r := range rows {
		s, err := unpacked(r.number, r.content)
		if err != nil {
			return err
		}
		for name, list := range s {
			for _, w := range list {
				a := w.amounts()
				_, err := tx.ExecContext(ctx, `
					INSERT INTO weeks (division, week, name, repository, lines, principal, interest, payable, introduced, repaid, repriced)
					VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
					r.division, stampWeek(weekOf(w.week)), name, r.repository, a.Lines, a.Principal, a.Interest, a.Payable, a.Introduced, a.Repaid, a.Repriced)
				if err != nil {
					return err
				}
			}
		}
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM spans`)
	return err
}
