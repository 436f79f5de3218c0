package githubtest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-github/v60/github"

	"github.com/barraiser/barraiser/internal/github/githubtest"
)

// An inbox takes deliveries, checks their signatures and keeps them in order.
type inbox struct {
	t      *testing.T
	secret []byte
	mu     sync.Mutex
	events []string // "event.action", or "event"
	guids  []string
	bodies [][]byte
	answer int // the status to answer, 0 for 202
}

func (b *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		b.t.Error(err)
	}
	for _, header := range []string{"X-Hub-Signature-256", "X-Hub-Signature"} {
		if err := github.ValidateSignature(r.Header.Get(header), body, b.secret); err != nil {
			b.t.Errorf("%s of %s: %v", header, r.Header.Get("X-GitHub-Event"), err)
		}
	}
	if r.Header.Get("X-GitHub-Hook-Installation-Target-Id") != "4242" {
		b.t.Errorf("headers = %v", r.Header)
	}
	event := github.WebHookType(r)
	if _, err := github.ParseWebHook(event, body); err != nil {
		b.t.Errorf("parse %s: %v", event, err)
	}
	var head struct {
		Action       string
		Installation struct{ ID int64 }
		Sender       struct{ Login string }
	}
	if err := json.Unmarshal(body, &head); err != nil || head.Installation.ID == 0 || head.Sender.Login == "" {
		b.t.Errorf("payload of %s lacks installation or sender: %v", event, err)
	}
	if head.Action != "" {
		event += "." + head.Action
	}
	b.events, b.guids, b.bodies = append(b.events, event), append(b.guids, github.DeliveryID(r)), append(b.bodies, body)
	if b.answer == 0 {
		b.answer = http.StatusAccepted
	}
	w.WriteHeader(b.answer)
}

// listen sends the deliveries from now on to a new inbox.
func (w *world) listen() *inbox {
	w.t.Helper()
	b := &inbox{t: w.t, secret: []byte(w.App().WebhookSecret)}
	server := httptest.NewServer(b)
	w.t.Cleanup(server.Close)
	w.ok(w.Wait(w.ctx()))
	w.SetWebhook(server.URL)
	return b
}

// take waits until all was sent and empties the inbox.
func (w *world) take(b *inbox) []string {
	w.t.Helper()
	w.ok(w.Wait(w.ctx()))
	b.mu.Lock()
	defer b.mu.Unlock()
	events := b.events
	b.events = nil
	return events
}

