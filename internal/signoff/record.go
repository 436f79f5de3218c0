package signoff

import (
	"time"

	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
)

// Record is what is remembered of a pull request between two looks at it. It is
// a fold of the facts and of what was seen, stored as JSON: fields may be added,
// never renamed or given another meaning.
type Record struct {
	Subject Subject `json:"subject"`
	// Head and Base are the commits that the states are about.
	Head      string `json:"head,omitempty"`
	MergeBase string `json:"mergeBase,omitempty"`
	BaseRef   string `json:"baseRef,omitempty"`
	// Analysis names what was judged for them.
	Analysis string      `json:"analysis,omitempty"`
	Mode     review.Mode `json:"mode,omitempty"`
	// Draft: it is judged, and nobody is asked.
	Draft bool `json:"draft,omitempty"`
	// State is the whole pull request's: the gravest of the requirements, or how
	// it ended.
	State        State       `json:"state"`
	Why          string      `json:"why,omitempty"` // one sentence without a full stop
	Requirements []Standing  `json:"requirements,omitempty"`
	Described    []Described `json:"described,omitempty"`
	Away         []Away      `json:"away,omitempty"`
	Verdicts     []Verdict   `json:"verdicts,omitempty"`
	Proofs       []Proof     `json:"proofs,omitempty"`
	Overrides    []Override  `json:"overrides,omitempty"`
	Dismissals   []Dismissal `json:"dismissals,omitempty"`
	// Snapshots are the changes that were looked at, the oldest first.
	Snapshots []Snapshot   `json:"snapshots,omitempty"`
	Required  []Demand     `json:"required,omitempty"` // by /bar require
	Declined  []Refusal    `json:"declined,omitempty"`
	History   []Transition `json:"history,omitempty"`
	// Numbers are those of findings in this pull request, by their fingerprints. A
	// finding keeps its number, also while it is away, and no other gets it.
	Numbers map[string]int `json:"numbers,omitempty"`
	// Merge is there once the pull request is merged, where it is followed what
	// becomes of the change.
	Merge *Merge `json:"merge,omitempty"`
	// Deviation is a standard that the merge did not keep, and Correction what an
	// overridden change that turned out badly calls for.
	Deviation  *Deviation  `json:"deviation,omitempty"`
	Correction *Correction `json:"correction,omitempty"`
	// Left is the state from which the pull request ended.
	Left State `json:"left,omitempty"`
	// MergeSeen is when the first look at the merged change was.
	MergeSeen time.Time `json:"mergeSeen,omitzero"`
	// Reopened says that something was heard after the end was written, and that
	// what it means cannot be said before a proof or a judgement is there.
	Reopened bool `json:"reopened,omitempty"`
	// Facts is how many are in this record already. Pending are the ids of those
	// among them whose answer had to wait, and Entered what is in the ledger
	// already beside overrides.
	Facts   int      `json:"facts"`
	Pending []string `json:"pending,omitempty"`
	Entered []string `json:"entered,omitempty"`
	// Gate is, of a branch, whether the host required our check when it was last
	// looked at.
	Gate Gate `json:"gate,omitempty"`
	// Policy names, of a branch, the content of the policy at its tip when it was last
	// looked at.
	Policy string `json:"policy,omitempty"`
	// Config is what the check of the configuration shows, in a hash.
	Config string `json:"config,omitempty"`
}

// Compared reports whether the head was compared with another commit. A merge that was
// not yet seen makes it its own merge base, and then there seems to be no change.
func (r Record) Compared() bool { return r.MergeBase != "" && r.MergeBase != r.Head }

// Snapshot is a change as it was looked at: what a verdict over Head was about.
type Snapshot struct {
	Head      string `json:"head"`
	MergeBase string `json:"mergeBase"`
	BaseRef   string `json:"baseRef"`
	Policy    string `json:"policy"`
}

// State is where a requirement, or the whole pull request, stands.
type State string

