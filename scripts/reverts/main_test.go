package main

import (
	"math"
	"testing"

	"github.com/barraiser/barraiser/internal/git"
)

func TestArea(t *testing.T) {
	of := func(values ...float64) []scored { // the reverted ones are negative
		var out []scored
		for _, v := range values {
			out = append(out, scored{risk: math.Abs(v), reverted: v < 0})
		}
		return out
	}
	for _, test := range []struct {
		changes []scored
		want    float64
		ok      bool
	}{
		{of(1, 2, -3, -4), 1, true},
		{of(-1, -2, 3, 4), 0, true},
		{of(1, -1), 0.5, true},
		{of(1, -2, 3, -4), 0.75, true},
		{of(1, 2), 0, false},
		{nil, 0, false},
	} {
		got, ok := area(test.changes, func(c scored) float64 { return c.risk })
		if got != test.want || ok != test.ok {
			t.Errorf("area(%v) = %v, %v, want %v, %v", test.changes, got, ok, test.want, test.ok)
		}
	}
}

func TestRevertedBy(t *testing.T) {
	const a, b, c, d = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "cccccccccccccccccccccccccccccccccccccccc", "dddddddddddddddddddddddddddddddddddddddd"
	steps := []git.Step{
		{Commit: "1", Message: "Revert \"A\"\n\nThis reverts commit " + a + "."},
		{Commit: "2", Message: "Revert \"B\" (#9)\n\nReverts acme/pay#8"},
		{Commit: "3", Message: "Merge pull request #12 from acme/revert-6-d\n\nRevert D"},
		{Commit: d, Message: "Merge pull request #6 from acme/d"},
		{Commit: a, Message: "A"},
		{Commit: b, Message: "B (#8)"},
		{Commit: c, Message: "C (#7), which does not revert #8"},
	}
	got := revertedBy(steps)
	if !got[a] || !got[b] || !got[d] || got[c] || len(got) != 3 {
		t.Errorf("revertedBy = %v, want A, B and D", got)
	}
}
