package git

import (
	"bufio"
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTouches(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	source := `package x

import "os"

// F does.
func F() {
	one()
}

type T struct {
	a int
}

func (t *T) M() {
	two()
}

const (
	C = 1
	D = 2
)
`
	edited := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(source) }
	f.commitAs("ann", 1, "first", files{"x.go": source, "vendor/v/v.go": source, "a/testdata/t.go": source, "x.txt": source})
	first := f.git("rev-parse", "HEAD")
	commits := map[string]string{}
	commit := func(who string, n int, name string, content files) {
		commits[f.commitAs(who, n, name, content)] = name
	}
	commit("ann", 2, "body", files{"x.go": edited("one()", "once()")})
	commit("ben", 3, "two bodies and a name", files{"x.go": edited("one()", "uno()", "two()", "duo()", "C = 1", "E = 1")})
	commit("ben", 4, "signature", files{"x.go": edited("one()", "uno()", "two()", "duo()", "C = 1", "E = 1", "func F()", "func F(n int)")})
	kept := edited("one()", "uno()", "two()", "duo()", "C = 1", "E = 1", "func F()", "func F(n int)")
	commit("cat", 5, "comment and import", files{"x.go": strings.NewReplacer("F does.", "F is.", `"os"`, `"io"`).Replace(kept)})
	kept = strings.NewReplacer("F does.", "F is.", `"os"`, `"io"`).Replace(kept)
	commit("cat", 6, "formatting", files{"x.go": strings.ReplaceAll(kept, "\t", "        ")})
	commit("renovate[bot]", 7, "bot", files{"x.go": strings.Replace(kept, "uno()", "eins()", 1)})
	f.remove("x.go")
	commit("dan", 8, "rename", files{"sub/y.go": strings.Replace(kept, "uno()", "ein()", 1)})
	commit("dan", 9, "new function after", files{"sub/y.go": strings.Replace(kept, "uno()", "ein()", 1) + "\n// G too.\nfunc G() {\n\tthree()\n}\n"})

	want := []string{
		"new function after: dan@example.com sub/y.go ",
		"new function after: dan@example.com sub/y.go G",
		"rename: dan@example.com sub/y.go ",
		"rename: dan@example.com sub/y.go F",
		"signature: ben@example.com sub/y.go ",
		"signature: ben@example.com sub/y.go F",
		"two bodies and a name: ben@example.com sub/y.go ",
		"two bodies and a name: ben@example.com sub/y.go F",
		"two bodies and a name: ben@example.com sub/y.go T.M",
		"two bodies and a name: ben@example.com sub/y.go C",
		"two bodies and a name: ben@example.com sub/y.go E",
		"body: ann@example.com sub/y.go ",
		"body: ann@example.com sub/y.go F",
	}
	// In the commit of the bot and the one that undid its work, white space
	// changed as well, which is no touch.
	tip := f.git("rev-parse", "HEAD")
	cache := t.TempDir()
	r := f.open()
	if _, err := r.Touches(t.Context(), tip+"~3", day(2), cache); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"", cache, cache} {
		touches, err := r.Touches(t.Context(), tip, day(2), dir)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, touch := range touches {
			got = append(got, commits[touch.Commit]+": "+touch.Author+" "+touch.Path+" "+touch.Symbol)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Touches() (-want +got):\n%s", diff)
		}
	}
	touches, err := r.Touches(t.Context(), first, day(1), "")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, touch := range touches {
		got = append(got, touch.Path+" "+touch.Symbol)
	}
	if want := []string{"x.go ", "x.go F", "x.go T", "x.go T.M", "x.go C", "x.go D"}; !slices.Equal(got, want) {
		t.Errorf("Touches(first) = %q, want %q: a file that is new touches all that is in it", got, want)
	}
}

