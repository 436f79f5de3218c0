package engine

import (
	"bytes"
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/barraiser/barraiser/internal/analyzers"
	"github.com/barraiser/barraiser/internal/debt"
)

// Program checks look at a whole tree, and they look at its syntax alone: at
// all modules, also those that the change does not touch, and at the files of
// all platforms. So their findings are a function of the tree, and do not
// depend on what go list or the type checker make of it, here or at all.
//
// What is not known is left out on both sides: a file that does not parse, and
// a package that the judge calls broken, for whose findings internal/debt does
// the same. So no finding appears or vanishes with it.

// program is the production code of both sides, read.
type program struct {
	base, head map[string]*analyzers.ProgramFile // by path; without those that do not parse
	unread     map[string]map[string]bool        // side → files that do not parse
}

// readProgram reads all production files, those that are equal on both sides
// once. The two results share them.
func (s *session) readProgram() *program {
	p := &program{
		base: map[string]*analyzers.ProgramFile{}, head: map[string]*analyzers.ProgramFile{},
		unread: map[string]map[string]bool{s.base.side: {}, s.head.side: {}},
	}
	inBase, touched := map[string]bool{}, map[string]bool{}
	for _, rel := range s.base.files {
		inBase[rel] = true
	}
	for _, f := range s.job.Files {
		touched[f.Old], touched[f.New] = true, true
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	read := func(t *tree, rel string, into ...map[string]*analyzers.ProgramFile) {
		wg.Go(func() {
			s.cpu <- struct{}{}
			defer func() { <-s.cpu }()
			f, err := s.readProgramFile(t, rel)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				p.unread[t.side][rel] = true
			} else if f != nil {
				for _, m := range into {
					m[rel] = f
				}
			}
		})
	}
	for _, rel := range s.head.files {
		if inBase[rel] && !touched[rel] {
			read(s.head, rel, p.base, p.head)
			delete(inBase, rel)
		} else {
			read(s.head, rel, p.head)
		}
	}
	for rel := range inBase {
		read(s.base, rel, p.base)
	}
	wg.Wait()
	return p
}

// readProgramFile reads one file; nil where it is no production code of a
// package.
func (s *session) readProgramFile(t *tree, rel string) (*analyzers.ProgramFile, error) {
	if s.ctx.Err() != nil || !s.ofProgram(t, rel) {
		return nil, nil
	}
	out, err := s.outline(t, rel)
	if err != nil {
		return nil, err
	}
	f := *out.Program
	fixedOS, fixedArch := nameConstraint(path.Base(rel))
	f.Platform = fixedOS != "" || fixedArch != ""
	if src, err := t.read(rel); err == nil && bytes.Contains(src, []byte("//go:build")) {
		expr, _ := header(withoutLineDirectives(src))
		f.Platform = f.Platform || expr != nil
	}
	return &f, nil
}

// ofProgram reports whether the checks of the repository as a whole look at a
// file: production code of a package that somebody wrote.
func (s *session) ofProgram(t *tree, rel string) bool {
	if !ofPackage(rel) {
		return false
	}
	if dir, ok := t.moduleOf(path.Dir(rel)); !ok || !t.has(dir) {
		return false
	}
	src, err := t.read(rel)
	if err != nil || s.generated(t, rel, src) {
		return false // not written out: named in the coverage
	}
	if bytes.Contains(src, []byte("//go:build")) {
		// By convention a program of its own beside a package.
		p, _ := satisfy(rel, withoutLineDirectives(src))
		return !slices.Contains(p.tags, "ignore")
	}
	return true
}

// ofPackage reports whether the go command takes the file for production code
// of a package, by its path.
func ofPackage(rel string) bool {
	if strings.HasSuffix(rel, "_test.go") || exclusionByPath(rel) != "" {
		return false
	}
	for part := range strings.SplitSeq(rel, "/") {
		if strings.HasPrefix(part, "_") || strings.HasPrefix(part, ".") {
			return false
		}
	}
	return true
}

// judgeProgram adds what program checks find on both sides. It comes after all
// packages were judged, so that it is known which of them are broken.
func (s *session) judgeProgram(p *program, res *Result) {
	s.leaveOut(p, slices.Concat(res.Base.Broken, res.Head.Broken))
	base, head := s.programTree(s.base, p.base), s.programTree(s.head, p.head)
	base.Modules, head.Modules = s.modules()
	found := map[*analyzers.Tree][]debt.Measure{}
	cloned := map[*analyzers.Tree][]analyzers.Span{}
	lost := map[string]bool{} // rules
	for _, c := range s.checks {
		if c.Program == nil {
			continue
		}
		for _, side := range []struct {
			t    *tree
			tree *analyzers.Tree
		}{{s.base, base}, {s.head, head}} {
			measures, places, err := s.applyProgram(c, side.tree)
			if err != nil {
				s.lost = append(s.lost, debt.Lost{Package: "the repository", Side: side.t.side, Analyzer: c.Rule, Error: err.Error()})
				lost[c.Rule] = true
			}
			found[side.tree] = append(found[side.tree], measures...)
			cloned[side.tree] = append(cloned[side.tree], places...)
		}
	}
	res.Base.Measures = withoutCloned(res.Base.Measures, cloned[base])
	res.Head.Measures = withoutCloned(res.Head.Measures, cloned[head])
	bases, heads := s.differing(found[base], found[head], lost)
	res.Base.Measures = append(res.Base.Measures, s.hide(s.base, bases)...)
	res.Head.Measures = append(res.Head.Measures, s.hide(s.head, heads)...)
}

