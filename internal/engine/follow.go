package engine

import (
	"encoding/hex"
	"maps"
	"slices"
	"sync"

	"golang.org/x/tools/go/types/objectpath"

	"github.com/barraiser/barraiser/internal/analyzers"
	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
)

// # A series of scans
//
// A trend scans one state of a repository after the other, and most packages are
// the same in both. A scan that asks to be followed leaves its findings to the
// next one, by what they are a function of:
//
//	identity = hash(own content, what it sees of its imports)
//
// as of view.go: the same cut as in affected, but by content and not by pairs,
// so that it does not matter which state of the package it was, or which
// platform built it. A package whose identity is known
// is not analysed. If a package that imports it is, only its types are made,
// without bodies, and its facts are put back.
//
// One check sees more than its package: what no test reaches depends on the
// tests of the whole tree. So a finding is kept only as long as the reach
// answers the same to all that the check may ask of it.
//
// What does not type-check, what an analyzer failed on and what imports "C" is
// never kept, and what looks at the whole tree (program.go) is always made anew.
// So a scan in a series says what it says alone; TestFollow holds that.

// Since is an earlier state of the tree, written out, and the Go files that
// differ.
type Since struct {
	Dir   string
	Files []debt.FileChange
}

// keptPackage is what a scan leaves of one package.
type keptPackage struct {
	offer   *offer // of a package of the repository
	whole   string // see session.whole, of one from outside
	facts   *saved
	found   *found   // nil where nobody asked for the findings
	names   []string // what the reach was asked about
	answers string

	// Of a stored one only.
	findings *packageFindings // not yet compared with the reach
	uses     map[string]bool  // as in outcome
	marks    []impact.Mark
}

// following is the part of a session that is about the scan before and the one
// to come.
type following struct {
	stored bool                    // what is kept lies in a folder: see packages.go
	before map[string]*keptPackage // by identity; never written
	nodes  sync.Map                // *node → *standing
}

// standing is what is known of a node before it is worked on.
type standing struct {
	once     sync.Once
	identity string
	kept     *keptPackage // nil: nothing
	believe  sync.Once    // of what a stored one says was found
}

// followOn takes over from the scan before; nil: there was none.
func (s *session) followOn(last *session) {
	if s.job.Packages != "" && !s.job.ImpactOnly {
		s.following = &following{stored: true}
		return
	}
	if !s.job.Follow || s.job.Base != "" || s.job.ImpactOnly {
		return
	}
	s.following = &following{}
	if last != nil && last.following != nil && sameSettings(last.job.Settings, s.job.Settings) {
		s.following.before = last.legacy()
	}
}

func sameSettings(a, b debt.Settings) bool { return string(mustJSON(a)) == string(mustJSON(b)) }

func (s *session) standing(n *node) *standing {
	v, _ := s.following.nodes.LoadOrStore(n, &standing{})
	st := v.(*standing)
	st.once.Do(func() {
		st.identity = s.identity(n)
		if s.following.stored {
			if st.kept = s.recallPackage(n, st.identity); st.kept != nil {
				n.offering.is(st.kept.offer)
			}
			return
		}
		kept := s.following.before[st.identity]
		if kept == nil || kept.answers != s.answers(n.path, kept.names) {
			return
		}
		st.kept = kept
		if kept.offer != nil {
			n.offering.is(kept.offer)
		}
	})
	return st
}

// identity names all that the findings, the facts and the interface of a node
// are made of. What lies outside of the repository goes by its key.
func (s *session) identity(n *node) string {
	if !n.inTree {
		return n.key
	}
	s.ahead(n)
	v := s.newView(ofContent, n)
	put(v.hash, n.own)
	if n.twin != nil { // its facts come from there
		put(v.hash, s.standing(n.twin).identity)
	}
	for _, src := range slices.Sorted(maps.Keys(n.imports)) {
		v.take(src)
	}
	return hex.EncodeToString(v.hash.Sum(nil))
}

