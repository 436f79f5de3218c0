package analyzers

import (
	"go/ast"
	"go/scanner"
	"go/token"
	"reflect"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// lexeme is one token of a source, where it stands and how it reads.
type lexeme struct {
	tok  token.Token
	text string // as written; a raw string without carriage returns
	// offset is the token's first byte; line and endLine are the lines, from
	// 1, of its first and last byte. They differ for a raw string only.
	offset        int
	line, endLine int
}

// lex calls yield for each token of src that is neither a comment nor a
// semicolon that the scanner made up, until yield says false. It never fails:
// what is no token at all comes as token.ILLEGAL.
func lex(src []byte, yield func(lexeme) bool) {
	// A file set of its own: positions must not depend on //line directives,
	// which the scanner enters into the file that it is given.
	file := token.NewFileSet().AddFile("", -1, len(src))
	var s scanner.Scanner
	s.Init(file, src, nil, 0)
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return
		}
		if tok == token.SEMICOLON && lit != ";" {
			continue
		}
		text := lit
		if text == "" || tok == token.SEMICOLON {
			text = tok.String()
		}
		line := file.PositionFor(pos, false).Line
		l := lexeme{
			tok:    tok,
			text:   text,
			offset: file.Offset(pos),
			line:   line,
			// The literal has lost its carriage returns, not its newlines, so
			// its length does not lead to its last line but its newlines do.
			endLine: line + strings.Count(text, "\n"),
		}
		if !yield(l) {
			return
		}
	}
}

// normalised returns the tokens of src as formatting leaves them: without
// comments and semicolons, which a line break replaces, and without the comma
// that a list needs once its closing bracket has a line of its own.
func normalised(src []byte) []lexeme {
	var list []lexeme
	lex(src, func(l lexeme) bool {
		switch l.tok {
		case token.SEMICOLON:
			return true
		case token.RPAREN, token.RBRACE, token.RBRACK:
			if n := len(list); n > 0 && list[n-1].tok == token.COMMA {
				list = list[:n-1]
			}
		}
		list = append(list, l)
		return true
	})
	return list
}

// lineIndex counts code lines: element i is the number of code lines among
// the first i lines of the file.
type lineIndex []int

// indexLines says which lines of src are code: those on which a token that is
// not a comment stands. A raw string stands on each of its lines.
func indexLines(src []byte) lineIndex {
	index := lineIndex{0}
	lex(src, func(l lexeme) bool {
		// Tokens come in order, so the last line of the index is the last on
		// which one stands.
		for len(index) < l.line {
			index = append(index, index[len(index)-1])
		}
		for len(index) <= l.endLine {
			index = append(index, index[len(index)-1]+1)
		}
		return true
	})
	return index
}

// between is the number of code lines from line first to line last, both
// included. Lines past the last token hold no code.
func (x lineIndex) between(first, last int) int {
	return x[clamp(last, len(x)-1)] - x[clamp(first-1, len(x)-1)]
}

func clamp(i, most int) int { return max(0, min(i, most)) }

// CodeLines is the number of lines of src on which a token that is not a
// comment stands, so that blank lines and comments change nothing. It counts
// unparsable sources too.
func CodeLines(src []byte) int {
	x := indexLines(src)
	return x.between(1, len(x)-1)
}

// Generated reports whether src says of itself that it is generated: a line
//
//	// Code generated … DO NOT EDIT.
//
// before the first token, as https://go.dev/s/generatedcode asks. Further
// down the mark is not believed: a finding would vanish by a comment in the
// middle of a file. The source need not parse.
func Generated(src []byte) bool {
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(src)), src, nil, scanner.ScanComments)
	for {
		_, tok, lit := s.Scan()
		if tok != token.COMMENT {
			return false
		}
		for line := range strings.Lines(lit) {
			line = strings.TrimRight(line, "\r\n")
			if rest, ok := strings.CutPrefix(line, "// Code generated "); ok && strings.HasSuffix(rest, " DO NOT EDIT.") {
				return true
			}
		}
	}
}

// codeLines indexes the code lines of each file once, for the checks that
// count them.
var codeLines = &analysis.Analyzer{
	Name:             "codelines",
	Doc:              "index the lines of each file that hold code",
	Run:              runCodeLines,
	RunDespiteErrors: true,
	ResultType:       reflect.TypeFor[map[*ast.File]lineIndex](),
}

func runCodeLines(pass *analysis.Pass) (any, error) {
	index := make(map[*ast.File]lineIndex, len(pass.Files))
	for _, f := range pass.Files {
		src, err := pass.ReadFile(pass.Fset.File(f.FileStart).Name())
		if err != nil {
			return nil, err
		}
		index[f] = indexLines(src)
	}
	return index, nil
}

// lineOf is the line of pos in its file as written: a //line directive is
// under the control of the reviewed code.
func lineOf(fset *token.FileSet, pos token.Pos) int {
	return fset.PositionFor(pos, false).Line
}
