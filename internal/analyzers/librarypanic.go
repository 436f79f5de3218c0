package analyzers

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// libraryPanic finds where a package that others import ends their program, or
// panics on an error that it could return: who calls it has no say in what
// then happens.
//
// Of panics, only those about an error are reported. The others mostly tell the
// caller that the call itself is wrong, such as an index out of range, or guard
// an invariant, and Go has no other way to say so.
//
// Not reported:
//   - Packages of a program: main, those of its commands, and what reads the
//     arguments of the program.
//   - Functions whose name or comment says so, such as MustParse, Exit or Fatal, and
//     init and initialisers, which a test of the program finds.
//   - What marks a place that cannot be reached: the default of a switch, the
//     statement after one, words such as "unreachable" or "bug", in a comment too.
//   - A panic that was recovered and goes on, and one with a type of the
//     package, where the package recovers: it is a jump.
//   - Errors that do not happen: crypto/rand's and a hash's, of a key's length, of
//     encoding one's own values, and those of constants.
//   - Errors that no function of the standard library returned right there: of
//     23 panics that were read, those of the package's own functions and of
//     modules were mostly invariants, those of files, networks and foreign
//     input hardly ever.
//   - An error that was made of words right there: it says that the call is wrong.
//   - An error that is a parameter: the caller asked for it.
var libraryPanic = &analysis.Analyzer{
	Name:       "librarypanic",
	Doc:        "find libraries that panic on an error or end the program",
	Run:        runLibraryPanic,
	ResultType: reflect.TypeFor[[]Measure](),
}

func runLibraryPanic(pass *analysis.Pass) (any, error) {
	if ofProgram(pass) || readsArguments(pass) {
		return []Measure(nil), nil
	}
	s := panicScan{info: pass.TypesInfo, fset: pass.Fset, pkg: pass.Pkg, files: production(pass)}
	s.jumps = slices.ContainsFunc(s.files, func(f *ast.File) bool { return s.recovers(f) })
	for _, decl := range functions(s.files) {
		if !final.MatchString(decl.Name.Name) && !announces(decl) && !s.recovers(decl.Body) {
			s.function(decl)
		}
	}
	return s.list, nil
}

type panicScan struct {
	info  *types.Info
	fset  *token.FileSet
	pkg   *types.Package
	files []*ast.File
	jumps bool // the package recovers somewhere
	list  []Measure
}

// exits are the functions that end the program, and panics those that panic,
// beside the builtin.
var (
	exits  = regexp.MustCompile(`^(os\.Exit|log\.(Logger\.)?Fatal(f|ln)?)$`)
	panics = regexp.MustCompile(`^log\.(Logger\.)?Panic(f|ln)?$`)
)

func (s *panicScan) function(decl *ast.FuncDecl) {
	ast.PreorderStack(decl.Body, []ast.Node{decl}, func(n ast.Node, stack []ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		fn := callee(s.info, call)
		name := pathOf(fn) + "." + funcName(fn)
		message := ""
		switch {
		case exits.MatchString(name):
			if s.excused(call, decl, stack) {
				return true
			}
			message = calleeName(call) + " in a package that others import"
		case (builtin(s.info, call) == "panic" || panics.MatchString(name)) && s.wanton(call, decl, stack):
			message = "panic on an error in a package that others import"
		}
		if message != "" {
			s.list = append(s.list, Measure{Rule: "library-panic", Pos: call.Pos(), End: call.End(), Message: message, Value: 1})
		}
		return true
	})
}

// wanton reports whether a panic is about an error that could be returned.
func (s *panicScan) wanton(call *ast.CallExpr, decl *ast.FuncDecl, stack []ast.Node) bool {
	return slices.ContainsFunc(call.Args, s.aboutError) &&
		!s.unreachable(call, stack) && !s.tolerated(call, decl) && !(s.jumps && s.isOwn(call.Args[0]))
}

// recovers reports whether the code looks at what was recovered.
func (s *panicScan) recovers(body ast.Node) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		found = found || ok && builtin(s.info, call) == "recover"
		return !found
	})
	return found
}

