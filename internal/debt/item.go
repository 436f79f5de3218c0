package debt

import (
	"cmp"
	"slices"
	"strings"
)

// item is a measure that costs something, on its way through the comparison.
type item struct {
	Measure
	rule   Rule
	price  float64
	symbol int // index among the side's declarations; -1: none listed
	pair   int // index of the same finding on the other side; -1: none
	// at is where to look for the finding at the head. For a finding of the
	// head that is where it stands.
	at place
	// stays says that the declaration stands on both sides, or in a file that
	// the change does not touch, so that the finding cannot turn up in any
	// other one than at.symbol.
	stays bool
}

// place is a position at the head.
type place struct {
	pkg, symbol, file string
	line              int
	exact             bool // the line is known, not only guessed
}

// newItems prices the measures and leaves out what costs nothing. A
// suppression stays even if it costs nothing by itself, since it may hide
// something. A measure of an unknown rule has no price and is left out: the
// tables of checks and of prices are held together by a test.
func newItems(measures []Measure, broken map[string]bool, settings Settings) []item {
	items := make([]item, 0, len(measures))
	for _, m := range measures {
		rule, on := settings.Rule(m.Rule)
		if !on || broken[m.Package] {
			continue
		}
		price, finding := own(rule, m)
		if !finding {
			continue
		}
		if rule.ID == suppression {
			m.HiddenBy = "" // else a suppression could silence itself
		}
		items = append(items, item{
			Measure: m, rule: rule, price: price, symbol: -1, pair: -1, stays: true,
			at: place{m.Package, m.Symbol, m.File, m.Line, true},
		})
	}
	slices.SortFunc(items, func(a, b item) int { return compareMeasures(a.Measure, b.Measure) })
	return items
}

// compareMeasures is a total order, so that no result depends on the order in
// which the checks were run.
func compareMeasures(a, b Measure) int {
	return cmp.Or(
		cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(a.Column, b.Column), cmp.Compare(a.EndLine, b.EndLine),
		cmp.Compare(a.Package, b.Package), cmp.Compare(a.Symbol, b.Symbol), cmp.Compare(a.Node, b.Node),
		cmp.Compare(a.Message, b.Message), cmp.Compare(a.Value, b.Value), cmp.Compare(a.HiddenBy, b.HiddenBy),
		cmp.Compare(a.Module, b.Module), compareBools(a.Test, b.Test), compareBools(a.Fixable, b.Fixable), compareBools(a.Reasonless, b.Reasonless))
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

// locate finds the declarations of the findings of both sides, and where those
// of the base have to be looked for at the head. It returns the findings
// without those of a declaration that stands in a broken package on the other
// side: what became of them is not known.
func locate(base, head []item, from, to *symbols, p paths, broken map[string]bool) (b, h []item) {
	for i := range base {
		locateBase(&base[i], from, to, p)
	}
	for i := range head {
		it := &head[i]
		it.symbol = to.find(it.Measure)
		it.stays = it.symbol < 0 || to.pair[it.symbol] >= 0
	}
	b = slices.DeleteFunc(base, func(it item) bool { return broken[it.at.pkg] })
	h = slices.DeleteFunc(head, func(it item) bool {
		if it.symbol >= 0 && to.pair[it.symbol] >= 0 {
			return broken[from.all[to.pair[it.symbol]].Package]
		}
		return it.Symbol == "" && broken[from.packages[p.base(it.File)]]
	})
	return b, h
}

func locateBase(it *item, from, to *symbols, p paths) {
	it.symbol = from.find(it.Measure)
	it.at.file = p.head(it.File)
	it.at.line, it.at.exact = p.line(it.File, it.Line)
	if it.symbol < 0 {
		if pkg, ok := to.packages[it.at.file]; ok && it.Symbol == "" {
			it.at.pkg = pkg
		}
		return
	}
	there := from.pair[it.symbol]
	if there < 0 {
		it.stays = false
		return
	}
	now := to.all[there]
	it.at.pkg, it.at.symbol = now.Package, now.Name
	if now.File != it.at.file {
		it.at.file, it.at.exact = now.File, false
		it.at.line = now.Line + it.Line - from.all[it.symbol].Line
	}
}

// gone says of a finding of the base that what it was in is no longer there.
func (it item) gone(from *symbols, p paths) bool {
	if it.symbol >= 0 {
		return from.pair[it.symbol] < 0
	}
	return p.deleted(it.File)
}

// away says of an unmatched finding of the base that its code went where
// findings do not count, or count apart, and in a few words where. Such a
// finding has not been mended.
func (it item) away(from, to *symbols, p paths, excluded map[string]string) (note string, ok bool) {
	if it.symbol >= 0 && from.pair[it.symbol] >= 0 {
		now := to.all[from.pair[it.symbol]]
		out := cmp.Or(now.Out, excluded[now.File])
		if out == "" || out == from.all[it.symbol].Out {
			return "", false
		}
		return awayNote(out), true
	}
	file := p.head(it.File)
	if reason, ok := excluded[file]; ok {
		return awayNote(reason), true
	}
	if !it.Test && strings.HasSuffix(file, "_test.go") {
		return awayNote("test"), true
	}
	return "", false
}

// awayNote words the reason why code does not count.
func awayNote(reason string) string {
	switch reason {
	case "generated", "vendored", "test":
		return "now in " + reason + " code: repays nothing"
	case "testdata":
		return "now in testdata: repays nothing"
	default:
		return "no longer read (" + reason + "): repays nothing"
	}
}
