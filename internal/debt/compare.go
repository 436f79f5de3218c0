package debt

import (
	"cmp"
	"fmt"
	"slices"
)

// The range of an estimate, as factors of it (ours: the
// public price lists differ fourfold for one function, so that a single figure
// would claim a precision that nobody has).
const (
	lowFactor  = 0.33
	highFactor = 2.0
)

// bounds are the ends of the range; a gain has its larger factor at the low end.
func bounds(minutes float64) (low, high float64) {
	low, high = lowFactor*minutes, highFactor*minutes
	return min(low, high), max(low, high)
}

// Compare says what a change does to the debt. It takes the measures of both
// sides as they are: it prices them, matches the findings, and counts. The
// order of the input does not matter.
func Compare(c Comparison) Delta {
	broken := make(map[string]bool)
	for _, pkg := range slices.Concat(c.Base.Broken, c.Head.Broken) {
		broken[pkg] = true
	}
	k := comparing{
		paths:    newPaths(c.Files),
		from:     newSymbols(c.Base.Symbols),
		to:       newSymbols(c.Head.Symbols),
		excluded: c.Excluded,
		code:     newTally(),
		tests:    newTally(),
	}
	pairSymbols(k.from, k.to, k.paths)
	k.base, k.head = locate(newItems(c.Base.Measures, broken, c.Settings), newItems(c.Head.Measures, broken, c.Settings), k.from, k.to, k.paths, broken)
	match(k.base, k.head)

	findings := slices.Concat(k.standing(), k.vanished())
	sortFindings(findings)

	d := Delta{Findings: findings}
	d.Introduced, d.Repaid, d.Deleted = k.code.sum()
	d.Tests.Introduced, d.Tests.Repaid, _ = k.tests.sum()
	d.Net = d.Introduced - d.Repaid
	d.Low, d.High = bounds(d.Net)
	return d
}

// comparing is a comparison under way: the findings are matched and are now
// judged one by one.
type comparing struct {
	paths       paths
	from, to    *symbols
	excluded    map[string]string
	base, head  []item
	code, tests *tally
}

func (k *comparing) tally(test bool) *tally {
	if test {
		return k.tests
	}
	return k.code
}

// standing judges the findings of the head.
//
// A hidden finding costs what it would cost in sight, and is counted as such.
// But what a reader has to be shown is the comment that hides it: whatever is
// newly hidden is charged to the suppression, and the finding itself is listed
// as suppressed.
func (k *comparing) standing() []Finding {
	var findings []Finding
	hiders := findHiders(k.head)
	hidden := make(map[int]float64) // by suppression: the minutes it newly hides
	for i := range k.head {
		h := k.head[i]
		if h.rule.ID == suppression {
			continue
		}
		f := k.judge(h)
		if by, ok := hiders.of[h.HiddenBy]; ok && (f.Status == New || f.Status == Worse) {
			hidden[by] += f.Minutes
			f.Status, f.Minutes = Suppressed, h.price
		}
		findings = append(findings, f)
	}
	for i := range k.head {
		h := k.head[i]
		if h.rule.ID != suppression {
			continue
		}
		f := k.judge(h)
		switch more := hidden[i]; {
		case f.Status == New || f.Status == Worse:
			f.Minutes += more
		case more > 0:
			f.Status, f.Minutes = Worse, more
		}
		if h.price > 0 || hiders.hides[i] || f.Status == Better {
			findings = append(findings, f)
		}
	}
	return findings
}

// judge says what became of a finding of the head, taken by itself, and counts
// it.
func (k *comparing) judge(h item) Finding {
	f := finding(h)
	f.Minutes = h.price
	if h.pair < 0 {
		f.Status = New
		k.tally(h.Test).appear(h)
		return f
	}
	b := k.base[h.pair]
	f.Was = b.Value
	was := b.price
	if b.Test != h.Test {
		// Code that goes from the one to the other sort mends nothing there
		// and adds nothing here, beyond what grew on the way.
		was = min(was, h.price)
		if h.Test && was == h.price {
			f.Note = awayNote("test")
		}
	}
	k.tally(h.Test).stay(b, h, was)
	switch {
	case h.price > was:
		f.Status, f.Minutes = Worse, h.price-was
	case h.price < was:
		f.Status, f.Minutes = Better, was-h.price
	case h.HiddenBy != "" && b.HiddenBy == "":
		f.Status = Suppressed
	case b.site() != h.site():
		f.Status = Moved
	default:
		f.Status = Unchanged
	}
	return f
}

// vanished judges the findings of the base that nothing at the head matches.
func (k *comparing) vanished() []Finding {
	var findings []Finding
	hiders := findHiders(k.base)
	for i := range k.base {
		b := k.base[i]
		if b.pair >= 0 || b.rule.ID == suppression && b.price == 0 && !hiders.hides[i] {
			continue
		}
		f := finding(b)
		f.Minutes = b.price
		if note, ok := b.away(k.from, k.to, k.paths, k.excluded); ok {
			f.Status, f.Note = Moved, note
		} else {
			f.Status, f.Deleted = Paid, b.gone(k.from, k.paths)
			k.tally(b.Test).vanish(b, f.Deleted)
		}
		findings = append(findings, f)
	}
	return findings
}

// finding is an item as it is shown: under the current id of its rule.
func finding(it item) Finding {
	f := Finding{Measure: it.Measure, Fingerprint: Fingerprint(it.Measure)}
	f.Rule = it.rule.ID
	return f
}

// hiding says which items are suppressions that hide another, by their index,
// and which one stands at a "file:line".
type hiding struct {
	of    map[string]int
	hides map[int]bool
}

func findHiders(items []item) hiding {
	h := hiding{make(map[string]int), make(map[int]bool)}
	for i, it := range items {
		if it.rule.ID == suppression {
			at := fmt.Sprintf("%s:%d", it.File, it.Line)
			if _, ok := h.of[at]; !ok {
				h.of[at] = i
			}
		}
	}
	for _, it := range items {
		if by, ok := h.of[it.HiddenBy]; ok {
			h.hides[by] = true
		}
	}
	return h
}

// rank is the order in which to read the findings of a change.
var rank = map[Status]int{New: 0, Worse: 0, Suppressed: 1, Paid: 2, Better: 3, Moved: 4, Unchanged: 5}

func sortFindings(list []Finding) {
	slices.SortFunc(list, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(rank[a.Status], rank[b.Status]), cmp.Compare(b.Minutes, a.Minutes),
			compareMeasures(a.Measure, b.Measure), cmp.Compare(a.Status, b.Status), cmp.Compare(a.Was, b.Was))
	})
}
