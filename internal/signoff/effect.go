package signoff

import "github.com/barraiser/barraiser/internal/impact"

// An EffectKind is what is to be done on the host or in Slack.
type EffectKind string

// Puts bring something to the newest state, which whoever performs them reads
// from the record when it is time: of several with one key the last is enough.
// Tells are about an event and are never dropped.
const (
	PutCheck       EffectKind = "put-check"        // on Effect.Commit
	PutConfigCheck EffectKind = "put-config-check" // on Effect.Commit
	PutGroupCheck  EffectKind = "put-group-check"  // on Effect.Commit, of a merge group with Effect.Head
	PutComment     EffectKind = "put-comment"
	PutReviewers   EffectKind = "put-reviewers"
	PutInline      EffectKind = "put-inline"
	TellReaction   EffectKind = "tell-reaction" // Effect.Text to comment Effect.Comment
	TellReply      EffectKind = "tell-reply"    // Effect.Text, Markdown, below comment Effect.Comment
	TellNotice     EffectKind = "tell-notice"   // Effect.Notice in Slack
)

// Put tells the two sorts apart.
func (k EffectKind) Put() bool { return len(k) > 4 && k[:4] == "put-" }

// Effect is something to be done in the world after the record was stored.
type Effect struct {
	Kind    EffectKind `json:"kind"`
	Subject Subject    `json:"subject"`
	Commit  string     `json:"commit,omitempty"`
	Head    string     `json:"head,omitempty"` // of the pull request that a merge group ends with
	Comment int64      `json:"comment,omitempty"`
	Text    string     `json:"text,omitempty"`
	// Comment is 0 where a command was given on a page: then the reply is for that.
	// Command is set in the reply to one that only shows something that the
	// record does not hold ("explain"): who performs it writes the text.
	Command *Command `json:"command,omitempty"`
	// Fact is what a Tell is about: with the kind it makes the key, by which the
	// same is never told twice. It begins with the id of a fact, where there is
	// one: the reactions to one command are two Tells.
	Fact   string  `json:"fact,omitempty"`
	Notice *Notice `json:"notice,omitempty"`
}

// NoticeKind is what is told in Slack.
type NoticeKind string

const (
	NoticeAsked     NoticeKind = "asked"    // to the bar raiser
	NoticeOverride  NoticeKind = "override" // to management
	NoticeClosed    NoticeKind = "closed"   // the end, in the thread
	NoticeReminder  NoticeKind = "reminder"
	NoticeDeviation NoticeKind = "deviation"  // the day has come on which to look at it again: to its author, and late to those above
	NoticeCorrect   NoticeKind = "correction" // to who went in: it turned out badly
	NoticeAway      NoticeKind = "away"       // to a team in whose code another one works
	NoticeBackup    NoticeKind = "backup"     // offered to whoever comes next
	NoticeOwner     NoticeKind = "owner"      // nobody answered: to the policy's channel

	// To the author, and in each thread that there is. By is who brought it about.
	NoticeSignedOff NoticeKind = "signed-off"
	NoticeChanges   NoticeKind = "changes" // are requested, or it is recommended against
	NoticeLapsed    NoticeKind = "lapsed"  // the override, or for none the sign-off, holds no longer

	// Those of the follow-up name an override.
	NoticeJustify     NoticeKind = "justify"     // to who went in: say why
	NoticeAcknowledge NoticeKind = "acknowledge" // to the level above
	NoticeDue         NoticeKind = "due"         // before a deadline, to who has to do Step
	NoticeOverdue     NoticeKind = "overdue"     // Step did not come in time: one level up
	NoticeCheckKept   NoticeKind = "check-kept"  // a promise is said to be kept: to who checks
	NoticeStep        NoticeKind = "step"        // Step was taken: to the policy's channel
)

// Notice is an event that people are told of.
type Notice struct {
	Kind     NoticeKind      `json:"kind"`
	To       []Account       `json:"to,omitempty"` // people; none: the policy's channel
	Domains  []impact.Domain `json:"domains,omitempty"`
	Override string          `json:"override,omitempty"` // its id
	Step     Verb            `json:"step,omitempty"`     // of its follow-up
	By       int64           `json:"by,omitempty"`       // account that need not be told
}
