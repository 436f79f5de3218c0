package engine

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/barraiser/barraiser/internal/analyzers"
)

// TestMarkKinds: each kind of impact.Mark is made by exactly one row of the
// analyzers, and each row makes one of them. Only this package sees both.
func TestMarkKinds(t *testing.T) {
	want := impactKinds(t)
	var made []string
	for _, k := range analyzers.MarkKinds() {
		made = append(made, k.Name)
	}
	for _, kind := range want {
		if rows := count(made, kind); rows != 1 {
			t.Errorf("%d rows make marks of the kind %s, want 1", rows, kind)
		}
		if consts := count(want, kind); consts != 1 {
			t.Errorf("%d constants of package impact are %s, want 1", consts, kind)
		}
	}
	for _, kind := range made {
		if !slices.Contains(want, kind) {
			t.Errorf("marks of the kind %s are made, which package impact does not know", kind)
		}
	}
}

func count(list []string, want string) int {
	n := 0
	for _, s := range list {
		if s == want {
			n++
		}
	}
	return n
}

// impactKinds are the constants of type Kind that package impact declares, read
// from its source: the package itself needs no list of them.
func impactKinds(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../impact/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range f.Decls {
			group, ok := decl.(*ast.GenDecl)
			if !ok || group.Tok != token.CONST {
				continue
			}
			for _, spec := range group.Specs {
				spec := spec.(*ast.ValueSpec)
				if id, ok := spec.Type.(*ast.Ident); !ok || id.Name != "Kind" {
					continue
				}
				for _, value := range spec.Values {
					lit, ok := value.(*ast.BasicLit)
					if !ok {
						t.Fatalf("%s: a Kind that is no literal", file)
					}
					kind, err := strconv.Unquote(lit.Value)
					if err != nil {
						t.Fatal(err)
					}
					kinds = append(kinds, kind)
				}
			}
		}
	}
	if len(kinds) == 0 {
		t.Fatal("package impact has no constants of type Kind")
	}
	return kinds
}
