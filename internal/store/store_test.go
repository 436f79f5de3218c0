package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
	"github.com/barraiser/barraiser/internal/store/storetest"
)

// each runs a test on a new store of each engine.
func each(t *testing.T, f func(t *testing.T, db *store.DB)) {
	for _, e := range storetest.Engines {
		t.Run(string(e), func(t *testing.T) {
			t.Parallel()
			f(t, storetest.Open(t, e))
		})
	}
}

// jobs counts what is asked of the queue, in the transaction, so that what is
// rolled back does not count.
type jobs struct{ fail error }

func (j jobs) Reconcile(ctx context.Context, tx *sql.Tx, subjects []signoff.Subject) error {
	for _, s := range subjects {
		if err := count(ctx, tx, "job "+s.Key()); err != nil {
			return err
		}
	}
	return j.fail
}

func (j jobs) Perform(ctx context.Context, tx *sql.Tx, lanes []string) error {
	for _, lane := range lanes {
		if err := count(ctx, tx, "job "+lane); err != nil {
			return err
		}
	}
	return j.fail
}

func (j jobs) Sweep(ctx context.Context, tx *sql.Tx, kinds []string) error {
	for _, kind := range kinds {
		if err := count(ctx, tx, "job "+kind); err != nil {
			return err
		}
	}
	return j.fail
}

func (j jobs) History(ctx context.Context, tx *sql.Tx, repositories []int64) error {
	for _, id := range repositories {
		if err := count(ctx, tx, fmt.Sprint("job ", id)); err != nil {
			return err
		}
	}
	return j.fail
}

func count(ctx context.Context, tx *sql.Tx, name string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO settings (name, value) VALUES ($1, 'x') ON CONFLICT (name) DO UPDATE SET value = settings.value || 'x'`, name)
	return err
}

// counted is how many jobs were inserted for a subject or lane.
func counted(t *testing.T, db *store.DB, of string) int {
	t.Helper()
	value, err := db.Setting(t.Context(), "job "+of)
	if err != nil {
		t.Fatal(err)
	}
	return len(value)
}

var (
	start = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)
	pull  = signoff.Subject{Installation: 7, Repository: 11, Kind: signoff.PullRequest, Number: 42}
	other = signoff.Subject{Installation: 7, Repository: 11, Kind: signoff.PullRequest, Number: 43}
	main  = signoff.Subject{Installation: 7, Repository: 11, Kind: signoff.Branch, Ref: "main"}
)

func fact(id string) signoff.Fact {
	return signoff.Fact{ID: id, At: start, Kind: signoff.ReviewSubmitted, Actor: signoff.Account{ID: 5, Login: "ana"}, Commit: "c0ffee", State: signoff.Approved}
}

func delivery(guid string, raised ...store.Raised) store.Delivery {
	return store.Delivery{GUID: guid, Event: "pull_request_review", Action: "submitted", Installation: 7, Repository: 11, At: start, Body: []byte(`{"guid":"` + guid + `"}`), Raised: raised}
}

func receive(t *testing.T, db *store.DB, d store.Delivery) bool {
	t.Helper()
	fresh, err := db.Receive(t.Context(), jobs{}, d)
	if err != nil {
		t.Fatal(err)
	}
	return fresh
}

func load(t *testing.T, db *store.DB, s signoff.Subject) (store.Row, []signoff.Fact) {
	t.Helper()
	row, facts, err := db.Load(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return row, facts
}

// commit commits a record for what is loaded.
func commit(t *testing.T, db *store.DB, row store.Row, record signoff.Record, effects ...signoff.Effect) bool {
	t.Helper()
	again, err := db.Commit(t.Context(), jobs{}, store.Change{
		Subject: row.Subject, Version: row.Version, Done: row.Wanted, Open: true,
		Record: func(*store.Tail) (signoff.Record, error) { return record, nil }, Effects: effects,
	})
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func TestReceive(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		d := delivery("g1", store.Raised{Subject: pull, Facts: []signoff.Fact{fact("g1"), fact("g1#2")}}, store.Raised{Subject: main})
		if !receive(t, db, d) {
			t.Error("Receive of a new delivery says that it is known")
		}
		if receive(t, db, d) {
			t.Error("Receive of a known delivery says that it is new")
		}
		// Another GUID with a fact that is there, one that is new, and an empty body.
		d = delivery("g2", store.Raised{Subject: pull, Facts: []signoff.Fact{fact("g1"), fact("g2")}})
		d.Body = nil
		receive(t, db, d)

		row, facts := load(t, db, pull)
		want := store.Row{Subject: pull, Wanted: 2, UndoneSince: start, Open: true, Updated: start}
		if diff := cmp.Diff(want, row); diff != "" {
			t.Errorf("row (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]signoff.Fact{fact("g1"), fact("g1#2"), fact("g2")}, facts); diff != "" {
			t.Errorf("facts (-want +got):\n%s", diff)
		}
		for of, want := range map[string]int{pull.Key(): 1, main.Key(): 1} {
			if got := counted(t, db, of); got != want {
				t.Errorf("jobs for %s = %d, want %d", of, got, want)
			}
		}
		if body, err := db.Body(t.Context(), "g1"); err != nil || string(body) != `{"guid":"g1"}` {
			t.Errorf("Body(g1) = %q, %v", body, err)
		}
		if _, err := db.Body(t.Context(), "g2"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Body(g2) = %v, want %v", err, store.ErrNotFound)
		}
		if none, err := db.Unknown(t.Context(), nil); len(none) > 0 || err != nil {
			t.Errorf("Unknown of nothing: %q, %v", none, err)
		}
		unknown, err := db.Unknown(t.Context(), []string{"g9", "g2", "g1", `"g8`})
		if diff := cmp.Diff([]string{"g9", `"g8`}, unknown); err != nil || diff != "" {
			t.Errorf("Unknown: %v (-want +got):\n%s", err, diff)
		}
	})
}

