package analyzers

import (
	"fmt"
	"maps"
	"slices"
)

// What makes a package stable, and what it imports unstable: R. C. Martin,
// "OO Design Quality Metrics" (1994). The limits are ours: the metric itself
// only says that a dependency should not lead to the more unstable one.
const (
	stableImporters = 5
	stableBelow     = .3
	unstableAbove   = .7
)

// coupling counts the packages of the repository that import a package (Ca) and
// that it imports (Ce). The standard library and other modules are left out of
// both: they do not change with the repository. So are imports by tests.
type coupling struct{ in, out int }

// instability is Ce/(Ca+Ce); 0 where nothing is coupled.
func (c coupling) instability() float64 {
	if c.in+c.out == 0 {
		return 0
	}
	return float64(c.out) / float64(c.in+c.out)
}

// unstableImports measures packages that many rely on and that import one which
// relies on many itself.
func unstableImports(t *Tree) []ProgramMeasure {
	edges := t.edges()
	of := map[*ProgramPackage]coupling{}
	for e := range edges {
		from, to := of[e.from], of[e.to]
		from.out++
		to.in++
		of[e.from], of[e.to] = from, to
	}
	var out []ProgramMeasure
	for _, e := range inOrder(edges) {
		from, to := of[e.from], of[e.to]
		if from.in < stableImporters || from.instability() >= stableBelow || to.instability() <= unstableAbove {
			continue
		}
		m := edges[e][0].at("stable-dependency", fmt.Sprintf("%s, which %d packages import, imports %s, which imports %d and is imported by %d",
			e.from.label(), from.in, e.to.label(), to.out, to.in), 1)
		m.Node = digest(e.to.Path)
		out = append(out, m)
	}
	return out
}

// unowned measures packages that nobody owns, in a repository that says who
// owns what.
func unowned(t *Tree) []ProgramMeasure {
	if !t.Stated.Owners {
		return nil
	}
	var out []ProgramMeasure
	for _, pkg := range t.Packages {
		if t.Stated.Places[pkg.Dir].Owner != "" {
			continue
		}
		out = append(out, ProgramMeasure{
			Rule: "unowned", Module: pkg.Module, Package: pkg.Path,
			File: pkg.Files[0].Rel, Line: 1, EndLine: 1, Column: 1,
			Message: "neither the policy nor CODEOWNERS names an owner of this package", Value: 1,
		})
	}
	return out
}

// Ended returns the keys of the experiments whose last day is over, in order.
// A program check sees the literals of these only: see NewProgramFile.
func (s Stated) Ended() []string {
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(s.Experiments)) {
		if ends := s.Experiments[key]; ends != "" && ends < s.Today {
			keys = append(keys, key)
		}
	}
	return keys
}

// staleFlags measures the keys of ended experiments that still stand in the
// code, once for each package.
func staleFlags(t *Tree) []ProgramMeasure {
	var out []ProgramMeasure
	for _, pkg := range t.Packages {
		for _, key := range t.Stated.Ended() {
			if m, ok := staleFlag(pkg, key); ok {
				m.Message = fmt.Sprintf("%q, an experiment that ended on %s, %s", key, t.Stated.Experiments[key], m.Message)
				out = append(out, m)
			}
		}
	}
	return out
}

func staleFlag(pkg ProgramPackage, key string) (m ProgramMeasure, ok bool) {
	count := 0
	for _, f := range pkg.Files {
		for _, w := range f.Words {
			if w.Value != key {
				continue
			}
			if count == 0 {
				m = ProgramMeasure{
					Rule: "stale-flag", Module: pkg.Module, Package: pkg.Path,
					File: f.Rel, Line: w.Line, EndLine: w.Line, Column: w.Column,
					Node: digest(key), Value: 1,
				}
			}
			count += w.Count
		}
	}
	m.Message = "still stands here"
	if count > 1 {
		m.Message = fmt.Sprintf("still stands here and in %d more places of the package", count-1)
	}
	return m, count > 0
}
