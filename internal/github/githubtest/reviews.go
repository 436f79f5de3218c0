package githubtest

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// ReviewState is what a review says.
type ReviewState string

const (
	ReviewApproved         ReviewState = "APPROVED"
	ReviewChangesRequested ReviewState = "CHANGES_REQUESTED"
	ReviewCommented        ReviewState = "COMMENTED"
	ReviewDismissed        ReviewState = "DISMISSED"
	ReviewPending          ReviewState = "PENDING"
)

// events are the words by which a review is submitted.
var events = map[string]ReviewState{
	"APPROVE": ReviewApproved, "REQUEST_CHANGES": ReviewChangesRequested, "COMMENT": ReviewCommented, "": ReviewPending,
}

// A Review is a review to be given.
type Review struct {
	Author   string // a login
	State    ReviewState
	Body     string
	CommitID string // the head when empty
	Comments []Comment
}

// A Comment is a comment on a line of the change.
type Comment struct {
	Path      string
	Line      int    // 0: on the file
	StartLine int    // 0: one line
	Side      string // RIGHT when empty
	Body      string
}

type review struct {
	id        int64
	pull      *pull
	user      *account
	body      string
	state     ReviewState
	commitID  string
	submitted time.Time
}

type reviewComment struct {
	Comment
	id               int64
	pull             *pull
	review           *review
	user             *account
	commitID         string
	originalCommitID string
	inReplyTo        int64
	hunk             string
	position         int
	created, updated time.Time
}

// AddReview gives a review and returns its id.
func (s *Server) AddReview(repo string, number int, in Review) (int64, error) {
	var id int64
	err := s.onPull(repo, number, in.Author, func(p *pull, a *account) error {
		v, err := s.review(p, a, in)
		if err == nil {
			id = v.id
		}
		return err
	})
	return id, err
}

// review follows docs.github.com/en/rest/pulls/reviews "Create a review for a
// pull request": the author may comment only, and words are needed unless it
// approves.
func (s *Server) review(p *pull, by *account, in Review) (*review, error) {
	if err := reviewable(p, by, in); err != nil {
		return nil, err
	}
	commitID, err := p.commitID(in.CommitID)
	if err != nil {
		return nil, err
	}
	v := &review{id: s.id(), pull: p, user: by, body: in.Body, state: ReviewPending, commitID: commitID}
	comments := make([]*reviewComment, 0, len(in.Comments))
	for _, c := range in.Comments {
		rc, err := s.lineComment(p, by, c, v.commitID)
		if err != nil {
			return nil, err
		}
		rc.review = v
		comments = append(comments, rc)
	}
	p.reviews = append(p.reviews, v)
	p.reviewComments = append(p.reviewComments, comments...)
	if in.State == ReviewPending {
		return v, nil
	}
	return v, s.submit(v, in.State, in.Body)
}

// commitID is the commit that a review is of: the head, or any other whole SHA
// that the repository has, such as an earlier head.
func (p *pull) commitID(given string) (string, error) {
	if given == "" || given == p.headSHA {
		return p.headSHA, nil
	}
	sha, ok := p.repo.resolve(given)
	if !ok || sha != given {
		return "", invalid("commit_id is not part of the pull request")
	}
	return sha, nil
}

func reviewable(p *pull, by *account, in Review) error {
	switch {
	case by == p.author && in.State == ReviewApproved:
		return refuse(http.StatusUnprocessableEntity, "Review Can not approve your own pull request")
	case by == p.author && in.State == ReviewChangesRequested:
		return refuse(http.StatusUnprocessableEntity, "Review Can not request changes on your own pull request")
	case strings.TrimSpace(in.Body) == "" && (in.State == ReviewChangesRequested || in.State == ReviewCommented && len(in.Comments) == 0):
		return refuse(http.StatusUnprocessableEntity, "Review body can't be blank")
	}
	switch in.State {
	case ReviewApproved, ReviewChangesRequested, ReviewCommented, ReviewPending:
		return nil
	}
	return refuse(http.StatusUnprocessableEntity, "review event %q is not valid", in.State)
}

// SubmitReview ends a pending review.
func (s *Server) SubmitReview(repo string, number int, id int64, state ReviewState, body string) error {
	return s.onReview(repo, number, id, func(v *review) error { return s.submit(v, state, body) })
}

func (s *Server) submit(v *review, state ReviewState, body string) error {
	if v.state != ReviewPending {
		return refuse(http.StatusUnprocessableEntity, "Can not submit a review that was submitted")
	}
	if body != "" {
		v.body = body
	}
	err := reviewable(v.pull, v.user, Review{State: state, Body: v.body, Comments: make([]Comment, len(v.comments()))})
	if err != nil {
		return err
	}
	v.state, v.submitted = state, s.today()
	v.pull.requested = without(v.pull.requested, v.user)
	v.pull.updated = s.today()
	s.emitReview(v, v.user, "submitted", nil)
	for _, c := range v.comments() {
		s.emitReviewComment(c, "created")
	}
	return nil
}

