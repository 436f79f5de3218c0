package engine

import (
	"errors"
	"maps"
	"slices"
)

// takes is what a package names, by the paths of its imports.
type takes struct {
	names  map[string][]string // of each import, in order
	all    map[string]bool     // of which any name may be meant
	says   map[string]bool     // all names in the files; nil: not known
	embeds map[string]bool     // names of the types that it embeds
}

// takes lists what the files of the node name. Of a package from outside nobody
// has read the names, and any may be meant.
func (s *session) takes(n *node) *takes {
	n.takesOnce.Do(func() {
		t, err := s.readTakes(n)
		if err != nil {
			t = &takes{all: map[string]bool{}}
			for src := range n.imports {
				t.all[src] = true
			}
		}
		n.run.takes = t
	})
	return n.run.takes
}

func (s *session) readTakes(n *node) (*takes, error) {
	out := &takes{names: map[string][]string{}, all: map[string]bool{}, says: map[string]bool{}, embeds: map[string]bool{}}
	if !n.inTree {
		return nil, errors.New("not of the repository")
	}
	clause := func(path string) string {
		if dep := n.imports[path]; dep != nil {
			return dep.name
		}
		return path // no name of a package
	}
	for _, file := range slices.Concat(n.files, n.cgoFiles) {
		t, rel := s.treeOf(file)
		if t == nil {
			return nil, errors.New("of no tree")
		}
		o, err := s.outline(t, rel)
		if err != nil {
			return nil, err
		}
		for _, src := range o.Reach.Takes(clause, out.names) {
			out.all[src] = true
		}
		o.Reach.Says(out.says)
		for _, name := range o.Reach.Embeds {
			out.embeds[name] = true
		}
	}
	for src := range n.imports {
		names := out.names[src]
		if n.path == src+"_test" { // its examples name what they show
			names = slices.AppendSeq(names, maps.Keys(out.says))
		}
		slices.Sort(names)
		out.names[src] = slices.Compact(names)
	}
	return out, nil
}
