package github

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/barraiser/barraiser/internal/signoff"
)

// Self is who we are on GitHub.
type Self struct {
	ID   int64  // of the App
	Slug string // "bar-raiser"; its bot is called "bar-raiser[bot]"
}

// Login is what the App is called where it writes.
func (s Self) Login() string { return s.Slug + "[bot]" }

// is says whether an account is the bot of the App. No person can have a login
// with brackets.
func (s Self) is(u *github.User) bool {
	return u != nil && s.Slug != "" && u.GetType() == "Bot" && strings.EqualFold(u.GetLogin(), s.Login())
}

// SubjectFact is a fact and what it belongs to.
type SubjectFact struct {
	Subject signoff.Subject
	Fact    signoff.Fact
	// Forced is a push that took commits away.
	Forced bool
}

// Pressed is a button of a check of ours, and who pressed it.
type Pressed struct {
	Actor      signoff.Account
	Identifier string
	Commit     string
	ExternalID string // of the check
}

// Delivery is one webhook, read. Facts are to be kept; all else is a hint where
// to look.
type Delivery struct {
	GUID          string
	Event, Action string
	Installation  int64
	Organization  string // login, where the payload names one
	// Repository is the zero Repo where the event is not about one.
	Repository signoff.Repo

	Facts []SubjectFact
	// Raised are the subjects to look at. Those of Facts are among them.
	Raised []signoff.Subject
	// Heads are commits whose pull requests are to be looked at, where the
	// payload does not name all of these: GitHub leaves out those of forks.
	Heads []string
	// Pressed is a button of ours. GitHub's own, to run a check again, is "retry".
	Pressed *Pressed
	// Shown is a check that somebody wrote under a name of ours, we ourselves
	// perhaps.
	Shown *ShownCheck
	// Sweep are repositories to look at whole, Gone those that we may no longer
	// see.
	Sweep, Gone []signoff.Repo
	// SweepAll: all repositories of the installation. GoneAll: the App was taken
	// away ("deleted") or suspended ("suspend"), in Account.
	SweepAll, GoneAll bool
	Account           signoff.Account
	// Directory: who is in the teams of Organization has changed.
	Directory bool
	// Ignored says why nothing, or no fact, comes of it; it is stored all the same.
	Ignored string
}

// maxGUID bounds what we use as a key.
const maxGUID = 64

// A decoder fills a Delivery from one payload.
type decoder struct {
	*Delivery
	self   Self
	at     time.Time
	body   []byte
	events int // facts so far, for their ids
}

// Decode reads a webhook whose signature was verified. An error is a request
// that GitHub would not send: answer 400. What GitHub sends and we do not use, or
// cannot read, is a Delivery that says so in Ignored.
func Decode(header http.Header, body []byte, self Self, at time.Time) (Delivery, error) {
	d := Delivery{GUID: header.Get("X-GitHub-Delivery"), Event: header.Get("X-GitHub-Event")}
	if !plain(d.GUID, maxGUID) {
		return Delivery{}, fmt.Errorf("X-GitHub-Delivery %.80q is no id", d.GUID)
	}
	if !plain(d.Event, 100) {
		return Delivery{}, fmt.Errorf("X-GitHub-Event %.120q is no event", d.Event)
	}
	if form, _, _ := strings.Cut(header.Get("Content-Type"), ";"); form != "application/json" {
		return Delivery{}, fmt.Errorf("content type %.80q; set the webhook of the App to application/json", form)
	}
	var about envelope
	if err := json.Unmarshal(body, &about); err != nil {
		if !json.Valid(body) {
			return Delivery{}, fmt.Errorf("payload of %s: not JSON", d.Event)
		}
		d.Ignored = "a payload of another shape than known"
		return d, nil
	}
	about.into(&d)
	// What is shown on a check counts, and not who seems to have written it: who
	// has our key is us.
	if about.by(self) && d.Event != "check_run" {
		d.Ignored = "our own"
		return d, nil
	}
	read, known := events[d.Event]
	if !known {
		d.Ignored = "not an event that we use"
		return d, nil
	}
	event, err := github.ParseWebHook(d.Event, body)
	if err != nil {
		// The client knows one shape of each event and is stricter than we need.
		// What it says is lost, that something happened is not.
		d.Ignored = "a payload of another shape than known"
		if d.Installation > 0 && d.Repository.ID > 0 {
			d.Sweep = []signoff.Repo{d.Repository}
		}
		return d, nil
	}
	read(&decoder{Delivery: &d, self: self, at: at.UTC(), body: body}, event)
	return d, nil
}

