package engine

import (
	"bytes"
	"go/token"
)

// withoutBodies blanks what the types of a package do not hang on, without moving a
// byte or a line, so that neither parser nor type checker has anything to make of it:
// the bodies of the functions that a file declares, and the elements of the composite
// literals that its variables are set to, but for arrays that count theirs ([...]T).
// Where types are all that is asked for, both are most of the work: a third of that on
// what rclone imports were tables, of Unicode, of regions, of message texts. A file
// whose braces or quotes do not match is returned as it is, for the parser to say so.
func withoutBodies(src []byte) []byte {
	out := bytes.Clone(src)
	l := bodyLexer{src: src}
	blank := func() bool {
		begin := l.at + 1
		end := l.block()
		for i := begin; i < end; i++ {
			if out[i] != '\n' {
				out[i] = ' '
			}
		}
		return end >= 0
	}
	for !l.end() {
		switch {
		case l.depth == 0 && l.fresh && l.word() == "func":
			if l.signature() && !blank() {
				return src
			}
		case l.literal():
			if !blank() {
				return src
			}
		default:
			l.next()
		}
	}
	if l.depth != 0 || l.torn {
		return src
	}
	return out
}

// bodyLexer steps through Go source, token by token as far as braces, quotes and
// line ends ask for it (https://go.dev/ref/spec#Lexical_elements).
type bodyLexer struct {
	src   []byte
	at    int
	depth int    // of brackets of all kinds
	vars  vars   // where variables are declared
	last  []byte // the token before, but for line ends that end nothing; nil at the begin of a declaration
	fresh bool   // a declaration begins here
	torn  bool   // a quote or a comment does not end
}

// vars is the state of the lexer in a declaration of variables.
type vars struct {
	in      bool
	depth   int  // in parentheses, 1
	set     bool // after the equals sign
	counted bool // after [...]
}

func (l *bodyLexer) end() bool {
	if l.at == 0 {
		l.fresh = true
	}
	l.space()
	return l.at >= len(l.src)
}

// space skips white space and comments. A line end after a token that can end a
// statement is a semicolon.
func (l *bodyLexer) space() {
	for l.at < len(l.src) {
		rest := l.src[l.at:]
		switch {
		case rest[0] == '\n':
			l.line()
			l.at++
		case rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\r':
			l.at++
		case bytes.HasPrefix(rest, []byte("//")):
			if n := bytes.IndexByte(rest, '\n'); n >= 0 {
				l.at += n
			} else {
				l.at = len(l.src)
			}
		case bytes.HasPrefix(rest, []byte("/*")):
			n := bytes.Index(rest[2:], []byte("*/"))
			if n < 0 {
				l.at, l.torn = len(l.src), true
				return
			}
			if bytes.IndexByte(rest[:n+2], '\n') >= 0 {
				l.line()
			}
			l.at += n + 4
		default:
			return
		}
	}
}

func (l *bodyLexer) line() {
	if len(l.last) == 0 || token.IsKeyword(string(l.last)) { // outside of bodies none ends a statement
		return
	}
	if c := l.last[len(l.last)-1]; inWord(c) || bytes.IndexByte([]byte(")]}\"'`"), c) >= 0 {
		l.finish()
	}
}

// finish ends a statement.
func (l *bodyLexer) finish() {
	l.last, l.fresh = nil, l.depth == 0
	if l.depth <= l.vars.depth {
		l.vars.set, l.vars.counted = false, false
	}
}

func inWord(c byte) bool {
	return c == '_' || c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// word is the name or number that begins here; "" where another token does.
func (l *bodyLexer) word() string {
	end := l.at
	for end < len(l.src) && inWord(l.src[end]) {
		end++
	}
	return string(l.src[l.at:end])
}

// next steps over one token.
func (l *bodyLexer) next() {
	begin := l.at
	switch c := l.src[l.at]; {
	case inWord(c):
		for l.at < len(l.src) && inWord(l.src[l.at]) {
			l.at++
		}
	case c == '"' || c == '\'' || c == '`':
		l.quote(c)
	default:
		switch c {
		case '(', '[', '{':
			l.depth++
		case ')', ']', '}':
			l.depth--
		}
		l.at++
	}
	if l.depth == 0 && l.fresh {
		l.vars = vars{in: string(l.src[begin:l.at]) == "var"}
	}
	first := l.src[begin]
	switch {
	case !l.vars.in:
	case first == '(' && string(l.last) == "var":
		l.vars.depth = 1
	case first == '=' && l.depth == l.vars.depth:
		l.vars.set = true
	case first == '.' && string(l.last) == "[":
		l.vars.counted = true
	}
	l.last, l.fresh = l.src[begin:l.at], false
	if first == ';' {
		l.finish()
	}
}

// literal reports whether the braces of a composite literal or of a function begin
// here, to which a variable is set.
func (l *bodyLexer) literal() bool {
	return l.src[l.at] == '{' && l.vars.in && l.vars.set && !l.vars.counted && l.depth == l.vars.depth && !l.ofType()
}

// ofType reports whether a brace here is that of a type.
func (l *bodyLexer) ofType() bool {
	w := string(l.last)
	return w == "struct" || w == "interface"
}

func (l *bodyLexer) quote(mark byte) {
	for l.at++; l.at < len(l.src); l.at++ {
		switch c := l.src[l.at]; {
		case c == mark:
			l.at++
			return
		case c == '\\' && mark != '`':
			l.at++
		case c == '\n' && mark != '`':
			l.torn = true
			return
		}
	}
	l.at, l.torn = len(l.src), true
}

// signature steps from "func" to the brace that opens the body. It returns false
// where the declaration ends before.
func (l *bodyLexer) signature() bool {
	for l.next(); !l.end() && !(l.depth == 0 && l.fresh); l.next() {
		if l.depth == 0 && l.src[l.at] == '{' && !l.ofType() {
			return true
		}
	}
	return false
}

// block steps over what is in braces, and returns where its closing brace is, or -1. Of all that
// is in it, only braces and what hides them count.
func (l *bodyLexer) block() int {
	for open := 0; l.at < len(l.src); {
		switch c := l.src[l.at]; c {
		case '{':
			open++
		case '}':
			if open--; open == 0 {
				end := l.at
				l.at++
				l.last, l.fresh = l.src[end:l.at], false
				return end
			}
		case '"', '\'', '`':
			l.quote(c)
			continue
		case '/':
			if l.at+1 < len(l.src) && (l.src[l.at+1] == '/' || l.src[l.at+1] == '*') {
				l.space()
				continue
			}
		}
		l.at++
	}
	return -1
}
