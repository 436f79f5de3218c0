package bot_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/bot"
	"github.com/barraiser/barraiser/internal/github"
	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// cutHost is a host of which some answers are lost: it has done what it was asked,
// and nobody hears of it.
type cutHost struct {
	bot.Host
	greens   atomic.Bool            // of checks that turn green, from now on
	comments atomic.Pointer[string] // of comments that contain this
	requests atomic.Bool            // of requests for a review
	late     atomic.Pointer[late]   // the next check that turns green, once
}

// late is a request that is held up before it is sent.
type late struct {
	held, goOn, sent chan struct{}
	unheard          bool
}

var errCut = errors.New("the connection is cut")

func (h *cutHost) PutCheck(ctx context.Context, installation int64, repo signoff.Repo, check signoff.Check, known int64) (github.ShownCheck, error) {
	var held *late
	if check.Conclusion == signoff.Success {
		held = h.late.Swap(nil)
	}
	if held != nil {
		close(held.held)
		<-held.goOn
		defer close(held.sent)
	}
	shown, err := h.Host.PutCheck(ctx, installation, repo, check, known)
	if err == nil && check.Conclusion == signoff.Success && (h.greens.Load() || held != nil && held.unheard) {
		return github.ShownCheck{}, errCut
	}
	return shown, err
}

func (h *cutHost) PutComment(ctx context.Context, installation int64, repo signoff.Repo, number int, comment github.Comment) (int64, error) {
	id, err := h.Host.PutComment(ctx, installation, repo, number, comment)
	if cut := h.comments.Load(); err == nil && cut != nil && strings.Contains(comment.Body, *cut) {
		return 0, errCut
	}
	return id, err
}

func (h *cutHost) RequestReviewers(ctx context.Context, installation int64, repo signoff.Repo, number int, logins []string) error {
	err := h.Host.RequestReviewers(ctx, installation, repo, number, logins)
	if err == nil && h.requests.Load() {
		return errCut
	}
	return err
}

const release = "## Press release\n\nCustomers can pay from the store, and no longer have to go back to their basket.\n"

// undescribed is a pull request that somebody has signed off, and that still lacks
// its description.
func (w *world) undescribed() (number int, head, signer string) {
	w.t.Helper()
	w.commit(githubtest.Commit{Branch: "main", Pusher: "sam-r", Message: "Ask for a press release", Files: map[string]string{
		".github/barraiser.yml": policy + "description: {press-release: required}\n",
	}})
	number, head = w.forbidden()
	w.concludes(head, "action_required")
	signer = w.asked(number)
	w.approve(number, signer)
	w.state(number, signoff.Undescribed)
	w.done()
	return number, head, signer
}

func (w *world) explain(number int, body string) {
	w.t.Helper()
	must(w.t, w.hub.EditPull(repo, number, "ann-k", githubtest.Edit{Body: &body}))
}

// TestGreenUnheard loses the answers to a check that turns green, and then what it
// rested on, here the description. What is to be shown is then just what was noted
// last, and it is posted all the same: GitHub shows a green check.
func TestGreenUnheard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	number, head, _ := w.undescribed()
	red, noted := w.check(head), w.posted(store.PostedCheck, head)
	w.host.greens.Store(true)
	w.explain(number, release)
	w.concludes(head, "success")
	w.explain(number, "")
	w.state(number, signoff.Undescribed)
	w.done()
	if c := w.check(head); c.Conclusion != "action_required" || c.ID != red.ID {
		t.Errorf("check %d is %s, want %d, red again", c.ID, c.Conclusion, red.ID)
	}
	if got := w.posted(store.PostedCheck, head); got.Hash != noted.Hash {
		t.Errorf("it is not red as it was before, and so this test shows nothing:\n%q\n%q", red.Output.Summary, w.check(head).Output.Summary)
	}
}

// TestCommentUnheard is that of the comment.
func TestCommentUnheard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	number, _, signer := w.undescribed()
	before, noted := w.sticky(number), w.posted(store.PostedComment, w.pull(number).Subject.Key())
	signed := "Signed off by @&#8203;" + signer + ":"
	w.host.comments.Store(&signed)
	w.explain(number, release)
	w.until("the comment says that it is signed off", func() bool { return strings.Contains(w.sticky(number), signed) })
	w.explain(number, "")
	w.state(number, signoff.Undescribed)
	w.done()
	if got := w.sticky(number); got != before {
		t.Errorf("the comment is not as it was before:\n%s\nwant:\n%s", got, before)
	}
	if got := w.posted(store.PostedComment, w.pull(number).Subject.Key()); got.Hash != noted.Hash {
		t.Errorf("what is noted is not what was noted before, and so this test shows nothing: %+v, %+v", got, noted)
	}
}