const (
	Evaluating State = "evaluating"
	// Undescribed waits for the author to say in the description what the policy
	// asks for.
	Undescribed        State = "undescribed"
	Incomplete         State = "incomplete"
	NotRequired        State = "not-required"
	Unassigned         State = "unassigned"
	Awaiting           State = "awaiting"
	ChangesRequestedBy State = "changes-requested"
	RecommendedAgainst State = "recommended-against"
	SignedOff          State = "signed-off"
	CarryOver          State = "carry-over"
	OverrideDeclared   State = "override-declared"
	MergedClean        State = "merged-clean"
	MergedOverridden   State = "merged-overridden"
	MergedUndeclared   State = "merged-undeclared"
	MergedUnverified   State = "merged-unverified"
	Closed             State = "closed"
	// NotGoverned is a pull request that the bar does not guard, or no longer.
	NotGoverned State = "not-governed"
)

// Standing is a requirement with what has become of it.
type Standing struct {
	Domain   impact.Domain `json:"domain"`
	State    State         `json:"state"`
	Why      string        `json:"why,omitempty"`
	Second   bool          `json:"second,omitempty"` // two have to sign
	Assigned *Assigned     `json:"assigned,omitempty"`
	// Asked are all who were ever asked by us, by number, with how often. A
	// reviewer on the host who is not among them was requested by a person.
	Asked map[int64]int `json:"asked,omitempty"`
	// First is when the first of them was asked, or when there was nobody to ask.
	First time.Time `json:"first,omitzero"`
	// Told says that the owner of the pool was told.
	Told bool `json:"told,omitempty"`
	// SignedBy are the verdicts (by index of Record.Verdicts) that meet it.
	SignedBy []int `json:"signedBy,omitempty"`
}

// Assigned is the one live assignment of a requirement.
type Assigned struct {
	To      Account   `json:"to"`
	Backup  Account   `json:"backup,omitzero"`
	Offered time.Time `json:"offered"`
	Due     time.Time `json:"due,omitzero"`
	// By is who chose, where a person did.
	By Account `json:"by,omitzero"`
	// Choice holds what it was chosen by.
	Choice review.Assignment `json:"choice"`
	// Requested says that a person requested the review on the host.
	Requested bool `json:"requested,omitempty"`
	// Answers is how many sign-offs there were when it was offered. With more,
	// it was answered, and a push that voids the answer makes a new assignment.
	Answers int `json:"answers,omitempty"`
	// Step is how far the reminders have come.
	Step Step `json:"step,omitempty"`
}

// Step is a stage of the reminders.
type Step string

const (
	Reminded      Step = "reminded"
	BackupOffered Step = "backup-offered"
)

// VerdictKind is what an expert said.
type VerdictKind string

const (
	SignOff          VerdictKind = "sign-off"
	RequestChanges   VerdictKind = "request-changes"
	RecommendAgainst VerdictKind = "recommend-against"
)

// Verdict is what one person said of one commit. It is never changed, only
// followed by others.
type Verdict struct {
	Fact   string      `json:"fact"` // id
	At     time.Time   `json:"at"`
	Actor  Account     `json:"actor"`
	Kind   VerdictKind `json:"kind"`
	Commit string      `json:"commit"`
	Review int64       `json:"review,omitempty"`
	Source string      `json:"source"` // "review", "command", "page"
	Text   string      `json:"text,omitempty"`
	// Domains are those in whose pools the actor was when this was looked at. A
	// no stands though its author leaves the pool.
	Domains []impact.Domain `json:"domains,omitempty"`
	// Revoked says why it counts no longer: dismissed, withdrawn.
	Revoked string `json:"revoked,omitempty"`
}

// ProofKind is how two commits were shown to be the same change.
type ProofKind string

const (
	SameCommit ProofKind = "same-commit"
	SameTree   ProofKind = "same-tree" // and the same merge base
	Replay     ProofKind = "replay"    // the old change on the new base gives exactly the new tree
)

