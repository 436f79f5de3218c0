package debt

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"
)

// # Trend
//
// A trend is a row of states of one repository, each priced by the same
// catalogue and the same settings: a changed price is never taken for changed
// code. Between two states stands a step, which is a comparison like that of a
// pull request. So for each point
//
//	principal = principal before + introduced − repaid + other
//
// where other is what no comparison can see: code of packages that began or
// ceased to type-check, and findings that went out of sight into generated or
// test code. A server goes on with the row after the rules have changed: it
// prices the newest state anew, and that step is repriced and nothing else.

// State is one state of a repository, measured: what a trend keeps of it.
type State struct {
	Measures []Measure
	Broken   []string // packages that did not type-check
	Lines    int      // code lines of production code
	// FileLines are the same by file; nil: they are not told apart.
	FileLines map[string]int `json:",omitempty"`
	// Files are the Go files that count, Unread those of them that could not be
	// analysed, Lost the packages on which a check failed.
	Files, Unread, Lost int
}

// MaxUnread is the share of files that may be unread in a state that others are
// compared with: without them its debt would still be known to about its own
// share.
const MaxUnread = 0.02

// Whole reports whether a state is known well enough to be compared.
func (s State) Whole() bool {
	return s.Files > 0 && float64(s.Unread+s.Lost) <= MaxUnread*float64(s.Files)
}

// Figures are what one state owes, in minutes.
type Figures struct {
	Lines     int
	Principal float64 // of production code, as Totals.Principal
	Tests     float64 // in _test.go files
	Interest  float64 // a quarter, of all places with debt
	// Payable is the principal of the places whose repayment comes back within
	// MaxPayback quarters.
	Payable float64
	// The principal by family of rules, neither damped nor capped; by component,
	// team and goal as each part would be priced alone, "" for none.
	ByRule, ByComponent, ByTeam map[string]float64
	ByGoal                      map[string]float64 `json:",omitempty"`
	// Costs are the rest of the figures by component, team and goal.
	Costs map[Division]map[string]Cost `json:",omitempty"`
}

// Density is the principal in minutes per thousand code lines.
func (f Figures) Density() float64 {
	return Totals{Principal: f.Principal, Lines: f.Lines}.Density()
}

// churnDays is for how many days before a state changes and authors are counted.
const churnDays = 365

// Figures prices a state and joins it with the touches before it. The places with
// debt are as [Hotspots] returns them.
func (s State) Figures(settings Settings, touches []Touch, owners Owners) (Figures, []Hotspot) {
	totals, findings := Total(s.Measures, s.Broken, s.Lines, settings)
	f := Figures{Lines: s.Lines, Principal: totals.Principal, Tests: totals.Tests, ByRule: map[string]float64{}}
	for rule, minutes := range totals.ByRule {
		f.ByRule[family(rule)] += minutes
	}
	f.ByComponent = s.parts(settings, owners.of(Components))
	f.ByTeam = s.parts(settings, owners.of(Teams))
	f.ByGoal = s.parts(settings, owners.of(Goals))
	goals := owners.Goals
	if goals == nil {
		goals = func(string) []string { return nil }
	}
	spots := Hotspots(findings, touches, churnDays, goals)
	for _, h := range spots {
		f.Interest += h.Interest
		f.Payable += h.payable()
	}
	f.Costs = costs(s.FileLines, spots, owners)
	return f, spots
}

// family is the first part of a rule's id.
func family(rule string) string {
	name, _, _ := strings.Cut(rule, "/")
	return name
}

// Advance is what happened between two states.
type Advance struct {
	From, To State
	// Files are the Go files that differ, and Before and After the declarations
	// in them.
	Files         []FileChange
	Before, After []Symbol
	Excluded      map[string]string // as in Comparison
	Owners        Owners
}

