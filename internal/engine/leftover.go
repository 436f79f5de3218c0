package engine

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// group is a set of changed files that the machine's own platform does not
// build, and the platform that does.
type group struct {
	platform platform
	// alone says that the files make no package together: each is listed by its
	// own name, as `go run FILE` would.
	alone string
	files map[string]map[string]bool // side → files
}

// leftOver groups the changed files of both sides that the runs before did not
// reach: by the platform that builds them or, in the second round, each alone.
// A file that is left out by rule, or whose package does not type-check on the
// machine's own platform, is not left over.
func (s *session) leftOver(round int) []*group {
	groups := map[string]*group{}
	add := func(t *tree, rel string, p platform, alone string) {
		key := p.String() + " " + alone
		if groups[key] == nil {
			groups[key] = &group{platform: p, alone: alone, files: map[string]map[string]bool{"base": {}, "head": {}}}
		}
		groups[key].files[t.side][rel] = true
	}
	for _, t := range []*tree{s.base, s.head} {
		for _, rel := range s.wantedFiles(t) {
			src, err := t.read(rel)
			if err != nil || t.judged[rel] || exclusionByPath(rel) != "" || s.generated(t, rel, src) {
				continue
			}
			why, broken := t.broken[rel]
			if round == 2 {
				if broken && t.foreign[rel] && strays(why) {
					add(t, rel, platform{}, rel)
				}
				continue
			}
			p, ok := satisfy(rel, src)
			switch {
			case broken && !missesCgo(why): // nothing else would help
			case broken:
				add(t, rel, platform{cgo: true}, "")
			case !ok:
				t.broken[rel] = "no platform and no tags that were tried satisfy its build constraint"
			case slices.Contains(p.tags, "ignore"):
				// By convention a program of its own beside a package.
				add(t, rel, platform{}, rel)
			default:
				add(t, rel, p, "")
			}
		}
	}
	var out []*group
	for _, key := range slices.Sorted(maps.Keys(groups)) {
		out = append(out, groups[key])
	}
	return out
}

// letGoOfPlatforms forgets the packages that were made for another platform than the
// machine's own: the next one shares few of them, and what all would take is more than
// the repository does. A series of scans needs them again.
func (s *session) letGoOfPlatforms() {
	if s.job.Follow {
		return
	}
	for key, n := range s.byKey {
		if n.platform.os == "" {
			continue
		}
		delete(s.byKey, key)
		delete(s.byName, n.kinName())
		s.owners.Delete(n.run.pkg)
		if s.following != nil {
			s.following.nodes.Delete(n)
		}
	}
}

// strays reports whether a package does not type-check because files of
// different packages lie in one folder: then a file may be a program of its own.
func strays(why string) bool { return strings.Contains(why, "; expected package ") }

// missesCgo reports whether a package may type-check where cgo is on: one that
// imports a package of which nothing is left without cgo.
func missesCgo(why string) bool {
	return strings.Contains(why, "build constraints exclude all Go files")
}

// wantedFiles are the files of one side that are to be judged.
func (s *session) wantedFiles(t *tree) []string {
	switch {
	case t.root == "":
		return nil
	case s.job.Base == "":
		return t.files
	}
	var files []string
	for _, f := range s.job.Files {
		if rel := map[string]string{"base": f.Old, "head": f.New}[t.side]; s.asked(rel) {
			files = append(files, rel)
		}
	}
	return files
}

// asked reports whether there is such a file, and the job is about it.
func (s *session) asked(rel string) bool {
	return rel != "" && !(s.job.ImpactOnly && strings.HasSuffix(rel, "_test.go"))
}

// unitsOf returns the units that the group's files lie in.
func (s *session) unitsOf(g *group) []listUnit {
	var out []listUnit
	seen := map[string]bool{}
	for _, t := range []*tree{s.head, s.base} {
		for _, u := range t.units() {
			in := func(rel string) bool {
				dir, ok := t.moduleOf(path.Dir(rel))
				return ok && slices.Contains(u.modules, dir)
			}
			if !seen[u.dir] && slices.ContainsFunc(slices.Collect(maps.Keys(g.files[t.side])), in) {
				seen[u.dir] = true
				out = append(out, u)
			}
		}
	}
	return out
}

// patterns are what go list is asked for in the unit: everything, without a
// group.
func (g *group) patterns(t *tree, u listUnit) []string {
	if g == nil {
		return u.patterns(t)
	}
	var out []string
	for rel := range g.both() {
		dir, ok := t.moduleOf(path.Dir(rel))
		if !ok || !slices.Contains(u.modules, dir) || !t.hasFileIn(path.Dir(rel)) {
			continue
		}
		what := path.Dir(rel)
		if g.alone != "" {
			if _, err := t.read(rel); err != nil {
				continue
			}
			what = rel
		}
		out = append(out, u.pattern(what))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// folders are what patterns names, as folders of the tree.
func (g *group) folders(t *tree, u listUnit) []string {
	var out []string
	for rel := range g.both() {
		if dir, ok := t.moduleOf(path.Dir(rel)); ok && slices.Contains(u.modules, dir) && t.hasFileIn(path.Dir(rel)) {
			out = append(out, path.Dir(rel))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// both are the group's files on either side: a package is looked at on both
// sides where a file of it is left over on one.
func (g *group) both() map[string]bool {
	all := maps.Clone(g.files["head"])
	maps.Copy(all, g.files["base"])
	return all
}

// want reports whether the package in a folder is one that the group is about.
func (g *group) want(t *tree) func(dir string) bool {
	if g == nil {
		return func(string) bool { return true }
	}
	dirs := map[string]bool{}
	for rel := range g.both() {
		dirs[path.Dir(rel)] = true
	}
	return func(dir string) bool { return dirs[dir] }
}

// keep reports whether findings in the file are wanted: the others were
// reported by the first run.
func (g *group) keep(t *tree) func(rel string) bool {
	if g == nil {
		return func(string) bool { return true }
	}
	return func(rel string) bool { return g.files[t.side][rel] }
}