// leaveOut takes the files out that are known on one side only, with what they
// are on the other.
func (s *session) leaveOut(p *program, broken []string) {
	unknown := func(t *tree, files map[string]*analyzers.ProgramFile) map[string]bool {
		out := maps.Clone(p.unread[t.side])
		for rel, f := range files {
			if slices.Contains(broken, s.packageOf(t, rel, f.Name)) {
				out[rel] = true
			}
		}
		return out
	}
	inBase, inHead := unknown(s.base, p.base), unknown(s.head, p.head)
	newPath := map[string]string{}
	for head, base := range s.oldPath {
		newPath[base] = head
	}
	for rel := range inBase {
		delete(p.base, rel)
		if to, ok := newPath[rel]; ok {
			rel = to
		}
		delete(p.head, rel)
	}
	for rel := range inHead {
		delete(p.head, rel)
		if from, ok := s.oldPath[rel]; ok {
			rel = from
		}
		delete(p.base, rel)
	}
}

// programTree makes the packages of a tree of its files.
func (s *session) programTree(t *tree, files map[string]*analyzers.ProgramFile) *analyzers.Tree {
	byDir := map[string]*analyzers.ProgramPackage{}
	for _, rel := range slices.Sorted(maps.Keys(files)) {
		f, dir := files[rel], path.Dir(rel)
		if byDir[dir] == nil {
			module, _ := t.moduleOf(dir)
			byDir[dir] = &analyzers.ProgramPackage{Path: s.packageOf(t, rel, f.Name), Dir: dir, Module: t.module(module).Path}
		}
		byDir[dir].Files = append(byDir[dir].Files, f)
	}
	var packages []analyzers.ProgramPackage
	for _, p := range byDir {
		packages = append(packages, *p)
	}
	out := analyzers.NewTree(packages, nil)
	out.Stated, out.Toolchain = s.job.Stated, s.job.Toolchain
	if s.job.Base != "" {
		out.Changed = map[string]bool{}
		for _, rel := range s.wantedFiles(t) {
			out.Changed[rel] = true
		}
	}
	return out
}

// applyProgram runs one check over one side, and returns the places of clones
// beside what it found. A panic costs that check, nothing else.
func (s *session) applyProgram(c analyzers.Check, tree *analyzers.Tree) (out []debt.Measure, cloned []analyzers.Span, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, cloned, err = nil, nil, fmt.Errorf("panicked: %v", p)
		}
	}()
	for _, m := range c.Program(tree) {
		if placed, ok := s.priced(m); ok {
			out = append(out, placed)
			cloned = append(cloned, m.Places...)
		}
	}
	return out, cloned, nil
}

// withoutCloned drops the functions that stand in a package twice and are long
// enough to be a clone as well: that is one thing to mend, and the clone, which
// knows of all copies, is the dearer one. Where a policy switches clones off
// there are none, and the functions stay.
func withoutCloned(measures []debt.Measure, cloned []analyzers.Span) []debt.Measure {
	return slices.DeleteFunc(measures, func(m debt.Measure) bool {
		return m.Rule == "identical-functions" && slices.ContainsFunc(cloned, func(c analyzers.Span) bool {
			return c.File == m.File && m.Line <= c.Line && c.EndLine <= m.EndLine
		})
	})
}

// priced is a program measure as debt has it, where it is a finding.
func (s *session) priced(m analyzers.ProgramMeasure) (out debt.Measure, ok bool) {
	rule, on := s.job.Settings.Rule(m.Rule)
	if !on {
		return out, false
	}
	if _, finding := rule.Price(m.Value); !finding {
		return out, false
	}
	return debt.Measure{
		Rule: m.Rule, Module: m.Module, Package: m.Package, Symbol: m.Symbol,
		File: m.File, Line: m.Line, Column: m.Column, EndLine: max(m.Line, m.EndLine),
		Message: m.Message, Node: m.Node, Value: m.Value,
	}, true
}

// hide says of each measure which suppression in its file silences it.
func (s *session) hide(t *tree, measures []debt.Measure) []debt.Measure {
	type parsed struct {
		fset *token.FileSet
		list []analyzers.Suppression
	}
	files := map[string]parsed{}
	for i, m := range measures {
		p, ok := files[m.File]
		if !ok && strings.HasSuffix(m.File, ".go") {
			p.fset = token.NewFileSet()
			if src, err := t.read(m.File); err == nil {
				syntax, err := parser.ParseFile(p.fset, "", withoutLineDirectives(src), parser.ParseComments|parser.SkipObjectResolution)
				if err == nil { // else it was left out
					p.list = analyzers.Suppressions(p.fset, syntax)
				}
			}
			files[m.File] = p
		}
		for _, sup := range p.list {
			if sup.Covers(m.Rule, m.Line) {
				measures[i].HiddenBy = fmt.Sprintf("%s:%d", m.File, p.fset.PositionFor(sup.Pos, false).Line)
				break
			}
		}
	}
	return measures
}

// differing drops the measures that are equal on both sides, in files that the
// change does not touch: as of packages that are out of its reach, nothing is
// said of them. And it drops the rules of which one side is not known.
func (s *session) differing(base, head []debt.Measure, lost map[string]bool) (b, h []debt.Measure) {
	touched, in := map[string]bool{}, map[debt.Measure]int{}
	for _, f := range s.job.Files {
		touched[f.Old], touched[f.New] = true, true
	}
	for _, m := range base {
		in[m] |= 1
	}
	for _, m := range head {
		in[m] |= 2
	}
	drop := func(m debt.Measure) bool {
		return lost[m.Rule] || s.job.Base != "" && in[m] == 3 && !touched[m.File]
	}
	return slices.DeleteFunc(base, drop), slices.DeleteFunc(head, drop)
}
