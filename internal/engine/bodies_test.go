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
		{"func f()\nvar m = T{1}", "func f()\nvar m = T{ }"},
		{"func f() /* { */ { /* } */ `}` }", "func f() /* { */ {             }"},
		{"var x = [...]func(){a, b}", "var x = [...]func(){a, b}"},
		{"type F func()\ntype S struct { f func() }", "type F func()\ntype S struct { f func() }"},
		{"func f() { a }; func g() { b }", "func f() {   }; func g() {   }"},
		{"func f() { a", "func f() { a"},
		{"func f() { \"a }", "func f() { \"a }"},
		{"func f() { a } }", "func f() { a } }"},
		{"func f() *\nT { a }", "func f() *\nT {   }"},
		{"var x = []int{1, 2}\nvar y = 1", "var x = []int{    }\nvar y = 1"},
		{"var x, y = &T{1}, map[string]struct{}{\"a\": {}}", "var x, y = &T{ }, map[string]struct{}{       }"},
		{"var x struct{ a int } = struct{ a int }{1}", "var x struct{ a int } = struct{ a int }{ }"},
		{"var x = [...]int{1, 2}", "var x = [...]int{1, 2}"},
		{"var x [2]struct{ a int }", "var x [2]struct{ a int }"},
		{"var (\n\tx = [...]T{1}\n\ty = T{1}; z = len([]int{1})\n)", "var (\n\tx = [...]T{1}\n\ty = T{ }; z = len([]int{1})\n)"},
		{"func f() struct\n{ a int } { b }", "func f() struct\n{ a int } {   }"},
		{"var\nx = T{1}", "var\nx = T{ }"},
		{"var x = func() int { 1 }()", "var x = func() int {   }()"},
		{"type T = struct{ a int }\nconst c = 1", "type T = struct{ a int }\nconst c = 1"},
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

// declarations writes all nodes with their places, but for what is in the bodies of
// functions and between the braces of composite literals.
func declarations(f *ast.File) (out []string) {
	for _, d := range f.Decls {
		ast.Inspect(d, func(n ast.Node) bool {
			if n == nil {
				return false
			}
			out = append(out, fmt.Sprintf("%T %d %d", n, n.Pos(), n.End()))
			switch n := n.(type) {
			case *ast.BlockStmt:
				return false
			case *ast.CompositeLit:
				array, ok := n.Type.(*ast.ArrayType)
				if !ok {
					n.Elts = nil
					break
				}
				if _, counted := array.Len.(*ast.Ellipsis); !counted {
					n.Elts = nil
				}
			}
			return true
		})
	}
	return out
}
