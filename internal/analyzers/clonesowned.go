package analyzers

import (
	"cmp"
	"fmt"
	"strings"
)

// clonesWithin measures the clones whose copies lie with one owner.
func clonesWithin(t *Tree) []ProgramMeasure {
	var out []ProgramMeasure
	for _, class := range t.cloneClasses() {
		for _, places := range t.byOwner(class.places) {
			if len(places) > 1 {
				out = append(out, t.clone("clone", class, places))
			}
		}
	}
	return out
}

// clonesAcross measures those that no owner has two copies of.
func clonesAcross(t *Tree) []ProgramMeasure {
	var out []ProgramMeasure
	for _, class := range t.cloneClasses() {
		if len(t.byOwner(class.places)) == len(class.places) {
			out = append(out, t.clone("clone-across", class, class.places))
		}
	}
	return out
}

// byOwner groups places by who owns them; where that is not known, by
// component. Places of neither belong together.
func (t *Tree) byOwner(places []clonePlace) [][]clonePlace {
	var groups [][]clonePlace
	index := map[string]int{}
	for _, c := range places {
		at := t.Stated.Places[c.pkg.Dir]
		whose := cmp.Or(at.Owner, at.Component)
		i, ok := index[whose]
		if !ok {
			i = len(groups)
			index[whose] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], c)
	}
	return groups
}

// clone is the measure of a class, at its last place in a file that the change
// touches; at its last one where there is none.
func (t *Tree) clone(rule string, class cloneClass, places []clonePlace) ProgramMeasure {
	shown := len(places) - 1
	for i, c := range places {
		if t.Changed[c.file.Rel] {
			shown = i
		}
	}
	var others []string
	var all []Span
	for i, c := range places {
		all = append(all, Span{c.file.Rel, c.line(), c.endLine()})
		if i != shown {
			others = append(others, fmt.Sprintf("%s:%d–%d", c.file.Rel, c.line(), c.endLine()))
		}
	}
	if more := len(others) - 3; more > 0 {
		others = append(others[:3], fmt.Sprintf("%d more", more))
	}
	c := places[shown]
	return ProgramMeasure{
		Rule: rule, Module: c.pkg.Module, Package: c.pkg.Path, Symbol: c.list.Symbol,
		File: c.file.Rel, Line: c.line(), EndLine: c.endLine(), Column: 1,
		Message: fmt.Sprintf("%d lines like %s", c.endLine()-c.line()+1, strings.Join(others, ", ")),
		Node:    class.node, Value: float64(len(places)), Places: all,
	}
}
