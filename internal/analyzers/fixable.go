package analyzers

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// Fixable is the category of a diagnostic about something that go fix mends.
const Fixable = "fixable"

// tellingFixable returns a, which reports uses of what is deprecated, with the
// category Fixable for those that go fix replaces by what is to be used
// instead: the authors marked the declaration "//go:fix inline". So a dozen
// calls of ioutil.ReadFile are one command, and no work.
//
// An import is fixable where every use of the package in the file is.
//
// go fix itself is not asked. It declines some calls of marked functions, mostly
// for names that the caller has no access to, and finding that out takes the
// bodies of both.
func tellingFixable(a *analysis.Analyzer) *analysis.Analyzer {
	return &analysis.Analyzer{
		Name: a.Name,
		Doc:  a.Doc,
		URL:  a.URL,
		Run: func(pass *analysis.Pass) (any, error) {
			own := *pass
			own.Report = func(d analysis.Diagnostic) {
				if fixableAt(pass, d) {
					d.Category = Fixable
				}
				pass.Report(d)
			}
			return a.Run(&own)
		},
		RunDespiteErrors: a.RunDespiteErrors,
		Requires:         append(slices.Clip(a.Requires), inlinable),
		ResultType:       a.ResultType,
		FactTypes:        a.FactTypes,
	}
}

// isInlinable is a fact about a function, a constant or an alias.
type isInlinable struct{}

func (*isInlinable) AFact()         {}
func (*isInlinable) String() string { return "inlinable" }

// inlinable marks what go fix replaces the uses of.
var inlinable = &analysis.Analyzer{
	Name:       "inlinable",
	Doc:        "mark declarations of which go fix replaces the uses",
	Run:        runInlinable,
	FactTypes:  []analysis.Fact{(*isInlinable)(nil)},
	ResultType: reflect.TypeFor[func(types.Object) bool](),
}

func runInlinable(pass *analysis.Pass) (any, error) {
	mark := func(names ...*ast.Ident) {
		for _, name := range names {
			if obj := pass.TypesInfo.Defs[name]; obj != nil {
				pass.ExportObjectFact(obj, &isInlinable{})
			}
		}
	}
	for _, file := range pass.Files {
		for _, decl := range file.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if saysInline(decl.Doc) {
					mark(decl.Name)
				}
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					switch spec := spec.(type) {
					case *ast.ValueSpec:
						if decl.Tok == token.CONST && (saysInline(decl.Doc) || saysInline(spec.Doc)) {
							mark(spec.Names...)
						}
					case *ast.TypeSpec:
						if spec.Assign.IsValid() && (saysInline(decl.Doc) || saysInline(spec.Doc)) {
							mark(spec.Name)
						}
					}
				}
			}
		}
	}
	return func(obj types.Object) bool {
		return obj != nil && obj.Pkg() != nil && pass.ImportObjectFact(obj, &isInlinable{})
	}, nil
}

func saysInline(doc *ast.CommentGroup) bool {
	return doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool {
		return strings.TrimRight(c.Text, " \t\r") == "//go:fix inline"
	})
}

// fixableAt reports whether a diagnostic is about a use of what is inlinable: a
// selector, the name in one, or the path of an import.
func fixableAt(pass *analysis.Pass, d analysis.Diagnostic) bool {
	pos := d.Pos
	i := slices.IndexFunc(pass.Files, func(f *ast.File) bool { return f.FileStart <= pos && pos < f.FileEnd })
	if i < 0 {
		return false
	}
	is := pass.ResultOf[inlinable].(func(types.Object) bool)
	for _, spec := range pass.Files[i].Imports {
		if spec.Path.Pos() == pos {
			return importFixable(pass.TypesInfo, pass.Files[i], spec, is)
		}
	}
	found := false
	ast.Inspect(pass.Files[i], func(n ast.Node) bool {
		switch n := n.(type) {
		case nil:
			return false
		case *ast.SelectorExpr:
			found = found || (n.Pos() == pos || n.Sel.Pos() == pos) && n.End() == d.End && is(used(pass.TypesInfo, n.Sel))
		}
		return !found && n.Pos() <= pos && pos < n.End()
	})
	return found
}

// used is what a name stands for; of an instance, what it is an instance of.
func used(info *types.Info, name *ast.Ident) types.Object {
	obj := info.Uses[name]
	if fn, ok := obj.(*types.Func); ok {
		return fn.Origin()
	}
	return obj
}

// importFixable reports whether the file uses the package, and nothing of it but
// what is inlinable.
func importFixable(info *types.Info, file *ast.File, spec *ast.ImportSpec, is func(types.Object) bool) bool {
	imported := info.Implicits[spec]
	if spec.Name != nil {
		imported = info.Defs[spec.Name]
	}
	uses, others := 0, 0
	ast.Inspect(file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && info.Uses[x] == imported {
			uses++
			if !is(used(info, sel.Sel)) {
				others++
			}
		}
		return true
	})
	return imported != nil && uses > 0 && others == 0
}
