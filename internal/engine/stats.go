package engine

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Stats say what a job did and what it was spared, for `bot review -v` and for
// metrics. Packages are counted with their variants, at each side that has them
// apart.
type Stats struct {
	Listed   int // packages that the listings name, dependencies included
	Typed    int // of these, type-checked from source
	Loaded   int // of these, whose types were kept
	Lent     int // of these, with the types and facts of a package of the same files
	Analysed int // of these, on which any analyzer ran
	Recalled int // of these, whose facts were kept
	Judged   int // of these, on which all checks ran
	Kept     int // of these, whose findings were kept from a job before
	Pruned   int // packages of the repository that were not judged: equal, or out of reach of the change
	// Listings say how each listing was made: by the go command, and why, or from
	// what was known.
	Listings []Listing
	// Unreused says of each package of the repository that was judged why it had
	// to be.
	Unreused []Reason
	Phases   []Phase
}

// Listing is one listing of a side.
type Listing struct {
	Side, Dir string
	Platform  string // with tags, if any; "" for the machine's own without
	Asked     string // why the go command was asked; "" where it was not
}

// Reason is why a package could not be reused.
type Reason struct{ Package, Why string }

// Phase is a part of a job and what it took, the go command's part included.
type Phase struct {
	Name    string
	Seconds float64 // wall clock
	CPU     float64 // seconds of all processors; 0 where the system does not say
}

// counters collect Stats while many work.
type counters struct {
	mu     sync.Mutex
	stats  Stats
	begun  time.Time
	before float64 // seconds of processor at the begin of the phase
}

func (c *counters) count(which func(*Stats) *int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*which(&c.stats)++
}

func typed(s *Stats) *int    { return &s.Typed }
func loaded(s *Stats) *int   { return &s.Loaded }
func lent(s *Stats) *int     { return &s.Lent }
func analysed(s *Stats) *int { return &s.Analysed }
func recalled(s *Stats) *int { return &s.Recalled }
func judged(s *Stats) *int   { return &s.Judged }

func keptFindings(s *Stats) *int { return &s.Kept }

func (c *counters) listed(t *tree, u listUnit, p platform, asked string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.Listings = append(c.stats.Listings, Listing{t.side, u.dir, strings.TrimSpace(strings.TrimPrefix(p.String(), "/")), asked})
}

func (c *counters) because(path, why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.Unreused = append(c.stats.Unreused, Reason{path, why})
}

// begin starts the clock of a phase; end stops it.
func (c *counters) begin() { c.begun, c.before = time.Now(), processorSeconds() }

func (c *counters) end(phase string) {
	c.stats.Phases = append(c.stats.Phases, Phase{phase, time.Since(c.begun).Seconds(), processorSeconds() - c.before})
	c.begin()
}

// result is what was counted, in a fixed order.
func (c *counters) result() Stats {
	slices.SortFunc(c.stats.Unreused, func(a, b Reason) int { return cmp.Or(cmp.Compare(a.Package, b.Package), cmp.Compare(a.Why, b.Why)) })
	c.stats.Unreused = slices.Compact(c.stats.Unreused)
	slices.SortFunc(c.stats.Listings, func(a, b Listing) int {
		return cmp.Or(cmp.Compare(a.Side, b.Side), cmp.Compare(a.Dir, b.Dir), cmp.Compare(a.Platform, b.Platform), cmp.Compare(a.Asked, b.Asked))
	})
	return c.stats
}
