package debt

import (
	"cmp"
	"math"
	"slices"
)

const (
	// A token that more declarations than this have among their rarest says
	// little about any of them.
	maxPostings = 128
	// maxCandidates is how many declarations are compared in full with one.
	maxCandidates = 16
)

// likeness is a declaration of the base and one of the head that share at
// least renameSimilarity of their tokens.
type likeness struct {
	base, head int
	share      float64
}

// similar finds all like pairs among the unpaired declarations.
//
// Comparing each with each is quadratic, and a change may hold thousands. Two
// bags of n and m tokens that share .8·max(n, m) must share one of the rarest
// n−.8n+1 tokens of the first and one of the second's (prefix filtering:
// Chaudhuri, Ganti, Kaushik, "A primitive operator for similarity joins",
// 2006). So an index of the rarest tokens finds the candidates. The two limits
// above give up exactness only where that index fails to tell declarations
// apart, and keep a hostile change from costing more.
func similar(base, head *symbols) []likeness {
	bags := func(s *symbols) []bag {
		var list []bag
		for i, sym := range s.all {
			if s.pair[i] < 0 && len(sym.Tokens) >= minTokens {
				list = append(list, newBag(i, sym.Tokens))
			}
		}
		return list
	}
	bases, heads := bags(base), bags(head)
	if len(bases) == 0 || len(heads) == 0 {
		return nil
	}
	frequency := make(map[element]int)
	for _, list := range [][]bag{bases, heads} {
		for _, b := range list {
			for _, e := range b.elements {
				frequency[e]++
			}
		}
	}
	index := make(map[element][]int)
	for j, h := range heads {
		for _, e := range h.rarest(frequency) {
			index[e] = append(index[e], j)
		}
	}
	var found []likeness
	for _, b := range bases {
		for _, j := range b.candidates(index, frequency) {
			if s := share(b.tokens, heads[j].tokens); s >= renameSimilarity {
				found = append(found, likeness{b.symbol, heads[j].symbol, s})
			}
		}
	}
	return found
}

// element is a token and how often it stood in the bag before, which makes a
// set of a multiset.
type element struct {
	token uint32
	nth   uint32
}

// bag is the multiset of the tokens of one declaration.
type bag struct {
	symbol   int
	tokens   []uint32 // sorted
	elements []element
}

func newBag(symbol int, tokens []uint32) bag {
	b := bag{symbol: symbol, tokens: sorted(tokens)}
	b.elements = make([]element, len(tokens))
	for i, t := range b.tokens {
		b.elements[i].token = t
		if i > 0 && b.tokens[i-1] == t {
			b.elements[i].nth = b.elements[i-1].nth + 1
		}
	}
	return b
}

func (b bag) rarest(frequency map[element]int) []element {
	byRarity := slices.Clone(b.elements)
	slices.SortFunc(byRarity, func(x, y element) int {
		return cmp.Or(cmp.Compare(frequency[x], frequency[y]), cmp.Compare(x.token, y.token), cmp.Compare(x.nth, y.nth))
	})
	n := float64(len(byRarity))
	// Less a little, since .8·15 is 12.000000000000002.
	atLeast := int(math.Ceil(renameSimilarity*n - 1e-9))
	return byRarity[:len(byRarity)-atLeast+1]
}

// candidates are the bags that have the most of b's rarest elements among
// their own.
func (b bag) candidates(index map[element][]int, frequency map[element]int) []int {
	votes := make(map[int]int)
	for _, e := range b.rarest(frequency) {
		if list := index[e]; len(list) <= maxPostings {
			for _, j := range list {
				votes[j]++
			}
		}
	}
	list := make([]int, 0, len(votes))
	for j := range votes {
		list = append(list, j)
	}
	slices.SortFunc(list, func(i, j int) int {
		return cmp.Or(cmp.Compare(votes[j], votes[i]), cmp.Compare(i, j))
	})
	return list[:min(len(list), maxCandidates)]
}

func sorted(tokens []uint32) []uint32 {
	tokens = slices.Clone(tokens)
	slices.Sort(tokens)
	return tokens
}

// share is the number of tokens that two sorted bags have in common, over the
// size of the larger: as git measures the similarity of two files.
func share(a, b []uint32) float64 {
	common := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			common, i, j = common+1, i+1, j+1
		}
	}
	return float64(common) / float64(max(len(a), len(b), 1))
}
