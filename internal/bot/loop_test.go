package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/bot"
	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/ledger"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// TestSignOff is the main road: opened, sent, refused by the merge gate, signed
// off by whoever is asked, merged.
func TestSignOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	number, head := w.forbidden()
	check := w.concludes(head, "action_required")
	if !strings.Contains(check.Output.Title, "Sign-off needed") {
		t.Errorf("title = %q", check.Output.Title)
	}
	if _, err := w.hub.MergePull(repo, number, "ann-k", githubtest.Merge{}); err == nil {
		t.Fatal("merged without a sign-off")
	}
	asked := w.asked(number)
	if asked == "ann-k" {
		t.Fatalf("asked the author: %s", w.describe())
	}
	// Who opened it may not sign.
	id := w.comment(number, "ann-k", "/bar signoff "+head[:8])
	w.refused(id)
	w.approve(number, asked)
	w.concludes(head, "success")
	_, err := w.hub.MergePull(repo, number, "ann-k", githubtest.Merge{})
	must(t, err)
	row := w.state(number, signoff.MergedClean)
	movers := map[signoff.State]string{}
	for _, t := range row.Record.History {
		movers[t.To] = t.By.Login
	}
	if movers[signoff.SignedOff] != asked || movers[signoff.MergedClean] != "ann-k" || movers[signoff.Awaiting] != "" {
		t.Errorf("who moved it into a state = %v", movers)
	}
	if got, want := w.kinds(), []ledger.Type{ledger.SignOff}; !slices.Equal(got, want) {
		t.Errorf("ledger = %v, want %v", got, want)
	}
	f := store.FigureFilter{From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour)}
	times, err := w.db.LeadTimes(t.Context(), f)
	must(t, err)
	advice, err := w.db.Advice(t.Context(), f)
	must(t, err)
	if want := []store.RuleAdvice{{Rule: "layer", Shown: 1}}; len(times) != 1 || !slices.Equal(advice, want) {
		t.Errorf("lead times = %v, advice = %v, want one and %v", times, advice, want)
	}
}

// TestOverride goes in without a sign-off, and says so: refused to whoever may
// not, granted to whoever may, recorded and signed.
func TestOverride(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	number, head := w.forbidden()
	w.concludes(head, "action_required")
	id := w.comment(number, "ann-k", "/bar override "+head[:8]+" customers are waiting for it")
	w.refused(id)
	w.comment(number, "sam-r", "/bar override "+head[:8]+" customers are waiting for it")
	check := w.concludes(head, "neutral")
	if !strings.Contains(check.Output.Title, "Overridden") {
		t.Errorf("title = %q", check.Output.Title)
	}
	if !strings.Contains(check.Output.Text, "— test/ledger ") {
		t.Errorf("the text of the check has no checkpoint: %q", check.Output.Text)
	}
	_, err := w.hub.MergePull(repo, number, "sam-r", githubtest.Merge{})
	must(t, err)
	row := w.state(number, signoff.MergedOverridden)
	if len(row.Record.Overrides) != 1 || row.Record.Overrides[0].Entry == 0 {
		t.Errorf("overrides = %+v, want one with its place in the ledger", row.Record.Overrides)
	}
	if got, want := w.kinds(), []ledger.Type{ledger.OverrideDeclared}; !slices.Equal(got, want) {
		t.Errorf("ledger = %v, want %v", got, want)
	}
	if _, err := w.db.LatestCheckpoint(t.Context()); err != nil {
		t.Errorf("no signed checkpoint: %v", err)
	}
}

// TestUndeclared merges where nothing stops it, and pushes past all pull
// requests: both are found.
func TestUndeclared(t *testing.T) {
	t.Parallel()
	w := newOpenWorld(t)
	number, head := w.forbidden()
	w.concludes(head, "action_required")
	_, err := w.hub.MergePull(repo, number, "ann-k", githubtest.Merge{})
	must(t, err)
	row := w.state(number, signoff.MergedUndeclared)
	if len(row.Record.Overrides) != 1 || row.Record.Overrides[0].Declared {
		t.Errorf("overrides = %+v, want one that was detected", row.Record.Overrides)
	}
	if got, want := w.kinds(), []ledger.Type{ledger.OverrideDetected}; !slices.Equal(got, want) {
		t.Errorf("ledger = %v, want %v", got, want)
	}
}

