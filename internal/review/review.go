// Package review is the judgement over one change: what it does to the debt,
// whether that is within the bar, and who has to sign.
//
// It is pure: no I/O, no clock. What must be done about a verdict is said as
// data and done elsewhere.
package review

import "github.com/barraiser/barraiser/internal/debt"

// Outcome is the verdict over a change.
type Outcome string

// The outcomes, from the best to the one that goes before all others.
const (
	Clear         Outcome = "clear"
	SignOffNeeded Outcome = "sign-off-needed"
	// Incomplete says that something was not judged: unknown is never clear.
	Incomplete Outcome = "incomplete"
)

// Revision is one side of a change. Commit is empty where the side is a
// working tree.
type Revision struct {
	Commit string // full hash
	Tree   string // full hash
	Name   string // as a person would say it: "origin/main", "working tree"
}

// Engine says what the analysis took.
type Engine struct {
	Packages int     // packages analysed, both sides together
	Reused   int     // of these, the ones equal on both sides and analysed once
	Seconds  float64 // wall clock
	PeakMiB  int     // peak resident memory of the judging process
	Modules  int     // modules touched by the change
}

// Review is one change, judged.
type Review struct {
	Base, Head Revision
	Policy     Policy
	Delta      debt.Delta
	Coverage   debt.Coverage
	Outcome    Outcome
	// Reasons say why the outcome is not Clear, one sentence each, the most
	// important first.
	Reasons []string
	// Hints say what the user can do about it, one command or sentence each.
	Hints  []string
	Engine Engine
}

// Scan is one tree, priced as a whole.
type Scan struct {
	Revision Revision
	Policy   Policy
	Findings []debt.Finding // Status is debt.Unchanged
	Totals   debt.Totals
	Coverage debt.Coverage
	Outcome  Outcome // Clear or Incomplete
	Reasons  []string
	Hints    []string
	Engine   Engine
}
