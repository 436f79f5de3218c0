package debt

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mend takes findings of a delta out of the head, a worse one back to what it
// was, and with a suppression what it newly hides.
func mend(base, head Side, d Delta, set []int) Side {
	head.Measures = slices.Clone(head.Measures)
	back := func(f Finding) {
		i := slices.Index(head.Measures, f.Measure)
		switch {
		case f.Was == 0:
			head.Measures = slices.Delete(head.Measures, i, i+1)
		case f.Rule != suppression:
			head.Measures[i].Value = f.Was
		case f.Reasonless: // one in a function, see randomSide
			head.Measures[i].Reasonless = slices.ContainsFunc(base.Measures, func(m Measure) bool {
				return m.Rule == suppression && m.Symbol == f.Symbol && m.Reasonless
			})
		}
	}
	for _, n := range set {
		f := d.Findings[n]
		back(f)
		for _, hidden := range d.Findings {
			if f.Rule == suppression && hidden.Status == Suppressed && hidden.HiddenBy == fmt.Sprintf("%s:%d", f.File, f.Line) {
				back(hidden)
			}
		}
	}
	return head
}

// What Repairs promises is what Compare says of the mended head.
func TestRepairs(t *testing.T) {
	for _, test := range []struct {
		name                  string
		renames, suppressions bool
	}{{"plain", false, false}, {"renames", true, false}, {"suppressions", false, true}} {
		t.Run(test.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(7, 8))
			ways := 0
			for range 8 {
				where := plain
				if test.renames {
					where = renaming(r)
				}
				base, head := randomSide(r, plain, test.suppressions), randomSide(r, where, test.suppressions)
				d := between(base, head)
				var all []int
				want := d.Net
				for _, group := range d.Repairs(nil) {
					for _, way := range group {
						ways++
						got := between(base, mend(base, head, d, way.Findings)).Net
						if !near(got, d.Net-way.Relief) {
							t.Fatalf("mended %v: net %v, want %v − %v", way.Findings, got, d.Net, way.Relief)
						}
						if way.Work < way.Relief-1e-9 {
							t.Fatalf("%v takes %v minutes and yields %v", way.Findings, way.Work, way.Relief)
						}
					}
					pick := group[r.IntN(len(group))]
					all, want = append(all, pick.Findings...), want-pick.Relief
				}
				if got := between(base, mend(base, head, d, all)).Net; !near(got, want) {
					t.Fatalf("mended one way of each group: net %v, want %v", got, want)
				}
				// What is matched across symbols was damped elsewhere, and of a
				// suppression that hides more it is not told that its reason is new.
				if got := d.NetOf(nil, func(string) bool { return true }); !near(got, d.Net) && test.name == "plain" {
					t.Fatalf("NetOf all files = %v, want %v", got, d.Net)
				}
			}
			if ways < 200 {
				t.Errorf("only %d ways were tried", ways)
			}
		})
	}
}

func TestRepairsByHand(t *testing.T) {
	at := func(file, symbol, rule string, value float64) Measure {
		return Measure{Rule: rule, Package: "p", Symbol: symbol, File: file, Line: 1, EndLine: 1, Value: value}
	}
	// Cognitive 5 + 1/point over 15, length 20 over 130 lines.
	base := Side{Measures: []Measure{at("p/a.go", "F", "cognitive", 25)}} // 15 min
	head := Side{Measures: []Measure{
		at("p/a.go", "F", "cognitive", 65), at("p/a.go", "F", "func-lines", 200), // 55, +40; 20
		at("p/b.go", "G", "errcheck", 1), // 5
		{Rule: "errcheck", Package: "p", Symbol: "T", File: "p/b_test.go", Line: 1, EndLine: 1, Value: 1, Test: true},
	}}
	d := between(base, head)
	got := d.Repairs(nil)
	want := [][]Repair{
		{{[]int{0}, 40, 36.25}, {[]int{1}, 20, 5}, {[]int{0, 1}, 45, 45}}, // 60 → 20+15/4, 55, 15
		{{[]int{2}, 5, 5}},
	}
	// Of F, mending both is work of 40 + 20/4.
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Repairs (-want +got):\n%s", diff)
	}
	for file, want := range map[string]float64{"p/a.go": 45, "p/b.go": 5, "p/b_test.go": 0} {
		if got := d.NetOf(nil, func(f string) bool { return f == file }); !near(got, want) {
			t.Errorf("NetOf(%s) = %v, want %v", file, got, want)
		}
	}
}

// Past maxTogether findings of one symbol, the dearest ones are offered.
func TestRepairsOfMany(t *testing.T) {
	var head Side
	for i := range maxTogether + 3 {
		head.Measures = append(head.Measures, Measure{
			Rule: "cognitive", Package: "p", Symbol: "init", File: "p/a.go", Line: i + 1, EndLine: i + 1, Value: float64(20 + i),
		})
	}
	d := between(Side{}, head)
	got := d.Repairs(nil)
	if len(got) != 1 || len(got[0]) != maxTogether+3 {
		t.Fatalf("Repairs = %v, want one group of %d ways", got, maxTogether+3)
	}
	for n, way := range got[0] {
		if len(way.Findings) != n+1 || way.Findings[0] != 0 {
			t.Errorf("way %d mends %v", n, way.Findings)
		}
		if net := between(Side{}, mend(Side{}, head, d, way.Findings)).Net; !near(net, d.Net-way.Relief) {
			t.Errorf("mended %v: net %v, want %v − %v", way.Findings, net, d.Net, way.Relief)
		}
	}
}
