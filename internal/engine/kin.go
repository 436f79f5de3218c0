package engine

import (
	"bytes"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"sync"

	"github.com/barraiser/barraiser/internal/analyzers"
)

// # Kin
//
// A package from outside of the repository is often met twice with the same text: for
// another platform (twin.go), beside another version of something that it imports, or
// in another version of its module, of which most packages are what they were. What
// was made of the one holds of the other where all that it names of its imports is the
// same for both, and all that this is made of in turn. Then its types are read back
// from what was written of its kin, over its own imports.
//
// What a package names is read as in view.go, and what a declaration is made of is
// written by apiwriter.go. Of a type all methods count here.

// setKin notes the node that was met before under the same name.
func (s *session) setKin(n *node) {
	if n.inTree || n.platform.cgo {
		return
	}
	n.kin, s.byName[n.kinName()] = s.byName[n.kinName()], n
}

func (n *node) kinName() string { return n.id + " " + n.platform.String() }

// fromKin gives the node the types and facts of its twin, or of the node that was met
// before, where they hold of it.
func (s *session) fromKin(n *node) bool {
	if s.job.ImpactOnly || !s.cacheable(n) {
		return false
	}
	return s.takeFrom(n, n.twin) || s.takeFrom(n, n.kin)
}

func (s *session) takeFrom(n, t *node) bool {
	if t == nil || !s.cacheable(t) || !s.sameText(n, t) {
		return false
	}
	n.text = t.text
	s.runBeside(t)
	if t.run.pkg == nil || t.run.lost || len(t.run.errs) > 0 || !s.seesAs(n, t) {
		return false
	}
	kept, name := s.madeOf(t)
	if kept == nil || !s.restore(n, kept) {
		return false
	}
	n.offering = t.offering
	s.writeSaved(n, &saved{As: name})
	return true
}

// sameText reports whether both nodes have the same files, which mean the same.
func (s *session) sameText(n, t *node) bool {
	if n.name != t.name || !sameSizes(n.platform, t.platform) || len(n.badDeps) > 0 || n.listErr != "" || !sameLanguage(n.module, t.module) {
		return false
	}
	return slices.EqualFunc(n.files, t.files, func(a, b string) bool {
		if a == b {
			return true
		}
		x, err := s.readFile(a)
		y, other := s.readFile(b)
		return filepath.Base(a) == filepath.Base(b) && err == nil && other == nil && bytes.Equal(x, y)
	})
}

func sameLanguage(a, b *listedModule) bool {
	if a == nil || b == nil {
		return a == b // the standard library is of none
	}
	return a.language() == b.language()
}

// runBeside works on a node for one that holds a place: who waits takes none.
func (s *session) runBeside(t *node) {
	if t.done.Load() {
		return
	}
	<-s.cpu
	s.run(t)
	s.cpu <- struct{}{}
}

// sameSizes reports whether values have the same sizes on both platforms.
func sameSizes(a, b platform) bool {
	x, y := types.SizesFor("gc", a.goarch()), types.SizesFor("gc", b.goarch())
	word, long := types.Typ[types.Uintptr], types.Typ[types.Int64]
	return x.Sizeof(word) == y.Sizeof(word) && x.Alignof(long) == y.Alignof(long)
}

// seesAs reports whether the node sees the same of its imports as its kin. Of a twin
// the facts are taken for true in any case, so it is the declarations that count, and
// not the bodies.
func (s *session) seesAs(n, t *node) bool {
	names := s.named(t, n.twin != t)
	if names == nil {
		return false
	}
	for src, dep := range n.imports {
		other := t.imports[src]
		if other == nil || !s.delta(dep, other).spares(names[src]) {
			return false
		}
		if n.twin == t && dep.inTree && !dep.saysAs(other) { // as in lent
			return false
		}
	}
	return true
}

// text is what is read from the files of a node, once for all nodes that have the
// same.
type text struct {
	declared, named sync.Once
	inDecls, inAll  map[string][]string // see session.named
}

