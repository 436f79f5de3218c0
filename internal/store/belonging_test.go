package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

var (
	payTeam = debt.Part{Division: debt.Teams, Name: "pay"}
	opsTeam = debt.Part{Division: debt.Teams, Name: "ops"}
	payGoal = debt.Part{Division: debt.Goals, Name: "pay"}
)

// TestBelongings: what a team or a goal is told of sign-offs, overrides and advice is
// of its own pull requests, as they were decided on last.
func TestBelongings(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		look := func(number int, parts []debt.Part) {
			t.Helper()
			s := pull
			s.Number, s.Repository = number, int64(number)
			receive(t, db, delivery(fmt.Sprint(number, parts, time.Now()), store.Raised{Subject: s}))
			row, _ := load(t, db, s)
			r := signoff.Record{
				Subject: s, Overrides: []signoff.Override{{ID: fmt.Sprint("o", number), Declared: true, At: start}},
				Requirements: []signoff.Standing{{Domain: "design", First: start}},
			}
			if row.Version > 0 {
				r.Verdicts = []signoff.Verdict{{At: start.Add(time.Duration(number) * time.Hour)}}
				r.Requirements[0].SignedBy = []int{0}
			}
			_, err := db.Commit(ctx, jobs{}, store.Change{
				Subject: s, Version: row.Version, Done: row.Wanted, Open: true, Parts: parts, Listed: []store.Listed{{Fingerprint: "f", Rule: fmt.Sprint("rule-", number)}},
				Record: func(*store.Tail) (signoff.Record, error) { return r, nil },
			})
			done(t, err)
		}
		look(1, []debt.Part{payTeam, payGoal})
		look(2, []debt.Part{payTeam})
		look(3, []debt.Part{})
		look(1, nil) // it is not known now: as it was
		look(2, []debt.Part{opsTeam, payGoal})
		look(3, []debt.Part{opsTeam})
		for _, tt := range []struct {
			part  debt.Part
			repos []int64
			want  []int
		}{
			{debt.Part{}, nil, []int{3, 2, 1}}, {payTeam, nil, []int{1}}, {opsTeam, nil, []int{3, 2}}, {opsTeam, []int64{1, 3}, []int{3}},
			{payGoal, nil, []int{2, 1}}, {payGoal, []int64{}, nil}, {debt.Part{Division: debt.Goals, Name: "ops"}, nil, nil},
		} {
			f := store.OverrideFilter{Part: tt.part, Repositories: tt.repos}
			list, _, err := db.Overrides(ctx, f, store.Page{Limit: 9})
			done(t, err)
			var got []int
			for _, o := range list {
				got = append(got, o.Subject.Number)
			}
			same(t, fmt.Sprintf("Overrides of %v in %v", tt.part, tt.repos), tt.want)(got, nil)
			counts, err := db.CountOverrides(ctx, f)
			same(t, fmt.Sprintf("CountOverrides of %v in %v", tt.part, tt.repos), len(tt.want))(counts[store.OverrideStands], err)
			figures := store.FigureFilter{Part: tt.part, Repositories: tt.repos, From: start.Add(-time.Hour), To: time.Now().Add(time.Hour)}
			times, err := db.LeadTimes(ctx, figures)
			same(t, fmt.Sprintf("LeadTimes of %v in %v", tt.part, tt.repos), len(tt.want))(len(times), err)
			advice, err := db.Advice(ctx, figures)
			same(t, fmt.Sprintf("Advice of %v in %v", tt.part, tt.repos), len(tt.want))(len(advice), err)
		}
	})
}

// TestPartFronts: a part has its families, its places also where they are far down the
// list of all, and where its risk goes; the newest state takes the place of the last.
func TestPartFronts(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		var spots []debt.Hotspot
		for i := range 230 {
			spots = append(spots, debt.Hotspot{Symbol: fmt.Sprint("S", i), Interest: float64(300 - i)})
		}
		add := func(repository, number int64, fronts ...debt.Front) {
			t.Helper()
			p := pointOf(week(int(number), 0), 60, 0, 0, 0)
			_, err := db.AddPoint(ctx, repository, number, p, "r", store.Details{Spots: spots, Fronts: fronts})
			done(t, err)
		}
		add(1, 0, debt.Front{Part: opsTeam, Families: map[string]float64{"gone": 5}, Spots: []int{1}})
		add(1, 1, debt.Front{Part: payTeam, Families: map[string]float64{"clone": 40, "vet": 10}, Spots: []int{3, 225}}, debt.Front{Part: payGoal, Families: map[string]float64{"vet": 10}})
		add(2, 0, debt.Front{Part: payTeam, Families: map[string]float64{"vet": 20}, Spots: []int{0}})
		done(t, db.PutOutlook(ctx, store.Outlook{Repository: 1, Parts: map[debt.Part]impact.Direction{opsTeam: impact.Rising}}))
		done(t, db.PutOutlook(ctx, store.Outlook{Repository: 1, Parts: map[debt.Part]impact.Direction{payTeam: impact.Rising, payGoal: impact.Steady}}))
		done(t, db.PutOutlook(ctx, store.Outlook{Repository: 2, Parts: map[debt.Part]impact.Direction{payTeam: impact.Falling}}))

		many := []int64{1}
		for id := range int64(300) {
			many = append(many, 1000+id)
		}
		same(t, "Families", []store.Family{{Name: "clone", Repositories: 1, Minutes: 40}, {Name: "vet", Repositories: 2, Minutes: 30}})(db.Families(ctx, payTeam, nil))
		same(t, "Families of what was", []store.Family(nil))(db.Families(ctx, opsTeam, nil))
		same(t, "Drifts", map[impact.Direction]int{impact.Rising: 1, impact.Falling: 1})(db.Drifts(ctx, payTeam, nil))
		same(t, "Drifts of what was", map[impact.Direction]int{})(db.Drifts(ctx, opsTeam, nil))
		for name, repositories := range map[string][]int64{"one": {1}, "many": many} {
			same(t, "Families of "+name, []store.Family{{Name: "vet", Repositories: 1, Minutes: 10}})(db.Families(ctx, payGoal, repositories))
			same(t, "Drifts of "+name, map[impact.Direction]int{impact.Steady: 1})(db.Drifts(ctx, payGoal, repositories))
			same(t, "Spots of "+name, []store.Spot{{Repository: 1, Hotspot: spots[3]}, {Repository: 1, Hotspot: spots[225]}})(db.Spots(ctx, payTeam, repositories, 5))
		}
		same(t, "Spots", []store.Spot{{Repository: 2, Hotspot: spots[0]}, {Repository: 1, Hotspot: spots[3]}})(db.Spots(ctx, payTeam, nil, 2))
		if all, err := db.Spots(ctx, debt.Part{}, nil, 1000); err != nil || len(all) != 2*store.FrontSpots {
			t.Errorf("%d spots of two repositories, %v, want %d of each", len(all), err, store.FrontSpots)
		}
		if details, err := db.Details(ctx, 1, 2); err != nil || len(details.Spots) != 200 {
			t.Errorf("%d spots are kept of a point, %v", len(details.Spots), err)
		}
	})
}
