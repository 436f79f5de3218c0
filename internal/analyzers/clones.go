package analyzers

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"sort"
	"strings"
)

// DESIGN of the clones
//
// A clone is a run of whole statements that follow each other in one block and
// that stands elsewhere too with the same tokens but for names and literals:
// what a person would have made one function of. Runs of statements rather than
// of tokens, because half of a loop and what comes before it can be shared by
// nobody; and never of several functions, because then to reorder functions or
// to move one to another file would change the clones.
//
//	seeds    at each statement, the shortest run with enough tokens; runs with
//	         one hash begin at places that may be clones
//	growth   places of one seed grow together as long as they go on alike;
//	         where some do and some do not, both runs are candidates
//	sieve    what says few things, or one thing again and again, or uses
//	         other names throughout is like nothing in particular
//	cover    the largest candidates first; what lies in a clone already
//	         taken is no other one, so that no token is charged twice
//
// All of it is a function of the tree, and lines count for nothing. Which files a change touches says only
// at which of its places a clone is shown.

// The sizes of a clone. minCloneTokens is that of PMD's CPD, and SonarSource's;
// the others are ours, from reading what they leave over in three public
// repositories (prometheus, etcd, cli).
const (
	minCloneTokens = 100
	// minCloneVariety is the number of different simple statements, so that a
	// row of equal calls is none.
	minCloneVariety = 6
	// minCloneLikeness is the share of names that two copies have in common at
	// the same places. Much of Go has one shape: what has other names
	// throughout does another thing.
	minCloneLikeness = 0.6
)

// cloneClass is a set of places that are clones of each other.
type cloneClass struct {
	places []clonePlace // by file and line
	node   string       // hash of the tokens' shapes
}

type clonePlace struct {
	pkg      *ProgramPackage
	file     *ProgramFile
	list     *stmtList
	from, to int // statements of the list, to left out
}

func (c clonePlace) stmts() []stmt { return c.list.Stmts[c.from:c.to] }
func (c clonePlace) line() int     { return int(c.list.Stmts[c.from].Line) }
func (c clonePlace) endLine() int  { return int(c.list.Stmts[c.to-1].EndLine) }
func (c clonePlace) tokens() (from, to int32) {
	return c.list.Stmts[c.from].From, c.list.Stmts[c.to-1].To
}

func (c clonePlace) weight() (sum int32) {
	for _, s := range c.stmts() {
		sum += s.Weight
	}
	return sum
}

func (c clonePlace) raw() []uint32 {
	from, to := c.tokens()
	return c.file.Raw[from:to]
}

func (c clonePlace) compare(d clonePlace) int {
	return cmp.Or(strings.Compare(c.file.Rel, d.file.Rel), cmp.Compare(c.line(), d.line()), cmp.Compare(c.endLine(), d.endLine()))
}

// cloneClasses finds all clones of the program, once.
func (t *Tree) cloneClasses() []cloneClass {
	if !t.cloned {
		t.classes, t.cloned = cover(t.candidates()), true
	}
	return t.classes
}

// seed is a run of statements, hashed.
type seed struct {
	hash  uint64
	place clonePlace
}

// candidates are all classes, those that lie in others too.
func (t *Tree) candidates() []cloneClass {
	var seeds []seed
	for i := range t.Packages {
		for _, f := range t.Packages[i].Files {
			for j := range f.Lists {
				seeds = appendSeeds(seeds, clonePlace{pkg: &t.Packages[i], file: f, list: &f.Lists[j]})
			}
		}
	}
	// Stable, so that the places of one hash stay in the order of the program.
	slices.SortStableFunc(seeds, func(a, b seed) int { return cmp.Compare(a.hash, b.hash) })
	var g grower
	for len(seeds) > 0 {
		n := 1
		for n < len(seeds) && seeds[n].hash == seeds[0].hash {
			n++
		}
		if n > 1 {
			places := make([]clonePlace, n)
			for i, s := range seeds[:n] {
				places[i] = s.place
			}
			g.grow(apart(places))
		}
		seeds = seeds[n:]
	}
	return g.classes
}

// appendSeeds adds the shortest run with enough tokens from each statement of a
// list.
func appendSeeds(seeds []seed, list clonePlace) []seed {
	stmts := list.list.Stmts
	to, weight := 0, int32(0)
	for from := range stmts {
		for to < len(stmts) && weight < minCloneTokens {
			weight += stmts[to].Weight
			to++
		}
		if weight < minCloneTokens {
			break
		}
		place := list
		place.from, place.to = from, to
		seeds = append(seeds, seed{hashRun(stmts[from:to]), place})
		weight -= stmts[from].Weight
	}
	return seeds
}

func hashRun(stmts []stmt) uint64 {
	h := uint64(len(stmts))
	for _, s := range stmts {
		h = (h ^ s.Hash) * 1099511628211
		h ^= h >> 32
	}
	return h
}

// apart drops places that overlap the one before: a statement that is repeated
// is like itself one further down.
func apart(places []clonePlace) []clonePlace {
	out := places[:0]
	for _, c := range places {
		if n := len(out); n > 0 && out[n-1].list == c.list && out[n-1].to > c.from {
			continue
		}
		out = append(out, c)
	}
	return out
}

type grower struct{ classes []cloneClass }

