package githubtest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// The states of a pull request.
const (
	stateOpen   = "open"
	stateClosed = "closed"
)

// A Pull is a pull request to be opened.
type Pull struct {
	Author string // a login
	Title  string
	Body   string
	Head   string // a branch, or OWNER:BRANCH of a fork
	Base   string // the default branch when empty
	Draft  bool
}

type pull struct {
	id                  int64
	repo                *repository
	number              int
	author              *account
	title, body         string
	state               string
	draft               bool
	baseBranch, baseSHA string
	headOwner           *account
	headRepo            *repository // nil when it was deleted
	headBranch, headSHA string
	created, updated    time.Time
	closed, merged      *time.Time
	mergedBy            *account
	mergeSHA            string // the test merge, then the merge
	mergeable           bool
	requested           []*account
	requestedTeams      []*team
	reviews             []*review
	comments            []*comment
	reviewComments      []*reviewComment
	laggingHead         string // what reads still show
	laggingReads        int
	laggingMerge        int
}

// OpenPull opens a pull request and returns its number.
func (s *Server) OpenPull(repo string, in Pull) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, a, err := s.mustBoth(repo, in.Author)
	if err != nil {
		return 0, err
	}
	p, err := s.openPull(r, a, in)
	if err != nil {
		return 0, err
	}
	return p.number, nil
}

func (s *Server) openPull(r *repository, by *account, in Pull) (*pull, error) {
	if in.Base == "" {
		in.Base = r.DefaultBranch
	}
	if in.Title == "" {
		return nil, invalid("title can't be blank")
	}
	p := &pull{
		id: s.id(), repo: r, author: by, title: in.Title, body: in.Body, draft: in.Draft, state: stateOpen,
		baseBranch: in.Base, baseSHA: r.branch(in.Base), headRepo: r, headBranch: in.Head, created: s.today(), updated: s.today(),
	}
	if owner, branch, fork := strings.Cut(in.Head, ":"); fork {
		p.headRepo, p.headBranch = s.fork(r, owner), branch
	}
	if p.baseSHA == "" {
		return nil, invalid("base invalid")
	}
	if p.headRepo == nil || p.headRepo.branch(p.headBranch) == "" {
		return nil, invalid("head invalid")
	}
	p.headOwner, p.headSHA = p.headRepo.owner, p.headRepo.branch(p.headBranch)
	for _, q := range r.pulls {
		if q.state == stateOpen && q.headRepo == p.headRepo && q.headBranch == p.headBranch && q.baseBranch == p.baseBranch {
			return nil, invalid(fmt.Sprintf("A pull request already exists for %s:%s.", p.headOwner.Login, p.headBranch))
		}
	}
	p.number = r.last + 1
	if err := p.fetchHead(); err != nil {
		return nil, err
	}
	if r.isAncestor(p.headSHA, p.baseSHA) {
		return nil, invalid(fmt.Sprintf("No commits between %s and %s", p.baseBranch, p.headBranch))
	}
	if err := s.testMerge(p); err != nil {
		return nil, err
	}
	r.last++
	r.pulls = append(r.pulls, p)
	s.emitPull(p, by, "opened", nil)
	return p, nil
}

// fork finds the copy of a repository in an account, or the repository itself.
func (s *Server) fork(r *repository, owner string) *repository {
	for _, f := range s.repos {
		if strings.EqualFold(f.owner.Login, owner) && (f == r || f.parent == r) {
			return f
		}
	}
	return nil
}

func (p *pull) headRef() string { return fmt.Sprintf("refs/pull/%d/head", p.number) }

// fetchHead brings the head into the repository and points
// refs/pull/N/head at it,
// docs.github.com/en/pull-requests/collaborating-with-pull-requests/reviewing-changes-in-pull-requests/checking-out-pull-requests-locally.
func (p *pull) fetchHead() error {
	if p.headRepo != p.repo {
		if _, err := p.repo.git("fetch", "--quiet", p.headRepo.dir, p.headSHA); err != nil {
			return err
		}
	}
	return p.repo.setRef(p.headRef(), p.headSHA)
}

