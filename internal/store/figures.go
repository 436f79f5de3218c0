package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/signoff"
)

// saveSignOffs notes when each requirement was asked for first, which the record
// forgets, and when it was met first.
func saveSignOffs(ctx context.Context, tx *sql.Tx, s signoff.Subject, r signoff.Record) error {
	for _, standing := range r.Requirements {
		query, at := `UPDATE signoffs SET signed_at = $4 WHERE subject = $1 AND domain = $2 AND repository = $3 AND signed_at IS NULL`, time.Time{}
		for _, i := range standing.SignedBy { // the last of those that it took
			if i < len(r.Verdicts) && r.Verdicts[i].At.After(at) {
				at = r.Verdicts[i].At
			}
		}
		if at.IsZero() {
			at = standing.First
			query = `INSERT INTO signoffs (subject, domain, repository, asked_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`
		}
		if at.IsZero() {
			continue
		}
		if _, err := tx.ExecContext(ctx, query, s.Key(), string(standing.Domain), s.Repository, stamp(at)); err != nil {
			return fmt.Errorf("store sign-off: %w", err)
		}
	}
	return nil
}

// FigureFilter selects what figures are of.
type FigureFilter struct {
	Repositories []int64   // nil: all; empty and not nil: none
	From, To     time.Time // from ≤ at < to; both are needed
	Part         debt.Part // a team or a goal that the subject is of; zero: all
}

// LeadTimes returns how long the sign-offs of a time took, in the order in which
// they were given: from the first request of a requirement, or from when there was
// nobody to ask, until it was met first.
func (db *DB) LeadTimes(ctx context.Context, f FigureFilter) ([]time.Duration, error) {
	w := where{}
	w.and("signed_at >= ?", stamp(f.From))
	w.and("signed_at < ?", stamp(f.To))
	w.belongs(f.Part)
	picked := w.among("repository", f.Repositories)
	var list []time.Duration
	_, err := collect(ctx, db.read, func(row scanner) (_ struct{}, err error) {
		var repository int64
		var asked, signed time.Time
		if err = row.Scan(&repository, when{&asked}, when{&signed}); err == nil && picked(repository) {
			list = append(list, max(0, signed.Sub(asked)))
		}
		return struct{}{}, err
	}, `SELECT repository, asked_at, signed_at FROM signoffs`+w.text()+` ORDER BY signed_at, subject, domain`, w.args...)
	if err != nil {
		return nil, fmt.Errorf("read lead times: %w", err)
	}
	return list, nil
}
