package engine

import (
	"go/types"
	"maps"
	"slices"
	"sync"
)

// # What interfaces ask for
//
// Whether a type satisfies an interface is a matter of the methods that the
// interface asks for. So of the packages from outside it is known which methods
// their interfaces ask for, by name alone.

// asks is a set of methods, by their numbers; nil: any may be asked for.
type asks []uint64

func (a asks) has(n int) bool {
	return a == nil || n/64 < len(a) && a[n/64]&(1<<(n%64)) != 0
}

func (a asks) with(n int) asks {
	for len(a) <= n/64 {
		a = append(a, 0)
	}
	a[n/64] |= 1 << (n % 64)
	return a
}

// union adds a set; a is changed.
func (a asks) union(b asks) asks {
	for len(a) < len(b) {
		a = append(a, 0)
	}
	for i, word := range b {
		a[i] |= word
	}
	return a
}

// numbers gives each name a number.
type numbers struct {
	mu sync.Mutex
	of map[string]int
}

func (n *numbers) number(name string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	i, ok := n.of[name]
	if !ok {
		i = len(n.of)
		n.of[name] = i
	}
	return i
}

// asksBelow are the methods that interfaces ask for in what the node imports
// from outside, or its imports do, and in itself, if it is from outside. The
// packages from outside are worked on for it, as they must be for the types of
// the node.
func (s *session) asksBelow(n *node) asks {
	n.asksOnce.Do(func() {
		var wg sync.WaitGroup
		for _, dep := range n.imports {
			if !dep.inTree && !dep.done.Load() {
				wg.Go(func() { s.run(dep) })
			}
		}
		wg.Wait()
		out := asks{}
		for _, dep := range n.imports {
			below := s.asksBelow(dep)
			if below == nil {
				return // any may be asked for
			}
			out = out.union(below)
		}
		if !n.inTree {
			s.run(n)
			if n.run.pkg == nil || len(n.run.errs) > 0 {
				return
			}
			own := n.run.asks
			if !n.run.restored {
				own = asksOf(n.run.pkg)
			}
			for _, name := range own {
				out = out.with(s.askNames.number(name))
			}
		}
		n.run.below = out
	})
	return n.run.below
}

// asksOf lists the methods that interfaces in a package ask for, as far as its
// importers can meet them.
func asksOf(pkg *types.Package) []string {
	w := askWalk{pkg: pkg, names: map[string]bool{}, locals: map[*types.TypeName]bool{}}
	scope := pkg.Scope()
	for _, name := range scope.Names() {
		obj := scope.Lookup(name)
		if tn, ok := obj.(*types.TypeName); ok {
			w.declared(tn)
		} else {
			w.visit(obj.Type())
		}
	}
	return slices.Sorted(maps.Keys(w.names))
}

type askWalk struct {
	pkg    *types.Package
	names  map[string]bool
	locals map[*types.TypeName]bool // types declared in functions
}

func (w *askWalk) declared(tn *types.TypeName) {
	switch t := tn.Type().(type) {
	case *types.Alias:
		w.visit(t.Rhs())
	case *types.Named:
		w.typeParams(t.TypeParams())
		w.visit(t.Underlying())
		for m := range t.Methods() {
			w.visit(m.Type())
		}
	}
}

func (w *askWalk) typeParams(list *types.TypeParamList) {
	for p := range list.TypeParams() {
		w.visit(p.Constraint())
	}
}

func (w *askWalk) visit(t types.Type) {
	switch t := t.(type) {
	case *types.Named:
		if tn := t.Obj(); tn.Pkg() == w.pkg && tn.Parent() != w.pkg.Scope() && !w.locals[tn] {
			w.locals[tn] = true
			w.declared(tn)
		}
		for a := range t.TypeArgs().Types() {
			w.visit(a)
		}
	case *types.Alias:
		for a := range t.TypeArgs().Types() {
			w.visit(a)
		}
	case *types.Map:
		w.visit(t.Key())
		w.visit(t.Elem())
	case interface{ Elem() types.Type }: // array, channel, pointer, slice
		w.visit(t.Elem())
	case *types.Tuple:
		for v := range t.Variables() {
			w.visit(v.Type())
		}
	case *types.Signature:
		w.typeParams(t.TypeParams())
		w.visit(t.Params())
		w.visit(t.Results())
	case *types.Struct:
		for f := range t.Fields() {
			w.visit(f.Type())
		}
	case *types.Interface:
		for m := range t.ExplicitMethods() {
			w.names[m.Name()] = true
			w.visit(m.Type())
		}
		for e := range t.EmbeddedTypes() {
			w.visit(e)
		}
	case *types.Union:
		for term := range t.Terms() {
			w.visit(term.Type())
		}
	}
}
