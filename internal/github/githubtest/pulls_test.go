package githubtest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-github/v60/github"

	"github.com/barraiser/barraiser/internal/github/githubtest"
)

func TestPull(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	head := w.commit(githubtest.Commit{Branch: "feature", Message: "Change", Pusher: "alice", Trailers: []string{"Co-authored-by: Bob <bob@users.example>"},
		Files: map[string]string{"main.go": "package main\n\nfunc main() {\n\tprintln()\n}\n", "new.go": "package main\n"}})
	made, _, err := w.as("alice").PullRequests.Create(w.ctx(), "acme", "shop", &github.NewPullRequest{
		Title: github.String("Change"), Head: github.String("feature"), Base: github.String("main"), Body: github.String("Why"), Draft: github.Bool(true),
	})
	w.ok(err)
	n := made.GetNumber()
	p, _, err := w.bot.PullRequests.Get(w.ctx(), "acme", "shop", n)
	w.ok(err)
	if p.GetHead().GetSHA() != head || p.GetBase().GetSHA() != w.base || !p.GetDraft() || p.GetMergeableState() != "draft" {
		t.Errorf("pull request = %v", p)
	}
	if p.GetAdditions() != 2 || p.GetChangedFiles() != 2 || p.GetCommits() != 1 || p.GetUser().GetLogin() != "alice" || p.GetAuthorAssociation() != "MEMBER" {
		t.Errorf("pull request = %v", p)
	}
	files, _, err := w.bot.PullRequests.ListFiles(w.ctx(), "acme", "shop", n, nil)
	w.ok(err)
	if len(files) != 2 || files[1].GetStatus() != "added" {
		t.Errorf("files = %v", files)
	}
	commits, _, err := w.bot.PullRequests.ListCommits(w.ctx(), "acme", "shop", n, nil)
	w.ok(err)
	if len(commits) != 1 || !strings.Contains(commits[0].GetCommit().GetMessage(), "Co-authored-by: Bob") {
		t.Errorf("commits = %v", commits)
	}
	of, _, err := w.bot.PullRequests.ListPullRequestsWithCommit(w.ctx(), "acme", "shop", head, nil)
	w.ok(err)
	list, _, err := w.bot.PullRequests.List(w.ctx(), "acme", "shop", nil)
	w.ok(err)
	if len(of) != 1 || len(list) != 1 || list[0].GetNumber() != n {
		t.Errorf("pull requests of the commit %v, and all: %v", of, list)
	}
	edited, _, err := w.bot.PullRequests.Edit(w.ctx(), "acme", "shop", n, &github.PullRequest{State: github.String("closed")})
	w.ok(err)
	if edited.GetState() != "closed" || edited.GetMerged() {
		t.Errorf("closed = %v", edited)
	}
	for name, in := range map[string]*github.NewPullRequest{
		"unknown head": {Title: github.String("x"), Head: github.String("nothing"), Base: github.String("main")},
		"unknown base": {Title: github.String("x"), Head: github.String("feature"), Base: github.String("nothing")},
		"no title":     {Head: github.String("feature"), Base: github.String("main")},
		"no commits":   {Title: github.String("x"), Head: github.String("main"), Base: github.String("main")},
	} {
		if _, resp, _ := w.as("alice").PullRequests.Create(w.ctx(), "acme", "shop", in); status(resp) != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d, want 422", name, status(resp))
		}
	}
	if _, resp, _ := w.bot.PullRequests.Get(w.ctx(), "acme", "shop", 99); status(resp) != http.StatusNotFound {
		t.Errorf("unknown number: %d, want 404", status(resp))
	}
}

// pass makes the App's check succeed on a commit.
func (w *world) pass(sha, conclusion string) {
	w.t.Helper()
	_, _, err := w.bot.Checks.CreateCheckRun(w.ctx(), "acme", "shop", github.CreateCheckRunOptions{
		Name: "bar-raiser", HeadSHA: sha, Status: github.String("completed"), Conclusion: github.String(conclusion),
	})
	w.ok(err)
}

