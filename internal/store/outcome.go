package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
)

// saveMerge has a merged change followed, until it was decided what became of it.
// How it went in may be found out late.
func saveMerge(ctx context.Context, tx *sql.Tx, record signoff.Record) error {
	m := record.Merge
	if m == nil {
		if _, merged := record.MergedAt(); !merged {
			return nil
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM outcomes WHERE subject = $1 AND decided_at IS NULL`, record.Subject.Key())
		return err
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO outcomes (subject, repository, class, merged_at, due_at, result, aftermath) VALUES ($1, $2, $3, $4, $5, '', '')
		ON CONFLICT (subject) DO UPDATE SET class = EXCLUDED.class, merged_at = EXCLUDED.merged_at, due_at = EXCLUDED.due_at
		WHERE outcomes.decided_at IS NULL`,
		record.Subject.Key(), record.Subject.Repository, string(m.Class), stamp(m.At), stamp(m.Due))
	if err != nil {
		return fmt.Errorf("follow the merge: %w", err)
	}
	return nil
}

// DueOutcomes returns the pull requests of which it is time to ask what became of
// them, those that wait the longest first.
func (db *DB) DueOutcomes(ctx context.Context, now time.Time, limit int) ([]signoff.Subject, error) {
	subjects, err := collect(ctx, db.read, scanKey, `
		SELECT subject FROM outcomes WHERE decided_at IS NULL AND due_at <= $1 ORDER BY due_at LIMIT $2`, stamp(now), limit)
	if err != nil {
		return nil, fmt.Errorf("list due outcomes: %w", err)
	}
	return subjects, nil
}

// PutAftermath keeps what became of a change, and calls for a look at it. What was
// decided stays.
func (db *DB) PutAftermath(ctx context.Context, jobs Jobs, s signoff.Subject, a signoff.Aftermath, at time.Time) error {
	text, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("keep what became of %s: %w", s.Key(), err)
	}
	err = db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE outcomes SET result = $2, aftermath = $3, decided_at = $4 WHERE subject = $1 AND decided_at IS NULL`,
			s.Key(), string(a.Result), string(text), stamp(at))
		if err != nil {
			return err
		}
		return raiseAll(ctx, tx, jobs, []Raised{{Subject: s}}, at)
	})
	if err != nil {
		return fmt.Errorf("keep what became of %s: %w", s.Key(), err)
	}
	return nil
}

// Aftermath is what became of a change, or ErrNotFound where that was not asked
// yet, or never is.
func (db *DB) Aftermath(ctx context.Context, s signoff.Subject) (a signoff.Aftermath, err error) {
	var content string
	err = db.read.QueryRowContext(ctx, `SELECT aftermath FROM outcomes WHERE subject = $1 AND decided_at IS NOT NULL`, s.Key()).Scan(&content)
	if err != nil {
		return a, fmt.Errorf("read what became of %s: %w", s.Key(), found(err))
	}
	if err := json.Unmarshal([]byte(content), &a); err != nil {
		return a, fmt.Errorf("stored outcome of %s: %w", s.Key(), err)
	}
	return a, nil
}

// Outcomes counts what became of the changes that were merged in a time, by how they
// went in. There is always a rate of each class, that of the overridden ones first.
func (db *DB) Outcomes(ctx context.Context, f FigureFilter) ([]signoff.Rate, error) {
	w := where{}
	w.and("merged_at >= ?", stamp(f.From))
	w.and("merged_at < ?", stamp(f.To))
	w.belongs(f.Part)
	picked := w.among("repository", f.Repositories)
	rates := []signoff.Rate{{Class: signoff.ClassOverridden}, {Class: signoff.ClassSignedOff}}
	type row struct {
		repository int64
		class      signoff.MergeClass
		result     signoff.Result
		n          int
	}
	rows, err := collect(ctx, db.read, func(s scanner) (r row, err error) {
		err = s.Scan(&r.repository, &r.class, &r.result, &r.n)
		return r, err
	}, `SELECT repository, class, result, COUNT(*) FROM outcomes`+w.text()+` GROUP BY repository, class, result`, w.args...)
	if err != nil {
		return nil, fmt.Errorf("count outcomes: %w", err)
	}
	for _, r := range rows {
		for i := range rates {
			if rates[i].Class != r.class || !picked(r.repository) {
				continue
			}
			switch r.result {
			case signoff.Stood:
				rates[i].Of += r.n
			case signoff.Reverted:
				rates[i].Of, rates[i].Reverted = rates[i].Of+r.n, rates[i].Reverted+r.n
			case signoff.Mended:
				rates[i].Of, rates[i].Mended = rates[i].Of+r.n, rates[i].Mended+r.n
			case signoff.Untold:
				rates[i].Untold += r.n
			default:
				rates[i].Waiting += r.n
			}
		}
	}
	return rates, nil
}
