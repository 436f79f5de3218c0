// Package rewrite changes how a Go file is written and not what it says. What
// it does to a file must change no debt: the metamorphic tests and
// scripts/metamorph hold that.
//
// A transformation keeps off what is not mere layout: the text of raw strings,
// directives, the comments that a check reads, and comments whose place has a
// meaning (the preamble of cgo, the output of an example). It is pure.
package rewrite

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"regexp"
	"slices"
	"strings"
)

// Kinds are the transformations of a file's text by name; each returns the new
// text. Renaming a file is none of them: see Rename.
var Kinds = map[string]func(src []byte) ([]byte, error){
	"blank":    Blank,
	"comments": Comments,
	"reorder":  Reorder,
	"crlf":     CRLF,
	"unformat": Unformat,
}

// Rename is the new name of a file, in which its build constraint stays:
// x_linux_test.go → renamedx_linux_test.go.
func Rename(base string) string {
	if strings.HasPrefix(base, "_") || strings.HasPrefix(base, ".") {
		return base // the go command leaves it out by its first letter
	}
	return "renamed" + base
}

// line says what stands on one line of a file.
type line struct {
	text    string // with its line end
	code    bool   // a token that is not a comment
	comment bool
	starts  bool // the line begins inside a raw string or a block comment
	ends    bool // the next line does
	body    bool // inside a function's body, and not in a literal or a field list
}

func lines(src []byte) ([]line, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var list []line
	for text := range strings.Lines(string(src)) {
		list = append(list, line{text: text})
	}
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(src))
	s.Init(file, src, nil, scanner.ScanComments)
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			break
		}
		if tok == token.SEMICOLON && lit != ";" {
			continue
		}
		// A raw string and a comment have lost their carriage returns.
		first := file.PositionFor(pos, false).Line
		for i := first; i <= first+strings.Count(lit, "\n"); i++ {
			l := &list[i-1]
			l.code = l.code || tok != token.COMMENT
			l.comment = l.comment || tok == token.COMMENT
			if i > first {
				l.starts, list[i-2].ends = true, true
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		block, ok := n.(*ast.BlockStmt)
		if !ok {
			return true
		}
		for i := fset.PositionFor(block.Lbrace, false).Line; i < fset.PositionFor(block.Rbrace, false).Line-1; i++ {
			list[i].body = true
		}
		return true
	})
	return list, nil
}

// Blank puts a blank line behind each line of code. Behind comments it would
// take them from what they are about.
func Blank(src []byte) ([]byte, error) { return insert(src, "\n") }

const remark = "// This line says nothing."

// Comments puts a comment of its own behind each line of code, and takes the
// plain ones out of the bodies of functions.
func Comments(src []byte) ([]byte, error) {
	src, err := withoutRemarks(src)
	if err != nil {
		return nil, err
	}
	return insert(src, remark+"\n")
}

// meant are the words that give a comment a meaning to a check or a tool.
var meant = regexp.MustCompile(`(?i)todo|fixme|hack|xxx|nolint|lint:|nosec|#|://|-[0-9]|^//[a-z]+:|^//(export|extern|line) |^// ?\+|output:|want`)

// withoutRemarks takes out the lines inside of functions on which a plain //
// comment stands alone, if its whole group is plain: what a comment line
// stands beside may be what gives it a meaning.
func withoutRemarks(src []byte) ([]byte, error) {
	list, err := lines(src)
	if err != nil {
		return nil, err
	}
	alone := func(i int) bool { return i >= 0 && i < len(list) && list[i].comment && !list[i].code }
	var out strings.Builder
	for i := 0; i < len(list); {
		if !alone(i) {
			out.WriteString(list[i].text)
			i++
			continue
		}
		to, plain := i, i == 0 || !list[i-1].comment
		for ; alone(to); to++ {
			text := strings.TrimSpace(list[to].text)
			plain = plain && list[to].body && strings.HasPrefix(text, "//") && !list[to].starts && !meant.MatchString(text)
		}
		for ; i < to; i++ {
			if !plain {
				out.WriteString(list[i].text)
			}
		}
	}
	return []byte(out.String()), nil
}