// testMerge keeps refs/pull/N/merge: the merge of head and base, absent where
// they conflict, docs.github.com/en/rest/pulls/pulls "Get a pull request". GitHub
// does this some time after the change, and mergeable is null until then; here
// it is done at once.
func (s *Server) testMerge(p *pull) error {
	name := fmt.Sprintf("refs/pull/%d/merge", p.number)
	base := p.repo.branch(p.baseBranch)
	tree, ok := p.repo.mergeTree(base, p.headSHA)
	p.mergeable = ok
	if !ok {
		p.mergeSHA = ""
		return p.repo.setRef(name, "")
	}
	now := Person{Name: "GitHub", Email: "noreply@github.example", Date: s.today()}
	sha, err := p.repo.commitTree(tree, fmt.Sprintf("Merge %s into %s\n", p.headSHA, base), now, now, base, p.headSHA)
	if err != nil {
		return err
	}
	p.mergeSHA = sha
	return p.repo.setRef(name, sha)
}

// headMoved follows a push to the head branch. With the branch deleted the
// pull request is closed.
func (s *Server) headMoved(p *pull, by *account, sha string) error {
	p.updated = s.today()
	if sha == "" {
		s.closePull(p, by)
		return nil
	}
	before := p.headSHA
	p.headSHA, p.baseSHA = sha, p.repo.branch(p.baseBranch)
	if err := p.fetchHead(); err != nil {
		return err
	}
	if err := s.testMerge(p); err != nil {
		return err
	}
	p.laggingHead, p.laggingReads = before, s.faults.Lag
	if s.faults.Repoint {
		s.repoint(p, before)
	}
	for _, rule := range p.repo.rulesFor(p.baseBranch) {
		if rule.DismissStale {
			s.dismissStale(p, by)
		}
	}
	s.emitPull(p, by, "synchronize", object{"before": before, "after": sha})
	return nil
}

// baseMoved follows a push to the base branch. A base that has the head is a
// merge, whoever made it,
// docs.github.com/en/pull-requests/collaborating-with-pull-requests/incorporating-changes-from-a-pull-request/about-pull-request-merges
// "Indirect merges".
func (s *Server) baseMoved(p *pull, by *account, sha string) error {
	if sha == "" {
		s.closePull(p, by)
		return nil
	}
	if p.repo.isAncestor(p.headSHA, sha) {
		s.markMerged(p, by, sha)
		s.emitPull(p, by, "closed", nil)
		return nil
	}
	return s.testMerge(p)
}

func (s *Server) markMerged(p *pull, by *account, sha string) {
	now := s.today()
	p.state, p.closed, p.merged, p.updated = stateClosed, &now, &now, now
	p.mergedBy, p.mergeSHA = by, sha
	p.laggingMerge = s.faults.MergeLag
}

func (s *Server) closePull(p *pull, by *account) {
	now := s.today()
	p.state, p.closed, p.updated = stateClosed, &now, now
	s.emitPull(p, by, "closed", nil)
}

// An Edit changes what is not nil.
type Edit struct {
	Title, Body, Base *string
	Open              *bool
	Draft             *bool
}

// EditPull changes a pull request as the named person.
func (s *Server) EditPull(repo string, number int, by string, e Edit) error {
	return s.onPull(repo, number, by, func(p *pull, a *account) error { return s.editPull(p, a, e) })
}

// onPull runs with the lock held.
func (s *Server) onPull(repo string, number int, by string, do func(*pull, *account) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, a, err := s.mustBoth(repo, by)
	if err != nil {
		return err
	}
	p := r.pull(number)
	if p == nil {
		return notFound()
	}
	return do(p, a)
}

func (r *repository) pull(number int) *pull {
	if number < 1 || number > len(r.pulls) {
		return nil
	}
	return r.pulls[number-1]
}

func (s *Server) editPull(p *pull, by *account, e Edit) error {
	if by != p.author && !s.permission(p.repo, by).atLeast(PermissionTriage) && by != s.bot {
		return refuse(http.StatusForbidden, "%s must have push access to the repository or be the author", by.Login)
	}
	if err := s.retitle(p, by, e); err != nil {
		return err
	}
	if e.Draft != nil && *e.Draft != p.draft {
		p.draft, p.updated = *e.Draft, s.today()
		s.emitPull(p, by, map[bool]string{true: "converted_to_draft", false: "ready_for_review"}[p.draft], nil)
	}
	switch {
	case e.Open == nil:
	case !*e.Open && p.state == stateOpen:
		s.closePull(p, by)
	case *e.Open && p.state == stateClosed:
		return s.reopen(p, by)
	}
	return nil
}

