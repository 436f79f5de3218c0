package debt

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// names says where the functions of a state are and what they are called.
type names func(n int) (pkg, name, file string)

func plain(n int) (pkg, name, file string) {
	pkg = fmt.Sprint("p", n%3)
	return pkg, fmt.Sprint("F", n), fmt.Sprintf("%s/%d.go", pkg, n%5)
}

// renaming gives some functions another name, file or package.
func renaming(r *rand.Rand) names {
	how := make(map[int]int)
	for n := range functions {
		how[n] = r.IntN(6)
	}
	return func(n int) (pkg, name, file string) {
		pkg, name, file = plain(n)
		switch how[n] {
		case 0:
			name = fmt.Sprint("Renamed", n)
		case 1:
			file = pkg + "/moved.go"
		case 2:
			pkg, file = "q", "q/moved.go"
		}
		return pkg, name, file
	}
}

const functions = 12

var (
	metrics  = []string{"cognitive", "func-lines", "nesting", "params"}
	patterns = []string{"errcheck", "vet/printf", "self-admitted/todo", "staticcheck/SA1019"}
	capped   = []string{"modernize/any", "modernize/forvar"}
)

// randomSide makes a tree. A rule occurs at most once in a function, with a
// value that need not be a finding.
func randomSide(r *rand.Rand, where names, suppressions bool) Side {
	var s Side
	for n := range functions {
		if r.IntN(4) == 0 {
			continue // the function is not there
		}
		pkg, name, file := where(n)
		line := 1 + 100*n
		sym := Symbol{Package: pkg, Name: name, File: file, Line: line, EndLine: line + 99}
		for i := range 20 {
			sym.Tokens = append(sym.Tokens, uint32(1000*n+i))
		}
		s.Symbols = append(s.Symbols, sym)
		m := Measure{Package: pkg, Symbol: name, File: file, EndLine: line}
		add := func(rule, node string, at int, value float64) {
			m.Rule, m.Node, m.Line, m.Value = rule, node, line+at, value
			m.HiddenBy, m.Reasonless = "", false
			if suppressions && rule != "suppression" && r.IntN(3) == 0 {
				m.HiddenBy = fmt.Sprintf("%s:%d", file, line+1)
			}
			if rule == "suppression" {
				m.Reasonless = r.IntN(2) == 0
			}
			s.Measures = append(s.Measures, m)
		}
		for i, rule := range metrics {
			row, _ := Lookup(rule)
			if r.IntN(2) == 0 {
				add(rule, "", i, row.Threshold+float64(r.IntN(40)-5))
			}
		}
		for i, rule := range patterns {
			for copies := r.IntN(3); copies > 0; copies-- {
				add(rule, fmt.Sprint(rule, n), 10+i, 1)
			}
		}
		if suppressions && r.IntN(2) == 0 {
			add("suppression", "all", 1, 1)
		}
	}
	return s
}

// crowd adds findings of a rule with a cap, in some packages more than it.
func crowd(r *rand.Rand, s Side) Side {
	for _, sym := range s.Symbols {
		for i, rule := range capped {
			for range r.IntN(12) {
				s.Measures = append(s.Measures, Measure{
					Rule: rule, Package: sym.Package, Symbol: sym.Name, File: sym.File,
					Line: sym.Line + 20 + i, EndLine: sym.Line + 20 + i, Node: sym.Name, Value: 1,
				})
			}
		}
	}
	return s
}

func between(a, b Side) Delta { return Compare(Comparison{Base: a, Head: b}) }

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

// Debt is a function of a state: the net adds up over any steps.
func TestNetIsAdditive(t *testing.T) {
	for _, test := range []struct {
		name                  string
		renames, suppressions bool
	}{{"plain", false, false}, {"renames", true, false}, {"suppressions", true, true}} {
		t.Run(test.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(5, 6))
			for range 100 {
				var s [3]Side
				for i := range s {
					where := plain
					if test.renames {
						where = renaming(r)
					}
					s[i] = crowd(r, randomSide(r, where, test.suppressions))
				}
				ab, bc, ac := between(s[0], s[1]), between(s[1], s[2]), between(s[0], s[2])
				if !near(ab.Net+bc.Net, ac.Net) {
					t.Fatalf("net A→B %v + B→C %v, but A→C %v", ab.Net, bc.Net, ac.Net)
				}
				a, _ := Total(s[0].Measures, nil, 0, nil)
				c, _ := Total(s[2].Measures, nil, 0, nil)
				if !near(c.Principal-a.Principal, ac.Net) {
					t.Fatalf("total of C %v − total of A %v, but net A→C %v", c.Principal, a.Principal, ac.Net)
				}
			}
		})
	}
}

