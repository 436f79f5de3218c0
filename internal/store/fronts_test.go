package store_test

import (
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/store"
)

// TestFronts: what is shown of many repositories is of the newest whole state of
// each, and of those that are asked for.
func TestFronts(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		spot := func(symbol string, interest float64) debt.Hotspot {
			return debt.Hotspot{Symbol: symbol, File: symbol + ".go", Principal: 100, Interest: interest}
		}
		put := func(repository, number int64, p debt.Point, spots ...debt.Hotspot) {
			t.Helper()
			_, err := db.AddPoint(ctx, repository, number, p, "r", store.Details{Spots: spots})
			done(t, err)
		}
		put(1, 0, pointOf(week(0, 0), 60, 0, 0, 0), spot("Gone", 99))
		var many []debt.Hotspot
		for i := range 30 {
			many = append(many, spot("Many", float64(30-i)))
		}
		put(1, 1, pointOf(week(1, 0), 70, 0, 0, 0), many...)
		put(1, 2, debt.Point{Commit: "hole", At: week(2, 0), Gap: "broken"}) // says nothing
		put(2, 0, pointOf(week(0, 0), 10, 0, 0, 0), spot("Dear", 25.5), spot("Free", 0))

		same(t, "Families", []store.Family{{Name: "cognitive", Repositories: 2, Minutes: 80}})(db.Families(ctx, debt.Part{}, nil))
		same(t, "Families of one", []store.Family{{Name: "cognitive", Repositories: 1, Minutes: 10}})(db.Families(ctx, debt.Part{}, []int64{2, 3}))
		same(t, "Families of none", []store.Family(nil))(db.Families(ctx, debt.Part{}, []int64{}))

		all, err := db.Spots(ctx, debt.Part{}, nil, 1000)
		done(t, err)
		if len(all) != 21 || all[4].Interest != 26 || all[5].Symbol != "Dear" || all[5].Repository != 2 || all[20].Interest != 11 {
			t.Errorf("Spots = %+v", all)
		}
		same(t, "the dearest", []store.Spot{{Repository: 2, Hotspot: spot("Dear", 25.5)}})(db.Spots(ctx, debt.Part{}, []int64{2}, 5))
		if some, err := db.Spots(ctx, debt.Part{}, nil, 3); err != nil || len(some) != 3 {
			t.Errorf("three spots = %+v, %v", some, err)
		}
	})
}

func TestOutlooks(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
		release := debt.Event{At: at, Kind: debt.Released, Name: "v1.2.0"}
		mode := debt.Event{At: at.Add(time.Hour), Kind: debt.ModeChanged, Name: "enforce", Was: "observe"}
		rising := impact.Drift{Recent: 30, Earlier: 90, Higher: .7, Direction: impact.Rising}
		steady := impact.Drift{Recent: 30, Earlier: 90, Higher: .5, Direction: impact.Steady}
		done(t, db.PutOutlook(ctx, store.Outlook{Repository: 1, Risk: &steady}))
		for _, o := range []store.Outlook{
			{Repository: 1, Risk: &rising, Events: []debt.Event{release, mode}},
			{Repository: 2, Risk: &steady, Events: []debt.Event{release}},
			{Repository: 3, Events: []debt.Event{mode}},
		} {
			done(t, db.PutOutlook(ctx, o))
		}
		same(t, "Outlook", store.Outlook{Repository: 1, Risk: &rising, Events: []debt.Event{mode, release}})(db.Outlook(ctx, 1))
		same(t, "Outlook of none", store.Outlook{Repository: 9})(db.Outlook(ctx, 9))
		first := store.Outlook{Repository: 1, Risk: &impact.Drift{Direction: impact.Rising}, Events: []debt.Event{mode}}
		same(t, "Outlooks", []store.Outlook{first, {Repository: 3, Events: []debt.Event{mode}}})(db.Outlooks(ctx, nil))
		same(t, "Outlooks of some", []store.Outlook{first})(db.Outlooks(ctx, []int64{1, 2}))
		same(t, "Outlooks of none", []store.Outlook(nil))(db.Outlooks(ctx, []int64{}))
	})
}
