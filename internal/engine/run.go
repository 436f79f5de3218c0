package engine

import (
	"context"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/tools/go/analysis"

	"github.com/barraiser/barraiser/internal/analyzers"
	"github.com/barraiser/barraiser/internal/debt"
)

// session is one job being judged.
type session struct {
	job    Job
	number int // of the job, in a series
	ctx    context.Context
	fset   *token.FileSet
	cpu    chan struct{} // a place for each node being worked on

	checks    []analyzers.Check
	all       []*analysis.Analyzer // every analyzer of the checks and what they require, in the order to run
	facts     []*analysis.Analyzer // the part of it that makes facts
	syntactic []*analysis.Analyzer // the part of it that does without types
	yields    map[string]string    // rule → the rule that it leaves a line to

	base, head *tree
	oldPath    map[string]string // path of a changed file at the head → at the base; "" for an added one
	lost       []debt.Lost       // checks that failed outside of any node

	mu        sync.Mutex
	raw       []Raw
	ownFiles  []*token.File       // of the repository, parsed in this session
	known     map[string]*known   // see known.go
	toolTags  sync.Map            // platform → its build tags: see target
	portables *sync.Map           // folder of a package from outside → bool: see sameEverywhere
	listings  map[string]*listing // of the head on the machine's own platform, by the unit's folder
	bases     map[string]*listing // of the base likewise
	reach     reaches
	outlines  outlines
	heads     map[string]*listing // the listings of the job before, whose head is this one's base
	askNames  *numbers            // see asks.go

	following *following // nil where no scan follows another

	stats    *counters
	sums     map[string]string // folder of a module → its hash; only while listings become nodes
	byKey    map[string]*node  // only while listings become nodes, in one goroutine
	byName   map[string]*node  // likewise, those from outside, the last of each name: see setKin
	deltas   sync.Map          // [2]*node → func() *delta
	owners   sync.Map          // *types.Package → *node
	progress func(Progress)
	finished atomic.Int64
}

func newSession(ctx context.Context, job Job, checks []analyzers.Check, progress func(Progress)) (*session, error) {
	facts := analyzers.Facts()
	if job.ImpactOnly {
		checks, facts = nil, nil
	}
	checks = asked(checks, job)
	s := &session{
		job: job, ctx: ctx, fset: token.NewFileSet(),
		cpu:       make(chan struct{}, runtime.GOMAXPROCS(0)),
		checks:    checks,
		byKey:     map[string]*node{},
		byName:    map[string]*node{},
		listings:  map[string]*listing{},
		bases:     map[string]*listing{},
		known:     map[string]*known{},
		sums:      map[string]string{},
		stats:     &counters{},
		portables: &sync.Map{},
		oldPath:   map[string]string{},
		yields:    map[string]string{},
		askNames:  &numbers{of: map[string]int{}},
		progress:  progress,
	}
	s.outlines.words = job.Stated.Ended()
	base, head, err := openPacked(job.Packed)
	if err != nil {
		return nil, err
	}
	s.base, s.head = openTree("base", job.Base, base), openTree("head", job.Head, head)
	for _, f := range job.Files {
		if f.New != "" {
			s.oldPath[f.New] = f.Old
		}
	}
	if job.Base != "" {
		s.base.twin, s.base.touched = s.head, map[string]bool{}
		for _, f := range job.Files {
			s.base.touched[f.Old], s.base.touched[f.New] = true, true
		}
	}
	var roots, syntactic []*analysis.Analyzer
	for _, c := range s.checks {
		if c.Analyzer == nil {
			continue
		}
		roots = append(roots, c.Analyzer)
		if c.Syntactic {
			syntactic = append(syntactic, c.Analyzer)
		}
	}
	s.all, s.syntactic = inOrder(roots), inOrder(syntactic)
	s.facts = inOrder(facts)
	for _, c := range s.checks {
		if c.Yields != "" {
			s.yields[c.Rule] = c.Yields
		}
	}
	return s, nil
}

