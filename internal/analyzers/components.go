package analyzers

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// forbidden measures the imports between components that the policy forbids:
// one for each importing and imported package, whose value is the number of
// import declarations.
func forbidden(t *Tree) []ProgramMeasure {
	keys := map[[2]string]string{}
	for _, e := range t.Stated.Forbidden {
		keys[[2]string{e.From, e.To}] = e.Key
	}
	if len(keys) == 0 {
		return nil
	}
	var out []ProgramMeasure
	edges := t.edges()
	for _, e := range inOrder(edges) {
		key, ok := keys[[2]string{t.component(e.from), t.component(e.to)}]
		if !ok {
			continue
		}
		sites := edges[e]
		m := sites[0].at("layer", fmt.Sprintf("%s imports %s, forbidden by %s", e.from.label(), e.to.label(), key), float64(len(sites)))
		m.Node = digest(e.to.Path)
		out = append(out, m)
	}
	return out
}

func (t *Tree) component(p *ProgramPackage) string { return t.Stated.Places[p.Dir].Component }

// componentCycles measures the circles of components: one for each largest set
// in which every component depends on every other, whose value is the number of
// edges inside of it. It is shown where the first of them, by name, imports
// another of them.
func componentCycles(t *Tree) []ProgramMeasure {
	imports := t.edges()
	first := map[[2]string]site{} // edge between components → where it is made first
	next := map[string][]string{}
	for _, e := range inOrder(imports) {
		from, to := t.component(e.from), t.component(e.to)
		between := [2]string{from, to}
		if _, known := first[between]; known || from == "" || to == "" || from == to {
			continue
		}
		first[between] = imports[e][0]
		next[from] = append(next[from], to)
	}
	var out []ProgramMeasure
	for _, circle := range circles(next) {
		var inside []string
		var shown *site
		for _, between := range slices.SortedFunc(maps.Keys(first), func(a, b [2]string) int {
			return cmp.Or(strings.Compare(a[0], b[0]), strings.Compare(a[1], b[1]))
		}) {
			if slices.Contains(circle, between[0]) && slices.Contains(circle, between[1]) {
				inside = append(inside, between[0]+" → "+between[1])
				if shown == nil {
					at := first[between]
					shown = &at
				}
			}
		}
		m := shown.at("component-cycle", "components depend on each other in a circle: "+joinEdges(inside), float64(len(inside)))
		m.Package = "" // it is about no single one
		m.Node = digest(circle[0])
		out = append(out, m)
	}
	return out
}

// joinEdges lists the first edges and counts the rest.
func joinEdges(edges []string) string {
	const most = 6
	if more := len(edges) - most; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(edges[:most], ", "), more)
	}
	return strings.Join(edges, ", ")
}

// circles returns the strongly connected components of a graph that have more
// than one node, each sorted, by their first node (Tarjan 1972).
func circles(next map[string][]string) [][]string {
	var out [][]string
	var stack []string
	number, low, onStack := map[string]int{}, map[string]int{}, map[string]bool{}
	var visit func(v string)
	visit = func(v string) {
		number[v] = len(number) + 1
		low[v] = number[v]
		stack, onStack[v] = append(stack, v), true
		for _, w := range next[v] {
			if number[w] == 0 {
				visit(w)
				low[v] = min(low[v], low[w])
			} else if onStack[w] {
				low[v] = min(low[v], number[w])
			}
		}
		if low[v] != number[v] {
			return
		}
		i := slices.Index(stack, v)
		circle := slices.Sorted(slices.Values(stack[i:]))
		for _, w := range circle {
			onStack[w] = false
		}
		if stack = stack[:i]; len(circle) > 1 {
			out = append(out, circle)
		}
	}
	for _, v := range slices.Sorted(maps.Keys(next)) {
		if number[v] == 0 {
			visit(v)
		}
	}
	slices.SortFunc(out, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	return out
}
