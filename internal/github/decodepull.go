package github

import (
	"strings"

	"github.com/google/go-github/v60/github"

	"github.com/barraiser/barraiser/internal/signoff"
)

// events are the readers, by the name of the event. What is not here is stored
// and nothing else.
var events = map[string]func(d *decoder, event any){
	"pull_request":              readPull,
	"pull_request_review":       readReview,
	"issue_comment":             readComment,
	"check_run":                 readCheckRun,
	"check_suite":               readCheckSuite,
	"push":                      readPush,
	"merge_group":               readMergeGroup,
	"installation":              readInstallation,
	"installation_repositories": readInstallationRepositories,
	"repository":                readRepository,
	"membership":                readDirectory,
	"team":                      readDirectory,
	"organization":              readDirectory,
	"ping":                      func(d *decoder, _ any) { d.ignore("ping") },
}

// unmoved are the actions on a pull request that change nothing of what we look
// at.
var unmoved = map[string]bool{
	"assigned": true, "unassigned": true, "labeled": true, "unlabeled": true, "milestoned": true, "demilestoned": true,
	"locked": true, "unlocked": true,
}

func readPull(d *decoder, event any) {
	e := event.(*github.PullRequestEvent)
	s, ok := d.pull(e.GetPullRequest().GetNumber())
	if !ok {
		return
	}
	head := commit(e.GetPullRequest().GetHead().GetSHA())
	switch action := e.GetAction(); {
	case unmoved[action]:
		d.ignore("changes nothing that we look at")
	case action == "synchronize":
		d.fact(s, signoff.Fact{Kind: signoff.Pushed, Actor: account(e.Sender), Commit: head, Before: commit(e.GetBefore())})
	case action == "closed" && e.GetPullRequest().GetMerged():
		by := account(e.GetPullRequest().MergedBy)
		if by.ID == 0 {
			by = account(e.Sender)
		}
		d.fact(s, signoff.Fact{Kind: signoff.Merged, Actor: by, Author: account(e.GetPullRequest().User), Commit: head, Said: e.GetPullRequest().GetMergedAt().UTC()})
	default:
		d.raise(s)
	}
}

// reviewStates are those of a submitted review. "Pending" is a draft that its
// author alone sees.
var reviewStates = map[string]signoff.ReviewState{
	"approved": signoff.Approved, "changes_requested": signoff.ChangesRequested,
	"commented": signoff.Commented, "dismissed": signoff.Dismissed,
}

func readReview(d *decoder, event any) {
	e := event.(*github.PullRequestReviewEvent)
	s, ok := d.pull(e.GetPullRequest().GetNumber())
	if !ok {
		return
	}
	r := e.Review
	if r == nil {
		d.ignore("names no review")
		return
	}
	f := signoff.Fact{
		Actor: account(e.Sender), Author: account(r.User), Review: r.GetID(),
		Commit: commit(r.GetCommitID()), BaseRef: e.GetPullRequest().GetBase().GetRef(), State: reviewStates[strings.ToLower(r.GetState())], Text: r.GetBody(),
	}
	switch e.GetAction() {
	case "submitted":
		f.Kind, f.Said = signoff.ReviewSubmitted, r.GetSubmittedAt().UTC()
	case "dismissed":
		// The payload has neither the reason nor the time, and the text is that of
		// the review.
		f.Kind, f.State, f.Text = signoff.ReviewDismissed, signoff.Dismissed, ""
	case "edited":
		f.Kind = signoff.ReviewEdited
	default:
		d.raise(s)
		return
	}
	if f.State == "" {
		d.ignore("a state of a review that is not known")
		d.raise(s)
		return
	}
	d.fact(s, f)
}

func readComment(d *decoder, event any) {
	e := event.(*github.IssueCommentEvent)
	if e.Issue == nil || e.Comment == nil {
		d.ignore("names no comment")
		return
	}
	if !e.Issue.IsPullRequest() {
		d.ignore("a comment on an issue")
		return
	}
	s, ok := d.pull(e.Issue.GetNumber())
	if !ok {
		return
	}
	c := e.Comment
	if d.self.is(c.User) {
		// A person changed or deleted what we wrote. We write it again when there
		// is something new to say.
		d.ignore("a comment of ours")
		return
	}
	f := signoff.Fact{Kind: signoff.Commanded, Actor: account(e.Sender), Author: account(c.User), Comment: c.GetID()}
	commands := signoff.ParseCommands(c.GetBody())
	switch e.GetAction() {
	case "created":
		f.Said, f.Edited = c.GetCreatedAt().UTC(), !c.GetCreatedAt().Equal(c.GetUpdatedAt())
	case "edited":
		f.Said, f.Edited = c.GetUpdatedAt().UTC(), true
		commands = added(commands, signoff.ParseCommands(e.GetChanges().GetBody().GetFrom()))
	default:
		d.ignore("takes nothing back")
		return
	}
	if len(commands) == 0 {
		d.ignore("no command")
		return
	}
	for _, command := range commands {
		f.Command = &command
		d.fact(s, f)
	}
}