func (v *review) comments() []*reviewComment {
	var list []*reviewComment
	for _, c := range v.pull.reviewComments {
		if c.review == v {
			list = append(list, c)
		}
	}
	return list
}

func (s *Server) onReview(repo string, number int, id int64, do func(*review) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.mustRepository(repo)
	if err != nil {
		return err
	}
	p := r.pull(number)
	if p == nil {
		return notFound()
	}
	v := p.review(id)
	if v == nil {
		return notFound()
	}
	return do(v)
}

func (p *pull) review(id int64) *review {
	for _, v := range p.reviews {
		if v.id == id {
			return v
		}
	}
	return nil
}

// DismissReview takes the weight of a review away, as the named person.
func (s *Server) DismissReview(repo string, number int, id int64, by, message string) error {
	return s.onReview(repo, number, id, func(v *review) error {
		a, err := s.mustAccount(by)
		if err != nil {
			return err
		}
		return s.dismiss(v, a, message)
	})
}

// dismiss follows docs.github.com/en/rest/pulls/reviews "Dismiss a review for a
// pull request": write access is needed, and a comment cannot be dismissed.
func (s *Server) dismiss(v *review, by *account, message string) error {
	switch {
	case message == "":
		return refuse(http.StatusUnprocessableEntity, "message can't be blank")
	case v.state != ReviewApproved && v.state != ReviewChangesRequested:
		return refuse(http.StatusUnprocessableEntity, "Can not dismiss a %s pull request review", strings.ToLower(string(v.state)))
	case !s.permission(v.pull.repo, by).atLeast(PermissionWrite):
		return refuse(http.StatusForbidden, "Must have push access to dismiss a review")
	}
	v.state = ReviewDismissed
	s.emitReview(v, by, "dismissed", nil)
	return nil
}

// EditReview changes the text of a review. Its state cannot be edited.
func (s *Server) EditReview(repo string, number int, id int64, body string) error {
	return s.onReview(repo, number, id, func(v *review) error {
		s.reword(v, v.user, body)
		return nil
	})
}

func (s *Server) reword(v *review, by *account, body string) {
	from := v.body
	v.body = body
	s.emitReview(v, by, "edited", object{"changes": object{"body": object{"from": from}}})
}

// dismissStale is the setting "Dismiss stale pull request approvals when new
// commits are pushed",
// docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-protected-branches/about-protected-branches.
func (s *Server) dismissStale(p *pull, by *account) {
	for _, v := range p.reviews {
		if v.state == ReviewApproved && v.commitID != p.headSHA {
			v.state = ReviewDismissed
			s.emitReview(v, by, "dismissed", nil)
		}
	}
}

// repoint moves approvals to the new head where the change is the same as
// before: GitHub was seen to do so after a rebase, which is why the commit_id of
// a review that is read later proves nothing about what its author saw.
func (s *Server) repoint(p *pull, before string) {
	if p.repo.patchID(p.baseBranch, before) != p.repo.patchID(p.baseBranch, p.headSHA) {
		return
	}
	for _, v := range p.reviews {
		if v.state == ReviewApproved && v.commitID == before {
			v.commitID = p.headSHA
		}
	}
}

// patchID names a change by its content. What cannot be named is like nothing.
func (r *repository) patchID(base, head string) string {
	diff, err := r.git("diff", r.branch(base)+"..."+head)
	if err != nil {
		return head
	}
	id, err := runGit(r.dir, diff+"\n", gitEnv(), "patch-id", "--stable")
	id, _, found := strings.Cut(id, " ")
	if err != nil || !found {
		return head
	}
	return id
}

// lineComment makes a comment on a line, which must be part of the diff,
// docs.github.com/en/rest/pulls/comments "Create a review comment for a pull
// request".
func (s *Server) lineComment(p *pull, by *account, in Comment, commitID string) (*reviewComment, error) {
	if strings.TrimSpace(in.Body) == "" {
		return nil, refuse(http.StatusUnprocessableEntity, "body can't be blank")
	}
	if in.Side == "" {
		in.Side = "RIGHT"
	}
	files, err := p.repo.changes(p.repo.branch(p.baseBranch), commitID)
	if err != nil {
		return nil, invalid("pull_request_review_thread.commit_id is not part of the pull request")
	}
	for _, f := range files {
		if f.path != in.Path {
			continue
		}
		c := &reviewComment{
			Comment: in, id: s.id(), pull: p, user: by, commitID: commitID, originalCommitID: commitID,
			created: s.today(), updated: s.today(),
		}
		if in.Line == 0 {
			return c, nil
		}
		var found bool
		if c.hunk, c.position, found = f.at(in.Line, in.Side); !found {
			return nil, invalid("pull_request_review_thread.line must be part of the diff")
		}
		if in.StartLine != 0 {
			if _, _, found := f.at(in.StartLine, in.Side); !found || in.StartLine >= in.Line {
				return nil, invalid("pull_request_review_thread.start_line must precede the end line and be part of the same hunk.")
			}
		}
		return c, nil
	}
	return nil, invalid(fmt.Sprintf("pull_request_review_thread.path %q is not part of the diff", in.Path))
}
