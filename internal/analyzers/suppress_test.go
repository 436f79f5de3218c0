package analyzers

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParseSuppression(t *testing.T) {
	for _, test := range []struct {
		text string
		want *Suppression
	}{
		{"//nolint", &Suppression{Style: "nolint"}},
		{"// nolint", &Suppression{Style: "nolint"}},
		{"//nolint // why", &Suppression{Style: "nolint", Reason: "why"}},
		{"// nolint // why", &Suppression{Style: "nolint", Reason: "why"}},
		{"//nolint:errcheck", &Suppression{Style: "nolint", Names: []string{"errcheck"}}},
		{"// nolint:errcheck", &Suppression{Style: "nolint", Names: []string{"errcheck"}}},
		{"//nolint: ErrCheck , gosec // two // of them\r", &Suppression{Style: "nolint", Names: []string{"errcheck", "gosec"}, Reason: "two // of them"}},
		{"//nolint:all // why", &Suppression{Style: "nolint", Reason: "why"}},
		{"//nolint:errcheck,all", &Suppression{Style: "nolint"}},
		// golangci-lint takes the forgotten colon for all linters.
		{"//nolint errcheck", &Suppression{Style: "nolint", Reason: "errcheck"}},

		{"//lint:ignore SA1019 why", &Suppression{Style: "lint:ignore", Names: []string{"SA1019"}, Reason: "why"}},
		{"//lint:ignore SA1019,SA4* why not", &Suppression{Style: "lint:ignore", Names: []string{"SA1019", "SA4*"}, Reason: "why not"}},
		{"//lint:file-ignore U1000 why", &Suppression{Style: "lint:file-ignore", Names: []string{"U1000"}, Reason: "why"}},

		{"//#nosec", &Suppression{Style: "nosec"}},
		{"// #nosec G404 -- why", &Suppression{Style: "nosec", Names: []string{"G404"}, Reason: "why"}},
		{"/* #nosec G101 G404 */", &Suppression{Style: "nosec", Names: []string{"G101", "G404"}}},

		{"//nolintlint", nil},
		{"//nolint:", nil},
		{"//NOLINT", nil},
		{"// nolint is what golangci-lint reads", nil},
		{"// The nolint of golangci-lint", nil},
		{"// see //nolint:errcheck", nil},
		{"//\tnolint:errcheck", nil},
		{"/* nolint */", nil},
		{"/*nolint:errcheck*/", nil},
		// staticcheck refuses these.
		{"//lint:ignore SA1019", nil},
		{"//lint:ignore SA1019 ", nil},
		{"// lint:ignore SA1019 why", nil},
		{"//lint:ignored SA1019 why", nil},
		{"// use #nosec with care", nil},
		{"//#nosecurity", nil},
		{"//gocognit:ignore", nil},
		{"//", nil},
		{"/**/", nil},
	} {
		got, ok := parseSuppression(test.text)
		if ok != (test.want != nil) {
			t.Errorf("parseSuppression(%q) = %+v, %v, want %v", test.text, got, ok, test.want)
			continue
		}
		if ok {
			if diff := cmp.Diff(*test.want, got); diff != "" {
				t.Errorf("parseSuppression(%q) (-want +got):\n%s", test.text, diff)
			}
		}
	}
}

