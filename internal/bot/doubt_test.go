package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/bot"
	"github.com/barraiser/barraiser/internal/github/githubtest"
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
