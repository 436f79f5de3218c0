package main

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// people stores who was asked, and by which of the ways some of them are known.
func people(t *testing.T, database string) {
	t.Helper()
	db, err := store.Open(t.Context(), database)
	check(t, err)
	s := signoff.Subject{Installation: 1, Repository: 2, Kind: signoff.PullRequest, Number: 3}
	check(t, db.Raise(t.Context(), noJobs{}, time.Now(), s))
	row, _, err := db.Load(t.Context(), s)
	check(t, err)
	_, err = db.Commit(t.Context(), noJobs{}, store.Change{
		Subject: s, Version: row.Version, Done: row.Wanted, Open: true,
		Record: func(*store.Tail) (signoff.Record, error) { return signoff.Record{Subject: s}, nil },
		View:   []byte(`{"Policy": {"People": {"jo-b": {"Slack": "U2"}, "kim-w": {"Emails": ["kim@acme.example"]}, "lou-p": {"Slack": "U0"}, "sam-r": {"Manager": "jo-b"}}}}`),
	})
	check(t, err)
	for _, login := range []string{"ann-k", "jo-b", "kim-w", "lou-p", "maria-k", "sam-r"} {
		check(t, db.PutPosted(t.Context(), store.Posted{Kind: store.PostedReviewer, Scope: s.Key(), Name: login, Hash: store.Asked, At: time.Now()}))
	}
	check(t, db.LinkSlack(t.Context(), store.Person{ID: 1, Login: "Ann-K", Slack: "U1", Linked: time.Now()}))
	for id, login := range map[string]string{"1": "Ann-K", "5": "Lou-P"} { // Ann is linked since
		check(t, db.PutPosted(t.Context(), store.Posted{Kind: store.PostedUnmapped, Scope: "1", Name: id, Remote: login, At: time.Now()}))
	}
	check(t, db.Close())
}

// noJobs is a queue that nobody works off.
type noJobs struct{ store.Jobs }

func (noJobs) Reconcile(context.Context, *sql.Tx, []signoff.Subject) error { return nil }
