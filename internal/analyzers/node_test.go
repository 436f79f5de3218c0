package analyzers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// parse parses src, which need not be valid.
func parse(t testing.TB, src string) (*token.FileSet, *ast.File) {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "x.go", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return fset, f
}

// at is the position of the first mark in src, which is the source of f.
func at(t testing.TB, f *ast.File, src, mark string) token.Pos {
	t.Helper()
	i := strings.Index(src, mark)
	if i < 0 {
		t.Fatalf("no %q in the source", mark)
	}
	return f.FileStart + token.Pos(i)
}

func hashAt(t testing.TB, src, mark string) string {
	t.Helper()
	fset, f := parse(t, src)
	pos := at(t, f, src, mark)
	return NodeHash(fset, []byte(src), f, pos, pos+token.Pos(len(mark)))
}

func TestNodeHash(t *testing.T) {
	const src = `package p

var list = []string{
	"a", "b",
}

// f is documented.
func f(x int) error {
	if err := g(x, ` + "`raw\ntext`" + `); err != nil {
		return err
	}
	return nil
}

// TODO: something  else
`
	for _, test := range []struct {
		name, mark string
		change     func(string) string
		same       bool
	}{
		{"line ends", "if err", func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }, true},
		{"line ends of a comment", "TODO", func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }, true},
		{"line before", "if err", func(s string) string { return "// x\n\n" + s }, true},
		{"comment inside", "if err", func(s string) string { return strings.Replace(s, "return err", "// why\n\t\treturn err", 1) }, true},
		{"blanks inside", "if err", func(s string) string { return strings.Replace(s, "g(x, ", "g( x,\n\n", 1) }, true},
		{"semicolons", "if err", func(s string) string { return strings.Replace(s, "return err\n", "return err;", 1) }, true},
		{"trailing comma", `"a"`, func(s string) string { return strings.Replace(s, "\"b\",\n", `"b"`, 1) }, true},
		{"blanks of a comment", "TODO", func(s string) string { return strings.Replace(s, "something  else", "something else", 1) }, true},
		{"sibling statement", "if err", func(s string) string { return strings.Replace(s, "return nil", "return ErrX", 1) }, true},

		{"identifier", "if err", func(s string) string { return strings.Replace(s, "return err\n", "return other\n", 1) }, false},
		{"literal", `"a"`, func(s string) string { return strings.Replace(s, `"b"`, `"c"`, 1) }, false},
		{"raw string", "if err", func(s string) string { return strings.Replace(s, "raw", "other", 1) }, false},
		{"comment", "TODO", func(s string) string { return strings.Replace(s, "else", "other", 1) }, false},
	} {
		was, is := hashAt(t, src, test.mark), hashAt(t, test.change(src), test.mark)
		if len(was) != 16 || (was == is) != test.same {
			t.Errorf("%s: NodeHash = %q, then %q, want same: %v", test.name, was, is, test.same)
		}
	}
}

func TestNodeHashHolder(t *testing.T) {
	const src = `package p

import "fmt"

type t struct {
	field int
}

const c = 1

func f(param int) {
	fmt.Print(1)
	fmt.Print(2)
}
`
	fset, f := parse(t, src)
	hash := func(mark string) string {
		pos := at(t, f, src, mark)
		return NodeHash(fset, []byte(src), f, pos, pos+token.Pos(len(mark)))
	}
	want := func(text string) string {
		var b strings.Builder
		for _, l := range normalised([]byte(text)) {
			b.WriteString(l.text + "\x00")
		}
		return digest(b.String())
	}
	for mark, node := range map[string]string{
		"package":                    "",
		`"fmt"`:                      `"fmt"`,
		"field":                      "field int",
		"c = 1":                      "c = 1",
		"param":                      "param int",
		"Print(1)":                   "fmt.Print(1)",
		"Print(1)\n\tfmt.Print(2)":   "{fmt.Print(1); fmt.Print(2)}",
		"f(param":                    src[strings.Index(src, "func"):],
		"import \"fmt\"\n\ntype t s": "",
	} {
		got, want := hash(mark), want(node)
		if node == "" {
			want = ""
		}
		if mark == "package" {
			want = digest("p\x00")
			got = NodeHash(fset, []byte(src), f, f.Package, f.Name.End())
		}
		if got != want {
			t.Errorf("NodeHash at %q is not the hash of %q", mark, node)
		}
	}
	if got := NodeHash(fset, []byte("package p"), f, f.End()-2, f.End()-1); got != "" {
		t.Errorf("NodeHash of another source = %q, want none", got)
	}
	if got := NodeHash(fset, []byte(src), f, token.NoPos, token.NoPos); got != "" {
		t.Errorf("NodeHash of no position = %q, want none", got)
	}
}

