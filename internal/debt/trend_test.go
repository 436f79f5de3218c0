package debt

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// tangled is a measure of a function's complexity.
func tangled(file, symbol string, value float64) Measure {
	return Measure{Rule: "cognitive", Package: "m/" + file, Symbol: symbol, File: file, Line: 3, EndLine: 3, Value: value, Message: "complex"}
}

func fixme(file string, line int) Measure {
	return Measure{Rule: "self-admitted/fixme", Package: "m/" + file, File: file, Line: line, EndLine: line, Value: 1, Node: fmt.Sprint(line), Message: "FIXME"}
}

func state(measures ...Measure) State { return State{Measures: measures, Lines: 1000, Files: 10} }

func TestFigures(t *testing.T) {
	s := state(tangled("a.go", "F", 35), fixme("a.go", 9), fixme("b.go", 1), fixme("other.go", 2))
	s.Measures[3].Test = true
	s.FileLines = map[string]int{"a.go": 600, "b.go": 300, "clean.go": 100}
	touches := []Touch{{Commit: "1", File: "a.go", Symbol: "F"}, {Commit: "1", File: "a.go"}}
	part := map[string]string{"a.go": "pay"}
	got, spots := s.Figures(nil, touches, Owners{
		Component: func(file string) string { return part[file] },
		Goals:     func(file string) []string { return map[string][]string{"a.go": {"speed", "trust"}}[file] },
	})
	if len(spots) != 3 { // of test code there are none
		t.Fatalf("%d places, want 3", len(spots))
	}
	want := Figures{
		Lines: 1000, Principal: 5 + 20 + 30 + 30, Tests: 30,
		Interest:    .70*20*.60 + .70*20*.10,
		Payable:     25, // 25 min at 8.4 a quarter; the FIXME of a.go takes 21 quarters
		ByRule:      map[string]float64{"cognitive": 25, "self-admitted": 60},
		ByComponent: map[string]float64{"pay": 55, "": 30},
		ByTeam:      map[string]float64{},
		ByGoal:      map[string]float64{"speed": 55, "trust": 55},
		Costs: map[Division]map[string]Cost{
			Components: {"pay": {9.8, 25, 600}, "": {Lines: 400}},
			Goals:      {"speed": {9.8, 25, 600}, "trust": {9.8, 25, 600}},
		},
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(near)); diff != "" {
		t.Errorf("Figures (-want +got):\n%s", diff)
	}
	if got.Density() != 85 {
		t.Errorf("density %g, want 85", got.Density())
	}
	if density, known := got.PartDensity(Part{Components, ""}); density != 75 || !known {
		t.Errorf("density of what is in no component: %g, %t; want 75", density, known)
	}
	if density, known := got.PartDensity(Part{Teams, "pay"}); known {
		t.Errorf("density of a team whose lines are not known: %g", density)
	}
}

// TestStepAddsUp: principal = principal before + introduced − repaid + other,
// whatever happened.
func TestStepAddsUp(t *testing.T) {
	healthy := state(tangled("a.go", "F", 35), fixme("a.go", 9), fixme("b.go", 1))
	worse := state(tangled("a.go", "F", 45), fixme("a.go", 9), fixme("c.go", 1), fixme("c.go", 2))
	broken := state(tangled("a.go", "F", 35), fixme("a.go", 9))
	broken.Broken = []string{"m/b.go"}
	hole := state(fixme("a.go", 9))
	hole.Unread = 9
	for _, tt := range []struct {
		name                       string
		from, to                   State
		introduced, repaid, beside float64
		moves                      int
	}{
		{"nothing", healthy, healthy, 0, 0, 0, 0},
		{"from nothing", state(), healthy, 85, 0, 0, 3},
		{"grown", healthy, worse, 10 + 30 + 30 - 30, 0, 0, 2},
		{"and back", worse, healthy, 0, 10 + 30, 0, 2},
		{"breaks", healthy, broken, 0, 0, -30, 0},
		{"heals", broken, healthy, 0, 0, 30, 0},
		{"is not known", healthy, hole, 0, 0, -55, 0},
		{"is known again", hole, healthy, 0, 0, 55, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Advance{From: tt.from, To: tt.to}.Step(nil)
			was, _ := tt.from.Figures(nil, nil, Owners{})
			is, _ := tt.to.Figures(nil, nil, Owners{})
			if !near(is.Principal, was.Principal+got.Introduced-got.Repaid+got.Other) {
				t.Errorf("%g + %g − %g + %g is not %g", was.Principal, got.Introduced, got.Repaid, got.Other, is.Principal)
			}
			if !near(got.Net(), tt.introduced-tt.repaid) || !near(got.Other, tt.beside) {
				t.Errorf("net %g other %g, want %g and %g", got.Net(), got.Other, tt.introduced-tt.repaid, tt.beside)
			}
			if len(got.Moves) < tt.moves || tt.moves == 0 && len(got.Moves) > 0 {
				t.Errorf("%d moves, want %d", len(got.Moves), tt.moves)
			}
		})
	}
}

