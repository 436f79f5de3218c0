package analyzers

import (
	"go/ast"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// SourceFile is one file of a tree, by its syntax alone.
type SourceFile struct {
	Package string // import path; that of an external test package ends in _test
	Test    bool   // a _test.go file
	Syntax  *ast.File
}

// Reach are the names that the tests of a tree mention, and those that what is
// named so mentions in turn: whatever the tests run is among them.
//
// It is about names, so that it needs no types and holds more than what is run:
// to mention a function is to reach it, and a method is reached where its type
// is and anybody mentions a method, or field, of that name.
type Reach map[mention]bool

// mention is a name at the top level of a package, or one behind a dot, which
// belongs to no package.
type mention struct{ pkg, name string }

// NewReach reads all files of a tree: production code of one package is also
// tested through that of others. What Untested finds is only as true as the
// list is complete.
func NewReach(files []SourceFile) Reach {
	r := reading{
		reach:   Reach{},
		clauses: map[string]string{},
		decls:   map[mention][]part{},
		methods: map[mention][]reachable{},
	}
	for _, f := range files {
		if !f.Test {
			r.clauses[f.Package] = f.Syntax.Name.Name
		}
	}
	atStart := map[string][]part{}
	imports := map[string][]string{}
	var started []string
	for _, f := range files {
		names := r.imports(f)
		p := part{f.Package, names, f.Syntax}
		imports[f.Package] = slices.AppendSeq(imports[f.Package], maps.Values(names))
		if f.Test {
			started = append(started, f.Package)
			r.todo = append(r.todo, p)
		} else {
			atStart[f.Package] = append(atStart[f.Package], r.declare(p, f.Syntax)...)
		}
	}
	for len(started) > 0 {
		pkg := started[len(started)-1]
		started = append(started[:len(started)-1], imports[pkg]...)
		delete(imports, pkg) // once
		r.todo = append(r.todo, atStart[pkg]...)
		delete(atStart, pkg)
	}
	for len(r.todo) > 0 {
		next := r.todo[len(r.todo)-1]
		r.todo = r.todo[:len(r.todo)-1]
		r.read(next)
	}
	return r.reach
}

// part is some code of a package, with the imports of its file by their name.
type part struct {
	pkg   string
	names map[string]string
	node  ast.Node
}

// reachable is a method: its receiver's type, its name and its declaration.
type reachable struct {
	recv, name mention
	body       part
}

// reading is a reach in the making.
type reading struct {
	reach   Reach
	clauses map[string]string // the name of each package of the tree
	decls   map[mention][]part
	methods map[mention][]reachable // by the type, and by the name
	todo    []part
}

// imports are the packages of the tree that a file imports, by their name in it.
func (r *reading) imports(f SourceFile) map[string]string {
	names := map[string]string{}
	for _, spec := range f.Syntax.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // unreachable: it was parsed
		}
		name, ok := r.clauses[p]
		if !ok {
			name = path.Base(p) // of another tree: nothing is declared there
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = p
	}
	return names
}

// declare notes what the file p declares, and returns what runs before any
// test: init functions and the initialisers of variables.
func (r *reading) declare(p part, f *ast.File) (atStart []part) {
	for _, decl := range f.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			it := part{p.pkg, p.names, decl}
			switch recv, _, isMethod := strings.Cut(funcSymbol(decl), "."); {
			case isMethod:
				m := reachable{mention{p.pkg, recv}, mention{"", decl.Name.Name}, it}
				r.methods[m.recv] = append(r.methods[m.recv], m)
				r.methods[m.name] = append(r.methods[m.name], m)
			case decl.Name.Name == "init":
				atStart = append(atStart, it)
			default:
				r.decls[mention{p.pkg, decl.Name.Name}] = append(r.decls[mention{p.pkg, decl.Name.Name}], it)
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				it := part{p.pkg, p.names, spec}
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					r.decls[mention{p.pkg, spec.Name.Name}] = append(r.decls[mention{p.pkg, spec.Name.Name}], it)
				case *ast.ValueSpec:
					atStart = append(atStart, it)
				}
			}
		}
	}
	return atStart
}

// read adds the names in some code.
func (r *reading) read(p part) {
	behindDot := map[*ast.Ident]bool{}
	ast.Inspect(p.node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			behindDot[n.Sel] = true
			r.add(mention{"", n.Sel.Name}) // even so: a variable may bear an import's name
			if x, ok := n.X.(*ast.Ident); ok && p.names[x.Name] != "" {
				r.add(mention{p.names[x.Name], n.Sel.Name})
			}
		case *ast.Ident:
			if !behindDot[n] {
				r.add(mention{p.pkg, n.Name})
			}
		}
		return true
	})
}

// add adds a name, and what it leads to.
func (r *reading) add(m mention) {
	if r.reach[m] {
		return
	}
	r.reach[m] = true
	r.todo = append(r.todo, r.decls[m]...)
	for _, it := range r.methods[m] {
		if r.reach[it.recv] && r.reach[it.name] {
			r.todo = append(r.todo, it.body)
		}
	}
}
