package analyzers

import (
	"maps"
	"path"
	"slices"
)

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
func NewReach(files []*ReachFile) Reach {
	r := reading{
		reach:   Reach{},
		clauses: map[string]string{},
		decls:   map[mention][]part{},
		methods: map[mention][]reachable{},
	}
	for _, f := range files {
		if !f.Test {
			r.clauses[f.Package] = f.Clause
		}
	}
	atStart := map[string][]part{}
	imports := map[string][]string{}
	var started []string
	for _, f := range files {
		names := r.imports(f)
		imports[f.Package] = slices.AppendSeq(imports[f.Package], maps.Values(names))
		if f.Test {
			started = append(started, f.Package)
			r.todo = append(r.todo, part{f.Package, names, &f.Whole})
		} else {
			atStart[f.Package] = append(atStart[f.Package], r.declare(f, names)...)
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
	says  *names
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
func (r *reading) imports(f *ReachFile) map[string]string {
	names := map[string]string{}
	for _, spec := range f.Imports {
		name, ok := r.clauses[spec.Path]
		if !ok {
			name = path.Base(spec.Path) // of another tree: nothing is declared there
		}
		if spec.Name != "" {
			name = spec.Name
		}
		names[name] = spec.Path
	}
	return names
}

// declare notes what the file declares, and returns what runs before any test:
// init functions and the initialisers of variables.
func (r *reading) declare(f *ReachFile, names map[string]string) (atStart []part) {
	for i := range f.Decls {
		d := &f.Decls[i]
		it := part{f.Package, names, &d.Says}
		switch {
		case d.Recv != "":
			m := reachable{mention{f.Package, d.Recv}, mention{"", d.Name}, it}
			r.methods[m.recv] = append(r.methods[m.recv], m)
			r.methods[m.name] = append(r.methods[m.name], m)
		case d.Name == "":
			atStart = append(atStart, it)
		default:
			r.decls[mention{f.Package, d.Name}] = append(r.decls[mention{f.Package, d.Name}], it)
		}
	}
	return atStart
}

// read adds the names in some code.
func (r *reading) read(p part) {
	for _, name := range p.says.Plain {
		r.add(mention{p.pkg, name})
	}
	for _, name := range p.says.BehindDot {
		r.add(mention{"", name}) // even of an import: a variable may bear its name
	}
	for _, q := range p.says.Qualified {
		if path := p.names[q.Of]; path != "" {
			r.add(mention{path, q.Name})
		}
	}
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
