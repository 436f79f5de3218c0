package analyzers

import (
	"go/ast"
	"go/token"
	"go/types"
	"iter"
	"strings"
)

// arguments yields the parameters of fn with the arguments for them. Where one
// call gives all arguments, or for the rest of a variadic one, there are none.
func arguments(call *ast.CallExpr, fn *types.Func) iter.Seq2[*types.Var, ast.Expr] {
	return func(yield func(*types.Var, ast.Expr) bool) {
		params := fn.Signature().Params()
		for i := range min(params.Len(), len(call.Args)) {
			if !yield(params.At(i), call.Args[i]) {
				return
			}
		}
	}
}

// argumentFor is the argument for the parameter of that name; nil for none.
func argumentFor(call *ast.CallExpr, fn *types.Func, name string) ast.Expr {
	for param, arg := range arguments(call, fn) {
		if param.Name() == name {
			return arg
		}
	}
	return nil
}

// argument is the i-th argument; nil where there is none.
func argument(call *ast.CallExpr, i int) ast.Expr {
	if i < 0 || i >= len(call.Args) {
		return nil
	}
	return call.Args[i]
}

// parent is the node around the one being visited, parentheses left out; the
// one around that for 1, and so on. It is nil outside of the declaration.
func (s *markScan) parent(up int) ast.Node {
	for i := len(s.stack) - 2; i >= 0; i-- {
		if _, ok := s.stack[i].(*ast.ParenExpr); ok {
			continue
		}
		if up == 0 {
			return s.stack[i]
		}
		up--
	}
	return nil
}

// chained yields the calls that are made on the result of the one being
// visited, by the names of their methods: for a.Flag("x").Default("1").Int()
// they are Default and Int.
func (s *markScan) chained() iter.Seq2[string, *ast.CallExpr] {
	return func(yield func(string, *ast.CallExpr) bool) {
		for i := len(s.stack) - 1; i >= 2; i -= 2 {
			sel, ok := s.stack[i-1].(*ast.SelectorExpr)
			if !ok || sel.X != s.stack[i] {
				return
			}
			call, ok := s.stack[i-2].(*ast.CallExpr)
			if !ok || call.Fun != sel || !yield(sel.Sel.Name, call) {
				return
			}
		}
	}
}

// structPath is the name of the struct type being visited: of the type that it
// is declared as, or of the declaration in which it stands, and the fields
// that lead to it where it is nested.
func (s *markScan) structPath() string {
	var fields []string
	for i := len(s.stack) - 2; i >= 0; i-- {
		switch n := s.stack[i].(type) {
		case *ast.TypeSpec:
			return strings.Join(append([]string{n.Name.Name}, fields...), ".")
		case *ast.Field:
			if len(n.Names) > 0 {
				fields = append([]string{n.Names[0].Name}, fields...)
			}
		}
	}
	return strings.Join(append([]string{s.symbol}, fields...), ".")
}

// declared yields the names of a spec with their values, nil for none. Outside
// of functions each is the enclosing declaration of what is added for it.
func (s *markScan) declared(spec *ast.ValueSpec) iter.Seq2[*ast.Ident, ast.Expr] {
	return func(yield func(*ast.Ident, ast.Expr) bool) {
		for i, name := range spec.Names {
			if s.topLevel() {
				s.symbol = name.Name
			}
			var value ast.Expr
			if len(spec.Values) == len(spec.Names) {
				value = spec.Values[i]
			}
			if !yield(name, value) {
				return
			}
		}
	}
}

// topLevel reports whether the spec being visited is outside of functions.
func (s *markScan) topLevel() bool { return len(s.stack) <= 1 }

// fieldName is the name of an embedded field.
func fieldName(typ ast.Expr) string {
	for {
		switch x := typ.(type) {
		case *ast.StarExpr:
			typ = x.X
		case *ast.ParenExpr:
			typ = x.X
		case *ast.IndexExpr:
			typ = x.X
		case *ast.IndexListExpr:
			typ = x.X
		case *ast.SelectorExpr:
			return x.Sel.Name
		case *ast.Ident:
			return x.Name
		default: // does not type-check
			return ""
		}
	}
}

// fieldNames are the names that a field declares, with the position of each.
func fieldNames(f *ast.Field) iter.Seq2[string, token.Pos] {
	return func(yield func(string, token.Pos) bool) {
		if len(f.Names) == 0 {
			if name := fieldName(f.Type); name != "" {
				yield(name, f.Type.Pos())
			}
			return
		}
		for _, name := range f.Names {
			if !yield(name.Name, name.Pos()) {
				return
			}
		}
	}
}

// keyed yields the fields that a literal of a struct sets by name.
func (s *markScan) keyed(lit *ast.CompositeLit) iter.Seq2[*ast.Ident, ast.Expr] {
	return func(yield func(*ast.Ident, ast.Expr) bool) {
		if t := s.info.Types[lit].Type; t != nil {
			if p, ok := t.Underlying().(*types.Pointer); ok {
				t = p.Elem() // the T{} of a []*T{{}}
			}
			if _, ok := t.Underlying().(*types.Struct); !ok {
				return
			}
		}
		for _, elt := range lit.Elts {
			kv, ok := elt.(*ast.KeyValueExpr)
			if !ok {
				return
			}
			if name, ok := kv.Key.(*ast.Ident); ok && !yield(name, kv.Value) {
				return
			}
		}
	}
}
