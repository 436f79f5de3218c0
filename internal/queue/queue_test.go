package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/riverqueue/river"

	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
	"github.com/barraiser/barraiser/internal/store/storetest"
)

// hurried is the tempo of most tests. A process of theirs that stands still on a busy
// machine is not taken for dead: what is to be buried is so by impatient.
var hurried = tempo{poll: 10 * time.Millisecond, beat: 100 * time.Millisecond, bury: time.Hour, giveUp: time.Hour, giveUpFinal: time.Millisecond}

// impatient is for a queue that is alone, and finds what a dead one left.
var impatient = tempo{poll: hurried.poll, beat: hurried.beat, bury: 500 * time.Millisecond, giveUp: hurried.giveUp, giveUpFinal: hurried.giveUpFinal}

// patience is how long a test waits for what has to come, on a busy machine.
const patience = 3 * time.Minute

// work is Handlers of functions.
type work struct {
	reconcile func(context.Context, signoff.Subject) (bool, error)
	perform   func(context.Context, signoff.Effect) error
	sweep     func(context.Context, string) error
	history   func(context.Context, int64) (bool, error)
}

func (w work) History(ctx context.Context, repository int64) (bool, error) {
	if w.history == nil {
		return false, nil
	}
	return w.history(ctx, repository)
}

func (w work) Reconcile(ctx context.Context, s signoff.Subject) (bool, error) {
	if w.reconcile == nil {
		return false, nil
	}
	return w.reconcile(ctx, s)
}

func (w work) Perform(ctx context.Context, e signoff.Effect) error {
	if w.perform == nil {
		return nil
	}
	return w.perform(ctx, e)
}

func (w work) Sweep(ctx context.Context, kind string) error {
	if w.sweep == nil {
		return nil
	}
	return w.sweep(ctx, kind)
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// started starts a queue of a store and stops it when the test ends.
func started(t *testing.T, db *store.DB, w work, c Config) *Queue {
	t.Helper()
	return startedIn(t, db, w, c, hurried)
}

func startedIn(t *testing.T, db *store.DB, w work, c Config, tempo tempo) *Queue {
	t.Helper()
	q, err := newQueue(t.Context(), quiet(), db, w, c, tempo)
	if err != nil {
		t.Fatal(err)
	}
	if err := q.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := q.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return q
}

// inserter is a queue that only inserts, as a process that serves pages has it.
func inserter(t *testing.T, db *store.DB) *Queue {
	t.Helper()
	q, err := New(t.Context(), quiet(), db, nil, Config{})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func each(t *testing.T, f func(t *testing.T, db *store.DB)) {
	for _, e := range storetest.Engines {
		t.Run(string(e), func(t *testing.T) {
			t.Parallel()
			f(t, storetest.Open(t, e))
		})
	}
}

// eventually waits for what has to come.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not so after %v: %s", patience, what)
		}
	}
}

func pull(number int) signoff.Subject {
	return signoff.Subject{Installation: 7, Repository: 11, Kind: signoff.PullRequest, Number: number}
}

var deliveries atomic.Int64

// deliver receives a new delivery with a fact for a subject.
func deliver(t *testing.T, db *store.DB, jobs store.Jobs, s signoff.Subject) {
	guid := fmt.Sprint("g", deliveries.Add(1))
	_, err := db.Receive(context.Background(), jobs, store.Delivery{GUID: guid, Event: "push", At: time.Now(),
		Raised: []store.Raised{{Subject: s, Facts: []signoff.Fact{{ID: guid, At: time.Now(), Kind: signoff.Pushed}}}}})
	if err != nil {
		t.Error(err)
	}
}

// look is a reconcile that folds the number of facts into the record.
func look(db *store.DB, jobs func() store.Jobs, effects ...signoff.Effect) func(context.Context, signoff.Subject) (bool, error) {
	return func(ctx context.Context, s signoff.Subject) (bool, error) {
		row, facts, err := db.Load(ctx, s)
		if err != nil || row.Wanted == row.Done {
			return false, err
		}
		return db.Commit(ctx, jobs(), store.Change{Subject: s, Version: row.Version, Done: row.Wanted, Open: true, Effects: effects,
			Record: func(*store.Tail) (signoff.Record, error) { return signoff.Record{Subject: s, Facts: len(facts)}, nil }})
	}
}