// answers is what the reach of this tree says about a package.
func (s *session) answers(path string, names []string) string {
	s.reach.done.Wait()
	if s.reach.head == nil {
		return "not known"
	}
	return s.reach.head.Answers(path, names)
}

// keeps reports whether the findings in a node are those of the scan before.
func (s *session) keeps(n *node) bool {
	if s.following == nil || !n.inTree {
		return false
	}
	st := s.standing(n)
	if st.kept != nil && st.kept.findings != nil {
		st.believe.Do(func() { s.believeFindings(n, st.kept) })
	}
	return st.kept != nil && st.kept.found != nil
}

// runUnkept works on a package where its findings are not there already.
func (s *session) runUnkept(n *node) {
	if !s.keeps(n) {
		s.run(n)
	}
}

// takeKept gives the nodes the findings of a job before.
func (s *session) takeKept(nodes []*node, res *Result, g *group) {
	for _, n := range nodes {
		if !s.keeps(n) {
			continue
		}
		kept := s.standing(n).kept
		n.mode, n.run.errs, n.run.found = full, nil, kept.found
		if s.following.stored {
			n.run.uses, n.run.marks = kept.uses, kept.marks
			s.addRaw(n, kept.found.raw)
		}
		if g == nil {
			res.Kept++
			s.stats.count(keptFindings)
		}
	}
}

// keptFacts returns the facts of a package that only serves its importers.
func (s *session) keptFacts(n *node) (*saved, bool) {
	if s.following == nil || !n.inTree || n.mode == full && !s.keeps(n) {
		return nil, false
	}
	kept := s.standing(n).kept
	if kept == nil {
		return nil, false
	}
	return kept.facts, true
}

// legacy is what a finished scan leaves to the next one. What it took over
// itself and did not meet is dropped: a series goes forward.
func (s *session) legacy() map[string]*keptPackage {
	out := map[string]*keptPackage{}
	s.following.nodes.Range(func(key, value any) bool {
		n, st := key.(*node), value.(*standing)
		kept := st.kept
		if kept == nil {
			kept = s.toKeep(n)
		}
		if kept == nil {
			return true
		}
		if known := out[st.identity]; known == nil || known.found == nil {
			out[st.identity] = kept
		}
		return true
	})
	return out
}

// toKeep is what may be kept of a node that was worked on; nil: nothing.
func (s *session) toKeep(n *node) *keptPackage {
	if !n.inTree && !n.standard() { // its node goes on to the next session
		return nil
	}
	if !n.done.Load() || n.run.pkg == nil || len(n.run.errs)+len(n.cgoFiles) > 0 {
		return nil
	}
	if n.run.found != nil && len(n.run.found.lost) > 0 {
		return nil
	}
	kept := &keptPackage{answers: s.answers(n.path, nil)}
	if !n.inTree {
		kept.whole = s.whole(n)
	} else {
		kept.offer = s.offerOf(n)
		kept.facts, kept.found = n.factsToKeep(), n.run.found
		kept.names = analyzers.ReachNames(n.run.pkg)
		kept.answers = s.answers(n.path, kept.names)
	}
	return kept
}

// factsToKeep are the node's facts about what importers can name.
func (n *node) factsToKeep() *saved {
	var enc objectpath.Encoder
	var out saved
	for k, fact := range n.run.objFacts {
		if path, err := enc.For(k.obj); err == nil {
			out.Objects = append(out.Objects, savedFact{path, fact})
		}
	}
	for _, fact := range n.run.pkgFacts {
		out.Package = append(out.Package, fact)
	}
	return &out
}

// since lists the declarations of the files that differ from an earlier state,
// as they are there and here, for the matching of findings.
func (s *session) since(res *Result) {
	if s.job.Since.Dir == "" {
		return
	}
	before := openTree("base", s.job.Since.Dir, nil)
	for _, f := range s.job.Since.Files {
		if f.Old != "" {
			res.Base.Symbols = append(res.Base.Symbols, s.declared(before, f.Old)...)
		}
		if f.New != "" {
			res.Head.Symbols = append(res.Head.Symbols, s.declared(s.head, f.New)...)
		}
	}
}
