package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// reviewed commits a look at a pull request.
func reviewed(t *testing.T, db *store.DB, number int, open bool, r signoff.Record, listed []store.Listed) {
	t.Helper()
	s := pull
	s.Number, s.Repository = number, int64(number%2)
	receive(t, db, delivery(fmt.Sprint(number, len(listed), open, time.Now()), store.Raised{Subject: s}))
	row, _ := load(t, db, s)
	_, err := db.Commit(t.Context(), jobs{}, store.Change{
		Subject: s, Version: row.Version, Done: row.Wanted, Open: open, Listed: listed,
		Record: func(*store.Tail) (signoff.Record, error) { r.Subject = s; return r, nil },
	})
	done(t, err)
}

func TestLeadTimes(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		asked := signoff.Record{Requirements: []signoff.Standing{{Domain: "design", First: start}, {Domain: "data"}}}
		// Who has signed is not asked: the record says so no more.
		signed := func(by []int, after ...time.Duration) (r signoff.Record) {
			for _, d := range after {
				r.Verdicts = append(r.Verdicts, signoff.Verdict{At: start.Add(d)})
			}
			r.Requirements = []signoff.Standing{{Domain: "design", SignedBy: by}}
			return r
		}
		for n := 1; n <= 4; n++ {
			reviewed(t, db, n, true, asked, nil)
		}
		again := asked
		again.Requirements = []signoff.Standing{{Domain: "design", First: start.Add(time.Hour)}}
		reviewed(t, db, 1, true, again, nil)                                       // somebody else, later
		reviewed(t, db, 1, true, signed([]int{1, 0}, time.Hour, 3*time.Hour), nil) // it took two
		reviewed(t, db, 1, true, again, nil)
		reviewed(t, db, 1, true, signed([]int{0}, 30*time.Hour), nil) // once more, after a push
		reviewed(t, db, 2, true, signed([]int{0}, 2*time.Hour), nil)
		reviewed(t, db, 4, true, signed([]int{0}, -time.Hour), nil) // before anybody was asked
		reviewed(t, db, 5, true, signed([]int{0}, time.Hour), nil)  // nobody had to be
		all := store.FigureFilter{From: start.Add(-2 * time.Hour), To: start.Add(100 * time.Hour)}
		same(t, "LeadTimes", []time.Duration{0, 2 * time.Hour, 3 * time.Hour})(db.LeadTimes(t.Context(), all))
		odd := all
		odd.Repositories = []int64{1}
		same(t, "LeadTimes of a repository", []time.Duration{3 * time.Hour})(db.LeadTimes(t.Context(), odd))
		late := all
		late.From, late.To = start.Add(2*time.Hour), start.Add(3*time.Hour)
		same(t, "LeadTimes of an hour", []time.Duration{2 * time.Hour})(db.LeadTimes(t.Context(), late))
		odd.Repositories = []int64{}
		same[[]time.Duration](t, "LeadTimes of nothing", nil)(db.LeadTimes(t.Context(), odd))
	})
}

func TestAdvice(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		find := func(prints ...string) []store.Listed {
			out := []store.Listed{}
			for _, p := range prints {
				out = append(out, store.Listed{Fingerprint: p, Rule: "rule-" + p[:1]})
			}
			return out
		}
		filter := store.FigureFilter{From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour)}
		advice := func(what string, want ...store.RuleAdvice) {
			t.Helper()
			same(t, what, want)(db.Advice(t.Context(), filter))
		}
		ana := signoff.Account{ID: 5, Login: "ana"}
		asked := signoff.Record{Dismissals: []signoff.Dismissal{{Fingerprint: "b1"}}}
		granted := signoff.Record{Dismissals: []signoff.Dismissal{{Fingerprint: "b1", Granted: &ana}, {Fingerprint: "x", Granted: &ana}}}
		reviewed(t, db, 1, true, signoff.Record{}, find("a1", "a2", "b1"))
		reviewed(t, db, 1, true, signoff.Record{}, nil) // it could not be judged
		reviewed(t, db, 1, true, asked, find("a1", "b1", "c1"))
		reviewed(t, db, 2, true, signoff.Record{}, find("a1"))
		advice("before the end", store.RuleAdvice{Rule: "rule-a", Shown: 3, Acted: 1}, store.RuleAdvice{Rule: "rule-b", Shown: 1}, store.RuleAdvice{Rule: "rule-c", Shown: 1})
		reviewed(t, db, 1, true, granted, find("a1", "a2", "c1")) // one is back
		reviewed(t, db, 2, true, signoff.Record{}, find())
		reviewed(t, db, 1, false, granted, find()) // merged: what is judged now is no answer
		advice("at the end", store.RuleAdvice{Rule: "rule-a", Shown: 3, Acted: 1}, store.RuleAdvice{Rule: "rule-b", Shown: 1, Dismissed: 1}, store.RuleAdvice{Rule: "rule-c", Shown: 1})
		filter.Repositories = []int64{0}
		advice("of a repository", store.RuleAdvice{Rule: "rule-a", Shown: 1, Acted: 1})
		var many []string
		for i := range 300 {
			many = append(many, fmt.Sprint("m", i))
		}
		reviewed(t, db, 4, true, signoff.Record{}, find(many...))
		advice("of many", store.RuleAdvice{Rule: "rule-a", Shown: 1, Acted: 1}, store.RuleAdvice{Rule: "rule-m", Shown: 200})
	})
}