// A tree compared with itself changes nothing, and with itself under other
// names neither. (Code that goes to another package may: there the cap of a
// package is another. So no capped findings go along.)
func TestIdentity(t *testing.T) {
	for seed := range uint64(100) {
		a := randomSide(rand.New(rand.NewPCG(seed, 0)), plain, true)
		crowded := crowd(rand.New(rand.NewPCG(seed, 2)), a)
		renamed := randomSide(rand.New(rand.NewPCG(seed, 0)), renaming(rand.New(rand.NewPCG(seed, 1))), true)
		for _, d := range []Delta{between(crowded, crowded), between(a, renamed)} {
			if d.Introduced != 0 || d.Repaid != 0 || d.Net != 0 || d.Deleted != 0 {
				t.Fatalf("seed %d: introduced %v, repaid %v, deleted %v, want 0", seed, d.Introduced, d.Repaid, d.Deleted)
			}
			for _, f := range d.Findings {
				if f.Status != Unchanged && f.Status != Moved {
					t.Fatalf("seed %d: %s %s in %s", seed, f.Status, f.Rule, f.Symbol)
				}
			}
		}
	}
}

// What one way introduces, the way back repays.
func TestSymmetry(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 300 {
		a, b := crowd(r, randomSide(r, plain, false)), crowd(r, randomSide(r, renaming(r), false))
		there, back := between(a, b), between(b, a)
		if !near(there.Introduced, back.Repaid) || !near(there.Repaid, back.Introduced) {
			t.Fatalf("there introduced %v, repaid %v; back introduced %v, repaid %v", there.Introduced, there.Repaid, back.Introduced, back.Repaid)
		}
	}
}

// checkInvariants holds what is true of every comparison.
func checkInvariants(t *testing.T, c Comparison, r *rand.Rand) {
	t.Helper()
	d := Compare(c)
	for name, v := range map[string]float64{
		"introduced": d.Introduced, "repaid": d.Repaid, "deleted": d.Deleted,
		"tests introduced": d.Tests.Introduced, "tests repaid": d.Tests.Repaid,
	} {
		if v < 0 || math.IsNaN(v) || math.IsInf(v, 0) {
			t.Errorf("%s = %v", name, v)
		}
	}
	if d.Net != d.Introduced-d.Repaid || d.Low > d.High || d.Deleted > d.Repaid+1e-9 {
		t.Errorf("introduced %v, repaid %v, deleted %v, net %v, %v … %v", d.Introduced, d.Repaid, d.Deleted, d.Net, d.Low, d.High)
	}
	for i, f := range d.Findings {
		if f.Minutes < 0 || f.Fingerprint == "" || f.Status == "" {
			t.Errorf("finding %+v", f)
		}
		if i > 0 && rank[d.Findings[i-1].Status] > rank[f.Status] {
			t.Errorf("%s stands before %s", d.Findings[i-1].Status, f.Status)
		}
	}
	shuffle(r, &c)
	if diff := cmp.Diff(d, Compare(c)); diff != "" {
		t.Errorf("another order of the input (-want +got):\n%s", diff)
	}
}

// FuzzCompare reads small worlds, in which names, lines and files collide all
// the time.
func FuzzCompare(f *testing.F) {
	f.Add([]byte("one two three four five six seven eight"))
	f.Add([]byte{0, 255, 1, 254, 2, 253, 3, 252, 4, 251, 5, 250})
	r := rand.New(rand.NewPCG(9, 10))
	for range 50 {
		seed := make([]byte, 400)
		for i := range seed {
			seed[i] = byte(r.IntN(256))
		}
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		checkInvariants(t, world(data), rand.New(rand.NewPCG(1, uint64(len(data)))))
	})
}