func TestSymbol(t *testing.T) {
	const src = `// Package p: @package
package p

import "fmt" // @import

// Doc of f: @doc
func f() { fmt.Print("@body") }

func (t *T[K]) M() { func() { /* @method */ }() }

func (*P[K, V]) N() { /* @params */ }

func ((S)) O() { /* @parens */ }

// Doc of T: @typedoc
type T[K any] struct {
	a int // @field
}

// @group
type (
	// @specdoc
	S int // @speccomment

	P[K, V any] struct{}
)

// @vardoc
var x, y = 1, func() int { /* @second */ return 2 }()

const (
	// @constdoc
	one = iota
	two
)

// @between

type i interface {
	method() // @interface
}
`
	_, f := parse(t, src)
	for mark, want := range map[string]string{
		"@package":     "",
		"@import":      "",
		"@doc":         "f",
		"@body":        "f",
		"@method":      "T.M",
		"@params":      "P.N",
		"@parens":      "S.O",
		"@typedoc":     "T",
		"@field":       "T",
		"@group":       "",
		"@specdoc":     "S",
		"@speccomment": "S",
		"@vardoc":      "x",
		"@second":      "y",
		"y = 1":        "y",
		"@constdoc":    "one",
		"two":          "two",
		"@between":     "",
		"@interface":   "i",
	} {
		if got := Symbol(f, at(t, f, src, mark)); got != want {
			t.Errorf("Symbol at %s = %q, want %q", mark, got, want)
		}
	}
}

func TestSymbols(t *testing.T) {
	const src = `package p

import "fmt"

// Doc.
func f(n int) int {
	return f(n - 1) // again
}

func (t *T) m() {}

type T struct{}

const (
	a = 1
	b, c = 2, 3
)

var _ = fmt.Print

func init() {}
func init() {}
`
	fset, f := parse(t, src)
	type row struct {
		Name          string
		Line, EndLine int
		Tokens        int
	}
	var got []row
	for _, d := range Symbols(fset, f, []byte(src)) {
		got = append(got, row{d.Name, d.Line, d.EndLine, len(d.Tokens)})
	}
	want := []row{
		{"f", 6, 8, 14},
		{"T.m", 10, 10, 10},
		{"T", 12, 12, 4},
		{"a", 15, 15, 3},
		{"b", 16, 16, 7},
		{"c", 16, 16, 7},
		{"_", 19, 19, 5},
		{"init", 21, 21, 5},
		{"init", 22, 22, 5},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Symbols (-want +got):\n%s", diff)
	}

	tokens := func(src string) []uint32 {
		fset, f := parse(t, src)
		return Symbols(fset, f, []byte(src))[0].Tokens
	}
	base := tokens("package p\nfunc f(n int) int { return f(n-1) }\n")
	if got := tokens("package p\r\n\r\nfunc g(n int) int {\r\n\t// x\r\n\treturn g(n - 1)\r\n}\r\n"); !slices.Equal(base, got) {
		t.Errorf("a renamed function has other tokens: %v, want %v", got, base)
	}
	if got := tokens("package p\nfunc f(n int) int { return f(n-2) }\n"); slices.Equal(base, got) {
		t.Error("a changed function has the same tokens")
	}
	if slices.Equal(tokens("package p\nvar x = 1\n"), tokens("package p\nconst x = 1\n")) {
		t.Error("a variable and a constant have the same tokens")
	}
	if got := Symbols(fset, f, nil); got != nil {
		t.Errorf("Symbols of another source = %v, want none", got)
	}
}

