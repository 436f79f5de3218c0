package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
)

// A Doubt says that something posted may not be what we wrote any more. What is in
// doubt is put once more, also where nothing of ours has changed.
type Doubt struct {
	Kind        PostedKind
	Scope, Name string
	Put         signoff.Effect // a Put
}

// Doubt notes doubts of which no delivery came. Where nothing was posted there is
// nothing to doubt.
func (db *DB) Doubt(ctx context.Context, jobs Jobs, at time.Time, doubts ...Doubt) error {
	err := db.update(ctx, func(ctx context.Context, tx *sql.Tx) error { return doubt(ctx, tx, jobs, doubts, at) })
	if err != nil {
		return fmt.Errorf("doubt what was posted: %w", err)
	}
	return nil
}

// doubt forgets what is shown, so that it is written whatever it was, and has the
// effect performed once more.
func doubt(ctx context.Context, tx *sql.Tx, jobs Jobs, doubts []Doubt, at time.Time) error {
	var lanes []string
	for _, d := range doubts {
		result, err := tx.ExecContext(ctx, `UPDATE posted SET hash = '' WHERE kind = $1 AND scope = $2 AND name = $3`, string(d.Kind), d.Scope, d.Name)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		text, err := json.Marshal(d.Put)
		if err != nil {
			return err
		}
		// It is alone in its lane, and so any place in the order will do.
		lane := laneOf(d.Put)
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO effects (effect_key, lane, seq, effect, wanted, done, changed_at) VALUES ($1, $2, 0, $3, 1, 0, $4)
			ON CONFLICT (effect_key) DO UPDATE SET wanted = effects.wanted + 1, changed_at = EXCLUDED.changed_at`,
			effectKey(d.Put, 0), lane, string(text), stamp(at)); err != nil {
			return err
		}
		lanes = append(lanes, lane)
	}
	if len(lanes) == 0 {
		return nil
	}
	return jobs.Perform(ctx, tx, lanes)
}
