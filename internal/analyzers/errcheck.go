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

	"github.com/kisielk/errcheck/errcheck"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/packages"
)

// unchecked reports the calls whose error is dropped without a word. "_ = f()"
// is a word: it says that the author has seen it.
//
// It calls errcheck's checker rather than its analyzer, for two reasons. The
// analyzer takes its exclusions from flags, which are global. And errcheck
// opens the file that a position names, with //line directives applied, to
// quote the line: see plainFiles.
//
// What is left out beside errcheck's own defaults is what reviewers let pass,
// so that nine of ten findings are mended (golangci-lint came to much the same
// list, its EXC0001, by its users' complaints):
//
//   - Close and Rollback in a defer, and either one where another error is
//     being handled: that error is the news.
//   - Close of what cannot be written to, of a file that os.Open opened, or of
//     a connection: there is nothing to lose.
//   - fmt.Fprint and its like, unless to an *os.File that is not named
//     os.Stdout or os.Stderr: the writer is a terminal, a response or a buffer.
//     So are the methods of these two.
//   - Writers that keep the first error until the Flush.
//   - Removing temporary files, the environment, deadlines, flags of cobra.
//   - A bare recover() and a bare receive: these are no errors of a call.
var unchecked = &analysis.Analyzer{
	Name:       "errcheck",
	Doc:        "find calls whose error is not checked",
	Run:        runUnchecked,
	ResultType: reflect.TypeFor[[]Measure](),
}

// uncheckedExclusions are functions by the names that errcheck gives them, for
// some with the type of the first argument.
var uncheckedExclusions = slices.Concat(errcheck.DefaultExcludedSymbols, []string{
	"(*bufio.Writer).Write",
	"(*bufio.Writer).WriteByte",
	"(*bufio.Writer).WriteRune",
	"(*bufio.Writer).WriteString",
	"(*text/tabwriter.Writer).Flush",
	"(*text/tabwriter.Writer).Write",
	"(net/http.ResponseWriter).Write",
	"io.WriteString(*bufio.Writer)",
	"io.WriteString(*bytes.Buffer)",
	"io.WriteString(*strings.Builder)",
	"io.WriteString(hash.Hash)",
	"io.WriteString(net/http.ResponseWriter)",

	"os.Remove",
	"os.RemoveAll",
	"os.Setenv",
	"os.Unsetenv",
	"(*os.Process).Kill",
	"(net.Conn).SetDeadline",
	"(net.Conn).SetReadDeadline",
	"(net.Conn).SetWriteDeadline",

	// They fail where the program is wrong, on its first run.
	"(*github.com/spf13/cobra.Command).Help",
	"(*github.com/spf13/cobra.Command).MarkFlagRequired",
	"(*github.com/spf13/cobra.Command).MarkPersistentFlagRequired",
	"(*github.com/spf13/cobra.Command).RegisterFlagCompletionFunc",
	"(*github.com/spf13/cobra.Command).Usage",
	"(*github.com/spf13/pflag.FlagSet).MarkDeprecated",
	"(*github.com/spf13/pflag.FlagSet).MarkHidden",

	// Syncing a terminal fails always: https://github.com/uber-go/zap/issues/880
	"(*go.uber.org/zap.Logger).Sync",
	"(*go.uber.org/zap.SugaredLogger).Sync",
})

func runUnchecked(pass *analysis.Pass) (any, error) {
	files := newPlainFiles(pass)
	checker := errcheck.Checker{Exclusions: errcheck.Exclusions{
		Symbols:          uncheckedExclusions,
		BlankAssignments: true,
		TypeAssertions:   true,
	}}
	result := checker.CheckPackage(&packages.Package{
		Fset:      files.fset,
		Syntax:    pass.Files,
		TypesInfo: pass.TypesInfo,
	})

	at := map[token.Pos]bool{} // errcheck tells a call by its parenthesis
	for _, e := range result.UncheckedErrors {
		at[files.pos(e.Pos)] = true
	}
	var list []Measure
	for _, f := range pass.Files {
		ast.PreorderStack(f, nil, func(n ast.Node, stack []ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if ok && at[call.Lparen] && !tolerated(pass.TypesInfo, call, stack) {
				list = append(list, Measure{
					Rule:    "errcheck",
					Pos:     call.Pos(),
					End:     call.End(),
					Message: fmt.Sprintf("error of %s is not checked", calleeName(call)),
					Value:   1,
				})
			}
			return true
		})
	}
	return list, nil
}

// calleeName is the function as it is written at the call. A long expression
// is cut down to its last name.
func calleeName(call *ast.CallExpr) string {
	fun := ast.Unparen(call.Fun)
	if _, ok := fun.(*ast.FuncLit); ok {
		return "a function literal"
	}
	name := types.ExprString(fun)
	if sel, ok := fun.(*ast.SelectorExpr); ok && len(name) > 50 {
		return "…." + sel.Sel.Name
	}
	return shorten(name, 50)
}