func TestMergeGate(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	w.ok(w.Protect(shop, githubtest.Rule{RequiredChecks: []githubtest.RequiredCheck{{Name: "bar-raiser", AppID: w.App().ID}}}))
	n, head := w.pull("feature")
	bob := w.as("bob")
	merge := func(sha string) (int, string) {
		_, resp, err := bob.PullRequests.Merge(w.ctx(), "acme", "shop", n, "", &github.PullRequestOptions{SHA: sha})
		return status(resp), fmt.Sprint(err)
	}
	if code, why := merge(""); code != http.StatusMethodNotAllowed || !strings.Contains(why, "is expected") {
		t.Errorf("without the check: %d %s, want 405", code, why)
	}
	// A check of the same name by another App does not open the gate.
	w.must(w.PutCheck(shop, "impostor", githubtest.Check{Name: "bar-raiser", HeadSHA: head, Conclusion: githubtest.ConclusionSuccess}))
	if code, _ := merge(""); code != http.StatusMethodNotAllowed {
		t.Errorf("with an impostor's check: %d, want 405", code)
	}
	w.pass(head, "failure")
	if code, why := merge(""); code != http.StatusMethodNotAllowed || !strings.Contains(why, "is failing") {
		t.Errorf("with a failed check: %d %s, want 405", code, why)
	}
	w.pass(head, "success")
	if code, _ := merge(w.base); code != http.StatusConflict {
		t.Errorf("with another head: %d, want 409", code)
	}
	draft := true
	w.ok(w.EditPull(shop, n, "alice", githubtest.Edit{Draft: &draft}))
	if code, _ := merge(head); code != http.StatusMethodNotAllowed {
		t.Errorf("a draft: %d, want 405", code)
	}
	draft = false
	w.ok(w.EditPull(shop, n, "alice", githubtest.Edit{Draft: &draft}))
	if _, resp, _ := w.as("carol").PullRequests.Merge(w.ctx(), "acme", "shop", n, "", nil); status(resp) != http.StatusForbidden {
		t.Errorf("without write access: %d, want 403", status(resp))
	}
	if code, why := merge(head); code != http.StatusOK {
		t.Fatalf("with all that is needed: %d %s", code, why)
	}
	p, _, err := w.bot.PullRequests.Get(w.ctx(), "acme", "shop", n)
	w.ok(err)
	if !p.GetMerged() || p.GetMergedBy().GetLogin() != "bob" || p.GetState() != "closed" {
		t.Errorf("merged = %v", p)
	}
	c, _, err := w.bot.Repositories.GetCommit(w.ctx(), "acme", "shop", "main", nil)
	w.ok(err)
	if c.GetSHA() != p.GetMergeCommitSHA() || len(c.Parents) != 2 {
		t.Errorf("main = %s with %d parents, want the merge %s", c.GetSHA(), len(c.Parents), p.GetMergeCommitSHA())
	}
	if code, _ := merge(""); code != http.StatusMethodNotAllowed {
		t.Errorf("merged twice: %d, want 405", code)
	}
}

