package debt

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// DESIGN of the matching
//
// A finding is the same on both sides if it would be one remark to a person:
// the code may have been reformatted, reordered, renamed or moved in between.
// So a position never identifies it. What does is tried in passes, from the
// surest to the weakest; each pass pairs, among the findings that the ones
// before left over, those whose keys are equal. Findings with one key are a
// multiset: three equal ignored errors before and two after leave one paid.
//
// The net does not depend on the matching (it is the price of the head less
// the price of the base). What is matched badly only shows one finding as paid
// and another as new, where a person would see one that changed.
//
// Every pass is one map and linear in the findings; within a key the order is
// by file and line at the head, so that the result does not depend on the
// order of the input.

// key is what two findings have to agree on in one pass.
type key struct {
	rule, pkg, symbol, file string
	what                    string // node hash or message
	line                    int
}

// passes in order. A key function returns false where the pass does not apply.
// For a finding of the head, at is where it stands.
var passes = []func(*item) (key, bool){
	// The same fingerprint.
	func(it *item) (key, bool) {
		return key{rule: it.rule.ID, pkg: it.Package, symbol: it.Symbol, file: it.ofFile(), what: it.Node}, true
	},
	// The node changed, but not what is said of it.
	func(it *item) (key, bool) {
		return key{rule: it.rule.ID, pkg: it.Package, symbol: it.Symbol, file: it.ofFile(), what: it.text()}, it.loose()
	},
	// The package, file or declaration has another name.
	func(it *item) (key, bool) {
		return it.renamed(it.Node), true
	},
	func(it *item) (key, bool) {
		return it.renamed(it.text()), it.loose()
	},
	// The same code elsewhere in the change. A metric has no code of its own:
	// it moves with its declaration, see pairSymbols.
	func(it *item) (key, bool) {
		return key{rule: it.rule.ID, what: it.Node}, it.loose() && it.Node != ""
	},
	// The line that took the place of the line, unless that would carry the
	// finding into another declaration.
	func(it *item) (key, bool) {
		k := key{rule: it.rule.ID, file: it.at.file, line: it.at.line}
		if it.stays {
			k.pkg, k.symbol = it.at.pkg, it.at.symbol
		}
		return k, it.loose() && it.at.exact
	},
}

// loose says whether the finding may be matched by less than its rule, symbol
// and node. A suppression may not: all of one linter look alike, and one that
// silences other code is a new one.
func (it *item) loose() bool { return it.rule.ID != suppression }

// ofFile is the file for a metric of one file, which has nothing else to tell
// it from the next one in the package.
func (it *item) ofFile() string {
	if it.rule.Metric && !it.rule.Whole && it.Symbol == "" {
		return it.at.file
	}
	return ""
}

// renamed is the key of a finding under the names of the head; outside of any
// declaration the file has to be the same.
func (it *item) renamed(what string) key {
	k := key{rule: it.rule.ID, pkg: it.at.pkg, symbol: it.at.symbol, what: what}
	if k.symbol == "" && !it.rule.Whole {
		k.file = it.at.file
	}
	return k
}

// text is the message without what changes though the finding stays: numbers,
// and the name of the declaration itself. Quoted code stays, because it tells
// one ignored error from the next.
//
//	"f.Close: error ignored 3 times" → "f.Close: error ignored # times"
//	"func parse2 is unused"          → "func @ is unused"
func (it *item) text() string {
	names := strings.Split(it.Symbol, ".")
	isWord := func(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
	var b strings.Builder
	for rest := it.Message; rest != ""; {
		end := strings.IndexFunc(rest, func(r rune) bool { return !isWord(r) })
		if end < 0 {
			end = len(rest)
		}
		if end == 0 {
			_, end = utf8.DecodeRuneInString(rest)
			b.WriteString(rest[:end])
			rest = rest[end:]
			continue
		}
		switch word := rest[:end]; {
		case slices.Contains(names, word):
			b.WriteByte('@')
		case '0' <= word[0] && word[0] <= '9':
			b.WriteByte('#')
		default:
			b.WriteString(word)
		}
		rest = rest[end:]
	}
	return b.String()
}

// match pairs the findings of the two sides.
func match(base, head []item) {
	for _, keyOf := range passes {
		free, left := unmatched(head, keyOf), unmatched(base, keyOf)
		for _, k := range left.order {
			if h := free.byKey[k]; len(h) > 0 {
				pairUp(base, head, left.byKey[k], h)
			}
		}
	}
}

// keyed are indices of items by their key, and the keys in order.
type keyed struct {
	byKey map[key][]int
	order []key
}

func unmatched(items []item, keyOf func(*item) (key, bool)) keyed {
	list := keyed{byKey: make(map[key][]int)}
	for i := range items {
		if items[i].pair >= 0 {
			continue
		}
		if k, ok := keyOf(&items[i]); ok {
			if len(list.byKey[k]) == 0 {
				list.order = append(list.order, k)
			}
			list.byKey[k] = append(list.byKey[k], i)
		}
	}
	return list
}

// pairUp pairs findings of one key: those in sight with such and the hidden
// with such, and only then across, so that of two equal findings on one of
// which a suppression lies none seems to come out from under it.
func pairUp(base, head []item, bs, hs []int) {
	if len(bs) == 1 && len(hs) == 1 {
		base[bs[0]].pair, head[hs[0]].pair = hs[0], bs[0]
		return
	}
	for _, hidden := range []bool{false, true} {
		of := func(items []item, list []int) []int {
			return slices.DeleteFunc(slices.Clone(list), func(i int) bool { return items[i].HiddenBy != "" != hidden })
		}
		pairNearest(base, head, of(base, bs), of(head, hs))
	}
	pairNearest(base, head, bs, hs)
}

// pairNearest pairs those of one file by the nearest line, and what is then
// left in order.
func pairNearest(base, head []item, bs, hs []int) {
	pair := func(b, h int) { base[b].pair, head[h].pair = h, b }
	free := func(items []item, list []int) []int {
		list = slices.DeleteFunc(slices.Clone(list), func(i int) bool { return items[i].pair >= 0 })
		slices.SortStableFunc(list, func(i, j int) int { return comparePlaces(items[i].at, items[j].at) })
		return list
	}
	spots := func(items []item, list []int, isHead bool) map[string][]spot {
		files := make(map[string][]spot)
		for _, i := range free(items, list) {
			at := items[i].at
			files[at.file] = append(files[at.file], spot{line: at.line, item: i, head: isHead})
		}
		return files
	}
	inHead := spots(head, hs, true)
	for file, b := range spots(base, bs, false) {
		nearest(b, inHead[file], pair) // files are independent, so any order will do
	}
	bs, hs = free(base, bs), free(head, hs)
	for i := range min(len(bs), len(hs)) {
		pair(bs[i], hs[i])
	}
}

func comparePlaces(a, b place) int {
	if c := strings.Compare(a.file, b.file); c != 0 {
		return c
	}
	return a.line - b.line
}
