package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/bot"
	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/ledger"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// TestAftermath: of two merges, the overridden one is mended two commits later, the
// signed one stands. It is found when it is time, and not before.
func TestAftermath(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	number, head := w.forbidden()
	w.concludes(head, "action_required")
	w.comment(number, "sam-r", "/bar override "+head[:8]+" customers are waiting for it")
	w.concludes(head, "neutral")
	_, err := w.hub.MergePull(repo, number, "sam-r", githubtest.Merge{})
	must(t, err)
	overridden := w.state(number, signoff.MergedOverridden)

	w.commit(githubtest.Commit{Branch: "main", Pusher: "sam-r", Message: "Fix a word in the manual", Files: map[string]string{"README": "Payments.\n"}})
	mend := w.commit(githubtest.Commit{Branch: "main", Pusher: "sam-r", Message: "Fix what Pay adds", Files: map[string]string{
		"pay/pay.go": "package pay\n\nimport \"acme.example/pay/store\"\n\n// Pay pays.\nfunc Pay(cents int) int { return cents - store.Get() }\n",
	}})
	must(t, w.bot.Sweep(t.Context(), bot.SweepOutcomes))
	if a, err := w.db.Aftermath(t.Context(), store.Landing{Subject: overridden.Subject}); err == nil {
		t.Errorf("aftermath = %+v before its time", a)
	}
	w.ahead.Store(int64(31 * 24 * time.Hour))
	must(t, w.bot.Sweep(t.Context(), bot.SweepOutcomes))
	a, err := w.db.Aftermath(t.Context(), store.Landing{Subject: overridden.Subject})
	must(t, err)
	if a.Result != signoff.Mended || a.Commit != mend || len(a.Symbols) != 1 || a.Symbols[0] != (signoff.Symbol{Path: "pay/pay.go", Name: "Pay"}) {
		t.Errorf("aftermath = %+v, want that %s mended Pay", a, mend)
	}
	w.until("the correction is open", func() bool { return w.pull(number).Record.Correction.Open() })
	w.comment(number, "sam-r", "/bar correct @maria-k it was added > nobody tested it > the store has no test server => a test server of the store")
	w.until("the mechanism is named", func() bool {
		c := w.pull(number).Record.Correction
		return c != nil && !c.Open() && c.Owner == "maria-k" && len(c.Whys) == 3
	})
	kinds := w.kinds()
	if !slices.Contains(kinds, ledger.CorrectionOpened) || kinds[len(kinds)-1] != ledger.CorrectionNamed {
		t.Errorf("ledger = %v", kinds)
	}
	rates, err := w.db.Outcomes(t.Context(), store.FigureFilter{From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour)})
	must(t, err)
	if rates[0].Of != 1 || rates[0].Mended != 1 {
		t.Errorf("outcomes = %+v", rates)
	}
}

// TestDeviation: a change goes in with a deviation, on its day nobody looks, one level
// up is told, and a second person says that it has ended; who made it cannot.
func TestDeviation(t *testing.T) {
	t.Parallel()
	for _, e := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(e), func(t *testing.T) {
			t.Parallel()
			deviates(t, newWorldOn(t, e))
		})
	}
}

func deviates(t *testing.T, w *world) {
	w.commit(githubtest.Commit{Branch: "main", Pusher: "sam-r", Message: "Ask why a standard is not kept", Files: map[string]string{
		".github/barraiser.yml": strings.Replace(policy, "tell: [sam-r]", "tell: [sam-r], decide: 48h", 1) + "description: {deviation: required}\n",
	}})
	number, head := w.forbidden()
	w.concludes(head, "action_required")
	again := time.Now().AddDate(0, 0, 20).Format(time.DateOnly)
	body := "## Deviation\n\nReason: the ledger cannot be asked for old bookings before its store has moved\nData: https://wiki.acme.example/881\nLook again: " + again + "\n"
	must(t, w.hub.EditPull(repo, number, "ann-k", githubtest.Edit{Body: &body}))
	w.approve(number, w.asked(number))
	w.concludes(head, "success")
	_, err := w.hub.MergePull(repo, number, "ann-k", githubtest.Merge{})
	must(t, err)
	row := w.state(number, signoff.MergedClean)
	if d := row.Record.Deviation; !d.Open() || string(d.Due()) != again || d.By.Login != "ann-k" {
		t.Fatalf("deviation = %+v, want an open one of ann-k until %s", d, again)
	}
	w.refused(w.comment(number, "ann-k", "/bar deviation ended I say so"))
	for _, days := range []int{21, 30} { // the day has come; the time to look is over
		w.done()
		w.ahead.Store(int64(days) * int64(24*time.Hour))
		must(t, w.bot.Sweep(t.Context(), bot.SweepStore))
		w.until("it is told", func() bool {
			d := w.pull(number).Record.Deviation
			return d.Reminded && d.Late == (days == 30)
		})
	}
	w.comment(number, "sam-r", "/bar deviation ended pay asks the store now")
	w.until("it has ended", func() bool {
		d := w.pull(number).Record.Deviation
		return !d.Open() && len(d.Looks) == 1 && d.Looks[0].By.Login == "sam-r"
	})
	w.checkBook()
	want := []ledger.Type{ledger.SignOff, ledger.Deviation, ledger.DeviationLate, ledger.DeviationLookedAt}
	if kinds := w.kinds(); !slices.Equal(kinds, want) {
		t.Errorf("ledger = %v, want %v", kinds, want)
	}
	sam := account(t, w.db, "sam-r").ID
	for leaf, err := range w.db.Leaves(t.Context(), 2) {
		must(t, err)
		e, err := ledger.Decode(leaf.Bytes)
		must(t, err)
		if e.Type == ledger.DeviationLate && (e.Actors[ledger.To] != sam || e.Strings["due"] != again) {
			t.Errorf("%+v, want that sam-r (%d) was told that it was due on %s", e, sam, again)
		}
	}
}