func TestEvents(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	b := w.listen()
	yes, no, title := true, false, "Other"
	var n int
	var head string
	var comment, review, run int64
	steps := []struct {
		name string
		do   func() error
		want []string
	}{
		{"open", func() error { n, head = w.pull("feature"); return nil }, []string{"push", "check_suite.requested", "pull_request.opened"}},
		{"push", func() error {
			head = w.commit(githubtest.Commit{Branch: "feature", Message: "More", Files: map[string]string{"more.go": "package main\n"}})
			return nil
		}, []string{"push", "check_suite.requested", "pull_request.synchronize"}},
		{"title", func() error { return w.EditPull(shop, n, "alice", githubtest.Edit{Title: &title}) }, []string{"pull_request.edited"}},
		{"draft", func() error { return w.EditPull(shop, n, "alice", githubtest.Edit{Draft: &yes}) }, []string{"pull_request.converted_to_draft"}},
		{"ready", func() error { return w.EditPull(shop, n, "alice", githubtest.Edit{Draft: &no}) }, []string{"pull_request.ready_for_review"}},
		{"request", func() error { return w.RequestReview(shop, n, "alice", "bob") }, []string{"pull_request.review_requested"}},
		{"comment", func() (err error) { comment, err = w.Comment(shop, n, "bob", "Hm"); return err }, []string{"issue_comment.created"}},
		{"edit", func() error { return w.EditComment(shop, comment, "bob", "Hm.") }, []string{"issue_comment.edited"}},
		{"delete", func() error { return w.DeleteComment(shop, comment, "bob") }, []string{"issue_comment.deleted"}},
		{"review", func() (err error) {
			review, err = w.AddReview(shop, n, githubtest.Review{Author: "bob", State: githubtest.ReviewApproved, Comments: []githubtest.Comment{{Path: "main.go", Line: 4, Body: "x"}}})
			return err
		}, []string{"pull_request_review.submitted", "pull_request_review_comment.created"}},
		{"reword", func() error { return w.EditReview(shop, n, review, "Fine") }, []string{"pull_request_review.edited"}},
		{"dismiss", func() error { return w.DismissReview(shop, n, review, "alice", "No") }, []string{"pull_request_review.dismissed"}},
		{"check", func() (err error) {
			run, err = w.PutCheck(shop, "bar-raiser", githubtest.Check{Name: "bar-raiser", HeadSHA: head, Conclusion: githubtest.ConclusionFailure,
				Actions: []githubtest.Action{{Label: "Retry", Description: "Again", Identifier: "retry"}}})
			return err
		}, []string{"check_run.created", "check_run.completed"}},
		{"button", func() error { return w.RequestAction(shop, run, "bob", "retry") }, []string{"check_run.requested_action"}},
		{"re-run", func() error { return w.Rerequest(shop, run, "bob") }, []string{"check_run.rerequested"}},
		{"close", func() error { return w.EditPull(shop, n, "alice", githubtest.Edit{Open: &no}) }, []string{"pull_request.closed"}},
		{"reopen", func() error { return w.EditPull(shop, n, "alice", githubtest.Edit{Open: &yes}) }, []string{"pull_request.reopened"}},
		{"merge", func() error { _, err := w.MergePull(shop, n, "bob", githubtest.Merge{}); return err }, []string{"push", "check_suite.requested", "pull_request.closed"}},
		{"leave", func() error { return w.RemoveTeamMember("acme", "raisers", "carol") }, []string{"membership.removed"}},
		{"team", func() error { _, err := w.AddTeam("acme", "judges", "carol"); return err }, []string{"team.created", "membership.added"}},
		{"fire", func() error { return w.RemoveMember("acme", "carol") }, []string{"membership.removed", "organization.member_removed"}},
		{"repository", func() error { _, err := w.AddRepository(githubtest.Repository{Owner: "acme", Name: "new"}); return err }, []string{"installation_repositories.added"}},
		{"suspend", func() error { return w.Suspend("acme") }, []string{"installation.suspend"}},
		{"silence", func() error { _, err := w.Comment(shop, n, "bob", "Nobody hears"); return err }, nil},
		{"back", func() error { return w.Unsuspend("acme") }, []string{"installation.unsuspend"}},
		{"gone", func() error { return w.Uninstall("acme") }, []string{"installation.deleted"}},
	}
	for _, s := range steps {
		if err := s.do(); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		if d := cmp.Diff(s.want, w.take(b)); d != "" {
			t.Errorf("%s sends other events (-want +got):\n%s", s.name, d)
		}
	}
}

func TestSynchronizePayload(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	n, before := w.pull("feature")
	b := w.listen()
	after := w.commit(githubtest.Commit{Branch: "feature", Message: "Anew", Parents: []string{w.base}, Force: true, Files: map[string]string{"x.go": "package main\n"}})
	w.take(b)
	var push github.PushEvent
	var pull github.PullRequestEvent
	w.ok(json.Unmarshal(b.bodies[0], &push))
	w.ok(json.Unmarshal(b.bodies[2], &pull))
	if !push.GetForced() || push.GetBefore() != before || push.GetAfter() != after || len(push.Commits) != 1 {
		t.Errorf("push = %v", push)
	}
	if pull.GetNumber() != n || pull.GetBefore() != before || pull.GetAfter() != after || pull.GetPullRequest().GetHead().GetSHA() != after {
		t.Errorf("synchronize = %v", pull)
	}
}

