package analyzers

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"testing"
)

// branchy is a body of cognitive complexity 1.
const branchy = "{ if len(s) > 1 { return 1 }; return 0 }\n"

func TestUntested(t *testing.T) {
	const file = "package p\n\nimport \"fmt\"\n\nvar _ fmt.Stringer\n"
	for _, test := range []struct {
		name, src, test string
		want            []string
	}{
		{"no test at all", "func F(s string) int " + branchy, "", []string{"no test reaches F, cognitive complexity 1"}},
		{"called", "func F(s string) int " + branchy, "func TestF() { p.F(``) }", nil},
		{"named as a value", "func F(s string) int " + branchy, "var table = []any{p.F}", nil},
		{"another is called", "func F(s string) int " + branchy, "func TestF() { p.FF() }", []string{"no test reaches F, cognitive complexity 1"}},
		{"one of that name elsewhere", "func F(s string) int " + branchy, "func TestF() { q.F(``) }", []string{"no test reaches F, cognitive complexity 1"}},
		{"called by what is tested", "func F(s string) int " + branchy + "func g() { F(``) }\nfunc H() { g() }\n", "func TestH() { p.H() }", nil},
		{"called by what is not", "func F(s string) int " + branchy + "func G() { F(``) }\n", "func TestH() {}", []string{"no test reaches F, cognitive complexity 1"}},
		{"called by what is tested elsewhere", "func Called(s string) int " + branchy, "func TestCaller() { q.Caller() }", nil},
		{"run before any test", "var n = F(``)\nfunc F(s string) int " + branchy + "func init() { G(``) }\nfunc G(s string) int " + branchy, "func TestH() {}", nil},
		{"but not without a test", "func init() { G(``) }\nfunc G(s string) int " + branchy, "", []string{"no test reaches G, cognitive complexity 1"}},
		{"simple", "func F() {}\n", "", nil},
		{"not exported", "func f(s string) int " + branchy, "", nil},
		{"method", "type T string\nfunc (s T) M() int " + branchy, "func TestT() { var t p.T; _ = t }", []string{"no test reaches T.M, cognitive complexity 1"}},
		{"method called", "type T string\nfunc New() T { return `` }\nfunc (s T) M() int " + branchy, "func TestT() { p.New().M() }", nil},
		{"method of another type called", "type T string\nfunc (s T) M() int " + branchy, "func TestT() { q.New().M() }", []string{"no test reaches T.M, cognitive complexity 1"}},
		{"called by a method that is tested", "type T string\nfunc (s T) N() { s.m() }\nfunc (s T) m() { F(``) }\nfunc F(s string) int " + branchy, "func TestT() { p.T(``).N() }", nil},
		{"method of a type that is not exported", "type t string\nfunc (s t) M() int " + branchy, "", nil},
		{"generic", "type T[E any] []E\nfunc (s *T[E]) M() int { if s != nil { return 1 }; return 0 }\n", "", []string{"no test reaches T.M, cognitive complexity 1"}},
		{"generic called", "type T[E any] []E\nfunc (s *T[E]) M() int { if s != nil { return 1 }; return 0 }\n", "func TestT() { new(p.T[int]).M() }", nil},
		{"method that an interface of the package asks for", "type I interface{ M() int }\ntype T string\nfunc (s T) M() int " + branchy, "func TestT() { var t p.T; _ = t }", nil},
		{"whose type no test reaches", "type I interface{ M() int }\ntype T string\nfunc (s T) M() int " + branchy, "func TestI() {}", []string{"no test reaches T.M, cognitive complexity 1"}},
		{"method that an import asks for", "type T string\nfunc (s T) Format(fmt.State, rune) { if s == `` { return } }\n", "func TestT() { var t p.T; _ = t }", nil},
		{"method of an interface out of sight", "type T string\nfunc (s T) Len() int " + branchy, "func TestT() { var t p.T; _ = t }", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			fset := token.NewFileSet()
			parse := func(name, src string) *ast.File {
				f, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
				if err != nil {
					t.Fatal(err)
				}
				return f
			}
			files := []*ast.File{parse("p.go", file+test.src)}
			info := &types.Info{Defs: map[*ast.Ident]types.Object{}}
			config := types.Config{Importer: importer.Default()}
			pkg, err := config.Check("ex.com/p", fset, files, info)
			if err != nil {
				t.Fatal(err)
			}
			tree := []*ReachFile{
				NewReachFile("ex.com/p", false, files[0]),
				NewReachFile("ex.com/q/v2", false, parse("q.go", "package q\nimport other `ex.com/p`\nfunc Caller() { other.Called(``) }\nfunc F() {}")),
			}
			if test.test != "" {
				src := "package p_test\nimport (\n`ex.com/p`\nq `ex.com/q/v2`\n)\n"
				tree = append(tree, NewReachFile("ex.com/p_test", true, parse("p_test.go", src+test.test)))
			}
			var got []string
			for _, m := range NewReach(tree).Untested(pkg, info, files) {
				got = append(got, m.Message)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("Untested = %q, want %q", got, test.want)
			}
		})
	}
}
