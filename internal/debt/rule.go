package debt

import (
	"cmp"
	"strconv"
)

// Rule is one row of the catalogue: what a finding is called, why it costs,
// and how many minutes.
type Rule struct {
	ID    string // short kebab-case noun; adopted checks keep their own name under a family
	Kind  string // "package", "program" or "change", as in internal/analyzers
	Title string
	Why   string // why it costs those who work in the code later
	Unit  string // what Value counts, in the singular: "point", "line", "writer"; empty where it counts nothing

	// The price, in minutes: min(480, Base + PerUnit·max(0, value − Threshold − Free)).
	Base    float64
	PerUnit float64
	// Most caps the price of one finding; 0: maxMinutes.
	Most float64
	// Threshold is for metric rules: a value at or below it is no finding.
	// Every other rule reports only where something is wrong, so that each of
	// its values is a finding, a 0 too (an API break without dependants).
	Threshold float64
	// Free is the number of units that Base already pays for: with Free 1 the
	// first deprecated use costs Base, and only each further one PerUnit.
	Free float64
	// Fixed is what a finding costs, however large its value, where a command
	// mends it; 0 where none does.
	Fixed float64

	// Structural rules on one symbol are one refactoring: see Damped.
	Structural bool
	// PackageCap is the most, in minutes, that the findings of the row cost
	// together in one package; 0 where nothing caps them. It is for what one
	// run of a tool mends, however often it is found. A row has it or is
	// structural, not both.
	PackageCap float64
	// Metric rules carry a measured value and no node hash.
	Metric bool
	// Whole says of a metric that it has one value for a whole package: the
	// file is only where it is shown, and another one may take that place.
	Whole bool
	// Family says that the row also prices the checks named ID/name that have
	// no row of their own.
	Family bool

	Source  string   // where threshold and minutes come from
	Default string   // "on" or Listed; a rule that nobody should see by default is none
	Since   string   // the version of the catalogue that brought it
	Aliases []string // former ids, and the names other linters have for it
}

// Listed is the default of a rule whose findings are shown and cost nothing
// until a policy switches the rule on.
const Listed = "listed"

// maxMinutes caps the price of one finding at a working day of eight hours, as
// SonarQube counts one. The linear formulas were set for values a little above
// their thresholds; a function of complexity 900 is not mended point by point
// but thrown away, and one such value must not drown a whole repository.
const maxMinutes = 480

// Price is what a value costs to mend, in minutes, and whether it is a finding
// at all.
func (r Rule) Price(value float64) (minutes float64, finding bool) {
	if r.Metric && value <= r.Threshold {
		return 0, false
	}
	minutes = r.Base
	if units := value - r.Threshold - r.Free; units > 0 {
		minutes += r.PerUnit * units
	}
	return min(minutes, cmp.Or(r.Most, maxMinutes)), true
}

// Formula is the price in a few words, in minutes: "5 + 1/point".
func (r Rule) Formula() string {
	base := number(r.Base)
	if r.Default == Listed {
		r.Default = "on"
		return "0; where switched on: " + r.Formula()
	}
	switch {
	case r.ID == suppression:
		return "what it hides, + " + base + " without a reason"
	case r.PackageCap > 0:
		return base + ", at most " + number(r.PackageCap) + "/package"
	case r.PerUnit == 0:
		return base
	case r.Most > 0:
		return base + " + " + number(r.PerUnit) + "/" + r.Unit + ", at most " + number(r.Most)
	case r.Fixed > 0:
		return base + " + " + number(r.PerUnit) + "/further " + r.Unit + "; " + number(r.Fixed) + " where go fix mends it"
	case r.Free > 0:
		return base + " + " + number(r.PerUnit) + "/further " + r.Unit
	default:
		return base + " + " + number(r.PerUnit) + "/" + r.Unit
	}
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
