package githubtest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-github/v60/github"

	"github.com/barraiser/barraiser/internal/github/githubtest"
)

func TestReviews(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	w.ok(w.Protect(shop, githubtest.Rule{Approvals: 1}))
	n, head := w.pull("feature")
	create := func(login, event, body string, comments ...*github.DraftReviewComment) (*github.PullRequestReview, int) {
		in := &github.PullRequestReviewRequest{Body: github.String(body), Comments: comments}
		if event != "" { // none leaves the review pending
			in.Event = github.String(event)
		}
		v, resp, _ := w.as(login).PullRequests.CreateReview(w.ctx(), "acme", "shop", n, in)
		return v, status(resp)
	}
	for name, c := range map[string]struct{ login, event, body string }{
		"approve one's own":     {"alice", "APPROVE", ""},
		"request of oneself":    {"alice", "REQUEST_CHANGES", "x"},
		"request without words": {"bob", "REQUEST_CHANGES", ""},
		"comment without words": {"bob", "COMMENT", " "},
	} {
		if _, got := create(c.login, c.event, c.body); got != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d, want 422", name, got)
		}
	}
	v, code := create("bob", "REQUEST_CHANGES", "No", &github.DraftReviewComment{Path: github.String("main.go"), Line: github.Int(4), Side: github.String("RIGHT"), Body: github.String("Here")})
	if code != http.StatusOK || v.GetCommitID() != head || v.GetState() != "CHANGES_REQUESTED" {
		t.Fatalf("review: %d %v", code, v)
	}
	if _, code := create("bob", "COMMENT", "x", &github.DraftReviewComment{Path: github.String("main.go"), Line: github.Int(400), Body: github.String("Nowhere")}); code != http.StatusUnprocessableEntity {
		t.Errorf("a comment outside the diff: %d, want 422", code)
	}
	for _, sha := range []string{"main", "--help", strings.Repeat("0", 40)} {
		_, resp, _ := w.as("bob").PullRequests.CreateReview(w.ctx(), "acme", "shop", n, &github.PullRequestReviewRequest{
			Event: github.String("APPROVE"), CommitID: &sha,
		})
		if status(resp) != http.StatusUnprocessableEntity {
			t.Errorf("review of commit %s: %d, want 422", sha, status(resp))
		}
	}
	of, _, err := w.bot.PullRequests.ListReviewComments(w.ctx(), "acme", "shop", n, v.GetID(), nil)
	w.ok(err)
	if len(of) != 1 || !strings.HasPrefix(of[0].GetDiffHunk(), "@@ ") {
		t.Errorf("comments of the review = %v", of)
	}
	if why, err := w.Blocked(shop, n); err != nil || len(why) != 2 {
		t.Errorf("blocked = %q, %v; want changes requested and no approval", why, err)
	}
	if _, resp, _ := w.as("carol").PullRequests.DismissReview(w.ctx(), "acme", "shop", n, v.GetID(), &github.PullRequestReviewDismissalRequest{Message: github.String("x")}); status(resp) != http.StatusForbidden {
		t.Errorf("dismissed without write access: %d, want 403", status(resp))
	}
	v, _, err = w.as("alice").PullRequests.DismissReview(w.ctx(), "acme", "shop", n, v.GetID(), &github.PullRequestReviewDismissalRequest{Message: github.String("Settled")})
	w.ok(err)
	if v.GetState() != "DISMISSED" {
		t.Errorf("state = %s", v.GetState())
	}
	pending, code := create("bob", "", "")
	if code != http.StatusOK || pending.GetState() != "PENDING" {
		t.Fatalf("pending review: %d %v", code, pending)
	}
	if list, _, err := w.bot.PullRequests.ListReviews(w.ctx(), "acme", "shop", n, nil); err != nil || len(list) != 1 {
		t.Errorf("others see %d reviews, %v; want 1: one is pending", len(list), err)
	}
	v, _, err = w.as("bob").PullRequests.SubmitReview(w.ctx(), "acme", "shop", n, pending.GetID(), &github.PullRequestReviewRequest{Event: github.String("APPROVE")})
	w.ok(err)
	if v, _, err = w.as("bob").PullRequests.UpdateReview(w.ctx(), "acme", "shop", n, v.GetID(), "Edited"); err != nil || v.GetBody() != "Edited" || v.GetState() != "APPROVED" {
		t.Errorf("edited review = %v, %v", v, err)
	}
	if got, _, err := w.bot.PullRequests.GetReview(w.ctx(), "acme", "shop", n, v.GetID()); err != nil || got.GetUser().GetLogin() != "bob" {
		t.Errorf("review = %v, %v", got, err)
	}
	if why, err := w.Blocked(shop, n); err != nil || len(why) != 0 {
		t.Errorf("blocked = %q, %v; want nothing", why, err)
	}
}

