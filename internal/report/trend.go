package report

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
)

// Trend is how the debt of a branch moved.
type Trend struct {
	Repository   string // "github.com/owner/name"; empty where it has no public address
	Branch       review.Revision
	Since, Every int // days
	// Catalogue is the version of rules and prices by which all points were made.
	Catalogue string
	Points    []debt.Point // the oldest first
	Jumps     []debt.Jump  // as debt.Jumps returns them
	Events    []debt.Event // releases and changes of the mode, the oldest first
	// Risk is where the risk of changes goes; nil: there are too few, or it is not
	// known.
	Risk      *impact.Drift
	Cancelled bool
	Hints     []string
}

// Outcome is incomplete where the newest state is not known.
func (t Trend) Outcome() review.Outcome {
	if len(t.Points) == 0 || t.Cancelled || t.Points[len(t.Points)-1].Gap != "" {
		return review.Incomplete
	}
	return review.Clear
}

// ends are those of [debt.Ends], the first one as the rules of the last price it: by
// what came only by other rules or prices, the code did not change.
func (t Trend) ends() (first, last debt.Point, ok bool) {
	first, last, ok = debt.Ends(t.Points)
	from := slices.IndexFunc(t.Points, func(p debt.Point) bool { return p.Gap == "" })
	for _, p := range t.Points[from+1:] {
		if p.Gap == "" {
			first.Principal += p.Repriced
		}
	}
	return first, last, ok
}

// credit are the changes that repaid most over the whole trend, those of the
// longest reach first.
func (t Trend) credit() []Repayment {
	var out []Repayment
	for _, p := range t.Points {
		for _, c := range p.Credit {
			out = append(out, Repayment{At: p.At, Credit: c})
		}
	}
	slices.SortStableFunc(out, func(a, b Repayment) int { return cmp.Compare(b.Reach(), a.Reach()) })
	return out
}

// Sentence says what became of the debt, and of the risk.
func (t Trend) Sentence() string {
	return strings.TrimSpace(t.debtSentence() + " " + riskSentence(t.Risk))
}

func (t Trend) debtSentence() string {
	first, last, ok := t.ends()
	if !ok {
		if len(t.Points) == 1 && t.Points[0].Gap == "" {
			return "There is one state, so there is no trend yet."
		}
		return "Nothing can be compared: fewer than two states could be analysed."
	}
	// The first state may be older than the time that was asked for: then it is
	// the one that this began with.
	during := lasting(min(last.At.Sub(first.At), time.Duration(t.Since)*24*time.Hour))
	if first.Principal == 0 && last.Principal > 0 {
		return fmt.Sprintf("Debt rose from nothing to %s in %s.", Minutes(last.Principal), during)
	}
	return fmt.Sprintf("Debt %s in %s.", moved(first.Principal, last.Principal), during)
}

// Context says how the code grew meanwhile; empty where there is nothing to
// compare.
func (t Trend) Context() string {
	first, last, ok := t.ends()
	if !ok || first.Lines == 0 || last.Lines == 0 {
		return ""
	}
	if first.Lines == last.Lines {
		return "The code is as large as it was."
	}
	return fmt.Sprintf("The code %s meanwhile, so debt per 1,000 lines %s.",
		movedBy(float64(first.Lines), float64(last.Lines), "grew", "shrank"), moved(first.Density(), last.Density()))
}

// moved is "fell 23 %".
func moved(from, to float64) string { return movedBy(from, to, "rose", "fell") }

func movedBy(from, to float64, up, down string) string {
	share := 0.0
	if from > 0 {
		share = 100 * (to - from) / from
	}
	switch abs := math.Abs(share); {
	case abs < 0.05:
		return "stayed as it was"
	case abs < 9.95:
		return fmt.Sprintf("%s %.1f %%", cmp.Or(map[bool]string{true: up}[share > 0], down), abs)
	default:
		return fmt.Sprintf("%s %.0f %%", cmp.Or(map[bool]string{true: up}[share > 0], down), abs)
	}
}

// lasting is a time in weeks, or in days where it is short.
func lasting(d time.Duration) string {
	days := int(math.Round(d.Hours() / 24))
	if days < 14 {
		return count(days, "day")
	}
	return count((days+3)/7, "week")
}

// row is one part of the debt over time: a family of rules, a component, a team.
type row struct {
	name   string
	values []float64 // of each point
}

// last is the newest value.
func (r row) last() float64 { return r.values[len(r.values)-1] }

// rowsOf are the parts of the debt, the largest at the end of the trend first.
func (t Trend) rowsOf(b breakdown) []row {
	names := map[string]bool{}
	for _, p := range t.Points {
		for name := range p.Principals(b.division) {
			names[name] = true
		}
	}
	var out []row
	for name := range maps.Keys(names) {
		r := row{name: name}
		for _, p := range t.Points {
			r.values = append(r.values, p.Principals(b.division)[name])
		}
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b row) int {
		return cmp.Or(cmp.Compare(b.last(), a.last()), cmp.Compare(slices.Max(b.values), slices.Max(a.values)), cmp.Compare(a.name, b.name))
	})
	return out
}

// known says of each point whether its figures are whole.
func (t Trend) known() []bool {
	var out []bool
	for _, p := range t.Points {
		out = append(out, p.Gap == "")
	}
	return out
}

// series are the figures of all points.
func (t Trend) series(of func(debt.Point) float64) []float64 {
	var out []float64
	for _, p := range t.Points {
		out = append(out, of(p))
	}
	return out
}

// title is what the change was called that led to a point of a jump.
func (t Trend) title(j debt.Jump, commit string) string {
	for _, m := range t.Points[j.Point].Merged {
		if m.Commit == commit {
			return m.Title
		}
	}
	return ""
}