// TestFirstCommentUnheard loses the answers to the first comment. Then there is
// nothing to ask any more, for which no comment would be made: the one that stands
// there says so.
func TestFirstCommentUnheard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	asks := "Sign-off needed"
	w.host.comments.Store(&asks)
	number, head := w.forbidden()
	w.until("the comment asks for a sign-off", func() bool { return strings.Contains(w.sticky(number), asks) })
	w.approve(number, w.asked(number))
	w.concludes(head, "success")
	w.done()
	if got := w.sticky(number); !strings.Contains(got, "Signed off by") {
		t.Errorf("signed off, and the comment says:\n%s", got)
	}
}

// TestRequestUnheard loses the answers to requests for a review. They are taken back
// like others where nobody has to look any more, here since it is a draft.
func TestRequestUnheard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.host.requests.Store(true)
	number, _ := w.forbidden()
	asked := func() int {
		var requested struct{ Users []struct{ Login string } }
		w.shown(fmt.Sprintf("pulls/%d/requested_reviewers", number), &requested)
		return len(requested.Users)
	}
	w.until("somebody is asked", func() bool { return asked() > 0 })
	draft := true
	must(t, w.hub.EditPull(repo, number, "ann-k", githubtest.Edit{Draft: &draft}))
	w.until("nobody is asked any more", func() bool { return asked() == 0 })
}

// TestGreenLate has a worker stand still before it sends a green check. Another is
// given its lane and shows what is so by then, and afterwards the first goes on,
// with and without hearing what came of it.
func TestGreenLate(t *testing.T) {
	t.Parallel()
	for name, unheard := range map[string]bool{"heard": false, "unheard": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			number, head, _ := w.undescribed()
			first := &late{held: make(chan struct{}), goOn: make(chan struct{}), sent: make(chan struct{}), unheard: unheard}
			w.host.late.Store(first)
			w.explain(number, release)
			select {
			case <-first.held:
			case <-time.After(patience):
				t.Fatal("no green check is sent")
			}
			w.explain(number, "")
			s := w.state(number, signoff.Undescribed).Subject
			pending, err := w.db.Pending(t.Context(), fmt.Sprintf("%s/%d/%d/%s", signoff.PutCheck, s.Installation, s.Repository, head))
			must(t, err)
			if len(pending) != 1 {
				t.Fatalf("%d effects wait in the lane of the check, want 1", len(pending))
			}
			must(t, w.bot.Perform(t.Context(), pending[0].Effect)) // as the other worker
			must(t, w.db.Performed(t.Context(), pending[0]))
			if c := w.check(head); c.Conclusion != "action_required" {
				t.Fatalf("the other worker shows %s", c.Conclusion)
			}
			close(first.goOn)
			<-first.sent
			w.concludes(head, "action_required")
		})
	}
}

// posted is what is noted of something, by how its scope ends.
func (w *world) posted(kind store.PostedKind, scope string) store.Posted {
	w.t.Helper()
	all, err := w.db.PostedOf(w.t.Context(), kind)
	must(w.t, err)
	for _, p := range all {
		if strings.HasSuffix(p.Scope, scope) && (p.Name == "" || p.Name == "bar-raiser") {
			return p
		}
	}
	return store.Posted{}
}

// sticky is our comment as GitHub shows it; empty where there is none.
func (w *world) sticky(number int) string {
	w.t.Helper()
	var comments []struct {
		Body string
		User struct{ Type string }
	}
	w.shown(fmt.Sprintf("issues/%d/comments?per_page=100", number), &comments)
	var ours []string
	for _, c := range comments {
		if c.User.Type == "Bot" {
			ours = append(ours, c.Body)
		}
	}
	if len(ours) > 1 {
		w.t.Fatalf("there are %d comments of ours:\n%s", len(ours), strings.Join(ours, "\n----\n"))
	}
	return strings.Join(ours, "")
}

// shown reads what GitHub answers about the repository.
func (w *world) shown(path string, into any) {
	w.t.Helper()
	token, err := w.hub.UserToken("sam-r")
	must(w.t, err)
	r, err := http.NewRequestWithContext(w.t.Context(), "GET", w.hub.URL()+"/repos/"+repo+"/"+path, nil)
	must(w.t, err)
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(r)
	must(w.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	must(w.t, err)
	must(w.t, json.Unmarshal(text, into))
}