// grow takes places of one run, makes them longer together, and adds the class
// where no statement before or after could be added for all. Places that go on
// in different ways are a class where they part, and each way is followed on.
func (g *grower) grow(places []clonePlace) {
	for len(places) > 1 && !goOn(places, func(c clonePlace) int { return c.from - 1 }) {
		if !goOn(places, func(c clonePlace) int { return c.to }) {
			g.add(places)
			for _, part := range parts(places) {
				g.grow(part)
			}
			return
		}
		for i := range places {
			places[i].to++
		}
	}
}

// goOn reports whether the statements that the places have at an index are all
// alike, and of none lies in the next place.
func goOn(places []clonePlace, at func(clonePlace) int) bool {
	for i, c := range places {
		j := at(c)
		if j < 0 || j >= len(c.list.Stmts) || c.list.Stmts[j].Hash != places[0].list.Stmts[at(places[0])].Hash {
			return false
		}
		if i+1 < len(places) && places[i+1].list == c.list && j >= places[i+1].from {
			return false
		}
	}
	return true
}

// parts are the places that go on alike, one statement longer, where several do.
func parts(places []clonePlace) [][]clonePlace {
	byNext := map[uint64][]clonePlace{}
	var order []uint64
	for _, c := range places {
		if c.to >= len(c.list.Stmts) {
			continue
		}
		next := c.list.Stmts[c.to].Hash
		if byNext[next] == nil {
			order = append(order, next)
		}
		c.to++
		byNext[next] = append(byNext[next], c)
	}
	var out [][]clonePlace
	for _, next := range order {
		if part := apart(byNext[next]); len(part) > 1 {
			out = append(out, part)
		}
	}
	return out
}

// add sieves the places of a run and adds the classes that they make.
func (g *grower) add(places []clonePlace) {
	if places[0].variety() < minCloneVariety {
		return
	}
	worth := slices.SortedFunc(slices.Values(places), clonePlace.compare)
	for len(worth) > 1 {
		var class, rest []clonePlace
		first := worth[0].raw()
		for _, c := range worth {
			switch {
			case twins(class, c):
			case alike(first, c.raw()):
				class = append(class, c)
			default:
				rest = append(rest, c)
			}
		}
		if len(class) > 1 {
			g.classes = append(g.classes, cloneClass{places: class, node: shapeHash(first)})
		}
		worth = rest
	}
}

// variety is the number of different simple statements in the place.
func (c clonePlace) variety() int {
	from, to := c.tokens()
	all := c.file.Simple
	first := sort.Search(len(all), func(i int) bool { return all[i].From >= from })
	seen := map[uint64]bool{}
	for _, s := range all[first:] {
		if s.From >= to {
			break
		}
		seen[s.Hash] = true
	}
	return len(seen)
}

// twins reports whether the place is the same code for another platform: in the
// folder of a place that, too, is built for some platforms only.
func twins(class []clonePlace, c clonePlace) bool {
	return slices.ContainsFunc(class, func(d clonePlace) bool {
		return d.file != c.file && d.pkg == c.pkg && d.file.Platform && c.file.Platform
	})
}

// alike reports whether two runs have the same tokens, but for names and
// literals, and enough of the names in common.
func alike(a, b []uint32) bool {
	if len(a) != len(b) {
		return false
	}
	names, same := 0, 0
	for i := range a {
		if shapeOf(a[i]) != shapeOf(b[i]) {
			return false // two statements of one hash
		}
		if a[i]&classMask == nameClass {
			names++
			if a[i] == b[i] {
				same++
			}
		}
	}
	return float64(same) >= minCloneLikeness*float64(names)
}

func shapeHash(raw []uint32) string {
	h := sha256.New()
	var buf []byte
	for _, r := range raw {
		buf = binary.BigEndian.AppendUint32(buf[:0], shapeOf(r))
		h.Write(buf)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// cover takes the largest classes first, and of each later one the places that
// are not covered by now. Of a single one that is left, the class keeps a
// covered one, which it is a further copy of.
func cover(classes []cloneClass) []cloneClass {
	weight := func(c cloneClass) int32 { return c.places[0].weight() }
	slices.SortStableFunc(classes, func(a, b cloneClass) int {
		return cmp.Or(cmp.Compare(weight(b), weight(a)), cmp.Compare(len(b.places), len(a.places)),
			a.places[0].compare(b.places[0]), strings.Compare(a.node, b.node))
	})
	covered := map[*ProgramFile][]bool{}
	free := func(c clonePlace) bool {
		marks := covered[c.file]
		if marks == nil {
			return true
		}
		left := 0
		from, to := c.tokens()
		for _, taken := range marks[from:to] {
			if !taken {
				left++
			}
		}
		return left >= minCloneTokens
	}
	var out []cloneClass
	for _, class := range classes {
		var places, rest []clonePlace
		for _, c := range class.places {
			if free(c) {
				places = append(places, c)
			} else {
				rest = append(rest, c)
			}
		}
		if len(places) == 1 && len(rest) > 0 {
			places = append(places, rest[0])
			slices.SortFunc(places, clonePlace.compare)
		}
		if len(places) < 2 {
			continue
		}
		for _, c := range places {
			if covered[c.file] == nil {
				covered[c.file] = make([]bool, len(c.file.Raw))
			}
			from, to := c.tokens()
			for i := from; i < to; i++ {
				covered[c.file][i] = true
			}
		}
		out = append(out, cloneClass{places, class.node})
	}
	return out
}
