package report

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// DESIGN. One function per surface makes text from outside harmless there, and
// nothing else in this package is trusted with it. All of them first make it
// plain (one line of visible characters); what is left is then encoded, not
// removed, so that the text still reads as itself.
//
// Where each one may be used: EscapeTerminal in any line. EscapeMarkdown
// anywhere in a paragraph, list item, heading or table cell, the start of the
// line included. EscapeMarkdownCode likewise, and brings its own delimiters;
// EscapeMarkdownBlock on lines of its own. EscapeSlack in the mrkdwn of Slack.
// EscapeCommand after the second :: of a workflow command,
// EscapeCommandProperty as a value before it. EscapeSARIF in a text of SARIF,
// EscapeSARIFMarkdown in a markdown.
//
// JSON has no function here: encoding/json escapes what it must, and the
// reader of a JSON document escapes for its own surface.

// maxMarks is how many combining marks one character keeps. Living languages
// stack up to three or four; more is a text that climbs over its neighbours.
const maxMarks = 4

// plain reduces s to one line of visible characters: white space of any sort
// becomes a space; control characters (ESC and C1 too), bidirectional
// controls, zero-width and other invisible characters are dropped; invalid
// UTF-8, private and unassigned characters become U+FFFD.
func plain(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	// A mark at the start would sit on a character of ours, and so would one
	// after a space that is trimmed.
	marks := maxMarks
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			b.WriteByte(' ')
			marks = maxMarks
			continue
		case invisible(r):
			continue
		case unicode.Is(unicode.M, r):
			if marks++; marks > maxMarks {
				continue
			}
			b.WriteRune(r)
			continue
		case !unicode.IsPrint(r):
			r = utf8.RuneError
		}
		marks = 0
		b.WriteRune(r)
	}
	return b.String()
}

