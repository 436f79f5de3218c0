package report

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

var hostileSeeds = []string{
	"", " ", "pay/flow.go:9:2", hostile, "a\r\nb", "@", "x@y.z", "#", "12. item", "1) item", "- item", "+ x", "=== x", "---",
	"```go\ncode\n```", "`a``b`", "`", "a|b", `\|`, `\\|`, `a\`, "<!-- x -->", "-->", "&#64;maria", "&amp;", "@\u200bmaria",
	"GH-12 gh-1 JIRA-5 CVE-2026-1 GHSA-abcd-efgh-ijkl", "deadbeefcafe", "WWW.Evil.example", "http://a", "ftp://a", "mailto:a@b.c",
	":+1:", "a:b:c", "$x$", "$`x`$", "~~x~~", "__init__", "snake_case", "[x](y)", "[^1]", "![x](y)", "[ ]", "\u0301a", " \u0301a|b", "a\u0301\u0301\u0301\u0301\u0301",
	"::error::x", " ::add-mask::x", "##[add-mask]x", "::stop-commands::x::", "a,line=1::b", "%0A::error::x", "%250A", "%3A", "100 %", "{0}", "{0", "struct{}", "[]int{1, 2}", "[x](1)", "[x\\](1)", "f([]T) (U)",
	"\x1b]8;;http://evil\x07x", "\u009b31m", "\u2028x\u2029", "\ufeffx", "\U000e0041", "\u3164", "\ue000", "\xc3(", "e\u0301", "日本語", "👍🏽", "a\u2066b",
}

func TestEscapeTerminal(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"pay/flow.go: 21 → 38", "pay/flow.go: 21 → 38"},
		{"\x1b[31mred\x1b[0m", "[31mred[0m"},
		{"\x1b]0;title\x07", "]0;title"},
		{"\u009b31mred", "31mred"},
		{"\x9b31mred", "\ufffd31mred"},
		{"one\ntwo\tthree\u2028four", "one two three four"},
		{"over\rwritten", "over written"},
		{"abc\u202egnp.exe", "abcgnp.exe"},
		{"a\u200b\u200d\ufeff\u00ad\u3164\ufe0fb", "ab"},
		{"\u0301x", "x"},
		{"a \u0301x", "a x"},
		{"e\u0301", "e\u0301"},
		{"z" + strings.Repeat("\u0335", 50), "z" + strings.Repeat("\u0335", maxMarks)},
		{"\ue000\U0010ffff", "\ufffd\ufffd"},
	} {
		if got := EscapeTerminal(tt.in); got != tt.want {
			t.Errorf("EscapeTerminal(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestEscapeMarkdown(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"pay imports store/internal (2 sites; forbidden)", "pay imports store/internal (2 sites; forbidden)"},
		{"thanks @maria", "thanks @&#8203;maria"},
		{"go mod download a.b/c@v1.2.3", "go mod download a.b/c@<!-- -->v1.2.3"},
		{"acme/pay#12", "acme/pay#<!-- -->12"},
		{"# heading", "#<!-- --> heading"},
		{"GH-12", "GH-<!-- -->12"},
		{"well-known", "well-known"},
		{"GHSA-abcd-efgh-ijkl", "GHSA-<!-- -->abcd-efgh-ijkl"},
		{"7f3a9c1b", "7f3a9c<!-- -->1b"},
		{"<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"},
		{"<!-- x", "&lt;!-- x"},
		{"![x](y)", `!\[x\](y)`},
		{"https://x.y", "https:<!-- -->//x.y"},
		{"Www.x.y", "Www<!-- -->.x.y"},
		{"a | b", "a &#124; b"},
		{`a \| b`, `a &#92;&#124; b`},
		{"x\n```\ny", "x \\`\\`\\` y"},
		{"*a* __b__ ~~c~~", `\*a\* \_\_b\_\_ \~\~c\~\~`},
		{"$x$", "<span>$</span>x<span>$</span>"},
		{":tada:", ":<!-- -->tada:"},
		{"- item", `\- item`},
		{"12. item", `12\. item`},
		{"1) item", `1\) item`},
		{"===", `\===`},
		{"  indented", "indented"},
		{"&#64;maria", "&amp;#<!-- -->64;maria"},
		{"@\u200bmaria", "@&#8203;maria"},
	} {
		if got := EscapeMarkdown(tt.in); got != tt.want {
			t.Errorf("EscapeMarkdown(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestEscapeMarkdownCode(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"pay.Flow", "`pay.Flow`"},
		{"", ""},
		{" \n\u200b", ""},
		{"a`b", "``a`b``"},
		{"`", "`` ` ``"},
		{"```", "```` ``` ````"},
		{"a\nb", "`a b`"},
		{`a\`, "`a\\`"},
		{"@maria #12", "`@maria #12`"},
		{"a|b", "<code>a&#124;b</code>"},
	} {
		if got := EscapeMarkdownCode(tt.in); got != tt.want {
			t.Errorf("EscapeMarkdownCode(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

// checkPlain holds whatever reaches a terminal to the promise of plain.
func checkPlain(t *testing.T, in, got string) {
	t.Helper()
	if !utf8.ValidString(got) {
		t.Fatalf("of %q: invalid UTF-8 in %q", in, got)
	}
	for _, r := range got {
		if r != ' ' && !unicode.IsGraphic(r) || unicode.IsControl(r) || r != ' ' && unicode.IsSpace(r) ||
			unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Bidi_Control, r) || unicode.Is(unicode.Join_Control, r) {
			t.Fatalf("of %q: %U in %q", in, r, got)
		}
	}
}

func TestSpans(t *testing.T) {
	for _, test := range []struct {
		in, markdown string
		parts        int
	}{
		{"plain @ann-k", "plain @&#8203;ann-k", 1},
		{"`a b` is new", "`a b` is new", 3},
		{"new edge `pay → @store` (by `x.may`)", "new edge `pay → @store` (by `x.may`)", 5},
		{"one ` alone", "one \\` alone", 1},
		{"empty `` and ` `", "empty \\`\\` and \\` \\`", 1},
		{"a `b` ` c", "a \\`b\\` \\` c", 1},
	} {
		if got := len(Spans(test.in)); got != test.parts {
			t.Errorf("Spans(%q) = %d parts, want %d", test.in, got, test.parts)
		}
		if got := spanned(test.in); got != test.markdown {
			t.Errorf("spanned(%q) = %q, want %q", test.in, got, test.markdown)
		}
	}
}

func FuzzEscapeTerminal(f *testing.F) {
	for _, s := range hostileSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := EscapeTerminal(in)
		checkPlain(t, in, got)
		if again := EscapeTerminal(got); again != got {
			t.Errorf("EscapeTerminal(%q) = %q, and again = %q", in, got, again)
		}
		if isPrintableASCII(in) && got != in {
			t.Errorf("EscapeTerminal(%q) = %q, want it unchanged", in, got)
		}
	})
}

func isPrintableASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}

var (
	// What GitHub looks for in a text node once Markdown is rendered.
	autolinks = regexp.MustCompile(`(?i)(^|\W)@\w|#\d|\b[a-z]+-\d|ghsa-\w|[0-9a-f]{7}|https?://|ftp://|mailto:\S|www\.|:[\w+-]+:|\w@\w|\$`)
	entity    = regexp.MustCompile(`^&(#\d+|amp|lt|gt);`)
)

// textNodes reads escaped Markdown like a renderer would, knowing only what the
// escaping may use: backslash before punctuation, an entity, a tag of ours. It
// fails on any other character that Markdown could act on. The dollar that
// GitHub documents as literal is replaced by a pound sign, a bare one stays.
func textNodes(t *testing.T, in, md string) []string {
	t.Helper()
	nodes := []string{""}
	add := func(s string) { nodes[len(nodes)-1] += s }
	for i := 0; i < len(md); {
		rest := md[i:]
		switch c := rest[0]; {
		case strings.HasPrefix(rest, "<!-- -->"):
			nodes = append(nodes, "")
			i += len("<!-- -->")
		case strings.HasPrefix(rest, "<span>$</span>"):
			nodes = append(nodes, "£", "")
			i += len("<span>$</span>")
		case entity.MatchString(rest):
			e := entity.FindString(rest)
			add(html.UnescapeString(e))
			i += len(e)
		case c == '\\' && len(rest) > 1 && strings.IndexByte("`*_~[].)-+=", rest[1]) >= 0:
			add(rest[1:2])
			i += 2
		case strings.IndexByte("\\`*_~[]<>&|\n\r\t$", c) >= 0:
			t.Fatalf("of %q: bare %q at %d of %q", in, c, i, md)
		default:
			add(rest[:1])
			i++
		}
	}
	return nodes
}

func FuzzEscapeMarkdown(f *testing.F) {
	for _, s := range hostileSeeds {
		f.Add(s)
	}
	blockStart := regexp.MustCompile(`^([-+=]|#{1,6}( |$)|\d+[.)]| )`)
	f.Fuzz(func(t *testing.T, in string) {
		got := EscapeMarkdown(in)
		if !utf8.ValidString(got) {
			t.Fatalf("of %q: invalid UTF-8 in %q", in, got)
		}
		if blockStart.MatchString(got) {
			t.Errorf("of %q: %q opens a block", in, got)
		}
		nodes := textNodes(t, in, got)
		for _, n := range nodes {
			if m := autolinks.FindString(n); m != "" {
				t.Errorf("of %q: GitHub acts on %q in %q", in, m, got)
			}
		}
		// It still reads as itself.
		want := strings.TrimSpace(strings.ReplaceAll(EscapeTerminal(in), "$", "£"))
		read := strings.ReplaceAll(strings.Join(nodes, ""), "\u200b", "")
		if read != want {
			t.Errorf("EscapeMarkdown(%q) = %q, which reads %q, want %q", in, got, read, want)
		}
	})
}

func FuzzEscapeMarkdownCode(f *testing.F) {
	for _, s := range hostileSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := EscapeMarkdownCode(in)
		want := strings.TrimSpace(EscapeTerminal(in))
		if want == "" {
			if got != "" {
				t.Errorf("EscapeMarkdownCode(%q) = %q, want nothing", in, got)
			}
			return
		}
		if inner, ok := strings.CutPrefix(got, "<code>"); ok {
			inner, ok = strings.CutSuffix(inner, "</code>")
			if !ok || inner != EscapeMarkdown(in) {
				t.Errorf("EscapeMarkdownCode(%q) = %q, want the escaped text in it", in, got)
			}
			return
		}
		checkPlain(t, in, got)
		if strings.Contains(got, "|") {
			t.Errorf("of %q: a pipe in %q", in, got)
		}
		if read := readCode(t, got); read != want {
			t.Errorf("EscapeMarkdownCode(%q) = %q, which reads %q, want %q", in, got, read, want)
		}
	})
}

