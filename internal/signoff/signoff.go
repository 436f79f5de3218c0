// Package signoff is the life of a pull request between the judgement over its
// code and its merge: who has to sign, who has, what a push does to that, and how
// it ended. review.Decide says what a change needs; Advance says where it stands.
//
// It is pure: no I/O, no clock. A look at a pull request is an Input; what comes
// of it is a Record to store, Entries for the ledger and Effects to perform, all
// data. The invariants that hold over all histories are listed in docs/signoff.md
// and are tested as such.
package signoff

import (
	"time"

	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
)

// Input is one look at a pull request.
type Input struct {
	Now  time.Time
	Pull Pull
	// Governed says that the bar guards the base branch, and OptedIn that the
	// repository or its organisation has a policy: else nothing is shown.
	Governed, OptedIn bool
	Policy            review.Policy
	// PolicyID names the content of the policy of the base; PolicyFailure says
	// why it could not be read, and then nothing is granted.
	PolicyID      string
	PolicyFailure string
	// HeadPolicy are the mistakes that the change puts into the policy.
	HeadPolicy []review.Problem

	// MergeBase and HeadTree are those of Pull.Head and the base branch; of a
	// merged pull request, those before the merge.
	MergeBase string
	HeadTree  string
	// Judged is the judgement over MergeBase..Head; nil: it is not there yet.
	Judged *Judged
	// Facts are all that were ever received of this pull request, in the order
	// of arrival. Record.Facts of them are in the record already.
	Facts []Fact
	// Proofs are what was found for what Wanted of the last Outcome asked.
	Proofs []Proof

	// Accounts are the people that the policy names and the members of the teams
	// that it names, as the host knows them now, by login in lower case. Who is
	// missing has no account there, and can grant nothing.
	Accounts map[string]Account
	// Roster is who is in the GitHub teams.
	Roster review.Roster
	// Zones are the time zones of the policy's people and of Timezones, by their
	// IANA name. One that is missing is UTC: looking it up takes files.
	Zones map[string]*time.Location
	// Timezones are those that people gave elsewhere (in Slack), by login in lower
	// case, for whom the policy says nothing.
	Timezones map[string]string
	// Writers are, by number, those who may write to the repository.
	Writers map[int64]bool
	// Aftermath is what became of a merged change; nil: it is not known yet.
	Aftermath *Aftermath
	// Absent says that the host did not answer for us during a merge: the App was
	// suspended, or installed later than that.
	Absent bool
}

// Judged is what was found out about one pair of commits.
type Judged struct {
	ID       string // of the stored analysis
	Base     string // merge base, commit
	Head     string // commit
	Decision review.Decision
	// Fingerprints of the introduced findings, for dismissals and proofs.
	Findings []string
	// Listed are the fingerprints of all findings that people speak of, in the
	// order in which to read them: these get numbers.
	Listed []string
	// Minutes is the net debt, for the ceiling of overrides.
	Minutes float64
	// Demanded are those who may sign in the domains of Record.Required that the
	// decision itself does not send to.
	Demanded map[impact.Domain]review.Assignment
	// Failure says why it could not be judged.
	Failure string
}

// Outcome is what comes of a look.
type Outcome struct {
	Record  Record
	Effects []Effect
	Entries []Entry
	// Wanted are the proofs that would let a verdict stand for the new head. The
	// caller finds them out and looks again.
	Wanted []Proof
	// Next is when to look again though nothing happens; zero: never.
	Next time.Time
}

// EntryKind is what the ledger records.
type EntryKind string

const (
	EntryOverrideDeclared  EntryKind = "override-declared"
	EntryOverrideDetected  EntryKind = "override-detected"
	EntryOverrideWithdrawn EntryKind = "override-withdrawn"
	EntryOverrideVoided    EntryKind = "override-voided" // by a person: Actor
	EntryOverrideLapsed    EntryKind = "override-lapsed" // by itself: Cause
	EntrySignedOff         EntryKind = "sign-off"
	EntryDeviation         EntryKind = "deviation"           // merged with one: Due is when it is looked at again
	EntryDeviationLookedAt EntryKind = "deviation-looked-at" // by a second person: until Due, or it has ended
	EntryDeviationLate     EntryKind = "deviation-late"      // nobody looked: To was told, one level up, that it was due on Due
	EntryCorrectionOpened  EntryKind = "correction-opened"   // Cause says how an overridden change turned out
	EntryCorrectionNamed   EntryKind = "correction-named"    // Reason has the whys and the mechanism
	// The steps that follow an override are entries under the names of their
	// StepKind, with Step set.
)

// Entry is a line of the ledger before it has an index.
type Entry struct {
	Kind    EntryKind
	Subject Subject
	At      time.Time
	Actor   Account
	Commit  string
	Domains []impact.Domain
	// Override is the id of the override that it is about. Storing the entry sets
	// the override's Entry, or that of its step.
	Override string
	// Step is the key of the step that it is about, and About that of the earlier
	// one that it follows; empty: it follows the override. Storing the entry sets
	// the step's Entry.
	Step, About string
	Late        Verb      // what is overdue
	To          []Account // who was told
	Promise     string    // text of people, as Reason is
	// Second agreed, and Expires ends a declared override; Cause ended it.
	Second  *Account
	Expires time.Time
	Cause   string
	// Reason and Data are text of people: the ledger holds a salted hash of them.
	Reason, Data string
	Due          review.Date
	Minutes      int // net debt
}
