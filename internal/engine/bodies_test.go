package engine

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWithoutBodies(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ src, want string }{
		{"func f() { g() }", "func f() {     }"},
		{"func f() {\n\tg(\"}\")\n}\nvar x = 1", "func f() {\n       \n}\nvar x = 1"},
		{"func f() struct{} { g() }", "func f() struct{} {     }"},
		{"func f(a interface{ M() }) (b struct{ c int }) { g() }", "func f(a interface{ M() }) (b struct{ c int }) {     }"},
		{"func f[T interface{ ~int }]() map[string]struct{} { '}' }", "func f[T interface{ ~int }]() map[string]struct{} {     }"},
		{"func f()\nvar m = T{1}", "func f()\nvar m = T{1}"},
		{"func f() /* { */ { /* } */ `}` }", "func f() /* { */ {             }"},
		{"var x = [...]func(){a, b}", "var x = [...]func(){a, b}"},
		{"type F func()\ntype S struct { f func() }", "type F func()\ntype S struct { f func() }"},
		{"func f() { a }; func g() { b }", "func f() {   }; func g() {   }"},
		{"func f() { a", "func f() { a"},
		{"func f() { \"a }", "func f() { \"a }"},
		{"func f() { a } }", "func f() { a } }"},
		{"func f() *\nT { a }", "func f() *\nT {   }"},
	} {
		if got := string(withoutBodies([]byte(tt.src))); got != tt.want {
			t.Errorf("withoutBodies(%q) =\n%q, want\n%q", tt.src, got, tt.want)
		}
	}
}

// TestWithoutBodiesOfGo: of each eighth file of the Go distribution the parser sees
// the same declarations in the same places.
func TestWithoutBodiesOfGo(t *testing.T) {
	t.Parallel()
	toolchain, err := FindToolchain(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	err = filepath.WalkDir(filepath.Join(toolchain.Root, "src"), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") {
			return err
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if files++; files%8 == 0 {
			sameDeclarations(t, name, src)
		}
		return nil
	})
	if err != nil || files < 5000 {
		t.Errorf("%d files were met: %v", files, err)
	}
}

func FuzzWithoutBodies(f *testing.F) {
	for _, src := range []string{"package p\nfunc f() { g() }", "package p\nfunc f() struct{} { `}` }\nvar x = [...]func(){a}", "package p;func f()\nfunc g(){'{'}"} {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) { sameDeclarations(t, "fuzz", src) })
}

// sameDeclarations compares what the parser makes of a file with and without bodies;
// of one that does not parse, nothing.
func sameDeclarations(t *testing.T, name string, src []byte) {
	t.Helper()
	blank := withoutBodies(src)
	if len(blank) != len(src) || bytes.Count(blank, []byte("\n")) != bytes.Count(src, []byte("\n")) {
		t.Fatalf("%s: %d bytes became %d", name, len(src), len(blank))
	}
	want, err := parser.ParseFile(token.NewFileSet(), name, src, parser.SkipObjectResolution)
	if err != nil {
		return
	}
	got, err := parser.ParseFile(token.NewFileSet(), name, blank, parser.SkipObjectResolution)
	if err != nil {
		t.Fatalf("%s: without bodies: %v", name, err)
	}
	if diff := cmp.Diff(declarations(want), declarations(got)); diff != "" {
		t.Errorf("%s (-with bodies +without):\n%s", name, diff)
	}
}

// declarations writes all nodes outside of the bodies of functions with their places.
func declarations(f *ast.File) (out []string) {
	for _, d := range f.Decls {
		ast.Inspect(d, func(n ast.Node) bool {
			if n == nil {
				return false
			}
			out = append(out, fmt.Sprintf("%T %d %d", n, n.Pos(), n.End()))
			fn, ok := d.(*ast.FuncDecl)
			return !ok || n != fn.Body
		})
	}
	return out
}
