package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/bot"
	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// TestOverwritten writes over our check, each time with a green one. It is put
// right, and the gate with it.
func TestOverwritten(t *testing.T) {
	t.Parallel()
	w := newOpenWorld(t)
	// The careless rule, which takes the check from whomever.
	must(t, w.hub.Protect(repo, githubtest.Rule{RequiredChecks: []githubtest.RequiredCheck{{Name: "bar-raiser"}}}))
	number, head := w.forbidden()
	w.concludes(head, "action_required")
	w.asked(number)
	w.done()
	green := githubtest.Check{Name: "bar-raiser", HeadSHA: head, Status: "completed", Conclusion: "success", Output: githubtest.Output{Title: "Fine", Summary: "s"}}
	// What we wrote is noted after it was written: before that, a difference does
	// not show, and is left to the sweep.
	red := func(what string, newer int64) githubtest.Check {
		t.Helper()
		w.until(what+": the check is red again", func() bool { c := w.check(head); return c.Conclusion == "action_required" && c.ID >= newer })
		_, err := w.hub.MergePull(repo, number, "ann-k", githubtest.Merge{})
		if err == nil {
			t.Fatalf("%s: merged", what)
		}
		w.done()
		return w.check(head)
	}

	// By whoever has our key.
	rogue, err := w.hub.PutCheck(repo, w.hub.App().Slug, green)
	must(t, err)
	if c := red("a newer one of ours", rogue); c.ID != rogue {
		t.Errorf("put right is check %d, want the newest, %d", c.ID, rogue)
	}
	// By another App beside it.
	evil, err := w.hub.PutCheck(repo, "evil-ci", green)
	must(t, err)
	if c := red("another App's", evil+1); !strings.Contains(c.Output.Summary, "evil-ci") {
		t.Errorf("summary = %q, want it to name who writes our check", c.Output.Summary)
	}

	// With the event lost, the sweep finds it within the hour.
	must(t, w.hub.Wait(t.Context()))
	w.hub.SetFaults(githubtest.Faults{Drop: 1})
	evil, err = w.hub.PutCheck(repo, "evil-ci", green)
	must(t, err)
	must(t, w.bot.Sweep(t.Context(), bot.SweepHost)) // knows the repository from now on
	w.ahead.Store(int64(time.Hour))
	must(t, w.bot.Sweep(t.Context(), bot.SweepHost))
	newest := red("another App's, unheard", evil+1).ID

	// Of a check of ours that has ended and is changed in place nobody is told.
	must(t, w.hub.ChangeCheck(repo, newest, githubtest.Check{Conclusion: "success"}))
	w.ahead.Store(int64(2 * time.Hour))
	must(t, w.bot.Sweep(t.Context(), bot.SweepHost))
	red("ours itself", newest)
}

// TestRerun presses GitHub's own button: it is judged again, and the check is put.
func TestRerun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	number, head := w.forbidden()
	before := w.concludes(head, "action_required")
	w.asked(number)
	analysis := w.pull(number).Record.Analysis
	must(t, w.hub.Rerequest(repo, before.ID, "ann-k"))
	w.until("it is judged again", func() bool { a := w.pull(number).Record.Analysis; return a != "" && a != analysis })
	w.until("the check is put", func() bool { c := w.check(head); return c.ID > before.ID && c.Conclusion == "action_required" })
}

// TestGreenUnheard loses the answers to a check that turns green, and then what it
// rested on, here the description. What is to be shown is then just what was noted
// last, and it is posted all the same: GitHub shows a green check.
func TestGreenUnheard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.commit(githubtest.Commit{Branch: "main", Pusher: "sam-r", Message: "Ask for a press release", Files: map[string]string{
		".github/barraiser.yml": policy + "description: {press-release: required}\n",
	}})
	number, head := w.forbidden()
	w.concludes(head, "action_required")
	w.approve(number, w.asked(number))
	w.state(number, signoff.Undescribed)
	w.done()
	red, noted := w.check(head), w.posted(head)
	w.host.greens.Store(true)
	body := "## Press release\n\nCustomers can pay from the store, and no longer have to go back to their basket.\n"
	must(t, w.hub.EditPull(repo, number, "ann-k", githubtest.Edit{Body: &body}))
	w.concludes(head, "success")
	body = ""
	must(t, w.hub.EditPull(repo, number, "ann-k", githubtest.Edit{Body: &body}))
	w.state(number, signoff.Undescribed)
	w.done()
	if c := w.check(head); c.Conclusion != "action_required" || c.ID != red.ID {
		t.Errorf("check %d is %s, want %d, red again", c.ID, c.Conclusion, red.ID)
	}
	if got := w.posted(head); got.Hash != noted.Hash {
		t.Errorf("it is not red as it was before, and so this test shows nothing:\n%q\n%q", red.Output.Summary, w.check(head).Output.Summary)
	}
}

// posted is what is noted of the check of a commit.
func (w *world) posted(head string) store.Posted {
	w.t.Helper()
	all, err := w.db.PostedOf(w.t.Context(), store.PostedCheck)
	must(w.t, err)
	for _, p := range all {
		if strings.HasSuffix(p.Scope, head) && p.Name == "bar-raiser" {
			return p
		}
	}
	return store.Posted{}
}
