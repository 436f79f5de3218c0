package github

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/signoff"
)

func TestRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()

	list, err := w.app.Installations(ctx)
	if err != nil || len(list) != 1 || list[0].ID != w.installation || list[0].Owner.Login != "acme" || list[0].Suspended || list[0].Permissions["checks"] != "write" {
		t.Errorf("Installations() = %+v, %v", list, err)
	}
	repos, err := w.app.Repositories(ctx, w.installation)
	if err != nil || len(repos) != 1 || repos[0] != w.repo || w.repo.Full() != "acme/pay" || !w.repo.Private || w.repo.DefaultBranch != "main" {
		t.Errorf("Repositories() = %+v, %v, and Repo() = %+v", repos, err, w.repo)
	}
	if _, err := w.app.Repo(ctx, w.installation, w.repo.ID+1000); !errors.Is(err, ErrNotFound) {
		t.Errorf("Repo() of another = %v", err)
	}
	if self, err := w.app.Self(ctx); err != nil || self.Login() != "bar-raiser[bot]" {
		t.Errorf("Self() = %+v, %v", self, err)
	}

	_, err = w.hub.AddReview("acme/pay", w.number, githubtest.Review{Author: "maria-k", State: githubtest.ReviewApproved, Body: "good"})
	w.must(err)
	w.must(w.hub.RequestReview("acme/pay", w.number, "sam", "jo"))
	pull, err := w.app.Pull(ctx, w.installation, w.repo, w.number, w.head)
	if err != nil {
		t.Fatal(err)
	}
	if pull.Head != w.head || pull.BaseTip != w.base || pull.BaseRef != "main" || pull.HeadRef != "topic" || pull.Fork || !pull.Open || pull.Merged ||
		pull.Author.Login != "sam" || pull.Repo != w.repo || pull.URL != w.app.PullURL(w.repo, w.number) || pull.MergeCommit != "" {
		t.Errorf("Pull() = %+v", pull)
	}
	if len(pull.Reviews) != 1 || pull.Reviews[0].State != signoff.Approved || pull.Reviews[0].Commit != w.head || pull.Reviews[0].Author.Login != "maria-k" {
		t.Errorf("Reviews = %+v", pull.Reviews)
	}
	if len(pull.Requested) != 1 || pull.Requested[0].Login != "jo" {
		t.Errorf("Requested = %+v", pull.Requested)
	}
	open, err := w.app.OpenPulls(ctx, w.installation, w.repo)
	if err != nil || len(open) != 1 || open[0].Number != w.number || open[0].Head != w.head {
		t.Errorf("OpenPulls() = %+v, %v", open, err)
	}
	if _, err := w.app.Pull(ctx, w.installation, w.repo, 999, ""); !errors.Is(err, ErrNotFound) {
		t.Errorf("Pull(999) = %v", err)
	}

	merged, err := w.app.MergedPullsOf(ctx, w.installation, w.repo, w.head)
	if err != nil || len(merged) != 0 {
		t.Errorf("MergedPullsOf() before = %+v, %v", merged, err)
	}
	sha, err := w.hub.MergePull("acme/pay", w.number, "sam", githubtest.Merge{})
	w.must(err)
	merged, err = w.app.MergedPullsOf(ctx, w.installation, w.repo, sha)
	if err != nil || len(merged) != 1 || merged[0].Number != w.number || merged[0].MergeCommit != sha || merged[0].Head != w.head {
		t.Errorf("MergedPullsOf(%s) = %+v, %v", sha, merged, err)
	}
	pull, err = w.app.Pull(ctx, w.installation, w.repo, w.number, "")
	if err != nil || !pull.Merged || pull.MergeCommit != sha || pull.MergedBy.Login != "sam" || pull.BaseTip != sha {
		t.Errorf("Pull() after the merge = %+v, %v", pull, err)
	}
	if got, err := w.app.PullsOf(ctx, w.installation, w.repo, shaA); err != nil || len(got) != 0 {
		t.Errorf("PullsOf() of an unknown commit = %+v, %v", got, err)
	}
}

func TestPullLags(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var waited []time.Duration
	w.app.wait = func(_ context.Context, d time.Duration) error { waited = append(waited, d); return nil }
	w.hub.SetFaults(githubtest.Faults{Lag: 2})
	next := w.commit("topic", "sam", "package pay\n\nvar B = 1\n")
	pull, err := w.app.Pull(t.Context(), w.installation, w.repo, w.number, next)
	if err != nil || pull.Head != next || len(waited) != 2 {
		t.Errorf("Pull() = head %.7s, %v after %v, want %.7s after two", pull.Head, err, waited, next)
	}
	// One that never comes is not waited for without end.
	waited = nil
	pull, err = w.app.Pull(t.Context(), w.installation, w.repo, w.number, w.head)
	if err != nil || pull.Head != next || len(waited) != len(lag) {
		t.Errorf("Pull() = head %.7s, %v after %v", pull.Head, err, waited)
	}
}