// TestMergeUnseen merges while the host still shows the pull request open, and a base
// branch that has its head already: a look between the two finds no change at all, and
// must not take that for one that needs no sign-off.
func TestMergeUnseen(t *testing.T) {
	t.Parallel()
	for name, judged := range map[string]bool{"judged before": true, "never looked at": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newOpenWorld(t)
			w.hub.SetFaults(githubtest.Faults{Drop: 1, MergeLag: 1})
			if judged {
				w.hub.SetFaults(githubtest.Faults{MergeLag: 1})
			}
			number, head := w.forbidden()
			if judged {
				w.concludes(head, "action_required")
				w.done()
			}
			w.hub.SetFaults(githubtest.Faults{Drop: 1, MergeLag: 1})
			_, err := w.hub.MergePull(repo, number, "ann-k", githubtest.Merge{})
			must(t, err)
			w.hub.SetFaults(githubtest.Faults{})
			w.comment(number, "ann-k", "/bar retry")
			w.done()
			must(t, w.bot.Sweep(t.Context(), bot.SweepHost))
			w.state(number, signoff.MergedUndeclared)
		})
	}
}

// TestCarryOver rebases what was signed, and then merges the base into it: it stays
// signed without asking. A push that changes it does not, be it a merge that brings
// more than the base.
func TestCarryOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	number, head := w.forbidden()
	w.concludes(head, "action_required")
	w.approve(number, w.asked(number))
	w.concludes(head, "success")
	moved := w.commit(githubtest.Commit{Branch: "main", Pusher: "sam-r", Message: "Elsewhere", Files: map[string]string{"README": "Payments.\n"}})
	rebased := w.commit(githubtest.Commit{Branch: "edge", Pusher: "ann-k", Message: "Use the store", Parents: []string{moved}, Force: true, Files: edge})
	w.concludes(rebased, "success")
	moved = w.commit(githubtest.Commit{Branch: "main", Pusher: "sam-r", Message: "Elsewhere again", Files: map[string]string{"README": "All payments.\n"}})
	merged := w.commit(githubtest.Commit{Branch: "edge", Pusher: "ann-k", Message: "Merge main", Parents: []string{rebased, moved}, Files: map[string]string{"README": "All payments.\n"}})
	w.concludes(merged, "success")
	moved = w.commit(githubtest.Commit{Branch: "main", Pusher: "sam-r", Message: "And again", Files: map[string]string{"README": "None.\n"}})
	evil := w.commit(githubtest.Commit{Branch: "edge", Pusher: "ann-k", Message: "Merge main", Parents: []string{merged, moved}, Files: map[string]string{
		"README": "None.\n", "pay/more.go": "package pay\n\n// More pays more.\nfunc More() int { return 2 }\n",
	}})
	w.concludes(evil, "action_required")
	w.approve(number, w.asked(number))
	w.concludes(evil, "success")
	changed := w.commit(githubtest.Commit{Branch: "edge", Pusher: "ann-k", Message: "And more", Files: map[string]string{
		"store/more.go": "package store\n\n// More gets more.\nfunc More() int { return 2 }\n",
	}})
	w.concludes(changed, "action_required")
}

// TestBrokenPolicy shows the mistake that a change puts into the policy, and
// judges by the base's.
func TestBrokenPolicy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	head := w.commit(githubtest.Commit{Branch: "loose", Pusher: "ann-k", Message: "Loosen", Parents: []string{w.base}, Files: map[string]string{
		".github/barraiser.yml": "version: 1\nmode: obsreve\n",
	}})
	_, err := w.hub.OpenPull(repo, githubtest.Pull{Author: "ann-k", Title: "Loosen", Head: "loose"})
	must(t, err)
	w.concludes(head, "action_required") // the bar itself is high impact to change
	var config githubtest.Check
	w.until("the check of the configuration fails", func() bool {
		checks, err := w.hub.Checks(repo, head)
		must(t, err)
		for _, c := range checks {
			if c.Name == "bar-raiser/config" {
				config = c
			}
		}
		return config.Conclusion == "failure"
	})
	if !strings.Contains(config.Output.Summary, "obsreve") || !strings.Contains(config.Output.Summary, "^") {
		t.Errorf("summary = %q, want the line with a caret", config.Output.Summary)
	}
}