// readCode reads one code span by the rules of CommonMark 6.1: it ends at the
// first run of backticks as long as the opening one, and must end the string.
func readCode(t *testing.T, md string) string {
	t.Helper()
	runs := regexp.MustCompile("`+").FindAllStringIndex(md, -1)
	open := runs[0][1]
	for _, r := range runs[1:] {
		if r[1]-r[0] != open {
			continue
		}
		if runs[0][0] != 0 || r[1] != len(md) {
			break
		}
		s := md[open:r[0]]
		if len(s) > 2 && s[0] == ' ' && s[len(s)-1] == ' ' && strings.TrimSpace(s) != "" {
			s = s[1 : len(s)-1]
		}
		return s
	}
	t.Fatalf("no code span: %q", md)
	return ""
}

func TestEscapeCommand(t *testing.T) {
	for _, tt := range []struct{ in, data, property string }{
		{"a/b.go", "a/b.go", "a/b.go"},
		{"100 %", "100 %25", "100 %25"},
		{"%0A::error::x", "%250A::error::x", "%250A%3A%3Aerror%3A%3Ax"},
		{"a\r\n::error::x", "a  ::error::x", "a  %3A%3Aerror%3A%3Ax"},
		{"a,b=c", "a,b=c", "a%2Cb=c"},
		{"\x1b[31m\u202ex", "[31mx", "[31mx"},
	} {
		if got := EscapeCommand(tt.in); got != tt.data {
			t.Errorf("EscapeCommand(%q) = %q, want %q", tt.in, got, tt.data)
		}
		if got := EscapeCommandProperty(tt.in); got != tt.property {
			t.Errorf("EscapeCommandProperty(%q) = %q, want %q", tt.in, got, tt.property)
		}
	}
}

