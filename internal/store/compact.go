package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"
)

// How long the points of trends are kept. The weekly figures of the sums are kept for
// ever, and nothing of this is what a leaf of the ledger cites: that is analyses.
const (
	everyPoint  = 14 * 24 * time.Hour      // of each push; then the last of each week
	everyWeek   = 2 * 366 * 24 * time.Hour // then the last of each four weeks
	everyDetail = 54 * 7 * 24 * time.Hour  // what points were priced from
)

// CompactPoints thins out the points of a repository. What happened on the way to
// a point that goes is added to the one after it, so the row says the same. The
// first point stays, and so does the newest with its details.
func (db *DB) CompactPoints(ctx context.Context, repository int64, now time.Time) error {
	err := db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		list, err := collect(ctx, tx, scanPoint, selectPoints+` WHERE repository = $1 ORDER BY number`, repository)
		if err != nil {
			return err
		}
		for i := 1; i+1 < len(list); i++ {
			if superfluous(list[i], list[i+1:], now) {
				if err := absorb(ctx, tx, repository, list[i], &list[i+1]); err != nil {
					return err
				}
			}
		}
		_, err = tx.ExecContext(ctx, `
			DELETE FROM details WHERE repository = $1 AND number IN (SELECT number FROM points WHERE repository = $1 AND at < $2)
			AND number < (SELECT number FROM histories WHERE repository = $1)`, repository, stamp(now.Add(-everyDetail)))
		return err
	})
	if err != nil {
		return fmt.Errorf("thin out the points of repository %d: %w", repository, err)
	}
	return nil
}

// superfluous reports whether one of the points after p tells of its period.
func superfluous(p Point, after []Point, now time.Time) bool {
	age, period := now.Sub(p.At), 7*24*time.Hour
	switch {
	case age < everyPoint:
		return false
	case age >= everyWeek:
		period *= 4
	}
	// Periods are counted from a Monday, as those of a trend are.
	number := func(at time.Time) int64 { return int64(Week(at).Sub(Week(time.Unix(0, 0))) / period) }
	for _, q := range after {
		if number(q.At) != number(p.At) {
			return false
		}
		if q.Gap == "" || p.Gap != "" {
			return true
		}
	}
	return false
}

// absorb removes a point, of which the next one takes what led to it.
func absorb(ctx context.Context, tx *sql.Tx, repository int64, p Point, next *Point) error {
	from, err := detailsOf(ctx, tx, repository, p.Number)
	if err != nil {
		return err
	}
	to, err := detailsOf(ctx, tx, repository, next.Number)
	if err != nil {
		return err
	}
	before, after := p.Point, next.Point
	before.Moves, before.Merged, after.Moves, after.Merged = from.Moves, from.Merged, to.Moves, to.Merged
	after = after.Absorb(before)
	to.Moves, to.Merged = after.Moves, after.Merged
	after.Moves, after.Merged = nil, nil
	next.Point = after
	text, err := json.Marshal(after)
	if err != nil {
		return err // unreachable: both were stored
	}
	content, err := packJSON(to)
	if err != nil {
		return err // unreachable: both were stored
	}
	for _, statement := range []struct {
		query string
		args  []any
	}{
		{`UPDATE points SET point = $3 WHERE repository = $1 AND number = $2`, []any{repository, next.Number, string(text)}},
		{`UPDATE details SET content = $3 WHERE repository = $1 AND number = $2`, []any{repository, next.Number, content}},
		{`DELETE FROM points WHERE repository = $1 AND number = $2`, []any{repository, p.Number}},
		{`DELETE FROM details WHERE repository = $1 AND number = $2`, []any{repository, p.Number}},
	} {
		if _, err := tx.ExecContext(ctx, statement.query, statement.args...); err != nil {
			return err
		}
	}
	return nil
}

// detailsOf reads details, which may be gone.
func detailsOf(ctx context.Context, tx *sql.Tx, repository, number int64) (d Details, err error) {
	var packed []byte
	err = tx.QueryRowContext(ctx, `SELECT content FROM details WHERE repository = $1 AND number = $2`, repository, number).Scan(&packed)
	if err = found(err); err == ErrNotFound {
		return d, nil
	}
	if err == nil {
		err = unpackJSON(packed, &d)
	}
	return d, err
}