// TestLost loses every delivery: the sweep finds the pull request all the same.
func TestLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	must(t, w.hub.Wait(t.Context()))
	w.hub.SetFaults(githubtest.Faults{Drop: 1})
	number, head := w.forbidden()
	must(t, w.bot.Sweep(t.Context(), bot.SweepHost))
	w.concludes(head, "action_required")
	w.approve(number, w.asked(number)) // lost as well
	w.hub.SetFaults(githubtest.Faults{})
	must(t, w.bot.Sweep(t.Context(), bot.SweepDeliveries))
	w.concludes(head, "success")
}

// TestHostile delivers twice, out of order and late, with answers that lag.
func TestHostile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hub.SetFaults(githubtest.Faults{Duplicate: 0.5, Reorder: 0.3, Lag: 2})
	must(t, w.hub.Fail(githubtest.Fault{Method: "POST", Path: "/repos/acme/pay/check-runs", Times: 2, Status: 502}))
	number, head := w.forbidden()
	w.concludes(head, "action_required")
	w.approve(number, w.asked(number))
	w.concludes(head, "success")
	checks, err := w.hub.Checks(repo, head)
	must(t, err)
	if n := len(checks); n > 2 { // in progress, and a new one once it had ended
		t.Errorf("%d checks on one commit", n)
	}
}

// TestClosed closes a pull request and opens it again: it ends, and goes on where
// it was.
func TestClosed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	number, head := w.forbidden()
	w.concludes(head, "action_required")
	w.state(number, signoff.Awaiting)
	open := false
	must(t, w.hub.EditPull(repo, number, "ann-k", githubtest.Edit{Open: &open}))
	if row := w.state(number, signoff.Closed); row.Open {
		t.Error("the row of a closed pull request is open")
	}
	open = true
	must(t, w.hub.EditPull(repo, number, "ann-k", githubtest.Edit{Open: &open}))
	w.approve(number, w.asked(number))
	w.concludes(head, "success")
}

// TestDirectPush pushes to the governed branch past all pull requests.
func TestDirectPush(t *testing.T) {
	t.Parallel()
	w := newOpenWorld(t)
	must(t, w.bot.Sweep(t.Context(), bot.SweepHost)) // from here on the branch is accounted for
	branch := signoff.Subject{Kind: signoff.Branch, Ref: "main"}
	w.until("the branch is known", func() bool {
		repos, err := w.db.Repositories(t.Context())
		must(t, err)
		if len(repos) != 1 {
			return false
		}
		branch.Installation, branch.Repository = repos[0].Installation, repos[0].ID
		row, _, err := w.db.Load(t.Context(), branch)
		return err == nil && row.Record.Head == w.base
	})
	pushed := w.commit(githubtest.Commit{Branch: "main", Pusher: "sam-r", Message: "Straight in", Files: map[string]string{"README": "Payments.\n"}})
	w.until("the push was looked at", func() bool {
		row, facts, err := w.db.Load(t.Context(), branch)
		must(t, err)
		return len(facts) > 0 && !row.Next.IsZero() || row.Record.Head == pushed
	})
	// GitHub may not know yet that a pull request brought it, so the bot waits.
	w.ahead.Store(int64(3 * time.Minute))
	must(t, w.bot.Sweep(t.Context(), bot.SweepHost))
	w.until("the push is recorded", func() bool {
		row, _, err := w.db.Load(t.Context(), branch)
		must(t, err)
		return len(row.Record.Overrides) == 1 && row.Record.Overrides[0].Commit == pushed && row.Record.Overrides[0].Entry > 0
	})
	if got, want := w.kinds(), []ledger.Type{ledger.OverrideDetected}; !slices.Equal(got, want) {
		t.Errorf("ledger = %v, want %v", got, want)
	}
}

