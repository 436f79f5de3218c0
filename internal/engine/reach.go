package engine

import (
	"go/ast"
	"go/parser"
	"go/token"
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
		touched := map[string]bool{}
		for _, f := range s.job.Files {
			touched[f.Old], touched[f.New] = true, true
		}
		known := map[string]*analyzers.SourceFile{}
		s.reach.head = s.readReach(s.head, func(rel string, f *analyzers.SourceFile) { known[rel] = f }, nil)
		if s.job.Base != "" {
			s.reach.base = s.readReach(s.base, nil, func(rel string) *analyzers.SourceFile {
				if touched[rel] {
					return nil
				}
				return known[rel]
			})
		}
	})
}

// readReach reads one tree; nil where a file of it does not parse, since what
// that mentions is not known.
func (s *session) readReach(t *tree, keep func(string, *analyzers.SourceFile), known func(string) *analyzers.SourceFile) analyzers.Reach {
	fset := token.NewFileSet()
	var files []analyzers.SourceFile
	for _, rel := range t.files {
		if s.ctx.Err() != nil {
			return nil
		}
		if !ofPackage(strings.TrimSuffix(rel, "_test.go") + ".go") {
			continue
		}
		if known != nil {
			if f := known(rel); f != nil {
				files = append(files, *f)
				continue
			}
		}
		src, err := t.read(rel)
		if err != nil {
			return nil
		}
		syntax, err := parser.ParseFile(fset, rel, withoutLineDirectives(src), parser.SkipObjectResolution)
		if err != nil {
			return nil
		}
		f := analyzers.SourceFile{Package: s.packageOf(t, rel, syntax.Name.Name), Test: strings.HasSuffix(rel, "_test.go"), Syntax: syntax}
		files = append(files, f)
		if keep != nil {
			keep(rel, &f)
		}
	}
	return analyzers.NewReach(files)
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
