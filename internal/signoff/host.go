package signoff

import "time"

// Account is a person or a bot on the host. The number is who it is, the login
// what it is called today.
type Account struct {
	ID    int64  `json:"id"`
	Login string `json:"login"`
	Bot   bool   `json:"bot,omitempty"`
}

// Repo is a repository as the host names it today.
type Repo struct {
	ID            int64
	Owner, Name   string
	Private       bool
	DefaultBranch string
	// Archived repositories take no check, no comment and no merge.
	Archived bool
}

// Full is "owner/name".
func (r Repo) Full() string { return r.Owner + "/" + r.Name }

// Pull is a pull request as the host says it is now.
type Pull struct {
	Repo        Repo
	Number      int
	URL         string // for people
	Title, Body string
	Author      Account
	Open, Draft bool
	Head        string // commit
	HeadRef     string // branch
	Fork        bool   // the head is in another repository, or in none any more
	BaseRef     string // branch
	BaseTip     string // commit that the base branch is at
	Opened      time.Time
	Merged      bool
	MergedAt    time.Time
	MergedBy    Account
	MergeCommit string
	// Reviews are all, the oldest first, by what the host says of them now.
	// Against forgery they count for less than the facts of signed payloads: they
	// only revoke, and name who is to be asked to confirm.
	Reviews   []HostReview
	Requested []Account // asked to review, by whomever
}

// ReviewState is what a review on the host says.
type ReviewState string

const (
	Approved         ReviewState = "approved"
	ChangesRequested ReviewState = "changes_requested"
	Commented        ReviewState = "commented"
	Dismissed        ReviewState = "dismissed"
)

// HostReview is a submitted review.
type HostReview struct {
	ID     int64
	Author Account
	State  ReviewState
	// Commit is what it was about, as the host says now. GitHub moves it to the
	// new head after some force pushes, so it proves nothing.
	Commit    string
	Submitted time.Time
	Body      string
}

// Check is a check run of ours, as it is to be.
type Check struct {
	Name       string // "bar-raiser"
	Commit     string // that it is on
	ExternalID string // by which it is found again
	// Conclusion is empty while it is in progress.
	Conclusion Conclusion
	URL        string // of the page
	Title      string
	Summary    string // Markdown
	Text       string // Markdown
	Notes      []Annotation
	Actions    []Action
}

// Conclusion is how a check ended.
type Conclusion string

// The conclusions from the gravest. InProgress is none yet.
const (
	Failure        Conclusion = "failure"
	ActionRequired Conclusion = "action_required"
	InProgress     Conclusion = ""
	Neutral        Conclusion = "neutral"
	Success        Conclusion = "success"
)

// Annotation is a remark at lines of a file of the head.
type Annotation struct {
	Path           string
	From, To       int    // lines, counted from 1
	Level          string // "notice", "warning", "failure"
	Title, Message string
}

// Action is a button on a check.
type Action struct {
	Label       string // at most 20 characters
	Description string // at most 40
	Identifier  string // at most 20
}

// InlineComment is a remark on a line of the difference.
type InlineComment struct {
	Path string
	Line int // of the head, from 1
	Body string
	Mark string // by which it is found again
}
