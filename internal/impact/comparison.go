package impact

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
)

// A comparison is a change with what more than one trigger asks of it.
type comparison struct {
	Change
	marks                difference
	base, head           graph
	baseEdges, headEdges map[componentEdge]packageImport
	manifests            []manifestPair
	ranking              *ranking // nil where the history is too short
}

// newComparison puts what it is given in order, so that of twins it is always
// the same one that is new.
func newComparison(ch Change) *comparison {
	ch.Base.Marks, ch.Head.Marks = sortedMarks(ch.Base.Marks), sortedMarks(ch.Head.Marks)
	ch.Files = slices.SortedFunc(slices.Values(ch.Files), func(a, b File) int {
		return cmp.Or(cmp.Compare(a.path(), b.path()), cmp.Compare(a.Old, b.Old))
	})
	c := &comparison{
		Change:  ch,
		marks:   diffMarks(ch.Base.Marks, ch.Head.Marks),
		base:    newGraph(ch.Base.Packages),
		head:    newGraph(ch.Head.Packages),
		ranking: newRanking(ch.History),
	}
	c.baseEdges, c.headEdges = c.base.edges(ch.Policy), c.head.edges(ch.Policy)
	c.readManifests()
	return c
}

func sortedMarks(marks []Mark) []Mark {
	return slices.SortedFunc(slices.Values(marks), func(a, b Mark) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key),
			cmp.Compare(a.Value, b.Value), cmp.Compare(a.Package, b.Package), cmp.Compare(a.Symbol, b.Symbol),
		)
	})
}

// The methods of Policy below give the answers of the zero Policy, too.

func (p Policy) component(path string) string {
	if p.Component == nil {
		return ""
	}
	return p.Component(path)
}

func (p Policy) mayImport(from, to string) (ok bool, key string) {
	if p.MayImport == nil {
		return true, ""
	}
	return p.MayImport(from, to)
}

func (p Policy) named(from, to string) bool { return p.Named != nil && p.Named(from, to) }

func (p Policy) off(t Trigger) bool { return p.Off != nil && p.Off(t.Domain, t.Name) }

// at is evidence where a mark is.
func (c *comparison) at(m Mark, format string, args ...any) Evidence {
	return Evidence{Text: fmt.Sprintf(format, args...), File: m.File, Line: m.Line}
}

// dir is a package as people call it in a repository: its folder, and that of
// the root by its name.
func (c *comparison) dir(pkg string) string {
	p, ok := c.head.packages[pkg]
	if !ok {
		p = c.base.packages[pkg]
	}
	if p.Dir == "" || p.Dir == "." {
		return c.packageName(pkg)
	}
	return p.Dir
}

// packageName is a package as code calls it.
func (c *comparison) packageName(pkg string) string {
	name := cmp.Or(c.head.packages[pkg].Name, c.base.packages[pkg].Name)
	if name != "" && name != "main" {
		return name
	}
	base := path.Base(pkg)
	if strings.HasPrefix(base, "v") && strings.Trim(base[1:], "0123456789") == "" && path.Dir(pkg) != "." {
		base = path.Base(path.Dir(pkg)) // the major version of a module
	}
	return base
}

// name is what a mark is about, as code calls it: its key where that is a name,
// else the declaration that it is in.
func (c *comparison) name(m Mark) string {
	switch m.Kind {
	case Export, Lock, Default, Field, RetentionTerm:
		return c.packageName(m.Package) + "." + m.Key
	}
	if m.Symbol == "" {
		return c.packageName(m.Package)
	}
	return c.packageName(m.Package) + "." + m.Symbol
}