// tolerated reports whether the error of the call, which stands in stack, is
// one of those left out that errcheck has no way to name.
func tolerated(info *types.Info, call *ast.CallExpr, stack []ast.Node) bool {
	fun := ast.Unparen(call.Fun)
	if id, ok := fun.(*ast.Ident); ok {
		_, builtin := info.Uses[id].(*types.Builtin)
		return builtin // recover
	}
	sel, ok := fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	if fn, ok := info.Uses[sel.Sel].(*types.Func); ok && fn.Pkg() != nil && fn.Pkg().Path() == "fmt" && strings.HasPrefix(fn.Name(), "Fprint") {
		return len(call.Args) > 0 && (!isType(info.TypeOf(call.Args[0]), "os", "File") || isStandardStream(info, call.Args[0]))
	}
	if isStandardStream(info, sel.X) || len(call.Args) > 0 && types.ExprString(call.Args[0]) == "io.Discard" {
		return true // the terminal's, or draining a reader
	}
	switch sel.Sel.Name {
	case "Close":
		return cleansUp(info, call, stack) || !losesData(info.TypeOf(sel.X)) || onlyRead(info, sel.X, stack)
	case "Rollback":
		return cleansUp(info, call, stack)
	}
	return false
}

// cleansUp reports whether the call is deferred, or handles another error.
func cleansUp(info *types.Info, call *ast.CallExpr, stack []ast.Node) bool {
	for i, n := range stack {
		switch n := n.(type) {
		case *ast.DeferStmt:
			return true
		case *ast.IfStmt:
			if i+1 < len(stack) && stack[i+1] == n.Body && isErrorTest(info, n.Cond) {
				return true
			}
		}
	}
	return leavesWithError(info, call, stack)
}

// isErrorTest reports whether cond is "err != nil".
func isErrorTest(info *types.Info, cond ast.Expr) bool {
	b, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	return ok && b.Op == token.NEQ && isErrorValue(info, b.X) && info.Types[b.Y].IsNil()
}

// onlyRead reports whether x is a variable that the function around sets by
// os.Open.
func onlyRead(info *types.Info, x ast.Expr, stack []ast.Node) bool {
	id, ok := ast.Unparen(x).(*ast.Ident)
	if !ok {
		return false
	}
	found := false
	for _, n := range stack {
		decl, ok := n.(*ast.FuncDecl)
		if !ok {
			continue
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			assign, ok := n.(*ast.AssignStmt)
			if !ok || len(assign.Rhs) != 1 {
				return true
			}
			target, ok := assign.Lhs[0].(*ast.Ident)
			if !ok || info.ObjectOf(target) == nil || info.ObjectOf(target) != info.ObjectOf(id) {
				return true
			}
			call, ok := assign.Rhs[0].(*ast.CallExpr)
			found = found || ok && types.ExprString(call.Fun) == "os.Open"
			return true
		})
	}
	return found
}

// losesData reports whether the error of closing a value of type t may mean
// that something was not written: it can be written to, and is no connection,
// whose far side tells.
func losesData(t types.Type) bool {
	if t == nil {
		return true
	}
	has := func(name string) bool {
		obj, _, _ := types.LookupFieldOrMethod(t, true, nil, name)
		_, ok := obj.(*types.Func)
		return ok
	}
	return has("Write") && !has("RemoteAddr")
}

// leavesWithError reports whether the statement list around the call ends by
// returning some other error, or by a panic.
func leavesWithError(info *types.Info, call *ast.CallExpr, stack []ast.Node) bool {
	if len(stack) < 2 {
		return false
	}
	var list []ast.Stmt
	switch block := stack[len(stack)-2].(type) { // above the expression statement
	case *ast.BlockStmt:
		list = block.List
	case *ast.CaseClause:
		list = block.Body
	case *ast.CommClause:
		list = block.Body
	}
	if len(list) == 0 {
		return false
	}
	switch last := list[len(list)-1].(type) {
	case *ast.ReturnStmt:
		return slices.ContainsFunc(last.Results, func(e ast.Expr) bool { return isErrorValue(info, e) })
	case *ast.ExprStmt:
		exit, ok := last.X.(*ast.CallExpr)
		return ok && exit != call && neverReturns.MatchString(types.ExprString(exit.Fun))
	}
	return false
}

var neverReturns = regexp.MustCompile(`^panic$|^os\.Exit$|^log\.(Fatal|Panic)|^(t|b|tb)\.Fatal`)

// isErrorValue reports whether e is an error, and not the literal nil.
func isErrorValue(info *types.Info, e ast.Expr) bool {
	tv := info.Types[e]
	iface := types.Universe.Lookup("error").Type().Underlying().(*types.Interface)
	return tv.Type != nil && !tv.IsNil() && types.Implements(tv.Type, iface)
}

func isType(t types.Type, path, name string) bool {
	if t == nil {
		return false
	}
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Name() == name && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == path
}

func isStandardStream(info *types.Info, e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	v, ok := info.Uses[sel.Sel].(*types.Var)
	return ok && v.Pkg() != nil && v.Pkg().Path() == "os" && !v.IsField()
}