func TestReceiveUndoesWhatFails(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		broken := errors.New("no job today")
		_, err := db.Receive(t.Context(), jobs{fail: broken}, delivery("g1", store.Raised{Subject: pull, Facts: []signoff.Fact{fact("g1")}}))
		if !errors.Is(err, broken) {
			t.Errorf("Receive = %v, want %v", err, broken)
		}
		if _, _, err := db.Load(t.Context(), pull); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Load after a failed Receive = %v, want %v", err, store.ErrNotFound)
		}
		if !receive(t, db, delivery("g1", store.Raised{Subject: pull})) {
			t.Error("the delivery that failed counts as known")
		}
	})
}

// In groups one that fails must not take others with it, nor one whose caller
// has left.
func TestReceiveTogether(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		const n = 120
		broken := errors.New("no job today")
		gone, leave := context.WithCancel(t.Context())
		leave()
		var stored atomic.Int64
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				ctx, j, wantErr := t.Context(), jobs{}, error(nil)
				s := pull
				s.Number = 1000 + i%10
				switch i % 3 {
				case 1: // of its own subject, which is idle and so needs a job
					s.Number, j.fail, wantErr = 5000+i, broken, broken
				case 2:
					ctx, wantErr = gone, context.Canceled
				}
				_, err := db.Receive(ctx, j, delivery(fmt.Sprint("g", i), store.Raised{Subject: s}))
				if !errors.Is(err, wantErr) {
					t.Errorf("Receive(g%d) = %v, want %v", i, err, wantErr)
				}
				if err == nil {
					stored.Add(1)
				}
			})
		}
		wg.Wait()
		if got := stored.Load(); got != n/3 {
			t.Errorf("stored %d, want %d", got, n/3)
		}
		var wanted int64
		for i := range 10 {
			s := pull
			s.Number = 1000 + i
			row, _, err := db.Load(t.Context(), s)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				t.Fatal(err)
			}
			wanted += row.Wanted
		}
		if wanted != n/3 {
			t.Errorf("raised %d times, want %d", wanted, n/3)
		}
	})
}

func TestSameDeliveryAtOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		var fresh atomic.Int64
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				new, err := db.Receive(t.Context(), jobs{}, delivery("g", store.Raised{Subject: pull, Facts: []signoff.Fact{fact("g")}}))
				if err != nil {
					t.Error(err)
				}
				if new {
					fresh.Add(1)
				}
			})
		}
		wg.Wait()
		row, facts := load(t, db, pull)
		if fresh.Load() != 1 || row.Wanted != 1 || len(facts) != 1 || counted(t, db, pull.Key()) != 1 {
			t.Errorf("new %d times, wanted %d, %d facts, %d jobs; want 1 of each", fresh.Load(), row.Wanted, len(facts), counted(t, db, pull.Key()))
		}
	})
}

func TestLists(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		for i, s := range []signoff.Subject{pull, other, main} {
			d := delivery(fmt.Sprint("g", i), store.Raised{Subject: s})
			d.At = start.Add(time.Duration(i) * time.Minute)
			receive(t, db, d)
		}
		keys := func(subjects []signoff.Subject, err error) string {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			var keys []string
			for _, s := range subjects {
				keys = append(keys, s.Key())
			}
			return strings.Join(keys, " ")
		}
		ctx := t.Context()
		if got, want := keys(db.Undone(ctx, start.Add(90*time.Second), 10)), pull.Key()+" "+other.Key(); got != want {
			t.Errorf("Undone = %q, want %q", got, want)
		}
		for i, s := range []signoff.Subject{pull, other} {
			row, _ := load(t, db, s)
			_, err := db.Commit(ctx, jobs{}, store.Change{Subject: s, Version: 0, Done: row.Wanted, Open: i == 0, Next: start.Add(time.Hour),
				Record: func(*store.Tail) (signoff.Record, error) {
					return signoff.Record{Head: "c0ffee", State: signoff.Awaiting}, nil
				}})
			if err != nil {
				t.Fatal(err)
			}
		}
		if got := keys(db.Due(ctx, start.Add(59*time.Minute), 10)); got != "" {
			t.Errorf("Due before its time = %q", got)
		}
		if got, want := keys(db.Due(ctx, start.Add(time.Hour), 10)), pull.Key()+" "+other.Key(); got != want {
			t.Errorf("Due = %q, want %q", got, want)
		}
		if err := db.Raise(ctx, jobs{}, start, other, pull); err != nil {
			t.Fatal(err)
		}
		if got := keys(db.Due(ctx, start.Add(time.Hour), 10)); got != "" {
			t.Errorf("Due after Raise = %q", got)
		}
		if got, want := keys(db.OpenIn(ctx, 11)), pull.Key()+" "+main.Key(); got != main.Key()+" "+pull.Key() && got != want {
			t.Errorf("OpenIn = %q, want %q", got, want)
		}
		rows, err := db.AtHead(ctx, 11, "c0ffee")
		if err != nil || len(rows) != 1 || rows[0].Subject != pull {
			t.Errorf("AtHead = %v, %v; want %s", rows, err, pull.Key())
		}
		if err := db.Requeue(ctx, jobs{}, pull); err != nil || counted(t, db, pull.Key()) != 3 {
			t.Errorf("Requeue: %v, %d jobs, want 3", err, counted(t, db, pull.Key()))
		}
	})
}

// A panic is the caller's, who may recover it; the others of its group go on.
func TestPanic(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				defer func() {
					if got := recover(); (got != nil) != (i == 3) {
						t.Errorf("part %d panics with %v", i, got)
					}
				}()
				err := db.Append(t.Context(), start, func(tail *store.Tail) error {
					if i == 3 {
						panic("three")
					}
					_, err := tail.Append(store.Leaf{Bytes: fmt.Append(nil, i)})
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if size, err := db.LedgerSize(t.Context()); err != nil || size != 9 {
			t.Errorf("leaves = %d, %v; want 9", size, err)
		}
	})
}
