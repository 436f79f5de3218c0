package analyzers

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// mutableGlobal finds the package variables that functions write: what such a
// variable holds depends on who was called before, so that neither callers nor
// tests can be understood or run apart.
//
// A write is an assignment to the variable, to a field or an element of it or
// to what it points to, and the builtins that write: delete, clear and copy. A
// write under a lock or a sync.Once counts, since the state is as global.
//
// Not writes:
//   - what init does, and what the initialiser of a variable does by a literal
//     that it calls at once: nobody sees the state before;
//   - method calls, since they say nothing about writing, and the types of
//     sync and sync/atomic, which are made for it;
//   - taking the address, as flag.StringVar(&x, …) does;
//   - what _test.go files do: swapping a variable is what tests use it for.
//
// Generated files are measured like others. Who asked for the measures knows
// whether the mark was there before the change, and so whether to believe it.
var mutableGlobal = &analysis.Analyzer{
	Name:       "mutableglobal",
	Doc:        "find package variables that functions write",
	Run:        runMutableGlobal,
	ResultType: reflect.TypeFor[[]Measure](),
}

func runMutableGlobal(pass *analysis.Pass) (any, error) {
	scan := globalScan{pass: pass, writers: map[*types.Var]map[string]bool{}}
	for _, f := range pass.Files {
		if !isTestFile(pass.Fset, f) {
			scan.file(f)
		}
	}
	var list []Measure
	for v, by := range scan.writers {
		list = append(list, Measure{
			Rule:    "mutable-global",
			Pos:     v.Pos(),
			End:     v.Pos() + token.Pos(len(v.Name())),
			Symbol:  v.Name(),
			Message: fmt.Sprintf("package variable %s is written by %s", v.Name(), plural(len(by), "function")),
			Value:   float64(len(by)),
		})
	}
	slices.SortFunc(list, func(a, b Measure) int { return int(a.Pos) - int(b.Pos) })
	return list, nil
}

type globalScan struct {
	pass *analysis.Pass
	// writers are the names of the declarations that write a variable.
	writers map[*types.Var]map[string]bool
}

func (s globalScan) file(f *ast.File) {
	for _, decl := range f.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Body != nil && (decl.Recv != nil || decl.Name.Name != "init") {
				s.body(funcSymbol(decl), decl.Body)
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				if spec, ok := spec.(*ast.ValueSpec); ok {
					s.initialiser(spec)
				}
			}
		}
	}
}

// initialiser scans the function literals of a package variable: a handler in
// a table writes as a declared function does.
func (s globalScan) initialiser(spec *ast.ValueSpec) {
	for i, value := range spec.Values {
		name := spec.Names[min(i, len(spec.Names)-1)].Name
		ast.Inspect(value, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				lit, ok := ast.Unparen(n.Fun).(*ast.FuncLit)
				if !ok {
					return true
				}
				for _, arg := range n.Args {
					s.body(name, arg)
				}
				s.nestedLiterals(name, lit)
				return false
			case *ast.FuncLit:
				s.body(name, n.Body)
				return false
			}
			return true
		})
	}
}

// nestedLiterals scans the literals within one that runs during
// initialisation: those it returns run later.
func (s globalScan) nestedLiterals(name string, lit *ast.FuncLit) {
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		if inner, ok := n.(*ast.FuncLit); ok {
			s.body(name, inner.Body)
			return false
		}
		return true
	})
}

// body notes what the code of the declaration writer writes.
func (s globalScan) body(writer string, body ast.Node) {
	write := func(target ast.Expr) {
		v := s.global(target)
		if v == nil {
			return
		}
		if s.writers[v] == nil {
			s.writers[v] = map[string]bool{}
		}
		s.writers[v][writer] = true
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, target := range n.Lhs {
					write(target)
				}
			}
		case *ast.IncDecStmt:
			write(n.X)
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				write(n.Key)
				write(n.Value)
			}
		case *ast.CallExpr:
			if len(n.Args) > 0 && s.writingBuiltin(n.Fun) {
				write(n.Args[0])
			}
		}
		return true
	})
}

func (s globalScan) writingBuiltin(fun ast.Expr) bool {
	id, ok := ast.Unparen(fun).(*ast.Ident)
	if !ok {
		return false
	}
	b, ok := s.pass.TypesInfo.Uses[id].(*types.Builtin)
	return ok && (b.Name() == "delete" || b.Name() == "clear" || b.Name() == "copy")
}

// global returns the variable of this package that a write to target changes,
// or nil.
func (s globalScan) global(target ast.Expr) *types.Var {
	for {
		switch x := target.(type) {
		case *ast.ParenExpr:
			target = x.X
		case *ast.StarExpr:
			target = x.X
		case *ast.IndexExpr:
			target = x.X
		case *ast.SliceExpr: // copy(x[1:], …)
			target = x.X
		case *ast.SelectorExpr:
			target = x.X // a package's name in front of the dot is no variable
		case *ast.Ident:
			v, ok := s.pass.TypesInfo.Uses[x].(*types.Var)
			if !ok || v.Pkg() != s.pass.Pkg || v.Parent() != s.pass.Pkg.Scope() || !s.counts(v) {
				return nil
			}
			return v
		default: // a call's result, or nil for a missing range value
			return nil
		}
	}
}

var sentinel = regexp.MustCompile(`^(Err|err)[A-Z0-9_]`)

// counts reports whether v is a variable that this check is about.
func (s globalScan) counts(v *types.Var) bool {
	for _, f := range s.pass.Files {
		if f.FileStart <= v.Pos() && v.Pos() <= f.FileEnd && isTestFile(s.pass.Fset, f) {
			return false
		}
	}
	if named, ok := types.Unalias(v.Type()).(*types.Named); ok && named.Obj().Pkg() != nil {
		switch named.Obj().Pkg().Path() {
		case "sync", "sync/atomic":
			return false
		}
	}
	// An error by the name of a sentinel is a constant that Go cannot declare
	// as one.
	isError := types.Identical(v.Type(), types.Universe.Lookup("error").Type())
	return !isError || !sentinel.MatchString(v.Name())
}

func isTestFile(fset *token.FileSet, f *ast.File) bool {
	return strings.HasSuffix(fset.File(f.FileStart).Name(), "_test.go")
}
