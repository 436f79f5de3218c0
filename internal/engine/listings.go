package engine

import (
	"bytes"
	"path"
	"slices"
	"sync"
)

// sides is one unit, listed at the base and at the head.
type sides struct{ base, head *listing }

// listAll lists the units on both sides. With a group, only the group's
// folders or files are listed.
func (s *session) listAll(units []listUnit, p platform, g *group) []sides {
	out := make([]sides, len(units))
	same := g == nil && s.job.Base != "" && s.sameShape()
	var wg sync.WaitGroup
	start := func(list func()) {
		wg.Go(func() {
			s.cpu <- struct{}{}
			defer func() { <-s.cpu }()
			list()
		})
	}
	for i, u := range units {
		head := func() { out[i].head = s.listUnit(s.head, u, p, g) }
		base := func() { out[i].base = s.listUnit(s.base, u, p, g) }
		known, ok := s.heads[u.dir]
		switch {
		case same:
			start(head)
		case ok && g == nil:
			start(head)
			out[i].base = known.at(s.base.root, s.base.root)
		case s.base.root != "" && s.knownName(s.base, u, p) == s.knownName(s.head, u, p):
			start(func() { head(); base() }) // the one may learn from the other
		default:
			start(head)
			start(base)
		}
	}
	wg.Wait()
	for i := range out {
		if same {
			out[i].base = out[i].head.at(s.head.root, s.base.root)
		}
		if g == nil {
			s.bases[units[i].dir], s.listings[units[i].dir] = out[i].base, out[i].head
		} else {
			out[i].base.host, out[i].head.host = s.bases[units[i].dir], s.listings[units[i].dir]
		}
		s.stats.stats.Listed += len(out[i].head.pkgs)
		if !same {
			s.stats.stats.Listed += len(out[i].base.pkgs)
		}
		s.note(s.head, units[i], out[i].head)
		s.note(s.base, units[i], out[i].base)
	}
	return out
}

func (s *session) listUnit(t *tree, u listUnit, p platform, g *group) *listing {
	empty := &listing{root: t.root, platform: p, pkgs: map[string]*listed{}, nodes: map[string]*node{}}
	patterns := g.patterns(t, u)
	if t.root == "" || !slices.ContainsFunc(u.modules, t.has) || len(patterns) == 0 {
		return empty
	}
	l := s.listKnown(t, u, p, g, patterns)
	l.want = g.want(t)
	l.owns = func(dir string) bool {
		module, _ := t.moduleOf(dir)
		return slices.Contains(u.modules, module)
	}
	return l
}

// listKnown puts the listing together from what is known, or asks the go
// command.
func (s *session) listKnown(t *tree, u listUnit, p platform, g *group, patterns []string) *listing {
	if !s.assembles(t, u, p) {
		s.stats.listed(t, u, p, "it has to be asked here")
		return s.askGo(t, u, p, patterns)
	}
	name := s.knownName(t, u, p)
	k, to, why := s.knownOf(name, t, u, p)
	if k != nil {
		var l *listing
		if l, why = s.assemble(t, u, to, g, k); l != nil {
			s.stats.listed(t, u, p, "")
			if k.found {
				k.found = false
				s.keepKnown(name, k)
			}
			return l
		}
	}
	s.stats.listed(t, u, p, why)
	l := s.askGo(t, u, p, patterns)
	s.learn(name, l)
	return l
}

// knownOf returns what is known of the unit on a platform, under its name, and what
// decides there which files are built. There may be a reason why nothing is known.
func (s *session) knownOf(name string, t *tree, u listUnit, p platform) (*known, target, string) {
	to, err := s.target(p)
	if err != nil {
		return nil, to, err.Error()
	}
	k := s.recallKnown(name)
	if !p.own() && (k == nil || k.more == nil) {
		if host := s.recallKnown(s.knownName(t, u, platform{})); host != nil {
			if k == nil {
				k = &known{modules: host.modules, deps: map[string]*listed{}}
			}
			k.more = s.elsewhere(t, u, to, host)
		}
	}
	if k == nil {
		return nil, to, "nothing was known of these module files"
	}
	return k, to, ""
}

// askGo lists by the go command.
func (s *session) askGo(t *tree, u listUnit, p platform, patterns []string) *listing {
	if err := t.folder(); err != nil {
		return &listing{root: t.root, platform: p, pkgs: map[string]*listed{}, nodes: map[string]*node{}, err: err}
	}
	return list(s.ctx, t.root, u.dir, p, !s.job.ImpactOnly, patterns)
}

// note keeps for the coverage why go list could make no package of a folder.
func (s *session) note(t *tree, u listUnit, l *listing) {
	if l.err != nil {
		for _, f := range t.files {
			if dir, _ := t.moduleOf(path.Dir(f)); slices.Contains(u.modules, dir) {
				t.dirErr[path.Dir(f)] = l.err.Error()
			}
		}
	}
	for _, pkg := range l.pkgs {
		if rel, ok := t.rel(pkg.Dir); ok && pkg.Error != nil && len(pkg.GoFiles) == 0 && !harmless(pkg.Error.Err) {
			t.dirErr[rel] = firstLine(pkg.Error.Err, "")
		}
	}
}

// sameFiles reports whether the files in the folder are equal on both sides,
// or missing on both.
func (s *session) sameFiles(dir string, names ...string) bool {
	for _, name := range names {
		b, errB := s.base.read(path.Join(dir, name))
		h, errH := s.head.read(path.Join(dir, name))
		if (errB == nil) != (errH == nil) || !bytes.Equal(b, h) {
			return false
		}
	}
	return true
}

// sameShape reports whether go list must say the same of both sides: no file
// came or went, and no changed file has other imports, another package clause
// or another build constraint.
func (s *session) sameShape() bool {
	if !s.sameFiles(".", "go.work") {
		return false
	}
	for dir := range s.head.modules { // all: one may replace a dependency by another
		if !s.base.has(dir) || !s.sameFiles(dir, "go.mod", "go.sum", "vendor/modules.txt") {
			return false
		}
	}
	if len(s.base.modules) != len(s.head.modules) {
		return false
	}
	for _, f := range s.job.Files {
		if f.Old != f.New {
			return false
		}
		b, errB := s.base.read(f.Old)
		h, errH := s.head.read(f.New)
		if errB != nil || errH != nil || shape(b) != shape(h) {
			return false
		}
	}
	return true
}

// at is the listing of an equal tree at another place.
func (l *listing) at(from, to string) *listing {
	out := &listing{root: to, platform: l.platform, pkgs: map[string]*listed{}, nodes: map[string]*node{}, err: l.err, want: l.want, owns: l.owns}
	move := func(dir string) string {
		if rest, ok := cutDir(dir, from); ok {
			return to + rest
		}
		return dir
	}
	for id, p := range l.pkgs {
		q := *p
		q.Dir = move(p.Dir)
		if p.Module != nil {
			m := *p.Module
			m.Dir = move(m.Dir)
			q.Module = &m
		}
		out.pkgs[id] = &q
	}
	return out
}