// added are the commands that were not there before an edit: to answer the
// others would answer them twice.
func added(now, before []signoff.Command) []signoff.Command {
	said := map[string]bool{}
	for _, c := range before {
		said[c.Line] = true
	}
	var fresh []signoff.Command
	for _, c := range now {
		if !said[c.Line] {
			fresh = append(fresh, c)
		}
	}
	return fresh
}

func readCheckRun(d *decoder, event any) {
	e := event.(*github.CheckRunEvent)
	run := e.CheckRun
	if run == nil {
		d.ignore("names no check")
		return
	}
	if e.GetAction() != "requested_action" && e.GetAction() != "rerequested" {
		d.checkOf(run)
		return
	}
	switch {
	case run.GetApp().GetID() != d.self.ID:
		d.ignore("a check of another App")
		return
	case d.self.is(e.Sender):
		d.ignore("our own")
		return
	}
	d.lookAt(run.GetHeadSHA(), run.PullRequests)
	d.Pressed = &Pressed{
		Actor: account(e.Sender), Identifier: again,
		Commit: commit(run.GetHeadSHA()), ExternalID: run.GetExternalID(),
	}
	if e.RequestedAction != nil {
		d.Pressed.Identifier = e.RequestedAction.Identifier
	}
}

// again is what GitHub's own button asks for.
const again = "retry"

// checkOf notes what a check shows that has a name of ours. GitHub lets every App
// write one, and whoever has our key write ours.
func (d *decoder) checkOf(run *github.CheckRun) {
	if !strings.HasPrefix(run.GetName(), checkName) {
		d.ignore("a check that is not ours to look after")
		return
	}
	if commit(run.GetHeadSHA()) == "" {
		d.ignore("names no commit")
		return
	}
	shown := shownCheck(run, d.self.ID)
	d.Shown = &shown
}

// checkName begins the name of each check of ours.
const checkName = "bar-raiser"

func readCheckSuite(d *decoder, event any) {
	e := event.(*github.CheckSuiteEvent)
	suite := e.CheckSuite
	if suite == nil {
		d.ignore("names no check")
		return
	}
	if e.GetAction() != "rerequested" || suite.GetApp().GetID() != d.self.ID {
		d.ignore("nothing asked of us")
		return
	}
	d.lookAt(suite.GetHeadSHA(), suite.PullRequests)
	d.Pressed = &Pressed{Actor: account(e.Sender), Identifier: again, Commit: commit(suite.GetHeadSHA())}
}

// lookAt raises the pull requests that a payload names at a commit, and asks for
// those that it leaves out.
func (d *decoder) lookAt(sha string, pulls []*github.PullRequest) {
	if sha = commit(sha); sha == "" {
		d.ignore("names no commit")
		return
	}
	d.Heads = append(d.Heads, sha)
	for _, p := range pulls {
		// One head may be that of pull requests of several repositories.
		if id := p.GetBase().GetRepo().GetID(); id != 0 && id != d.Repository.ID {
			continue
		}
		if s, ok := d.pull(p.GetNumber()); ok {
			d.raise(s)
		}
	}
}

func readPush(d *decoder, event any) {
	e := event.(*github.PushEvent)
	branch, ok := strings.CutPrefix(e.GetRef(), "refs/heads/")
	if !ok || branch == "" {
		d.ignore("no branch")
		return
	}
	if d.Installation <= 0 || d.Repository.ID <= 0 {
		d.ignore("names no repository of an installation")
		return
	}
	s := signoff.Subject{Installation: d.Installation, Repository: d.Repository.ID, Kind: signoff.Branch, Ref: branch}
	f := d.fact(s, signoff.Fact{Kind: signoff.Pushed, Actor: account(e.Sender), Before: commit(e.GetBefore()), Commit: commit(e.GetAfter())})
	f.Forced = e.GetForced()
}
