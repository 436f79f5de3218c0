package engine

import (
	"fmt"
	"go/types"
	"reflect"

	"golang.org/x/tools/go/analysis"
)

// factType is the concrete type of a fact; no two analyzers share one.
type factType = reflect.Type

func typeOf(f analysis.Fact) factType { return reflect.TypeOf(f) }

type objFactKey struct {
	obj types.Object
	typ factType
}

// bindFacts connects a pass to the facts of its node and of the nodes that it
// imports. Facts are found through the package of the object that they are
// about, so nothing is copied from importer to importer.
func (s *session) bindFacts(pass *analysis.Pass, n *node) {
	pass.ImportObjectFact = func(obj types.Object, fact analysis.Fact) bool {
		if obj == nil || obj.Pkg() == nil {
			return false
		}
		owner := s.owner(obj.Pkg())
		if owner == nil {
			return false
		}
		return copyFact(fact, owner.run.objFacts[objFactKey{obj, reflect.TypeOf(fact)}])
	}
	pass.ExportObjectFact = func(obj types.Object, fact analysis.Fact) {
		if obj.Pkg() != pass.Pkg {
			panic(fmt.Sprintf("%s: fact about %s, which is not of package %s", pass.Analyzer.Name, obj, pass.Pkg.Path()))
		}
		n.run.objFacts[objFactKey{obj, reflect.TypeOf(fact)}] = fact
	}
	pass.ImportPackageFact = func(pkg *types.Package, fact analysis.Fact) bool {
		owner := s.owner(pkg)
		if owner == nil {
			return false
		}
		return copyFact(fact, owner.run.pkgFacts[reflect.TypeOf(fact)])
	}
	pass.ExportPackageFact = func(fact analysis.Fact) {
		n.run.pkgFacts[reflect.TypeOf(fact)] = fact
	}
	pass.AllObjectFacts = func() []analysis.ObjectFact {
		var out []analysis.ObjectFact
		s.eachSource(pass.Analyzer, n, func(dep *node) {
			for k, fact := range dep.run.objFacts {
				if hasType(pass.Analyzer, k.typ) {
					out = append(out, analysis.ObjectFact{Object: k.obj, Fact: fact})
				}
			}
		})
		return out
	}
	pass.AllPackageFacts = func() []analysis.PackageFact {
		var out []analysis.PackageFact
		s.eachSource(pass.Analyzer, n, func(dep *node) {
			for typ, fact := range dep.run.pkgFacts {
				if hasType(pass.Analyzer, typ) {
					out = append(out, analysis.PackageFact{Package: dep.run.pkg, Fact: fact})
				}
			}
		})
		return out
	}
}

// eachSource visits the nodes whose facts an analyzer may list: the node
// itself and all below it. In the facts-only mode no one reads such a list but
// the analyzer's own result, which no fact maker uses (TestFactMakers holds
// this), so the node itself is enough and the walk over the whole graph, for
// each of a thousand packages, is saved.
func (s *session) eachSource(_ *analysis.Analyzer, n *node, visit func(*node)) {
	if n.mode == factsOnly {
		visit(n)
		return
	}
	seen := map[*node]bool{}
	var walk func(*node)
	walk = func(d *node) {
		if seen[d] {
			return
		}
		seen[d] = true
		visit(d)
		for _, dep := range d.imports {
			walk(dep)
		}
	}
	walk(n)
}

func copyFact(dst, src analysis.Fact) bool {
	if src == nil {
		return false
	}
	reflect.ValueOf(dst).Elem().Set(reflect.ValueOf(src).Elem())
	return true
}

func hasType(a *analysis.Analyzer, t factType) bool {
	for _, f := range a.FactTypes {
		if reflect.TypeOf(f) == t {
			return true
		}
	}
	return false
}
