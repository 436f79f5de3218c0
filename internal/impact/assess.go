package impact

import (
	"cmp"
	"fmt"
	"slices"
)

// Change is all that Assess looks at.
type Change struct {
	Base, Head Side
	Breaks     []Break
	Files      []File
	// Policy is what the repository says that a trigger asks about.
	Policy Policy
	// DebtOver says why the debt alone is a reason, one sentence each: over the
	// budget, a ratcheted component that rises. It is the trigger debt-budget.
	DebtOver []string
	// History is what the risk score is ranked in; nil: it was not read. Self is
	// the change itself, measured as the changes of the history are.
	History *History
	Self    PastChange
	// Revert is the commit that the change takes back exactly, so that the
	// result was on the base before; empty: it is no clean revert.
	Revert string
}

// Policy are the parts of a policy that triggers ask about. The zero Policy
// has no components and switches nothing off.
type Policy struct {
	// Files is where the policy lies or may lie: a change of one is a trigger.
	Files []string
	// Component returns the component of a file or folder, "" for none.
	Component func(path string) string
	// MayImport reports whether an edge between components is allowed, and if
	// not by which key; Named whether the policy allows it by name.
	MayImport func(from, to string) (ok bool, key string)
	Named     func(from, to string) bool
	// Off reports whether a trigger was switched off.
	Off func(d Domain, trigger string) bool
	// Experiments are the keys of announced experiments.
	Experiments []string
}

// Assessment is the impact of one change.
type Assessment struct {
	// High says that a bar raiser has to look: a trigger fired, or the score is
	// among the highest of the repository. A clean revert is never high.
	High bool
	// Score is nil where the history does not hold enough changes to rank in.
	Score   *Score
	Domains []DomainImpact // those with a trigger, in the order of Domains
	Blast   Blast
	Revert  string // as Change.Revert
}

// DomainImpact is one domain that a change reaches.
type DomainImpact struct {
	Domain   Domain
	Triggers []Fired
}

// Fired is a trigger with what made it fire, in the order of files.
type Fired struct {
	Name     string
	Title    string
	Evidence []Evidence
	// Keys are those of all evidence, also of what Evidence leaves out: sorted,
	// once each.
	Keys []string `json:",omitempty"`
}

// Evidence is one place that made a trigger fire. It can be found in the diff,
// but for what speaks of the change as a whole: its debt, its score.
type Evidence struct {
	Text string // one line without a full stop: "new edge pay → ledger"
	File string // "" where it is about no file
	Line int    // 0 where it is about the file as a whole
	// Key is what a section of the description has to speak of: the module of a
	// new dependency, the flag or the file of an experiment that begins or goes on
	// otherwise; of other evidence empty.
	Key string `json:",omitempty"`
}

// Blast is how much of the repository depends on what changed.
type Blast struct {
	Packages int      // that import a changed package, directly or not, the changed ones left out
	Of       int      // packages of the repository
	Commands []string // import paths of the commands among them and among the changed ones, sorted
}

// Score is the risk of a change, ranked among the repository's changes of the
// last twelve months.
type Score struct {
	Value float64 // 0 … 1: .40·LA + .10·NF + .25·NUC + .25·NDEV, each as a percentile rank
	// Percentile is the share of the year's changes with a lower value, 0 … 1.
	Percentile float64
	// The parts before ranking.
	LinesAdded, Files, PriorChanges, PriorAuthors int
	Of                                            int // changes that it was ranked in
}

// mostEvidence is how many places of one trigger are named. Who has seen ten
// knows what it is about; the rest is counted.
const mostEvidence = 10

// Assess says how much a change can affect others. It depends on nothing else,
// and not on the order of marks and packages.
func Assess(ch Change) Assessment {
	c := newComparison(ch)
	a := Assessment{Score: c.score(), Blast: blast(c.base, c.head, ch.Files), Revert: ch.Revert}
	if ch.Revert != "" {
		return a // the result was on the base before, and was judged then
	}
	for _, d := range Domains() {
		impact := DomainImpact{Domain: d}
		for _, t := range Triggers {
			if t.Domain != d || ch.Policy.off(t) {
				continue
			}
			if evidence := t.fire(c); len(evidence) > 0 {
				impact.Triggers = append(impact.Triggers, Fired{t.Name, t.Title, inOrder(evidence), keysOf(evidence)})
			}
		}
		if len(impact.Triggers) > 0 {
			a.Domains = append(a.Domains, impact)
		}
	}
	a.High = len(a.Domains) > 0
	return a
}

func keysOf(evidence []Evidence) []string {
	var keys []string
	for _, e := range evidence {
		if e.Key != "" && !slices.Contains(keys, e.Key) {
			keys = append(keys, e.Key)
		}
	}
	slices.Sort(keys)
	return keys
}

// inOrder sorts evidence by its place and cuts it off where it gets long. What
// has no place stays as its trigger says it.
func inOrder(evidence []Evidence) []Evidence {
	slices.SortStableFunc(evidence, func(a, b Evidence) int {
		if a.File == "" && b.File == "" {
			return 0
		}
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Text, b.Text))
	})
	if more := len(evidence) - mostEvidence; more > 1 {
		evidence = append(evidence[:mostEvidence:mostEvidence], Evidence{Text: fmt.Sprintf("and %d more", more)})
	}
	return evidence
}

// History are the repository's changes, one for each step of its default
// branch, the newest first.
type History struct {
	Changes []PastChange
}

// PastChange is one step of the default branch: a merge or a squashed commit.
// Generated, vendored, testdata and test files are left out of it.
type PastChange struct {
	Commit       string
	LinesAdded   int
	Files        int
	PriorChanges int // number of earlier changes to those files, counted once each
	PriorAuthors int // number of people who made them
}
