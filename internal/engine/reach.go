package engine

import (
	"go/ast"
	"strings"
	"sync"

	"github.com/barraiser/barraiser/internal/analyzers"
)

// reaches are what the tests of each side reach, made while go list runs: the
// syntax of both trees is gone when the types are made.
type reaches struct {
	done       sync.WaitGroup
	base, head analyzers.Reach // nil: not known
}

// startReach reads all files of both trees, those that are equal on both sides
// once.
func (s *session) startReach() {
	if _, on := s.job.Settings.Rule(analyzers.UntestedExport); !on || s.job.ImpactOnly {
		return
	}
	s.reach.done.Go(func() {
		files := map[string]*analyzers.ReachFile{}
		s.reach.head = s.readReach(s.head, files)
		if s.job.Base == "" {
			return
		}
		for _, f := range s.job.Files {
			delete(files, f.Old)
			delete(files, f.New)
		}
		s.reach.base = s.readReach(s.base, files)
	})
}

// readReach reads those files of a tree that are not there, and adds them; nil
// where one does not parse, since what that mentions is not known.
func (s *session) readReach(t *tree, files map[string]*analyzers.ReachFile) analyzers.Reach {
	var all []*analyzers.ReachFile
	for _, rel := range t.files {
		if s.ctx.Err() != nil {
			return nil
		}
		if !ofPackage(strings.TrimSuffix(rel, "_test.go") + ".go") {
			continue
		}
		if files[rel] == nil {
			out, err := s.outline(t, rel)
			if err != nil {
				return nil
			}
			files[rel] = out.Reach
		}
		all = append(all, files[rel])
	}
	return analyzers.NewReach(all)
}

// reachOf is what the tests of the node's tree reach. Where one side is not known,
// neither is: else findings would come or go with that.
func (s *session) reachOf(n *node) analyzers.Reach {
	s.reach.done.Wait()
	base, head := s.reach.base, s.reach.head
	switch {
	case head == nil || base == nil && s.job.Base != "":
		return nil
	case s.base.owns(n.dir):
		return base
	}
	return head
}

// untested adds what no test reaches of the unit.
func (m *measurer) untested() {
	reach := m.s.reachOf(m.u.node)
	if reach == nil {
		return
	}
	var production []*ast.File
	for _, src := range m.sources {
		if !src.test {
			production = append(production, src.syntax)
		}
	}
	check := analyzers.Check{Rule: analyzers.UntestedExport, Own: true}
	for _, r := range reach.Untested(m.u.pkg, m.u.info, production) {
		m.add(check, r)
	}
}
