package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
)

// A Landing is what is followed after it came onto a branch.
type Landing struct {
	Subject signoff.Subject
	// Override is the id of that of a push past all pull requests, where Subject is
	// the branch; empty: Subject is the pull request.
	Override string
}

// saveMerge has a merged change, or the pushes to a branch, followed until it was
// decided what became of them. How a change went in may be found out late.
func saveMerge(ctx context.Context, tx *sql.Tx, record signoff.Record) error {
	for _, o := range record.Overrides {
		if o.Landed == nil {
			continue
		}
		if err := follow(ctx, tx, Landing{record.Subject, o.ID}, *o.Landed); err != nil {
			return err
		}
	}
	if m := record.Merge; m != nil {
		return follow(ctx, tx, Landing{Subject: record.Subject}, *m)
	}
	if _, merged := record.MergedAt(); !merged {
		return nil
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM outcomes WHERE subject = $1 AND override_id = '' AND decided_at IS NULL`, record.Subject.Key())
	return err
}

func follow(ctx context.Context, tx *sql.Tx, l Landing, m signoff.Merge) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO outcomes (subject, override_id, repository, class, merged_at, due_at, result, aftermath) VALUES ($1, $2, $3, $4, $5, $6, '', '')
		ON CONFLICT (subject, override_id) DO UPDATE SET class = EXCLUDED.class, merged_at = EXCLUDED.merged_at, due_at = EXCLUDED.due_at
		WHERE outcomes.decided_at IS NULL`,
		l.Subject.Key(), l.Override, l.Subject.Repository, string(m.Class), stamp(m.At), stamp(m.Due))
	if err != nil {
		return fmt.Errorf("follow the merge: %w", err)
	}
	return nil
}

// DueOutcomes returns the changes of which it is time to ask what became of them,
// those that wait the longest first.
func (db *DB) DueOutcomes(ctx context.Context, now time.Time, limit int) ([]Landing, error) {
	due, err := collect(ctx, db.read, func(s scanner) (l Landing, err error) {
		var key string
		if err := s.Scan(&key, &l.Override); err != nil {
			return l, err
		}
		l.Subject, err = signoff.ParseSubject(key)
		return l, err
	}, `SELECT subject, override_id FROM outcomes WHERE decided_at IS NULL AND due_at <= $1 ORDER BY due_at LIMIT $2`, stamp(now), limit)
	if err != nil {
		return nil, fmt.Errorf("list due outcomes: %w", err)
	}
	return due, nil
}

// PutAftermath keeps what became of a change, and calls for a look at its pull
// request. What was decided stays.
func (db *DB) PutAftermath(ctx context.Context, jobs Jobs, l Landing, a signoff.Aftermath, at time.Time) error {
	text, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("keep what became of %s: %w", l.Subject.Key(), err)
	}
	err = db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE outcomes SET result = $3, aftermath = $4, decided_at = $5 WHERE subject = $1 AND override_id = $2 AND decided_at IS NULL`,
			l.Subject.Key(), l.Override, string(a.Result), string(text), stamp(at))
		if err != nil || l.Override != "" {
			return err
		}
		return raiseAll(ctx, tx, jobs, []Raised{{Subject: l.Subject}}, at)
	})
	if err != nil {
		return fmt.Errorf("keep what became of %s: %w", l.Subject.Key(), err)
	}
	return nil
}

// Aftermath is what became of a change, or ErrNotFound where that was not asked
// yet, or never is.
func (db *DB) Aftermath(ctx context.Context, l Landing) (a signoff.Aftermath, err error) {
	var content string
	err = db.read.QueryRowContext(ctx, `SELECT aftermath FROM outcomes WHERE subject = $1 AND override_id = $2 AND decided_at IS NOT NULL`,
		l.Subject.Key(), l.Override).Scan(&content)
	if err != nil {
		return a, fmt.Errorf("read what became of %s: %w", l.Subject.Key(), found(err))
	}
	if err := json.Unmarshal([]byte(content), &a); err != nil {
		return a, fmt.Errorf("stored outcome of %s: %w", l.Subject.Key(), err)
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
