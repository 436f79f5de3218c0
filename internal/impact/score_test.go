package impact

import (
	"math"
	"strings"
	"testing"
)

// history has n changes, of which each feature is 1 … n, in different orders.
func history(n int) *History {
	h := &History{}
	for i := range n {
		h.Changes = append(h.Changes, PastChange{LinesAdded: i + 1, Files: n - i, PriorChanges: i + 1, PriorAuthors: 7})
	}
	return h
}

func TestScore(t *testing.T) {
	tests := []struct {
		name              string
		history           *History
		self              PastChange
		value, percentile float64
	}{
		// 149 have fewer lines and one as many, 99 fewer files and one as many, none
		// fewer earlier changes, and all as many authors. The change of v lines has
		// (.65·(v-.5) + .10·(200.5-v))/200 + .125, which is lower up to v = 90.
		{"each part", history(200), PastChange{LinesAdded: 150, Files: 100, PriorChanges: 0, PriorAuthors: 7},
			.40*149.5/200 + .10*99.5/200 + .25*0 + .25*.5, 90. / 200},
		{"above all", history(200), PastChange{LinesAdded: 999, Files: 999, PriorChanges: 999, PriorAuthors: 999}, 1, 1},
		{"below all", history(200), PastChange{}, 0, 0},
		// Ties: a value of all is at the middle of them.
		{"all alike", &History{Changes: make([]PastChange, 400)}, PastChange{}, .5, 0},
		{"all lower", &History{Changes: make([]PastChange, 400)}, PastChange{LinesAdded: 1}, .40 + .60*.5, 1},
	}
	for _, test := range tests {
		got := Assess(Change{History: test.history, Self: test.self}).Score
		if math.Abs(got.Value-test.value) > 1e-9 || math.Abs(got.Percentile-test.percentile) > 1e-9 || got.Of != len(test.history.Changes) {
			t.Errorf("Score(%s) = %.5f, percentile %.5f of %d; want %.5f, %.5f of %d", test.name,
				got.Value, got.Percentile, got.Of, test.value, test.percentile, len(test.history.Changes))
		}
	}
	for name, h := range map[string]*History{"no history": nil, "199 changes": history(199)} {
		if got := Assess(Change{History: h, Self: PastChange{LinesAdded: 999}}).Score; got != nil {
			t.Errorf("Score(%s) = %v, want nil", name, got)
		}
	}
}

// TestRiskScoreShare: of a year's changes a tenth is sent for the score alone.
func TestRiskScoreShare(t *testing.T) {
	h := history(400)
	sent := 0
	for _, c := range h.Changes {
		if Assess(Change{History: h, Self: c}).High {
			sent++
		}
	}
	if sent != 40 {
		t.Errorf("%d of 400 changes are sent for their score, want 40", sent)
	}
}

func TestBlast(t *testing.T) {
	base := []Package{
		{Path: "m/core", Dir: "core", Name: "core"},
		{Path: "m/old", Dir: "old", Name: "old"},
		{Path: "m/pay", Dir: "pay", Name: "pay", Imports: []string{"m/core", "m/old"}},
		{Path: "m/web", Dir: "web", Name: "web", Imports: []string{"m/pay"}},
		{Path: "m/cmd/a", Dir: "cmd/a", Name: "main", Imports: []string{"m/web"}},
		{Path: "m/cmd/b", Dir: "cmd/b", Name: "main"},
	}
	head := append(base[:1:1], base[2:]...)
	head[1].Imports = []string{"m/core"}
	tests := []struct {
		name, files string
		packages    int
		commands    string
	}{
		{"core", "core/a.go core/b.go", 3, "m/cmd/a"},
		{"in the middle", "web/a.go", 1, "m/cmd/a"},
		{"a command", "cmd/b/main.go", 0, "m/cmd/b"},
		{"what imported a removed package", "old/a.go", 3, "m/cmd/a"},
		{"two of one chain", "core/a.go pay/a.go", 2, "m/cmd/a"},
		{"tests and texts", "core/a_test.go core/README.md none/a.go", 0, ""},
	}
	for _, test := range tests {
		change := Change{Base: Side{Packages: base}, Head: Side{Packages: head}}
		for file := range strings.FieldsSeq(test.files) {
			change.Files = append(change.Files, File{Old: file, New: file})
		}
		got := Assess(change).Blast
		if commands := strings.Join(got.Commands, " "); got.Packages != test.packages || got.Of != 5 || commands != test.commands {
			t.Errorf("Blast(%s) = %d of %d, commands %q; want %d of 5, %q", test.name, got.Packages, got.Of, commands, test.packages, test.commands)
		}
	}
}
