package impact

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestWords(t *testing.T) {
	for in, want := range map[string]string{
		"pay/tlsConfig_v2.go": "pay tls config v2 go",
		"HTTPServer":          "http server",
		"userID":              "user id",
		"ABC":                 "abc",
		"":                    "",
		"--":                  "",
		"größeÄndern":         "größe ändern",
	} {
		if got := strings.Join(words(in), " "); got != want {
			t.Errorf("words(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFold(t *testing.T) {
	tests := []struct {
		name string
		got  string
		want string
	}{
		{"SQL", sqlSyntax.fold("SELECT 'it''s -- no comment' -- a comment\n/* more */FROM  t"), "SELECT 'it''s -- no comment' FROM t"},
		{"SQL that does not end", sqlSyntax.fold("SELECT 'a -- b"), "SELECT 'a -- b"},
		{"proto", protoSyntax.fold(`option a = "x\"// no"; // yes`), `option a = "x\"// no";`},
		{"HTML", htmlSyntax.fold("<p>\n a<!-- b -->\n</p><!-- "), "<p> a </p>"},
		{"template", withoutTemplateComments("a{{/* b */}}c{{/* d"), "ac"},
		{"YAML", foldYAML("# a\na: 'b # c' # d\n\n  e: f#g\n"), "a: 'b # c'\n  e: f#g\n"},
		{"an apostrophe in YAML", foldYAML("run: don't # do\n"), "run: don't\n"},
		{"JSON", foldJSON("{\n \"a b\": 1\n}"), `{"a b":1}`},
		{"no JSON", foldJSON("{ a"), "{ a"},
	}
	for _, test := range tests {
		if test.got != test.want {
			t.Errorf("fold(%s) = %q, want %q", test.name, test.got, test.want)
		}
	}
}

func TestGoLines(t *testing.T) {
	got := goLines("package p // of p\nimport (\n\t\"a\"\n)\nimport \"b\"\n\nfunc F(s string) { // does\n\tgo F(`x\ny`)\n\n}\n}")
	want := map[string]int{"func F ( s string ) { ": 1, "go F ( `x\ny` ": 1, "package p ": 1}
	if !maps.Equal(got, want) {
		t.Errorf("goLines = %v, want %v", got, want)
	}
}

// FuzzTexts: no text of a repository stops the comparison, one is never another
// than itself, and lines that are named are in the text.
func FuzzTexts(f *testing.F) {
	var names []string
	for _, c := range allCases(f) {
		for _, file := range c.change.Files {
			if !slices.Contains(names, file.path()) {
				names = append(names, file.path())
			}
			f.Add(file.OldText, file.NewText)
		}
	}
	slices.Sort(names)
	f.Fuzz(func(t *testing.T, old, now string) {
		for _, s := range []syntax{sqlSyntax, protoSyntax, htmlSyntax} {
			if once := s.fold(old); s.fold(once) != once {
				t.Errorf("fold(fold(%q)) = %q, want %q", old, s.fold(once), once)
			}
		}
		for _, name := range names {
			same := File{Old: name, New: name, OldText: old, NewText: old}
			a := Assess(Change{Files: []File{same}})
			for _, d := range a.Domains {
				for _, trigger := range d.Triggers {
					t.Errorf("%s changed to itself fires %s: %q", name, trigger.Name, old)
				}
			}
			changed := File{Old: name, New: name, OldText: old, NewText: now, Added: 1}
			for _, d := range Assess(Change{Files: []File{changed}}).Domains {
				for _, trigger := range d.Triggers {
					for _, e := range trigger.Evidence {
						if e.Line > strings.Count(now, "\n")+1 || strings.Contains(e.Text, "\n") {
							t.Errorf("%s fires at line %d of %q: %q", trigger.Name, e.Line, now, e.Text)
						}
					}
				}
			}
		}
	})
}
