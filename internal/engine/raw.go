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

// addRaw notes what the analyzers said of a unit.
func (s *session) addRaw(u *unit, diagnostics []diagnostic) {
	side := s.head.side
	if !s.head.owns(u.node.dir) {
		side = s.base.side
	}
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
	s.mu.Lock()
	defer s.mu.Unlock()
	s.raw = append(s.raw, all...)
}

func (s *session) rawOf(u *unit, side string, a *analysis.Analyzer, m analyzers.Measure) Raw {
	p := s.fset.PositionFor(m.Pos, false)
	r := Raw{Side: side, Package: u.node.path, Analyzer: a.Name, Line: p.Line, Column: p.Column, Message: s.relative(u.node, m.Message)}
	if m.Pos.IsValid() {
		r.File = u.node.fileRel(p.Filename)
	}
	return r
}
