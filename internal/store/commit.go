package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/signoff"
)

// A Change is what came of a look at a subject.
type Change struct {
	Subject signoff.Subject
	Version int64 // that was loaded
	Done    int64 // Row.Wanted, as it was loaded
	Open    bool
	Next    time.Time // when to look though nothing happens; zero: never
	// Record makes the record to be stored. It may append to the ledger, and so
	// the record may hold the indexes of its entries. It runs inside of the
	// transaction, and again where that is repeated: it calls nobody and changes
	// nothing of its caller's that a second run would not set again.
	Record  func(*Tail) (signoff.Record, error)
	Effects []signoff.Effect // in the order in which they are to be told
	// Listed are the findings that an open pull request is shown; nil: it is not
	// known, so nothing is concluded from it.
	Listed []Listed
	// Parts are the teams and goals that the subject is of, each once; nil: it is not
	// known, so what was stored stays.
	Parts []debt.Part
	// View is what the record was decided on, for DB.View; nil: as it was.
	View []byte
}

// Commit stores a change with its ledger entries, effects and jobs, all or none.
// It returns ErrConflict where the version is not the stored one any more. Again
// says that the subject was raised meanwhile: whoever runs the job has to look
// again, since raising made no other.
func (db *DB) Commit(ctx context.Context, jobs Jobs, c Change) (again bool, err error) {
	var view []byte
	if c.View != nil {
		if view, err = pack(c.View); err != nil {
			return false, fmt.Errorf("commit %s: %w", c.Subject.Key(), err)
		}
	}
	err = db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if again, err = commit(ctx, tx, db.engine, jobs, c); err != nil || view == nil {
			return err
		}
		return putView(ctx, tx, c.Subject.Key(), view)
	})
	if err != nil {
		return false, fmt.Errorf("commit %s: %w", c.Subject.Key(), err)
	}
	return again, nil
}

func commit(ctx context.Context, tx *sql.Tx, engine Engine, jobs Jobs, c Change) (again bool, err error) {
	key, now := c.Subject.Key(), time.Now()
	var wanted int64
	// This locks the row: nothing raises the subject until we are through.
	err = tx.QueryRowContext(ctx, `UPDATE subjects SET version = version + 1 WHERE subject = $1 AND version = $2 RETURNING wanted`,
		key, c.Version).Scan(&wanted)
	if errors.Is(err, sql.ErrNoRows) {
		return false, ErrConflict
	}
	if err != nil {
		return false, err
	}
	if c.Done > wanted {
		return false, fmt.Errorf("done is %d, wanted %d", c.Done, wanted)
	}
	record, err := c.Record(&Tail{ctx: ctx, tx: tx, engine: engine, subject: key, at: now})
	if err != nil {
		return false, err
	}
	text, err := json.Marshal(record)
	if err != nil {
		return false, err
	}
	var done int64
	err = tx.QueryRowContext(ctx, `
		UPDATE subjects SET done = CASE WHEN done > $2 THEN done ELSE $2 END,
			head = $3, state = $4, mode = $5, is_open = $6, next_at = $7, record = $8, updated_at = $9
		WHERE subject = $1 RETURNING done`,
		key, c.Done, record.Head, string(record.State), string(record.Mode), c.Open, stampOrNull(c.Next), string(text), stamp(now)).Scan(&done)
	if err != nil {
		return false, err
	}
	if record.Analysis != "" {
		if err := cite(ctx, tx, record.Analysis, key, noLeaf); err != nil {
			return false, err
		}
	}
	if err := saveOverrides(ctx, tx, c.Subject, record.Overrides); err != nil {
		return false, err
	}
	if err := saveContributions(ctx, tx, record, now); err != nil {
		return false, err
	}
	if err := saveSignOffs(ctx, tx, c.Subject, record); err != nil {
		return false, err
	}
	if c.Open && c.Listed != nil {
		if err := saveAdvice(ctx, tx, c.Subject, record, c.Listed, now); err != nil {
			return false, err
		}
	}
	if err := saveMerge(ctx, tx, record); err != nil {
		return false, err
	}
	if c.Parts != nil {
		if err := saveBelongings(ctx, tx, key, c.Parts); err != nil {
			return false, err
		}
	}
	lanes, err := enqueue(ctx, tx, c.Effects, c.Version+1, now)
	if err != nil {
		return false, err
	}
	if len(lanes) > 0 {
		if err := jobs.Perform(ctx, tx, lanes); err != nil {
			return false, err
		}
	}
	return wanted > done, nil
}
