package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

type held struct{ until time.Time }

func (h held) Error() string        { return "it is night there" }
func (h held) HoldUntil() time.Time { return h.until }

type final struct{}

func (final) Error() string { return "no such channel" }
func (final) Final() bool   { return true }

// outbox is the far side of Perform: it takes texts, or says what is wrong.
type outbox struct {
	mu    sync.Mutex
	wrong map[string]error
	told  []string
}

func (o *outbox) perform(_ context.Context, e signoff.Effect) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.wrong[e.Text]; err != nil {
		return fmt.Errorf("tell: %w", err)
	}
	o.told = append(o.told, e.Text)
	return nil
}

func (o *outbox) mend(text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.wrong, text)
}

func (o *outbox) has(texts ...string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Equal(o.told, texts)
}

// telling commits Tells of one lane, each named by its text.
func telling(t *testing.T, db *store.DB, jobs store.Jobs, texts ...string) {
	t.Helper()
	var effects []signoff.Effect
	for _, text := range texts {
		effects = append(effects, signoff.Effect{Kind: signoff.TellReply, Subject: pull(1), Fact: text, Text: text})
	}
	deliver(t, db, jobs, pull(1))
	if _, err := look(db, func() store.Jobs { return jobs }, effects...)(t.Context(), pull(1)); err != nil {
		t.Fatal(err)
	}
}

func letters(t *testing.T, db *store.DB) []store.Letter {
	t.Helper()
	list, err := db.Letters(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// What is held back is in nobody's way, and comes when it is time.
func TestHeld(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		jobs := inserter(t, db)
		until := time.Now().Add(time.Hour)
		box := &outbox{wrong: map[string]error{"a": held{until}}}
		telling(t, db, jobs, "a", "b")
		started(t, db, work{perform: box.perform}, Config{})
		eventually(t, "b is told past a", func() bool {
			b, err := db.Backlog(t.Context())
			return err == nil && b.Effects == 1 && box.has("b")
		})
		if list := letters(t, db); len(list) != 0 {
			t.Errorf("letters = %+v, want none: to be held back is no failure", list)
		}
		// The sweep leaves it alone until its time.
		for _, at := range []struct {
			before time.Time
			want   int
		}{{until.Add(-time.Second), 0}, {until.Add(time.Second), 1}} {
			if lanes, err := db.Unperformed(t.Context(), at.before, 10); err != nil || len(lanes) != at.want {
				t.Errorf("Unperformed(%v) = %v, %v, want %d", at.before, lanes, err, at.want)
			}
		}
		box.mend("a")
		pending, err := db.Pending(t.Context(), "tell-host/"+pull(1).Key())
		if err != nil || len(pending) != 1 || pending[0].Until.Before(until.Add(-time.Second)) {
			t.Fatalf("Pending = %+v, %v", pending, err)
		}
		if err := errors.Join(db.Hold(t.Context(), pending[0], time.Now()), db.RequeueLanes(t.Context(), jobs, "tell-host/"+pull(1).Key())); err != nil {
			t.Fatal(err)
		}
		eventually(t, "a is told", func() bool { return box.has("b", "a") })
	})
}

// What is refused for good is given up, shown, and told when somebody says so.
// What may come right holds up those behind it.
func TestGivenUp(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		jobs := inserter(t, db)
		box := &outbox{wrong: map[string]error{"a": final{}, "b": errors.New("not now")}}
		telling(t, db, jobs, "a", "b", "c")
		started(t, db, work{perform: box.perform}, Config{})
		eventually(t, "a is dead and b fails", func() bool {
			list := letters(t, db)
			return len(list) == 2 && !list[0].Dead.IsZero() && list[0].Effect.Text == "a" && list[1].Effect.Text == "b" && list[1].Dead.IsZero()
		})
		if !box.has() {
			t.Errorf("told = %v, want nothing: c is behind b", box.told)
		}
		list := letters(t, db)
		if a := list[0]; a.Problem != "tell: no such channel" || a.Tries < 2 || a.Since.IsZero() {
			t.Errorf("letter = %+v", a)
		}
		if b, err := db.Backlog(t.Context()); err != nil || b.Dead != 1 || b.Failing != 1 || b.Effects != 2 {
			t.Errorf("Backlog = %+v, %v, want 1 dead beside 2 of which 1 fails", b, err)
		}
		box.mend("b")
		eventually(t, "b and c are told", func() bool { return box.has("b", "c") })
		box.mend("a")
		if err := db.Resend(t.Context(), jobs, list[0].Key); err != nil {
			t.Fatal(err)
		}
		eventually(t, "a is told", func() bool { return box.has("b", "c", "a") })
		if err := db.Resend(t.Context(), jobs, list[0].Key); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Resend of what is told = %v, want %v", err, store.ErrNotFound)
		}
		if list := letters(t, db); len(list) != 0 {
			t.Errorf("letters = %+v, want none", list)
		}
	})
}