// asked leaves out the checks of rules that are off, unless everything is asked for.
func asked(checks []analyzers.Check, job Job) []analyzers.Check {
	if job.Raw {
		return checks
	}
	return slices.DeleteFunc(slices.Clone(checks), func(c analyzers.Check) bool {
		_, on := job.Settings.Rule(c.Rule)
		return !on
	})
}

// inOrder returns the analyzers and all that they require, requirements first.
func inOrder(roots []*analysis.Analyzer) []*analysis.Analyzer {
	var out []*analysis.Analyzer
	seen := map[*analysis.Analyzer]bool{}
	var visit func(*analysis.Analyzer)
	visit = func(a *analysis.Analyzer) {
		if seen[a] {
			return
		}
		seen[a] = true
		for _, r := range a.Requires {
			visit(r)
		}
		out = append(out, a)
	}
	for _, a := range roots {
		visit(a)
	}
	return out
}

// close lets go of the trees.
func (s *session) close() {
	if p := s.head.packed; p != nil {
		_ = p.content.Close() // it was only read
	}
}

func (s *session) owner(p *types.Package) *node {
	if n, ok := s.owners.Load(p); ok {
		return n.(*node)
	}
	return nil
}

// run works on the node once: the packages that it imports first, then its own
// types and analyses, in the mode that was decided for it.
func (s *session) run(n *node) {
	if n.done.Load() {
		return
	}
	n.once.Do(func() {
		if n.mode == "" { // else its findings were taken from a job before
			n.mode = s.modeOf(n)
		}
		var wg sync.WaitGroup
		for _, dep := range n.imports {
			if !dep.done.Load() {
				wg.Go(func() { s.run(dep) })
			}
		}
		wg.Wait()
		s.cpu <- struct{}{}
		defer func() { <-s.cpu }()
		if s.ctx.Err() == nil {
			s.work(n)
		}
		n.done.Store(true)
		s.progress(Progress{Phase: "analysing", Done: int(s.finished.Add(1))})
	})
}

// unit is a node's syntax and types, for as long as it is worked on.
type unit struct {
	node    *node
	files   []*ast.File
	sources map[string][]byte // by file name as in fset
	names   []string          // of files, absolute
	pkg     *types.Package
	info    *types.Info
	errs    []types.Error
	results map[*analysis.Analyzer]any
}

func (s *session) work(n *node) {
	if kept, ok := s.recall(n); ok && s.restore(n, kept) {
		s.stats.count(loaded)
		s.stats.count(recalled)
		return
	}
	if s.fromKin(n) {
		s.stats.count(lent)
		return
	}
	kept, follows := s.keptFacts(n)
	if follows && kept.Types != nil && s.restore(n, kept) {
		s.stats.count(loaded)
		s.stats.count(recalled)
		return
	}
	if !follows && n.twin != nil {
		kept = s.lent(n)
		follows = kept != nil
	}
	follows = follows && kept.Types == nil
	u := s.check(n, follows || s.job.ImpactOnly && n.mode == factsOnly)
	n.run.pkg = u.pkg
	s.stats.count(typed)
	for _, err := range u.errs {
		if len(n.run.errs) < 10 {
			n.run.errs = append(n.run.errs, s.describe(n, err))
		}
	}
	if follows && len(u.errs) == 0 && n.restoreFacts(kept, u.pkg) {
		s.stats.count(recalled)
		if n.twin == nil {
			return // of the repository, and kept already
		}
	} else {
		if follows { // facts that do not fit the source
			u = s.check(n, false)
			n.run.pkg, n.run.errs = u.pkg, nil
		}
		s.analyse(u)
	}
	made, ok := s.keep(u)
	if !ok {
		made, ok = s.keepPackage(u)
	}
	if ok && s.restore(n, made) {
		s.owners.Delete(u.pkg) // nobody has seen it
		for _, f := range u.files {
			s.fset.RemoveFile(s.fset.File(f.FileStart)) // the lines of all would be a tenth of our memory
		}
	}
}

