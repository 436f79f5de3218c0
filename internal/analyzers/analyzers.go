// Package analyzers holds the checks: our own go/analysis passes, the ones we
// adopt, and the table of both.
//
// A check measures, it does not price: there are no minutes and no thresholds
// here (internal/debt has them). Each check has one stable rule id; a test in
// internal/engine holds that this table and the catalogue of internal/debt
// name the same rules.
//
// The package is pure: it reads syntax trees and types that it is handed, and
// nothing else.
package analyzers

import (
	"go/token"

	"golang.org/x/tools/go/analysis"
)

// Kind says what a check has to see.
type Kind string

// The kinds of check.
const (
	// Package checks see one package and the facts of its dependencies. They
	// are *analysis.Analyzer values.
	Package Kind = "package"
	// Program checks see all packages of a tree.
	Program Kind = "program"
	// Change checks see a package at the merge base and at the head.
	Change Kind = "change"
)

// Measure is one value that a check of ours found. An own package check
// returns []Measure as its result, because a diagnostic carries no number.
type Measure struct {
	Rule string
	// Pos and End delimit the flagged node. The position decides the file, the
	// line and the enclosing symbol.
	Pos, End token.Pos
	// Symbol overrides the enclosing symbol where the measure is about another
	// declaration; usually empty.
	Symbol  string
	Message string // one line, no trailing full stop, no position, e.g. "cognitive complexity 38"
	Value   float64
	Fixable bool // go fix mends it
}

// Check is one row of the table.
type Check struct {
	// Rule is the id of the rule that the check yields. An adopted suite's
	// check has the suite as its family: "staticcheck/SA1019", "vet/printf".
	Rule string
	Kind Kind
	// Title says in one line what it reports; for adopted checks, from their
	// own documentation.
	Title string
	// Analyzer runs a package check; nil for the other kinds. An own
	// analyzer's result is []Measure, an adopted one reports diagnostics.
	Analyzer *analysis.Analyzer
	// Program runs a program check over one tree; nil for the other kinds.
	Program func(*Tree) []ProgramMeasure
	// Own says that the analyzer is ours, so that its result is []Measure.
	Own bool
	// Syntactic says that the check reads the syntax only, so that it may run
	// on a file whose package has no types.
	Syntactic bool
	// Counted says that equal messages in one symbol are one finding whose
	// value is their number.
	Counted bool
	// Yields names the rule that says the same at some of the places where
	// this one reports; empty where none does. Where both report on one line,
	// this finding is dropped.
	Yields string
}
