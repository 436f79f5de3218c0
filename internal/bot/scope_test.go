package bot_test

import (
	"strings"
	"testing"

	"github.com/barraiser/barraiser/internal/bot"
	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// TestInstalled opens a pull request before the App is there: it is looked at when
// the App is, and not by a sweep on a timer.
func TestInstalled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	must(t, w.hub.Uninstall("acme"))
	must(t, w.hub.Wait(t.Context()))
	_, head := w.forbidden()
	_, err := w.hub.Install("acme")
	must(t, err)
	w.concludes(head, "action_required")
}

// TestSuspended suspends the App. What was merged then nobody saw, and that is what
// is recorded: no override, and no merge in order either.
func TestSuspended(t *testing.T) {
	t.Parallel()
	w := newOpenWorld(t)
	number, head := w.forbidden()
	w.concludes(head, "action_required")
	w.asked(number)
	otherHead := w.commit(githubtest.Commit{Branch: "other", Pusher: "ann-k", Message: "Use it elsewhere", Parents: []string{w.base}, Files: map[string]string{
		"pay/more.go": "package pay\n\nimport \"acme.example/pay/store\"\n\n// More pays more.\nfunc More() int { return store.Get() }\n",
	}})
	other, err := w.hub.OpenPull(repo, githubtest.Pull{Author: "ann-k", Title: "Use it elsewhere", Head: "other"})
	must(t, err)
	w.concludes(otherHead, "action_required")
	must(t, w.bot.Sweep(t.Context(), bot.SweepHost)) // from here on the branch is accounted for
	w.until("the branch is known", func() bool {
		branch := w.pull(number).Subject
		branch.Kind, branch.Number, branch.Ref = signoff.Branch, 0, "main"
		row, _, err := w.db.Load(t.Context(), branch)
		return err == nil && row.Record.Head != ""
	})

	must(t, w.hub.Suspend("acme"))
	w.until("the suspension is known", func() bool { return w.access(number) == store.Suspended })
	w.approve(number, "maria-k") // nobody tells us
	_, err = w.hub.MergePull(repo, number, "ann-k", githubtest.Merge{})
	must(t, err)
	pushed := w.commit(githubtest.Commit{Branch: "other", Pusher: "ann-k", Message: "And more", Files: map[string]string{"README": "Payments.\n"}})
	// One that is opened and merged meanwhile.
	unseenHead := w.commit(githubtest.Commit{Branch: "unseen", Pusher: "ann-k", Message: "Unseen", Parents: []string{w.base}, Files: map[string]string{"UNSEEN": "it\n"}})
	unseen, err := w.hub.OpenPull(repo, githubtest.Pull{Author: "ann-k", Title: "Unseen", Head: "unseen"})
	must(t, err)
	_, err = w.hub.MergePull(repo, unseen, "ann-k", githubtest.Merge{})
	must(t, err)
	// What we would do waits, without an error.
	must(t, w.db.Raise(t.Context(), w.bot.Jobs, w.bot.Now(), w.pull(other).Subject))
	w.until("the look is put off", func() bool { row := w.pull(other); return row.Wanted == row.Done && row.Open })

	must(t, w.hub.Unsuspend("acme"))
	row := w.state(number, signoff.MergedUnverified)
	if len(row.Record.Overrides) != 0 {
		t.Errorf("overrides = %+v, want none", row.Record.Overrides)
	}
	w.concludes(pushed, "action_required")
	w.state(other, signoff.Awaiting)
	if row := w.state(unseen, signoff.MergedUnverified); row.Record.Head != unseenHead {
		t.Errorf("head of what was opened and merged meanwhile = %s, want %s", row.Record.Head, unseenHead)
	}
	if kinds := w.kinds(); len(kinds) != 0 {
		t.Errorf("ledger = %v, want nothing", kinds)
	}
}

// TestRemoved takes the repository out of the installation and puts it back.
func TestRemoved(t *testing.T) {
	t.Parallel()
	w := newOpenWorld(t)
	must(t, w.hub.Uninstall("acme"))
	must(t, w.hub.Wait(t.Context()))
	_, err := w.hub.AddRepository(githubtest.Repository{Owner: "acme", Name: "rest"})
	must(t, err)
	_, err = w.hub.Install("acme", "pay", "rest")
	must(t, err)
	number, head := w.forbidden()
	w.concludes(head, "action_required")
	w.asked(number)

	must(t, w.hub.RemoveFromInstallation("acme", "pay"))
	w.until("it is given up", func() bool { row := w.pull(number); return !row.Open && row.Wanted == row.Done })
	if state := w.pull(number).State; state != signoff.Awaiting {
		t.Errorf("state = %s, want it as it was left", state)
	}
	must(t, w.bot.Sweep(t.Context(), bot.SweepHost))
	if access := w.access(number); access != store.Withdrawn {
		t.Errorf("after a sweep the App may do %s", access)
	}
	_, err = w.hub.MergePull(repo, number, "ann-k", githubtest.Merge{})
	must(t, err)
	must(t, w.hub.AddToInstallation("acme", "pay"))
	w.state(number, signoff.MergedUnverified)
}

// TestUninstalled takes the App away, and loses the delivery that says so.
func TestUninstalled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	number, head := w.forbidden()
	w.concludes(head, "action_required")
	w.asked(number)
	must(t, w.hub.Wait(t.Context()))
	w.hub.SetFaults(githubtest.Faults{Drop: 1})
	must(t, w.hub.Uninstall("acme"))
	must(t, w.bot.Sweep(t.Context(), bot.SweepHost))
	w.until("it is given up", func() bool { row := w.pull(number); return !row.Open && row.Wanted == row.Done })
	if access := w.access(number); access != store.Withdrawn {
		t.Errorf("the App may do %s", access)
	}
}

// access is what the App may do for a pull request, as far as is stored.
func (w *world) access(number int) store.Access {
	w.t.Helper()
	access, err := w.db.Access(w.t.Context(), w.pull(number).Subject)
	must(w.t, err)
	return access
}

// TestDiscreet: of a public repository nothing tells who reports to whom.
func TestDiscreet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.commit(githubtest.Commit{Branch: "main", Pusher: "sam-r", Message: "People", Files: map[string]string{
		".github/barraiser.yml": policy + "people:\n  ann-k: {manager: maria-k}\n",
	}})
	number, head := w.forbidden()
	w.concludes(head, "action_required")
	w.asked(number)
	w.approve(number, "maria-k")
	w.until("the approval is answered", func() bool { return strings.Contains(w.pull(number).Record.Requirements[0].Why, "maria-k") })
	brief, err := w.bot.Brief(t.Context(), w.pull(number).Subject)
	must(t, err)
	why := map[string]string{}
	for _, r := range brief.Review.Decision.Requirements {
		for _, x := range r.Assignment.Excluded {
			why[x.Who] = x.Why
		}
	}
	if why["maria-k"] != "is not independent of the change" {
		t.Errorf("excluded = %v", why)
	}
	if row := w.pull(number); strings.Contains(row.Record.Requirements[0].Why, "reporting") {
		t.Errorf("why = %q", row.Record.Requirements[0].Why)
	}
}
