package analyzers

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"github.com/uudashr/gocognit"
)

// UntestedExport is the rule of what Untested measures.
const UntestedExport = "untested-export"

// Untested measures the exported functions and methods of a package that no
// test reaches, by their cognitive complexity; those of complexity 0 are left
// out. files are without tests and generated ones.
//
// A method may also be reached through an interface, by code that is not seen:
// one that an interface of the package or of its imports asks for is reached
// with its type.
//
// What only tests outside of the tree run, or the program as a whole, is not
// seen. So packages of a program are left out, and the measure is worth showing
// for complex functions only; the price list has the threshold.
func (r Reach) Untested(pkg *types.Package, info *types.Info, files []*ast.File) []Measure {
	if isProgram(pkg, files) {
		return nil
	}
	var list []Measure
	for _, decl := range functions(files) {
		fn, ok := info.Defs[decl.Name].(*types.Func)
		if !ok || !exported(fn) || r.reaches(pkg, fn) {
			continue
		}
		n := gocognit.ScanComplexity(decl, false).Complexity
		if n == 0 {
			continue
		}
		list = append(list, Measure{
			Rule:    UntestedExport,
			Pos:     decl.Pos(),
			End:     decl.Type.End(),
			Message: fmt.Sprintf("no test reaches %s, cognitive complexity %d", funcSymbol(decl), n),
			Value:   float64(n),
		})
	}
	return list
}

// exported reports whether other packages can name the function, and the type
// of the method.
func exported(fn *types.Func) bool {
	if !fn.Exported() || !isMethod(fn) {
		return fn.Exported()
	}
	named := receiver(fn)
	return named != nil && named.Obj().Exported()
}

// receiver is the named type that a method belongs to; nil where there is none.
func receiver(fn *types.Func) *types.Named {
	t := types.Unalias(fn.Signature().Recv().Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	named, _ := t.(*types.Named)
	return named
}

// reaches reports whether a test may run the function.
func (r Reach) reaches(pkg *types.Package, fn *types.Func) bool {
	if !isMethod(fn) {
		return r[mention{pkg.Path(), fn.Name()}]
	}
	named := receiver(fn)
	return r[mention{pkg.Path(), named.Obj().Name()}] && (r[mention{"", fn.Name()}] || demanded(pkg, fn, named))
}

// demanded reports whether an interface that the package sees asks for the
// method, so that others may call it without its name in sight.
func demanded(pkg *types.Package, fn *types.Func, named *types.Named) bool {
	for _, p := range slices.Concat(pkg.Imports(), []*types.Package{pkg}) {
		for _, name := range p.Scope().Names() {
			obj, ok := p.Scope().Lookup(name).(*types.TypeName)
			if !ok {
				continue
			}
			iface, ok := obj.Type().Underlying().(*types.Interface)
			if ok && asksFor(iface, fn.Name()) && (types.Implements(named, iface) || types.Implements(types.NewPointer(named), iface)) {
				return true
			}
		}
	}
	return slices.Contains(customary, fn.Name())
}

func asksFor(iface *types.Interface, method string) bool {
	for m := range iface.Methods() {
		if m.Name() == method {
			return true
		}
	}
	return false
}

// customary are methods of interfaces that a type satisfies without its package
// importing their own: of fmt, encoding, errors, io, sort, net/http.
var customary = []string{
	"As", "Close", "Error", "Format", "GoString", "Is", "Len", "Less", "MarshalBinary", "MarshalJSON", "MarshalText", "MarshalYAML",
	"Read", "Scan", "ServeHTTP", "String", "Swap", "UnmarshalBinary", "UnmarshalJSON", "UnmarshalText", "UnmarshalYAML", "Unwrap",
	"Value", "Write",
}
