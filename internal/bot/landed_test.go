package bot_test

import (
	"slices"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/bot"
	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// TestAftermathOfPush: of four pushes past all pull requests, one is taken back, one
// is mended and two stand, each for itself, and all count as overridden changes.
func TestAftermathOfPush(t *testing.T) {
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
	push := func(message string, files map[string]string) signoff.Override {
		t.Helper()
		sha := w.commit(githubtest.Commit{Branch: "main", Pusher: "sam-r", Message: message, Files: files})
		w.done()
		w.ahead.Add(int64(3 * time.Minute)) // GitHub may know the pull request late
		must(t, w.bot.Sweep(t.Context(), bot.SweepHost))
		var found signoff.Override
		w.until("the push is an override", func() bool {
			row, _, err := w.db.Load(t.Context(), branch)
			must(t, err)
			i := slices.IndexFunc(row.Record.Overrides, func(o signoff.Override) bool { return o.ID == "push:"+sha })
			if i >= 0 {
				found = row.Record.Overrides[i]
			}
			return i >= 0
		})
		return found
	}
	const store1 = "package store\n\n// Get gets.\nfunc Get() int { return 1 }\n"
	wrong := push("Get two", map[string]string{"store/store.go": "package store\n\n// Get gets.\nfunc Get() int { return 2 }\n"})
	back := push("Revert \"Get two\"\n\nThis reverts commit "+wrong.Commit+".\n", map[string]string{"store/store.go": store1})
	half := push("Pay with the store", edge)
	mend := push("Fix what Pay adds", map[string]string{
		"pay/pay.go": "package pay\n\nimport \"acme.example/pay/store\"\n\n// Pay pays.\nfunc Pay(cents int) int { return cents - store.Get() }\n",
	})
	became := func(o signoff.Override) (signoff.Aftermath, error) {
		return w.db.Aftermath(t.Context(), store.Landing{Subject: branch, Override: o.ID})
	}
	must(t, w.bot.Sweep(t.Context(), bot.SweepOutcomes))
	if a, err := became(wrong); err == nil {
		t.Errorf("aftermath = %+v before its time", a)
	}
	w.ahead.Add(int64(31 * 24 * time.Hour))
	must(t, w.bot.Sweep(t.Context(), bot.SweepOutcomes))
	for _, c := range []struct {
		of     signoff.Override
		result signoff.Result
		by     string
	}{{wrong, signoff.Reverted, back.Commit}, {back, signoff.Stood, ""}, {half, signoff.Mended, mend.Commit}, {mend, signoff.Stood, ""}} {
		if a, err := became(c.of); err != nil || a.Result != c.result || a.Commit != c.by {
			t.Errorf("aftermath of %s = %+v, %v, want %s by %q", c.of.Reason, a, err, c.result, c.by)
		}
	}
	rates, err := w.db.Outcomes(t.Context(), store.FigureFilter{From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour)})
	must(t, err)
	if want := (signoff.Rate{Class: signoff.ClassOverridden, Of: 4, Reverted: 1, Mended: 1}); rates[0] != want {
		t.Errorf("outcomes = %+v, want %+v", rates[0], want)
	}
}