// Proof says whether what was said of one head holds for another.
type Proof struct {
	From     string    `json:"from"`
	FromBase string    `json:"fromBase"`
	To       string    `json:"to"`
	ToBase   string    `json:"toBase"`
	Kind     ProofKind `json:"kind,omitempty"`
	Holds    bool      `json:"holds"`
	Why      string    `json:"why,omitempty"` // where it does not
	// NewFindings are introduced by To and were not by From; any ends the proof.
	NewFindings int `json:"newFindings,omitempty"`
}

// Override is going in without or against a sign-off.
type Override struct {
	ID string `json:"id"` // of the fact that declared it, or "merge:<sha>"
	// Entry is the place in the ledger counted from 1: its index there and one.
	// Storing the entry sets it. 0: not stored, and then nothing is granted.
	Entry       int64       `json:"entry"`
	Declared    bool        `json:"declared"` // else detected
	At          time.Time   `json:"at"`
	By          Account     `json:"by"`
	Commit      string      `json:"commit"`
	BaseRef     string      `json:"baseRef,omitempty"`
	Reason      string      `json:"reason,omitempty"`
	Data        string      `json:"data,omitempty"`
	FollowUp    string      `json:"followUp,omitempty"`
	Due         review.Date `json:"due,omitempty"`
	Expires     time.Time   `json:"expires,omitzero"`
	Second      *Account    `json:"second,omitempty"` // who agreed above the ceiling
	Agreed      string      `json:"agreed,omitempty"` // the fact by which Second did
	NeedsSecond bool        `json:"needsSecond,omitempty"`
	// Void says why it no longer holds: a push, expiry, withdrawn.
	Void    string   `json:"void,omitempty"`
	Against []string `json:"against,omitempty"` // domains, with who said no
	// Landed is what a push past all pull requests brought, to be followed; nil:
	// it brought nothing, or the override is none of a push.
	Landed *Merge `json:"landed,omitempty"`

	// Since is when its follow-up began: it was found out, or used for a merge.
	// Zero: it is not followed up.
	Since time.Time `json:"since,omitzero"`
	// Doers are who says why and may promise something, by the last look: who did
	// it, where that is known.
	Doers []Account `json:"doers,omitempty"`
	// Line are those above who acknowledge, the level that is told first first.
	Line  [][]Account `json:"line,omitempty"`
	Steps []Followed  `json:"steps,omitempty"`
	// Deadline is when what Waits is late; zero: never. Reminded are the waits of
	// which somebody was reminded.
	Deadline time.Time `json:"deadline,omitzero"`
	Reminded []Verb    `json:"reminded,omitempty"`
}

// Dismissal is a finding that is said to be wrong.
type Dismissal struct {
	Fact        string   `json:"fact"`
	Fingerprint string   `json:"fingerprint"`
	By          Account  `json:"by"`
	Why         string   `json:"why"`
	Granted     *Account `json:"granted,omitempty"`
}

// Demand is a domain that a person asked for.
type Demand struct {
	Fact   string        `json:"fact"`
	Domain impact.Domain `json:"domain"`
	By     Account       `json:"by"`
	Why    string        `json:"why"`
}

// Refusal is a person who said no to being asked.
type Refusal struct {
	Fact string  `json:"fact"`
	Who  Account `json:"who"`
	Why  string  `json:"why"`
	// Domain is set where somebody was passed over in one domain: by
	// "/bar reassign", or for not answering.
	Domain impact.Domain `json:"domain,omitempty"`
}

// Transition is one line of the history that the page shows.
type Transition struct {
	At     time.Time     `json:"at"`
	Head   string        `json:"head,omitempty"`
	Domain impact.Domain `json:"domain,omitempty"`
	From   State         `json:"from,omitempty"`
	To     State         `json:"to"`
	By     Account       `json:"by,omitzero"`
	Why    string        `json:"why,omitempty"`
}
