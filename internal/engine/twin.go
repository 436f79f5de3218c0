package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"go/types"
	"slices"
)

// # Twins
//
// A file for Windows is judged with all that its package imports as Windows
// builds it. Most of those packages have the same files there as here: they
// differ by what they import in turn, os at the latest. So their types have to be
// made for Windows. What the facts say of their functions is read from the same
// text, though, and is taken from here: the twin, which the run over the machine's
// own platform needs as well. Analysed are a package that has a file of its own for
// Windows, one whose findings are asked for, and one that imports a package of the
// repository of which the facts say something else there than here.
//
// Of packages from outside the latter is not looked at: that is less than the whole
// truth where a function of theirs never returns, or prints as log does, on Windows
// alone. Twins halve what a scan takes of a project like caddy: docs/engine.md.

// setTwin looks for the twin of a node that is only imported, and adds it to the
// node's key: what is kept of the node is made of both.
func (s *session) setTwin(n *node, l *listing) {
	if l.host == nil || n.wanted || l.host.pkgs[n.id] == nil {
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
	for src, dep := range n.imports {
		if dep.inTree && !dep.saysAs(t.imports[src]) {
			return nil
		}
	}
	return t.factsToKeep()
}

// saysAs reports whether the facts of the node are those of the same package on the
// machine's own platform, about all that both have.
func (n *node) saysAs(host *node) bool {
	n.saysOnce.Do(func() {
		n.says = host != nil && host.run.pkg != nil && n.run.pkg != nil && !n.run.lost && !host.run.lost &&
			len(n.run.errs)+len(host.run.errs) == 0 &&
			slices.Equal(n.packageFactLines(), host.packageFactLines()) &&
			n.factsHoldOf(host) && host.factsHoldOf(n)
	})
	return n.says
}

// factsHoldOf reports whether the other node has the same facts about what both
// offer to importers.
func (n *node) factsHoldOf(other *node) bool {
	for k, fact := range n.run.objFacts {
		if !k.obj.Exported() {
			continue
		}
		obj := counterpart(k.obj, other.run.pkg)
		if obj == nil {
			continue
		}
		theirs := other.run.objFacts[objFactKey{obj, k.typ}]
		if theirs == nil || factText(theirs) != factText(fact) {
			return false
		}
	}
	return true
}

// counterpart returns what has the object's name in another package: a declaration
// of the package, or a method of one of its types; nil: nothing has.
func counterpart(obj types.Object, in *types.Package) types.Object {
	recv := receiver(obj)
	if recv == nil {
		if obj.Parent() != obj.Pkg().Scope() {
			return nil
		}
		return in.Scope().Lookup(obj.Name())
	}
	tn, ok := in.Scope().Lookup(recv.Name()).(*types.TypeName)
	if !ok {
		return nil
	}
	found, _, _ := types.LookupFieldOrMethod(tn.Type(), true, in, obj.Name())
	return found
}