func TestDeclarationOf(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]declaration{
		"func F(a int) error {":                {symbol: "F"},
		"func F[T any](a T) {":                 {symbol: "F"},
		"func (r *Repo) Touches(ctx":           {symbol: "Repo.Touches"},
		"func (r Repo) Close() error {":        {symbol: "Repo.Close"},
		"func (*Tree[K, V]) Len() int":         {symbol: "Tree.Len"},
		"func (t Tree[K, V]) All() iter":       {symbol: "Tree.All"},
		"func (t (T)) Odd() {":                 {symbol: "T.Odd"},
		"func (T) M() {":                       {symbol: "T.M"},
		"func () M() {":                        {},
		"func (r *Repo":                        {}, // cut by git
		"func (r *Repo) Touch":                 {},
		"func VeryLong":                        {},
		"func ":                                {},
		"func":                                 {},
		"type T struct {":                      {symbol: "T"},
		"type List[T any] struct {":            {symbol: "List"},
		"type (":                               {group: true},
		"var (":                                {group: true},
		"const (":                              {group: true},
		"var ErrClosed = errors.New(\"x\")":    {symbol: "ErrClosed"},
		"const limit = 3":                      {symbol: "limit"},
		"var größe int":                        {symbol: "größe"},
		"import \"os\"":                        {},
		"}":                                    {},
		"// func F() {":                        {},
		"functional := 1":                      {},
		"func (s *server[T]) Serve(l net.L) {": {symbol: "server.Serve"},
	} {
		if got := declarationOf(line); got != want {
			t.Errorf("declarationOf(%q) = %+v, want %+v", line, got, want)
		}
	}
}

func TestParseTouched(t *testing.T) {
	t.Parallel()
	const file = "diff --git a/0 b/0\nindex a..b 100644\n--- a/0\n+++ b/0\n"
	for _, test := range []struct{ name, patch, want string }{
		{"inside", file + "@@ -3 +3 @@ func F() {\n-\ta\n+\tb\n", "F"},
		{"each side begins where the header says", file + "@@ -3,2 +3 @@ func F() {\n-func G() {\n-\ta\n+\tb\n", "G F"},
		{"nothing but what is between declarations", file + "@@ -3,3 +3,2 @@ func F() {\n-\n-// G is.\n-}\n+\n+// G was.\n", ""},
		{"no header", file + "@@ -3 +3 @@\n-\ta\n+\tb\n", "(file)"},
		{"a removed line like a header", file + "@@ -3,2 +2,0 @@ func F() {\n-\t-x\n-@@ -1 +1 @@ func G() {\n@@ -9 +9 @@ func H() {\n-\ta\n\\ No newline at end of file\n+\tb\n\\ No newline at end of file\n", "F H"},
		{"group", file + "@@ -3 +3,2 @@ var (\n-\ta = 1\n+\tb = 1\n+\t\tdeeper\n", "a b"},
		{"longer than a header may be", file + "@@ -3 +3 @@ func F(" + strings.Repeat("x", 500) + "\n-\t" + strings.Repeat("y", 70_000) + "\n+\tb\n", "F"},
		{"cut", file + "@@ -3 +3 @@ func F() {\n-\ta\n", "F error"},
		{"fewer lines than announced", file + "@@ -3,2 +3 @@ func F() {\n-\ta\n+\tb\n", "F error"},
		{"no file", "@@ -3 +3 @@ func F() {\n", "error"},
		{"odd file", "diff --git a/x b/x\n", "error"},
		{"odd hunk", file + "@@ -x +3 @@\n", "error"},
	} {
		var got []string
		seen := map[string]bool{}
		err := parseTouched(bufio.NewReaderSize(strings.NewReader(test.patch), 64), func(file int, symbol string) error {
			if !seen[symbol] && (symbol != "" || strings.Contains(test.want, "(file)")) {
				if symbol == "" {
					symbol = "(file)"
				}
				got = append(got, symbol)
			}
			seen[strings.Trim(symbol, "()")] = true
			return nil
		})
		if err != nil {
			got = append(got, "error")
		}
		if s := strings.Join(slices.Compact(got), " "); s != test.want {
			t.Errorf("%s: parseTouched() = %q (%v), want %q", test.name, s, err, test.want)
		}
	}
}

func FuzzParseTouched(f *testing.F) {
	for _, seed := range []string{
		"", "diff --git a/0 b/0\n@@ -1,2 +3 @@ func f() {\n-\ta\n-b\n+c\n\\ No newline at end of file\n",
		"diff --git a/0 b/0\n@@ -1 +1 @@ func (r *R[T]) f() {\n-func (\n+type (\n", "diff --git a/0 b/0\n@@ -0,0 +1 @@ var (\n+\tx\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		_ = parseTouched(bufio.NewReaderSize(bytes.NewReader(in), 16), func(file int, symbol string) error {
			if file < 0 || strings.ContainsAny(symbol, " \t\n([*") {
				t.Errorf("parseTouched(%q) has symbol %q of file %d", in, symbol, file)
			}
			return nil
		})
	})
}
