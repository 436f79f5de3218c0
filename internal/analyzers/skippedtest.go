package analyzers

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/build/constraint"
	"go/types"
	"io"
	"path/filepath"
	"reflect"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// skippedTest finds tests that never run: a Skip, Skipf or SkipNow among the
// first-level statements of a test, a benchmark, a fuzz test or a subtest, with
// no return before it.
//
// A file with a build constraint may hold what stands in for a test on another
// platform; there nothing is reported.
var skippedTest = &analysis.Analyzer{
	Name:       "skippedtest",
	Doc:        "find tests that are always skipped",
	Run:        runSkippedTest,
	ResultType: reflect.TypeFor[[]Measure](),
}

func runSkippedTest(pass *analysis.Pass) (any, error) {
	var list []Measure
	look := func(name string, body *ast.BlockStmt) {
		if skip := alwaysSkips(pass.TypesInfo, body); skip != nil {
			list = append(list, Measure{
				Rule:    "skipped-test",
				Pos:     skip.Pos(),
				End:     skip.End(),
				Message: name + " is always skipped",
				Value:   1,
			})
		}
	}
	for i, decl := range functions(pass.Files) {
		f := pass.Files[i]
		if !isTestFile(pass.Fset, f) || constrained(filepath.Base(pass.Fset.File(f.FileStart).Name()), f) {
			continue
		}
		if isTest(decl.Name.Name) {
			look(decl.Name.Name, decl.Body)
		}
		ast.Inspect(decl.Body, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 2 {
				return true
			}
			fn := callee(pass.TypesInfo, call)
			lit, ok := ast.Unparen(call.Args[1]).(*ast.FuncLit)
			if ok && fn != nil && fn.Name() == "Run" && (pathOf(fn) == "testing" || strings.HasSuffix(pathOf(fn), "/testify/suite")) {
				look(fmt.Sprintf("the subtest %s", shorten(types.ExprString(call.Args[0]), 50)), lit.Body)
			}
			return true
		})
	}
	return list, nil
}

// isTest reports whether go test, or a suite of testify, runs a function of
// that name.
func isTest(name string) bool {
	return strings.HasPrefix(name, "Test") || strings.HasPrefix(name, "Benchmark") || strings.HasPrefix(name, "Fuzz")
}

// alwaysSkips returns the call that skips whoever runs the body; nil where
// there is none.
func alwaysSkips(info *types.Info, body *ast.BlockStmt) *ast.CallExpr {
	for _, stmt := range body.List {
		if e, ok := stmt.(*ast.ExprStmt); ok {
			if call, ok := e.X.(*ast.CallExpr); ok {
				fn := callee(info, call)
				if pathOf(fn) == "testing" && isMethod(fn) && (fn.Name() == "Skip" || fn.Name() == "Skipf" || fn.Name() == "SkipNow") {
					return call
				}
			}
		}
		if leaves(stmt) {
			return nil
		}
	}
	return nil
}

// leaves reports whether the statement may leave the function, or jump over
// what follows.
func leaves(stmt ast.Stmt) bool {
	found := false
	ast.Inspect(stmt, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt, *ast.BranchStmt:
			found = true
		}
		return !found
	})
	return found
}

// constrained reports whether the file is for some builds only, by its name or
// a go:build line.
func constrained(name string, f *ast.File) bool {
	for _, group := range f.Comments {
		for _, c := range group.List {
			if c.Pos() < f.Package && constraint.IsGoBuild(c.Text) {
				return true
			}
		}
	}
	// No platform at all takes the file exactly where its name asks for none.
	nowhere := build.Context{
		GOOS: "none", GOARCH: "none", Compiler: "gc",
		OpenFile: func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("package p\n")), nil },
	}
	match, err := nowhere.MatchFile("", name)
	return err == nil && !match
}
