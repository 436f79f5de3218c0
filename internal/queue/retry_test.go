package queue

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

type limited struct{ until time.Time }

func (l limited) Error() string      { return "secondary rate limit" }
func (l limited) RetryAt() time.Time { return l.until }

func TestRetryAt(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		jobs := inserter(t, db)
		var until atomic.Pointer[time.Time] // set by the first look, which may come late
		var again atomic.Bool
		started(t, db, work{reconcile: func(context.Context, signoff.Subject) (bool, error) {
			at := time.Now().Add(1500 * time.Millisecond).Truncate(time.Millisecond) // as SQLite keeps it
			if until.CompareAndSwap(nil, &at) {
				return false, fmt.Errorf("read pull request: %w", limited{at})
			}
			if time.Now().Before(*until.Load()) {
				t.Error("looked before the time that the error gave")
			}
			again.Store(true)
			return false, nil
		}}, Config{})
		deliver(t, db, jobs, pull(1))
		eventually(t, "looked again", again.Load)
	})
}

func TestPause(t *testing.T) {
	for _, c := range []struct {
		before int
		chance float64
		want   time.Duration
	}{
		{0, 0.5, time.Second},
		{1, 0.5, 2 * time.Second},
		{1, 0, 1500 * time.Millisecond},
		{8, 0.5, 256 * time.Second},
		{9, 0.5, 5 * time.Minute},
		{299, 0.5, 5 * time.Minute},
	} {
		if got := pause(c.before, c.chance); got != c.want {
			t.Errorf("pause(%d, %v) = %v, want %v", c.before, c.chance, got, c.want)
		}
	}
}