func TestCodeLines(t *testing.T) {
	for _, test := range []struct {
		name, src string
		want      int
	}{
		{"empty", "", 0},
		{"comments", "// a\n\n/* b\n\nc */\n", 0},
		{"package", "package p\n", 1},
		{"no line end", "package p", 1},
		{"code beside a comment", "/* a */ package p // b\n", 1},
		{"code after a long comment", "/* a\nb */ package p\n", 1},
		{"two on a line", "package p; var x int\n", 1},
		{"brace", "package p\n\nfunc f() {\n\n\t// a\n}\n", 3},
		{"raw string", "package p\n\nconst x = `a\n\n// b\n`\n", 5},
		{"raw string, CRLF", "package p\r\n\r\nconst x = `a\r\n\r\n// b\r\n`\r\n", 5},
		{"line directive", "package p\n\n//line x.go:100\nvar x int\n", 2},
		{"no Go", "}}} ???\n\n\"unterminated\n", 2},
	} {
		if got := CodeLines([]byte(test.src)); got != test.want {
			t.Errorf("%s: CodeLines(%q) = %d, want %d", test.name, test.src, got, test.want)
		}
	}
}

func TestGenerated(t *testing.T) {
	for _, test := range []struct {
		src  string
		want bool
	}{
		{"// Code generated by x. DO NOT EDIT.\npackage p\n", true},
		{"// Code generated by x. DO NOT EDIT.\r\npackage p\r\n", true},
		{"// Copyright\n\n//go:build x\n\n// Code generated by x; DO NOT EDIT.\n\npackage p\n", true},
		{"/*\n// Code generated by x. DO NOT EDIT.\n*/\npackage p\n", true},
		{"// Code generated by x. DO NOT EDIT.\nno go at all", true},
		{"// Code generated by x. DO NOT EDIT.", true},
		{"", false},
		{"package p\n\n// Code generated by x. DO NOT EDIT.\n", false},
		{"package p // Code generated by x. DO NOT EDIT.\n", false},
		{"no go at all\n// Code generated by x. DO NOT EDIT.\n", false},
		{" // Code generated by x. DO NOT EDIT. Really.\npackage p\n", false},
		{"//Code generated by x. DO NOT EDIT.\npackage p\n", false},
		{"// Code generated DO NOT EDIT.\npackage p\n", false},
		{"/* Code generated by x. DO NOT EDIT. */\npackage p\n", false},
	} {
		if got := Generated([]byte(test.src)); got != test.want {
			t.Errorf("Generated(%q) = %v, want %v", test.src, got, test.want)
		}
	}
}

// TestCommentLines holds that the lines of a block comment are found where
// they are, whatever ends them.
func TestCommentLines(t *testing.T) {
	for _, eol := range []string{"\n", "\r\n"} {
		src := strings.ReplaceAll("package p\n\n/*\n * TODO: one\n\n FIXME: two */\n\nvar x int\n", "\n", eol)
		fset, f := parse(t, src)
		var got []string
		for _, m := range admissions(commentLines(fset, f.Comments[0]), "") {
			got = append(got, m.Rule+" "+m.Message+" at "+string(rune('0'+lineOf(fset, m.Pos))))
			if NodeHash(fset, []byte(src), f, m.Pos, m.End) != digest("* TODO: one FIXME: two") {
				t.Errorf("%q: the measure at %d is not in the comment", eol, lineOf(fset, m.Pos))
			}
		}
		want := []string{"self-admitted/todo TODO: one at 4", "self-admitted/fixme FIXME: two at 6"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", eol, diff)
		}
	}
}