// named lists what the files of a node from outside name of its imports, by their
// paths: in the declarations alone, or in the bodies of functions as well; nil where
// that is not clear.
func (s *session) named(n *node, bodies bool) map[string][]string {
	if bodies {
		n.text.named.Do(func() { n.text.inAll = s.readNamed(n, true) })
		return n.text.inAll
	}
	n.text.declared.Do(func() { n.text.inDecls = s.readNamed(n, false) })
	return n.text.inDecls
}

func (s *session) readNamed(n *node, bodies bool) map[string][]string {
	clause := func(path string) string {
		if dep := n.imports[path]; dep != nil {
			return dep.name
		}
		return path // no name of a package
	}
	names := map[string][]string{}
	for _, file := range n.files {
		src, err := s.readFile(file)
		if err != nil {
			return nil
		}
		if !bodies {
			src = withoutBodies(src)
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, src, parser.SkipObjectResolution)
		if err != nil {
			return nil
		}
		if any := analyzers.NewReachFile(n.path, false, f).Takes(clause, names); len(any) > 0 {
			return nil
		}
	}
	for _, size := range []string{"Sizeof", "Offsetof", "Alignof"} {
		if slices.Contains(names["unsafe"], size) {
			return nil // hidden fields count for those, which are not looked at
		}
	}
	return names
}

// delta is what two packages of one path offer differently.
type delta struct {
	all   bool
	names map[string]bool
}

// spares reports whether none of the names is concerned.
func (d *delta) spares(names []string) bool {
	return !d.all && !slices.ContainsFunc(names, func(name string) bool { return d.names[name] })
}

// sameOffer is the delta of packages that offer the same.
var sameOffer = &delta{}

// delta compares what two nodes offer, which are worked on.
func (s *session) delta(a, b *node) *delta {
	if a == b || a.offering == b.offering {
		return sameOffer
	}
	v, _ := s.deltas.LoadOrStore([2]*node{a, b}, sync.OnceValue(func() *delta { return s.compare(a, b) }))
	return v.(func() *delta)()
}

func (s *session) compare(a, b *node) *delta {
	x, y := s.offer(a), s.offer(b)
	if x.Package != y.Package {
		return &delta{all: true}
	}
	out := &delta{names: map[string]bool{}}
	for name, d := range x.Decls {
		if other, ok := y.Decls[name]; !ok || !d.equals(other) {
			out.names[name] = true
		}
	}
	for name := range y.Decls {
		if _, ok := x.Decls[name]; !ok {
			out.names[name] = true
		}
	}
	// What is made of something else that differs does as well.
	for grown := true; grown; {
		grown = false
		for name, d := range x.Decls {
			if !out.names[name] && slices.ContainsFunc(d.mentions(), func(m mention) bool { return s.differs(a, b, m, out) }) {
				out.names[name], grown = true, true
			}
		}
	}
	return out
}

// differs reports whether a declaration, which one of the packages mentions, is
// another for the other one.
func (s *session) differs(a, b *node, m mention, own *delta) bool {
	if m.Package == a.path {
		return own.names[m.Name]
	}
	x, y := a.below(m.Package), b.below(m.Package)
	return x == nil || y == nil || !s.delta(x, y).spares([]string{m.Name})
}

// equals reports whether two declarations are the same, but for what they mention.
func (d decl) equals(other decl) bool {
	if d.Self.Hash != other.Self.Hash || len(d.Methods) != len(other.Methods) {
		return false
	}
	for name, m := range d.Methods {
		if o, ok := other.Methods[name]; !ok || m.Hash != o.Hash {
			return false
		}
	}
	return true
}

func (d decl) mentions() []mention {
	all := slices.Clone(d.Self.Mentions)
	for _, m := range d.Methods {
		all = append(all, m.Mentions...)
	}
	return all
}

// madeOf returns what is kept of a node that was worked on, and the name of the entry
// that says it; nil: nothing.
func (s *session) madeOf(t *node) (kept *saved, name string) {
	for _, read := range []func(string) ([]byte, bool){s.readOutbox, s.read} {
		if kept, name := s.decode(s.entry(t), read); kept != nil {
			return kept, name
		}
	}
	return nil, ""
}
