package engine

import (
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/barraiser/barraiser/internal/analyzers"
)

// TestInterface: of each case, the package p differs between its two sides as
// those who import it see it, or it does not. Lines that begin with + are at
// the head only, those with - at the base only. The name of a case begins with
// "same" or "differs".
func TestInterface(t *testing.T) {
	t.Parallel()
	cases, err := txtar.ParseFile("testdata/interface/interface.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range cases.Files {
		kind, name, _ := strings.Cut(f.Name, ": ")
		t.Run(name, func(t *testing.T) {
			base, head := plantedSides(string(f.Data))
			if base == head {
				t.Fatal("the two sides are equal")
			}
			same := lastOf(t, base, "p", (*session).whole) == lastOf(t, head, "p", (*session).whole)
			if want := kind == "same"; same != want {
				t.Errorf("the interface is the same: %t, want %t", same, want)
			}
		})
	}
}

// TestView: of each case, a package q sees another p at the head, or it does not.
// The rest is as in TestInterface.
func TestView(t *testing.T) {
	t.Parallel()
	cases, err := txtar.ParseFile("testdata/interface/view.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range cases.Files {
		kind, name, _ := strings.Cut(f.Name, ": ")
		t.Run(name, func(t *testing.T) {
			base, head := plantedSides(string(f.Data))
			if base == head {
				t.Fatal("the two sides are equal")
			}
			// As identity makes it, without the content of q.
			view := func(s *session, q *node) string {
				v := s.newView(ofContent, q)
				for _, src := range slices.Sorted(maps.Keys(q.imports)) {
					v.take(src)
				}
				return sum(v.hash)
			}
			same := lastOf(t, base, "q", view) == lastOf(t, head, "q", view)
			if want := kind == "same"; same != want {
				t.Errorf("q sees the same: %t, want %t", same, want)
			}
		})
	}
}

// lastOf runs the packages of a source as a session does, without the go
// command, and returns what is asked about the last one. Sections "package NAME"
// part the packages; NAME may import those before it as "ex.com/NAME". A package
// p_test is the test of p from outside, and one called out is not of the
// repository.
func lastOf(t *testing.T, src, want string, ask func(*session, *node) string) string {
	t.Helper()
	root := t.TempDir()
	s, err := newSession(t.Context(), Job{Head: root}, analyzers.Checks(), func(Progress) {})
	if err != nil {
		t.Fatal(err)
	}
	nodes := map[string]*node{}
	var last *node
	for _, section := range strings.Split("\n"+strings.TrimSpace(src), "\npackage ")[1:] {
		name, _, _ := strings.Cut(section, "\n")
		file := filepath.Join(root, name, name+".go") // ending in _test.go where the name does
		src := "package " + section + "\n"
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(src), 0o666); err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		n := &node{
			id: "ex.com/" + name, path: "ex.com/" + name, name: name, dir: filepath.Dir(file), rel: name, inTree: name != "out",
			files: []string{file}, imports: map[string]*node{}, text: &text{}, offering: &offering{},
		}
		for _, imp := range f.Imports {
			p := strings.Trim(imp.Path.Value, `"`)
			n.imports[p] = nodes[path.Base(p)]
		}
		nodes[name], last = n, n
	}
	s.run(last)
	for _, n := range nodes {
		for _, err := range n.run.errs {
			t.Fatal(err)
		}
	}
	if last.name != want && last.name != "p_test" {
		t.Fatalf("the last package is %s, want %s", last.name, want)
	}
	return ask(s, last)
}