// TestSweepKeeps sweeps the store: what is still needed stays, and a delivery that
// was received is still known.
func TestSweepKeeps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	number, head := w.forbidden()
	w.concludes(head, "action_required")
	must(t, w.hub.Wait(t.Context()))
	for range 2 {
		must(t, w.bot.Sweep(t.Context(), bot.SweepStore))
	}
	var guids []string
	for _, d := range w.hub.Deliveries() {
		guids = append(guids, d.GUID)
	}
	unknown, err := w.db.Unknown(t.Context(), guids)
	must(t, err)
	if len(guids) == 0 || len(unknown) > 0 {
		t.Errorf("of %d deliveries %d are forgotten", len(guids), len(unknown))
	}
	if _, err := w.bot.Brief(t.Context(), w.pull(number).Subject); err != nil {
		t.Errorf("the brief is gone: %v", err)
	}
}

// TestRenamed renames who signs and who proposed: the numbers are who they are.
func TestRenamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	number, head := w.forbidden()
	w.concludes(head, "action_required")
	asked := w.asked(number)
	w.approve(number, asked)
	w.concludes(head, "success")
	must(t, w.hub.RenameUser("ann-k", "ann-kay"))
	// Whoever gets the old login is not who had it.
	_, err := w.hub.AddUser(githubtest.User{Login: "ann-k", Name: "Another", Email: "another@acme.example"})
	must(t, err)
	changed := w.commit(githubtest.Commit{Branch: "edge", Pusher: "ann-kay", Message: "And more", Files: map[string]string{
		"store/more.go": "package store\n\n// More gets more.\nfunc More() int { return 2 }\n",
	}})
	w.concludes(changed, "action_required")
	id := w.comment(number, "ann-kay", "/bar signoff "+changed[:8])
	w.refused(id)
}

// TestNumbersStay mends one finding and adds another: what is left keeps its
// number, and commands mean it.
func TestNumbersStay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	number, head := w.forbidden()
	w.concludes(head, "action_required")
	before := w.state(number, signoff.Awaiting)
	brief, err := w.bot.Brief(t.Context(), before.Subject)
	must(t, err)
	line, err := w.bot.Line(t.Context(), before.Subject)
	must(t, err)
	if line.Title != brief.Pull.Title || line.Author != brief.Pull.Author.Login || line.Net == nil || *line.Net != brief.Review.Delta.Net || *line.Net == 0 {
		t.Errorf("the line of a list is %+v, where the brief has %q by %s, net %g", line, brief.Pull.Title, brief.Pull.Author.Login, brief.Review.Delta.Net)
	}
	var edgePrint string
	for i, f := range brief.Review.Delta.Findings {
		if f.Status == debt.New && brief.Names[i] == "F1" {
			edgePrint = f.Fingerprint
		}
	}
	if edgePrint == "" {
		t.Fatalf("names = %v, of %+v", brief.Names, brief.Review.Delta.Findings)
	}
	// Dearer findings, which are listed first.
	long := "package pay\n\n// Sort sorts.\nfunc Sort(a, b, c, d, e, f, g, h, i int) int {\n" + strings.Repeat("\tif a > b { if c > d { if e > f { a++ } } }\n", 12) + "\treturn a\n}\n"
	pushed := w.commit(githubtest.Commit{Branch: "edge", Pusher: "ann-k", Message: "More", Files: map[string]string{"pay/sort.go": long}})
	w.concludes(pushed, "action_required")
	w.until("the newer head is awaiting", func() bool { row := w.pull(number); return row.Record.Head == pushed && row.State == signoff.Awaiting })
	brief, err = w.bot.Brief(t.Context(), before.Subject)
	must(t, err)
	fs := brief.Review.Delta.Findings
	i := slices.IndexFunc(fs, func(f debt.Finding) bool { return f.Fingerprint == edgePrint })
	if i <= 0 || brief.Names[i] != "F1" || brief.Names[0] == "F1" {
		t.Fatalf("the finding is in place %d and called %v", i, brief.Names)
	}
	w.comment(number, "maria-k", "/bar dismiss F1 it is agreed on")
	w.until("the dismissal is of the finding", func() bool {
		d := w.pull(number).Record.Dismissals
		return len(d) == 1 && d[0].Fingerprint == edgePrint
	})
}
