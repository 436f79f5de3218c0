package analyzers

import (
	"go/ast"
	"go/types"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/typeutil"
)

// bodies are the declarations of a package's functions that have a body.
type bodies map[*types.Func]*ast.FuncDecl

func bodiesOf(pass *analysis.Pass) bodies {
	b := bodies{}
	for _, decl := range functions(pass.Files) {
		if fn, ok := pass.TypesInfo.Defs[decl.Name].(*types.Func); ok {
			b[fn] = decl
		}
	}
	return b
}

// callee is the function or method that a call names; nil for a call of a
// variable, a conversion and a builtin. Of a generic one it is the declared,
// not the instantiated.
func callee(info *types.Info, call *ast.CallExpr) *types.Func {
	fn, ok := typeutil.Callee(info, call).(*types.Func)
	if !ok {
		return nil
	}
	return fn.Origin()
}

// builtin is the name of the builtin that is called; empty where none is.
func builtin(info *types.Info, call *ast.CallExpr) string {
	if b, ok := typeutil.Callee(info, call).(*types.Builtin); ok {
		return b.Name()
	}
	return ""
}

// pathOf is the path of the package that declares the function; empty for
// error.Error and nil.
func pathOf(fn *types.Func) string {
	if fn == nil || fn.Pkg() == nil {
		return ""
	}
	return fn.Pkg().Path()
}

// isMethod reports whether fn has a receiver.
func isMethod(fn *types.Func) bool { return fn.Signature().Recv() != nil }

// testFolder are names of packages and folders, and helper those of files, that
// are there for tests alone: what a helper of tests does on purpose, such as to
// panic, costs nobody who runs the program.
var (
	testFolder = regexp.MustCompile(`^(test.*|.*(test|tests|testing|testutils?|mocks?|fakes?)|e2e|integration)$`)
	helperFile = regexp.MustCompile(`(^|_)(mocks?|fakes?|stubs?|testing|testutils?|testhelpers?)(_|\.go$)`)
)

// production returns the files that are not for tests: neither by the name of
// the package or of the file, nor by importing testing, as helpers do.
func production(pass *analysis.Pass) []*ast.File {
	folders := strings.Split(pass.Pkg.Path(), "/")
	last := folders[len(folders)-1]
	if testFolder.MatchString(last) || testFolder.MatchString(pass.Pkg.Name()) ||
		slices.ContainsFunc(folders, func(name string) bool { return name == "test" || name == "tests" || name == "e2e" }) {
		return nil
	}
	var list []*ast.File
	for _, f := range pass.Files {
		imports := slices.ContainsFunc(f.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"testing"` })
		if !imports && !isTestFile(pass.Fset, f) && !helperFile.MatchString(filepath.Base(pass.Fset.File(f.FileStart).Name())) {
			list = append(list, f)
		}
	}
	return list
}

// commandLine are packages that the commands of a program are made with. Flags
// are not among them: libraries define some too.
var commandLine = []string{
	"github.com/spf13/cobra", "github.com/urfave/cli", "github.com/urfave/cli/v2", "github.com/urfave/cli/v3",
	"github.com/alecthomas/kingpin/v2", "github.com/alecthomas/kong", "github.com/integrii/flaggy",
	"github.com/jessevdk/go-flags", "github.com/alexflint/go-arg",
}

// ofProgram reports whether the package is a main package or holds the commands
// of one: its functions run where the program may end, and nobody else imports
// it.
func ofProgram(pass *analysis.Pass) bool { return isProgram(pass.Pkg, production(pass)) }

func isProgram(pkg *types.Package, files []*ast.File) bool {
	return pkg.Name() == "main" || slices.ContainsFunc(files, func(f *ast.File) bool {
		return slices.ContainsFunc(f.Imports, func(i *ast.ImportSpec) bool {
			return slices.Contains(commandLine, strings.Trim(i.Path.Value, `"`))
		})
	})
}
