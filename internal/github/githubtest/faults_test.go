package githubtest_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/barraiser/barraiser/internal/github/githubtest"
)

func TestReadLag(t *testing.T) {
	w := newWorld(t, githubtest.Options{Faults: githubtest.Faults{Lag: 2}})
	n, before := w.pull("feature")
	after := w.commit(githubtest.Commit{Branch: "feature", Message: "More", Files: map[string]string{"more.go": "package main\n"}})
	for i, want := range []string{before, before, after} {
		p, _, err := w.bot.PullRequests.Get(w.ctx(), "acme", "shop", n)
		w.ok(err)
		if p.GetHead().GetSHA() != want {
			t.Errorf("read %d: head %s, want %s", i+1, p.GetHead().GetSHA(), want)
		}
	}
}

func TestMergeLag(t *testing.T) {
	w := newWorld(t, githubtest.Options{Faults: githubtest.Faults{MergeLag: 1}})
	n, _ := w.pull("feature")
	_, err := w.MergePull(shop, n, "bob", githubtest.Merge{})
	w.ok(err)
	for i, want := range []bool{false, true} {
		p, _, err := w.bot.PullRequests.Get(w.ctx(), "acme", "shop", n)
		w.ok(err)
		if p.GetMerged() != want || p.GetState() == "open" == want || p.MergedAt == nil == want {
			t.Errorf("read %d: merged %t, %s", i+1, p.GetMerged(), p.GetState())
		}
	}
}

func TestRepoint(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		moved bool
	}{
		{"the same change", map[string]string{"main.go": "package main\n\nfunc main() {\n\tprintln(\"feature\")\n}\n"}, true},
		{"another change", map[string]string{"main.go": "package main\n\nfunc main() {\n\tpanic(1)\n}\n"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, githubtest.Options{Faults: githubtest.Faults{Repoint: true}})
			n, before := w.pull("feature")
			w.must(w.AddReview(shop, n, githubtest.Review{Author: "bob", State: githubtest.ReviewApproved}))
			base := w.commit(githubtest.Commit{Branch: "main", Message: "Meanwhile", Files: map[string]string{"other.go": "package main\n"}})
			after := w.commit(githubtest.Commit{Branch: "feature", Message: "Rebased", Parents: []string{base}, Force: true, Files: c.files})
			list, _, err := w.bot.PullRequests.ListReviews(w.ctx(), "acme", "shop", n, nil)
			w.ok(err)
			want := before
			if c.moved {
				want = after
			}
			if got := list[0].GetCommitID(); got != want {
				t.Errorf("commit_id = %s, want %s (before %s, after %s)", got, want, before, after)
			}
		})
	}
}

func TestFail(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	get := func() (*github.Response, error) {
		_, resp, err := w.bot.Repositories.Get(w.ctx(), "acme", "shop")
		return resp, err
	}
	if _, err := get(); err != nil { // which also brings the token
		t.Fatal(err)
	}
	w.ok(w.Fail(githubtest.Fault{Method: "GET", Path: "/repos/*/*", Status: http.StatusBadGateway, Times: 2}))
	for range 2 {
		if resp, _ := get(); status(resp) != http.StatusBadGateway {
			t.Errorf("%d, want 502", status(resp))
		}
	}
	if _, err := get(); err != nil || w.Pending() != 0 {
		t.Errorf("after the fault: %v, %d pending", err, w.Pending())
	}

	w.ok(w.Fail(githubtest.Fault{Path: "/repos/*/*", Status: http.StatusForbidden, SecondaryLimit: true, RetryAfter: 7 * time.Second}))
	_, err := get()
	if limit, ok := errors.AsType[*github.AbuseRateLimitError](err); !ok || limit.GetRetryAfter() != 7*time.Second {
		t.Errorf("secondary limit = %v", err)
	}
	w.bot = w.client(w.unjudged()) // go-github would go on waiting
	w.ok(w.Fail(githubtest.Fault{Status: http.StatusTooManyRequests, RetryAfter: time.Second}))
	if resp, _ := get(); status(resp) != http.StatusTooManyRequests || resp.Header.Get("Retry-After") != "1" {
		t.Errorf("%d after %q, want 429 after 1", status(resp), resp.Header.Get("Retry-After"))
	}

	w.ok(w.Fail(githubtest.Fault{Method: "POST", Path: "/nothing", Status: 500}))
	if _, err := get(); err != nil || w.Pending() != 1 {
		t.Errorf("a fault of another path: %v, %d pending", err, w.Pending())
	}
	const delay = 50 * time.Millisecond
	w.ok(w.Fail(githubtest.Fault{Delay: delay}))
	start := time.Now()
	if _, err := get(); err != nil || time.Since(start) < delay {
		t.Errorf("a slow answer took %s, %v; want %s", time.Since(start), err, delay)
	}
	if err := w.Fail(githubtest.Fault{Path: "["}); err == nil {
		t.Error("a broken pattern was taken")
	}
}
