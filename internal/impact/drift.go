package impact

import (
	"cmp"
	"math"
	"slices"
)

// A Drift compares the risk of a branch's newest changes with that of the changes
// before them: both are ranked among each other by the score's features and weights.
type Drift struct {
	Recent, Earlier int // changes compared
	// Higher is the chance that one of the recent changes ranks higher than one of
	// the earlier ones, 0 … 1; .5: they are alike.
	Higher    float64
	Direction Direction
}

// Direction is where risk moves.
type Direction string

// The directions. Steady is also what cannot be told from chance.
const (
	Rising  Direction = "rising"
	Falling Direction = "falling"
	Steady  Direction = "steady"
)

const (
	// leastDrift is how many changes there have to be on each side: the normal
	// approximation of the test below is good from about 20 on.
	leastDrift = 20
	// significant is the two-sided 5 % of the normal distribution.
	significant = 1.96
	// noticeable keeps a difference that only a long history can tell from chance
	// out of a sentence: Vargha and Delaney (2000) call .56 the least that is small
	// and not negligible.
	noticeable = .06
)

// DriftOf compares the changes that recent reports with the other ranked ones, by
// the rank test of Mann and Whitney. ok is false where there are too few of either.
//
// Steps are as for [NewHistory], but what counts as earlier changes and authors of
// a step are those of its own window: files only grow older, and their history with
// them, so without it the risk of every young repository would rise. window returns
// the index of the first step that is too old to count for the one of an index; it
// is asked for the oldest first.
func DriftOf(steps []Step, uncounted func(path string) bool, recent func(i int) bool, window func(i int) int) (d Drift, ok bool) {
	d, ok = DriftsOf(steps, uncounted, recent, window, func(int) []struct{} { return []struct{}{{}} })[struct{}{}]
	return d, ok
}

// DriftsOf does so for groups of the changes, each ranked among its own: groups
// returns those of a step. Of a group with too few changes there is none.
func DriftsOf[K comparable](steps []Step, uncounted func(path string) bool, recent func(i int) bool, window func(i int) int, groups func(i int) []K) map[K]Drift {
	h, _ := measure(steps, uncounted, window)
	type group struct {
		changes []PastChange
		recent  []bool
	}
	all := map[K]*group{}
	next := 0
	for i, s := range steps {
		if !s.Ranked {
			continue
		}
		c := h.Changes[next]
		next++
		if c.Files == 0 {
			continue // nothing of it counts, as of a change of documents
		}
		for _, name := range groups(i) {
			g := all[name]
			if g == nil {
				g = &group{}
				all[name] = g
			}
			g.changes, g.recent = append(g.changes, c), append(g.recent, recent(i))
		}
	}
	out := map[K]Drift{}
	for name, g := range all {
		if d, ok := driftOf(g.changes, g.recent); ok {
			out[name] = d
		}
	}
	return out
}

func driftOf(changes []PastChange, recent []bool) (d Drift, ok bool) {
	for _, is := range recent {
		if is {
			d.Recent++
		} else {
			d.Earlier++
		}
	}
	if d.Recent < leastDrift || d.Earlier < leastDrift {
		return Drift{}, false
	}
	r := rankingOf(changes)
	scores := make([]float64, len(changes))
	for i, c := range changes {
		scores[i] = r.value(c)
	}
	var z float64
	d.Higher, z = mannWhitney(scores, recent)
	switch {
	case z >= significant && d.Higher >= .5+noticeable:
		d.Direction = Rising
	case z <= -significant && d.Higher <= .5-noticeable:
		d.Direction = Falling
	default:
		d.Direction = Steady
	}
	return d, true
}

// mannWhitney returns how often one of the first group is higher than one of the
// second, ties counted half, and how many standard deviations that is from one half
// if both are alike (with the correction for ties).
func mannWhitney(values []float64, first []bool) (higher, z float64) {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	var n1, n2, ranks, ties float64
	for from := 0; from < len(order); {
		to := from
		for to < len(order) && values[order[to]] == values[order[from]] {
			to++
		}
		same := float64(to - from)
		ties += same*same*same - same
		for _, i := range order[from:to] {
			if first[i] {
				n1++
				ranks += float64(from+to+1) / 2
			} else {
				n2++
			}
		}
		from = to
	}
	u := ranks - n1*(n1+1)/2
	n := n1 + n2
	variance := n1 * n2 / 12 * (n + 1 - ties/(n*(n-1)))
	if variance <= 0 {
		return .5, 0 // all are the same
	}
	return u / (n1 * n2), (u - n1*n2/2) / math.Sqrt(variance)
}
