package review

import (
	"cmp"
	"maps"
	"slices"

	"github.com/barraiser/barraiser/internal/impact"
)

// Simulated is a change of the past, judged as if it were proposed now.
type Simulated struct {
	Commit  string // of the default branch, full hash
	Subject string
	Day     Date
	Decision
}

// Sent reports whether the change would have needed a sign-off.
func (s Simulated) Sent() bool { return s.Impact.High }

// Partial reports whether something of the change was not analysed, so that it
// might have been sent for more, or after all.
func (s Simulated) Partial() bool { return s.Outcome == Incomplete }

// Simulation is what the bar would have done to the changes of some time.
type Simulation struct {
	Branch  Revision
	Changes []Simulated // the newest first
	// Debt says that the debt of the changes was judged too. Where the policy
	// has no bar for it, it decides nothing.
	Debt  bool
	Hints []string
}

// Summary counts the sent changes of a simulation.
type Summary struct {
	Sent, Partial int
	Domains       []Tally // in the order of the domains
	Triggers      []Tally // the noisiest first
	People        []Tally // who would have been asked, the most often first
}

// Tally is how often something was among the reasons, or somebody asked.
type Tally struct {
	Name   string
	Domain impact.Domain // of a trigger
	Sent   int           // changes
	Alone  int           // of these, those which nothing else would have sent
}

// Share is the part of the changes that was sent, 0 … 1.
func (s Simulation) Share() float64 {
	if len(s.Changes) == 0 {
		return 0
	}
	return float64(s.Summary().Sent) / float64(len(s.Changes))
}

// Summary counts.
func (s Simulation) Summary() Summary {
	var sum Summary
	domains, triggers, people := tallies{}, tallies{}, tallies{}
	for _, c := range s.Changes {
		if c.Partial() {
			sum.Partial++
		}
		if !c.Sent() {
			continue
		}
		sum.Sent++
		fired := 0
		for _, d := range c.Impact.Domains {
			fired += len(d.Triggers)
		}
		for _, d := range c.Impact.Domains {
			domains.add(Tally{Name: string(d.Domain)}, len(c.Impact.Domains) == 1)
			for _, t := range d.Triggers {
				triggers.add(Tally{Name: t.Name, Domain: d.Domain}, fired == 1)
			}
		}
		asked := map[string]bool{}
		for _, q := range c.Requirements {
			if q.Assignee != "" && !asked[q.Assignee] {
				asked[q.Assignee] = true
				people.add(Tally{Name: q.Assignee}, false)
			}
		}
	}
	for _, d := range impact.Domains() {
		if t := domains[string(d)]; t != nil {
			sum.Domains = append(sum.Domains, *t)
		}
	}
	sum.Triggers, sum.People = triggers.sorted(), people.sorted()
	return sum
}

type tallies map[string]*Tally

func (m tallies) add(t Tally, alone bool) {
	if m[t.Name] == nil {
		m[t.Name] = &t
	}
	m[t.Name].Sent++
	if alone {
		m[t.Name].Alone++
	}
}

func (m tallies) sorted() []Tally {
	var out []Tally
	for _, name := range slices.Sorted(maps.Keys(m)) {
		out = append(out, *m[name])
	}
	slices.SortStableFunc(out, func(a, b Tally) int { return cmp.Compare(b.Sent, a.Sent) })
	return out
}
