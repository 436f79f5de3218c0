package signoff

import (
	"time"

	"github.com/barraiser/barraiser/internal/review"
)

// A FactKind is what happened.
type FactKind string

const (
	// ReviewSubmitted is a review with State at Commit, by Actor.
	ReviewSubmitted FactKind = "review-submitted"
	// ReviewDismissed: Actor dismissed the review of Author. Text is the reason.
	ReviewDismissed FactKind = "review-dismissed"
	// ReviewEdited: the text of a review was changed. It grants nothing.
	ReviewEdited FactKind = "review-edited"
	// Commanded: Actor said Command, in a comment or on a page.
	Commanded FactKind = "command"
	// Pushed: Actor moved the head to Commit, or the branch from Before to
	// Commit.
	Pushed FactKind = "pushed"
	// Retargeted: Actor chose BaseRef as the branch to merge into, in place of
	// Before.
	Retargeted FactKind = "retargeted"
	// Merged: Actor merged Commit, the head.
	Merged FactKind = "merged"
	// Queued: the host built Commit, of a merge group that ends with the pull
	// request, on Before, and waits for the checks of it. It grants nothing.
	Queued FactKind = "queued"
)

// A Fact is what a signed payload said, or a person on a page of ours, and what
// cannot be read again later. Facts are immutable and kept for ever.
type Fact struct {
	ID string    `json:"id"` // of the delivery, unique
	At time.Time `json:"at"` // when it was received
	// Said is when it happened by the host's clock, as the signed payload says
	// (submitted_at, created_at, merged_at). It decides whether something was
	// said before a merge, and which of two verdicts of one person is the newer;
	// zero: At does.
	Said time.Time `json:"said,omitzero"`
	Kind FactKind  `json:"kind"`
	// Actor did it: the sender of a webhook.
	Actor Account `json:"actor"`
	// Author wrote the review or the comment, where there is one.
	Author Account `json:"author,omitzero"`
	Commit string  `json:"commit,omitempty"`
	Before string  `json:"before,omitempty"`
	// BaseRef is the branch to merge into, where the payload of a review has it or
	// the page of a command showed it. It says which of two changes with one head
	// the person saw.
	BaseRef string      `json:"baseRef,omitempty"`
	Review  int64       `json:"review,omitempty"`
	State   ReviewState `json:"state,omitempty"`
	Comment int64       `json:"comment,omitempty"`
	// Edited says that the comment was changed after it was made, or that it was
	// changed to become this. Such a command grants nothing.
	Edited  bool     `json:"edited,omitempty"`
	Text    string   `json:"text,omitempty"`
	Command *Command `json:"command,omitempty"`
}

// Verb is what a command asks for.
type Verb string

const (
	VerbHelp             Verb = "help"
	VerbStatus           Verb = "status"
	VerbExplain          Verb = "explain"
	VerbRetry            Verb = "retry"
	VerbSignOff          Verb = "signoff"
	VerbRequestChanges   Verb = "request-changes"
	VerbRecommendAgainst Verb = "recommend-against"
	VerbDecline          Verb = "decline"
	VerbReassign         Verb = "reassign"
	VerbRequire          Verb = "require"
	VerbOverride         Verb = "override"
	VerbOverrideCancel   Verb = "override-cancel"
	VerbDismiss          Verb = "dismiss"

	// The steps that follow an override.
	VerbJustify     Verb = "justify"
	VerbAcknowledge Verb = "acknowledge"
	VerbAccept      Verb = "accept"
	VerbCorrect     Verb = "correct"
	VerbDeviation   Verb = "deviation" // not of an override
	VerbPromise     Verb = "promise"
	VerbKept        Verb = "kept"
	VerbVoid        Verb = "void"
)

// Command is one line "/bar VERB …" of a comment, or the same said on a page or
// by a button.
type Command struct {
	Verb Verb `json:"verb"`
	// Commit has at least 7 hex digits, of signoff and override.
	Commit string `json:"commit,omitempty"`
	// Object is the finding of explain and dismiss, the domain of require, the
	// login of reassign; of the steps that follow an override, its name or id, and
	// empty where there is only one.
	Object string `json:"object,omitempty"`
	// Text is the note or the reason.
	Text string `json:"text,omitempty"`
	// Data, FollowUp and Due are the flags of override. FollowUp and Due are what
	// is promised, and Data the address that shows that it is kept.
	Data     string      `json:"data,omitempty"`
	FollowUp string      `json:"followUp,omitempty"`
	Due      review.Date `json:"due,omitempty"`
	// Wrong says what is wrong with the line, in words for who wrote it; then
	// nothing else of it counts.
	Wrong string `json:"wrong,omitempty"`
	// Line is what was written, for the answer.
	Line string `json:"line,omitempty"`
}
