package debt

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// spotted is a finding of 10 minutes.
func spotted(rule, file, symbol string, value float64) Finding {
	return Finding{Measure: Measure{Rule: rule, Package: "p", File: file, Symbol: symbol, Line: 7, Value: value}, Minutes: 10}
}

func touched(commit, author, file, symbol string, age float64) []Touch {
	t := []Touch{{Commit: commit, Author: author, Age: age, File: file}}
	if symbol != "" {
		t = append(t, Touch{Commit: commit, Author: author, Age: age, File: file, Symbol: symbol})
	}
	return t
}

func TestHotspots(t *testing.T) {
	goals := func(file string) []string {
		if file == "pay/flow.go" || file == "pay" {
			return []string{"ledger"}
		}
		return nil
	}
	// Today, a half-life ago, two, and four: 1 + 1/2 + 1/4 + 1/16 = 1.8125,
	// times .70 is 1.26875 touches a quarter.
	history := slices.Concat(
		touched("c1", "ann", "pay/flow.go", "Run", 0),
		touched("c2", "ben", "pay/flow.go", "Run", 90),
		touched("c3", "ann", "pay/flow.go", "Run", 180),
		touched("c4", "cat", "pay/flow.go", "Run", 360),
		touched("c1", "ann", "pay/other.go", "Other", 0),
		touched("c1", "ann", "pay/other.go", "", 0), // twice the same
	)
	for _, tt := range []struct {
		name     string
		findings []Finding
		want     []Hotspot
	}{
		{name: "nothing"},
		{
			"a function that is hard to follow, with a goal",
			[]Finding{spotted("cognitive", "pay/flow.go", "Run", 100)},
			// 1.26875 · 20 · 1.24 = 31.465; 10 / 31.465 = .318 quarters.
			[]Hotspot{{Symbol: "Run", File: "pay/flow.go", Principal: 10, Friction: 1.24, Touches: 1.26875, Interest: 31.465, Changes: 2, Authors: 2, Goals: []string{"ledger"}, Advice: Repay}},
		},
		{
			"the worst friction, each principal: 1 + .25 of the structural, all of the others",
			[]Finding{spotted("errcheck", "pay/flow.go", "Run", 1), spotted("cognitive", "pay/flow.go", "Run", 85), spotted("params", "pay/flow.go", "Run", 9)},
			// 10 + 2.5 + 10; 1.26875 · 20 · .60 = 15.225; 1.48 quarters.
			[]Hotspot{{Symbol: "Run", File: "pay/flow.go", Principal: 22.5, Friction: .6, Touches: 1.26875, Interest: 15.225, Changes: 2, Authors: 2, Goals: []string{"ledger"}, Advice: Repay}},
		},
		{
			"pays back too late",
			[]Finding{spotted("errcheck", "pay/flow.go", "Run", 1), spotted("errcheck", "pay/flow.go", "Run", 1)},
			// 1.26875 · 20 · .10 = 2.5375; 20 / 2.5375 = 7.9 quarters.
			[]Hotspot{{Symbol: "Run", File: "pay/flow.go", Principal: 20, Friction: .1, Touches: 1.26875, Interest: 2.5375, Changes: 2, Authors: 2, Goals: []string{"ledger"}, Advice: Slow}},
		},
		{
			"without a goal, and without a touch",
			[]Finding{spotted("cognitive", "pay/other.go", "Still", 20), spotted("cognitive", "pay/other.go", "Other", 27)},
			// .70 · 20 · .25 = 3.5
			[]Hotspot{
				{Symbol: "Other", File: "pay/other.go", Principal: 10, Friction: .25, Touches: .7, Interest: 3.5, Changes: 1, Authors: 1, Advice: NoUse},
				{Symbol: "Still", File: "pay/other.go", Principal: 10, Friction: .25, Advice: NoUse},
			},
		},
		{
			"a file, and a package: each commit once",
			[]Finding{spotted("file-lines", "pay/other.go", "", 2000), spotted("god-package", "pay/doc.go", "", 9000)},
			// c1 in both files counts once in the package: 1.26875 · 20 · .10
			[]Hotspot{
				{File: "pay", Principal: 10, Friction: .1, Touches: 1.26875, Interest: 2.5375, Changes: 2, Authors: 2, Goals: []string{"ledger"}, Advice: Repay},
				{File: "pay/other.go", Principal: 10, Friction: .1, Touches: .7, Interest: 1.4, Changes: 1, Authors: 1, Advice: NoUse},
			},
		},
		{"tests, and what costs nothing", []Finding{
			{Measure: Measure{Rule: "cognitive", File: "pay/flow.go", Symbol: "Run", Test: true}, Minutes: 10},
			{Measure: Measure{Rule: "suppression", File: "pay/flow.go", Symbol: "Run"}},
		}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Hotspots(tt.findings, history, 90, goals)
			opts := cmp.Options{cmpopts.EquateApprox(0, 1e-9), cmpopts.IgnoreFields(Hotspot{}, "Findings", "Package", "Line")}
			if diff := cmp.Diff(tt.want, got, opts); diff != "" {
				t.Errorf("Hotspots() (-want +got):\n%s", diff)
			}
			slices.Reverse(tt.findings)
			again := Hotspots(tt.findings, history, 90, goals)
			if diff := cmp.Diff(got, again); diff != "" {
				t.Errorf("Hotspots() depends on the order of findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPayback(t *testing.T) {
	for _, tt := range []struct{ principal, interest, want float64 }{
		{30, 60, .5}, {60, 15, 4}, {60, 0, math.Inf(1)},
	} {
		if got := (Hotspot{Principal: tt.principal, Interest: tt.interest}).Payback(); got != tt.want {
			t.Errorf("Payback() of %v at %v = %v, want %v", tt.principal, tt.interest, got, tt.want)
		}
	}
}

// Four quarters are still advised, and a minute more is not.
func TestAdviceAtTheLimit(t *testing.T) {
	goal := func(string) []string { return []string{"g"} }
	// One touch today of a low function: 3.5 minutes a quarter, 14 in four.
	for minutes, want := range map[float64]Advice{14: Repay, 15: Slow} {
		f := spotted("cognitive", "a.go", "F", 20)
		f.Minutes = minutes
		got := Hotspots([]Finding{f}, touched("c", "ann", "a.go", "F", 0), 90, goal)
		if len(got) != 1 || got[0].Advice != want {
			t.Errorf("Hotspots() of %v minutes = %+v, want advice %s", minutes, got, want)
		}
	}
}

func TestFriction(t *testing.T) {
	for _, tt := range []struct {
		rule, symbol string
		value, want  float64
	}{
		{"cognitive", "F", 27, .25}, {"cognitive", "F", 28, .6}, {"cognitive", "F", 85, .6}, {"cognitive", "F", 86, 1.24},
		{"func-lines", "F", 189, 1.24}, {"nesting", "F", 5, .6},
		{"params", "F", 40, .25}, // no band
		{"errcheck", "F", 1, .1}, {"file-lines", "", 5000, .1}, {"no-such-rule", "F", 9, .1},
	} {
		f := Finding{Measure: Measure{Rule: tt.rule, Symbol: tt.symbol, Value: tt.value}}
		if got := friction(f); got != tt.want {
			t.Errorf("friction(%s %v) = %v, want %v", tt.rule, tt.value, got, tt.want)
		}
	}
	for rule, b := range bands {
		if r, ok := Lookup(rule); !ok || !r.Metric || b.p80 >= b.p95 {
			t.Errorf("band %v of %q: no metric rule, or not in order", b, rule)
		}
	}
}

// In the long run, quarterly makes of a touch a day one for each day of a
// quarter.
func TestQuarterly(t *testing.T) {
	var sum float64
	for age := range 20 * 365 {
		sum += quarterly * math.Exp2(-float64(age)/halfLife)
	}
	if sum < 90 || sum > 92 {
		t.Errorf("a touch a day is %v touches a quarter, want 90 to 92", sum)
	}
}
