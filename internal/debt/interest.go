package debt

import (
	"cmp"
	"math"
	"path"
	"slices"
)

// # Interest
//
// Debt costs where somebody works. A symbol's interest, in minutes a quarter, is
//
//	touches a quarter · 20 min · friction
//
// where friction is the share by which its worst finding makes a touch longer.
// Principal is not in it: a dear refactoring of code that nobody touches costs
// nothing to leave undone. Principal over interest is the payback.

const (
	// halfLife of a touch, in days: what was worked on lately will be worked on
	// next (ours).
	halfLife = 90
	// quarterly turns a sum of touches with that half-life into touches in a
	// quarter: one touch a day sums up to 90/ln 2 in the long run, ×.70 ≈ 90.
	quarterly = 0.70
	// touchMinutes is what one touch takes in code without friction (ours).
	touchMinutes = 20
)

// The frictions of a finding: the share by which it makes a touch longer.
const (
	// patternFriction is of findings that measure nothing, and of those that
	// are about a whole file or package, of which a touch sees little (ours).
	patternFriction = 0.10
	// The others are of metrics: up to the P80 of the corpus, up to the P95, and
	// above it. The last is the most that was seen in 39 codebases: work in code
	// of low quality took up to 124 % longer (Tornhill & Borg, Code Red, 2022).
	lowFriction, middleFriction, highFriction = 0.25, 0.60, 1.24
)

// MaxPayback is how many quarters a repayment may take to come back, to be
// advised.
const MaxPayback = 4

// A Touch is one commit that changed a declaration.
type Touch struct {
	Commit, Author string
	Age            float64 // days before the tree that is looked at, not negative
	File           string  // as in Measure
	Symbol         string  // as in Measure; empty for the file as a whole, once for each commit
}

// A Hotspot is a symbol with debt, or a file or package as a whole, with what
// it costs to leave it so.
type Hotspot struct {
	Package, Symbol string
	File            string
	Line            int       // of the dearest finding
	Findings        []Finding // the dearest first
	Principal       float64   // minutes
	Friction        float64
	Touches         float64 // a quarter, the recent ones counting for more
	Interest        float64 // minutes a quarter
	Changes         int     // commits in the window
	Authors         int     // people who made them
	Goals           []string
	Advice          Advice
}

// Payback is the number of quarters after which a repayment has come back,
// infinite where the symbol costs no interest.
func (h Hotspot) Payback() float64 {
	if h.Interest == 0 {
		return math.Inf(1)
	}
	return h.Principal / h.Interest
}

// Advice says what to do about a hotspot. Decreasing debt is no end in itself:
// it is worth the work where a goal of a team needs the code.
type Advice string

// The advices.
const (
	Repay Advice = "repay"   // a goal needs the code, and the work comes back within MaxPayback
	Slow  Advice = "slow"    // a goal needs it, and the work comes back too late: leave it alone
	NoUse Advice = "no-goal" // no goal needs it: leave it alone
)

// Hotspots joins the findings of a tree with the touches of its history. The
// dearest to leave alone come first; those that cost no interest are last. Of
// test code there are none. Changes and authors are of the last window days;
// touches are of all that are given, so that one that is a year old still
// counts a sixteenth. goals returns the goals that need a file.
func Hotspots(findings []Finding, touches []Touch, window float64, goals func(file string) []string) []Hotspot {
	churn := indexTouches(touches)
	spots := make(map[site]*Hotspot)
	for _, f := range findings {
		if f.Test || f.Minutes <= 0 {
			continue
		}
		s := site{f.Package, f.Symbol, f.File}
		if wholePackage(f) {
			s.file = path.Dir(f.File)
		}
		if spots[s] == nil {
			spots[s] = &Hotspot{Package: f.Package, Symbol: f.Symbol, File: s.file}
		}
		spots[s].Findings = append(spots[s].Findings, f)
	}
	var all []Hotspot
	for s, h := range spots {
		h.price()
		h.charge(churn[place{symbol: s.symbol, file: s.file}], window)
		h.advise(goals)
		all = append(all, *h)
	}
	slices.SortFunc(all, func(a, b Hotspot) int {
		return cmp.Or(cmp.Compare(b.Interest, a.Interest), cmp.Compare(b.Principal, a.Principal),
			cmp.Compare(a.File, b.File), cmp.Compare(a.Symbol, b.Symbol), cmp.Compare(a.Package, b.Package))
	})
	return all
}

