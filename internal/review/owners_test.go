package review

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func codeownersOf(t testing.TB, content string) Codeowners {
	t.Helper()
	c, problems := ParseCodeowners(File{Name: "CODEOWNERS", Content: []byte(content)})
	if len(problems) > 0 {
		t.Fatalf("ParseCodeowners: %v", problems)
	}
	return c
}

// TestCodeownersOf: the examples of GitHub's page, and what it says of them.
func TestCodeownersOf(t *testing.T) {
	c := codeownersOf(t, "\ufeff"+`# the last match wins
*       @Global-Owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go Docs@Example.Com
/build/logs/ @doctocat
docs/*  docs@example.technology
apps/ @octocat
/docs/ @Octo-org/Octocats
/scripts/ @doctocat @octocat
/apps/ @octocat
/apps/github
**/logs @logger
/with\ space/ @spacer
/pay/*/x.sql @dba
/top @top
`+"/crlf/ @windows\r\n\t/indented/ @tab\n")
	for file, want := range map[string]string{
		"README.md":             "@global-owner1 @global-owner2",
		"a/b.js":                "@js-owner",
		"a/b.go":                "docs@example.com",
		"build/logs/x":          "@logger", // a later pattern
		"build/log":             "@global-owner1 @global-owner2",
		"docs/a.md":             "@octo-org/octocats",
		"docs/b/c.md":           "@octo-org/octocats",
		"x/docs/a.md":           "@global-owner1 @global-owner2", // docs/* is of the root alone
		"x/apps/y":              "@octocat",
		"apps/a":                "@octocat",
		"apps/github":           "",
		"apps/github/x":         "",
		"scripts/logs":          "@logger",
		"deep/logs/x/y":         "@logger",
		"scripts/a.js":          "@doctocat @octocat",
		"with space/a":          "@spacer",
		"pay/de/x.sql":          "@dba",
		"pay/de/at/x.sql":       "@global-owner1 @global-owner2",
		"pay/x.sql":             "@global-owner1 @global-owner2",
		"top/a":                 "@top",
		"topmost":               "@global-owner1 @global-owner2",
		"crlf/a":                "@windows",
		"indented/a":            "@tab",
		"Top/a":                 "@global-owner1 @global-owner2", // cases count
		".github/workflows/x":   "@global-owner1 @global-owner2",
		"ünï/böse\x00name\xff":  "@global-owner1 @global-owner2",
		"build/logs":            "@logger",
		"scripts/sub/deep/a.sh": "@doctocat @octocat",
	} {
		var got []string
		for _, p := range c.Of(file) {
			got = append(got, p.Mention())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("Of(%q) = %q, want %q", file, got, want)
		}
	}
	if got := (Codeowners{}).Of("a"); got != nil || (Codeowners{}).Stated() || !c.Stated() {
		t.Errorf("without a file, Of = %v", got)
	}
}

