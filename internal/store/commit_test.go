package store_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

func TestCommit(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		receive(t, db, delivery("g1", store.Raised{Subject: pull, Facts: []signoff.Fact{fact("g1")}}))
		row, _ := load(t, db, pull)
		// Raised while it is looked at: no further job, and Commit says so.
		receive(t, db, delivery("g2", store.Raised{Subject: pull}))
		record := signoff.Record{Subject: pull, Head: "c0ffee", State: signoff.Awaiting, Mode: "enforce", Facts: 1}
		if !commit(t, db, row, record) {
			t.Error("Commit of one of two reasons does not ask for another look")
		}
		row, _ = load(t, db, pull)
		if row.Wanted != 2 || row.Done != 1 || row.Version != 1 || counted(t, db, pull.Key()) != 1 {
			t.Errorf("wanted %d, done %d, version %d, jobs %d; want 2, 1, 1, 1", row.Wanted, row.Done, row.Version, counted(t, db, pull.Key()))
		}
		if diff := cmp.Diff(record, row.Record); diff != "" {
			t.Errorf("record (-want +got):\n%s", diff)
		}
		stale := row
		if commit(t, db, row, record) {
			t.Error("Commit of all reasons asks for another look")
		}
		_, err := db.Commit(t.Context(), jobs{}, store.Change{Subject: pull, Version: stale.Version, Done: 2, Record: func(*store.Tail) (signoff.Record, error) {
			t.Error("the record of a stale look is made")
			return record, nil
		}})
		if !errors.Is(err, store.ErrConflict) {
			t.Errorf("Commit of a stale look = %v, want %v", err, store.ErrConflict)
		}
		// Idle again: the next delivery makes a job.
		receive(t, db, delivery("g3", store.Raised{Subject: pull}))
		if got := counted(t, db, pull.Key()); got != 2 {
			t.Errorf("jobs after the subject was idle = %d, want 2", got)
		}
	})
}

func TestCommitUndoesWhatFails(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		receive(t, db, delivery("g1", store.Raised{Subject: pull}))
		row, _ := load(t, db, pull)
		change := store.Change{Subject: pull, Version: row.Version, Done: row.Wanted, Effects: []signoff.Effect{{Kind: signoff.PutCheck, Subject: pull, Commit: "c0ffee"}},
			Record: func(tail *store.Tail) (signoff.Record, error) {
				_, err := tail.Append(store.Leaf{Bytes: []byte("leaf")})
				return signoff.Record{Head: "c0ffee"}, err
			}}
		broken := errors.New("no job today")
		if _, err := db.Commit(t.Context(), jobs{fail: broken}, change); !errors.Is(err, broken) {
			t.Fatalf("Commit = %v, want %v", err, broken)
		}
		after, _ := load(t, db, pull)
		size, err := db.LedgerSize(t.Context())
		backlog, err2 := db.Backlog(t.Context())
		if diff := cmp.Diff(row, after); diff != "" || size != 0 || backlog.Effects != 0 || err != nil || err2 != nil {
			t.Errorf("after a failed Commit: %d leaves, %d effects (%v, %v), row (-want +got):\n%s", size, backlog.Effects, err, err2, diff)
		}
	})
}
