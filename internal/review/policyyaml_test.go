package review

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// TestHostilePolicy: small files that would cost a parser its stack, its memory
// or its afternoon are refused, and quickly.
func TestHostilePolicy(t *testing.T) {
	many := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	const m = 1 << 20
	for name, content := range map[string]string{
		"large":      strings.Repeat("#", m+1),
		"flow lists": strings.Repeat("[", m/32),
		"flow maps":  strings.Repeat("{a: ", m/64),
		"lists":      strings.Repeat("- ", m/32),
		"keys":       strings.Repeat("? ", m/32),
		"anchors":    strings.Repeat("&a ", m/32),
		"tags":       strings.Repeat("!a ", m/32),
		"many keys":  many(11_000, "k%d: 1\n"),
		"words":      "ratchet: [" + strings.Repeat("x,", 60_000) + "]",
		"documents":  strings.Repeat("---\n", 50_000),
		"indented":   strings.Repeat(" ", m/8) + "a: b",
		"unended":    `mode: "` + strings.Repeat("x", m/8),
		// Within the limits, and the worst there.
		"all keys":    many(9_999, "k%d:\n"),
		"all entries": "version: 1\nteams:\n" + many(9_990, " k%d:\n"),
		"all words":   "governed: [" + strings.Repeat("x y,", 49_000) + "]",
		"laughs": "version: 1\na: &a [x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\nd: &d [*c, *c, *c, *c]\n" +
			"e: &e [*d, *d, *d, *d]\nf: &f [*e, *e, *e, *e]\ng: [*f, *f, *f, *f]\n",
	} {
		begun := time.Now()
		_, problems := ParsePolicy(nil, &File{Name: "f", Content: []byte(content)})
		if n := len(problems); n == 0 || n > maxProblems+1 {
			t.Errorf("%s: %d problems", name, n)
		}
		// Far above what each takes, far below what the parser would.
		if took := time.Since(begun); took > time.Minute {
			t.Errorf("%s: took %s", name, took)
		}
	}
}

// TestLargePolicy: what a large organisation writes is within the limits.
func TestLargePolicy(t *testing.T) {
	var b strings.Builder
	b.WriteString("version: 1\npeople:\n")
	for i := range 2000 {
		fmt.Fprintf(&b, "  p%d: {emails: [p%d@acme.example], manager: p%d, slack: U0%d}\n", i, i, i/10, i)
	}
	p, problems := ParsePolicy(&File{Name: "f", Content: []byte(b.String())}, nil)
	if len(problems) > 0 || len(p.People) != 2000 {
		t.Errorf("%d people, %v", len(p.People), problems)
	}
}

func TestNearest(t *testing.T) {
	for _, tt := range []struct{ word, want string }{
		{"buget", "budget"}, {"BUDGET", "budget"}, {"bugdet", "budget"}, {"mod", "mode"}, {"component", "components"},
		{"experiment", "experiments"}, {"domain", "domains"}, {"colour", ""}, {"", ""}, {strings.Repeat("a", 1000), ""},
	} {
		if got := closest(tt.word, below("")); got != tt.want {
			t.Errorf("closest(%q) = %q, want %q", tt.word, got, tt.want)
		}
	}
}

// FuzzParsePolicy: no bytes make it panic, each problem can be shown, and a
// policy that holds is still one beneath or on top of itself.
func FuzzParsePolicy(f *testing.F) {
	for _, s := range stories(f) {
		for _, file := range []*File{s.organisation, s.repository} {
			if file != nil {
				f.Add(file.Content)
			}
		}
	}
	if example, err := os.ReadFile("../../docs/config.md"); err == nil {
		f.Add(example)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		file := &File{Name: "f.yml", Content: content}
		p, problems := ParsePolicy(nil, file)
		checkProblems(t, problems)
		if len(problems) == 0 {
			p.ComponentOf("a/b.go")
			p.TeamOf("a/b.go")
			p.Ratcheted("a/b.go")
			p.Governs("main", "main")
			p.Effective()
		}
		_, twice := ParsePolicy(&File{Name: "o.yml", Content: content}, file)
		checkProblems(t, twice)
	})
}

func checkProblems(t *testing.T, problems []Problem) {
	t.Helper()
	for _, p := range problems {
		if p.Line < 1 || p.Column < 1 || p.What == "" || strings.Contains(p.What, "\n") {
			t.Errorf("problem %#v", p)
		}
		for _, s := range []string{p.What, strings.Replace(p.Excerpt, "\n", "", 1)} {
			if i := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 || !utf8.ValidString(s) {
				t.Errorf("%q is not printable", s)
			}
		}
	}
}
