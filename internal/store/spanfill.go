package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
)

// fillSpans brings what older programs kept as rows into spans.
func (db *DB) fillSpans(ctx context.Context) error {
	if err := db.moveWeeks(ctx); err != nil {
		return fmt.Errorf("move weeks into spans: %w", err)
	}
	if done, err := db.Setting(ctx, adviceCounted); done != "" || err != nil {
		return err
	}
	if err := db.update(ctx, countAllAdvice); err != nil {
		return fmt.Errorf("count advice: %w", err)
	}
	return nil
}

// moveWeeks brings what an older program kept as a row for each week and part into
// spans, one repository in a transaction: whoever is stopped on the way goes on
// with the next one. A process of the older program that still runs beside this one
// goes on writing weeks: these are moved when the repository's next point is added.
func (db *DB) moveWeeks(ctx context.Context) error {
	for {
		var repository int64
		err := db.write.QueryRowContext(ctx, `SELECT repository FROM weeks LIMIT 1`).Scan(&repository)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err == nil {
			err = db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
				if _, err := historyOf(ctx, tx, repository); err != nil { // for its lock
					return err
				}
				return moveWeeksOf(ctx, tx, repository)
			})
		}
		if err != nil {
			return err
		}
	}
}

// A weekRow is what an older program kept of one part in one week.
type weekRow struct {
	division debt.Division
	name     string
	weekValues
}

// moveWeeksOf moves the weeks of a repository, whose history is locked.
func moveWeeksOf(ctx context.Context, tx *sql.Tx, repository int64) error {
	rows, err := collect(ctx, tx, func(row scanner) (w weekRow, err error) {
		var week string
		var a Amounts
		err = row.Scan(&w.division, &week, &w.name, &a.Lines, &a.Principal, &a.Interest, &a.Payable, &a.Introduced, &a.Repaid, &a.Repriced)
		if err != nil {
			return w, err
		}
		monday, err := time.Parse(time.DateOnly, week)
		if err != nil {
			return w, err
		}
		w.week = weekNumber(monday)
		w.values, err = valuesOf(a)
		return w, err
	}, `SELECT division, week, name, lines, principal, interest, payable, introduced, repaid, repriced FROM weeks WHERE repository = $1 ORDER BY division, week`, repository)
	if err != nil || len(rows) == 0 {
		return err
	}
	for of := range chunksBy(rows, func(w weekRow) debt.Division { return w.division }) {
		newest, err := newestWeek(ctx, tx, of[0].division, repository)
		if err == nil && newest < 0 {
			err = layOut(ctx, tx, repository, of)
		} else if err == nil {
			err = addWeeks(ctx, tx, repository, newest, of)
		}
		if err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM weeks WHERE repository = $1`, repository)
	return err
}

// chunksBy cuts a list where a key changes.
func chunksBy[T any, K comparable](list []T, key func(T) K) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		for begin, i := 0, 1; i <= len(list); i++ {
			if i == len(list) || key(list[i]) != key(list[begin]) {
				if !yield(list[begin:i]) {
					return
				}
				begin = i
			}
		}
	}
}

// newestWeek is the last week that a division of a repository has in spans, -1: none.
func newestWeek(ctx context.Context, tx *sql.Tx, d debt.Division, repository int64) (int64, error) {
	var number sql.NullInt64
	err := tx.QueryRowContext(ctx, `SELECT MAX(span) FROM spans WHERE division = $1 AND repository = $2`, string(d), repository).Scan(&number)
	if err != nil || !number.Valid {
		return -1, err
	}
	s, err := readSpan(ctx, tx, d, repository, number.Int64)
	newest := int64(-1)
	for _, list := range s {
		newest = max(newest, list[len(list)-1].week)
	}
	return newest, err
}

// layOut writes the weeks of a division that has no spans.
func layOut(ctx context.Context, tx *sql.Tx, repository int64, rows []weekRow) error {
	for of := range chunksBy(rows, func(w weekRow) int64 { return w.week / spanWeeks }) {
		s := span{}
		for _, w := range of {
			s[w.name] = append(s[w.name], w.weekValues)
		}
		if err := writeSpan(ctx, tx, of[0].division, repository, of[0].week/spanWeeks, s); err != nil {
			return err
		}
	}
	return nil
}

// addWeeks adds weeks to the spans of a division. Whoever wrote them did not see
// those, so between them and the newest one may be weeks that nobody wrote.
func addWeeks(ctx context.Context, tx *sql.Tx, repository, newest int64, rows []weekRow) error {
	for of := range chunksBy(rows, func(w weekRow) int64 { return w.week }) {
		parts := map[string]values{}
		for _, w := range of {
			parts[w.name] = w.values
		}
		week := max(newest, of[0].week)
		if err := addTo(ctx, tx, of[0].division, repository, newest, week, parts); err != nil {
			return err
		}
		newest = week
	}
	return nil
}

// adviceCounted is the setting that says so of what an older program kept.
const adviceCounted = "advice counted"

// countAllAdvice counts the advice of an older program, once: from then on it is
// counted as it comes.
func countAllAdvice(ctx context.Context, tx *sql.Tx) error {
	// Who starts at the same time waits here, and then sees that it is done.
	var done string
	err := tx.QueryRowContext(ctx, `
		INSERT INTO settings (name, value) VALUES ($1, '') ON CONFLICT (name) DO UPDATE SET value = settings.value RETURNING value`, adviceCounted).Scan(&done)
	if err != nil || done != "" {
		return err
	}
	counts := map[int64]adviceCount{}
	_, err = collect(ctx, tx, func(row scanner) (_ struct{}, err error) {
		var repository int64
		var f followed
		if err := row.Scan(&repository, &f.rule, &f.state, when{&f.shown}); err != nil {
			return struct{}{}, err
		}
		if counts[repository] == nil {
			counts[repository] = adviceCount{}
		}
		counts[repository].add(f.shown, f.rule, f.state.counted())
		return struct{}{}, nil
	}, `SELECT repository, rule, state, shown_at FROM advice`)
	if err != nil {
		return err
	}
	for repository, c := range counts {
		if err := countAdvice(ctx, tx, repository, c); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `UPDATE settings SET value = 'yes' WHERE name = $1`, adviceCounted)
	return err
}
