package store_test

import (
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// TestContributions: merged away work is summed by the pair of teams, each pull
// request once, and that of open ones not at all.
func TestContributions(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		work := func(number int, state signoff.State, at time.Time, away ...signoff.Away) {
			s := signoff.Subject{Installation: 1, Repository: int64(2 + number%2), Kind: signoff.PullRequest, Number: number}
			done(t, db.Raise(ctx, jobs{}, start, s))
			for range 2 { // a second look changes nothing
				row, _, err := db.Load(ctx, s)
				done(t, err)
				_, err = db.Commit(ctx, jobs{}, store.Change{Subject: s, Version: row.Version, Record: func(*store.Tail) (signoff.Record, error) {
					return signoff.Record{Subject: s, State: state, Away: away, History: []signoff.Transition{{At: at, To: state}}}, nil
				}})
				done(t, err)
			}
		}
		books := signoff.Away{Home: "books", From: []string{"payments"}, Files: 2, Minutes: 10}
		work(1, signoff.MergedClean, start, books)
		work(2, signoff.MergedUndeclared, start, books, signoff.Away{Home: "docs", Files: 1, Minutes: -4})
		work(3, signoff.MergedClean, start.Add(-48*time.Hour), books)
		work(4, signoff.Awaiting, start, books)
		day := 24 * time.Hour
		same(t, "Contributions", []store.Contribution{
			{From: "payments", Home: "books", Changes: 2, Files: 4, Minutes: 20},
			{Home: "docs", Changes: 1, Files: 1, Minutes: -4},
		})(db.Contributions(ctx, start.Add(-day), start.Add(day), "", nil))
		same(t, "Contributions of one repository", []store.Contribution{
			{From: "payments", Home: "books", Changes: 2, Files: 4, Minutes: 20},
		})(db.Contributions(ctx, start.Add(-3*day), start.Add(day), "", []int64{3}))
		same(t, "Contributions of none", []store.Contribution(nil))(db.Contributions(ctx, start.Add(-day), start.Add(day), "", []int64{}))
	})
}

// TestOutcomes: what is merged is followed by how it went in, asked about when it
// is time, and counted; what was decided stays.
func TestOutcomes(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		day := 24 * time.Hour
		merge := func(number int, state signoff.State, class signoff.MergeClass) signoff.Subject {
			s := signoff.Subject{Installation: 1, Repository: 2, Kind: signoff.PullRequest, Number: number}
			done(t, db.Raise(ctx, jobs{}, start, s))
			row, _, err := db.Load(ctx, s)
			done(t, err)
			rec := signoff.Record{Subject: s, State: state}
			if class != "" {
				rec.Merge = &signoff.Merge{Class: class, Commit: "m", At: start, Due: start.Add(time.Duration(number) * day)}
			}
			_, err = db.Commit(ctx, jobs{}, store.Change{Subject: s, Version: row.Version, Record: func(*store.Tail) (signoff.Record, error) { return rec, nil }})
			done(t, err)
			return s
		}
		one := merge(1, signoff.MergedUndeclared, signoff.ClassOverridden)
		two := merge(2, signoff.MergedClean, signoff.ClassSignedOff)
		merge(3, signoff.MergedUndeclared, signoff.ClassOverridden)
		merge(3, signoff.MergedClean, signoff.ClassSignedOff) // what allowed it was heard late
		merge(4, signoff.MergedUndeclared, signoff.ClassOverridden)
		merge(4, signoff.MergedClean, "") // nothing had to be signed after all
		same(t, "DueOutcomes", []store.Landing{{Subject: one}, {Subject: two}})(db.DueOutcomes(ctx, start.Add(2*day), 10))
		missing[signoff.Aftermath](t, "Aftermath before it was asked")(db.Aftermath(ctx, store.Landing{Subject: one}))
		mended := signoff.Aftermath{Result: signoff.Mended, Commit: "f", Title: "Fix", At: start.Add(day), Symbols: []signoff.Symbol{{Path: "a.go", Name: "F"}}}
		done(t, db.PutAftermath(ctx, jobs{}, store.Landing{Subject: one}, mended, start.Add(2*day)))
		done(t, db.PutAftermath(ctx, jobs{}, store.Landing{Subject: one}, signoff.Aftermath{Result: signoff.Stood}, start.Add(3*day)))
		done(t, db.PutAftermath(ctx, jobs{}, store.Landing{Subject: two}, signoff.Aftermath{Result: signoff.Stood}, start.Add(3*day)))
		same(t, "Aftermath", mended)(db.Aftermath(ctx, store.Landing{Subject: one}))
		merge(1, signoff.MergedClean, signoff.ClassSignedOff) // after it was decided
		branch := signoff.Subject{Installation: 1, Repository: 2, Kind: signoff.Branch, Ref: "main"}
		done(t, db.Raise(ctx, jobs{}, start, branch))
		row, _, err := db.Load(ctx, branch)
		done(t, err)
		_, err = db.Commit(ctx, jobs{}, store.Change{Subject: branch, Version: row.Version, Record: func(*store.Tail) (signoff.Record, error) {
			landed := signoff.Merge{Class: signoff.ClassOverridden, Commit: "p", First: "o", At: start.Add(-2 * day), Due: start}
			return signoff.Record{Subject: branch, Overrides: []signoff.Override{
				{ID: "push:p", At: landed.At, Landed: &landed}, {ID: "push:q", At: landed.At, Landed: &landed}, {ID: "gate:x", At: start},
			}}, nil
		}})
		done(t, err)
		first, second := store.Landing{Subject: branch, Override: "push:p"}, store.Landing{Subject: branch, Override: "push:q"}
		done(t, db.PutAftermath(ctx, jobs{}, first, mended, start.Add(day)))
		same(t, "Aftermath of a push", mended)(db.Aftermath(ctx, first))
		missing[signoff.Aftermath](t, "Aftermath of the other push")(db.Aftermath(ctx, second))
		same(t, "DueOutcomes of pushes", []store.Landing{second})(db.DueOutcomes(ctx, start.Add(2*day), 10))
		same(t, "Outcomes of pushes", []signoff.Rate{
			{Class: signoff.ClassOverridden, Of: 1, Mended: 1, Waiting: 1}, {Class: signoff.ClassSignedOff},
		})(db.Outcomes(ctx, store.FigureFilter{From: start.Add(-3 * day), To: start.Add(-day)}))
		done(t, db.PutAftermath(ctx, jobs{}, second, signoff.Aftermath{Result: signoff.Stood}, start.Add(day)))
		same(t, "DueOutcomes of the rest", []store.Landing(nil))(db.DueOutcomes(ctx, start.Add(2*day), 10))
		same(t, "Outcomes", []signoff.Rate{
			{Class: signoff.ClassOverridden, Of: 1, Mended: 1}, {Class: signoff.ClassSignedOff, Of: 1, Waiting: 1},
		})(db.Outcomes(ctx, store.FigureFilter{From: start, To: start.Add(day)}))
		same(t, "Outcomes of none", []signoff.Rate{{Class: signoff.ClassOverridden}, {Class: signoff.ClassSignedOff}})(db.Outcomes(ctx, store.FigureFilter{Repositories: []int64{}, From: start, To: start.Add(day)}))
	})
}
