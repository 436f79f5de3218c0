package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
)

// Effects wait in lanes. One worker at a time performs a lane, in order, so that
// what must not overtake each other is in one and what need not wait for each
// other is in two: Slack being down does not hold up a check.
//
// Puts of one key are one row that is raised, as a subject is: the newest counts.
// Tells are a row each, which stays when it is done so that the same is not told
// again.

// laneOf is where an effect waits.
//
// A check belongs to a commit and not to a subject: those of all subjects with
// that head are one row, and performing its lane is the lock under which the
// shown check is folded.
func laneOf(e signoff.Effect) string {
	switch e.Kind {
	case signoff.PutCheck, signoff.PutConfigCheck, signoff.PutGroupCheck:
		return fmt.Sprintf("%s/%d/%d/%s", e.Kind, e.Subject.Installation, e.Subject.Repository, e.Commit)
	case signoff.TellNotice:
		return slackLane + e.Subject.Key()
	}
	if e.Kind.Put() {
		return string(e.Kind) + "/" + e.Subject.Key()
	}
	return "tell-host/" + e.Subject.Key()
}

// slackLane begins the lanes of what is told in Slack.
const slackLane = "tell-slack/"

// TellsSlack reports whether what waits in a lane is to be told in Slack.
func TellsSlack(lane string) bool { return strings.HasPrefix(lane, slackLane) }

// effectKey is by what an effect is the same as another: a Put is its lane, a
// Tell what it is about. A Tell that is about no fact is like no other.
func effectKey(e signoff.Effect, seq int64) string {
	lane := laneOf(e)
	if e.Kind.Put() {
		return lane
	}
	about := e.Fact
	if about == "" {
		about = "#" + strconv.FormatInt(seq, 10)
	}
	parts := []string{lane, string(e.Kind), about}
	if n := e.Notice; n != nil {
		parts = append(parts, string(n.Kind), n.Override)
		for _, to := range n.To {
			parts = append(parts, strconv.FormatInt(to.ID, 10))
		}
	}
	return strings.Join(parts, "|")
}

// enqueue stores effects of a version of their subject and returns the lanes
// that have something to do, each once.
func enqueue(ctx context.Context, tx *sql.Tx, effects []signoff.Effect, version int64, at time.Time) (lanes []string, err error) {
	seen := map[string]bool{}
	for i, e := range effects {
		text, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		seq := version<<16 | int64(i) // grows with each commit of a subject
		onConflict := `DO NOTHING`
		if e.Kind.Put() {
			// What is new has not failed yet.
			onConflict = `DO UPDATE SET seq = EXCLUDED.seq, effect = EXCLUDED.effect, wanted = effects.wanted + 1, changed_at = EXCLUDED.changed_at,
				tries = 0, wait_until = NULL, failing_since = NULL, dead_at = NULL, problem = ''`
		}
		result, err := tx.ExecContext(ctx, `
			INSERT INTO effects (effect_key, lane, seq, effect, wanted, done, changed_at)
			VALUES ($1, $2, $3, $4, 1, 0, $5) ON CONFLICT (effect_key) `+onConflict,
			effectKey(e, seq), laneOf(e), seq, string(text), stamp(at))
		if err != nil {
			return nil, fmt.Errorf("enqueue %s: %w", e.Kind, err)
		}
		n, err := result.RowsAffected()
		if err != nil {
			return nil, err
		}
		if lane := laneOf(e); n > 0 && !seen[lane] {
			seen[lane] = true
			lanes = append(lanes, lane)
		}
	}
	return lanes, nil
}
