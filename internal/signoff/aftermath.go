package signoff

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
)

// DESIGN. Whether the bar is worth its price shows in what became of the changes:
// those that were signed off beside those that went in without. A merged change is
// followed for some weeks. It turned out badly where a later step of the branch
// takes it back exactly, which git proves, or where one that says of itself that
// it mends something touches a declaration that the change touched. The second is
// a guess, and a small one: a title can say anything, and a fix can be elsewhere.
// It is made alike for both classes, so that they can be compared.

// MergeClass is how a change went in.
type MergeClass string

const (
	ClassSignedOff  MergeClass = "signed-off"
	ClassOverridden MergeClass = "overridden" // declared or detected
)

// Merge is a merged change that is followed, or a push past all pull requests. One
// that needed no sign-off, or of which nobody knows, is not.
type Merge struct {
	Class  MergeClass `json:"class"`
	Commit string     `json:"commit"` // that the base got
	// First is the oldest commit of a push along first parents, perhaps Commit.
	First string    `json:"first,omitempty"`
	At    time.Time `json:"at"`
	Due   time.Time `json:"due"` // when it is asked what became of it
}

// landed notes a merge that is to be followed.
func (l *look) landed() {
	m := &Merge{Commit: l.end.commit, At: l.end.at, Due: l.end.at.Add(l.in.Policy.Overrides.OutcomeTime())}
	signed := slices.ContainsFunc(l.rec.Requirements, func(s Standing) bool { return s.State == SignedOff })
	switch {
	case l.rec.State == MergedOverridden || l.rec.State == MergedUndeclared:
		m.Class = ClassOverridden
	case l.rec.State == MergedClean && signed:
		m.Class = ClassSignedOff
	default:
		m = nil
	}
	l.rec.Merge = m
}

// A Symbol is a declaration of Go code.
type Symbol struct{ Path, Name string }

// Later is a step of the branch after the merge.
type Later struct {
	Commit string
	Title  string // first line of what it says of itself, without that of a merge button
	At     time.Time
	// Reverts is the commit that it takes back exactly, by proof.
	Reverts string
	// Touched are by the paths that they had at the merge.
	Touched []Symbol
}

// Result is what became of a merged change.
type Result string

const (
	Stood    Result = "stood"
	Reverted Result = "reverted"
	Mended   Result = "mended"
	// Untold: the history could not be read.
	Untold Result = "untold"
)

// Aftermath is what became of a change, and by what.
type Aftermath struct {
	Result Result    `json:"result"`
	Commit string    `json:"commit,omitempty"` // of the step
	Title  string    `json:"title,omitempty"`
	At     time.Time `json:"at,omitzero"`
	// Symbols are what both changed, of Mended; Why says what could not be read.
	Symbols []Symbol `json:"symbols,omitempty"`
	Why     string   `json:"why,omitempty"`
}

// Bad reports whether the change turned out badly.
func (a Aftermath) Bad() bool { return a.Result == Reverted || a.Result == Mended }

// mends are titles of changes that mend something, as people and tools write
// them.
var mends = regexp.MustCompile(`(?i)\b(fix(es|ed|ing|up)?|hot-?fix|bug-?fix|bugs?|revert(s|ed)?|roll(s|ed)? ?back|regressions?|repair(s|ed)?|mend(s|ed)?|broken|broke|crash(es|ed)?|panics?|incident|outage|data race|deadlocks?|leak(s|ed)?)\b`)

// mostShared bounds the symbols that are named.
const mostShared = 10

// JudgeAftermath says what became of a change that touched own. Merged are the
// commits that it may be called by. Later steps are the oldest first; of several
// the first revert counts, and else the first that mends.
func JudgeAftermath(own []Symbol, merged []string, until time.Time, later []Later) Aftermath {
	mended := Aftermath{Result: Stood}
	for _, s := range later {
		if s.At.After(until) {
			continue
		}
		if s.Reverts != "" && slices.Contains(merged, s.Reverts) {
			return Aftermath{Result: Reverted, Commit: s.Commit, Title: s.Title, At: s.At}
		}
		if mended.Result == Mended || !Mends(s.Title) {
			continue
		}
		if shared := common(own, s.Touched); len(shared) > 0 {
			mended = Aftermath{Result: Mended, Commit: s.Commit, Title: s.Title, At: s.At, Symbols: shared}
		}
	}
	return mended
}

// Mends reports whether a title says that something is mended.
func Mends(title string) bool { return mends.MatchString(title) }

// common are the symbols of production code that both have.
func common(a, b []Symbol) []Symbol {
	var out []Symbol
	for _, s := range a {
		if slices.Contains(b, s) && !strings.HasSuffix(s.Path, "_test.go") && len(out) < mostShared {
			out = append(out, s)
		}
	}
	return out
}

// A Rate is how many changes of one class turned out badly.
type Rate struct {
	Class MergeClass
	// Of are those of which it is known, Bad of these the reverted and the mended
	// ones. Untold could not be read, and Waiting are still followed.
	Of, Reverted, Mended, Untold, Waiting int
}

// Bad are those that turned out badly.
func (r Rate) Bad() int { return r.Reverted + r.Mended }

// z is the quantile of the normal distribution for an interval of 95 %.
const z = 1.959964

// Interval is between which shares the true one lies, 0 … 1, in 95 of 100 cases:
// Wilson's score interval (E. B. Wilson, 1927). Of none it is all there is.
func (r Rate) Interval() (low, high float64) {
	if r.Of == 0 {
		return 0, 1
	}
	n, p := float64(r.Of), float64(r.Bad())/float64(r.Of)
	middle := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return max(0, middle-half), min(1, middle+half)
}
