package analyzers

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// markImports marks an import once for the package, where it is first.
func markImports(s *markScan, f *ast.File) {
	if s.imported == nil {
		s.imported = map[string]bool{}
	}
	for _, spec := range f.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err == nil && !s.imported[path] {
			s.imported[path] = true
			s.add(spec.Pos(), path, "")
		}
	}
}

// A command exports nothing: nobody can import it.
func (s *markScan) exports(name string) bool { return s.pkg != "main" && ast.IsExported(name) }

func markExportedFunc(s *markScan, decl *ast.FuncDecl) {
	symbol := funcSymbol(decl)
	if !s.exports(symbol) || !decl.Name.IsExported() {
		return // symbol begins with the receiver's type
	}
	value := "func"
	switch {
	case decl.Recv != nil:
		if symbol == decl.Name.Name {
			return // a method of no type that is known
		}
		value = "method"
	case decl.Type.TypeParams != nil:
		value = "generic"
	}
	s.add(decl.Name.Pos(), symbol, value)
}

func markExportedSpec(s *markScan, spec ast.Spec) {
	if !s.topLevel() {
		return
	}
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		if s.exports(spec.Name.Name) {
			s.add(spec.Name.Pos(), spec.Name.Name, s.exportedType(spec))
		}
	case *ast.ValueSpec:
		for name := range s.declared(spec) {
			value := "var"
			if _, ok := s.info.Defs[name].(*types.Const); ok {
				value = "const"
			}
			if s.exports(name.Name) {
				s.add(name.Pos(), name.Name, value)
			}
		}
	}
}

func (s *markScan) exportedType(spec *ast.TypeSpec) string {
	_, literal := spec.Type.(*ast.InterfaceType)
	if obj := s.info.Defs[spec.Name]; literal || obj != nil && types.IsInterface(obj.Type()) {
		return "interface"
	}
	if spec.TypeParams != nil {
		return "generic"
	}
	return "type"
}

func markGo(s *markScan, stmt *ast.GoStmt) { s.add(stmt.Pos(), s.symbol, "") }

// starters are, by package, the methods that run their argument in a
// goroutine.
var starters = map[string][]string{
	"sync":                        {"WaitGroup.Go"},
	"golang.org/x/sync/errgroup":  {"Group.Go", "Group.TryGo"},
	"github.com/oklog/run":        {"Group.Add"},
	"github.com/sourcegraph/conc": {"WaitGroup.Go"},
}

func markGoCall(s *markScan, call *ast.CallExpr, callee *types.Func) {
	methods := starters[s.path(callee.Pkg())]
	if methods != nil && slices.Contains(methods, s.receiver(callee)+"."+callee.Name()) {
		s.add(call.Pos(), s.symbol, "")
	}
}

func markLockFields(s *markScan, st *ast.StructType) {
	for _, f := range st.Fields.List {
		lock := s.lock(s.info.TypeOf(f.Type))
		if lock == "" {
			continue
		}
		for name, pos := range fieldNames(f) {
			s.add(pos, s.structPath()+"."+name, lock)
		}
	}
}

func markLockVars(s *markScan, spec ast.Spec) {
	vars, ok := spec.(*ast.ValueSpec)
	if !ok || !s.topLevel() {
		return
	}
	for name := range s.declared(vars) {
		if v, ok := s.info.Defs[name].(*types.Var); ok {
			if lock := s.lock(v.Type()); lock != "" {
				s.add(name.Pos(), name.Name, lock)
			}
		}
	}
}

// lock is a type that is a lock, points to one or holds many of them, as it is
// written without aliases; "" for any other.
func (s *markScan) lock(t types.Type) string {
	var prefix string
	var elem types.Type
	switch x := types.Unalias(t).(type) {
	case *types.Named:
		if name := x.Obj().Name(); s.path(x.Obj().Pkg()) == "sync" && (name == "Mutex" || name == "RWMutex") {
			return "sync." + name
		}
		return ""
	case *types.Pointer:
		prefix, elem = "*", x.Elem()
	case *types.Slice:
		prefix, elem = "[]", x.Elem()
	case *types.Array:
		prefix, elem = fmt.Sprintf("[%d]", x.Len()), x.Elem()
	case *types.Map:
		prefix, elem = "map["+types.TypeString(x.Key(), (*types.Package).Name)+"]", x.Elem()
	default:
		return ""
	}
	if inner := s.lock(elem); inner != "" {
		return prefix + inner
	}
	return ""
}