// isPlain reports whether s is nothing but visible ASCII, as most text is: files have
// some hundred thousand fields.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// invisible says that r draws nothing but may change how its surroundings are
// drawn or compared.
func invisible(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf,
		unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// EscapeTerminal makes s one line that no terminal interprets.
func EscapeTerminal(s string) string { return plain(s) }

// gap parts the text node in two without a trace on the page. GitHub looks for
// mentions, references and links in the text after Markdown was rendered, so a
// backslash or an entity (`&#64;`) does not stop it; two nodes do. See
// github/cmark-gfm#181 and github/markup#1168.
const gap = "<!-- -->"

// hashRun is the longest run of hex digits that GitHub does not take for the
// abbreviation of a commit.
const hashRun = 6

// EscapeMarkdown makes s plain text in a GitHub comment: no mention,
// cross-reference, HTML, image, link, emphasis, emoji, formula or break of the
// table, list or fence around it.
func EscapeMarkdown(s string) string {
	s = strings.TrimSpace(plain(s))
	var b strings.Builder
	b.Grow(len(s) + len(s)/4)
	run := 0 // hex digits since the last gap
	for i, r := range s {
		if !isHex(r) {
			run = 0
		} else if run++; run > hashRun {
			b.WriteString(gap)
			run = 1
		}
		before, after := s[:i], s[i+utf8.RuneLen(r):]
		switch r {
		case '@':
			b.WriteByte('@')
			if before != "" && isWord(before[len(before)-1]) {
				// A mail address, or module@version in a command that should
				// stay good to copy. Never a mention.
				b.WriteString(gap)
				break
			}
			// Zero-width and not a gap: somebody who answers the notification
			// by mail sends the rendered text back, and a mention in it would
			// count (dependabot/dependabot-core#3157).
			b.WriteString("&#8203;")
		case '#': // #12, owner/repo#12; a heading
			b.WriteString("#" + gap)
		case ':': // https://…, :emoji:
			b.WriteByte(':')
			if after != "" && after[0] != ' ' {
				b.WriteString(gap)
			}
		case '$':
			// The way GitHub documents for a dollar that is no formula.
			b.WriteString("<span>$</span>")
		case '\\':
			// Not `\\`: whether a table row is split before or after
			// backslashes are read differs between renderers.
			b.WriteString("&#92;")
		case '|':
			b.WriteString("&#124;")
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '&':
			b.WriteString("&amp;")
		case '`', '*', '_', '~', '[', ']':
			b.WriteByte('\\')
			b.WriteRune(r)
		case '.', ')': // www.example.com; an ordered list
			if endsWithFold(before, "www") {
				b.WriteString(gap)
			} else if isDigits(before) {
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		case '-', '+', '=': // a list or the underline of a heading; GH-12
			if before == "" {
				b.WriteByte('\\')
			}
			b.WriteRune(r)
			if r == '-' && isReference(before, after) {
				b.WriteString(gap)
			}
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// isReference says whether a hyphen between the two may be a part of GH-12,
// CVE-2026-1, GHSA-… or a repository's own autolink, such as JIRA-12.
func isReference(before, after string) bool {
	if before == "" || after == "" {
		return false
	}
	return isLetter(before[len(before)-1]) && '0' <= after[0] && after[0] <= '9' ||
		endsWithFold(before, "ghsa")
}

// EscapeMarkdownCode makes s a code span, delimiters included, in which
// nothing is interpreted. It is empty where s has nothing to show.
func EscapeMarkdownCode(s string) string {
	s = strings.TrimSpace(plain(s))
	if s == "" {
		return ""
	}
	if strings.Contains(s, "|") {
		// A pipe splits a table row even between backticks, and escaped it
		// would show its backslash outside of a table.
		return "<code>" + EscapeMarkdown(s) + "</code>"
	}
	fence := strings.Repeat("`", longestRun(s, '`')+1)
	if s[0] == '`' || s[len(s)-1] == '`' {
		// The renderer takes one space off both ends again.
		s = " " + s + " "
	}
	return fence + s + fence
}

// Spans parts a sentence at its backticks: each second part stood between two and is
// code. Where they do not pair, or nothing is between two, all of it is text. Nothing
// is escaped.
func Spans(s string) []string {
	parts := strings.Split(s, "`")
	if len(parts)%2 == 0 {
		return []string{s}
	}
	for i := 1; i < len(parts); i += 2 {
		if strings.TrimSpace(plain(parts[i])) == "" {
			return []string{s}
		}
	}
	return parts
}

// EscapeMarkdownBlock makes s a fenced block of code, fences included and
// without a newline at the end, in which nothing is interpreted. It keeps the
// lines of s and the spaces they begin with; it is the only one that does.
func EscapeMarkdownBlock(s string) string {
	var lines []string
	longest := 2
	for line := range strings.SplitSeq(s, "\n") {
		line = strings.TrimRight(plain(line), " ")
		lines = append(lines, line)
		longest = max(longest, longestRun(line, '`'))
	}
	fence := strings.Repeat("`", longest+1)
	return fence + "text\n" + strings.Join(lines, "\n") + "\n" + fence
}

// longestRun is the length of the longest run of c.
func longestRun(s string, c byte) int {
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] == c {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	return longest
}

// commandData is what the runner of GitHub Actions decodes in the data of a
// workflow command (ActionCommand.cs, UnescapeData); commandProperty in the
// value of a property (UnescapeProperty).
var (
	commandData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	commandProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// EscapeCommand makes s the message of a workflow command: one line, from which
// the runner decodes the plain s again. What is in it starts no command, since
// the runner looks for the old form (##[…]) only in a line that does not begin
// with one of the new form, and for that only at the beginning of the line.
func EscapeCommand(s string) string { return commandData.Replace(strings.TrimSpace(plain(s))) }

// EscapeCommandProperty makes s the value of a property of a workflow command:
// it ends neither the value nor the properties.
func EscapeCommandProperty(s string) string {
	return commandProperty.Replace(strings.TrimSpace(plain(s)))
}

// EscapeSARIF makes s the text of a SARIF message: no placeholder ("{0}") and no
// embedded link ("[text](1)"); a space breaks both.
//
// It is a space since there is no encoding that all viewers decode: the standard
// (3.11.5) wants every brace doubled, but a viewer that takes a message without
// arguments as it is would show "struct{{}}".
func EscapeSARIF(s string) string {
	s = strings.ReplaceAll(strings.TrimSpace(plain(s)), "](", "] (")
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '{')
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i+1])
		s = s[i+1:]
		if digits := len(s) - len(strings.TrimLeft(s, "0123456789")); digits > 0 && strings.HasPrefix(s[digits:], "}") {
			b.WriteByte(' ')
		}
	}
}

// EscapeSARIFMarkdown makes s plain text in a formatted message of SARIF, which
// may hold no HTML (3.11.4.2), not even what EscapeMarkdown relies on.
func EscapeSARIFMarkdown(s string) string {
	var b strings.Builder
	for _, r := range EscapeSARIF(s) {
		if r < utf8.RuneSelf && unicode.In(r, unicode.P, unicode.S) {
			b.WriteByte('\\') // CommonMark 2.4: before any punctuation of ASCII
		}
		b.WriteRune(r)
	}
	return b.String()
}

// escapePath makes a path that is relative to the repository a relative
// reference of RFC 3986: what is not unreserved is percent-encoded, byte by
// byte, so that no colon makes a scheme and a path that is no UTF-8 survives.
func escapePath(path string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(strings.TrimLeft(path, "/")) {
		if isWord(c) || strings.IndexByte("-.~/", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	return b.String()
}

func isHex(r rune) bool {
	return '0' <= r && r <= '9' || 'a' <= r && r <= 'f' || 'A' <= r && r <= 'F'
}

func isWord(c byte) bool { return isLetter(c) || '0' <= c && c <= '9' || c == '_' }

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// endsWithFold is strings.HasSuffix for ASCII suffixes, in any case.
func endsWithFold(s, suffix string) bool {
	return len(s) >= len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix)
}

// clip cuts s to n characters, the last one "…", before it is escaped.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	i := 0
	for at := range s {
		if i == n-1 {
			if utf8.RuneCountInString(s[at:]) == 1 {
				return s
			}
			return s[:at] + "…"
		}
		i++
	}
	return s
}
