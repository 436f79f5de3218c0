package review

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
)

// randomDelta is a change to a few functions in two folders.
func randomDelta(r *rand.Rand, functions int) debt.Delta {
	var c debt.Comparison
	for n := range functions {
		file := fmt.Sprintf("%s/%d.go", []string{"core", "pay"}[n%2], n%3)
		for _, rule := range []string{"cognitive", "func-lines", "nesting", "errcheck"} {
			value := func() float64 {
				row, _ := debt.Lookup(rule)
				return row.Threshold + 1 + float64(r.IntN(20))
			}
			m := debt.Measure{Rule: rule, Package: "p", Symbol: fmt.Sprint("F", n), File: file, Line: n + 1, EndLine: n + 1}
			if r.IntN(5) == 0 {
				m.Value = value()
				c.Base.Measures = append(c.Base.Measures, m)
			}
			if r.IntN(3) == 0 {
				m.Value = value()
				c.Head.Measures = append(c.Head.Measures, m)
			}
		}
	}
	return debt.Compare(c)
}

// What is found is enough, and no other choice is cheaper.
func TestCheapestIsCheapest(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	found, none := 0, 0
	for range 300 {
		d := randomDelta(r, 5)
		p := Policy{Budget: new(float64(r.IntN(60)))}
		if r.IntN(2) == 0 {
			p.Ratchet = []string{"core/**"}
		}
		over := p.excess(d)
		got := cheapest(p, d, over)

		groups := d.Repairs(p.Rules)
		best := math.Inf(1)
		var try func(i int, work, relief, core float64)
		try = func(i int, work, relief, core float64) {
			if i == len(groups) {
				if relief >= over.budget-negligible && core >= over.ratchet["core/**"]-negligible {
					best = min(best, work)
				}
				return
			}
			try(i+1, work, relief, core)
			for _, way := range groups[i] {
				in := 0.0
				if d.Findings[way.Findings[0]].File[:4] == "core" {
					in = way.Relief
				}
				try(i+1, work+way.Work, relief+way.Relief, core+in)
			}
		}
		try(0, 0, 0, 0)
		switch {
		case !over.any() || math.IsInf(best, 1):
			if got != nil {
				t.Fatalf("cheapest = %v, want none", got)
			}
			none++
		case got == nil || math.Abs(got.Minutes-best) > negligible:
			t.Fatalf("cheapest = %v, want %v minutes; over by %v", got, best, over)
		default:
			found++
			if got.Net > *p.Budget+negligible || !slices.IsSorted(got.Findings) || len(got.Findings) == 0 {
				t.Fatalf("cheapest = %v with the budget %v", got, *p.Budget)
			}
		}
	}
	if found < 100 || none < 20 {
		t.Errorf("found in %d cases, none in %d", found, none)
	}
}

// Of a large change there are more plans than are kept; what is said is enough,
// and near the least that it can take.
func TestCheapestOfMuch(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	d := randomDelta(r, 600)
	p := Policy{Budget: new(60.0), Ratchet: []string{"core/**"}}
	got := cheapest(p, d, p.excess(d))
	if got == nil || got.Net > 60 || got.Minutes < d.Net-60 || got.Minutes > 1.05*(d.Net-60) {
		t.Errorf("cheapest = %v of a net of %v", got, d.Net)
	}
}

func TestExcess(t *testing.T) {
	finding := func(file string, minutes float64) debt.Finding {
		return debt.Finding{Measure: debt.Measure{Rule: "errcheck", File: file, Value: 1}, Status: debt.New, Minutes: minutes}
	}
	d := debt.Delta{Net: 10, Findings: []debt.Finding{finding("core/a.go", 5), finding("core/in/a.go", 5)}}
	p := mustParse(t, "", `budget: 10m
ratchet: ["core/in/**", "core/**", none]
components: {none: {paths: [none]}}
`)
	if diff := cmp.Diff(map[string]float64{"core/in/**": 5, "core/**": 5}, p.excess(d).ratchet); diff != "" {
		t.Errorf("excess (-want +got):\n%s", diff)
	}
	d.Net += negligible / 2 // rounding
	if got := p.excess(d); got.budget != 0 {
		t.Errorf("at the budget, it is over by %v", got.budget)
	}
	d.Net = 11
	want := []string{
		"the net debt is over the budget",
		"the debt of core/in/** rises by 5 min, which its ratchet forbids",
		"the debt of core/** rises by 5 min, which its ratchet forbids",
	}
	if diff := cmp.Diff(want, p.excess(d).sentences(p)); diff != "" {
		t.Errorf("sentences (-want +got):\n%s", diff)
	}
	// It is the trigger debt-budget that asks.
	dec := Decide(p, Snapshot{Delta: d})
	if len(dec.Requirements) != 1 || dec.Requirements[0].Domain != impact.Design || !onlyDebt(dec.Impact, impact.Design) {
		t.Errorf("requirements of debt: %+v", dec.Requirements)
	}
}
