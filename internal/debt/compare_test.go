package debt

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// at is a measure of a rule in pkg.symbol at file:line.
func at(rule, symbol, position string, value float64) Measure {
	m := Measure{Rule: rule, Value: value, Message: rule, EndLine: 1}
	m.Package, m.Symbol, _ = strings.Cut(symbol, ".")
	file, line, _ := strings.Cut(position, ":")
	m.File = file
	fmt.Sscan(line, &m.Line)
	m.EndLine = m.Line
	m.Test = strings.HasSuffix(file, "_test.go")
	if r, _ := Lookup(rule); !r.Metric {
		m.Node = "node of " + rule
	}
	return m
}

func (m Measure) node(n string) Measure    { m.Node = n; return m }
func (m Measure) says(s string) Measure    { m.Message = s; return m }
func (m Measure) hidden(by string) Measure { m.HiddenBy = by; return m }
func (m Measure) reasonless() Measure      { m.Reasonless = true; return m }

type measures = []Measure

// story is a change and what it should do: one line for each finding, "status
// rule minutes file:line", with "deleted" and the note, and the sums.
type story struct {
	name           string
	base, head     measures
	baseSyms       string
	headSyms       string
	files          []FileChange
	excluded       map[string]string
	brokenB        []string
	brokenH        []string
	want           []string
	intro, repaid  float64
	deleted        float64
	testIn, testRe float64
}

func (s story) comparison(t *testing.T) Comparison {
	return Comparison{
		Base:     Side{Measures: s.base, Symbols: decls(t, s.baseSyms), Broken: s.brokenB},
		Head:     Side{Measures: s.head, Symbols: decls(t, s.headSyms), Broken: s.brokenH},
		Files:    s.files,
		Excluded: s.excluded,
	}
}

const (
	ten   = " a b c d e f g h i j"
	other = " k l m n o p q r s t"
)

var stories = slices.Concat(priceStories, matchStories, structuralStories, capStories, awayStories, suppressionStories)

func TestCompare(t *testing.T) {
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			d := Compare(s.comparison(t))
			var got []string
			for _, f := range d.Findings {
				line := fmt.Sprintf("%s %s %v %s:%d", f.Status, f.Rule, f.Minutes, f.File, f.Line)
				if f.Deleted {
					line += " deleted"
				}
				if f.Note != "" {
					line += " (" + f.Note + ")"
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(s.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			sums := []float64{d.Introduced, d.Repaid, d.Deleted, d.Net, d.Tests.Introduced, d.Tests.Repaid}
			want := []float64{s.intro, s.repaid, s.deleted, s.intro - s.repaid, s.testIn, s.testRe}
			if diff := cmp.Diff(want, sums); diff != "" {
				t.Errorf("introduced, repaid, deleted, net, tests introduced, repaid (-want +got):\n%s", diff)
			}
		})
	}
}

// Every story gives the same whatever the order of its parts.
func TestCompareIgnoresOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, s := range stories {
		c := s.comparison(t)
		want := Compare(c)
		for range 5 {
			shuffle(r, &c)
			if diff := cmp.Diff(want, Compare(c)); diff != "" {
				t.Errorf("%s: shuffled (-want +got):\n%s", s.name, diff)
			}
		}
	}
}

func shuffle(r *rand.Rand, c *Comparison) {
	for _, side := range []*Side{&c.Base, &c.Head} {
		side.Measures, side.Symbols = slices.Clone(side.Measures), slices.Clone(side.Symbols)
		r.Shuffle(len(side.Measures), func(i, j int) {
			side.Measures[i], side.Measures[j] = side.Measures[j], side.Measures[i]
		})
		r.Shuffle(len(side.Symbols), func(i, j int) {
			side.Symbols[i], side.Symbols[j] = side.Symbols[j], side.Symbols[i]
		})
	}
	c.Files = slices.Clone(c.Files)
	r.Shuffle(len(c.Files), func(i, j int) { c.Files[i], c.Files[j] = c.Files[j], c.Files[i] })
}

func TestRange(t *testing.T) {
	for _, test := range []struct{ net, low, high float64 }{{100, 33, 200}, {-100, -200, -33}, {0, 0, 0}} {
		if low, high := bounds(test.net); low != test.low || high != test.high {
			t.Errorf("bounds(%v) = %v, %v, want %v, %v", test.net, low, high, test.low, test.high)
		}
	}
}

func TestDamped(t *testing.T) {
	for _, test := range []struct {
		prices []float64
		want   float64
	}{
		{nil, 0}, {[]float64{20}, 20}, {[]float64{20, 45, 20}, 55}, {[]float64{20, 20}, 25},
	} {
		if got := Damped(test.prices); got != test.want {
			t.Errorf("Damped(%v) = %v, want %v", test.prices, got, test.want)
		}
	}
}

func TestTotal(t *testing.T) {
	totals, findings := Total(measures{
		at("cognitive", "p.F", "a.go:6", 55).hidden("a.go:5"),
		at("func-lines", "p.F", "a.go:6", 200),
		at("suppression", "p.F", "a.go:5", 1).reasonless(),
		at("suppression", "p.G", "b.go:5", 1), // hides nothing
		at("nesting", "p.F", "a.go:6", 4),     // below the threshold
		at("errcheck", "p.G", "b.go:9", 1),
		at("errcheck", "p.TestF", "a_test.go:9", 1),
		at("errcheck", "q.F", "q/a.go:1", 1),
	}, []string{"q"}, 500, nil)
	want := Totals{Principal: 60, Low: 0.33 * 60, High: 120, Tests: 5, Lines: 500,
		ByRule: map[string]float64{"cognitive": 45, "func-lines": 20, "suppression": 5, "errcheck": 5}}
	if diff := cmp.Diff(want, totals); diff != "" {
		t.Errorf("Total (-want +got):\n%s", diff)
	}
	var got []string
	for _, f := range findings {
		got = append(got, fmt.Sprintf("%s %s %v %s:%d", f.Status, f.Rule, f.Minutes, f.File, f.Line))
	}
	if diff := cmp.Diff([]string{
		"unchanged cognitive 45 a.go:6", "unchanged func-lines 20 a.go:6", "unchanged suppression 5 a.go:5",
		"unchanged errcheck 5 a_test.go:9", "unchanged errcheck 5 b.go:9",
	}, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if got := totals.Density(); got != 120 {
		t.Errorf("Density() = %v, want 120", got)
	}
	if got := (Totals{}).Density(); got != 0 {
		t.Errorf("Density() of an empty tree = %v, want 0", got)
	}
}
