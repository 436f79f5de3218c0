package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// TestManyNamed: what is picked from all, where many repositories are asked for, is
// what a query finds that names them.
func TestManyNamed(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		for id := int64(1); id <= 4; id++ {
			grow(t, db, id, pointOf(week(0, 0), float64(10*id), 0, 0, 0))
			var spots []debt.Hotspot
			for i := range 12 {
				spots = append(spots, debt.Hotspot{Symbol: fmt.Sprint(i), Interest: float64(50 - 2*i + int(id%2)*20)})
			}
			_, err := db.AddPoint(ctx, id, 1, pointOf(week(int(id), 0), float64(20*id), 5, 0, 0), "r", store.Details{Spots: spots})
			done(t, err)
			done(t, db.PutOutlook(ctx, store.Outlook{Repository: id, Risk: &impact.Drift{Direction: impact.Rising}}))
		}
		few, many, others := []int64{2, 4}, []int64{2, 4}, []int64{}
		for id := range int64(300) {
			many, others = append(many, 1000+id), append(others, 1000+id)
		}
		type answers struct {
			Sums      []store.Sum
			Standings []store.Standing
			Families  []store.Family
			Outlooks  []store.Outlook
			Spots     []store.Spot
		}
		ask := func(ids []int64, from, most int) (a answers) {
			t.Helper()
			totals, err := db.Totals(ctx, store.SumFilter{Repositories: ids, From: week(from, 0), To: week(from+60, 0)}, debt.Whole, debt.Teams)
			done(t, err)
			a.Sums, a.Standings = totals.Sums(debt.Whole, nil), totals.OfRepositories(debt.Teams, nil)
			a.Families, err = db.Families(ctx, debt.Part{}, ids)
			done(t, err)
			a.Outlooks, err = db.Outlooks(ctx, ids)
			done(t, err)
			a.Spots, err = db.Spots(ctx, debt.Part{}, ids, most)
			done(t, err)
			return a
		}
		// At the last of them all rest; of three spots none is among the six dearest.
		for from, most := range map[int]int{-1: 3, 2: 20, 100: 100} {
			want := ask(few, from, most)
			if len(want.Sums) == 0 || len(want.Standings) != 4 || len(want.Outlooks) != 2 || len(want.Families) != 1 || len(want.Spots) != min(most, 24) {
				t.Fatalf("from week %d two repositories say nothing: the test proves nothing", from)
			}
			if diff := cmp.Diff(want, ask(many, from, most)); diff != "" {
				t.Errorf("from week %d, among 302 (-want +got):\n%s", from, diff)
			}
		}
		if diff := cmp.Diff(answers{}, ask(others, 0, 100), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("of others (-want +got):\n%s", diff)
		}
	})
}

// TestOverridesAmongMany: where many repositories are asked for, a page is as full as
// where they are few, and the next one begins where it ended.
func TestOverridesAmongMany(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		var many []int64
		for id := range int64(300) {
			many = append(many, 2*id) // every second one
		}
		var insert []string
		for i := range 240 {
			s := signoff.Subject{Installation: 1, Repository: int64(i), Kind: signoff.PullRequest, Number: 1}
			at := start.Add(time.Duration(i) * time.Minute).UTC().Format("2006-01-02T15:04:05.000000Z")
			insert = append(insert, fmt.Sprintf(`('%s', 'o', %d, '%s', 'stands', '{"id":"o","at":"%s"}')`, s.Key(), i, at, start.Add(time.Duration(i)*time.Minute).Format(time.RFC3339)))
		}
		_, err := db.Pool().ExecContext(t.Context(), `INSERT INTO overrides (subject, id, repository, at, state, override) VALUES `+strings.Join(insert, ", "))
		done(t, err)
		var got []int64
		pages := 0
		for page := (store.Page{Limit: 50}); ; pages++ {
			list, next, err := db.Overrides(t.Context(), store.OverrideFilter{Repositories: many}, page)
			done(t, err)
			for _, o := range list {
				got = append(got, o.Subject.Repository)
			}
			if page.After = next; next == "" {
				break
			}
			if len(list) != 50 {
				t.Fatalf("a page of %d", len(list))
			}
		}
		if pages != 2 || len(got) != 120 || got[0] != 238 || got[50] != 138 || got[119] != 0 {
			t.Errorf("%d full pages with %v", pages, got)
		}
	})
}
