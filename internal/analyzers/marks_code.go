package analyzers

import (
	"bytes"
	"go/ast"
	"go/constant"
	"go/printer"
	"go/token"
	"go/types"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// What stands for a part of a key that the code does not say.
const unknownPart = "…"

// pattern is the text of a string expression, where what is not constant is
// an ellipsis: prefix + "/users" is "…/users". So a renamed variable changes
// nothing. Of fmt.Sprintf, fmt.Errorf and errors.New it is the format or text.
// It is empty where no part is constant.
func (s *markScan) pattern(e ast.Expr) string {
	text := s.rawPattern(ast.Unparen(e))
	if strings.ReplaceAll(text, unknownPart, "") == "" {
		return ""
	}
	return text
}

func (s *markScan) rawPattern(e ast.Expr) string {
	if text, ok := s.constString(e); ok {
		return text
	}
	switch e := e.(type) {
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			// A sum of n terms nests n deep to the left.
			return s.rawPattern(ast.Unparen(e.X)) + s.rawPattern(ast.Unparen(e.Y))
		}
	case *ast.CallExpr:
		if sel, ok := e.Fun.(*ast.SelectorExpr); ok && len(e.Args) > 0 && s.isTextMaker(sel.Sel) {
			return s.rawPattern(ast.Unparen(e.Args[0]))
		}
	}
	return unknownPart
}

func (s *markScan) isTextMaker(name *ast.Ident) bool {
	fn, ok := s.info.Uses[name].(*types.Func)
	if !ok {
		return false
	}
	switch fn.FullName() {
	case "fmt.Sprintf", "fmt.Errorf", "errors.New":
		return true
	}
	return false
}

// constString is the value of a constant string. Literals are known without
// types.
func (s *markScan) constString(e ast.Expr) (string, bool) {
	if v := s.constant(e); v != nil {
		if v.Kind() != constant.String {
			return "", false
		}
		return constant.StringVal(v), true
	}
	if lit, ok := ast.Unparen(e).(*ast.BasicLit); ok && lit.Kind == token.STRING {
		text, err := strconv.Unquote(lit.Value)
		return text, err == nil
	}
	return "", false
}

// constant is the value of e; nil where it is none or not known.
func (s *markScan) constant(e ast.Expr) constant.Value {
	v := s.info.Types[e].Value
	if v == nil || v.Kind() == constant.Unknown {
		return nil
	}
	return v
}

// constStrings are the constant strings of a literal such as []string{"a"}, or
// of a single constant.
func (s *markScan) constStrings(e ast.Expr) []string {
	if text, ok := s.constString(e); ok {
		return []string{text}
	}
	lit, ok := ast.Unparen(e).(*ast.CompositeLit)
	if !ok {
		return nil
	}
	var list []string
	for _, elt := range lit.Elts {
		if text, ok := s.constString(elt); ok {
			list = append(list, text)
		}
	}
	return list
}

// value is what an expression says: the value of a constant, so that 30 and a
// constant that holds 30 are the same, or else its source. The constants of an
// integer type with a name stand for something, so they are source as well;
// a duration is not: it is written like 1m30s.
func (s *markScan) value(e ast.Expr) string {
	v := s.constant(e)
	if v == nil {
		return source(e)
	}
	if s.isDuration(e) {
		if n, exact := constant.Int64Val(constant.ToInt(v)); exact {
			return time.Duration(n).String()
		}
	}
	if _, literal := ast.Unparen(e).(*ast.BasicLit); literal && v.Kind() != constant.String {
		return source(e) // 'h' and 0x10 as they are written
	}
	_, basic := types.Unalias(s.info.Types[e].Type).(*types.Basic)
	switch {
	case v.Kind() == constant.String:
		return strconv.Quote(constant.StringVal(v))
	case basic && v.Kind() == constant.Float:
		f, _ := constant.Float64Val(v)
		return strconv.FormatFloat(f, 'g', -1, 64)
	case basic:
		return v.ExactString()
	}
	return source(e)
}

func (s *markScan) isDuration(e ast.Expr) bool {
	path, name := s.named(s.info.Types[e].Type)
	return path == "time" && name == "Duration"
}

// fixed reports whether e is made of constants alone.
func (s *markScan) fixed(e ast.Expr) bool {
	if _, ok := s.constString(e); ok || s.constant(e) != nil {
		return true
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.UnaryExpr:
		return s.fixed(e.X)
	case *ast.KeyValueExpr:
		return s.fixed(e.Value)
	case *ast.CompositeLit:
		return s.allFixed(e.Elts)
	case *ast.CallExpr:
		return len(e.Args) > 0 && s.allFixed(e.Args)
	}
	return false
}

func (s *markScan) allFixed(list []ast.Expr) bool {
	for _, e := range list {
		if !s.fixed(e) {
			return false
		}
	}
	return true
}

// source is the text of e on one line. It depends on the tree and not on how
// it was laid out: the printer knows no lines in a file set without files.
func source(e ast.Expr) string {
	var b bytes.Buffer
	if err := printer.Fprint(&b, token.NewFileSet(), e); err != nil {
		return types.ExprString(e) // a tree with errors
	}
	return fold(b.String())
}

func fold(text string) string { return strings.Join(strings.Fields(text), " ") }

// maxMark is how many bytes of a key or value are kept: more than any sentence
// shows.
const maxMark = 160

// shortenMark cuts a long text, and says by a hash what it was, so that two
// that differ still do.
func shortenMark(text string) string {
	if len(text) <= maxMark {
		return text
	}
	cut := maxMark
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + unknownPart + " " + digest(text)
}

var majorVersion = regexp.MustCompile(`[/.]v[0-9]+(/|$)`)

// path is the import path of p without its major version, as it is in
// "example.com/mux/v2/sub" or "gopkg.in/mux.v2".
func (s *markScan) path(p *types.Package) string {
	if p == nil {
		return ""
	}
	path, ok := s.paths[p]
	if !ok {
		path = strings.TrimSuffix(majorVersion.ReplaceAllString(p.Path(), "/"), "/")
		s.paths[p] = path
	}
	return path
}

// named is the package, as path has it, and the name of a type or of what a
// pointer points to. Both are empty for a type without a name.
func (s *markScan) named(t types.Type) (path, name string) {
	if t == nil {
		return "", ""
	}
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, ok := t.(*types.Named)
	if !ok {
		return "", ""
	}
	return s.path(n.Obj().Pkg()), n.Obj().Name()
}

// receiver is the name of the type that fn is a method of; "" where it is none.
func (s *markScan) receiver(fn *types.Func) string {
	recv := fn.Signature().Recv()
	if recv == nil {
		return ""
	}
	_, name := s.named(recv.Type())
	return name
}