func TestDismissStale(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	w.ok(w.Protect(shop, githubtest.Rule{Approvals: 1, DismissStale: true}))
	n, _ := w.pull("feature")
	w.must(w.AddReview(shop, n, githubtest.Review{Author: "bob", State: githubtest.ReviewApproved}))
	w.commit(githubtest.Commit{Branch: "feature", Message: "More", Files: map[string]string{"more.go": "package main\n"}})
	list, _, err := w.bot.PullRequests.ListReviews(w.ctx(), "acme", "shop", n, nil)
	w.ok(err)
	if list[0].GetState() != "DISMISSED" {
		t.Errorf("state after a push = %s, want DISMISSED", list[0].GetState())
	}
}

func TestReviewComments(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	n, head := w.pull("feature")
	c, _, err := w.bot.PullRequests.CreateComment(w.ctx(), "acme", "shop", n, &github.PullRequestComment{
		CommitID: github.String(head), Path: github.String("main.go"), Line: github.Int(5), StartLine: github.Int(4),
		Side: github.String("RIGHT"), StartSide: github.String("RIGHT"), Body: github.String("Two lines"),
	})
	w.ok(err)
	if _, _, err := w.as("bob").PullRequests.CreateCommentInReplyTo(w.ctx(), "acme", "shop", n, "Yes", c.GetID()); err != nil {
		t.Error(err)
	}
	list, _, err := w.bot.PullRequests.ListComments(w.ctx(), "acme", "shop", n, nil)
	w.ok(err)
	if len(list) != 2 || list[1].GetInReplyTo() != c.GetID() || list[0].GetPullRequestReviewID() == 0 {
		t.Errorf("comments = %v", list)
	}
}

func TestComments(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	n, _ := w.pull("feature")
	c, _, err := w.bot.Issues.CreateComment(w.ctx(), "acme", "shop", n, &github.IssueComment{Body: github.String("Hello <!-- mark -->")})
	w.ok(err)
	if c.GetUser().GetLogin() != "bar-raiser[bot]" || c.GetUser().GetType() != "Bot" {
		t.Errorf("author = %v", c.GetUser())
	}
	if _, _, err := w.bot.Issues.EditComment(w.ctx(), "acme", "shop", c.GetID(), &github.IssueComment{Body: github.String("Bye")}); err != nil {
		t.Error(err)
	}
	if got, _, err := w.bot.Issues.GetComment(w.ctx(), "acme", "shop", c.GetID()); err != nil || got.GetBody() != "Bye" {
		t.Errorf("comment = %v, %v", got, err)
	}
	for want, text := range map[int]string{http.StatusCreated: strings.Repeat("é", 65536), http.StatusUnprocessableEntity: strings.Repeat("é", 65537)} {
		if _, resp, _ := w.bot.Issues.CreateComment(w.ctx(), "acme", "shop", n, &github.IssueComment{Body: &text}); status(resp) != want {
			t.Errorf("%d characters: %d, want %d", len(text)/2, status(resp), want)
		}
	}
	for _, want := range []int{http.StatusCreated, http.StatusOK} {
		if _, resp, _ := w.bot.Reactions.CreateIssueCommentReaction(w.ctx(), "acme", "shop", c.GetID(), "eyes"); status(resp) != want {
			t.Errorf("reaction: %d, want %d", status(resp), want)
		}
	}
	if got, err := w.Reactions(shop, c.GetID()); err != nil || !slices.Equal(got, []string{"bar-raiser[bot] eyes"}) {
		t.Errorf("reactions = %q, %v", got, err)
	}
	theirs, err := w.Comment(shop, n, "bob", "Mine")
	w.ok(err)
	if resp, _ := w.bot.Issues.DeleteComment(w.ctx(), "acme", "shop", theirs); status(resp) != http.StatusForbidden {
		t.Errorf("the App deletes another's comment: %d, want 403", status(resp))
	}
	if _, err := w.bot.Issues.DeleteComment(w.ctx(), "acme", "shop", c.GetID()); err != nil {
		t.Error(err)
	}
	if _, resp, _ := w.bot.Issues.GetComment(w.ctx(), "acme", "shop", c.GetID()); status(resp) != http.StatusNotFound {
		t.Errorf("deleted comment: %d, want 404", status(resp))
	}
}
