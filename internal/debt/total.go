package debt

// Total prices one tree. lines is its number of code lines (see
// Totals.Lines). The packages listed as broken count nothing: what was
// measured in them is a part that nobody knows the size of. The findings are
// those of the rest, as in Compare, all of them Unchanged.
func Total(measures []Measure, broken []string, lines int, settings Settings) (Totals, []Finding) {
	skip := make(map[string]bool)
	for _, pkg := range broken {
		skip[pkg] = true
	}
	items := newItems(measures, skip, settings)
	hiders := findHiders(items)
	totals := Totals{Lines: lines, ByRule: make(map[string]float64)}
	var findings []Finding
	code, tests := newTally(), newTally()
	for i, it := range items {
		if it.rule.ID == suppression && it.price == 0 && !hiders.hides[i] {
			continue
		}
		f := finding(it)
		f.Status, f.Minutes = Unchanged, it.price
		findings = append(findings, f)
		if it.Test {
			tests.appear(it)
			continue
		}
		code.appear(it)
		totals.ByRule[it.rule.ID] += it.price
	}
	sortFindings(findings)
	// Debt is a function of a state, so what a tree holds is what it adds to
	// an empty one.
	totals.Principal, _, _ = code.sum()
	totals.Tests, _, _ = tests.sum()
	totals.Low, totals.High = bounds(totals.Principal)
	return totals, findings
}