// markDefaultSpec marks the exported constants and variables that are named
// for a default. Where one is a struct, its exported fields are told apart.
func markDefaultSpec(s *markScan, spec ast.Spec) {
	vals, ok := spec.(*ast.ValueSpec)
	if !ok || !s.topLevel() {
		return
	}
	for name, value := range s.declared(vals) {
		if value != nil && isDefaultName(name.Name) {
			s.markDefault(name.Pos(), name.Name, value)
		}
	}
}

// markDefaultFunc marks what DefaultX or NewDefaultX returns, where that is a
// struct literal or a variable that was made by one.
func markDefaultFunc(s *markScan, decl *ast.FuncDecl) {
	name := decl.Name.Name
	if decl.Recv != nil || decl.Body == nil || !ast.IsExported(name) || !isDefaultName(strings.TrimPrefix(name, "New")) {
		return
	}
	made := map[types.Object]*ast.CompositeLit{}
	for _, stmt := range decl.Body.List {
		switch stmt := stmt.(type) {
		case *ast.AssignStmt:
			if len(stmt.Lhs) != len(stmt.Rhs) {
				continue
			}
			for i, target := range stmt.Lhs {
				id, ok := target.(*ast.Ident)
				if !ok || s.info.ObjectOf(id) == nil {
					continue
				}
				if lit := structLiteral(stmt.Rhs[i]); lit != nil {
					made[s.info.ObjectOf(id)] = lit
				}
			}
		case *ast.ReturnStmt:
			if len(stmt.Results) == 0 {
				continue
			}
			lit := structLiteral(stmt.Results[0])
			if id, ok := stmt.Results[0].(*ast.Ident); ok {
				lit = made[s.info.ObjectOf(id)]
			}
			if lit != nil {
				s.markDefaultFields(name, lit)
			}
		}
	}
}

func isDefaultName(name string) bool {
	rest, ok := strings.CutPrefix(name, "Default")
	next, _ := utf8.DecodeRuneInString(rest)
	return ok && (rest == "" || !unicode.IsLower(next)) // not Defaulter
}

// structLiteral is T{…} or &T{…}; nil for anything else.
func structLiteral(e ast.Expr) *ast.CompositeLit {
	e = ast.Unparen(e)
	if addr, ok := e.(*ast.UnaryExpr); ok && addr.Op == token.AND {
		e = ast.Unparen(addr.X)
	}
	lit, _ := e.(*ast.CompositeLit)
	return lit
}

func (s *markScan) markDefault(pos token.Pos, key string, value ast.Expr) {
	if lit := structLiteral(value); lit != nil && s.markDefaultFields(key, lit) {
		return
	}
	switch value := ast.Unparen(value).(type) {
	case *ast.FuncLit:
		return // behaviour, and no setting
	case *ast.Ident:
		if s.isLocal(value) {
			return // what a caller or the code above hands over
		}
	}
	if t := s.info.TypeOf(value); t != nil {
		if _, ok := t.Underlying().(*types.Signature); ok {
			return
		}
	}
	s.add(pos, key, s.value(value))
}

// isLocal reports whether a name is that of a parameter or of a variable of a
// function.
func (s *markScan) isLocal(id *ast.Ident) bool {
	v, ok := s.info.Uses[id].(*types.Var)
	return ok && v.Pkg() != nil && v.Parent() != v.Pkg().Scope()
}

// markDefaultFields marks the exported fields that a literal sets, and reports
// whether it sets fields by name at all. Others are nobody's settings.
func (s *markScan) markDefaultFields(key string, lit *ast.CompositeLit) bool {
	named := false
	for field, value := range s.keyed(lit) {
		named = true
		if field.IsExported() {
			s.markDefault(field.Pos(), key+"."+field.Name, value)
		}
	}
	return named
}
