package impact

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// A graph is the packages of one side and who imports them.
type graph struct {
	packages  map[string]Package
	importers map[string][]string // by what they import
}

func newGraph(packages []Package) graph {
	g := graph{packages: map[string]Package{}, importers: map[string][]string{}}
	for _, p := range packages {
		g.packages[p.Path] = p
		for _, imp := range p.Imports {
			g.importers[imp] = append(g.importers[imp], p.Path)
		}
	}
	// A package may be listed once for each platform.
	for p, importers := range g.importers {
		slices.Sort(importers)
		g.importers[p] = slices.Compact(importers)
	}
	return g
}

// dependants are the packages that import one of some packages, directly or
// not; those themselves only where they import each other.
func (g graph) dependants(of ...string) map[string]bool {
	seen := map[string]bool{}
	for todo := slices.Clone(of); len(todo) > 0; {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, importer := range g.importers[p] {
			if !seen[importer] {
				seen[importer] = true
				todo = append(todo, importer)
			}
		}
	}
	return seen
}

// ofProgram reports whether a command of its own module is made of a package.
// Such a module has a version for those who install the program, and promises
// nothing to those who might import its code.
func (g graph) ofProgram(pkg string) bool {
	for p := range g.dependants(pkg) {
		if d := g.packages[p]; d.Name == "main" && d.Module == g.packages[pkg].Module {
			return true
		}
	}
	return false
}

// in returns the packages of a folder.
func (g graph) in(dir string) []string {
	var out []string
	for _, p := range g.packages {
		if p.Dir == dir {
			out = append(out, p.Path)
		}
	}
	return out
}

// blast is how much of the repository depends on the packages that have a
// changed Go file. Tests are nobody's dependency; generated code is.
func blast(base, head graph, files []File) Blast {
	var changed []string
	note := func(g graph, file string) {
		if isGo(file) {
			changed = append(changed, g.in(path.Dir(file))...)
		}
	}
	for _, f := range files {
		note(base, f.Old)
		note(head, f.New)
	}
	reached := head.dependants(changed...)
	for p := range base.dependants(changed...) { // of what was removed
		if _, there := head.packages[p]; there {
			reached[p] = true
		}
	}
	for _, p := range changed {
		delete(reached, p)
	}
	b := Blast{Packages: len(reached), Of: len(head.packages)}
	touched := maps.Clone(reached)
	for _, p := range changed {
		touched[p] = true
	}
	for p := range touched {
		if head.packages[p].Name == "main" {
			b.Commands = append(b.Commands, p)
		}
	}
	slices.Sort(b.Commands)
	return b
}

// A componentEdge is an import of one component's code by another's.
type componentEdge struct{ from, to string }

// edges are those of a side, each with the first import that makes it, in the
// order of packages.
func (g graph) edges(p Policy) map[componentEdge]packageImport {
	out := map[componentEdge]packageImport{}
	for _, imp := range g.crossing(p) {
		e := componentEdge{imp.fromComponent, imp.toComponent}
		if _, ok := out[e]; !ok {
			out[e] = imp
		}
	}
	return out
}

// A packageImport is an import of one package by another of the repository that
// is in another component.
type packageImport struct{ from, to, fromComponent, toComponent string }

func (g graph) crossing(p Policy) []packageImport {
	var out []packageImport
	for _, from := range slices.Sorted(maps.Keys(g.packages)) {
		fromComponent := p.component(g.packages[from].Dir)
		for _, to := range g.packages[from].Imports {
			toComponent := p.component(g.packages[to].Dir)
			if fromComponent != "" && toComponent != "" && fromComponent != toComponent {
				out = append(out, packageImport{from, to, fromComponent, toComponent})
			}
		}
	}
	return out
}

// way returns the components on a shortest way from one to another, both
// included; nil where there is none.
func way(edges map[componentEdge]packageImport, from, to string) []string {
	next := map[string][]string{}
	for e := range edges {
		next[e.from] = append(next[e.from], e.to)
	}
	came := map[string]string{from: ""}
	for todo := []string{from}; len(todo) > 0; todo = todo[1:] {
		if todo[0] == to {
			var back []string
			for at := to; at != ""; at = came[at] {
				back = append(back, at)
			}
			slices.Reverse(back)
			return back
		}
		slices.Sort(next[todo[0]])
		for _, c := range next[todo[0]] {
			if _, seen := came[c]; !seen {
				came[c] = todo[0]
				todo = append(todo, c)
			}
		}
	}
	return nil
}

// isGo reports whether a file is Go code that is no test.
func isGo(file string) bool {
	return strings.HasSuffix(file, ".go") && !strings.HasSuffix(file, "_test.go")
}
