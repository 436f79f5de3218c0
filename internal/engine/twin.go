package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// # Twins
//
// A file for Windows is judged with all that its package imports as Windows
// builds it. Most of those packages have the same files there as here: they
// differ by what they import in turn, os at the latest. So their types have to be
// made for Windows. What the facts say of their functions is read from the same
// text, though, and is taken from here: the twin, which the run over the machine's
// own platform needs as well. A package that has a file of its own for Windows,
// and one of the repository, is analysed.
//
// That is less than the whole truth where the facts of a package rest on a function
// that another package has for Windows alone, and that never returns or prints as
// log does. It halves what a scan takes of a project like caddy: docs/engine.md.

// setTwin looks for the twin of a node from outside of the repository, and adds it
// to the node's key: what is kept of the node is made of both.
func (s *session) setTwin(n *node, l *listing) {
	if l.host == nil || n.inTree || l.host.pkgs[n.id] == nil {
		return
	}
	t := s.node(l.host, n.id)
	if t.dir != n.dir || !slices.Equal(t.files, n.files) || len(t.cgoFiles)+len(n.cgoFiles) > 0 {
		return
	}
	h := sha256.New()
	put(h, "with the facts of", n.key, t.key)
	n.twin, n.key = t, hex.EncodeToString(h.Sum(nil))
}

// lent returns the facts of the node's twin, once it is worked on; nil where there
// are none that can be relied on.
func (s *session) lent(n *node) *saved {
	t := n.twin
	if t == nil || s.job.ImpactOnly {
		return nil
	}
	<-s.cpu // who waits takes no place
	s.run(t)
	s.cpu <- struct{}{}
	if t.run.pkg == nil || t.run.lost || len(t.run.errs) > 0 {
		return nil
	}
	return t.factsToKeep()
}
