package engine

import "bytes"

// withoutBodies blanks the bodies of the functions that a file declares, without
// moving a byte or a line, so that the parser has nothing to make of them: where
// types are all that is asked of a package, that is half of its work. A file whose
// braces or quotes do not match is returned as it is, for the parser to say so.
func withoutBodies(src []byte) []byte {
	out := bytes.Clone(src)
	l := bodyLexer{src: src}
	for !l.end() {
		if l.depth == 0 && l.fresh && l.word() == "func" {
			open, ok := l.signature()
			if !ok {
				continue // declared without a body
			}
			end := l.block()
			if end < 0 {
				return src
			}
			for i := open + 1; i < end; i++ {
				if out[i] != '\n' {
					out[i] = ' '
				}
			}
			continue
		}
		l.next()
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
	last  []byte // the token before, but for line ends that end nothing; nil at the begin of a declaration
	fresh bool   // a declaration begins here
	torn  bool   // a quote or a comment does not end
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
	if len(l.last) == 0 {
		return
	}
	if c := l.last[len(l.last)-1]; inWord(c) || bytes.IndexByte([]byte(")]}\"'`"), c) >= 0 {
		l.last, l.fresh = nil, l.depth == 0
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
	l.last, l.fresh = l.src[begin:l.at], false
	if l.src[begin] == ';' {
		l.last, l.fresh = nil, l.depth == 0
	}
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

// signature steps from "func" to the brace that opens the body, and says where that
// is. ok is false where the declaration ends before.
func (l *bodyLexer) signature() (open int, ok bool) {
	for l.next(); !l.end(); l.next() {
		if l.depth > 0 {
			continue
		}
		if l.fresh { // a line end after the signature
			return 0, false
		}
		if l.src[l.at] == '{' {
			if w := string(l.last); w != "struct" && w != "interface" {
				return l.at, true
			}
		}
	}
	return 0, false
}

// block steps over a body, and returns where its closing brace is, or -1. Of all that
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
