package store

import (
	"context"
	"fmt"
	"time"
)

// Retention is how long is kept what has no reason to be kept for ever. Facts,
// records, overrides and the ledger have one, and so has an analysis that a leaf
// of the ledger cites, or a subject that is open.
type Retention struct {
	Bodies     time.Duration // of deliveries, for replay
	BodyBytes  int64         // of all bodies, compressed; the oldest go first
	Deliveries time.Duration // GUIDs: longer than GitHub redelivers, which is 3 days
	Effects    time.Duration // that are done
	Analyses   time.Duration // that nobody cites
}

// DefaultRetention is Retention where nothing else was said.
var DefaultRetention = Retention{
	Bodies:     3 * 24 * time.Hour,
	BodyBytes:  2 << 30,
	Deliveries: 30 * 24 * time.Hour,
	Effects:    30 * 24 * time.Hour,
	Analyses:   14 * 24 * time.Hour,
}

// pruneStep is how many rows one transaction removes. Others want to write too.
const pruneStep = 500

// Prune removes what is older than its retention, sessions that have ended
// and links that have expired, and returns how many rows.
func (db *DB) Prune(ctx context.Context, now time.Time, r Retention) (removed int64, err error) {
	before := func(d time.Duration) string { return stamp(now.Add(-d)) }
	for _, step := range []struct {
		what, query string
		args        []any
	}{
		{"bodies", `DELETE FROM bodies WHERE guid IN (SELECT guid FROM bodies WHERE received_at < $1 ORDER BY received_at LIMIT $2)`,
			[]any{before(r.Bodies), pruneStep}},
		{"bodies over the limit", `DELETE FROM bodies WHERE guid IN (SELECT guid FROM bodies WHERE (SELECT COALESCE(SUM(size), 0) FROM bodies) > $1 ORDER BY received_at LIMIT $2)`,
			[]any{r.BodyBytes, pruneStep}},
		{"deliveries", `DELETE FROM deliveries WHERE guid IN (SELECT guid FROM deliveries WHERE received_at < $1 ORDER BY received_at LIMIT $2)`,
			[]any{before(r.Deliveries), pruneStep}},
		{"effects", `DELETE FROM effects WHERE effect_key IN (SELECT effect_key FROM effects WHERE wanted = done AND changed_at < $1 LIMIT $2)`,
			[]any{before(r.Effects), pruneStep}},
		{"analyses", `
			DELETE FROM analyses WHERE id IN (
				SELECT a.id FROM analyses a WHERE a.created_at < $1 AND NOT EXISTS (
					SELECT 1 FROM citations c LEFT JOIN subjects s ON s.subject = c.subject
					WHERE c.analysis = a.id AND (c.leaf >= 0 OR s.is_open))
				LIMIT $2)`,
			[]any{before(r.Analyses), pruneStep}},
		{"citations", `
			DELETE FROM citations WHERE leaf < 0 AND subject IN (SELECT subject FROM subjects WHERE NOT is_open AND updated_at < $1)`,
			[]any{before(r.Analyses)}},
		{"sessions", `DELETE FROM sessions WHERE expires_at < $1`,
			[]any{stamp(now)}},
		{"links", `DELETE FROM slack_links WHERE expires_at < $1`,
			[]any{stamp(now)}},
	} {
		n, err := db.removeAll(ctx, step.query, step.args...)
		removed += n
		if err != nil {
			return removed, fmt.Errorf("prune %s: %w", step.what, err)
		}
	}
	return removed, nil
}

// removeAll runs a statement until it removes nothing more.
func (db *DB) removeAll(ctx context.Context, query string, args ...any) (removed int64, err error) {
	for {
		result, err := db.write.ExecContext(ctx, query, args...)
		if err != nil {
			return removed, err
		}
		n, err := result.RowsAffected()
		if err != nil || n == 0 {
			return removed, err
		}
		removed += n
	}
}
