package analyzers

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Tree is one state of a repository as program checks see it: its production
// code without tests, generated, vendored and testdata files, whatever platform
// builds them. It is made of syntax alone, so that a package that does not
// type-check, or that this machine does not build, is there as all others are.
type Tree struct {
	Packages []ProgramPackage // by folder
	Modules  []Module         // by folder
	Stated   Stated
	// Changed are the files of this tree that the change touches; nil for a
	// scan. They decide nothing but at which of its places a finding is shown.
	Changed map[string]bool
	// Toolchain is the Go release that judges, "go1.26.8".
	Toolchain string

	classes []cloneClass
	cloned  bool // classes are there
}

// ProgramPackage is a folder's package. Paths of folders and files are
// relative to the repository, with forward slashes; "." is its root.
type ProgramPackage struct {
	Path   string // import path
	Dir    string
	Module string // module path
	Files  []*ProgramFile
}

// Stated is what a repository states beside its code, in its policy and in
// CODEOWNERS. Both sides of a change are judged by the same.
type Stated struct {
	Places    map[string]Place // by folder
	Forbidden []ForbiddenEdge
	// Owners says that the repository states owners at all.
	Owners bool
	// Experiments are the keys of announced experiments and the last day of
	// each, as "2006-01-02"; no day: not limited.
	Experiments map[string]string
	Today       string // "2006-01-02"; empty: no experiment has ended
}

// Place says where a folder belongs. Either may be empty.
type Place struct{ Component, Owner string }

// ForbiddenEdge is a dependency between components that the policy forbids, and
// the key by which: "components.pay.not".
type ForbiddenEdge struct{ From, To, Key string }

// ProgramMeasure is a Measure of a program or change check, at a place by name:
// the tree that it is about is no longer parsed, and go.mod never was. The
// fields are those of a measure of internal/debt.
type ProgramMeasure struct {
	Rule                          string
	Module, Package, Symbol, File string
	Line, Column, EndLine         int
	Message                       string
	Node                          string
	Value                         float64
	// Places are all places of a clone, the one above too.
	Places []Span
}

// Span is some lines of a file.
type Span struct {
	File          string
	Line, EndLine int
}

// site is an import of a package of the repository.
type site struct {
	from, to *ProgramPackage
	file     string
	Import
}

// edge leads from one package to another of the repository.
type edge struct{ from, to *ProgramPackage }

// edges returns the imports within the repository, by importing and imported
// package, each with its sites in the order of files and lines.
func (t *Tree) edges() map[edge][]site {
	byPath := map[string]*ProgramPackage{}
	for i := range t.Packages {
		pkg := &t.Packages[i]
		if byPath[pkg.Path] == nil { // two modules of one path: the first folder's
			byPath[pkg.Path] = pkg
		}
	}
	all := map[edge][]site{}
	for i := range t.Packages {
		pkg := &t.Packages[i]
		for _, f := range pkg.Files {
			for _, imp := range f.Imports {
				if to := byPath[imp.Path]; to != nil && to != pkg {
					e := edge{pkg, to}
					all[e] = append(all[e], site{pkg, to, f.Rel, imp})
				}
			}
		}
	}
	return all
}

// inOrder returns the edges by the folders of their ends.
func inOrder(all map[edge][]site) []edge {
	return slices.SortedFunc(maps.Keys(all), func(a, b edge) int {
		return cmp.Or(cmp.Compare(a.from.Dir, b.from.Dir), cmp.Compare(a.to.Dir, b.to.Dir))
	})
}

// at is a measure at the site, about its importing package.
func (s site) at(rule, message string, value float64) ProgramMeasure {
	return ProgramMeasure{
		Rule: rule, Module: s.from.Module, Package: s.from.Path,
		File: s.file, Line: s.Line, EndLine: s.Line, Column: s.Column,
		Message: message, Value: value,
	}
}

// label names a package as people do: by its folder, the root by its import
// path.
func (p *ProgramPackage) label() string {
	if p.Dir == "." {
		return p.Path
	}
	return p.Dir
}

// sort puts packages and files into the order that the checks rely on.
func (t *Tree) sort() {
	slices.SortFunc(t.Packages, func(a, b ProgramPackage) int { return strings.Compare(a.Dir, b.Dir) })
	for _, pkg := range t.Packages {
		slices.SortFunc(pkg.Files, func(a, b *ProgramFile) int { return strings.Compare(a.Rel, b.Rel) })
	}
	slices.SortFunc(t.Modules, func(a, b Module) int { return strings.Compare(a.Dir, b.Dir) })
}

// NewTree returns the program of the packages and modules, in any order.
func NewTree(packages []ProgramPackage, modules []Module) *Tree {
	t := &Tree{Packages: packages, Modules: modules}
	t.sort()
	return t
}
