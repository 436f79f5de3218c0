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
// the file.
type ReachFile struct {
	pkg     string // import path; that of an external test package ends in _test
	clause  string // of the package
	test    bool
	imports []reachImport
	decls   []*reachDecl // of production code
	whole   *names       // of a test file
}

// reachImport is an import; its name is empty where the package gives it.
type reachImport struct{ name, path string }

// reachDecl is a declaration. recv is the type that a method belongs to, name is
// empty for what runs before any test.
type reachDecl struct {
	recv, name string
	says       names
}

// names are those that stand in some code, each once: alone, behind a dot, and
// behind a name and a dot.
type names struct {
	plain, behindDot []string
	qualified        []qualified
}

type qualified struct{ of, name string }

// NewReachFile reads a file of the package of an import path; test says that its
// name ends in _test.go.
func NewReachFile(pkg string, test bool, syntax *ast.File) *ReachFile {
	f := &ReachFile{pkg: pkg, clause: syntax.Name.Name, test: test}
	for _, spec := range syntax.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // unreachable: it was parsed
		}
		imp := reachImport{path: p}
		if spec.Name != nil {
			imp.name = spec.Name.Name
		}
		f.imports = append(f.imports, imp)
	}
	if test {
		all := namesIn(syntax)
		f.whole = &all
		return f
	}
	for _, decl := range syntax.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			d := &reachDecl{name: decl.Name.Name, says: namesIn(decl)}
			if recv, _, isMethod := strings.Cut(funcSymbol(decl), "."); isMethod {
				d.recv = recv
			} else if d.name == "init" {
				d.name = ""
			}
			f.decls = append(f.decls, d)
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					f.decls = append(f.decls, &reachDecl{name: spec.Name.Name, says: namesIn(spec)})
				case *ast.ValueSpec:
					f.decls = append(f.decls, &reachDecl{says: namesIn(spec)})
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
			n.behindDot = append(n.behindDot, node.Sel.Name)
			if x, ok := node.X.(*ast.Ident); ok {
				n.qualified = append(n.qualified, qualified{x.Name, node.Sel.Name})
			}
		case *ast.Ident:
			if !behindDot[node] {
				n.plain = append(n.plain, node.Name)
			}
		}
		return true
	})
	n.plain, n.behindDot = once(n.plain, strings.Compare), once(n.behindDot, strings.Compare)
	n.qualified = once(n.qualified, func(a, b qualified) int {
		return cmp.Or(strings.Compare(a.of, b.of), strings.Compare(a.name, b.name))
	})
	return n
}

// once leaves each element of a list once, in a list of no larger size.
func once[T comparable](list []T, compare func(a, b T) int) []T {
	slices.SortFunc(list, compare)
	return slices.Clip(slices.Clone(slices.Compact(list)))
}
