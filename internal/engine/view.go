package engine

import (
	"crypto/sha256"
	"hash"
	"maps"
	"slices"
	"sync"

	"github.com/barraiser/barraiser/internal/analyzers"
)

// # What a package sees
//
// A package gets at the declarations of others by their names alone: those that
// its files write behind the name of an import, and those that these are made
// of in turn. So what a package comes to is a function of its own content and
// of these declarations, and not of all else that its imports offer: one that
// gains a function leaves those alone who do not name it.
//
// Which names a file writes its syntax says (analyzers.ReachFile.Takes). They may
// be more than those of the import, since a variable may bear the name of a
// package; a name that is not there is looked at as well, for it could come.

// # Methods
//
// Of a type, a method counts where the package writes its name, where an
// interface asks for it that the package may meet, and where a check looks for
// it by its name; and all methods count of a type that the package embeds. The
// interfaces of the repository that a package may meet are among what it sees;
// from outside, all count that lie below it.

// view writes what is seen of imports into a hash. The order is fixed: of the
// imports and names by the alphabet, then as one declaration mentions the next.
type view struct {
	s       *session
	hash    hash.Hash
	mode    viewMode
	by      *node            // whose view it is; nil: of one who uses all methods
	entered map[*node]*offer // nil: nothing of the package is looked at
	seen    map[place]bool
	queue   []place
	asked   map[string]bool    // methods that interfaces ask for, of those seen
	passed  map[string][]place // methods, by name, that nobody has asked for so far
	below   asks               // what interfaces from outside ask for; see session.asksBelow
}

// place is a declaration of a node, or a method. Of a type that is wholly seen,
// all methods are.
type place struct {
	n            *node
	name, method string
	wholly       bool
}

// viewMode says at which packages a view ends.
type viewMode int

const (
	// ofSide ends at all that is the same at base and head, for a comparison of the
	// two. It must not outlive the job.
	ofSide viewMode = iota
	// ofContent ends at the standard library.
	ofContent
)

func (s *session) newView(mode viewMode, by *node) *view {
	return &view{
		s: s, hash: sha256.New(), mode: mode, by: by,
		entered: map[*node]*offer{}, seen: map[place]bool{}, asked: map[string]bool{}, passed: map[string][]place{},
	}
}

// takes is what the one who looks takes of its imports; nothing where nobody looks.
// All its files are read for it, so it is asked for once there is something to see:
// a package of which only bodies changed is the same to all that import it.
func (v *view) takes() *takes {
	if v.by == nil {
		return &takes{}
	}
	return v.s.takes(v.by)
}

// take sees the names of an import, and all that they are made of.
func (v *view) take(src string) {
	put(v.hash, "import", src)
	dep := v.by.imports[src]
	o := v.enter(dep)
	if o == nil {
		return
	}
	put(v.hash, o.Interfaces)
	if v.takes().all[src] {
		v.all(dep)
		return
	}
	for _, name := range v.takes().names[src] {
		if _, ok := o.Decls[name]; !ok {
			put(v.hash, "no", name)
			continue
		}
		v.reach(place{n: dep, name: name})
	}
	v.follow()
}

// all sees all that a node offers.
func (v *view) all(n *node) {
	if o := v.enter(n); o != nil {
		for _, name := range slices.Sorted(maps.Keys(o.Decls)) {
			v.reach(place{n: n, name: name})
		}
		v.follow()
	}
}

func (v *view) reach(p place) {
	if p.method == "" {
		p.wholly = v.by == nil || p.wholly || v.takes().embeds[p.name]
	}
	if !v.seen[p] {
		v.seen[p] = true
		v.queue = append(v.queue, p)
	}
}

func (v *view) follow() {
	for len(v.queue) > 0 {
		at := v.queue[0]
		v.queue = v.queue[1:]
		d := v.entered[at.n].Decls[at.name]
		if at.method != "" {
			v.member(at, d.Methods[at.method])
			continue
		}
		v.member(at, d.Self)
		for _, name := range slices.Sorted(maps.Keys(d.Methods)) {
			m := place{n: at.n, name: at.name, method: name}
			if at.wholly || v.counts(name) {
				v.reach(m)
			} else {
				v.passed[name] = append(v.passed[name], m)
			}
		}
		if at.wholly {
			for _, m := range d.Embeds {
				v.mention(at.n, m, true)
			}
		}
	}
}