// isOwn reports whether the value is of a type of the package.
func (s *panicScan) isOwn(e ast.Expr) bool {
	t := s.info.TypeOf(e)
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Pkg() == s.pkg
}

// aboutError reports whether an error is part of what the panic says.
func (s *panicScan) aboutError(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if fn := callee(s.info, n); makesError(fn) || fn != nil && fn.Name() == "Error" {
				return true
			}
			found = found || isErrorValue(s.info, n)
		case *ast.Ident:
			_, variable := s.info.Uses[n].(*types.Var)
			found = found || variable && isErrorValue(s.info, n)
		}
		return !found
	})
	return found
}

// makesError reports whether a function is one of those that make an error of
// words or of another, such as errors.New and fmt.Errorf.
func makesError(fn *types.Func) bool {
	path := pathOf(fn)
	return path == "errors" || path == "fmt"
}

// unreachable reports whether the panic marks a place that is not reached: by
// its words, or where all cases of a switch have been dealt with.
func (s *panicScan) unreachable(call *ast.CallExpr, stack []ast.Node) bool {
	said := false
	ast.Inspect(call, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok {
			if v := s.info.Types[e].Value; v != nil && v.Kind() == constant.String {
				said = said || markers.MatchString(constant.StringVal(v))
			}
		}
		return !said
	})
	if said {
		return true
	}
	for i, n := range slices.Backward(stack) {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.FuncDecl:
			return false
		case *ast.CaseClause:
			return n.List == nil
		case *ast.BlockStmt:
			if i+1 < len(stack) && followsSwitch(n.List, stack[i+1]) {
				return true
			}
		}
	}
	return false
}

// followsSwitch reports whether the statement at comes right after a switch.
func followsSwitch(list []ast.Stmt, at ast.Node) bool {
	i := slices.IndexFunc(list, func(s ast.Stmt) bool { return s == at })
	if i < 1 {
		return false
	}
	switch list[i-1].(type) {
	case *ast.SwitchStmt, *ast.TypeSwitchStmt:
		return true
	}
	return false
}

// tolerated reports whether the error that the panic is about is one of those
// that are left out, by where it comes from.
func (s *panicScan) tolerated(panicking *ast.CallExpr, decl *ast.FuncDecl) bool {
	if s.handedOver(panicking, decl) {
		return true
	}
	source := s.inPlace(panicking)
	if source == nil {
		source = s.lastSet(s.errorsIn(panicking), decl.Body, panicking.Pos())
	}
	if source == nil {
		return true
	}
	fn := callee(s.info, source)
	return !s.isStandard(fn) || makesError(fn) || s.neverFails(fn, source) || s.explained(panicking, source)
}

// inPlace is the call among the arguments of the panic that returns the error;
// nil where a variable holds it. A call that wraps one is not meant.
func (s *panicScan) inPlace(panicking *ast.CallExpr) *ast.CallExpr {
	for _, arg := range panicking.Args {
		if call, ok := ast.Unparen(arg).(*ast.CallExpr); ok && isErrorValue(s.info, call) && !makesError(callee(s.info, call)) {
			return call
		}
	}
	return nil
}

// isStandard reports whether a function is of the standard library, whose
// errors are those of files, networks and foreign input.
func (s *panicScan) isStandard(fn *types.Func) bool {
	first, _, _ := strings.Cut(pathOf(fn), "/")
	own, _, _ := strings.Cut(s.pkg.Path(), "/")
	return first != "" && !strings.Contains(first, ".") && first != own
}

// lastSet is the call that sets one of the variables last before pos; nil
// where none does.
func (s *panicScan) lastSet(vars map[types.Object]bool, body ast.Node, pos token.Pos) *ast.CallExpr {
	var call *ast.CallExpr
	ast.Inspect(body, func(n ast.Node) bool {
		assign, ok := n.(*ast.AssignStmt)
		if !ok || assign.Pos() > pos {
			return true
		}
		for _, target := range assign.Lhs {
			if id, ok := target.(*ast.Ident); ok && vars[s.info.ObjectOf(id)] {
				call, _ = ast.Unparen(assign.Rhs[0]).(*ast.CallExpr)
			}
		}
		return true
	})
	return call
}