// Step is what became of the debt between two states, in minutes.
type Step struct {
	Introduced, Repaid float64
	Other              float64 // what no comparison can see
	// Repriced is what came only by other rules or prices, see Point.Catalogue.
	Repriced float64 `json:",omitempty"`
	// Flows are Introduced and Repaid by part, as far as they are told apart.
	Flows map[Division]map[string]Flow `json:",omitempty"`
	// Credit is for the changes that repaid most, see [Credits].
	Credit []Credit `json:",omitempty"`
	// Moves are the findings that came, grew, shrank or went, summed up by rule
	// and file. The sums are neither damped nor capped.
	Moves []Move
}

// Net is the change of the debt that was seen.
func (s Step) Net() float64 { return s.Introduced - s.Repaid }

// Move is what became of one rule's findings in one file, in minutes: more than
// 0 where debt came.
type Move struct {
	Rule, File string
	Minutes    float64
}

// Step compares the two states. Of a state that is not whole it is not known what
// came and what was there unseen, so all of it is other.
func (a Advance) Step(settings Settings) Step {
	was, _ := Total(a.From.Measures, a.From.Broken, a.From.Lines, settings)
	is, _ := Total(a.To.Measures, a.To.Broken, a.To.Lines, settings)
	if !a.From.Whole() || !a.To.Whole() {
		return Step{Other: is.Principal - was.Principal}
	}
	d := Compare(Comparison{
		Base:  Side{Measures: a.From.Measures, Symbols: a.Before, Broken: a.From.Broken},
		Head:  Side{Measures: a.To.Measures, Symbols: a.After, Broken: a.To.Broken},
		Files: a.Files, Excluded: a.Excluded, Settings: settings,
	})
	s := Step{Introduced: d.Introduced, Repaid: d.Repaid, Other: is.Principal - was.Principal - d.Net}
	if math.Abs(s.Other) < negligible {
		s.Other = 0
	}
	s.Moves = moves(d.Findings)
	s.Flows = flows(s.Moves, a.Owners)
	return s
}

// negligible is less than any price: what is left over of sums of floats.
const negligible = 1e-6

func moves(findings []Finding) []Move {
	sums := map[Move]float64{}
	for _, f := range findings {
		if f.Test {
			continue
		}
		at := Move{Rule: f.Rule, File: f.File}
		switch f.Status {
		case New, Worse:
			sums[at] += f.Minutes
		case Paid, Better:
			sums[at] -= f.Minutes
		}
	}
	var out []Move
	for at, minutes := range sums {
		if math.Abs(minutes) > negligible {
			at.Minutes = minutes
			out = append(out, at)
		}
	}
	slices.SortFunc(out, func(a, b Move) int {
		return cmp.Or(cmp.Compare(math.Abs(b.Minutes), math.Abs(a.Minutes)), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.File, b.File))
	})
	return out
}

// Point is one state on the time line.
type Point struct {
	Commit string
	At     time.Time
	// Catalogue is the version of rules and prices. Where it is another one than
	// that of the point before, or where the policy's settings of the rules are
	// others, both points are of one commit: what changed between them is Repriced.
	Catalogue string `json:",omitempty"`
	Figures
	Step // since the point before; zero for the first one
	// Rank is the share of the shipped corpus with a lower density, 0 … 1; nil
	// where that cannot be said.
	Rank *float64
	// Merged are the changes that the branch took in since the point before.
	Merged []Merged
	// Gap says why nothing, or not enough, is known of the state; empty: it is
	// whole. Judged says that the figures are of what could be analysed, and not
	// just zero.
	Gap    string
	Judged bool
}

// Merged is a change of the branch.
type Merged struct {
	Commit, Title string
	Files         []string // before and after
	Teams         []string `json:",omitempty"` // of its authors, as far as they are known
}

// Ends returns the first and the last point that are whole; ok is false where
// they are not two.
func Ends(points []Point) (first, last Point, ok bool) {
	whole := func(p Point) bool { return p.Gap == "" }
	i := slices.IndexFunc(points, whole)
	if i < 0 {
		return Point{}, Point{}, false
	}
	for j := len(points) - 1; j > i; j-- {
		if whole(points[j]) {
			return points[i], points[j], true
		}
	}
	return points[i], points[i], false
}
