package engine

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/barraiser/barraiser/internal/analyzers"
	"github.com/barraiser/barraiser/internal/debt"
)

// compareAPI adds a measure for each incompatible change of a public API to
// the head's. Its value is the number of packages of the repository that
// use what changed.
func (s *session) compareAPI(p *pair, pairs []*pair, head *debt.Side) {
	n := p.base
	if n == nil || n.forTest != "" || n.name == "main" || !n.inTree || n.platform.os != "" ||
		exclusionByPath(n.rel+"/") != "" || !public(n.path) || !s.stable(n) {
		return
	}
	if p.head == nil {
		// The package is gone: all that it offered is broken at once.
		head.Measures = append(head.Measures, s.apiMeasure(n, nil, analyzers.Break{Message: "package " + n.path + " was removed"}, dependants(n, "", pairs)))
		return
	}
	if !s.affected(p) {
		return
	}
	s.runBoth(p)
	if len(p.base.run.errs) > 0 || len(p.head.run.errs) > 0 {
		return // listed as broken
	}
	breaks, err := analyzers.APIBreak(p.base.run.pkg, p.head.run.pkg)
	if err != nil {
		s.lost = append(s.lost, debt.Lost{Package: n.path, Side: "head", Analyzer: "api-break", Error: err.Error()})
		return
	}
	for _, b := range breaks {
		head.Measures = append(head.Measures, s.apiMeasure(n, p.head, b, dependants(n, b.Symbol, pairs)))
	}
}

// apiMeasure places a break: where the declaration stands in the head, else at
// the first file that the package still has.
func (s *session) apiMeasure(base, head *node, b analyzers.Break, dependants int) debt.Measure {
	m := debt.Measure{
		Rule: "api-break", Package: base.path, Module: base.module.Path, Symbol: b.Symbol,
		Message: b.Message, Node: shortHash(b.Message), Value: float64(dependants),
		File: base.rel, Line: 1, EndLine: 1, Column: 1,
	}
	at := base
	if head != nil {
		at = head
	}
	if len(at.files) > 0 {
		m.File = at.fileRel(at.files[0])
	}
	pos := b.HeadPos
	if !pos.IsValid() {
		pos, at = b.BasePos, base
	}
	if f := s.fset.File(pos); f != nil {
		p := f.PositionFor(pos, false)
		m.File, m.Line, m.Column, m.EndLine = at.fileRel(p.Filename), p.Line, p.Column, p.Line
	}
	return m
}

// public reports whether packages outside of the module may import the path.
func public(importPath string) bool {
	return !slices.Contains(strings.Split(importPath, "/"), "internal")
}

var (
	majorSuffix = regexp.MustCompile(`[/.]v[1-9][0-9]*$`)
	stableTag   = regexp.MustCompile(`^v[1-9][0-9]*\.[0-9]+\.[0-9]+`)
)

// stable reports whether the node's module has promised its API: by a major
// version in its path, or by a version tag v1 or above.
func (s *session) stable(n *node) bool {
	if n.module == nil {
		return false
	}
	if majorSuffix.MatchString(n.module.Path) {
		return true
	}
	rel, ok := s.base.rel(n.module.Dir)
	if !ok {
		return false
	}
	for _, tag := range s.job.Tags {
		dir, version := path.Split(tag)
		if path.Clean("./"+dir) == rel && stableTag.MatchString(version) {
			return true
		}
	}
	return false
}

// dependants counts the packages of the repository that import the base node
// and name the symbol. A package that was not analysed, because for it nothing
// changed, does not name it.
func dependants(n *node, symbol string, pairs []*pair) int {
	paths := map[string]bool{}
	for _, p := range pairs {
		if p.base == nil || !p.base.inTree || p.base.path == n.path || p.base.imports[n.path] != n {
			continue
		}
		if f := p.base.run.found; symbol == "" || f != nil && f.uses[n.path+"."+symbol] {
			paths[strings.TrimSuffix(p.base.path, "_test")] = true
		}
	}
	return len(paths)
}

// packageOf returns the import path of a file's package, by its module.
func (s *session) packageOf(t *tree, rel, name string) string {
	dir, ok := t.moduleOf(path.Dir(rel))
	if !ok {
		return path.Dir(rel)
	}
	module := t.modulePath(dir)
	sub := strings.TrimPrefix(strings.TrimPrefix(path.Dir(rel), dir), "/")
	if dir == "." {
		sub = path.Dir(rel)
	}
	p := path.Join(module, sub)
	if strings.HasSuffix(rel, "_test.go") && strings.HasSuffix(name, "_test") {
		p += "_test"
	}
	return p
}

func (t *tree) modulePath(dir string) string {
	data, err := t.read(path.Join(dir, "go.mod"))
	if err != nil {
		return dir
	}
	return modfile.ModulePath(data)
}
