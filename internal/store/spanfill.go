package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
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
// with the next one. Nothing else writes the table weeks any more.
func (db *DB) moveWeeks(ctx context.Context) error {
	for {
		var repository int64
		err := db.write.QueryRowContext(ctx, `SELECT repository FROM weeks LIMIT 1`).Scan(&repository)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err == nil {
			err = db.update(ctx, func(ctx context.Context, tx *sql.Tx) error { return moveWeeksOf(ctx, tx, repository) })
		}
		if err != nil {
			return err
		}
	}
}

func moveWeeksOf(ctx context.Context, tx *sql.Tx, repository int64) error {
	if _, err := historyOf(ctx, tx, repository); err != nil { // for its lock
		return err
	}
	type place struct {
		division debt.Division
		span     int64
	}
	spans := map[place]span{}
	_, err := collect(ctx, tx, func(row scanner) (_ struct{}, err error) {
		var at place
		var week, name string
		var a Amounts
		err = row.Scan(&at.division, &week, &name, &a.Lines, &a.Principal, &a.Interest, &a.Payable, &a.Introduced, &a.Repaid, &a.Repriced)
		if err != nil {
			return struct{}{}, err
		}
		monday, err := time.Parse(time.DateOnly, week)
		if err != nil {
			return struct{}{}, err
		}
		w := weekValues{week: weekNumber(monday)}
		if w.values, err = valuesOf(a); err != nil {
			return struct{}{}, err
		}
		at.span = w.week / spanWeeks
		if spans[at] == nil {
			spans[at] = span{}
		}
		spans[at][name] = append(spans[at][name], w)
		return struct{}{}, nil
	}, `SELECT division, week, name, lines, principal, interest, payable, introduced, repaid, repriced FROM weeks WHERE repository = $1 ORDER BY week`, repository)
	if err != nil {
		return err
	}
	for at, s := range spans {
		if err := writeSpan(ctx, tx, at.division, repository, at.span, s); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM weeks WHERE repository = $1`, repository)
	return err
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
