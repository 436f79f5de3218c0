package impact

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"
)

// componentEdges are dependencies between components that the base did not
// have and the policy neither allows by name nor forbids.
func componentEdges(c *comparison) []Evidence {
	var out []Evidence
	for _, e := range c.newEdges() {
		if ok, _ := c.Policy.mayImport(e.from, e.to); ok && !c.Policy.named(e.from, e.to) {
			out = append(out, c.atImport(c.headEdges[e], "new edge "+code(e.from+" → "+e.to)+" between components"))
		}
	}
	return out
}

// newEdges are the component edges of the head that the base lacks, in order.
func (c *comparison) newEdges() []componentEdge {
	var out []componentEdge
	for e := range c.headEdges {
		if _, old := c.baseEdges[e]; !old {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b componentEdge) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
	})
	return out
}

// componentViolations are imports against the policy. An edge that was there
// before the rule is debt, and no reason to ask again for each change on its
// way; another package at its end is a new one.
func componentViolations(c *comparison) []Evidence {
	type end struct{ from, to string } // component, package
	had := map[end]bool{}
	for _, imp := range c.base.crossing(c.Policy) {
		had[end{imp.fromComponent, imp.to}] = true
	}
	var out []Evidence
	for _, imp := range c.head.crossing(c.Policy) {
		e := end{imp.fromComponent, imp.to}
		ok, key := c.Policy.mayImport(imp.fromComponent, imp.toComponent)
		if ok || had[e] {
			continue
		}
		had[e] = true
		out = append(out, c.atImport(imp, "new edge "+code(c.dir(imp.from)+" → "+c.dir(imp.to))+" (forbidden by "+code(key)+")"))
	}
	return out
}

// componentCycles are circles that a new edge closes.
func componentCycles(c *comparison) []Evidence {
	var out []Evidence
	said := map[string]bool{}
	for _, e := range c.newEdges() {
		back := way(c.headEdges, e.to, e.from)
		if back == nil || way(c.baseEdges, e.to, e.from) != nil && way(c.baseEdges, e.from, e.to) != nil {
			continue
		}
		members := slices.Sorted(slices.Values(back))
		if key := strings.Join(members, " "); !said[key] {
			said[key] = true
			circle := strings.Join(append([]string{e.from}, back...), " → ")
			out = append(out, c.atImport(c.headEdges[e], "components in a circle: "+code(circle)))
		}
	}
	return out
}

// atImport places an evidence at the import that makes it, where its mark is at
// hand: that of an unchanged package is not.
func (c *comparison) atImport(imp packageImport, text string) Evidence {
	e := Evidence{Text: text}
	for _, m := range c.Head.Marks {
		if m.Kind == Import && m.Package == imp.from && m.Key == imp.to && (e.File == "" || m.File < e.File) {
			e.File, e.Line = m.File, m.Line
		}
	}
	return e
}

// newCommands are programs that the repository did not have. One whose folder
// has the name of one that is gone has moved.
func newCommands(c *comparison) []Evidence {
	gone := map[string]int{}
	for p, old := range c.base.packages {
		if old.Name == "main" && c.head.packages[p].Name != "main" {
			gone[path.Base(p)]++
		}
	}
	var out []Evidence
	for _, p := range slices.Sorted(maps.Keys(c.head.packages)) {
		pkg := c.head.packages[p]
		if pkg.Name != "main" || c.base.packages[p].Name == "main" || workshop(pkg.Dir+"/x") {
			continue
		}
		if gone[path.Base(p)] > 0 {
			gone[path.Base(p)]--
			continue
		}
		out = append(out, Evidence{Text: "new command " + code(c.dir(p)), File: c.firstFile(pkg.Dir)})
	}
	return out
}

// firstFile is the first changed Go file of a folder at the head, if any.
func (c *comparison) firstFile(dir string) string {
	first := ""
	for _, f := range c.Files {
		if isGo(f.New) && path.Dir(f.New) == dir && (first == "" || f.New < first) {
			first = f.New
		}
	}
	return first
}

// movedPackages are packages whose folder is gone and whose files are in
// another component now.
func movedPackages(c *comparison) []Evidence {
	var out []Evidence
	said := map[[2]string]bool{}
	for _, f := range c.Files {
		from, to := path.Dir(f.Old), path.Dir(f.New)
		if f.Old == "" || f.New == "" || !isGo(f.Old) || !isGo(f.New) || from == to ||
			said[[2]string{from, to}] || len(c.base.in(from)) == 0 || len(c.head.in(from)) > 0 {
			continue
		}
		fromComponent, toComponent := c.Policy.component(from), c.Policy.component(to)
		if fromComponent == toComponent || fromComponent == "" || toComponent == "" {
			continue
		}
		said[[2]string{from, to}] = true
		out = append(out, Evidence{
			Text: "package " + code(from) + " of " + code(fromComponent) + " is " + code(to) + " of " + code(toComponent) + " now",
			File: f.New,
		})
	}
	return out
}

// policyChanges fire whatever changed: what a line of a policy means is not
// judged by the policy that it is to become.
func policyChanges(c *comparison) []Evidence {
	var out []Evidence
	for _, f := range c.Files {
		if f.is(func(p string) bool { return slices.Contains(c.Policy.Files, p) }) {
			did := "changed"
			switch {
			case f.Old == "":
				did = "is new"
			case f.New == "":
				did = "removed"
			}
			out = append(out, Evidence{Text: code(f.path()) + " " + did, File: f.path()})
		}
	}
	return out
}
