package engine

import (
	"bytes"
	"go/token"
	"go/types"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"

	"github.com/barraiser/barraiser/internal/analyzers"
	"github.com/barraiser/barraiser/internal/debt"
)

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
		m.File, m.Line, m.EndLine = at.fileRel(p.Filename), p.Line, p.Line
		m.Column = s.columnOf(at, m.File, m.Line, b.Symbol)
	}
	return m
}

// columnOf finds the name of a symbol in the line that declares it: kept types
// know the line and not the column. 1 where the name is not there, as of the
// field of an embedded type.
func (s *session) columnOf(n *node, rel string, line int, symbol string) int {
	t := s.head
	if s.base.owns(n.dir) {
		t = s.base
	}
	src, err := t.read(rel)
	if err != nil {
		return 1
	}
	name := symbol[strings.LastIndexByte(symbol, '.')+1:]
	for text := range bytes.Lines(src) {
		if line--; line == 0 {
			if at := regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\b`).FindIndex(text); at != nil {
				return at[0] + 1
			}
			break
		}
	}
	return 1
}

// public reports whether packages outside of the module may import the path.
func public(importPath string) bool {
	return !slices.Contains(strings.Split(importPath, "/"), "internal")
}

var majorSuffix = regexp.MustCompile(`[/.]v[1-9][0-9]*$`)

// stable reports whether the node's module promises its API: by a major version
// in its path, or because its newest release is a v1. The tags v2 and above are
// no versions of a module without the suffix, and releases v1 from before those
// of a v0 are withdrawn.
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
		if path.Clean("./"+dir) != rel || semver.Prerelease(version) != "" {
			continue
		}
		switch semver.Major(version) {
		case "v0":
			return false
		case "v1":
			return true
		}
	}
	return false
}

// dependants returns the packages of the repository, or their tests, that import
// the base node and name one of the symbols; nil: that import it at all. A package that was
// not looked at, because for it nothing changed, names none.
func dependants(n *node, symbols []string, pairs []*pair) map[string]bool {
	paths := map[string]bool{}
	for _, p := range pairs {
		if p.base == nil || !p.base.inTree || p.base.imports[n.path] != n {
			continue
		}
		importer := strings.TrimSuffix(p.base.path, "_test")
		if importer == n.path {
			continue
		}
		if symbols == nil || slices.ContainsFunc(symbols, func(sym string) bool { return p.base.run.uses[n.path+"."+sym] }) {
			paths[importer] = true
		}
	}
	return paths
}

// reaching lists the symbols by which others depend on what broke: the fields
// alone where only fields changed, and for a type that is not exported the
// exported declarations that mention it.
func (n *node) reaching(b analyzers.Break) []string {
	_, isType := n.run.pkg.Scope().Lookup(b.Symbol).(*types.TypeName)
	switch {
	case len(b.Fields) > 0:
		return b.Fields
	case token.IsExported(b.Symbol) || !isType:
		return []string{b.Symbol}
	}
	mention := regexp.MustCompile(regexp.QuoteMeta(n.path+"."+b.Symbol) + `\b`)
	symbols := []string{}
	scope := n.run.pkg.Scope()
	for _, other := range scope.Names() {
		if obj := scope.Lookup(other); obj.Exported() && mention.MatchString(types.ObjectString(obj, (*types.Package).Path)) {
			symbols = append(symbols, other)
		}
	}
	return symbols
}

// packageOf returns the import path of a file's package, by its module.
func (s *session) packageOf(t *tree, rel, name string) string {
	dir, ok := t.moduleOf(path.Dir(rel))
	if !ok {
		return path.Dir(rel)
	}
	module := t.module(dir).Path
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

// module describes the module in the folder by its go.mod, as go list would.
func (t *tree) module(dir string) *listedModule {
	if m, ok := t.described.Load(dir); ok {
		return m.(*listedModule)
	}
	m := &listedModule{Path: dir, Dir: filepath.Join(t.root, filepath.FromSlash(dir)), Main: true}
	if data, err := t.read(path.Join(dir, "go.mod")); err == nil {
		m.Path = modfile.ModulePath(data)
		if f, err := modfile.Parse("go.mod", data, nil); err == nil && f.Go != nil {
			m.GoVersion = f.Go.Version
		}
	}
	t.described.Store(dir, m)
	return m
}
