package analyzers

import (
	"go/ast"
	"go/types"
	"iter"
	"reflect"

	"golang.org/x/tools/go/analysis"
)

// interfaceWidth counts the methods of each exported interface, those of the
// interfaces that it embeds included: whoever implements it has to write them
// all.
//
// It leaves out an interface that only its own package sees, since that can be
// cut at any time; one that is declared by the name of another, which is
// counted there; and one that has most of its methods from other packages:
// what testing.TB and one method more are is not wide by that method.
var interfaceWidth = &analysis.Analyzer{
	Name:       "interfacewidth",
	Doc:        "count the methods of exported interfaces",
	Run:        runInterfaceWidth,
	ResultType: reflect.TypeFor[[]Measure](),
}

func runInterfaceWidth(pass *analysis.Pass) (any, error) {
	var list []Measure
	for spec := range typeSpecs(pass.Files) {
		written, ok := ast.Unparen(spec.Type).(*ast.InterfaceType)
		if !ok || !spec.Name.IsExported() {
			continue
		}
		iface, ok := pass.TypesInfo.TypeOf(written).(*types.Interface)
		if !ok || iface.NumMethods() == 0 || mostlyForeign(pass.Pkg, iface) {
			continue
		}
		list = append(list, Measure{
			Rule:    "interface-width",
			Pos:     spec.Pos(),
			End:     spec.End(),
			Message: "interface with " + plural(iface.NumMethods(), "method"),
			Value:   float64(iface.NumMethods()),
		})
	}
	return list, nil
}

func mostlyForeign(pkg *types.Package, iface *types.Interface) bool {
	foreign := 0
	for m := range iface.Methods() {
		if m.Pkg() != pkg {
			foreign++
		}
	}
	return 2*foreign > iface.NumMethods()
}

// typeSpecs yields the types that files declare at the top level, in order.
func typeSpecs(files []*ast.File) iter.Seq[*ast.TypeSpec] {
	return func(yield func(*ast.TypeSpec) bool) {
		for _, f := range files {
			for _, decl := range f.Decls {
				group, ok := decl.(*ast.GenDecl)
				if !ok {
					continue
				}
				for _, spec := range group.Specs {
					if spec, ok := spec.(*ast.TypeSpec); ok && !yield(spec) {
						return
					}
				}
			}
		}
	}
}
