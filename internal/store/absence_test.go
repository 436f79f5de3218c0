package store_test

import (
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// What goes away and comes back is kept as an absence, and its subjects are
// raised: to be given up, or since anything may have happened.
func TestAbsence(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		awaiting, closed, branch := pull, other, main
		elsewhere := signoff.Subject{Installation: 7, Repository: 12, Kind: signoff.PullRequest, Number: 1}
		for s, state := range map[signoff.Subject]signoff.State{awaiting: signoff.Awaiting, closed: signoff.Closed, branch: "", elsewhere: signoff.Awaiting} {
			receive(t, db, delivery("g "+s.Key(), store.Raised{Subject: s}))
			row, _ := load(t, db, s)
			_, err := db.Commit(ctx, jobs{}, store.Change{
				Subject: s, Version: row.Version, Done: row.Wanted, Open: state == signoff.Awaiting,
				Record: func(*store.Tail) (signoff.Record, error) { return signoff.Record{Subject: s, State: state}, nil },
			})
			done(t, err)
		}
		wanted := func(when string, want map[signoff.Subject]int64) {
			t.Helper()
			for _, s := range []signoff.Subject{awaiting, closed, branch, elsewhere} {
				row, _ := load(t, db, s)
				if row.Wanted != 1+want[s] {
					t.Errorf("%s: %s was raised %d times, want %d", when, s.Key(), row.Wanted-1, want[s])
				}
			}
		}
		access := func(want store.Access) {
			t.Helper()
			same(t, "Access", want)(db.Access(ctx, pull))
		}
		i := store.Installation{ID: 7, Account: signoff.Account{ID: 70, Login: "acme"}}
		r := store.Repository{Repo: signoff.Repo{ID: 11, Owner: "acme", Name: "pay"}, Installation: 7}
		done(t, db.PutInstallation(ctx, jobs{}, i, start))
		done(t, db.PutRepository(ctx, jobs{}, r, start))
		access(store.Granted)

		i.Suspended = true
		done(t, db.PutInstallation(ctx, jobs{}, i, start.Add(time.Hour)))
		done(t, db.PutInstallation(ctx, jobs{}, i, start.Add(2*time.Hour))) // told twice
		access(store.Suspended)
		wanted("suspended", nil)
		i.Suspended = false
		done(t, db.PutInstallation(ctx, jobs{}, i, start.Add(3*time.Hour)))
		access(store.Granted)
		wanted("back", map[signoff.Subject]int64{awaiting: 1, elsewhere: 1})

		r.Removed = true
		done(t, db.PutRepository(ctx, jobs{}, r, start.Add(4*time.Hour)))
		access(store.Withdrawn)
		wanted("removed", map[signoff.Subject]int64{awaiting: 2, elsewhere: 1})
		late := r
		late.Removed, late.Name = false, "pay2"
		done(t, db.NoteRepository(ctx, jobs{}, late, start.Add(5*time.Hour))) // an old delivery gives nothing back
		access(store.Withdrawn)

		first, hour := start.Truncate(time.Second), time.Hour
		same(t, "Absences", []store.Absence{
			{From: first.Add(hour), To: start.Add(3 * hour)}, {From: first.Add(4 * hour)},
		})(db.Absences(ctx, 7, 11))
		same(t, "Absences of another", []store.Absence{{From: first.Add(hour), To: start.Add(3 * hour)}})(db.Absences(ctx, 7, 12))

		// One that was given up while it was away is looked at again.
		row, _ := load(t, db, awaiting)
		_, err := db.Commit(ctx, jobs{}, store.Change{
			Subject: awaiting, Version: row.Version, Done: row.Wanted, Open: false,
			Record: func(*store.Tail) (signoff.Record, error) { return row.Record, nil },
		})
		done(t, err)
		done(t, db.PutRepository(ctx, jobs{}, late, start.Add(6*time.Hour)))
		access(store.Granted)
		wanted("given back", map[signoff.Subject]int64{awaiting: 3, elsewhere: 1})

		i.Deleted = true
		done(t, db.PutInstallation(ctx, jobs{}, i, start.Add(7*time.Hour)))
		access(store.Withdrawn)
		wanted("deleted", map[signoff.Subject]int64{awaiting: 3, elsewhere: 2})
	})
}

func TestAbsenceContains(t *testing.T) {
	over, lasts := store.Absence{From: start, To: start.Add(time.Hour)}, store.Absence{From: start}
	for _, c := range []struct {
		absence store.Absence
		at      time.Time
		want    bool
	}{
		{over, start.Add(-1), false}, {over, start, true}, {over, start.Add(time.Hour - 1), true}, {over, start.Add(time.Hour), false},
		{lasts, start.Add(-1), false}, {lasts, start.Add(1000 * time.Hour), true},
	} {
		if got := c.absence.Contains(c.at); got != c.want {
			t.Errorf("%v.Contains(%v) = %v, want %v", c.absence, c.at, got, c.want)
		}
	}
}

// A delivery and the sweep that it calls for are stored together.
func TestReceiveSweeps(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		d := delivery("g1")
		d.Sweeps = []string{"installation/7"}
		receive(t, db, d)
		receive(t, db, d)
		if got := counted(t, db, "installation/7"); got != 1 {
			t.Errorf("sweeps = %d, want 1", got)
		}
	})
}
