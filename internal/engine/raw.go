package engine

import (
	"golang.org/x/tools/go/analysis"

	"github.com/barraiser/barraiser/internal/analyzers"
)

// Raw is what an analyzer said, as it said it: without settings, suppressions,
// generated files and prices. It is for comparing the engine with other drivers
// of the same analyzers.
type Raw struct {
	Side, Package string
	Analyzer      string
	File          string // relative to the tree
	Line, Column  int
	Message       string
}

// rawSaid lists what the analyzers said of a unit.
func (s *session) rawSaid(u *unit, diagnostics []diagnostic) []Raw {
	side := s.sideOf(u.node)
	var all []Raw
	for _, d := range diagnostics {
		all = append(all, s.rawOf(u, side, d.analyzer, analyzers.Measure{Pos: d.Pos, Message: d.Message}))
	}
	for a, result := range u.results {
		own, _ := result.([]analyzers.Measure)
		for _, m := range own {
			all = append(all, s.rawOf(u, side, a, m))
		}
	}
	return all
}

func (s *session) sideOf(n *node) string {
	if s.head.owns(n.dir) {
		return s.head.side
	}
	return s.base.side
}

// addRaw adds what was said of a node to that of all. What another platform builds
// other drivers do not look at.
func (s *session) addRaw(n *node, said []Raw) {
	if !n.platform.own() {
		return
	}
	side := s.sideOf(n)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range said {
		r.Side = side
		s.raw = append(s.raw, r)
	}
}

func (s *session) rawOf(u *unit, side string, a *analysis.Analyzer, m analyzers.Measure) Raw {
	p := s.fset.PositionFor(m.Pos, false)
	r := Raw{Side: side, Package: u.node.path, Analyzer: a.Name, Line: p.Line, Column: p.Column, Message: s.relative(u.node, m.Message)}
	if m.Pos.IsValid() {
		r.File = u.node.fileRel(p.Filename)
	}
	return r
}
