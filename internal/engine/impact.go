package engine

import (
	"go/ast"
	"maps"
	"slices"
	"strings"

	"github.com/barraiser/barraiser/internal/analyzers"
	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
)

// ImpactFacts are what internal/impact compares, as far as the engine makes
// it: the rest is history and the text of other files.
type ImpactFacts struct {
	Base, Head impact.Side
	Breaks     []impact.Break
}

// addPackages adds the listings' own packages to the graph of each side: all
// of them, also those that the change does not touch.
func (f *ImpactFacts) addPackages(all []sides) {
	for _, l := range all {
		f.Base.Packages = append(f.Base.Packages, l.base.ownPackages()...)
		f.Head.Packages = append(f.Head.Packages, l.head.ownPackages()...)
	}
}

// ownPackages are the repository's packages in the listing, without variants:
// what they import, their tests do not count in.
func (l *listing) ownPackages() []impact.Package {
	own := map[string]impact.Package{}
	for id, p := range l.pkgs {
		rel, inside := relative(p.Dir, l.root)
		if !inside || p.ForTest != "" || p.testMain() || len(p.GoFiles)+len(p.CgoFiles) == 0 || exclusionByPath(rel+"/") != "" {
			continue
		}
		own[id] = impact.Package{Path: id, Dir: rel, Name: p.Name}
		if p.Module != nil {
			own[id] = impact.Package{Path: id, Dir: rel, Name: p.Name, Module: p.Module.Path}
		}
	}
	var out []impact.Package
	for _, path := range slices.Sorted(maps.Keys(own)) {
		p := own[path]
		for _, imp := range l.pkgs[path].Imports {
			if _, ok := own[imp]; ok {
				p.Imports = append(p.Imports, imp)
			}
		}
		slices.Sort(p.Imports)
		out = append(out, p)
	}
	return out
}

// marks makes the unit's marks. Types may be missing where the package does
// not type-check; then fewer are seen.
func (s *session) marks(u *unit) []impact.Mark {
	var files []*ast.File
	for i, syntax := range u.files {
		rel := u.node.fileRel(u.names[i])
		if strings.HasSuffix(rel, "_test.go") || s.exclusion(u.node, rel, u.sources[u.names[i]]) != "" {
			continue
		}
		files = append(files, syntax)
	}
	var out []impact.Mark
	for _, m := range analyzers.Marks(files, u.info) {
		p := s.fset.PositionFor(m.Pos, false)
		out = append(out, impact.Mark{
			Kind: impact.Kind(m.Kind), Key: m.Key, Value: m.Value,
			Package: u.node.path, Symbol: m.Symbol, File: u.node.fileRel(p.Filename), Line: p.Line,
		})
	}
	return out
}

// collectMarks takes the marks of a pair over to both sides. Where one side
// does not type-check, fewer marks are seen there, and the others would look
// like removed: then only what the syntax says is compared.
func (s *session) collectMarks(p *pair, res *Result, g *group) {
	bySyntax := p.base != nil && len(p.base.run.errs) > 0 || p.head != nil && len(p.head.run.errs) > 0
	take := func(t *tree, n *node, side *impact.Side) {
		if n == nil {
			return
		}
		keep := g.keep(t)
		for _, m := range n.run.marks {
			if keep(m.File) && (!bySyntax || m.Kind == impact.Import || m.Kind == impact.NoSec) {
				side.Marks = append(side.Marks, m)
			}
		}
	}
	take(s.base, p.base, &res.Impact.Base)
	take(s.head, p.head, &res.Impact.Head)
}

// breaks compares what the packages offer at the base and at the head. Breaks
// of an API that the module promises are debt as well.
func (s *session) breaks(pairs []*pair, res *Result) {
	for _, p := range pairs {
		n := p.base
		if n == nil || p.substituted || n.forTest != "" || n.name == "main" || !n.inTree || n.platform.os != "" || exclusionByPath(n.rel+"/") != "" {
			continue
		}
		stable := public(n.path) && s.stable(n)
		for _, b := range s.compareAPI(p) {
			var symbols []string // nil: the package as a whole
			if p.head != nil {
				symbols = n.reaching(b)
			}
			dependants := dependants(n, symbols, pairs)
			m := s.apiMeasure(n, p.head, b, len(dependants))
			res.Impact.Breaks = append(res.Impact.Breaks, impact.Break{
				Package: n.path, Symbol: b.Symbol, Message: b.Message, File: m.File, Line: m.Line,
				Importers: importers(n.path, dependants, res.Impact.Base.Packages), Stable: stable,
			})
			if stable {
				res.Head.Measures = append(res.Head.Measures, m)
			}
		}
	}
}

// importers counts those of the dependants that import the package not only in
// their tests.
func importers(path string, dependants map[string]bool, packages []impact.Package) int {
	n := 0
	for _, p := range packages {
		if dependants[p.Path] && slices.Contains(p.Imports, path) {
			n++
		}
	}
	return n
}

// compareAPI lists what the head's package does not offer any more.
func (s *session) compareAPI(p *pair) []analyzers.Break {
	if p.head == nil { // all that it offered is broken at once
		return []analyzers.Break{{Message: "package " + p.base.path + " was removed"}}
	}
	if !s.affected(p) {
		return nil
	}
	if base, head := s.newView(ofSide, nil), s.newView(ofSide, nil); s.keepsPackages() {
		base.all(p.base)
		head.all(p.head)
		if sum(base.hash) == sum(head.hash) {
			return nil
		}
	}
	s.eachSide(p, s.run)
	if len(p.base.run.errs) > 0 || len(p.head.run.errs) > 0 {
		return nil // listed as broken
	}
	breaks, err := analyzers.APIBreak(p.base.run.pkg, p.head.run.pkg)
	if err != nil {
		s.lost = append(s.lost, debt.Lost{Package: p.base.path, Side: "head", Analyzer: "api-break", Error: err.Error()})
	}
	return breaks
}