func TestMergeMethods(t *testing.T) {
	for method, parents := range map[githubtest.MergeMethod]int{githubtest.MergeSquash: 1, githubtest.MergeRebase: 1, githubtest.MergeCommit: 2} {
		t.Run(string(method), func(t *testing.T) {
			w := newWorld(t, githubtest.Options{})
			n, head := w.pull("feature")
			w.commit(githubtest.Commit{Branch: "main", Message: "Meanwhile", Files: map[string]string{"other.go": "package main\n"}})
			sha, err := w.MergePull(shop, n, "bob", githubtest.Merge{Method: method, SHA: head})
			w.ok(err)
			c, _, err := w.bot.Repositories.GetCommit(w.ctx(), "acme", "shop", sha, nil)
			w.ok(err)
			if len(c.Parents) != parents {
				t.Errorf("%d parents, want %d", len(c.Parents), parents)
			}
			for _, path := range []string{"main.go", "other.go"} {
				if _, _, _, err := w.bot.Repositories.GetContents(w.ctx(), "acme", "shop", path, nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestConflictAndUpdate(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	n, head := w.pull("feature")
	w.commit(githubtest.Commit{Branch: "main", Message: "Meanwhile", Files: map[string]string{"other.go": "package main\n"}})
	_, _, err := w.as("alice").PullRequests.UpdateBranch(w.ctx(), "acme", "shop", n, &github.PullRequestBranchUpdateOptions{ExpectedHeadSHA: &head})
	if _, accepted := err.(*github.AcceptedError); !accepted {
		t.Fatalf("update-branch: %v, want 202", err)
	}
	p, _, err := w.bot.PullRequests.Get(w.ctx(), "acme", "shop", n)
	w.ok(err)
	if p.GetHead().GetSHA() == head || p.GetCommits() != 2 {
		t.Errorf("after update-branch the head is %s with %d commits", p.GetHead().GetSHA(), p.GetCommits())
	}
	_, resp, _ := w.as("alice").PullRequests.UpdateBranch(w.ctx(), "acme", "shop", n, &github.PullRequestBranchUpdateOptions{ExpectedHeadSHA: &head})
	if status(resp) != http.StatusUnprocessableEntity {
		t.Errorf("update-branch of an old head: %d, want 422", status(resp))
	}
	w.commit(githubtest.Commit{Branch: "main", Message: "Conflict", Files: map[string]string{"main.go": "package main\n"}})
	p, _, err = w.bot.PullRequests.Get(w.ctx(), "acme", "shop", n)
	w.ok(err)
	if p.GetMergeable() || p.GetMergeableState() != "dirty" {
		t.Errorf("mergeable = %v %s, want a conflict", p.GetMergeable(), p.GetMergeableState())
	}
	if _, err := w.MergePull(shop, n, "bob", githubtest.Merge{}); err == nil {
		t.Error("a conflict was merged")
	}
}

func TestIndirectMerge(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	n, head := w.pull("feature")
	w.ok(w.Push(shop, "bob", "main", head, false))
	p, _, err := w.bot.PullRequests.Get(w.ctx(), "acme", "shop", n)
	w.ok(err)
	if !p.GetMerged() || p.GetMergedBy().GetLogin() != "bob" {
		t.Errorf("after the head was pushed to the base: merged = %v by %s", p.GetMerged(), p.GetMergedBy().GetLogin())
	}
	if err := w.Push(shop, "bob", "main", w.base, false); err == nil {
		t.Error("a push that loses commits was taken without force")
	}
}

func TestFork(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	w.must(w.Fork(shop, "mallory"))
	head, err := w.Commit("mallory/shop", githubtest.Commit{Branch: "patch", Message: "Patch", Files: map[string]string{"patch.go": "package main\n"}})
	w.ok(err)
	n, err := w.OpenPull(shop, githubtest.Pull{Author: "mallory", Title: "Patch", Head: "mallory:patch"})
	w.ok(err)
	p, _, err := w.bot.PullRequests.Get(w.ctx(), "acme", "shop", n)
	w.ok(err)
	if p.GetHead().GetSHA() != head || p.GetHead().GetRepo().GetFullName() != "mallory/shop" || p.GetAuthorAssociation() != "NONE" {
		t.Errorf("pull request of a fork = %v", p)
	}
	head, err = w.Commit("mallory/shop", githubtest.Commit{Branch: "patch", Message: "More", Files: map[string]string{"more.go": "package main\n"}})
	w.ok(err)
	w.ok(w.DeleteRepository("mallory/shop"))
	p, _, err = w.bot.PullRequests.Get(w.ctx(), "acme", "shop", n)
	w.ok(err)
	if p.GetHead().GetRepo() != nil || p.GetHead().GetSHA() != head {
		t.Errorf("head after the fork is gone = %v", p.GetHead())
	}
	ref, _, err := w.bot.Git.GetRef(w.ctx(), "acme", "shop", fmt.Sprintf("pull/%d/head", n))
	w.ok(err)
	if ref.GetObject().GetSHA() != head {
		t.Errorf("refs/pull/%d/head = %s, want %s", n, ref.GetObject().GetSHA(), head)
	}
}

func TestReviewers(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	n, _ := w.pull("feature")
	request := func(logins ...string) int {
		_, resp, _ := w.bot.PullRequests.RequestReviewers(w.ctx(), "acme", "shop", n, github.ReviewersRequest{Reviewers: logins})
		return status(resp)
	}
	for login, want := range map[string]int{"bob": 201, "carol": 201, "alice": 422, "mallory": 422, "nobody": 422} {
		if got := request(login); got != want {
			t.Errorf("request %s: %d, want %d", login, got, want)
		}
	}
	reviewers := func() []string {
		r, _, err := w.bot.PullRequests.ListReviewers(w.ctx(), "acme", "shop", n, nil)
		w.ok(err)
		var list []string
		for _, u := range r.Users {
			list = append(list, u.GetLogin())
		}
		return list
	}
	if got := reviewers(); len(got) != 2 {
		t.Errorf("requested = %v, want bob and carol", got)
	}
	_, err := w.bot.PullRequests.RemoveReviewers(w.ctx(), "acme", "shop", n, github.ReviewersRequest{Reviewers: []string{"carol"}})
	w.ok(err)
	w.must(w.AddReview(shop, n, githubtest.Review{Author: "bob", State: githubtest.ReviewApproved}))
	if got := reviewers(); len(got) != 0 {
		t.Errorf("requested = %v, want nobody: bob has reviewed and carol was taken back", got)
	}
}
