package debt

import (
	"cmp"
	"fmt"
	"slices"
)

// Repair is one way to take back what a change adds: some of its new and worse
// findings are mended, a worse one down to what it was.
type Repair struct {
	Findings []int   // indexes into Delta.Findings, ascending
	Work     float64 // minutes that it takes
	Relief   float64 // minutes by which the net falls
}

// maxTogether is up to how many findings all sets of them are tried.
const maxTogether = 6

// Repairs returns the ways to lessen the net, in groups: of one group, one way
// may be taken, and what the ways of different groups yield adds up. A group
// are findings that are priced together: those of one symbol, those of a row
// with a cap, a suppression with what it hides.
//
// Work and relief differ there: the second finding of a long function relieves
// by a quarter of its minutes, and takes all of them to mend by itself. In a
// group of more than maxTogether findings only the dearest one, the two dearest
// ones and so on are offered. Test code is left out, since it is not in the net.
func (d Delta) Repairs(settings Settings) [][]Repair {
	stakes := d.stakes(settings)
	var out [][]Repair
	for _, group := range grouped(stakes) {
		var units []int // what a person would mend: not the hidden, they follow
		for _, i := range group {
			if s := d.Findings[i].Status; (s == New || s == Worse) && d.Findings[i].Minutes > 0 {
				units = append(units, i)
			}
		}
		var ways []Repair
		for _, set := range sets(units, d.Findings) {
			if r := repair(d.Findings, stakes, group, set); r.Relief > 0 {
				ways = append(ways, r)
			}
		}
		if len(ways) > 0 {
			out = append(out, ways)
		}
	}
	return out
}

// NetOf is the net of the findings in some files: as of a change that touches
// nothing else. Code that moved is taken as if it had been where it is now.
func (d Delta) NetOf(settings Settings, in func(file string) bool) float64 {
	var before, after []item
	for i, s := range d.stakes(settings) {
		if in(d.Findings[i].File) {
			before, after = append(before, s.before()), append(after, s.now)
		}
	}
	return due(after) - due(before)
}

// stake is a finding of production code with its own price at the head, and
// what it was at the base. Both are 0 where it does not count.
type stake struct {
	now   item
	was   float64
	hider int // index of the suppression that hides it; -1: none
}

func (s stake) before() item {
	b := s.now
	b.price = s.was
	return b
}

// stakes are those of Delta.Findings, in their order.
func (d Delta) stakes(settings Settings) []stake {
	hiders := map[string]int{}
	out := make([]stake, len(d.Findings))
	for i, f := range d.Findings {
		rule, on := settings.Rule(f.Rule)
		out[i] = stake{now: item{Measure: f.Measure, rule: rule}, hider: -1}
		if !on || f.Test || f.Status == Moved && f.Note != "" {
			continue // f.Note: it went where it counts nothing
		}
		price, _ := own(rule, f.Measure)
		switch f.Status {
		case New:
			out[i].now.price = price
		case Paid:
			out[i].was = price
		case Worse:
			out[i].now.price, out[i].was = price, price-f.Minutes
		case Better:
			out[i].now.price, out[i].was = price, price+f.Minutes
		default:
			out[i].now.price, out[i].was = price, price
		}
		place := fmt.Sprintf("%s:%d", f.File, f.Line)
		if _, ok := hiders[place]; rule.ID == suppression && f.Status != Paid && !ok {
			hiders[place] = i
		}
	}
	for i, f := range d.Findings {
		by, ok := hiders[f.HiddenBy]
		if !ok || f.Status != Suppressed || f.Test {
			continue
		}
		// What is new about it is among the minutes of the suppression, and so
		// was taken off what that one was.
		s := &out[i]
		s.hider, s.was = by, 0
		if f.Was > 0 {
			before := f.Measure
			before.Value = f.Was
			was, _ := own(s.now.rule, before)
			s.was = min(was, s.now.price)
		}
		if d.Findings[by].Status == Worse {
			out[by].was += s.now.price - s.was
		}
	}
	return out
}

// grouped returns the indexes of findings that are priced together, in the
// order of their first ones.
func grouped(stakes []stake) [][]int {
	parent := make([]int, len(stakes))
	for i := range parent {
		parent[i] = i
	}
	root := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	join := func(a, b int) { parent[max(root(a), root(b))] = min(root(a), root(b)) }
	accounts := map[account]int{}
	for i, s := range stakes {
		if a, ok := s.now.account(); ok && s.now.price > 0 {
			if first, ok := accounts[a]; ok {
				join(first, i)
			} else {
				accounts[a] = i
			}
		}
		if s.hider >= 0 {
			join(s.hider, i)
		}
	}
	at := map[int]int{}
	var out [][]int
	for i := range stakes {
		r := root(i)
		n, ok := at[r]
		if !ok {
			n = len(out)
			at[r] = n
			out = append(out, nil)
		}
		out[n] = append(out[n], i)
	}
	return out
}

// sets are the choices among findings that are worth a try.
func sets(units []int, findings []Finding) [][]int {
	var out [][]int
	if len(units) <= maxTogether {
		for bits := 1; bits < 1<<len(units); bits++ {
			var set []int
			for i, u := range units {
				if bits>>i&1 == 1 {
					set = append(set, u)
				}
			}
			out = append(out, set)
		}
		return out
	}
	dear := slices.Clone(units)
	slices.SortStableFunc(dear, func(a, b int) int { return cmp.Compare(findings[b].Minutes, findings[a].Minutes) })
	for n := range dear {
		out = append(out, slices.Sorted(slices.Values(dear[:n+1])))
	}
	return out
}

// repair prices the mending of a set of a group.
func repair(findings []Finding, stakes []stake, group, set []int) Repair {
	var now, after, work []item
	for _, i := range group {
		s := stakes[i]
		now = append(now, s.now)
		mended := slices.Contains(set, i) || s.hider >= 0 && slices.Contains(set, s.hider)
		if !mended {
			after = append(after, s.now)
			continue
		}
		after = append(after, s.before())
		s.now.price -= s.was
		work = append(work, s.now)
	}
	return Repair{Findings: set, Work: due(work), Relief: due(now) - due(after)}
}

// due is what findings cost together, as those of one tree.
func due(items []item) float64 {
	t := newTally()
	for _, it := range items {
		t.appear(it)
	}
	sum, _, _ := t.sum()
	return sum
}