// world makes a comparison of bytes.
func world(data []byte) Comparison {
	next := func(n int) int {
		if len(data) == 0 {
			return 0
		}
		b := int(data[0])
		data = data[1:]
		return b % n
	}
	pick := func(list ...string) string { return list[next(len(list))] }
	file := func() string { return pick("a.go", "b.go", "c.go", "a_test.go", "gen.go") }
	pkg := func() string { return pick("p", "q") }
	symbol := func() string { return pick("F", "G", "T", "T.M", "init", "_", "") }
	side := func() (s Side) {
		for range next(12) {
			m := Measure{
				Rule:    pick("cognitive", "func-lines", "file-lines", "errcheck", "suppression", "vet/x", "gocognit", "modernize/x", "none"),
				Package: pkg(), Symbol: symbol(), File: file(), Line: next(30), Value: float64(next(256) * 5),
				Node: pick("", "x", "y"), Message: pick("", "m 1", "m 2 é\xff"), Reasonless: next(2) == 0,
			}
			m.Test = m.File == "a_test.go"
			if next(3) == 0 {
				m.HiddenBy = fmt.Sprintf("%s:%d", file(), next(30))
			}
			s.Measures = append(s.Measures, m)
		}
		for range next(8) {
			line := next(30)
			sym := Symbol{Package: pkg(), Name: symbol(), File: file(), Line: line, EndLine: line + next(10), Out: pick("", "", "", "generated", "test")}
			for range next(15) {
				sym.Tokens = append(sym.Tokens, uint32(next(4)))
			}
			s.Symbols = append(s.Symbols, sym)
		}
		if next(8) == 0 {
			s.Broken = []string{pkg()}
		}
		return s
	}
	c := Comparison{Base: side(), Head: side()}
	olds, news := []string{"a.go", "b.go", "c.go"}, []string{"c.go", "a.go", "a_test.go", "gen.go"}
	for range next(3) {
		change := FileChange{Old: olds[0], New: news[0]}
		olds, news = olds[1:], news[1:]
		for at := 1; len(change.Hunks) < next(4); at += 5 {
			change.Hunks = append(change.Hunks, Hunk{at, next(4), at, next(4)})
		}
		c.Files = append(c.Files, change)
	}
	if next(3) == 0 {
		c.Excluded = map[string]string{"gen.go": "generated"}
	}
	return c
}

// large is a side with n findings, of which many share everything but the line.
func large(n int, variant string) Side {
	var s Side
	for i := range n {
		pkg := fmt.Sprint("p", i%50)
		m := Measure{Rule: "errcheck", Package: pkg, Symbol: fmt.Sprint("F", i/100), File: fmt.Sprintf("%s/%d.go", pkg, i%200),
			Line: i, EndLine: i, Value: 1, Node: fmt.Sprint(variant, i%3), Message: variant}
		switch i % 4 {
		case 0: // all with one fingerprint
			m.Package, m.Symbol, m.File, m.Node = "p", "init", "p/a.go", "x"
		case 1:
			m.Rule, m.Node, m.Value = "cognitive", "", 20
		}
		s.Measures = append(s.Measures, m)
	}
	for i := range n / 4 {
		// Declarations that are alike, under other names: the dear case.
		sym := Symbol{Package: "p", Name: fmt.Sprint(variant, i), File: "p/a.go", Line: i, EndLine: i}
		for j := range 60 {
			sym.Tokens = append(sym.Tokens, uint32(j), uint32(i*7+j*len(variant)*13))
		}
		s.Symbols = append(s.Symbols, sym)
	}
	return s
}

// Nothing is quadratic: 20,000 measures a side take well under a second.
func BenchmarkCompare(b *testing.B) {
	base, head := large(20_000, "a"), large(20_000, "bb")
	head.Measures = slices.DeleteFunc(head.Measures, func(m Measure) bool { return m.Line%7 == 0 })
	for b.Loop() {
		between(base, head)
	}
}
