package engine

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// pair is one package variant at the base and at the head. Where both are
// equal there is no pair.
type pair struct {
	base, head *node // one may be nil
	// elsewhere says that the package is of a module that another listing lists:
	// one that this one takes by a replacement. It counts there.
	elsewhere bool
	// substituted: one side is the package without tests, since it has none there.
	substituted bool
	// superseded: on one side, the findings are taken from the variant with tests,
	// and so they are on both. See pairUp.
	superseded bool

	affectedOnce sync.Once
	affectedV    bool
	why          string // it is affected
	offersOnce   sync.Once
	offersV      bool
}

// pairUp makes the pairs of two listings of one unit.
//
// Of a package that has tests of its own, the variant with them is judged, which
// holds the package's files as well. Where it has such tests on one side only,
// the variant is paired with the package itself: else the first test of a package
// would make all that is in it look new.
func (s *session) pairUp(base, head *listing) []*pair {
	var pairs []*pair
	ids := map[string]bool{}
	for id := range base.pkgs {
		ids[id] = true
	}
	for id := range head.pkgs {
		ids[id] = true
	}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		var p pair
		if _, ok := base.pkgs[id]; ok {
			p.base = s.node(base, id)
		}
		if _, ok := head.pkgs[id]; ok {
			p.head = s.node(head, id)
		}
		if p.base == p.head {
			p.base.same = true
			continue
		}
		if path, own := ownVariant(id); own && (p.base == nil || p.head == nil) {
			if _, ok := base.pkgs[path]; ok && p.base == nil {
				p.base, p.substituted = s.node(base, path), true
			}
			if _, ok := head.pkgs[path]; ok && p.head == nil {
				p.head, p.substituted = s.node(head, path), true
			}
		} else if p.base != nil && p.head != nil {
			p.superseded = base.counts(base.pkgs[id]) != head.counts(head.pkgs[id])
		}
		for _, n := range []*node{p.base, p.head} {
			if n != nil && (n.pair == nil || !p.substituted) {
				n.pair = &p
			}
		}
		p.elsewhere = !(p.base != nil && base.counted(p.base)) && !(p.head != nil && head.counted(p.head))
		pairs = append(pairs, &p)
	}
	return pairs
}

// ownVariant reports whether an id is that of a package with tests of its own,
// "p [p.test]", and returns the package's path.
func ownVariant(id string) (path string, ok bool) {
	path, _, _ = strings.Cut(id, " ")
	return path, id == path+" ["+path+".test]"
}

// affected reports whether the findings of the pair can differ between the two
// sides.
//
// It cannot wait for itself: it waits for other pairs only where both sides
// have the same imports, and since neither side alone has an import cycle, a
// cycle over both sides must pass through a pair whose imports differ, which
// waits for nothing.
func (s *session) affected(p *pair) bool {
	p.affectedOnce.Do(func() {
		b, h := p.base, p.head
		if why := p.differs(); why != "" {
			p.affectedV, p.why = true, why
			return
		}
		for _, src := range slices.Sorted(maps.Keys(h.imports)) {
			other, dep := b.imports[src], h.imports[src]
			if other != dep && s.sees(b, src) != s.sees(h, src) {
				p.affectedV, p.why = true, "what it names of "+src+", or what is known of that, changed"
				return
			}
		}
	})
	return p.affectedV
}

// sees is what a node sees of an import, as far as base and head differ in it.
func (s *session) sees(n *node, src string) string {
	v := s.newView(ofSide, n)
	v.take(src)
	return sum(v.hash)
}

// sameOnBothSides reports whether those who import the node see the same at the
// base and at the head, whatever they look at.
func (s *session) sameOnBothSides(n *node) bool {
	p := n.pair
	return n.same || p != nil && p.base != nil && p.head != nil && (!s.affected(p) || s.offersSame(p))
}

// offersSame reports whether the pair offers the same on both sides, made of
// packages that do. It saves a look through the eyes of each importer. It goes
// only where both sides import, and so in no circle.
func (s *session) offersSame(p *pair) bool {
	p.offersOnce.Do(func() {
		base, head := s.offer(p.base), s.offer(p.head)
		if !reflect.DeepEqual(base, head) {
			return
		}
		for path := range base.mentioned() {
			if path == p.base.path {
				continue
			}
			b, h := p.base.below(path), p.head.below(path)
			if b == nil || h == nil || b != h && (b.pair == nil || b.pair != h.pair || !s.sameOnBothSides(b)) {
				return
			}
		}
		p.offersV = true
	})
	return p.offersV
}

// moved reports whether the pair is a package from outside of the repository
// that is another at the head, and not one that imports the repository in turn.
func (p *pair) moved() bool {
	return p.base != nil && p.head != nil && !(p.base.inTree && p.head.inTree) && p.base.own != p.head.own
}

// differs says in which way a pair differs by itself; "" where it does not.
func (p *pair) differs() string {
	switch {
	case p.base == nil:
		return "it is new"
	case p.head == nil:
		return "it was removed"
	case p.base.own != p.head.own:
		return "its files, imports or module changed"
	}
	return ""
}
