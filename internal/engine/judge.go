package engine

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"sync"

	"github.com/barraiser/barraiser/internal/analyzers"
	"github.com/barraiser/barraiser/internal/debt"
)

// judge does a whole job: the packages that the machine's own platform builds,
// then the changed files that only another platform, other tags or no package
// at all would build.
func (s *session) judge() (*Result, error) {
	if err := errors.Join(s.base.err, s.head.err); err != nil {
		return nil, fmt.Errorf("read the trees: %w", err)
	}
	res := &Result{}
	if s.job.Base == "" {
		res.Lines = map[string]int{}
	}
	units := s.touched()
	for _, u := range units {
		res.Modules += len(u.modules)
	}
	s.progress(Progress{Phase: "listing"})
	s.stats.begin()
	program := make(chan *program, 1)
	s.startReach()
	ofAll := slices.ContainsFunc(s.checks, func(c analyzers.Check) bool { return c.Program != nil })
	if ofAll {
		go func() { program <- s.readProgram() }() // while go list runs
	}
	all := s.listAll(units, platform{}, nil)
	for _, l := range all {
		res.Missing = append(res.Missing, append(l.base.missingModules(), l.head.missingModules()...)...)
	}
	s.stats.end("listing")
	s.judgeListings(all, res, nil)
	s.stats.end("packages")

	for round := 1; round <= 2; round++ {
		var last platform
		for _, group := range s.leftOver(round) {
			if s.ctx.Err() != nil {
				break
			}
			if group.platform.os != last.os || group.platform.arch != last.arch {
				s.letGoOfPlatforms()
				last = group.platform
			}
			s.judgeListings(s.listAll(s.unitsOf(group), group.platform, group), res, group)
		}
	}
	if err := s.ctx.Err(); err != nil {
		return nil, err
	}
	s.stats.end("files of other platforms")
	slices.Sort(res.Missing)
	res.Missing = slices.Compact(res.Missing)
	s.forgetHalves(res)
	if ofAll {
		s.judgeProgram(<-program, res)
	}
	if !s.job.ImpactOnly {
		s.keepOutlines()
		s.growth(res)
		res.Base.Symbols, res.Head.Symbols = s.symbols(s.base), s.symbols(s.head)
		s.since(res)
	}
	res.Coverage.Lost = append(res.Coverage.Lost, s.lost...)
	s.cover(res)
	s.stats.end("the repository as a whole")
	res.Stats, res.Raw = s.stats.result(), s.raw
	res.NoPackages = len(s.head.files) == 0 && len(s.base.files) == 0
	return res, nil
}

// judgeListings runs all that is affected in the listings and collects what
// was found: from all files, or from those of the group.
func (s *session) judgeListings(all []sides, res *Result, g *group) {
	var pairs []*pair
	var heads []*node // of a scan
	looked := map[string]bool{}
	for _, l := range all {
		if s.job.Base == "" {
			for _, id := range l.head.sortedIDs() {
				if n := s.node(l.head, id); l.head.counted(n) {
					heads = append(heads, n)
				}
			}
		} else {
			pairs = append(pairs, s.pairUp(l.base, l.head)...)
		}
		for _, side := range []*listing{l.base, l.head} {
			for _, n := range side.nodes {
				if side.counted(n) {
					looked[n.path] = true
				}
			}
		}
	}
	if slices.ContainsFunc(pairs, (*pair).moved) && s.keepsPackages() {
		s.following = nil
	}
	var wg sync.WaitGroup
	for _, n := range heads {
		wg.Go(func() { s.runUnkept(n) })
	}
	for _, p := range pairs {
		if p.wanted() {
			wg.Go(func() {
				if s.affected(p) {
					s.eachSide(p, s.runUnkept)
				}
			})
		}
	}
	wg.Wait()
	if s.ctx.Err() != nil {
		return
	}
	s.takeKept(heads, res, g)
	for _, p := range pairs {
		if p.wanted() && s.affected(p) {
			s.takeKept(p.sides(), res, g)
		}
	}
	done := map[string]bool{}
	for _, n := range heads {
		s.collect(s.head, n, &res.Head, &res.Coverage, g)
		done[n.path] = true
	}
	for _, p := range pairs {
		if !p.wanted() || !s.affected(p) {
			continue
		}
		if p.base != nil {
			s.collect(s.base, p.base, &res.Base, &res.Coverage, g)
			done[p.base.path] = true
		}
		if p.head != nil {
			s.collect(s.head, p.head, &res.Head, &res.Coverage, g)
			done[p.head.path] = true
		}
		s.forget(p, res)
		s.collectMarks(p, res, g)
		s.stats.because(p.path(), p.why)
	}
	if g == nil {
		s.lose(pairs, all, res)
		res.Packages = len(looked)
		res.Reused = len(looked) - len(done)
		s.stats.stats.Pruned = res.Reused
		res.Impact.addPackages(all)
		s.breaks(pairs, res)
		for _, n := range heads {
			if n.run.found != nil {
				maps.Copy(res.Lines, n.run.found.lines)
			}
		}
	}
}

func (p *pair) path() string {
	if p.head != nil {
		return p.head.path
	}
	return p.base.path
}

func (p *pair) wanted() bool {
	return !p.elsewhere && !p.superseded && (p.base != nil && p.base.wanted || p.head != nil && p.head.wanted)
}