// TestStepKnowsWhatWasRenamed: with the declarations, a function that was
// renamed is the same one.
func TestStepKnowsWhatWasRenamed(t *testing.T) {
	tokens := []uint32{1, 2, 3, 4, 5, 6, 7, 8, 9}
	at := func(name string) []Symbol {
		return []Symbol{{Package: "m/a.go", Name: name, File: "a.go", Line: 3, EndLine: 9, Tokens: tokens}}
	}
	a := Advance{
		From: state(tangled("a.go", "Old", 35)), To: state(tangled("a.go", "New", 36)),
		Files: []FileChange{{Old: "a.go", New: "a.go"}}, Before: at("Old"), After: at("New"),
	}
	if got := a.Step(nil); got.Introduced != 1 || got.Repaid != 0 {
		t.Errorf("introduced %g repaid %g, want 1 and 0", got.Introduced, got.Repaid)
	}
}

// TestAbsorb: the row says the same without one of its points.
func TestAbsorb(t *testing.T) {
	owners := Owners{Team: func(file string) string { return map[string]string{"a.go": "pay"}[file] }}
	states := []State{
		state(tangled("a.go", "F", 35)),
		state(tangled("a.go", "F", 45), fixme("b.go", 1)),
		state(tangled("a.go", "F", 40), fixme("b.go", 1), fixme("b.go", 2)),
	}
	var points []Point
	for i, s := range states {
		p := Point{Merged: []Merged{{Commit: fmt.Sprint(i)}}}
		p.Figures, _ = s.Figures(nil, nil, owners)
		if i > 0 {
			p.Step = Advance{From: states[i-1], To: s, Owners: owners}.Step(nil)
		}
		points = append(points, p)
	}
	got := points[2].Absorb(points[1])
	if want := points[0].Principal + got.Introduced - got.Repaid; !near(want, got.Principal) {
		t.Errorf("principal %g, by the steps %g", got.Principal, want)
	}
	want := map[Division]map[string]Flow{
		Families: {"cognitive": {10, 5}, "self-admitted": {60, 0}},
		Teams:    {"pay": {10, 5}, "": {60, 0}},
	}
	if diff := cmp.Diff(want, got.Flows, cmp.Comparer(near)); diff != "" {
		t.Errorf("flows (-want +got):\n%s", diff)
	}
	if len(got.Merged) != 2 || got.Merged[0].Commit != "2" || len(got.Moves) != 4 {
		t.Errorf("merged %v, moves %v", got.Merged, got.Moves)
	}
}

func TestWhole(t *testing.T) {
	for _, tt := range []struct {
		s    State
		want bool
	}{
		{State{Files: 100}, true}, {State{Files: 100, Unread: 2}, true}, {State{Files: 100, Unread: 3}, false},
		{State{Files: 100, Lost: 1}, true}, {State{Files: 100, Unread: 2, Lost: 1}, false}, {State{}, false},
	} {
		if got := tt.s.Whole(); got != tt.want {
			t.Errorf("%+v.Whole() = %t, want %t", tt.s, got, tt.want)
		}
	}
}