// wholePackage says of a finding that it is about its package. It stands at the
// package clause of one of the files.
func wholePackage(f Finding) bool { return f.Rule == "god-package" || f.Rule == "package-fan-out" }

// indexTouches leads from a file and symbol, a file, or a folder to its touches,
// one for each commit.
func indexTouches(touches []Touch) map[place][]Touch {
	type once struct {
		place
		commit string
	}
	index := make(map[place][]Touch)
	seen := make(map[once]bool)
	for _, t := range touches {
		at := []place{{symbol: t.Symbol, file: t.File}}
		if t.Symbol == "" {
			at = append(at, place{file: path.Dir(t.File)})
		}
		for _, p := range at {
			if !seen[once{p, t.Commit}] {
				seen[once{p, t.Commit}] = true
				index[p] = append(index[p], t)
			}
		}
	}
	return index
}

// price sums up what the findings cost to mend, as [Damped] has it, and keeps
// the worst friction.
func (h *Hotspot) price() {
	slices.SortStableFunc(h.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(b.Minutes, a.Minutes), compareMeasures(a.Measure, b.Measure))
	})
	h.Line = h.Findings[0].Line
	var structural []float64
	for _, f := range h.Findings {
		if rule, ok := Lookup(f.Rule); ok && rule.Structural {
			structural = append(structural, f.Minutes)
		} else {
			h.Principal += f.Minutes
		}
		h.Friction = max(h.Friction, friction(f))
	}
	h.Principal += Damped(structural)
}

// charge adds up the touches of the hotspot.
func (h *Hotspot) charge(touches []Touch, window float64) {
	authors := make(map[string]bool)
	for _, t := range touches {
		h.Touches += quarterly * math.Exp2(-t.Age/halfLife)
		if t.Age <= window {
			h.Changes++
			authors[t.Author] = true
		}
	}
	h.Authors = len(authors)
	h.Interest = h.Touches * touchMinutes * h.Friction
}

func (h *Hotspot) advise(goals func(file string) []string) {
	h.Goals = goals(h.File)
	switch {
	case len(h.Goals) == 0:
		h.Advice = NoUse
	case h.Payback() <= MaxPayback:
		h.Advice = Repay
	default:
		h.Advice = Slow
	}
}

// band are two quantiles of a metric over the lines of a corpus: so many of its
// lines lie in functions with at most that value.
type band struct{ p80, p95 float64 }

// bands are of the metrics that say how hard a function is to follow. Others
// have none: a long list of parameters is in the way of callers. The corpus is
// prometheus at d15adb9, etcd at c34dc7e, cli at 44ee177 and the standard
// library of Go 1.26: 35,637 functions of 507,997 code lines, without tests and
// generated code.
var bands = map[string]band{
	"cognitive":  {27, 85},
	"func-lines": {73, 188},
	"nesting":    {3, 5},
}

// friction is the share by which a finding makes a touch of its symbol longer.
func friction(f Finding) float64 {
	rule, ok := Lookup(f.Rule)
	if !ok || !rule.Metric || f.Symbol == "" {
		return patternFriction
	}
	b, ok := bands[rule.ID]
	switch {
	case !ok || f.Value <= b.p80: // an unknown rank is not taken for a high one
		return lowFriction
	case f.Value <= b.p95:
		return middleFriction
	default:
		return highFriction
	}
}
