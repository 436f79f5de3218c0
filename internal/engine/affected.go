package engine

import (
	"maps"
	"slices"
	"sync"
)

// pair is one package variant at the base and at the head. Where both are
// equal there is no pair.
type pair struct {
	base, head *node // one may be nil

	affectedOnce sync.Once
	affectedV    bool
	why          string // it is affected
	equalOnce    sync.Once
	equalV       bool
}

// pairUp makes the pairs of two listings of one unit.
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
		for _, n := range []*node{p.base, p.head} {
			if n != nil {
				n.pair = &p
			}
		}
		pairs = append(pairs, &p)
	}
	return pairs
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
		for src, dep := range h.imports {
			if other := b.imports[src]; other != dep && !s.sameInterface(dep.pair, other, dep) {
				p.affectedV, p.why = true, "the API of "+src+" or what is known of it changed"
				return
			}
		}
	})
	return p.affectedV
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

// sameInterface reports whether those who import a package see the same at the
// base and at the head.
func (s *session) sameInterface(p *pair, base, head *node) bool {
	if p == nil || p.base != base || p.head != head {
		return false
	}
	p.equalOnce.Do(func() {
		if !s.affected(p) {
			p.equalV = true
			return
		}
		s.run(p.base)
		s.run(p.head)
		p.equalV = s.interfaceOf(p.base) == s.interfaceOf(p.head)
	})
	return p.equalV
}