// retitle changes title, body and base, and says what they were.
func (s *Server) retitle(p *pull, by *account, e Edit) error {
	changes := object{}
	if e.Title != nil && *e.Title != p.title {
		changes["title"] = object{"from": p.title}
		p.title = *e.Title
	}
	if e.Body != nil && *e.Body != p.body {
		changes["body"] = object{"from": p.body}
		p.body = *e.Body
	}
	if e.Base != nil && *e.Base != p.baseBranch {
		if p.repo.branch(*e.Base) == "" {
			return invalid(fmt.Sprintf("Proposed base branch '%s' was not found", *e.Base))
		}
		changes["base"] = object{"ref": object{"from": p.baseBranch}, "sha": object{"from": p.baseSHA}}
		p.baseBranch, p.baseSHA = *e.Base, p.repo.branch(*e.Base)
		if err := s.testMerge(p); err != nil {
			return err
		}
	}
	if len(changes) > 0 {
		p.updated = s.today()
		s.emitPull(p, by, "edited", object{"changes": changes})
	}
	return nil
}

// reopen opens a closed pull request whose branch is there, and was not forced
// to another history since (observed).
func (s *Server) reopen(p *pull, by *account) error {
	if p.merged != nil || p.headRepo == nil || p.headRepo.branch(p.headBranch) == "" || p.repo.branch(p.baseBranch) == "" {
		return invalid("state cannot be changed. The pull request cannot be reopened.")
	}
	tip := p.headRepo.branch(p.headBranch)
	if !p.headRepo.isAncestor(p.headSHA, tip) {
		return invalid(fmt.Sprintf("state cannot be changed. The %s branch was force-pushed or recreated.", p.headBranch))
	}
	p.state, p.closed, p.headSHA, p.updated = stateOpen, nil, tip, s.today()
	if err := p.fetchHead(); err != nil {
		return err
	}
	if err := s.testMerge(p); err != nil {
		return err
	}
	s.emitPull(p, by, "reopened", nil)
	return nil
}

// RequestReview asks people for a review, as the named person.
func (s *Server) RequestReview(repo string, number int, by string, reviewers ...string) error {
	return s.onPull(repo, number, by, func(p *pull, a *account) error { return s.request(p, a, reviewers, nil) })
}

// request asks for reviews. One who cannot read the repository, or wrote the
// pull request, makes the whole request fail,
// docs.github.com/en/rest/pulls/review-requests "Request reviewers for a pull
// request".
func (s *Server) request(p *pull, by *account, reviewers, teams []string) error {
	people := make([]*account, 0, len(reviewers))
	for _, login := range reviewers {
		a := s.account(login)
		switch {
		case a != nil && a == p.author:
			return refuse(http.StatusUnprocessableEntity, "Review cannot be requested from pull request author.")
		case a == nil || a.kind != KindUser || !s.collaborates(p.repo, a):
			return refuse(http.StatusUnprocessableEntity,
				"Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the %s repository.", p.repo.fullName())
		}
		people = append(people, a)
	}
	var asked []*team
	for _, slug := range teams {
		t := s.team(p.repo.owner, slug)
		if t == nil || p.repo.teams[t] == "" {
			return refuse(http.StatusUnprocessableEntity,
				"Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the %s repository.", p.repo.fullName())
		}
		asked = append(asked, t)
	}
	for _, a := range people {
		if !slices.Contains(p.requested, a) {
			p.requested = append(p.requested, a)
		}
		s.emitPull(p, by, "review_requested", object{"requested_reviewer": s.simpleUser(a)})
	}
	for _, t := range asked {
		if !slices.Contains(p.requestedTeams, t) {
			p.requestedTeams = append(p.requestedTeams, t)
		}
		s.emitPull(p, by, "review_requested", object{"requested_team": s.wireTeam(t)})
	}
	p.updated = s.today()
	return nil
}

// collaborates is true for those who were given access: that a public
// repository may be read by all does not make them reviewers.
func (s *Server) collaborates(r *repository, a *account) bool {
	if s.permission(r, a).atLeast(PermissionTriage) {
		return true
	}
	_, member := r.owner.members[a.id]
	return member || r.collaborators[a.id].atLeast(PermissionRead)
}

// unrequest takes requests back.
func (s *Server) unrequest(p *pull, by *account, reviewers, teams []string) {
	for _, login := range reviewers {
		if a := s.account(login); a != nil && slices.Contains(p.requested, a) {
			p.requested = without(p.requested, a)
			s.emitPull(p, by, "review_request_removed", object{"requested_reviewer": s.simpleUser(a)})
		}
	}
	for _, slug := range teams {
		if t := s.team(p.repo.owner, slug); t != nil && slices.Contains(p.requestedTeams, t) {
			p.requestedTeams = without(p.requestedTeams, t)
			s.emitPull(p, by, "review_request_removed", object{"requested_team": s.wireTeam(t)})
		}
	}
}
