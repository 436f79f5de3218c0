package analyzers

import (
	"fmt"
	"go/ast"
	"path/filepath"
	"reflect"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// What makes a long package a god package: it offers as much, or knows as many
// others, as one package in twenty of the corpus of internal/debt (P95). A
// long package that does neither is long because its one job is.
const (
	godExported = 130
	godImports  = 32
)

// packageSize measures whole packages: their code lines where they are broad
// (god-package), and how many packages they import (package-fan-out), but for
// package main, whose job is to put others together. Only production code
// counts, and generated code does not. The place is the package clause of one
// file, which belongs to no symbol.
var packageSize = &analysis.Analyzer{
	Name:             "packagesize",
	Doc:              "measure the length and breadth of packages",
	Run:              runPackageSize,
	RunDespiteErrors: true,
	Requires:         []*analysis.Analyzer{codeLines},
	ResultType:       reflect.TypeFor[[]Measure](),
}

func runPackageSize(pass *analysis.Pass) (any, error) {
	files, err := productionFiles(pass)
	if err != nil || len(files) == 0 {
		return []Measure(nil), err
	}
	index := pass.ResultOf[codeLines].(map[*ast.File]lineIndex)
	lines, exported, imports := 0, 0, map[string]bool{}
	for _, f := range files {
		lines += index[f].between(1, len(index[f])-1)
		exported += countExported(f)
		for _, spec := range f.Imports {
			imports[spec.Path.Value] = true
		}
	}
	at := packageFile(pass, files)
	measure := func(rule, message string, value int) Measure {
		return Measure{Rule: rule, Pos: at.Package, End: at.Name.End(), Message: message, Value: float64(value)}
	}
	var list []Measure
	if exported > godExported || len(imports) > godImports {
		list = append(list, measure("god-package", fmt.Sprintf("package with %s of code, %s and %s", plural(lines, "line"),
			plural(exported, "exported symbol"), plural(len(imports), "imported package")), lines))
	}
	if len(imports) > 0 && at.Name.Name != "main" {
		list = append(list, measure("package-fan-out", "package that imports "+plural(len(imports), "package"), len(imports)))
	}
	return list, nil
}

// productionFiles are the files of the pass that are neither tests nor
// generated.
func productionFiles(pass *analysis.Pass) ([]*ast.File, error) {
	var files []*ast.File
	for _, f := range pass.Files {
		if isTestFile(pass.Fset, f) {
			continue
		}
		src, err := pass.ReadFile(pass.Fset.File(f.FileStart).Name())
		if err != nil {
			return nil, err
		}
		if !Generated(src) {
			files = append(files, f)
		}
	}
	return files, nil
}

// packageFile is the file at which to report on the whole package: the first by
// name of those that each platform builds, so that the place is the same on
// all. An underscore in the name or a comment //go:build may bind a file to
// one; where all files have such, it is the first of them.
func packageFile(pass *analysis.Pass, files []*ast.File) *ast.File {
	for _, f := range files {
		if !strings.Contains(filepath.Base(pass.Fset.File(f.FileStart).Name()), "_") && !hasBuildConstraint(f) {
			return f
		}
	}
	return files[0]
}

func hasBuildConstraint(f *ast.File) bool {
	for _, group := range f.Comments {
		for _, c := range group.List {
			if c.Pos() < f.Package && strings.HasPrefix(c.Text, "//go:build ") {
				return true
			}
		}
	}
	return false
}

// countExported is the number of names that the file exports: functions, types,
// variables, constants, and the methods of exported types.
func countExported(f *ast.File) int {
	n := 0
	count := func(name *ast.Ident) {
		if name.IsExported() {
			n++
		}
	}
	for _, decl := range f.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			recv, _, _ := strings.Cut(funcSymbol(decl), ".")
			if ast.IsExported(recv) {
				count(decl.Name)
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					count(spec.Name)
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						count(name)
					}
				}
			}
		}
	}
	return n
}
