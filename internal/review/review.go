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
	Decision
	// Hints say what the user can do about it, one command or sentence each.
	Hints []string
	// Warnings are about files that were read around the code, with what is
	// wrong in them: it decides nothing.
	Warnings []string
	Engine   Engine
}

// Scan is one tree, priced as a whole.
type Scan struct {
	Revision Revision
	Policy   Policy
	Findings []debt.Finding // Status is debt.Unchanged
	Totals   debt.Totals
	// Rank is the density among those of the shipped corpus; nil where it
	// cannot be compared: other thresholds, or code that was not analysed.
	Rank     *Rank
	Coverage debt.Coverage
	Outcome  Outcome // Clear or Incomplete
	Reasons  []string
	Hints    []string
	Engine   Engine
}

// Rank places a density in a corpus.
type Rank struct {
	Share float64 // of its repositories that are less dense, 0 … 1
	Of    int     // repositories
}

// RankIn places a scan in a corpus; nil where that would compare what cannot be
// compared.
func (s Scan) RankIn(c debt.Corpus) *Rank {
	share, ok := c.Rank(s.Totals.Density())
	if !ok || s.Outcome != Clear || s.Totals.Lines == 0 || !s.Policy.Rules.Shipped() {
		return nil
	}
	return &Rank{share, len(c.Samples)}
}