func folded(t *testing.T, db *store.DB, s signoff.Subject) (facts int, done bool) {
	t.Helper()
	row, _, err := db.Load(t.Context(), s)
	if errors.Is(err, store.ErrNotFound) {
		return 0, false
	}
	if err != nil {
		t.Fatal(err)
	}
	return row.Record.Facts, row.Wanted == row.Done
}

// Two workers on few subjects with many deliveries: no subject is looked at twice
// at a time, and none of its facts is missed.
func TestOneAtATime(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		const subjects, each = 3, 20
		jobs := inserter(t, db)
		var inside [subjects]atomic.Int32
		one := look(db, func() store.Jobs { return jobs })
		w := work{reconcile: func(ctx context.Context, s signoff.Subject) (bool, error) {
			if n := inside[s.Number].Add(1); n > 1 {
				t.Errorf("%d looks at %s at a time", n, s.Key())
			}
			defer inside[s.Number].Add(-1)
			time.Sleep(3 * time.Millisecond)
			return one(ctx, s)
		}}
		started(t, db, w, Config{Reconciles: 4})
		started(t, db, w, Config{Reconciles: 4})
		var wg sync.WaitGroup
		for n := range subjects {
			wg.Go(func() {
				for range each {
					deliver(t, db, jobs, pull(n))
				}
			})
		}
		wg.Wait()
		for n := range subjects {
			eventually(t, "all facts of a subject folded", func() bool {
				facts, done := folded(t, db, pull(n))
				return facts == each && done
			})
		}
	})
}

// A delivery that comes at any step of a running look is looked at.
func TestDeliveryAtEveryStep(t *testing.T) {
	steps := []string{"before load", "after load", "in commit", "after commit", "after return"}
	each(t, func(t *testing.T, db *store.DB) {
		jobs := inserter(t, db)
		var fired [5]atomic.Bool
		at := func(s signoff.Subject, step int) {
			if s.Number == step && !fired[step].Swap(true) {
				deliver(t, db, jobs, s)
			}
		}
		w := work{reconcile: func(ctx context.Context, s signoff.Subject) (bool, error) {
			at(s, 0)
			row, facts, err := db.Load(ctx, s)
			if err != nil || row.Wanted == row.Done {
				return false, err
			}
			at(s, 1)
			var arriving sync.WaitGroup
			again, err := db.Commit(ctx, jobs, store.Change{Subject: s, Version: row.Version, Done: row.Wanted, Open: true,
				Record: func(*store.Tail) (signoff.Record, error) {
					// It waits for the transaction, and so must not be waited for.
					arriving.Go(func() { at(s, 2) })
					time.Sleep(20 * time.Millisecond)
					return signoff.Record{Facts: len(facts)}, nil
				}})
			arriving.Wait()
			at(s, 3)
			if s.Number == 4 {
				time.AfterFunc(time.Millisecond, func() { at(s, 4) })
			}
			return again, err
		}}
		started(t, db, w, Config{Reconciles: 2})
		for n := range steps {
			deliver(t, db, jobs, pull(n))
		}
		for n, step := range steps {
			eventually(t, "the delivery "+step, func() bool {
				facts, done := folded(t, db, pull(n))
				return facts == 2 && done && fired[n].Load()
			})
		}
	})
}