// sides are the nodes of the pair: one or two.
func (p *pair) sides() []*node {
	return slices.DeleteFunc([]*node{p.base, p.head}, func(n *node) bool { return n == nil })
}

func (s *session) eachSide(p *pair, run func(*node)) {
	var wg sync.WaitGroup
	for _, n := range p.sides() {
		wg.Go(func() { run(n) })
	}
	wg.Wait()
}

// collect takes what was found in a node over to its side.
func (s *session) collect(t *tree, n *node, side *debt.Side, cov *debt.Coverage, g *group) {
	keep := g.keep(t)
	if n.mode != full {
		return
	}
	f := n.run.found
	if f == nil {
		why := "package does not type-check"
		if len(n.run.errs) > 0 {
			why = n.run.errs[0]
		}
		for _, file := range slices.Concat(n.files, n.cgoFiles) {
			if rel := n.fileRel(file); keep(rel) && !t.judged[rel] && t.broken[rel] == "" {
				t.broken[rel] = "its package does not type-check: " + why
				t.foreign[rel] = g != nil
			}
		}
		if len(n.cgoFiles) == 0 && g == nil {
			side.Broken = append(side.Broken, n.path)
			cov.Broken = append(cov.Broken, debt.Broken{Package: n.path, Side: t.side, Error: why})
		}
		return
	}
	for _, lost := range f.lost {
		cov.Lost = append(cov.Lost, debt.Lost{Package: n.path, Side: t.side, Analyzer: lost.name, Error: lost.err})
	}
	for _, rel := range f.files {
		if !keep(rel) {
			continue
		}
		if len(n.cgoFiles) > 0 {
			t.broken[rel] = `it imports "C": only its syntax was judged`
			continue
		}
		t.judged[rel] = true
		delete(t.broken, rel)
	}
	for _, m := range f.measures {
		if keep(m.File) {
			side.Measures = append(side.Measures, m)
		}
	}
}

// forget drops what only one side can say, because the analyzer failed on the
// other: a finding must neither appear nor vanish by that.
func (s *session) forget(p *pair, res *Result) {
	lost := map[string]bool{}
	pkg := ""
	for _, n := range []*node{p.base, p.head} {
		if n != nil && n.run.found != nil {
			pkg = n.path
			for _, l := range n.run.found.lost {
				for _, rule := range s.rulesOf(l.name) {
					lost[rule] = true
				}
			}
		}
	}
	if len(lost) == 0 {
		return
	}
	drop := func(m debt.Measure) bool { return m.Package == pkg && lost[m.Rule] }
	res.Base.Measures = slices.DeleteFunc(res.Base.Measures, drop)
	res.Head.Measures = slices.DeleteFunc(res.Head.Measures, drop)
}

// forgetHalves drops the measures of files that were judged on one side only,
// because on the other the package that another platform builds does not
// type-check. (Of one that is broken on the machine's own platform, all is
// dropped by its path.)
func (s *session) forgetHalves(res *Result) {
	unknown := func(t *tree, rel string) bool { return rel != "" && t.foreign[rel] && !t.judged[rel] }
	inBase, inHead := map[string]bool{}, map[string]bool{}
	for _, f := range s.job.Files {
		if f.New != "" && unknown(s.head, f.New) {
			inBase[f.Old] = true
		}
		if f.Old != "" && unknown(s.base, f.Old) {
			inHead[f.New] = true
		}
	}
	res.Base.Measures = slices.DeleteFunc(res.Base.Measures, func(m debt.Measure) bool { return inBase[m.File] })
	res.Head.Measures = slices.DeleteFunc(res.Head.Measures, func(m debt.Measure) bool { return inHead[m.File] })
}

// touched returns the units that the change can affect, all units for a scan.
func (s *session) touched() []listUnit {
	byDir := map[string]listUnit{}
	for _, u := range append(s.base.units(), s.head.units()...) {
		known := byDir[u.dir]
		u.modules = slices.Concat(known.modules, u.modules)
		slices.Sort(u.modules)
		u.modules = slices.Compact(u.modules)
		byDir[u.dir] = u
	}
	hit := map[string]bool{} // module folders
	mark := func(t *tree, file string) {
		if file == "" || exclusionByPath(file) != "" {
			return
		}
		if dir, ok := t.moduleOf(path.Dir(file)); ok {
			hit[dir] = true
		}
	}
	for _, f := range s.job.Files {
		mark(s.base, f.Old)
		mark(s.head, f.New)
	}
	for _, u := range byDir {
		for _, dir := range u.modules {
			if s.job.Base == "" || !s.sameFiles(dir, "go.mod", "go.sum", "vendor/modules.txt") {
				hit[dir] = true
			}
		}
	}
	for grown := true; grown; { // modules that use a hit one from beside
		grown = false
		for _, u := range byDir {
			for _, dir := range u.modules {
				if !hit[dir] && slices.ContainsFunc(s.head.needs(dir), func(d string) bool { return hit[d] }) {
					hit[dir], grown = true, true
				}
			}
		}
	}
	var out []listUnit
	for _, dir := range slices.Sorted(maps.Keys(byDir)) {
		if u := byDir[dir]; slices.ContainsFunc(u.modules, func(m string) bool { return hit[m] }) {
			out = append(out, u)
		}
	}
	return out
}
