package store_test

import (
	"testing"

	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// TestDoubt: what is in doubt is forgotten and put once more, also where nothing of ours
// has changed. A doubt in what was never posted is none, and does not end those beside
// it.
func TestDoubt(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		doubt := func(commit string) store.Doubt {
			return store.Doubt{Kind: store.PostedCheck, Scope: "11/" + commit, Name: "bar-raiser", Put: signoff.Effect{Kind: signoff.PutCheck, Subject: pull, Commit: commit}}
		}
		posted := store.Posted{Kind: store.PostedCheck, Scope: "11/c0ffee", Name: "bar-raiser", Remote: "99", Hash: "h", Version: 3, At: start}
		for _, scope := range []string{"11/c0ffee", "11/decaf"} {
			posted.Scope = scope
			done(t, db.PutPosted(ctx, posted))
		}
		for n := 1; n <= 2; n++ {
			done(t, db.Doubt(ctx, jobs{}, start, doubt("c0ffee"), doubt("absent"), doubt("decaf")))
			for _, commit := range []string{"c0ffee", "decaf"} {
				lane := "put-check/7/11/" + commit
				pending, err := db.Pending(ctx, lane)
				done(t, err)
				if len(pending) != 1 || pending[0].Wanted != int64(n) || pending[0].Effect.Commit != commit || counted(t, db, lane) != n {
					t.Errorf("after %d doubts in %s %+v waits, and its lane was called %d times", n, commit, pending, counted(t, db, lane))
				}
				if p, err := db.Posted(ctx, posted.Kind, "11/"+commit, posted.Name); err != nil || p.Hash != "" || p.Remote != "99" || p.Version != 3 {
					t.Errorf("posted on %s is %+v, %v, want it without what it shows", commit, p, err)
				}
			}
		}
		if pending, err := db.Pending(ctx, "put-check/7/11/absent"); err != nil || len(pending) > 0 {
			t.Errorf("what was never posted is put: %+v, %v", pending, err)
		}
	})
}