// TestCodeownersProblems: what GitHub skips is skipped, and nothing else.
func TestCodeownersProblems(t *testing.T) {
	content := `* @all
!/a @bo
[Section]
/c[12] @bo
/d jo-b!
/e @bo @
\#f @bo
g#h @bo
/ @bo
/***/i @bo
/ü @bo
/j @bo @acme/team @acme/team/sub
/k @bo
` + "/l @bo\x00\n/" + strings.Repeat("m", 70_000) + " @bo\n/" + strings.Repeat("n", 255) + " @bo\n/" + strings.Repeat("o*", 17) + " @bo\n"
	c, problems := ParseCodeowners(File{Name: ".github/CODEOWNERS", Content: []byte(content)})
	var got []string
	for _, p := range problems {
		got = append(got, fmt.Sprintf("%d: %s", p.Line, p.What))
		if p.File != ".github/CODEOWNERS" || p.Column != 1 || p.Excerpt == "" {
			t.Errorf("problem at %s without its place or line", p.Position)
		}
	}
	want := []string{
		`2: this line is skipped: unexpected character '!' at position 1`,
		`3: this line is skipped: unexpected character '[' at position 1`,
		`4: this line is skipped: unexpected character '[' at position 3`,
		`5: this line is skipped: unexpected character '!' at position 8`,
		`6: this line is skipped: invalid owner format '@' at position 8`,
		`7: this line is skipped: a comment begins within its pattern`,
		`8: this line is skipped: a comment begins within its pattern`,
		`9: this line is skipped: "/" is no file; the pattern for all of them is *`,
		`10: this line is skipped: pattern cannot contain three consecutive asterisks`,
		`11: this line is skipped: unexpected character 'ü' at position 2`,
		`12: this line is skipped: invalid owner format '@acme/team/sub' at position 19`,
		"14: this line is skipped: unexpected character '\ufffd' at position 7",
		`15: this line is skipped: it is too long`,
		`16: this line is skipped: its pattern is too intricate; up to 255 characters and 16 wildcards are read`,
		`17: this line is skipped: its pattern is too intricate; up to 255 characters and 16 wildcards are read`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	for file, want := range map[string][]Principal{"k": {"bo"}, "d": {"all"}, "g": {"all"}, "f": {"all"}, "j": {"all"}, "l": {"all"}} {
		if got := c.Of(file); !slices.Equal(got, want) {
			t.Errorf("Of(%s) = %v, want %v", file, got, want)
		}
	}
}

// Too large a file says nothing, as on GitHub.
func TestCodeownersLimits(t *testing.T) {
	for name, tt := range map[string]struct {
		content string
		rules   int
		what    string
	}{
		"under the size": {"* @bo\n" + strings.Repeat("#", MaxCodeownersBytes-7), 1, ""},
		"the size":       {"* @bo\n" + strings.Repeat("#", MaxCodeownersBytes-6), 0, "the file has 3145728 bytes, and GitHub loads none from 3145728 on"},
		"the patterns":   {strings.Repeat("/a @b\n", maxOwnerRules), maxOwnerRules, ""},
		"more patterns":  {strings.Repeat("/a @b\n", maxOwnerRules+1), 0, "the file has more than 20000 patterns, so none is read"},
		"bad lines":      {strings.Repeat("!\n", 300), 0, "there are 100 more problems in this file"},
	} {
		t.Run(name, func(t *testing.T) {
			c, problems := ParseCodeowners(File{Name: "CODEOWNERS", Content: []byte(tt.content)})
			if len(c.rules) != tt.rules {
				t.Errorf("%d patterns, want %d", len(c.rules), tt.rules)
			}
			if (len(problems) > 0) != (tt.what != "") || tt.what != "" && problems[len(problems)-1].What != tt.what {
				t.Errorf("%d problems, want the last one to be %q: %.300v", len(problems), tt.what, problems)
			}
		})
	}
}

func TestOwners(t *testing.T) {
	p := mustParse(t, "", `teams:
  payments: {members: [ann], owns: ["pay/**"]}
  ledger: {members: ["@acme/ledger"]}
  books: {members: ["@acme/ledger"]}
people: {ann: {}, fay: {emails: [Fay@acme.example]}}
`)
	o := Owners{p, codeownersOf(t, `* @acme/all
/pay/ @acme/wrong
/ledger/ @Acme/Ledger @acme/ledger @jo-b
/docs/ fay@acme.example x@lists.example 7+gus@users.noreply.github.com
/free/
`)}
	for file, want := range map[string]string{
		"pay/a.go":    "payments",
		"ledger/a.go": "books, ledger, @jo-b",
		"docs/a.md":   "@fay, x@lists.example, @gus",
		"free/a.go":   "",
		"main.go":     "@acme/all",
	} {
		if got := o.TeamOf(file); got != want {
			t.Errorf("TeamOf(%s) = %q, want %q", file, got, want)
		}
	}
	for _, tt := range []struct {
		owners Owners
		want   bool
	}{{o, true}, {Owners{}, false}, {Owners{Policy: p}, true}, {Owners{Policy: mustParse(t, "", "teams: {t: {lead: a}}\n")}, false}} {
		if got := tt.owners.Stated(); got != tt.want {
			t.Errorf("Stated() = %v, want %v", got, tt.want)
		}
	}
}

// FuzzCodeowners: nothing that a repository holds makes us panic, what is read
// is what is asked for, and a line that is skipped changes nothing.
func FuzzCodeowners(f *testing.F) {
	f.Add("* @a/b\n/x y@z.example\n\\", "x/y")
	f.Add("/ @a\n//x @a\n**/ @a\n/**/ @a\n", "x")
	f.Add("a\\ b @c\n\\\\ @c\n*\\ @d\n", "a b")
	f.Add("/a/**/b/*.go @c # d\n?* @e\n", "a/b/c.go")
	f.Fuzz(func(t *testing.T, content, path string) {
		c, problems := ParseCodeowners(File{Name: "CODEOWNERS", Content: []byte(content)})
		owners := c.Of(path)
		for _, o := range owners {
			if string(o) != strings.ToLower(string(o)) || o == "" {
				t.Errorf("Of(%q) has %q", path, o)
			}
		}
		if len(problems) >= maxProblems {
			return
		}
		// The prefilter tells nothing that the library would not.
		for i := range c.rules {
			c.rules[i].begin = ""
		}
		if got := c.Of(path); !slices.Equal(got, owners) {
			t.Errorf("Of(%q) = %v, without the prefilter %v", path, owners, got)
		}
		bad := map[int]bool{}
		for _, p := range problems {
			bad[p.Line] = true
		}
		var good []string
		for i, line := range strings.SplitAfter(strings.TrimPrefix(content, "\ufeff"), "\n") {
			if !bad[i+1] {
				good = append(good, line)
			}
		}
		again, problems := ParseCodeowners(File{Content: []byte(strings.Join(good, ""))})
		if len(problems) > 0 || !slices.Equal(again.Of(path), owners) {
			t.Errorf("without the skipped lines: %v, %v", again.Of(path), problems)
		}
	})
}