// insert puts text behind each line of code after the imports, where that
// parts or joins no comments.
func insert(src []byte, text string) ([]byte, error) {
	list, err := lines(src)
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	for i, l := range list {
		out.WriteString(l.text)
		next := line{}
		if i+1 < len(list) {
			next = list[i+1]
		}
		switch {
		case !l.code || l.comment || l.ends || !strings.HasSuffix(l.text, "\n"):
		case text != "\n" && next.comment:
		case text != "\n" && strings.HasPrefix(next.text, "import"): // may be the preamble of cgo
		case text != "\n" && strings.Contains(next.text, `"C"`):
		default:
			out.WriteString(text)
		}
	}
	return []byte(out.String()), nil
}

// Unformat takes the indentation away and puts white space behind the lines,
// as gofmt would mend it.
func Unformat(src []byte) ([]byte, error) {
	list, err := lines(src)
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	for _, l := range list {
		text := l.text
		if !l.starts {
			text = strings.TrimLeft(text, " \t")
		}
		if body, ok := strings.CutSuffix(text, "\n"); ok && l.code && !l.comment && !l.ends {
			text = body + " \t\n"
		}
		out.WriteString(text)
	}
	return []byte(out.String()), nil
}

// CRLF ends each line as Windows does. In raw strings too: the language takes
// the carriage returns out again.
func CRLF(src []byte) ([]byte, error) {
	if bytes.Contains(src, []byte("\r")) {
		return src, nil
	}
	return bytes.ReplaceAll(src, []byte("\n"), []byte("\r\n")), nil
}

// Reorder turns the order of the declarations round, each with its doc comment
// and what stands behind it on its last line. Imports stay first, and comments
// between the declarations stay where they are.
func Reorder(src []byte) ([]byte, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	file := fset.File(f.FileStart)
	type span struct{ from, to int }
	var spans []span
	for _, d := range f.Decls {
		doc := (*ast.CommentGroup)(nil)
		switch d := d.(type) {
		case *ast.FuncDecl:
			doc = d.Doc
		case *ast.GenDecl:
			if d.Tok == token.IMPORT {
				continue
			}
			doc = d.Doc
		}
		from := d.Pos()
		if doc != nil {
			from = doc.Pos()
		}
		s := span{from: file.Offset(from), to: file.Offset(d.End())}
		if i := bytes.IndexByte(src[s.to:], '\n'); i >= 0 {
			s.to += i
		} else {
			s.to = len(src)
		}
		if len(spans) > 0 && s.from < spans[len(spans)-1].to {
			return src, nil // two on one line
		}
		if at := fset.PositionFor(from, false); at.Column != 1 {
			return src, nil
		}
		spans = append(spans, s)
	}
	for _, group := range f.Comments { // a comment that begins in one and ends behind it
		for _, s := range spans {
			if a, b := file.Offset(group.Pos()), file.Offset(group.End()); a > s.from && a < s.to && b > s.to {
				return src, nil
			}
		}
	}
	var out bytes.Buffer
	at := 0
	for i, s := range spans {
		other := spans[len(spans)-1-i]
		out.Write(src[at:s.from])
		out.Write(src[other.from:other.to])
		at = s.to
	}
	out.Write(src[at:])
	return out.Bytes(), nil
}

// File applies a transformation of Kinds, and makes sure that the file still
// says the same: its tokens are those of before, up to their order.
func File(kind string, src []byte) ([]byte, error) {
	change := Kinds[kind]
	if change == nil {
		return nil, fmt.Errorf("there is no transformation %q", kind)
	}
	out, err := change(src)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(tokens(src), tokens(out)) {
		return nil, fmt.Errorf("%s would change more than the layout", kind)
	}
	return out, nil
}

func tokens(src []byte) []string {
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(src)), src, nil, 0)
	var list []string
	for {
		_, tok, lit := s.Scan()
		if tok == token.EOF {
			slices.Sort(list)
			return list
		}
		list = append(list, tok.String()+" "+strings.TrimSuffix(lit, "\n"))
	}
}

// Generated reports whether a file says of itself that a program wrote it.
func Generated(src []byte) bool {
	f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.ParseComments|parser.PackageClauseOnly)
	return err == nil && ast.IsGenerated(f)
}