func TestSuppressions(t *testing.T) {
	for _, test := range []struct {
		name, src string
		want      []string // "style names from-to"
	}{
		{"end of a statement", `package p

func f() {
	g() //nolint:errcheck
	g()
}
`, []string{"nolint [errcheck] 4-4"}},
		{"end of the first line of a function", `package p

func f() { //nolint:funlen // long
	g()
}
`, []string{"nolint [funlen] 3-5"}},
		{"end of the first line of a statement", `package p

func f() {
	g(func() { //nolint:errcheck
		g()
	})
	g()
}
`, []string{"nolint [errcheck] 4-6"}},
		{"end of the last line", `package p

func f() {
	g()
} //nolint:funlen
`, []string{"nolint [funlen] 5-5"}},
		{"line of its own", `package p

func f() {
	//nolint:errcheck
	if g() {
		g()
	}
	g()
}
`, []string{"nolint [errcheck] 4-7"}},
		{"doc comment", `package p

// f does.
//
//nolint:funlen
func f() {
	g()
}
`, []string{"nolint [funlen] 3-8"}},
		{"field and spec", `package p

type t struct {
	a int //nolint:unused
	b struct { //nolint:unused
		c int
	}
}

var (
	//nolint:gochecknoglobals
	x = []int{
		1,
	}
	y int
)
`, []string{"nolint [unused] 4-4", "nolint [unused] 5-7", "nolint [gochecknoglobals] 11-14"}},
		{"nothing below", `package p

//nolint:funlen

func f() {
	g()
}
`, []string{"nolint [funlen] 3-4"}},
		{"above the package clause", `//nolint:funlen

// Package p.
package p

func f() {}
`, []string{"nolint [funlen] 1-6"}},
		{"on the package clause", `package p //nolint

func f() {}
`, []string{"nolint [] 1-3"}},
		{"staticcheck", `package p

//lint:file-ignore U1000 why

// f does.
//
//lint:ignore SA1019 why
func f() {
	g() //lint:ignore SA4* why
}
`, []string{"lint:file-ignore [U1000] 1-10", "lint:ignore [SA1019] 8-8", "lint:ignore [SA4*] 9-9"}},
		{"gosec", `package p

func f() {
	g() // #nosec G404 -- why
}
`, []string{"nosec [G404] 4-4"}},
		{"strings", "package p\n\nconst x = \"//nolint\" + `\n//nolint\n`\n", nil},
		{"line directive", "package p\n\n//line x.go:100\nvar x int //nolint\n", []string{"nolint [] 4-4"}},
		{"CRLF", "package p\r\n\r\nfunc f() { //nolint:funlen\r\n}\r\n", []string{"nolint [funlen] 3-4"}},
	} {
		fset, f := parse(t, test.src)
		var got []string
		for _, s := range Suppressions(fset, f) {
			got = append(got, fmt.Sprintf("%s %v %d-%d", s.Style, s.Names, s.FromLine, s.ToLine))
			if text := test.src[s.Pos-f.FileStart : s.End-f.FileStart]; !strings.HasPrefix(text, "//") {
				t.Errorf("%s: the comment is %q", test.name, text)
			}
		}
		if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: Suppressions (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestCovers(t *testing.T) {
	for _, test := range []struct {
		comment string
		covers  string // rules
		not     string
	}{
		{"//nolint", "errcheck vet/printf staticcheck/SA1019 self-admitted/todo file-lines", "suppression api-break"},
		{"//nolint:all", "errcheck vet/printf", "suppression api-break"},
		{"//nolint:staticcheck", "staticcheck/SA1019 staticcheck/SA4006", "vet/printf unused"},
		{"//nolint:megacheck", "staticcheck/SA1019 unused", "vet/printf"},
		{"//nolint:SA1019", "staticcheck/SA1019", "staticcheck/SA4006"},
		{"//nolint:staticcheck/SA1019", "staticcheck/SA1019", "staticcheck/SA4006"},
		{"//nolint:govet", "vet/printf vet/copylocks", "errcheck"},
		{"//nolint:vet", "vet/printf", ""},
		{"//nolint:vet/printf", "vet/printf", "vet/copylocks"},
		{"//nolint:ERRCHECK,errorlint", "errcheck errorlint", "unused"},
		{"//nolint:deadcode", "unused", "errcheck"},
		{"//nolint:structcheck", "unused", ""},
		{"//nolint:varcheck", "unused", ""},
		{"//nolint:U1000", "unused", ""},
		{"//nolint:gocyclo", "cognitive", "func-lines"},
		{"//nolint:cyclop", "cognitive", ""},
		{"//nolint:maintidx", "cognitive", ""},
		{"//nolint:gocognit", "cognitive", ""},
		{"//nolint:funlen", "func-lines", "file-lines"},
		{"//nolint:nestif", "nesting", ""},
		{"//nolint:godox", "self-admitted/todo self-admitted/fixme self-admitted/linked", ""},
		{"//nolint:gofixme", "self-admitted/fixme", ""},
		{"//nolint:self-admitted", "self-admitted/fixme", ""},
		{"//nolint:gochecknoglobals", "mutable-global", ""},
		{"//nolint:reassign", "mutable-global", ""},
		{"//nolint:gochecknoinits", "init-effect", ""},
		{"//nolint:containedctx", "context-misuse", ""},
		{"//nolint:contextcheck", "context-misuse", "errcheck"},
		{"//nolint:intrange", "modernize/rangeint", "modernize/any"},
		{"//nolint:modernize", "modernize/rangeint modernize/any", "vet/any"},
		{"//nolint:params,file-lines", "params file-lines", "nesting"},
		{"//nolint:suppression,api-break", "", "suppression api-break"},
		{"//nolint:gosec", "", "errcheck unused"},
		{"//nolint:errcheck because it cannot fail", "", "errcheck"},
		{"//nolint:SA*", "", "staticcheck/SA1019"},

		{"//lint:ignore SA1019 x", "staticcheck/SA1019", "staticcheck/SA4006 errcheck"},
		{"//lint:ignore sa10* x", "staticcheck/SA1019", "staticcheck/SA4006 unused vet/printf"},
		{"//lint:ignore SA*,U1000 x", "staticcheck/SA1019 staticcheck/SA4006 unused", "errcheck"},
		{"//lint:ignore * x", "staticcheck/SA1019 unused", "vet/printf suppression"},
		{"//lint:ignore SA[ x", "", "staticcheck/SA1019"},
		{"//lint:ignore errcheck x", "", "errcheck"},
		{"//#nosec", "", "errcheck staticcheck/SA1019"},
	} {
		s, ok := parseSuppression(test.comment)
		if !ok {
			t.Errorf("%s is no suppression", test.comment)
			continue
		}
		s.FromLine, s.ToLine = 2, 3
		for _, rule := range strings.Fields(test.covers) {
			if !s.Covers(rule, 2) || !s.Covers(rule, 3) {
				t.Errorf("%s does not cover %s", test.comment, rule)
			}
			if s.Covers(rule, 1) || s.Covers(rule, 4) {
				t.Errorf("%s covers %s outside of its lines", test.comment, rule)
			}
		}
		for _, rule := range strings.Fields(test.not) {
			if s.Covers(rule, 2) {
				t.Errorf("%s covers %s", test.comment, rule)
			}
		}
	}
}

// FuzzParseSuppression holds what a reader of the result relies on: a style,
// one-line names without blanks around them, a trimmed reason, and that a
// comment says the same with the white space at its end.
func FuzzParseSuppression(f *testing.F) {
	for _, seed := range []string{
		"//nolint", "// nolint:errcheck,gosec // why", "//nolint: all", "//nolint:,", "//nolint x",
		"//lint:ignore SA1019 why", "//lint:file-ignore U1000,SA* why", "//lint:ignore SA[ why",
		"// #nosec G404 -- why", "/* #nosec */", "//#nosec -- ", "//nolintlint", "//nolint:\xff// \xff", "/**/", "//",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, ok := parseSuppression(text)
		if !ok {
			if s.Style != "" {
				t.Errorf("a style without a suppression: %+v", s)
			}
			return
		}
		if s.Style == "" || strings.TrimSpace(s.Reason) != s.Reason {
			t.Errorf("parseSuppression(%q) = %+v", text, s)
		}
		for _, name := range s.Names {
			if name == "" || strings.TrimSpace(name) != name || strings.Contains(name, ",") {
				t.Errorf("parseSuppression(%q): name %q", text, name)
			}
		}
		if strings.HasPrefix(s.Style, "lint:") && (len(s.Names) > 0 && s.Reason == "") {
			t.Errorf("parseSuppression(%q): no reason", text)
		}
		again, ok := parseSuppression(text + " \r\n")
		if diff := cmp.Diff(s, again); (diff != "" || !ok) && utf8.ValidString(text) {
			t.Errorf("parseSuppression(%q) with a line end (-was +is):\n%s", text, diff)
		}
		s.FromLine, s.ToLine = 1, 1
		s.Covers("staticcheck/SA1019", 1)
		if s.Covers("suppression", 1) || s.Covers("api-break", 1) {
			t.Errorf("parseSuppression(%q) hides what must show", text)
		}
	})
}
