package analyzers

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// check type-checks one file as the package p, after its dependencies.
func check(t testing.TB, fset *token.FileSet, path, src string, deps map[string]*types.Package) *types.Package {
	t.Helper()
	f, err := parser.ParseFile(fset, path+".go", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	config := types.Config{
		Importer: importerFunc(func(path string) (*types.Package, error) {
			if p := deps[path]; p != nil {
				return p, nil
			}
			return importer.Default().Import(path)
		}),
		Error: func(error) {},
	}
	p, _ := config.Check(path, fset, []*ast.File{f}, nil)
	return p
}

type importerFunc func(string) (*types.Package, error)

func (f importerFunc) Import(path string) (*types.Package, error) { return f(path) }

func TestAPIBreak(t *testing.T) {
	type row struct {
		Symbol, Message    string
		BaseLine, HeadLine int
	}
	for _, test := range []struct {
		name, base, head string
		want             []row
	}{
		{
			name: "unchanged",
			base: "package p\nimport \"q\"\nfunc F(x q.T) q.T { return x }\ntype T struct{ X q.T }\n",
			head: "package p\nimport \"q\"\ntype T struct{ X q.T; Y int }\nfunc F(y q.T) q.T { return y }\nfunc G() {}\n",
		},
		{
			name: "functions, variables, constants",
			base: "package p\nfunc F(int) {}\nfunc G() {}\nvar V int\nconst C = 1\nfunc h(int) {}\n",
			head: "package p\nvar V string\nfunc F(string) {}\nconst C = 2\nfunc h() {}\n",
			want: []row{
				{"C", "C: value changed from 1 to 2", 5, 4},
				{"F", "F: changed from func(int) to func(string)", 2, 3},
				{"G", "G: removed", 3, 0},
				{"V", "V: changed from int to string", 4, 2},
			},
		},
		{
			name: "methods",
			base: "package p\ntype T struct{}\nfunc (T) V() {}\nfunc (*T) P() {}\nfunc (*T) Gone() {}\nfunc (T) Gone2() {}\n",
			head: "package p\ntype T struct{}\nfunc (T) V(int) {}\nfunc (*T) P() int { return 0 }\n",
			want: []row{
				{"T.Gone", "(*T).Gone: removed", 5, 0},
				{"T.Gone2", "T.Gone2: removed", 6, 0},
				{"T.P", "(*T).P: changed from func() to func() int", 4, 4},
				{"T.V", "T.V: changed from func() to func(int)", 3, 3},
			},
		},
		{
			name: "methods of generic types",
			base: "package p\ntype T[K comparable, V any] struct{}\nfunc (*T[K, V]) M(K) {}\n",
			head: "package p\ntype T[K comparable, V any] struct{}\nfunc (*T[K, V]) M(V) {}\n",
			want: []row{{"T.M", "(*T[K, V]).M: changed from func(K) to func(V)", 3, 3}},
		},
		{
			name: "pointer receiver",
			base: "package p\ntype T struct{}\nfunc (T) M() {}\n",
			head: "package p\ntype T struct{}\nfunc (*T) M() {}\n",
			want: []row{{"T.M", "T.M: removed", 3, 3}},
		},
		{
			name: "fields are one break of their type",
			base: "package p\ntype T struct{ A, B, C, D, E int }\n",
			head: "package p\ntype T struct{ A string }\n",
			want: []row{{"T", "T.A: changed from int to string; T.B: removed; T.C: removed; and 2 more", 2, 2}},
		},
		{
			name: "interface",
			base: "package p\ntype I interface{ A() }\n",
			head: "package p\ntype I interface{ A(); B() }\n",
			want: []row{{"I", "I.B: added", 2, 2}},
		},
		{
			name: "to another kind",
			base: "package p\ntype T struct{}\nfunc (T) M() {}\n",
			head: "package p\nfunc T() {}\n",
			want: []row{{"T", "T: changed from type to func", 2, 2}},
		},
		{
			name: "type of another package",
			base: "package p\nimport \"q\"\nfunc F(q.T) {}\n",
			head: "package p\nimport \"q\"\nfunc F(q.U) {}\n",
			want: []row{{"F", "F: changed from func(q.T) to func(q.U)", 3, 3}},
		},
		{
			name: "defined type becomes an alias",
			base: "package p\ntype F func(int)\nfunc (T) M(F) {}\ntype T struct{}\nfunc (*T) P(a, b F) F { return nil }\nvar V []F\nfunc G(F) {}\n",
			head: "package p\ntype F = func(int)\nfunc (T) M(F) {}\ntype T struct{}\nfunc (*T) P(a, b F) F { return nil }\nvar V []F\nfunc G(F, int) {}\n",
			want: []row{
				{"F", "F: changed from F to func(int)", 2, 2},
				{"G", "G: changed from func(F) to func(F, int)", 7, 7},
			},
		},
		{
			name: "unexported type becomes an alias",
			base: "package p\ntype f func(int)\nfunc F(f) {}\n",
			head: "package p\ntype f = func(int)\nfunc F(f) {}\n",
			want: []row{{"F", "F: changed from func(f) to func(f)", 3, 3}},
		},
		{
			name: "unknown types",
			base: "package p\nimport \"missing\"\nfunc F(missing.T) {}\nfunc G() {}\n",
			head: "package p\nfunc F(int) {}\n",
			want: []row{{"G", "G: removed", 4, 0}},
		},
		{
			name: "tag with a line end",
			base: "package p\nvar V struct{ A int \"a\\nb\" }\n",
			head: "package p\nvar V int\n",
			want: []row{{"V", `V: changed from struct{A int "a\nb"} to int`, 2, 2}},
		},
		{
			name: "command",
			base: "package main\nfunc F() {}\n",
			head: "package main\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			const q = "package q\ntype T struct{ n *T }\nfunc (T) M() {}\ntype U int\n"
			fset := token.NewFileSet()
			side := func(src string) *types.Package {
				deps := map[string]*types.Package{"q": check(t, fset, "q", q, nil)}
				return check(t, fset, "p", src, deps)
			}
			base, head := side(test.base), side(test.head)
			var got []row
			breaks, err := APIBreak(base, head)
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range breaks {
				got = append(got, row{b.Symbol, b.Message, lineOf(fset, b.BasePos), lineOf(fset, b.HeadPos)})
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("APIBreak (-want +got):\n%s", diff)
			}
			for range 10 {
				again, _ := APIBreak(base, head)
				if diff := cmp.Diff(breaks, again); diff != "" {
					t.Fatalf("APIBreak differs from run to run:\n%s", diff)
				}
			}
		})
	}
}

func TestAPIBreakOdd(t *testing.T) {
	fset := token.NewFileSet()
	p := check(t, fset, "p", "package p\nfunc F() {}\n", nil)
	silent := check(t, fset, "p", "package p\nfunc f() {}\n", nil)
	odd := types.NewPackage("p", "p")
	odd.Scope().Insert(types.NewPkgName(token.NoPos, odd, "F", p))

	for _, test := range []struct {
		name       string
		base, head *types.Package
		want       []Break
		fails      bool
	}{
		{"new", nil, p, nil, false},
		{"none", nil, nil, nil, false},
		{"removed", p, nil, []Break{{Message: "package p removed"}}, false},
		{"removed, without exports", silent, nil, nil, false},
		{"empty", types.NewPackage("", ""), types.NewPackage("", ""), nil, false},
		{"panic", odd, p, nil, true},
	} {
		got, err := APIBreak(test.base, test.head)
		if diff := cmp.Diff(test.want, got); diff != "" || (err != nil) != test.fails {
			t.Errorf("%s: APIBreak error %v, (-want +got):\n%s", test.name, err, diff)
		}
	}
}