// modeOf decides what is asked of a node.
func (s *session) modeOf(n *node) mode {
	switch {
	case !n.wanted:
		return factsOnly
	case s.job.Base != "" && (n.pair == nil || !s.affected(n.pair)):
		return factsOnly
	case s.keeps(n):
		return factsOnly
	}
	return full
}

// analyse runs the analyzers of the node's mode over it.
func (s *session) analyse(u *unit) {
	n := u.node
	s.stats.count(analysed)
	if n.mode == full {
		s.stats.count(judged)
	}
	n.run.objFacts = map[objFactKey]analysis.Fact{}
	n.run.pkgFacts = map[factType]analysis.Fact{}
	if n.mode == factsOnly {
		if len(u.errs) == 0 && len(n.cgoFiles) == 0 {
			for _, a := range s.facts {
				_, err := s.apply(u, a) // a failed fact maker is reported where its package is judged
				n.run.lost = n.run.lost || err != nil
			}
		}
		return
	}
	if s.job.Base != "" || s.keepsPackages() {
		n.run.marks = s.marks(u)
	}
	n.run.uses = s.uses(u)
	todo := s.all
	switch {
	case len(n.cgoFiles) > 0:
		// FakeImportC leaves holes in the types, on which some analyzers panic.
		todo = s.syntactic
	case len(u.errs) > 0:
		return
	}
	f := &found{}
	var diagnostics []diagnostic
	for _, a := range todo {
		diags, err := s.apply(u, a)
		if err != nil {
			f.lost = append(f.lost, lostAnalyzer{a.Name, err.Error()})
			n.run.lost = true
		}
		diagnostics = append(diagnostics, diags...)
	}
	if s.job.Raw {
		f.raw = s.rawSaid(u, diagnostics)
		s.addRaw(n, f.raw)
	}
	s.measure(u, f, diagnostics)
	n.run.found = f
}

type diagnostic struct {
	analyzer *analysis.Analyzer
	analysis.Diagnostic
}

// apply runs one analyzer over the unit. A panic costs that analyzer's result
// for this package, nothing else.
func (s *session) apply(u *unit, a *analysis.Analyzer) (diags []diagnostic, err error) {
	for _, r := range a.Requires {
		if _, ok := u.results[r]; !ok {
			return nil, fmt.Errorf("needs %s, which failed", r.Name)
		}
	}
	defer func() {
		if p := recover(); p != nil {
			diags, err = nil, fmt.Errorf("panicked: %v", p)
		}
	}()
	n := u.node
	pass := &analysis.Pass{
		Analyzer:     a,
		Fset:         s.fset,
		Files:        u.files,
		IgnoredFiles: n.ignored,
		Pkg:          u.pkg,
		TypesInfo:    u.info,
		TypesSizes:   types.SizesFor("gc", n.platform.goarch()),
		TypeErrors:   u.errs,
		ResultOf:     u.results,
		Report:       func(d analysis.Diagnostic) { diags = append(diags, diagnostic{a, d}) },
		ReadFile: func(name string) ([]byte, error) {
			if src, ok := u.sources[name]; ok {
				return src, nil
			}
			if slices.Contains(n.ignored, name) {
				return s.readFile(name)
			}
			return nil, fmt.Errorf("read %s: %w", filepath.Base(name), os.ErrNotExist)
		},
		Module: n.analysisModule(),
	}
	s.bindFacts(pass, n)
	result, err := a.Run(pass)
	if err != nil {
		return nil, err
	}
	u.results[a] = result
	return diags, nil
}

func (n *node) analysisModule() *analysis.Module {
	if n.module == nil {
		return nil
	}
	return &analysis.Module{Path: n.module.Path, Version: n.module.Version, GoVersion: n.module.language()}
}

// sortedIDs lists a listing's packages in a fixed order.
func (l *listing) sortedIDs() []string { return slices.Sorted(maps.Keys(l.pkgs)) }