// FuzzEscapeCommand: in any place of a command, text stays in its place.
func FuzzEscapeCommand(f *testing.F) {
	for _, s := range hostileSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		line := "::notice file=" + EscapeCommandProperty(in) + ",title=t::" + EscapeCommand(in)
		if strings.ContainsAny(line, "\r\n") {
			t.Fatalf("of %q: more than a line: %q", in, line)
		}
		c, ok := parseCommand(line)
		want := strings.TrimSpace(EscapeTerminal(in))
		if !ok || c.name != "notice" || c.data != want || c.properties["title"] != "t" || len(c.properties) > 2 || c.properties["file"] != want {
			t.Errorf("of %q: the runner reads %q from %q", in, c, line)
		}
	})
}

func TestEscapeSARIF(t *testing.T) {
	for _, tt := range []struct{ in, text, markdown string }{
		{"F: complexity 21 → 38", "F: complexity 21 → 38", `F\: complexity 21 → 38`},
		{"func() struct{}", "func() struct{}", `func\(\) struct\{\}`},
		{"[]int{0}", "[]int{ 0}", `\[\]int\{ 0\}`},
		{"{{12}}", "{{ 12}}", `\{\{ 12\}\}`},
		{"{0", "{0", `\{0`},
		{"[x](http://evil)", "[x] (http://evil)", `\[x\] \(http\:\/\/evil\)`},
		{"a\n<b>\x1b", "a <b>", `a \<b\>`},
	} {
		if got := EscapeSARIF(tt.in); got != tt.text {
			t.Errorf("EscapeSARIF(%q) = %q, want %q", tt.in, got, tt.text)
		}
		if got := EscapeSARIFMarkdown(tt.in); got != tt.markdown {
			t.Errorf("EscapeSARIFMarkdown(%q) = %q, want %q", tt.in, got, tt.markdown)
		}
	}
}

