package analyzers

import (
	"cmp"
	"go/ast"
	"slices"
	"strconv"
	"strings"
)

// ReachFile is what a file says to a reach: the names in it, by declaration. It
// is a small part of the syntax, and serves the reaches of all trees that have
// the file. Its fields are exported for gob.
type ReachFile struct {
	Package string // import path; that of an external test package ends in _test
	Clause  string // of the package
	Test    bool
	Imports []reachImport
	Decls   []reachDecl // of production code
	Whole   names       // of a test file
}

// reachImport is an import; its name is empty where the package gives it.
type reachImport struct{ Name, Path string }

// reachDecl is a declaration. Recv is the type that a method belongs to, Name is
// empty for what runs before any test.
type reachDecl struct {
	Recv, Name string
	Says       names
}

// names are those that stand in some code, each once: alone, behind a dot, and
// behind a name and a dot.
type names struct {
	Plain, BehindDot []string
	Qualified        []qualified
}

type qualified struct{ Of, Name string }

// NewReachFile reads a file of the package of an import path; test says that its
// name ends in _test.go.
func NewReachFile(pkg string, test bool, syntax *ast.File) *ReachFile {
	f := &ReachFile{Package: pkg, Clause: syntax.Name.Name, Test: test}
	for _, spec := range syntax.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // unreachable: it was parsed
		}
		imp := reachImport{Path: p}
		if spec.Name != nil {
			imp.Name = spec.Name.Name
		}
		f.Imports = append(f.Imports, imp)
	}
	if test {
		f.Whole = namesIn(syntax)
		return f
	}
	for _, decl := range syntax.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			d := reachDecl{Name: decl.Name.Name, Says: namesIn(decl)}
			if recv, _, isMethod := strings.Cut(funcSymbol(decl), "."); isMethod {
				d.Recv = recv
			} else if d.Name == "init" {
				d.Name = ""
			}
			f.Decls = append(f.Decls, d)
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					f.Decls = append(f.Decls, reachDecl{Name: spec.Name.Name, Says: namesIn(spec)})
				case *ast.ValueSpec:
					f.Decls = append(f.Decls, reachDecl{Says: namesIn(spec)})
				}
			}
		}
	}
	return f
}

func namesIn(code ast.Node) names {
	var n names
	behindDot := map[*ast.Ident]bool{}
	ast.Inspect(code, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.SelectorExpr:
			behindDot[node.Sel] = true
			n.BehindDot = append(n.BehindDot, node.Sel.Name)
			if x, ok := node.X.(*ast.Ident); ok {
				n.Qualified = append(n.Qualified, qualified{x.Name, node.Sel.Name})
			}
		case *ast.Ident:
			if !behindDot[node] {
				n.Plain = append(n.Plain, node.Name)
			}
		}
		return true
	})
	n.Plain, n.BehindDot = once(n.Plain, strings.Compare), once(n.BehindDot, strings.Compare)
	n.Qualified = once(n.Qualified, func(a, b qualified) int {
		return cmp.Or(strings.Compare(a.Of, b.Of), strings.Compare(a.Name, b.Name))
	})
	return n
}

// once leaves each element of a list once, in a list of no larger size.
func once[T comparable](list []T, compare func(a, b T) int) []T {
	slices.SortFunc(list, compare)
	return slices.Clip(slices.Clone(slices.Compact(list)))
}
