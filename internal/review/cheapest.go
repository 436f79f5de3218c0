package review

import (
	"fmt"
	"math"
	"slices"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
)

// excess is by how much a change's debt is over the bar, in minutes.
type excess struct {
	budget  float64            // of the net over the budget
	ratchet map[string]float64 // rise by the ratcheted entry, of those that rise
}

// negligible is what sums of prices may differ by for their order alone, in
// minutes.
const negligible = 1e-6

func (p Policy) excess(d debt.Delta) excess {
	over := excess{ratchet: map[string]float64{}}
	if p.Budget != nil && d.Net-*p.Budget > negligible {
		over.budget = d.Net - *p.Budget
	}
	for _, entry := range p.Ratchet {
		rise := d.NetOf(p.Rules, func(file string) bool {
			by, _ := p.Ratcheted(file)
			return by == entry
		})
		if rise > negligible {
			over.ratchet[entry] = rise
		}
	}
	return over
}

func (o excess) any() bool { return o.budget > 0 || len(o.ratchet) > 0 }

// sentences say it, one for the budget and one for each entry, as Ratchet has
// them.
func (o excess) sentences(p Policy) []string {
	var out []string
	if o.budget > 0 {
		out = append(out, "the net debt is over the budget")
	}
	for _, entry := range p.Ratchet {
		if rise, ok := o.ratchet[entry]; ok {
			out = append(out, fmt.Sprintf("the debt of %s rises by %.0f min, which its ratchet forbids", entry, math.Ceil(rise)))
		}
	}
	return slices.Compact(out)
}

// Cheapest is the least work that brings a change's debt under the bar.
type Cheapest struct {
	Findings []int   // what to mend: indexes into Delta.Findings, ascending
	Minutes  float64 // of work
	Net      float64 // debt of the change when that is done, in minutes
	// StillNeeds are the domains that have to be signed all the same, by
	// triggers that are not about debt. Mending may rid the change of some of
	// those too; the next review tells.
	StillNeeds []impact.Domain
}

// cheapest returns nil where the debt is within the bar, and where no mending
// brings it there.
//
// It is a knapsack: of each group of findings that are priced together at most
// one way to mend is taken (see [debt.Delta.Repairs]), the relief has to reach
// the excess over the budget and, of each ratcheted entry, its rise, and the
// work is to be least. A group lies in one file, or in one package where a tool
// mends it, and so in one entry. Each entry is solved by itself, for every
// relief that it may yield, and then they are put together.
func cheapest(p Policy, d debt.Delta, over excess) *Cheapest {
	if !over.any() {
		return nil
	}
	groups := map[string][][]debt.Repair{}
	for _, g := range d.Repairs(p.Rules) {
		entry, _ := p.Ratcheted(d.Findings[g[0].Findings[0]].File)
		if over.ratchet[entry] == 0 {
			entry = ""
		}
		groups[entry] = append(groups[entry], g)
	}
	whole := mendable(groups[""], over.budget)
	for _, entry := range slices.Compact(slices.Sorted(slices.Values(p.Ratchet))) {
		if rise := over.ratchet[entry]; rise > 0 {
			part := mendable(groups[entry], max(rise, over.budget))
			part = slices.DeleteFunc(part, func(s *plan) bool { return s.relief < rise-negligible })
			whole = together(whole, part, over.budget)
		}
	}
	// The first has the most relief.
	if len(whole) == 0 || whole[0].relief < over.budget-negligible {
		return nil
	}
	c := &Cheapest{Minutes: whole[0].work, Net: d.Net}
	whole[0].collect(c)
	slices.Sort(c.Findings)
	return c
}

// plan is some mending: one way of a group, or two plans together.
type plan struct {
	relief   float64 // as far as it is asked for
	work     float64
	findings int
	way      *debt.Repair
	parts    [2]*plan
}

func (s *plan) collect(c *Cheapest) {
	if s.way != nil {
		c.Findings = append(c.Findings, s.way.Findings...)
		c.Net -= s.way.Relief
	}
	for _, part := range s.parts {
		if part != nil {
			part.collect(c)
		}
	}
}

// mendable are the best plans for groups, for each relief up to the most that
// is asked for.
func mendable(groups [][]debt.Repair, most float64) []*plan {
	out := []*plan{{}}
	for _, g := range groups {
		ways := []*plan{{}}
		for i := range g {
			ways = append(ways, &plan{relief: g[i].Relief, work: g[i].Work, findings: len(g[i].Findings), way: &g[i]})
		}
		out = together(out, ways, most)
	}
	return out
}

// maxPlans bounds the work of together. With more plans, those of nearly the same
// relief are taken as one: the result still is enough, and may be dearer than
// the cheapest by as much as rounding 1/maxPlans of the excess away costs.
const maxPlans = 1024

// together puts each plan of one list together with each of another, and keeps
// those that no other one beats. All lists are by falling relief and falling
// work.
func together(a, b []*plan, most float64) []*plan {
	var best []*plan
	for _, y := range b {
		best = merge(best, a, y, most)
	}
	if len(best) <= maxPlans {
		return best
	}
	var rounded []*plan
	for _, s := range best {
		if s.relief < most {
			s.relief = math.Floor(s.relief/most*maxPlans) / maxPlans * most
		}
		rounded = keep(rounded, *s)
	}
	return rounded
}

// merge adds to the plans of best those of a, each put together with y.
func merge(best, a []*plan, y *plan, most float64) []*plan {
	var out []*plan
	for _, x := range a {
		both := plan{
			relief: min(x.relief+y.relief, most), work: x.work + y.work, findings: x.findings + y.findings,
			parts: [2]*plan{x, y},
		}
		for len(best) > 0 && best[0].relief >= both.relief {
			out, best = keep(out, *best[0]), best[1:]
		}
		out = keep(out, both)
	}
	for _, s := range best {
		out = keep(out, *s)
	}
	return out
}

// keep appends a plan of no more relief than the others, unless it is beaten.
func keep(list []*plan, s plan) []*plan {
	if n := len(list); n > 0 {
		last := list[n-1]
		switch equal := last.relief == s.relief; {
		case s.work > last.work, s.work == last.work && (!equal || s.findings >= last.findings):
			return list
		case equal:
			list = list[:n-1]
		}
	}
	return append(list, &s)
}
