package engine

import (
	"bytes"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/barraiser/barraiser/internal/analyzers"
	"github.com/barraiser/barraiser/internal/debt"
)

// growth adds a measure for each exported symbol that is on one side only and
// that no other package of the repository names there. What is on both sides
// is not asked for, so the rule is about the change; but the base has measures
// too, so that a symbol which was renamed or moved is matched, and one that is
// gone or is named now is repaid.
//
// Names are looked for in the syntax of all files of the tree, tests and files
// of other platforms too: a package that does not type-check here may still be
// the one that uses the symbol.
func (s *session) growth(res *Result) {
	if _, on := s.job.Settings.Rule("exported-growth"); !on || s.job.Base == "" {
		return
	}
	dirs := map[string]bool{}
	for _, t := range []*tree{s.base, s.head} {
		for _, rel := range s.wantedFiles(t) {
			if ofPackage(rel) {
				dirs[path.Dir(rel)] = true
			}
		}
	}
	for dir := range dirs {
		base, okBase := s.exports(s.base, dir)
		head, okHead := s.exports(s.head, dir)
		if !okBase || !okHead {
			continue // it does not parse on one side: not known
		}
		res.Base.Measures = append(res.Base.Measures, s.unshared(s.base, dir, base, head)...)
		res.Head.Measures = append(res.Head.Measures, s.unshared(s.head, dir, head, base)...)
	}
}

// exports are the exported declarations of the package in a folder, whatever
// builds its files; none where it is not one that nobody outside of the
// repository can use. ok is false where a file does not parse.
func (s *session) exports(t *tree, dir string) (out []analyzers.FileExports, ok bool) {
	module, inModule := t.moduleOf(dir)
	if !inModule || !t.has(module) {
		return nil, true
	}
	for _, rel := range t.files {
		if path.Dir(rel) != dir || !ofPackage(rel) {
			continue
		}
		src, err := t.read(rel)
		if err != nil || s.generated(t, rel, src) {
			continue
		}
		f, err := analyzers.ReadExports(rel, withoutLineDirectives(src))
		if err != nil {
			return nil, false
		}
		if f.Name != "main" && public(s.packageOf(t, rel, f.Name)) {
			continue
		}
		out = append(out, f)
	}
	return out, true
}

func (s *session) unshared(t *tree, dir string, here, there []analyzers.FileExports) []debt.Measure {
	candidates := analyzers.Unshared(here, there, nil)
	if len(candidates) == 0 {
		return nil
	}
	pkg := s.packageOf(t, candidates[0].File, "")
	module, _ := t.moduleOf(dir)
	var out []debt.Measure
	for _, e := range analyzers.Unshared(here, there, s.namesOf(t, dir, pkg)) {
		m, ok := s.priced(analyzers.ProgramMeasure{
			Rule: "exported-growth", Module: t.module(module).Path, Package: pkg, Symbol: e.Name,
			File: e.File, Line: e.Line, Column: e.Column, EndLine: e.EndLine,
			Message: e.Name + " is exported and no other package names it", Value: 1,
		})
		if ok {
			out = append(out, m)
		}
	}
	return s.hide(t, out)
}

// namesOf is what other packages of the tree, and tests outside of the package,
// name of it.
func (s *session) namesOf(t *tree, dir, pkg string) map[string]bool {
	names := map[string]bool{}
	quoted := []byte(strconv.Quote(pkg))
	for _, rel := range t.files {
		if path.Dir(rel) == dir && !strings.HasSuffix(rel, "_test.go") || slices.Contains(strings.Split(rel, "/"), "vendor") {
			continue
		}
		if src, err := t.read(rel); err == nil && bytes.Contains(src, quoted) {
			for _, name := range analyzers.NamesOf(src, pkg) {
				names[name] = true
			}
		}
	}
	return names
}
