package engine

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/barraiser/barraiser/internal/analyzers"
)

var otherTree = flag.String("tree", "", "folder of a Go repository whose listing TestAssemble also compares")

// TestAssemble: what is put together says what the go command says, of the
// trees of all archives, of this repository and of one that is named.
func TestAssemble(t *testing.T) {
	quietGo(t)
	roots := map[string]string{"this repository": "../.."}
	if *otherTree != "" {
		roots[*otherTree] = *otherTree
	}
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, file := range append(files, "testdata/listing/variants.txtar", "testdata/listing/workspace.txtar") {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		j := job(t, a)
		roots[filepath.Base(file)+" base"], roots[filepath.Base(file)+" head"] = j.Base, j.Head
	}
	assembled := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(roots)) {
		t.Run(name, func(t *testing.T) {
			eachUnit(t, roots[name], func(s *session, u listUnit, patterns []string) {
				want := list(t.Context(), s.head.root, u.dir, platform{}, true, patterns)
				s.learn("name", want)
				k := s.recallKnown("name")
				if k == nil {
					return
				}
				to, err := s.target(platform{})
				if err != nil {
					t.Fatal(err)
				}
				got, why := s.assemble(s.head, u, to, nil, k)
				if got == nil {
					t.Logf("%s is not put together: %s", u.dir, why)
					return
				}
				assembled[name] = true
				if diff := gocmp.Diff(lines(want), lines(got)); diff != "" {
					t.Errorf("listing of %s (-go list +put together):\n%s", u.dir, diff)
				}
			})
		})
	}
	for _, name := range []string{cmp.Or(*otherTree, "this repository"), "this repository", "variants.txtar head", "workspace.txtar head", "api.txtar head"} {
		if !assembled[name] {
			t.Errorf("the listing of %s was not put together", name)
		}
	}
}

// eachUnit opens a tree, and calls do for each unit of it whose listing may be put
// together.
func eachUnit(t *testing.T, root string, do func(s *session, u listUnit, patterns []string)) {
	t.Helper()
	root, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSession(t.Context(), Job{Head: root, Toolchain: runtime.Version()}, analyzers.Checks(), func(Progress) {})
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range s.head.units() {
		if patterns := u.patterns(s.head); len(patterns) > 0 && s.assembles(s.head, u, platform{}) {
			do(s, u, patterns)
		}
	}
}

// lines says of each package of the listing what nodes are made of. Mains of
// tests, and what only they import, are left out: nothing is judged in them.
func lines(l *listing) map[string]string {
	out := map[string]string{}
	var add func(id string)
	add = func(id string) {
		p := l.pkgs[id]
		if p == nil || out[id] != "" || id == "unsafe" {
			return
		}
		mapped := maps.Clone(p.ImportMap)
		maps.DeleteFunc(mapped, func(src, to string) bool { return strings.HasPrefix(to, src+" ") }) // node knows
		module := ""
		if p.Module != nil {
			module = fmt.Sprint(*p.Module)
		}
		ignored := p.IgnoredGoFiles
		if _, inside := relative(p.Dir, l.root); !inside {
			ignored = nil // nobody asks
		}
		out[id] = strings.Join([]string{
			p.Name, p.Dir, "test of " + p.ForTest, "files", fmt.Sprint(p.GoFiles, p.CgoFiles),
			"ignored", fmt.Sprint(ignored), "imports", fmt.Sprint(slices.Compact(slices.Sorted(slices.Values(p.Imports)))),
			fmt.Sprint(mapped), module,
		}, " ")
		if p.Error != nil && !harmless(p.Error.Err) {
			out[id] += " error " + p.Error.Err
		}
		for _, imp := range p.Imports {
			add(imp)
		}
	}
	for id, p := range l.pkgs {
		if _, inside := relative(p.Dir, l.root); inside && !p.testMain() {
			add(id)
		}
	}
	return out
}
