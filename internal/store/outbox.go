package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
)

// A Pending effect is one to perform.
type Pending struct {
	Effect signoff.Effect
	Key    string
	Wanted int64 // to be given to Performed, Hold and Failed
	// Until is before when it is not to be performed; zero: at once.
	Until time.Time
	// Tries is how often it failed, and Since when it failed first; zero: it did
	// not, and where it has Until, it is held back.
	Tries int
	Since time.Time
}

// Pending returns what is to be performed in a lane, in order. Dead letters are
// not in it.
func (db *DB) Pending(ctx context.Context, lane string) ([]Pending, error) {
	pending, err := collect(ctx, db.read, func(row scanner) (p Pending, err error) {
		var text string
		if err := row.Scan(&p.Key, &text, &p.Wanted, &p.Tries, when{&p.Until}, when{&p.Since}); err != nil {
			return p, err
		}
		err = json.Unmarshal([]byte(text), &p.Effect)
		return p, err
	}, `SELECT effect_key, effect, wanted, tries, wait_until, failing_since FROM effects
		WHERE lane = $1 AND wanted > done AND dead_at IS NULL ORDER BY seq`, lane)
	if err != nil {
		return nil, fmt.Errorf("list effects of %s: %w", lane, err)
	}
	return pending, nil
}

// Performed notes that an effect was performed as far as p wanted it.
func (db *DB) Performed(ctx context.Context, p Pending) error {
	return db.note(ctx, p, `
		UPDATE effects SET done = $2, changed_at = $3, tries = 0, wait_until = NULL, failing_since = NULL, problem = ''
		WHERE effect_key = $1 AND done < $2`, stamp(time.Now()))
}

// Hold has an effect wait until a time, though nothing is wrong with it.
func (db *DB) Hold(ctx context.Context, p Pending, until time.Time) error {
	return db.note(ctx, p, `
		UPDATE effects SET wait_until = $3, tries = 0, failing_since = NULL, problem = '' WHERE effect_key = $1 AND wanted = $2`, stamp(until))
}

// A Failure is what came of performing an effect.
type Failure struct {
	At, Until time.Time
	Problem   string // for operators, without secrets
	Dead      bool   // it is given up
}

// Failed notes that an effect could not be performed. One that was raised
// meanwhile is another, which has not failed.
func (db *DB) Failed(ctx context.Context, p Pending, f Failure) error {
	var dead sql.NullString
	if f.Dead {
		dead = stampOrNull(f.At)
	}
	return db.note(ctx, p, `
		UPDATE effects SET tries = tries + 1, wait_until = $3, failing_since = COALESCE(failing_since, $4), problem = $5, dead_at = $6
		WHERE effect_key = $1 AND wanted = $2`, stamp(f.Until), stamp(f.At), f.Problem, dead)
}

// note updates the row of a pending effect; $1 and $2 are its key and what it
// wanted.
func (db *DB) note(ctx context.Context, p Pending, query string, args ...any) error {
	err := db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, query, append([]any{p.Key, p.Wanted}, args...)...)
		return err
	})
	if err != nil {
		return fmt.Errorf("note what became of %s: %w", p.Key, err)
	}
	return nil
}

// Unperformed returns the lanes with effects that have been waiting since before
// a time: those that are held back or failed, since the time until which they
// were to wait.
func (db *DB) Unperformed(ctx context.Context, before time.Time, limit int) ([]string, error) {
	lanes, err := collect(ctx, db.read, text, `
		SELECT lane FROM effects WHERE wanted > done AND dead_at IS NULL
		GROUP BY lane HAVING MIN(COALESCE(wait_until, changed_at)) < $1
		ORDER BY MIN(COALESCE(wait_until, changed_at)), lane LIMIT $2`, stamp(before), limit)
	if err != nil {
		return nil, fmt.Errorf("list lanes: %w", err)
	}
	return lanes, nil
}

// RequeueLanes inserts a job for each of the lanes, whether it has one or not.
// See Requeue.
func (db *DB) RequeueLanes(ctx context.Context, jobs Jobs, lanes ...string) error {
	err := db.update(ctx, func(ctx context.Context, tx *sql.Tx) error { return jobs.Perform(ctx, tx, lanes) })
	if err != nil {
		return fmt.Errorf("requeue %d lanes: %w", len(lanes), err)
	}
	return nil
}

// A Letter is an effect that fails. A dead one is not tried any more.
type Letter struct {
	Key     string
	Effect  signoff.Effect
	Tries   int
	Since   time.Time // when it failed first
	Until   time.Time // when it is tried again, if it is
	Dead    time.Time // when it was given up; zero: it is still tried
	Problem string    // the last one
}

// Letters returns effects that fail, dead ones first, the oldest of each first.
func (db *DB) Letters(ctx context.Context, limit int) ([]Letter, error) {
	letters, err := collect(ctx, db.read, func(row scanner) (l Letter, err error) {
		var text string
		if err := row.Scan(&l.Key, &text, &l.Tries, when{&l.Since}, when{&l.Until}, when{&l.Dead}, &l.Problem); err != nil {
			return l, err
		}
		err = json.Unmarshal([]byte(text), &l.Effect)
		return l, err
	}, `SELECT effect_key, effect, tries, failing_since, wait_until, dead_at, problem FROM effects
		WHERE failing_since IS NOT NULL AND wanted > done
		ORDER BY CASE WHEN dead_at IS NULL THEN 1 ELSE 0 END, failing_since, effect_key LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("list what fails: %w", err)
	}
	return letters, nil
}

// Resend has an effect that fails tried again at once, as if for the first time.
// It is ErrNotFound where it does not fail any more.
func (db *DB) Resend(ctx context.Context, jobs Jobs, key string) error {
	err := db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		var lane string
		err := tx.QueryRowContext(ctx, `
			UPDATE effects SET tries = 0, wait_until = NULL, failing_since = NULL, dead_at = NULL, problem = ''
			WHERE effect_key = $1 AND failing_since IS NOT NULL AND wanted > done RETURNING lane`, key).Scan(&lane)
		if err != nil {
			return found(err)
		}
		return jobs.Perform(ctx, tx, []string{lane})
	})
	if err != nil {
		return fmt.Errorf("resend %s: %w", key, err)
	}
	return nil
}