func TestDeliveries(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	b := w.listen()
	b.answer = http.StatusServiceUnavailable
	n, _ := w.pull("feature")
	w.take(b)
	for range 4 {
		w.must(w.Comment(shop, n, "bob", "Hm"))
	}
	w.take(b)
	var failed []*github.HookDelivery
	opts := &github.ListCursorOptions{PerPage: 3}
	for {
		page, resp, err := w.app.Apps.ListHookDeliveries(w.ctx(), opts)
		w.ok(err)
		for _, d := range page {
			if d.GetStatusCode() == http.StatusServiceUnavailable {
				failed = append(failed, d)
			}
		}
		if resp.Cursor == "" {
			break
		}
		opts.Cursor = resp.Cursor
	}
	if len(failed) != 7 || failed[0].GetStatus() == "OK" || failed[0].GetEvent() != "issue_comment" {
		t.Fatalf("failed deliveries = %v, want the last 7", failed)
	}
	whole, _, err := w.app.Apps.GetHookDelivery(w.ctx(), failed[0].GetID())
	w.ok(err)
	if whole.GetGUID() != failed[0].GetGUID() || !strings.Contains(string(*whole.Request.RawPayload), `"Hm"`) || whole.Request.Headers["X-GitHub-Delivery"] != whole.GetGUID() {
		t.Errorf("delivery = %v", whole)
	}
	b.answer = http.StatusOK
	if _, _, err := w.app.Apps.RedeliverHookDelivery(w.ctx(), failed[0].GetID()); err != nil {
		if _, accepted := err.(*github.AcceptedError); !accepted {
			t.Fatal(err)
		}
	}
	if got := w.take(b); !slices.Equal(got, []string{"issue_comment.created"}) || b.guids[len(b.guids)-1] != failed[0].GetGUID() {
		t.Errorf("redelivered %q, guid %s", got, b.guids[len(b.guids)-1])
	}
	newest, _, err := w.app.Apps.ListHookDeliveries(w.ctx(), nil)
	w.ok(err)
	if !newest[0].GetRedelivery() || newest[0].GetStatus() != "OK" {
		t.Errorf("newest delivery = %v", newest[0])
	}
}

// comments makes n comments and returns which arrived, by their number.
func (w *world) comments(b *inbox, pull, n int) []int {
	w.t.Helper()
	for i := range n {
		w.must(w.Comment(shop, pull, "bob", strconv.Itoa(i)))
	}
	w.take(b)
	var got []int
	for _, body := range b.bodies {
		var e github.IssueCommentEvent
		w.ok(json.Unmarshal(body, &e))
		i, err := strconv.Atoi(e.GetComment().GetBody())
		w.ok(err)
		got = append(got, i)
	}
	b.bodies = nil
	return got
}

func TestDeliveryFaults(t *testing.T) {
	const sent = 40
	run := func(f githubtest.Faults) []int {
		w := newWorld(t, githubtest.Options{Seed: 7})
		n, _ := w.pull("feature")
		b := w.listen()
		w.SetFaults(f)
		return w.comments(b, n, sent)
	}
	distinct := func(list []int) int {
		return len(slices.Compact(slices.Sorted(slices.Values(list))))
	}
	if got := run(githubtest.Faults{Duplicate: 0.3}); distinct(got) != sent || len(got) <= sent || !slices.IsSorted(got) {
		t.Errorf("duplicates: %v", got)
	}
	if got := run(githubtest.Faults{Reorder: 0.3}); distinct(got) != sent || len(got) != sent || slices.IsSorted(got) {
		t.Errorf("reordered: %v", got)
	}
	if got := run(githubtest.Faults{Drop: 0.3}); distinct(got) != len(got) || len(got) >= sent || len(got) == 0 || !slices.IsSorted(got) {
		t.Errorf("dropped: %v", got)
	}
	all := githubtest.Faults{Duplicate: 0.2, Reorder: 0.2, Drop: 0.2, Delay: 2 * time.Millisecond}
	one, two := run(all), run(all)
	if !slices.Equal(one, two) {
		t.Errorf("the same seed gives\n%v, then\n%v", one, two)
	}
}