func FuzzEscapeSARIF(f *testing.F) {
	for _, s := range hostileSeeds {
		f.Add(s)
	}
	acts := regexp.MustCompile(`\{\d+\}|\]\(`)
	bare := regexp.MustCompile(`(^|[^\\])(\\\\)*[!-/:-@\[\]-\x60{-~]`)
	f.Fuzz(func(t *testing.T, in string) {
		got := EscapeSARIF(in)
		checkPlain(t, in, got)
		if m := acts.FindString(got); m != "" {
			t.Errorf("of %q: %q in %q", in, m, got)
		}
		spaceless := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if spaceless(got) != spaceless(EscapeTerminal(in)) {
			t.Errorf("EscapeSARIF(%q) = %q: more than spaces was changed", in, got)
		}
		md := EscapeSARIFMarkdown(in)
		if m := bare.FindString(md); m != "" {
			t.Errorf("of %q: bare %q in %q", in, m, md)
		}
	})
}

func FuzzEscapePath(f *testing.F) {
	for _, s := range hostileSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := escapePath(in)
		u, err := url.Parse(got)
		if err != nil {
			t.Fatalf("escapePath(%q) = %q: %v", in, got, err)
		}
		if u.IsAbs() || u.Host != "" || u.RawQuery != "" || u.Fragment != "" || u.Path != strings.TrimLeft(in, "/") {
			t.Errorf("escapePath(%q) = %q, which is %#v", in, got, u)
		}
	})
}

// FuzzSurfaces: one hostile text everywhere in a review breaks no surface.
func FuzzSurfaces(f *testing.F) {
	for _, s := range hostileSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) { checkSurfaces(t, in) })
}
