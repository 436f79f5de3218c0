package engine

import (
	"go/token"
)

// # A series of jobs
//
// A child may judge job after job. The packages outside of the repository,
// which are most of the work, stay what they are under one key: the session of
// the next job takes over those that the last one met and that are done. The repository's own packages
// are made anew, since another job may ask more of one.

// inherit takes over from the session of the job before; nil: there was none.
func (s *session) inherit(last *session) {
	s.followOn(last)
	if last == nil {
		return
	}
	s.number = last.number + 1
	for _, f := range last.ownFiles {
		last.fset.RemoveFile(f)
	}
	s.fset, s.askNames, s.portables = last.fset, last.askNames, last.portables
	for name, k := range last.known {
		if k.job == last.number {
			s.known[name] = k
		}
	}
	s.outlines.follow(&last.outlines)
	if last.job.ImpactOnly != s.job.ImpactOnly { // without facts, or without anybody who asks for them
		return
	}
	known := map[*node]bool{}
	for key, n := range last.byKey {
		if n.job != last.number || !allOutside(n, known) || !n.done.Load() || n.run.pkg == nil {
			continue
		}
		n.pair, n.same, n.twin, n.kin = nil, false, nil, nil // of the job before
		s.byKey[key] = n
		s.byName[n.kinName()] = n
		s.owners.Store(n.run.pkg, n)
	}
	if last.head.root == s.base.root {
		s.heads = last.listings
	}
}

// allOutside reports whether the node and all that it imports lie outside of the
// repository. A module that it requires may import it in turn.
func allOutside(n *node, known map[*node]bool) bool {
	if is, ok := known[n]; ok {
		return is
	}
	is := !n.inTree
	for _, dep := range n.imports {
		is = is && allOutside(dep, known)
	}
	known[n] = is
	return is
}

// ownFile notes a file of the repository, for the end of the session.
func (s *session) ownFile(f *token.File) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ownFiles = append(s.ownFiles, f)
}
