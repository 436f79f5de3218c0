package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
)

// A Listed finding is one that a pull request is shown.
type Listed struct{ Fingerprint, Rule string }

// AdviceState is what became of a finding that was shown.
type AdviceState string

const (
	AdviceShown     AdviceState = "shown"     // it is still there
	AdviceActed     AdviceState = "acted"     // it was gone before the pull request was closed
	AdviceDismissed AdviceState = "dismissed" // who may sign agreed that it is wrong
)

// mostAdvice bounds the findings of one pull request that are followed.
const mostAdvice = 200

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

// saveAdvice notes what became of the findings of an open pull request. listed are
// those that it is shown now.
func saveAdvice(ctx context.Context, tx *sql.Tx, s signoff.Subject, r signoff.Record, listed []Listed, now time.Time) error {
	known := map[string]AdviceState{}
	_, err := collect(ctx, tx, func(row scanner) (_ struct{}, err error) {
		var print, state string
		err = row.Scan(&print, &state)
		known[print] = AdviceState(state)
		return struct{}{}, err
	}, `SELECT fingerprint, state FROM advice WHERE subject = $1`, s.Key())
	if err != nil {
		return fmt.Errorf("store advice: %w", err)
	}
	states := map[string]AdviceState{}
	for print := range known {
		states[print] = AdviceActed
	}
	rules := map[string]string{}
	for _, l := range listed {
		if states[l.Fingerprint] == "" && len(states) >= mostAdvice {
			continue
		}
		states[l.Fingerprint], rules[l.Fingerprint] = AdviceShown, l.Rule
	}
	for _, d := range r.Dismissals {
		if d.Granted != nil && states[d.Fingerprint] != "" {
			states[d.Fingerprint] = AdviceDismissed
		}
	}
	for print, state := range states {
		switch known[print] {
		case state:
			continue
		case "":
			_, err = tx.ExecContext(ctx, `INSERT INTO advice (subject, fingerprint, repository, rule, shown_at, state) VALUES ($1, $2, $3, $4, $5, $6)`,
				s.Key(), print, s.Repository, rules[print], stamp(now), string(state))
		default:
			_, err = tx.ExecContext(ctx, `UPDATE advice SET state = $3 WHERE subject = $1 AND fingerprint = $2`, s.Key(), print, string(state))
		}
		if err != nil {
			return fmt.Errorf("store advice: %w", err)
		}
	}
	return nil
}

// FigureFilter selects what figures are of.
type FigureFilter struct {
	Repositories []int64   // nil: all; empty and not nil: none
	From, To     time.Time // from ≤ at < to; both are needed
}

func (f FigureFilter) condition(at string) where {
	w := where{}
	w.and(at+" >= ?", stamp(f.From))
	w.and(at+" < ?", stamp(f.To))
	w.in("repository", f.Repositories)
	return w
}

// LeadTimes returns how long the sign-offs of a time took, in the order in which
// they were given: from the first request of a requirement, or from when there was
// nobody to ask, until it was met first.
func (db *DB) LeadTimes(ctx context.Context, f FigureFilter) ([]time.Duration, error) {
	w := f.condition("signed_at")
	list, err := collect(ctx, db.read, func(row scanner) (time.Duration, error) {
		var asked, signed time.Time
		err := row.Scan(when{&asked}, when{&signed})
		return max(0, signed.Sub(asked)), err
	}, `SELECT asked_at, signed_at FROM signoffs`+w.text()+` ORDER BY signed_at, subject, domain`, w.args...)
	if err != nil {
		return nil, fmt.Errorf("read lead times: %w", err)
	}
	return list, nil
}

// A RuleAdvice is what became of the findings of one rule.
type RuleAdvice struct {
	Rule                    string
	Shown, Acted, Dismissed int // Shown counts all
}

// Advice returns what became of the findings that pull requests were shown first
// in a time, by rule. A finding that moved to another symbol counts as acted on,
// and as another one.
func (db *DB) Advice(ctx context.Context, f FigureFilter) ([]RuleAdvice, error) {
	w := f.condition("shown_at")
	list, err := collect(ctx, db.read, func(row scanner) (a RuleAdvice, err error) {
		return a, row.Scan(&a.Rule, &a.Shown, &a.Acted, &a.Dismissed)
	}, `SELECT rule, COUNT(*), SUM(CASE WHEN state = 'acted' THEN 1 ELSE 0 END), SUM(CASE WHEN state = 'dismissed' THEN 1 ELSE 0 END)
		FROM advice`+w.text()+` GROUP BY rule ORDER BY rule`, w.args...)
	if err != nil {
		return nil, fmt.Errorf("read what became of advice: %w", err)
	}
	return list, nil
}