func (v *view) member(at place, m member) {
	put(v.hash, at.name, at.method, m.Hash)
	for _, mention := range m.Mentions {
		v.mention(at.n, mention, false)
	}
	for _, name := range m.Asks {
		if v.asked[name] {
			continue
		}
		v.asked[name] = true
		for _, p := range v.passed[name] {
			v.reach(p)
		}
		delete(v.passed, name)
	}
}

func (v *view) mention(by *node, m mention, wholly bool) {
	n := by
	if m.Package != by.path {
		n = by.below(m.Package)
	}
	switch {
	case n == nil: // what is mentioned is imported, so this is an ill package
		put(v.hash, "unknown", m.Package)
	case v.enter(n) != nil:
		v.reach(place{n: n, name: m.Name, wholly: wholly})
	}
}

// counts reports whether methods of the name count.
func (v *view) counts(method string) bool {
	if says := v.takes().says; says == nil || says[method] || v.asked[method] || analyzers.LooksFor(method) {
		return true
	}
	if v.below == nil {
		v.below = v.s.asksBelow(v.by)
	}
	return v.below.has(v.s.askNames.number(method))
}

// enter notes a package, the first time, and returns what it offers; nil where
// the view ends at it.
func (v *view) enter(n *node) *offer {
	o, known := v.entered[n]
	if known {
		return o
	}
	put(v.hash, "package", n.path)
	switch s := v.s; {
	case v.mode == ofSide && s.sameOnBothSides(n):
		put(v.hash, n.id)
	case !n.inTree && s.keepsPackages():
		put(v.hash, n.key)
	case n.standard() && v.mode == ofContent:
		put(v.hash, s.whole(n)) // it stays what it is: its declarations are not looked at one by one
	default:
		o = s.offer(n)
		put(v.hash, o.Package)
	}
	v.entered[n] = o
	return o
}

// whole is all that a node offers, with all that the packages offer that it
// mentions.
func (s *session) whole(n *node) string {
	n.wholeOnce.Do(func() {
		if s.following != nil {
			if kept := s.standing(n).kept; kept != nil && !n.inTree {
				n.run.whole = kept.whole
				return
			}
		}
		o := s.offer(n)
		h := sha256.New()
		put(h, o.Package, o.Interfaces)
		for _, name := range slices.Sorted(maps.Keys(o.Decls)) {
			d := o.Decls[name]
			put(h, name, d.Self.Hash)
			for _, method := range slices.Sorted(maps.Keys(d.Methods)) {
				put(h, method, d.Methods[method].Hash)
			}
		}
		mentioned := o.mentioned()
		delete(mentioned, n.path)
		for _, path := range slices.Sorted(maps.Keys(mentioned)) {
			if dep := n.below(path); dep != nil {
				put(h, path, s.whole(dep))
			}
		}
		n.run.whole = sum(h)
	})
	return n.run.whole
}

// offer is what a node offers: what is known of it, or else what comes of
// working on it. It waits for nobody who waits for it: imports have no cycle.
func (s *session) offer(n *node) *offer {
	if s.following != nil && n.inTree {
		if kept := s.standing(n).kept; kept != nil {
			return kept.offer
		}
	}
	s.run(n)
	return s.offerOf(n)
}

// below returns the node of an import path among those that this one imports,
// or they; nil: there is none.
func (n *node) below(path string) *node {
	n.belowMu.Lock()
	defer n.belowMu.Unlock()
	if dep, ok := n.belowKnown[path]; ok {
		return dep
	}
	var find func(n *node, seen map[*node]bool) *node
	find = func(n *node, seen map[*node]bool) *node {
		for _, dep := range n.imports {
			if dep.path == path {
				return dep
			}
		}
		for _, dep := range n.imports {
			if !seen[dep] {
				seen[dep] = true
				if found := find(dep, seen); found != nil {
					return found
				}
			}
		}
		return nil
	}
	if n.belowKnown == nil {
		n.belowKnown = map[string]*node{}
	}
	n.belowKnown[path] = find(n, map[*node]bool{})
	return n.belowKnown[path]
}

// ahead makes the offers of a node's imports, side by side.
func (s *session) ahead(n *node) {
	var wg sync.WaitGroup
	for _, dep := range n.imports {
		if dep.inTree {
			wg.Go(func() { s.offer(dep) })
		}
	}
	wg.Wait()
}