// Puts of a commit collapse, Tells come in order and each once, and one that
// fails holds up those behind it and nothing else.
func TestPerform(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		jobs := inserter(t, db)
		tell := func(fact string) signoff.Effect {
			return signoff.Effect{Kind: signoff.TellReply, Subject: pull(1), Fact: fact, Text: fact}
		}
		put := func(n int) signoff.Effect {
			return signoff.Effect{Kind: signoff.PutCheck, Subject: pull(n), Commit: "c0ffee", Text: fmt.Sprint(n)}
		}
		commit := func(n int, effects ...signoff.Effect) {
			t.Helper()
			deliver(t, db, jobs, pull(n))
			if _, err := look(db, func() store.Jobs { return jobs }, effects...)(t.Context(), pull(n)); err != nil {
				t.Fatal(err)
			}
		}
		commit(1, tell("a"), put(1), tell("b"))
		commit(1, tell("c"), put(1), tell("a")) // a was told, or will be
		commit(2, put(2))                       // the same commit, another subject
		var mu sync.Mutex
		var told, shown []string
		failures := 2
		started(t, db, work{perform: func(_ context.Context, e signoff.Effect) error {
			mu.Lock()
			defer mu.Unlock()
			if e.Kind.Put() {
				shown = append(shown, e.Text)
				return nil
			}
			if e.Text == "b" && failures > 0 {
				failures--
				return errors.New("not now")
			}
			told = append(told, e.Text)
			return nil
		}}, Config{})
		eventually(t, "all performed", func() bool {
			b, err := db.Backlog(t.Context())
			return err == nil && b.Effects == 0
		})
		mu.Lock()
		defer mu.Unlock()
		if diff := cmp.Diff([]string{"a", "b", "c"}, told); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"2"}, shown); diff != "" {
			t.Errorf("shown (-want +got):\n%s", diff)
		}
	})
}

func TestSweepAndDead(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		swept := make(chan string, 100)
		q := started(t, db, work{
			sweep: func(_ context.Context, kind string) error { swept <- kind; return nil },
		}, Config{Sweeps: []Sweep{{Kind: "open", Every: time.Hour}}})
		// A job whose subject cannot be read is dead at once.
		tx, err := db.Pool().BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := q.insert(t.Context(), tx, []river.InsertManyParams{{Args: reconcileArgs{Subject: "nonsense"}}}); err != nil {
			t.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		var dead []Dead
		eventually(t, "a dead job", func() bool {
			dead, err = q.Dead(t.Context(), 10)
			return err != nil || len(dead) > 0
		})
		if err != nil || dead[0].Of != "nonsense" || dead[0].Kind != "reconcile" || dead[0].Error == "" || dead[0].At.IsZero() {
			t.Errorf("Dead = %+v, %v", dead, err)
		}
		if err := q.Revive(t.Context(), dead[0].ID); err != nil {
			t.Error(err)
		}
		if err := q.Revive(t.Context(), 1<<40); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Revive of no job = %v, want %v", err, store.ErrNotFound)
		}
		select {
		case kind := <-swept:
			if kind != "open" {
				t.Errorf("swept %q, want open", kind)
			}
		case <-time.After(patience):
			t.Error("no sweep at the start")
		}
	})
}

func TestStop(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		jobs := inserter(t, db)
		if err := jobs.Start(t.Context()); err == nil {
			t.Error("a queue without handlers starts")
		}
		begun, finished := make(chan struct{}, 2), atomic.Bool{}
		w := work{reconcile: func(ctx context.Context, s signoff.Subject) (bool, error) {
			begun <- struct{}{}
			if s.Number == 2 { // it ends only when it is told to
				<-ctx.Done()
				return false, ctx.Err()
			}
			time.Sleep(200 * time.Millisecond)
			finished.Store(true)
			return false, nil
		}}
		q := started(t, db, w, Config{})
		deliver(t, db, jobs, pull(1))
		<-begun
		if err := q.Stop(t.Context()); err != nil || !finished.Load() {
			t.Errorf("Stop = %v, the running job finished: %t", err, finished.Load())
		}
		q = started(t, db, w, Config{})
		deliver(t, db, jobs, pull(2))
		<-begun
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := q.Stop(ctx); err != nil {
			t.Errorf("Stop with an impatient context = %v", err)
		}
		beats, err := db.Beats(t.Context())
		if err != nil || len(beats) != 0 {
			t.Errorf("workers after Stop = %v, %v", beats, err)
		}
	})
}
