package debt

import (
	"cmp"
	"encoding/binary"
	"hash/fnv"
	"slices"
	"strings"
)

const (
	// renameSimilarity is the share of tokens that two declarations have to
	// have in common to be one declaration under two names.
	renameSimilarity = 0.8
	// moveSimilarity is the share that is enough where the name is the same
	// too and stands once on each side: a function that moves to another
	// package gains and loses qualifiers on the way (ours).
	moveSimilarity = 0.5
	// minTokens is the size below which likeness alone says nothing: of fewer
	// than 10 tokens, .8 leaves room for one that differs (ours).
	minTokens = 10
)

// symbols are the declarations of one side and what became of each.
type symbols struct {
	all  []Symbol
	pair []int // the index of the same declaration on the other side; -1: none
	// byName leads from package and name to the indices in all; init and _
	// stand there more than once.
	byName map[[2]string][]int
	// packages leads from a file to the package of its declarations.
	packages map[string]string
	hashes   []uint64 // of the tokens
}

func newSymbols(list []Symbol) *symbols {
	s := &symbols{
		all:      slices.Clone(list),
		pair:     make([]int, len(list)),
		byName:   make(map[[2]string][]int),
		packages: make(map[string]string),
		hashes:   make([]uint64, len(list)),
	}
	slices.SortFunc(s.all, func(a, b Symbol) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Package, b.Package),
			cmp.Compare(a.Name, b.Name), cmp.Compare(a.EndLine, b.EndLine), slices.Compare(a.Tokens, b.Tokens), cmp.Compare(a.Out, b.Out))
	})
	for i, sym := range s.all {
		s.pair[i] = -1
		name := [2]string{sym.Package, sym.Name}
		s.byName[name] = append(s.byName[name], i)
		s.packages[sym.File] = sym.Package
		s.hashes[i] = hashTokens(sym.Tokens)
	}
	return s
}

func hashTokens(tokens []uint32) uint64 {
	h := fnv.New64a()
	var buf [4]byte
	for _, t := range tokens {
		binary.BigEndian.PutUint32(buf[:], t)
		h.Write(buf[:])
	}
	return h.Sum64()
}

// find is the declaration that a measure lies in, -1 if none is listed: among
// those of its name the one around its line, else one of its file, else the
// only one there is.
func (s *symbols) find(m Measure) int {
	found := s.byName[[2]string{m.Package, m.Symbol}]
	best := -1
	for _, i := range found {
		sym := s.all[i]
		if sym.File != m.File {
			continue
		}
		if sym.Line <= m.Line && m.Line <= sym.EndLine {
			return i
		}
		if best < 0 {
			best = i
		}
	}
	if best < 0 && len(found) == 1 {
		return found[0]
	}
	return best
}

// symbolKey is what two declarations have to agree on in one round.
type symbolKey struct {
	pkg, name, file string
	tokens          uint64
	out             string
}

// symbolRounds are tried in order, each over the declarations that the ones
// before left over, first between code that counts alike (see Symbol.Out) and
// then between any. The file is the one at the head. A key function returns
// false where the round does not apply.
var symbolRounds = []func(s Symbol, file string, tokens uint64) (symbolKey, bool){
	// The same name in the same package is the same declaration. The first
	// three only sort out init and _, and what build constraints repeat.
	func(s Symbol, file string, tokens uint64) (symbolKey, bool) {
		return symbolKey{pkg: s.Package, name: s.Name, file: file, tokens: tokens}, true
	},
	func(s Symbol, file string, tokens uint64) (symbolKey, bool) {
		return symbolKey{pkg: s.Package, name: s.Name, tokens: tokens}, true
	},
	func(s Symbol, file string, tokens uint64) (symbolKey, bool) {
		return symbolKey{pkg: s.Package, name: s.Name, file: file}, true
	},
	func(s Symbol, file string, tokens uint64) (symbolKey, bool) {
		return symbolKey{pkg: s.Package, name: s.Name}, true
	},
	// A package that moved with its files.
	func(s Symbol, file string, tokens uint64) (symbolKey, bool) {
		return symbolKey{name: s.Name, file: file}, true
	},
	// The very same code: moved, renamed, or both.
	func(s Symbol, file string, tokens uint64) (symbolKey, bool) {
		return symbolKey{name: s.Name, tokens: tokens}, len(s.Tokens) > 0
	},
	func(s Symbol, file string, tokens uint64) (symbolKey, bool) {
		return symbolKey{pkg: s.Package, tokens: tokens}, len(s.Tokens) > 0
	},
	func(s Symbol, file string, tokens uint64) (symbolKey, bool) {
		return symbolKey{tokens: tokens}, len(s.Tokens) >= minTokens
	},
}

