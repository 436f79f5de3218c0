// Package debt prices what the checks measure and compares two sides of a
// change.
//
// It is pure: no I/O, no clock, nothing beside the standard library. A check
// yields measures (internal/analyzers); this package turns a measure into
// minutes by the rule catalogue, gives it a fingerprint, matches the findings
// of the merge base with those of the head, and adds up what was introduced
// and repaid.
//
// The invariant: debt is a function of a state. For every rule that looks at
// one tree, the net of A→C is the net of A→B plus the net of B→C, whatever the
// steps were. Only change checks (an API break exists between two trees, not
// in one) stand outside of it.
//
// The minutes are a code-visible estimate, not the debt: see the sources of
// the catalogue's rows.
package debt

// Measure is what one check reports at one place of one tree, before it is
// priced. Measures are kept raw, so that a changed price needs no new
// analysis.
type Measure struct {
	Rule    string // rule id, e.g. "cognitive" or "staticcheck/SA1019"
	Module  string // module path; empty outside any module
	Package string // import path, without the suffix of a test variant
	Symbol  string // "Func", "Type.Method", "Type", the variable's name; empty for a file, package or module
	File    string // relative to the repository, forward slashes
	Line    int    // from 1
	Column  int    // from 1, in bytes
	EndLine int    // ≥ Line
	Message string
	// Value is the metric (complexity, lines, levels …) or a count (uses,
	// writers, dependants); 1 where the rule only says "here".
	Value float64
	// Node is a hash of the tokens of the flagged node, without comments and
	// white space; empty for metric rules, whose node changes whenever the
	// metric does.
	Node string
	// Test says that the measure lies in a _test.go file.
	Test bool
	// HiddenBy is the "file:line" of the suppression that silences this
	// measure; empty where none does. The suppression is itself a measure of
	// the rule "suppression" at that file and line.
	HiddenBy string
	// Fixable says that a command mends it, as go fix replaces the uses of what is
	// marked for it: see Rule.Fixed.
	Fixable bool
	// Reasonless is for a measure of the rule "suppression": no reason was
	// written beside it.
	Reasonless bool
}

// Symbol is a top-level declaration in a changed file, kept to recognise it
// after a rename or a move.
type Symbol struct {
	Package string
	Name    string // as Measure.Symbol
	File    string
	Line    int
	EndLine int
	// Tokens are hashes of the declaration's normalised tokens in order, its
	// own name left out, so that a renamed function is equal to itself.
	Tokens []uint32
	// Out says why the code does not count: "generated", "vendored",
	// "testdata"; "test" for a _test.go file; empty for production code.
	Out string
}

// Side is one tree, judged: the merge base or the head.
type Side struct {
	Measures []Measure
	// Symbols of the files that the change touches.
	Symbols []Symbol
	// Broken are the import paths of packages that did not type-check.
	Broken []string
}

// FileChange is one changed Go file.
type FileChange struct {
	Old string // path at the base; empty for an added file
	New string // path at the head; empty for a deleted file
	// Hunks are the changed line ranges in order of line.
	Hunks []Hunk
}

// Hunk says that OldLines lines from OldStart were replaced by NewLines lines
// from NewStart. Lines count from 1. As in a unified diff with no context, a
// range of length 0 lies after the line it names.
type Hunk struct {
	OldStart, OldLines int
	NewStart, NewLines int
}

// Comparison is all that Compare looks at.
type Comparison struct {
	Base, Head Side
	Files      []FileChange
	// Excluded are the files of the head whose findings do not count, and why
	// ("generated", "vendored", "testdata", or a reason for which the file
	// could not be read). A finding that vanishes into one repays nothing.
	Excluded map[string]string
	Settings Settings
}

// Status says what a change did to a finding.
type Status string

// The statuses of a finding.
const (
	New        Status = "new"        // not there at the base
	Worse      Status = "worse"      // there, and cheaper to mend, at the base
	Better     Status = "better"     // still there, and cheaper to mend than at the base
	Paid       Status = "paid"       // there at the base, gone at the head
	Moved      Status = "moved"      // the same finding at another place
	Unchanged  Status = "unchanged"  // the same finding at the same place
	Suppressed Status = "suppressed" // there at the head, silenced by a comment of this change
)

// Finding is a measure with its price, and what the change did to it.
type Finding struct {
	Measure
	// Fingerprint names the finding across revisions: "fp1:" and 32 hex
	// digits. It never depends on the position.
	Fingerprint string
	Status      Status
	// Minutes is never negative. New, Worse: what the change adds. Paid,
	// Better: what it gives back. Otherwise: what it costs to mend. What a
	// suppression newly hides is in its own minutes; the finding that it hides
	// is listed as Suppressed and not counted again.
	Minutes float64
	// Was is the value at the base, for a finding that is there on both sides.
	Was float64
	// Deleted says of a paid finding that the declaration it was in is gone.
	Deleted bool
	// Note says why a vanished finding repays nothing, in a few words.
	Note string
}

// Delta is what a change does to the debt, in minutes.
type Delta struct {
	Introduced float64
	Repaid     float64 // includes Deleted
	Deleted    float64 // what was repaid by deleting code
	Net        float64 // Introduced − Repaid
	Low, High  float64 // the range of Net: ×0.33 … ×2, Low ≤ High
	// Tests is the debt in _test.go files, which is in none of the above.
	Tests struct{ Introduced, Repaid float64 }
	// Findings in the order in which to read them: new and worse by minutes,
	// then suppressed, paid, better, moved, unchanged.
	Findings []Finding
}

// Coverage says what was read: unanalysed code never counts as clean.
type Coverage struct {
	Changed  int       // changed, added or renamed .go files: Analysed + len(Skipped)
	Analysed int       // of these, the ones that were type-checked and judged
	Skipped  []Skipped // the others
	Broken   []Broken  // packages that do not type-check
	// Lost are analyzers that failed on a package, so that their findings
	// there are unknown.
	Lost []Lost
}

// Skipped is a changed file that was not judged.
type Skipped struct {
	File   string
	Reason string
	// Expected says that the file is left out by rule (generated, vendored,
	// testdata) and does not make the review incomplete.
	Expected bool
}

// Broken is a package that does not type-check on one side.
type Broken struct {
	Package string
	Side    string // "base" or "head"
	Error   string // the first error
}

// Lost is an analyzer that failed on one package.
type Lost struct {
	Package  string
	Side     string
	Analyzer string
	Error    string
}

// Totals is the debt of one tree, in minutes.
type Totals struct {
	Principal float64 // production code
	Low, High float64 // ×0.33 … ×2
	Tests     float64 // in _test.go files, not in Principal
	Lines     int     // code lines of production code, without generated code
	// ByRule is the sum of the minutes of each rule, neither damped nor capped,
	// production code only.
	ByRule map[string]float64
}

// Density is the principal in minutes per thousand code lines, 0 for an empty
// tree.
func (t Totals) Density() float64 {
	if t.Lines == 0 {
		return 0
	}
	return t.Principal / float64(t.Lines) * 1000
}
