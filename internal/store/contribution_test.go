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
		})(db.Contributions(ctx, start.Add(-day), start.Add(day), nil))
		same(t, "Contributions of one repository", []store.Contribution{
			{From: "payments", Home: "books", Changes: 2, Files: 4, Minutes: 20},
		})(db.Contributions(ctx, start.Add(-3*day), start.Add(day), []int64{3}))
		same(t, "Contributions of none", []store.Contribution(nil))(db.Contributions(ctx, start.Add(-day), start.Add(day), []int64{}))
	})
}
