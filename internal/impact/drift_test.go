package impact

import (
	"fmt"
	"math"
	"testing"
)

// drifting are n changes, the newest first: the recent ones change more than the
// earlier ones where grown is true, each a file of its own.
func drifting(n int, added func(i int) int) []Step {
	var steps []Step
	for i := range n {
		steps = append(steps, Step{Commit: fmt.Sprint(i), Authors: []string{"ann"}, Ranked: true, Files: []StepFile{{Path: fmt.Sprintf("f%d.go", i), Added: added(i)}}})
	}
	return steps
}

func TestDriftOf(t *testing.T) {
	all := func(steps []Step) func(int) int { return func(int) int { return len(steps) } }
	aTest := func(string) bool { return false }
	for _, tt := range []struct {
		name  string
		n     int
		added func(i int) int
		want  Direction // empty: it cannot be said
	}{
		{"alike", 120, func(i int) int { return 10 + i%7 }, Steady},
		{"larger now", 120, func(i int) int { return 10 + i%7 + map[bool]int{true: 50}[i < 40] }, Rising},
		{"smaller now", 120, func(i int) int { return 100 + i%7 - map[bool]int{true: 50}[i < 40] }, Falling},
		{"all the same", 120, func(int) int { return 3 }, Steady},
		{"a little larger, by chance", 60, func(i int) int { return 10 + i%9 + i%2 }, Steady},
		{"too few", 50, func(i int) int { return i }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			steps := drifting(tt.n, tt.added)
			d, ok := DriftOf(steps, aTest, func(i int) bool { return i < tt.n/3 }, all(steps))
			if ok != (tt.want != "") || d.Direction != tt.want {
				t.Errorf("DriftOf() = %+v, %t, want %q", d, ok, tt.want)
			}
			if ok && d.Recent+d.Earlier != tt.n {
				t.Errorf("%d and %d changes were compared, want %d in all", d.Recent, d.Earlier, tt.n)
			}
		})
	}
}

// TestDriftWindow: a file that is only older is no riskier.
func TestDriftWindow(t *testing.T) {
	var steps []Step
	for i := range 150 {
		steps = append(steps, Step{Commit: fmt.Sprint(i), Authors: []string{fmt.Sprint(i % 5)}, Ranked: true, Files: []StepFile{{Path: "a.go", Added: i % 5}}})
	}
	recent := func(i int) bool { return i < 50 }
	none := func(string) bool { return false }
	if d, _ := DriftOf(steps, none, recent, func(int) int { return len(steps) }); d.Direction != Rising {
		t.Fatalf("without a window the direction is %s: the test shows nothing", d.Direction)
	}
	// Of the oldest steps, ten before them were not read.
	if d, ok := DriftOf(append(steps, steps[100:110]...), none, recent, func(i int) int { return i + 11 }); !ok || d.Direction != Steady {
		t.Errorf("DriftOf() = %+v, %t, want steady", d, ok)
	}
}

// TestMannWhitney is held against numbers worked out by hand: of 1 2 2 4 the
// second and the fourth are of the first group.
func TestMannWhitney(t *testing.T) {
	higher, z := mannWhitney([]float64{1, 2, 2, 4}, []bool{false, true, false, true})
	// u = 1 + ½ + 1 + 1 of 4; variance = 4/12·(5 − 6/12).
	if want := 3.5 / 4; higher != want {
		t.Errorf("higher = %v, want %v", higher, want)
	}
	if want := 1.5 / math.Sqrt(1.5); math.Abs(z-want) > 1e-9 {
		t.Errorf("z = %v, want %v", z, want)
	}
}
