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
	Embeds  []string    // names of the types that structs in it embed, without the package's
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
	f.Embeds = embeddedIn(syntax)
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

func embeddedIn(syntax *ast.File) (list []string) {
	ast.Inspect(syntax, func(node ast.Node) bool {
		st, ok := node.(*ast.StructType)
		if !ok {
			return true
		}
		for _, f := range st.Fields.List {
			if len(f.Names) == 0 {
				list = append(list, typeName(f.Type))
			}
		}
		return true
	})
	return once(list, strings.Compare)
}

// typeName is the name of an embedded type: *p.T[int] is called T.
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.ParenExpr:
		return typeName(e.X)
	case *ast.IndexExpr:
		return typeName(e.X)
	case *ast.IndexListExpr:
		return typeName(e.X)
	}
	return "" // unreachable: it was parsed
}

// says are the names in all of the file.
func (f *ReachFile) says(yield func(*names)) {
	for i := range f.Decls {
		yield(&f.Decls[i].Says)
	}
	yield(&f.Whole)
}

// Takes adds what the file names of its imports to a map, by import path; clause
// is the name that a package gives itself. Names may be there that belong to
// something else, and more than once. It lists the imports of which any name may
// be meant.
func (f *ReachFile) Takes(clause func(path string) string, into map[string][]string) (any []string) {
	paths := map[string][]string{} // by name: one name may stand for a package and its test variant
	for _, imp := range f.Imports {
		name := imp.Name
		if name == "" {
			name = clause(imp.Path)
		}
		if name == "." {
			any = append(any, imp.Path)
		}
		paths[name] = append(paths[name], imp.Path)
	}
	f.says(func(says *names) {
		for _, q := range says.Qualified {
			for _, path := range paths[q.Of] {
				into[path] = append(into[path], q.Name)
			}
		}
	})
	return any
}

// Says adds all names to the set that stand in the file, as those that the name
// of an example is made of: ExampleT_M is about the method M of T.
func (f *ReachFile) Says(set map[string]bool) {
	f.says(func(says *names) {
		for _, list := range [][]string{says.Plain, says.BehindDot} {
			for _, name := range list {
				set[name] = true
				if of, ok := strings.CutPrefix(name, "Example"); ok && f.Test {
					for part := range strings.SplitSeq(of, "_") {
						set[part] = true
					}
				}
			}
		}
	})
}