func TestBranchRules(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	read := func() BranchRules {
		t.Helper()
		rules, err := w.app.BranchRules(t.Context(), w.installation, w.repo, "main")
		w.must(err)
		return rules
	}
	if r := read(); len(r.Checks) != 0 || r.Requires("bar-raiser", 1) {
		t.Errorf("BranchRules() of no rule = %+v", r)
	}
	id := w.hub.App().ID
	w.must(w.hub.Protect("acme/pay", githubtest.Rule{RequiredChecks: []githubtest.RequiredCheck{{Name: "bar-raiser", AppID: id}}}))
	w.must(w.hub.Protect("acme/pay", githubtest.Rule{Classic: true, RequiredChecks: []githubtest.RequiredCheck{{Name: "ci"}}}))
	r := read()
	if !r.Requires("bar-raiser", id) || r.Requires("bar-raiser", id+1) || !r.Requires("ci", 1) || len(r.Checks) != 2 {
		t.Errorf("BranchRules() = %+v", r)
	}
}

func TestOrgFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	read := func() OrgPolicy {
		t.Helper()
		p, err := w.app.OrgFile(t.Context(), w.installation, w.repo)
		w.must(err)
		return p
	}
	if p := read(); p.Found {
		t.Errorf("OrgFile() of none = %+v", p)
	}
	_, err := w.hub.AddRepository(githubtest.Repository{Owner: "acme", Name: ".github"})
	w.must(err)
	_, err = w.hub.Commit("acme/.github", githubtest.Commit{Branch: "main", Pusher: "sam", Message: "m", Files: map[string]string{"barraiser.yml": "version: 1\n"}})
	w.must(err)
	w.must(w.hub.AddToInstallation("acme", "acme/.github"))
	if p := read(); !p.Found || string(p.Content) != "version: 1\n" || p.Commit == "" {
		t.Errorf("OrgFile() of an installed repository = %+v", p)
	}
}

func TestDeliveries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hub.SetWebhook("http://127.0.0.1:1/")
	began := time.Now().Add(-time.Minute)
	_, err := w.hub.Comment("acme/pay", w.number, "sam", "hello")
	w.must(err)
	w.must(w.hub.Wait(t.Context()))
	list, whole, err := w.app.DeliveriesSince(t.Context(), began)
	if err != nil || !whole || len(list) == 0 {
		t.Fatalf("DeliveriesSince() = %+v, %v, %v", list, whole, err)
	}
	last := list[len(list)-1]
	if last.Event != "issue_comment" || last.Action != "created" || last.GUID == "" || last.Status == 200 {
		t.Errorf("the last delivery is %+v", last)
	}
	w.must(w.app.Redeliver(t.Context(), last.ID))
	w.must(w.hub.Wait(t.Context()))
	list, _, err = w.app.DeliveriesSince(t.Context(), began)
	if again := list[len(list)-1]; err != nil || again.GUID != last.GUID || !again.Redelivery {
		t.Errorf("after Redeliver the last is %+v, %v", again, err)
	}
	if list, whole, err := w.app.DeliveriesSince(t.Context(), time.Now().Add(time.Hour)); err != nil || !whole || len(list) != 0 {
		t.Errorf("DeliveriesSince(later) = %+v, %v, %v", list, whole, err)
	}
}

// What the simulated GitHub sends is verified and read as what was done.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	me := Self{ID: w.hub.App().ID, Slug: w.hub.App().Slug}
	_, err := w.hub.AddReview("acme/pay", w.number, githubtest.Review{Author: "maria-k", State: githubtest.ReviewApproved})
	w.must(err)
	_, err = w.hub.Comment("acme/pay", w.number, "maria-k", "/bar signoff "+w.head[:7]+" fine")
	w.must(err)
	w.commit("topic", "sam", "package pay\n\nvar C = 1\n")
	_, err = w.hub.MergePull("acme/pay", w.number, "sam", githubtest.Merge{})
	w.must(err)
	kinds := map[signoff.FactKind]int{}
	for _, d := range w.hub.Deliveries() {
		h := hookHeader(d.Event)
		h.Set("X-GitHub-Delivery", d.GUID)
		got, err := Decode(h, d.Payload, me, arrived)
		if err != nil {
			t.Errorf("Decode(%s) = %v", d.Event, err)
		}
		check(t, got)
		for _, f := range got.Facts {
			kinds[f.Fact.Kind]++
			if f.Subject.Repository != w.repo.ID || f.Subject.Installation != w.installation {
				t.Errorf("fact of %s", f.Subject.Key())
			}
		}
	}
	for _, kind := range []signoff.FactKind{signoff.ReviewSubmitted, signoff.Commanded, signoff.Pushed, signoff.Merged} {
		if kinds[kind] == 0 {
			t.Errorf("no delivery gave a fact %s: %v", kind, kinds)
		}
	}
}
