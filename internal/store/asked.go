package store

import (
	"context"
	"fmt"
	"time"
)

// Asked and Refused are the hashes of a PostedReviewer: somebody was asked for a
// review, or the host would not ask.
const (
	Asked   = "asked"
	Refused = "refused"
)

// AskedSince counts how often each login was asked for a review since a time. The
// name of a PostedReviewer is the login in lower case.
func (db *DB) AskedSince(ctx context.Context, since time.Time) (map[string]int, error) {
	counts := map[string]int{}
	rows, err := db.read.QueryContext(ctx, `SELECT name, COUNT(*) FROM posted WHERE kind = $1 AND hash = $2 AND at >= $3 GROUP BY name`,
		string(PostedReviewer), Asked, stamp(since))
	if err != nil {
		return nil, fmt.Errorf("count who was asked: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var login string
		var n int
		if err := rows.Scan(&login, &n); err != nil {
			return nil, fmt.Errorf("count who was asked: %w", err)
		}
		counts[login] = n
	}
	return counts, rows.Err()
}
