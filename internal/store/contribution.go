package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
)

// A Contribution is what one team did in the code of another.
type Contribution struct {
	From    string // of the authors; empty: the policy knows no team of theirs
	Home    string // owner of the code
	Changes int    // merged pull requests
	Files   int    // that they changed there, each as often as it was changed
	Minutes float64
}

// saveContributions keeps the away work of a merged pull request. What is there
// stays: who worked for whom does not change after the merge.
func saveContributions(ctx context.Context, tx *sql.Tx, record signoff.Record, now time.Time) error {
	at, merged := record.MergedAt()
	if !merged {
		return nil
	}
	if at.IsZero() {
		at = now
	}
	for _, a := range record.Away {
		from := a.From
		if len(from) == 0 {
			from = []string{""}
		}
		for _, team := range from {
			_, err := tx.ExecContext(ctx, `
				INSERT INTO contributions (subject, author_team, home, repository, at, files, minutes) VALUES ($1, $2, $3, $4, $5, $6, $7)
				ON CONFLICT (subject, author_team, home) DO NOTHING`,
				record.Subject.Key(), team, a.Home, record.Subject.Repository, stamp(at), a.Files, a.Minutes)
			if err != nil {
				return fmt.Errorf("store what %q did for %q: %w", team, a.Home, err)
			}
		}
	}
	return nil
}

// Contributions sums what teams did in the code of others, by the pair: from ≤ the
// merge < to, in the repositories (nil: all; empty and not nil: none), of the pairs
// with a team (empty: all), the one with the most changes first.
func (db *DB) Contributions(ctx context.Context, from, to time.Time, team string, repositories []int64) ([]Contribution, error) {
	w := where{}
	if team != "" {
		w.and("(author_team = ? OR home = ?)", team, team)
	}
	w.and("at >= ?", stamp(from))
	w.and("at < ?", stamp(to))
	w.in("repository", repositories)
	query, args := w.query(`SELECT author_team, home, COUNT(*), SUM(files), SUM(minutes) FROM contributions`,
		`GROUP BY author_team, home ORDER BY COUNT(*) DESC, author_team, home`, mostPairs)
	list, err := collect(ctx, db.read, func(row scanner) (c Contribution, err error) {
		err = row.Scan(&c.From, &c.Home, &c.Changes, &c.Files, &c.Minutes)
		return c, err
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("sum the contributions: %w", err)
	}
	return list, nil
}

// mostPairs bounds the pairs of teams of one answer.
const mostPairs = 10_000