// plain is text that may be a key or part of a log line as it is.
func plain(s string, max int) bool {
	ok := func(c rune) bool {
		return c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	}
	return s != "" && len(s) <= max && strings.IndexFunc(s, func(c rune) bool { return !ok(c) }) < 0
}

// envelope is what all payloads have in common.
type envelope struct {
	Action       string               `json:"action"`
	Sender       *github.User         `json:"sender"`
	Repository   *github.Repository   `json:"-"`
	RawRepo      json.RawMessage      `json:"repository"`
	Organization *github.Organization `json:"organization"`
	Installation *struct {
		ID int64 `json:"id"`
	} `json:"installation"`
	Comment *struct {
		Via *struct {
			ID int64 `json:"id"`
		} `json:"performed_via_github_app"`
		User *github.User `json:"user"`
	} `json:"comment"`
}

func (e *envelope) into(d *Delivery) {
	d.Action = e.Action
	if len(d.Action) > 100 {
		d.Action = d.Action[:100]
	}
	if e.Installation != nil {
		d.Installation = e.Installation.ID
	}
	d.Organization = e.Organization.GetLogin()
	d.Repository = envelopeRepo(e.RawRepo)
}

// by says whether we did what the event is about: our own comments, checks and
// requests come back as events, and an answer to these would never end.
func (e *envelope) by(self Self) bool {
	if self.is(e.Sender) {
		return true
	}
	// The second lock, should the App have been renamed since we asked its name.
	return e.Action == "created" && e.Comment != nil && e.Comment.Via != nil && self.ID != 0 && e.Comment.Via.ID == self.ID &&
		e.Comment.User.GetType() == "Bot"
}

// envelopeRepo reads a repository in any of the shapes that payloads have: that
// of a push gives times as numbers.
func envelopeRepo(raw json.RawMessage) signoff.Repo {
	var r struct {
		ID            int64  `json:"id"`
		Name          string `json:"name"`
		FullName      string `json:"full_name"`
		Private       bool   `json:"private"`
		DefaultBranch string `json:"default_branch"`
		Archived      bool   `json:"archived"`
	}
	if len(raw) == 0 || json.Unmarshal(raw, &r) != nil || r.ID <= 0 {
		return signoff.Repo{}
	}
	owner, _, _ := strings.Cut(r.FullName, "/")
	return signoff.Repo{ID: r.ID, Owner: owner, Name: r.Name, Private: r.Private, DefaultBranch: r.DefaultBranch, Archived: r.Archived}
}

// pull is the subject of a pull request of the delivery's repository; false
// where the payload does not say which.
func (d *decoder) pull(number int) (signoff.Subject, bool) {
	s := signoff.Subject{Installation: d.Installation, Repository: d.Repository.ID, Kind: signoff.PullRequest, Number: number}
	if s.Installation <= 0 || s.Repository <= 0 || number <= 0 {
		d.Ignored = "names no pull request of an installation"
		return signoff.Subject{}, false
	}
	return s, true
}

func (d *decoder) raise(s signoff.Subject) {
	for _, known := range d.Raised {
		if known == s {
			return
		}
	}
	d.Raised = append(d.Raised, s)
}

// fact keeps what the payload says. The id is that of the delivery, so that one
// that is sent again adds nothing.
func (d *decoder) fact(s signoff.Subject, f signoff.Fact) *SubjectFact {
	f.ID, f.At = d.GUID, d.at
	if d.events > 0 {
		f.ID = fmt.Sprintf("%s/%d", d.GUID, d.events+1)
	}
	d.events++
	d.raise(s)
	d.Facts = append(d.Facts, SubjectFact{Subject: s, Fact: f})
	return &d.Facts[len(d.Facts)-1]
}

func (d *decoder) ignore(why string) { d.Ignored = why }

func account(u *github.User) signoff.Account {
	if u == nil {
		return signoff.Account{}
	}
	return signoff.Account{ID: u.GetID(), Login: u.GetLogin(), Bot: u.GetType() == "Bot"}
}

// commit is a full commit hash, or "" where it is none: also the zeros that stand
// for no commit.
func commit(sha string) string {
	if len(sha) != 40 && len(sha) != 64 || strings.Trim(sha, "0123456789abcdef") != "" || strings.Trim(sha, "0") == "" {
		return ""
	}
	return sha
}
