package impact

import (
	"bytes"
	"cmp"
	"encoding/json"
	"go/scanner"
	"go/token"
	"strings"
)

// A syntax says what in a text is a comment, as far as fold needs it.
type syntax struct {
	line        []string // what begins a comment to the end of the line
	open, close string   // around a comment over lines; empty: there is none
	quotes      string   // bytes that begin and end a text in which none begins
	escapes     bool     // a backslash takes the next byte of such a text along
}

var (
	sqlSyntax   = syntax{line: []string{"--"}, open: "/*", close: "*/", quotes: "'\"`"}
	protoSyntax = syntax{line: []string{"//"}, open: "/*", close: "*/", quotes: "'\"", escapes: true}
	htmlSyntax  = syntax{open: "<!--", close: "-->"}
)

// fold leaves comments out and makes all white space outside of quotes one
// blank, so that two texts are equal where only those differ. A comment or a
// text that does not end runs to the end.
func (s syntax) fold(text string) string {
	var out strings.Builder
	blank := false
	write := func(piece string) {
		if blank && out.Len() > 0 {
			out.WriteByte(' ')
		}
		blank = false
		out.WriteString(piece)
	}
	for len(text) > 0 {
		n := 1
		switch {
		case s.comment(text, &n), strings.IndexByte(" \t\r\n\f\v", text[0]) >= 0:
			blank = true
		case strings.IndexByte(s.quotes, text[0]) >= 0:
			n = s.quoted(text)
			write(text[:n])
		default:
			write(text[:n])
		}
		text = text[n:]
	}
	return out.String()
}

// comment reports whether a text begins with a comment, and sets its length.
func (s syntax) comment(text string, n *int) bool {
	for _, mark := range s.line {
		if strings.HasPrefix(text, mark) {
			*n = until(text, "\n")
			return true
		}
	}
	if s.open != "" && strings.HasPrefix(text, s.open) {
		*n = len(s.open) + until(text[len(s.open):], s.close)
		return true
	}
	return false
}

// until is the length of the text up to and with an end.
func until(text, end string) int {
	if i := strings.Index(text, end); i >= 0 {
		return i + len(end)
	}
	return len(text)
}

// quoted is the length of the quoted text at the beginning. A doubled quote, as
// SQL has it, ends one and begins another, which comes to the same.
func (s syntax) quoted(text string) int {
	for i := 1; i < len(text); i++ {
		switch {
		case s.escapes && text[i] == '\\':
			i++
		case text[i] == text[0]:
			return i + 1
		}
	}
	return len(text)
}

// yamlLines are the lines that say something, without comments and trailing
// white space, each with its number. A # inside of quotes or of a word is none.
func yamlLines(text string) []numberedLine {
	var out []numberedLine
	n := 0
	for line := range strings.Lines(text) {
		n++
		var quote byte
		for i := range len(line) {
			switch c := line[i]; {
			case quote != 0:
				if c == quote {
					quote = 0
				}
				continue
			case (c == '"' || c == '\'') && (i == 0 || strings.IndexByte(" \t[{,:(", line[i-1]) >= 0):
				quote = c
				continue
			case c != '#' || i > 0 && line[i-1] != ' ' && line[i-1] != '\t':
				continue
			}
			line = line[:i]
			break
		}
		if line = strings.TrimRight(line, " \t\r\n"); strings.TrimSpace(line) != "" {
			out = append(out, numberedLine{line, n})
		}
	}
	return out
}

type numberedLine struct {
	text   string
	number int // from 1
}

// foldYAML keeps the indentation, which says something.
func foldYAML(text string) string {
	var out strings.Builder
	for _, l := range yamlLines(text) {
		out.WriteString(l.text + "\n")
	}
	return out.String()
}

// foldJSON leaves white space out. What is no JSON stays as it is.
func foldJSON(text string) string {
	var out bytes.Buffer
	if err := json.Compact(&out, []byte(text)); err != nil {
		return text
	}
	return out.String()
}

// goLines counts the lines of Go code by what stands on them, without comments,
// white space, imports and lines of punctuation alone.
func goLines(src string) map[string]int {
	var s scanner.Scanner
	fset := token.NewFileSet()
	file := fset.AddFile("", -1, len(src))
	s.Init(file, []byte(src), func(token.Position, string) {}, 0)
	lines := map[string]int{}
	var line strings.Builder
	at, named, importing := 0, false, false
	flush := func() {
		if named && !importing {
			lines[line.String()]++
		}
		line.Reset()
		named = false
	}
	parens := 0
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			flush()
			return lines
		}
		if n := file.Line(pos); n != at && !(tok == token.SEMICOLON && lit == "\n") {
			flush()
			if importing && parens == 0 {
				importing = false
			}
			at = n
		}
		switch tok {
		case token.IMPORT:
			importing, parens = true, 0
		case token.LPAREN:
			parens++
		case token.RPAREN:
			parens--
		case token.SEMICOLON:
			continue
		}
		named = named || tok.IsLiteral() || tok.IsKeyword()
		line.WriteString(cmp.Or(lit, tok.String()) + " ")
	}
}

// linesApart counts the lines that only one of two sides has.
func linesApart(a, b map[string]int) int {
	n := 0
	for line, count := range a {
		n += max(0, count-b[line])
	}
	for line, count := range b {
		n += max(0, count-a[line])
	}
	return n
}