// pairSymbols finds for each declaration of the base the same one at the head.
func pairSymbols(base, head *symbols, p paths) {
	for _, key := range symbolRounds {
		for _, anyOut := range []bool{false, true} {
			keyOf := func(s *symbols, i int, file string) (symbolKey, bool) {
				k, ok := key(s.all[i], file, s.hashes[i])
				if !anyOut {
					k.out = s.all[i].Out
				}
				return k, ok
			}
			zipSymbols(base, head,
				func(i int) (symbolKey, bool) { return keyOf(base, i, p.head(base.all[i].File)) },
				func(i int) (symbolKey, bool) { return keyOf(head, i, head.all[i].File) })
		}
	}
	pairMethods(base, head)
	pairSimilar(base, head)
	pairMethods(base, head)
	pairNames(base, head)
}

// zipSymbols pairs the unpaired declarations of equal keys, in order.
func zipSymbols(base, head *symbols, baseKey, headKey func(int) (symbolKey, bool)) {
	free := make(map[symbolKey][]int)
	for j := range head.all {
		if head.pair[j] < 0 {
			if k, ok := headKey(j); ok {
				free[k] = append(free[k], j)
			}
		}
	}
	if len(free) == 0 {
		return
	}
	for i := range base.all {
		if base.pair[i] >= 0 {
			continue
		}
		k, ok := baseKey(i)
		if list := free[k]; ok && len(list) > 0 {
			link(base, head, i, list[0])
			free[k] = list[1:]
		}
	}
}

func link(base, head *symbols, i, j int) { base.pair[i], head.pair[j] = j, i }

// pairMethods pairs T.M with U.M where type T was renamed to U.
func pairMethods(base, head *symbols) {
	zipSymbols(base, head,
		func(i int) (symbolKey, bool) {
			recv, method, ok := strings.Cut(base.all[i].Name, ".")
			if !ok {
				return symbolKey{}, false
			}
			for _, t := range base.byName[[2]string{base.all[i].Package, recv}] {
				if u := base.pair[t]; u >= 0 {
					return symbolKey{pkg: head.all[u].Package, name: head.all[u].Name + "." + method}, true
				}
			}
			return symbolKey{}, false
		},
		func(j int) (symbolKey, bool) {
			return symbolKey{pkg: head.all[j].Package, name: head.all[j].Name}, true
		})
}

// pairSimilar pairs declarations that are alike enough to be one, the likest
// first.
func pairSimilar(base, head *symbols) {
	found := similar(base, head)
	// Of two that are as like, the one that kept its name or package.
	kept := func(l likeness) int {
		n, b, h := 0, base.all[l.base], head.all[l.head]
		if b.Name == h.Name {
			n += 2
		}
		if b.Package == h.Package {
			n++
		}
		return n
	}
	slices.SortFunc(found, func(a, b likeness) int {
		return cmp.Or(cmp.Compare(b.share, a.share), cmp.Compare(kept(b), kept(a)),
			cmp.Compare(a.base, b.base), cmp.Compare(a.head, b.head))
	})
	for _, l := range found {
		if base.pair[l.base] < 0 && head.pair[l.head] < 0 {
			link(base, head, l.base, l.head)
		}
	}
}

// pairNames pairs a name that is gone from one package with the same name that
// is new in another, if there is one of each and they are not plainly
// different things.
func pairNames(base, head *symbols) {
	single := func(s *symbols) map[string]int {
		names := make(map[string]int)
		for i, sym := range s.all {
			switch _, twice := names[sym.Name]; {
			case s.pair[i] >= 0 || sym.Name == "init" || sym.Name == "main" || sym.Name == "_":
				// Everyone has one: the name says nothing.
			case twice:
				names[sym.Name] = -1
			default:
				names[sym.Name] = i
			}
		}
		return names
	}
	heads := single(head)
	for name, i := range single(base) {
		j, ok := heads[name]
		if !ok || i < 0 || j < 0 {
			continue
		}
		b, h := base.all[i].Tokens, head.all[j].Tokens
		if len(b) == 0 || len(h) == 0 || share(sorted(b), sorted(h)) >= moveSimilarity {
			link(base, head, i, j)
		}
	}
}
