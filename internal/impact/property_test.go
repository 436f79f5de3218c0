package impact

import (
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestSame: no change, no impact, whatever there is.
func TestSame(t *testing.T) {
	for _, c := range allCases(t) {
		for _, side := range []Side{c.change.Base, c.change.Head} {
			if got := format(Assess(Change{Base: side, Head: side, Policy: c.change.Policy})); got != "" {
				t.Errorf("%s: Assess(x, x) = %s, want nothing", c.name, got)
			}
		}
		for _, f := range c.change.Files {
			for _, text := range []string{f.OldText, f.NewText} {
				file := f.path()
				same := File{Old: file, New: file, OldText: text, NewText: text}
				if got := format(Assess(Change{Files: []File{same}})); got != "" {
					t.Errorf("%s: Assess of %s with the same text = %s, want nothing", c.name, file, got)
				}
			}
		}
	}
}

// TestMoved: marks that are in other packages and files fire nothing, of
// whatever kind.
func TestMoved(t *testing.T) {
	var all []Mark
	kinds := map[Kind]bool{}
	for _, c := range allCases(t) {
		for _, m := range c.change.Head.Marks {
			if !slices.ContainsFunc(all, func(o Mark) bool { return o.Kind == m.Kind && o.Key == m.Key }) {
				all = append(all, m)
				kinds[m.Kind] = true
			}
		}
	}
	for _, k := range []Kind{Import, Export, Goroutine, Lock, Route, CommandFlag, Command, Message, Default, FlagCall, InsecureTLS, NoSec, SQL, Field, RetentionTerm} {
		if !kinds[k] {
			t.Errorf("no case has a mark of kind %s at the head", k)
		}
	}
	packages := []Package{{Path: "m/core", Dir: "core", Name: "core"}, {Path: "m/q", Dir: "q", Name: "q"}}
	for i := range 20 { // core is shared and widely depended on
		p := fmt.Sprint("p", i)
		packages = append(packages, Package{Path: pkgPath(p), Dir: p, Name: p, Imports: []string{"m/core", "m/q"}})
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		moved := slices.Clone(all)
		for i := range moved {
			if r.IntN(2) == 0 {
				dir := []string{"core", "q", "p1"}[r.IntN(3)]
				moved[i].Package, moved[i].File, moved[i].Line = pkgPath(dir), path.Join(dir, "moved.go"), 1+r.IntN(99)
			}
		}
		got := Assess(Change{Base: Side{Marks: all, Packages: packages}, Head: Side{Marks: moved, Packages: packages}})
		if got.High {
			t.Fatalf("Assess of moved marks = %s, want nothing", format(got))
		}
	}
}

// TestOrder: an assessment does not depend on the order of what it is given.
func TestOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, c := range allCases(t) {
		want := Assess(c.change)
		for range 5 {
			change := c.change
			for _, side := range []*Side{&change.Base, &change.Head} {
				side.Marks, side.Packages = shuffled(r, side.Marks), shuffled(r, side.Packages)
			}
			change.Breaks, change.Files = shuffled(r, change.Breaks), shuffled(r, change.Files)
			if diff := cmp.Diff(want, Assess(change)); diff != "" {
				t.Errorf("%s: Assess in another order (-want +got):\n%s", c.name, diff)
			}
		}
	}
}

func shuffled[E any](r *rand.Rand, s []E) []E {
	s = slices.Clone(s)
	r.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
	return s
}

// TestRevert: what was on the base before passes, and says so.
func TestRevert(t *testing.T) {
	for _, c := range allCases(t) {
		c.change.Revert = "9f2c1ab"
		if got := Assess(c.change); got.High || got.Domains != nil || got.Revert != "9f2c1ab" {
			t.Errorf("%s: Assess of a revert = %t, %q, %q; want nothing but the revert", c.name, got.High, format(got), got.Revert)
		}
	}
}

// TestOff: a trigger that is switched off does not fire, and no other one stops.
func TestOff(t *testing.T) {
	for _, c := range allCases(t) {
		all := Assess(c.change)
		for _, off := range Triggers {
			change := c.change
			change.Policy.Off = func(d Domain, trigger string) bool { return d == off.Domain && trigger == off.Name }
			var want []Fired
			for _, d := range all.Domains {
				want = append(want, slices.DeleteFunc(slices.Clone(d.Triggers), func(f Fired) bool { return f.Name == off.Name })...)
			}
			if c.change.Policy.Off != nil && c.change.Policy.Off(Design, "debt-budget") {
				continue // a case of its own
			}
			var got []Fired
			for _, d := range Assess(change).Domains {
				got = append(got, d.Triggers...)
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s without %s (-want +got):\n%s", c.name, off.Name, diff)
			}
		}
	}
}

// TestManyPlaces: who has seen ten knows.
func TestManyPlaces(t *testing.T) {
	change := Change{}
	for i := range 25 {
		change.Head.Marks = append(change.Head.Marks, Mark{Kind: Command, Key: fmt.Sprint("c", i), File: "cmd/c.go", Line: i + 1})
	}
	evidence := Assess(change).Domains[0].Triggers[0].Evidence
	if n, last := len(evidence), evidence[len(evidence)-1].Text; n != 11 || last != "and 15 more" {
		t.Errorf("Assess of 25 commands names %d places and ends in %q, want 11 and %q", n, last, "and 15 more")
	}
}
