package debt

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Jump is a step of a trend that moved the debt far.
type Jump struct {
	Point   int // index of the point that it leads to
	Net     float64
	Rules   []Share // that made it, the largest first
	Places  []Share // by file
	Changes []Share // by their commit
	// Measured says that the changes were judged each by itself. Else what moved in a
	// file is split evenly among those that touched it.
	Measured bool
}

// Measure takes the changes of a jump from points that each one of them led to; the
// first is what the jump began with. Where one is not whole, the jump stays as it was.
func (j *Jump) Measure(points []Point) {
	sums := map[string]float64{}
	for i, p := range points {
		if p.Gap != "" {
			return
		}
		if i > 0 {
			sums[p.Commit] = p.Net()
		}
	}
	j.Changes, j.Measured = largest(sums, j.Net), true
}

// Share is a part of a jump, in minutes: more than 0 where debt came.
type Share struct {
	Name    string
	Minutes float64
}

// maxShares is how many rules and changes a jump names.
const maxShares = 3

// Jumps returns the steps with the largest net, at most n of them, the largest
// first. A step from or to a state that is not whole may be a hole in what is
// known, and is none.
func Jumps(points []Point, n int) []Jump {
	var out []Jump
	for i := 1; i < len(points); i++ {
		p := points[i]
		if points[i-1].Gap != "" || p.Gap != "" || math.Abs(p.Net()) < 1 {
			continue
		}
		out = append(out, Jump{Point: i, Net: p.Net(), Rules: p.rules(), Places: p.places(), Changes: p.changes()})
	}
	slices.SortStableFunc(out, func(a, b Jump) int { return cmp.Compare(math.Abs(b.Net), math.Abs(a.Net)) })
	return out[:min(n, len(out))]
}

func (p Point) rules() []Share {
	sums := map[string]float64{}
	for _, m := range p.Moves {
		sums[m.Rule] += m.Minutes
	}
	return largest(sums, p.Net())
}

func (p Point) places() []Share {
	sums := map[string]float64{}
	for _, m := range p.Moves {
		sums[m.File] += m.Minutes
	}
	return largest(sums, p.Net())
}

// changes sums up the parts of each change.
func (p Point) changes() []Share {
	sums := map[string]float64{}
	for commit, parts := range shares(p.Moves, p.Merged) {
		for _, part := range parts {
			sums[commit] += part.Minutes
		}
	}
	return largest(sums, p.Net())
}

// largest keeps the shares that go the way of the net, the largest first.
func largest(sums map[string]float64, net float64) []Share {
	var out []Share
	for name, minutes := range sums {
		if minutes*net > 0 && math.Abs(minutes) >= 1 {
			out = append(out, Share{name, minutes})
		}
	}
	slices.SortFunc(out, func(a, b Share) int {
		return cmp.Or(cmp.Compare(math.Abs(b.Minutes), math.Abs(a.Minutes)), strings.Compare(a.Name, b.Name))
	})
	return out[:min(maxShares, len(out))]
}