func TestJumps(t *testing.T) {
	step := func(introduced, repaid float64, moves ...Move) Point {
		return Point{Step: Step{Introduced: introduced, Repaid: repaid, Moves: moves}, At: time.Unix(1, 0)}
	}
	points := []Point{
		step(500, 0), // the first has no step
		step(30, 10, Move{"cognitive", "a.go", 25}, Move{"vet/printf", "a.go", 5}, Move{"unused", "b.go", -10}),
		step(0, 60, Move{"clone", "c.go", -60}),
		step(0.4, 0),
		step(90, 0), // to a hole
		step(90, 0), // and from it
		step(25, 0, Move{"cognitive", "a.go", 10}, Move{"nesting", "a.go", 9}, Move{"clone", "x.go", 3}, Move{"unused", "y.go", 2}, Move{"func-lines", "z.go", .5}),
		step(15, 0, Move{"god-package", "p/build.go", 12}, Move{"todo", "p/q/q.go", 3}),
	}
	points[4].Gap = "broken"
	points[1].Merged = []Merged{
		{Commit: "c1", Title: "first", Files: []string{"a.go"}}, {Commit: "c2", Title: "second", Files: []string{"b.go", "a.go", "a.go"}}, {Commit: "c3", Title: "third"},
	}
	points[7].Merged = []Merged{
		{Commit: "c4", Files: []string{"p/core.go", "p/a/a.go", "p/core_test.go", "p/README.md"}}, {Commit: "c5", Files: []string{"p/other.go"}}, {Commit: "c6", Files: []string{"p/q/README.md", "go.mod"}},
	}
	got := Jumps(points, 4)
	want := []Jump{
		{Point: 2, Net: -60, Rules: []Share{{"clone", -60}}, Places: []Share{{"c.go", -60}}},
		{Point: 6, Net: 25, Rules: []Share{{"cognitive", 10}, {"nesting", 9}, {"clone", 3}}, Places: []Share{{"a.go", 19}, {"x.go", 3}, {"y.go", 2}}},
		{Point: 1, Net: 20, Rules: []Share{{"cognitive", 25}, {"vet/printf", 5}}, Places: []Share{{"a.go", 30}}, Changes: []Share{{"c1", 15}, {"c2", 5}}},
		// No change touched the file that a finding about a package stands in.
		{Point: 7, Net: 15, Rules: []Share{{"god-package", 12}, {"todo", 3}}, Places: []Share{{"p/build.go", 12}, {"p/q/q.go", 3}}, Changes: []Share{{"c4", 6}, {"c5", 6}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Jumps (-want +got):\n%s", diff)
	}
	if got := Jumps(points, 1); len(got) != 1 || got[0].Point != 2 {
		t.Errorf("the largest is %+v, want point 2", got)
	}
	if got := Jumps(nil, 3); len(got) != 0 {
		t.Errorf("Jumps of nothing = %v", got)
	}
}

// TestMeasure: what each change did is known only where all of them could be judged.
func TestMeasure(t *testing.T) {
	step := func(commit string, introduced, repaid float64) Point {
		return Point{Commit: commit, Step: Step{Introduced: introduced, Repaid: repaid}}
	}
	way := []Point{step("before", 700, 0), step("c1", 20, 0), step("c2", 0, 40), step("c3", 80, 10)}
	split := Jump{Net: 50, Changes: []Share{{"c2", 25}, {"c3", 25}}}
	j := split
	j.Measure(way)
	want := Jump{Net: 50, Changes: []Share{{"c3", 70}, {"c1", 20}}, Measured: true}
	if diff := cmp.Diff(want, j); diff != "" {
		t.Errorf("Measure (-want +got):\n%s", diff)
	}
	way[2].Gap, j = "broken", split
	j.Measure(way)
	if diff := cmp.Diff(split, j); diff != "" {
		t.Errorf("Measure with a hole (-want +got):\n%s", diff)
	}
}

func TestEnds(t *testing.T) {
	whole, gap := Point{Commit: "w"}, Point{Gap: "g"}
	last := Point{Commit: "l"}
	for _, tt := range []struct {
		points      []Point
		first, last string
		ok          bool
	}{
		{nil, "", "", false}, {[]Point{gap, gap}, "", "", false}, {[]Point{gap, whole}, "w", "w", false},
		{[]Point{gap, whole, gap, last, gap}, "w", "l", true},
	} {
		first, last, ok := Ends(tt.points)
		if first.Commit != tt.first || last.Commit != tt.last || ok != tt.ok {
			t.Errorf("Ends(%v) = %s, %s, %t", tt.points, first.Commit, last.Commit, ok)
		}
	}
}

// TestCredits: what was repaid is thanked for the more, the more depend on it.
func TestCredits(t *testing.T) {
	step := Step{Moves: []Move{
		{"clone", "base/b.go", -40}, {"nesting", "leaf/l.go", -60}, {"unused", "leaf/new.go", 70}, {"clone", "both/x.go", -30}, {"todo", "gone/g.go", -.5},
	}}
	merged := []Merged{
		{Commit: "c1", Title: "Mend the base", Files: []string{"base/b.go", "both/x.go"}, Teams: []string{"core"}},
		{Commit: "c2", Title: "Mend a leaf", Files: []string{"leaf/l.go"}},
		{Commit: "c3", Title: "Add", Files: []string{"leaf/new.go", "both/x.go"}},
		{Commit: "c4", Title: "Hardly anything", Files: []string{"gone/g.go"}},
	}
	users := map[string][]string{"base": {"leaf", "pay", "both"}, "both": {"pay"}}
	team := map[string]string{"base": "core", "both": "core", "leaf": "leaves", "pay": "payments"}
	got := Credits(step, merged, func(dir string) []string { return users[dir] }, func(dir string) string { return team[dir] })
	want := []Credit{
		{Commit: "c1", Title: "Mend the base", By: []string{"core"}, Minutes: 55, Packages: 2, Teams: []string{"leaves", "payments"}},
		{Commit: "c2", Title: "Mend a leaf", Minutes: 60},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Credits (-want +got):\n%s", diff)
	}
	if got := want[0].Reach(); got != 165 {
		t.Errorf("reach %g, want 165", got)
	}
	if got := Credits(step, merged[:1], func(string) []string { return nil }, nil); len(got) != 1 || got[0].Minutes != 70 || got[0].Teams != nil {
		t.Errorf("without teams: %+v", got)
	}
}
