package bot_test

import (
	"slices"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/ledger"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// follows waits until an override has come to a stage.
func (w *world) follows(s signoff.Subject, want signoff.Stage) signoff.Override {
	w.t.Helper()
	var o signoff.Override
	w.until("the follow-up is "+string(want), func() bool {
		row, _, err := w.db.Load(w.t.Context(), s)
		must(w.t, err)
		if len(row.Record.Overrides) == 0 {
			return false
		}
		o = row.Record.Overrides[len(row.Record.Overrides)-1]
		return o.Stage() == want
	})
	return o
}

// checkBook holds the ledger against its own rules.
func (w *world) checkBook() {
	w.t.Helper()
	var book ledger.Book
	for leaf, err := range w.db.Leaves(w.t.Context(), 0) {
		must(w.t, err)
		e, err := ledger.Decode(leaf.Bytes)
		must(w.t, err)
		if err := book.Add(e); err != nil {
			w.t.Errorf("entry %d, %s: %v", e.Index, e.Type, err)
		}
	}
}

// TestFollowUp follows a merge without a sign-off by commands to a promise that is
// kept, and a push past all pull requests by what a page says.
func TestFollowUp(t *testing.T) {
	t.Parallel()
	w := newOpenWorld(t)
	number, head := w.forbidden()
	w.concludes(head, "action_required")
	_, err := w.hub.MergePull(repo, number, "ann-k", githubtest.Merge{})
	must(t, err)
	s := w.state(number, signoff.MergedUndeclared).Subject
	w.follows(s, signoff.StageOpen)
	w.refused(w.comment(number, "maria-k", "/bar acknowledge"))
	w.comment(number, "ann-k", "/bar justify customers were waiting for it")
	w.follows(s, signoff.StageJustified)
	w.comment(number, "sam-r", "/bar acknowledge")
	w.follows(s, signoff.StageAcknowledged)
	w.comment(number, "ann-k", "/bar promise PAY-7 "+time.Now().AddDate(0, 1, 0).Format(time.DateOnly))
	w.follows(s, signoff.StagePromised)
	w.comment(number, "ann-k", "/bar kept https://pay.example/7")
	w.until("it is said to be kept", func() bool { return w.follows(s, signoff.StagePromised).Waits().Check })
	w.comment(number, "sam-r", "/bar kept")
	o := w.follows(s, signoff.StageKept)
	for _, step := range o.Steps {
		if step.Entry == 0 {
			t.Errorf("%s is not in the ledger", step.Kind)
		}
	}
	w.checkBook()

	w.commit(githubtest.Commit{Branch: "main", Pusher: "ann-k", Message: "Straight in", Files: map[string]string{"README": "Payments.\n"}})
	branch := signoff.Subject{Installation: s.Installation, Repository: s.Repository, Kind: signoff.Branch, Ref: "main"}
	w.ahead.Store(int64(5 * time.Minute)) // GitHub does not say late any more which pull request it was
	must(t, w.db.Raise(t.Context(), w.bot.Jobs, time.Now(), branch))
	pushed := w.follows(branch, signoff.StageOpen)
	for _, said := range []struct {
		by      string
		command signoff.Command
		want    signoff.Stage
	}{
		{"ann-k", signoff.Command{Verb: signoff.VerbJustify, Text: "the build was broken for all"}, signoff.StageJustified},
		{"sam-r", signoff.Command{Verb: signoff.VerbAccept, Object: pushed.ID}, signoff.StageAccepted},
	} {
		who := account(t, w.db, said.by)
		fact := signoff.Fact{
			ID: "page/" + string(said.command.Verb), At: time.Now(), Kind: signoff.Commanded, Actor: who, Author: who, Command: &said.command,
		}
		must(t, w.bot.Act(t.Context(), branch, fact))
		w.follows(branch, said.want)
	}
	w.checkBook()
	want := []ledger.Type{
		ledger.OverrideDetected, ledger.Justified, ledger.Acknowledged, ledger.Promised, ledger.Kept,
		ledger.OverrideDetected, ledger.Justified, ledger.Acknowledged, ledger.Accepted,
	}
	if got := w.kinds(); !slices.Equal(got, want) {
		t.Errorf("ledger = %v\nwant %v", got, want)
	}
}

// account is a person, by what was heard of them.
func account(t *testing.T, db *store.DB, login string) signoff.Account {
	t.Helper()
	pulls, _, err := db.Pulls(t.Context(), store.PullFilter{}, store.Page{Limit: 100})
	must(t, err)
	for _, p := range pulls {
		_, facts, err := db.Load(t.Context(), p.Subject)
		must(t, err)
		for _, f := range facts {
			if f.Actor.Login == login {
				return f.Actor
			}
		}
	}
	t.Fatalf("nothing was heard of %s", login)
	return signoff.Account{}
}

// TestGateOpened removes the rule that requires the check.
func TestGateOpened(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	number, head := w.forbidden()
	w.concludes(head, "action_required")
	s := w.pull(number).Subject
	branch := signoff.Subject{Installation: s.Installation, Repository: s.Repository, Kind: signoff.Branch, Ref: "main"}
	look := func(what string, is func(signoff.Record) bool) signoff.Record {
		t.Helper()
		must(t, w.db.Raise(t.Context(), w.bot.Jobs, time.Now(), branch))
		var rec signoff.Record
		w.until(what, func() bool {
			row, _, err := w.db.Load(t.Context(), branch)
			must(t, err)
			rec = row.Record
			return is(rec)
		})
		return rec
	}
	look("the check is required", func(r signoff.Record) bool { return r.Gate == signoff.GateRequired })
	must(t, w.hub.Unprotect(repo))
	rec := look("it is not", func(r signoff.Record) bool { return r.Gate == signoff.GateOpen })
	if len(rec.Overrides) != 1 || !rec.Overrides[0].OpensGate() || rec.Overrides[0].Stage() != signoff.StageOpen {
		t.Errorf("overrides = %+v, want one that the rule was removed, and that is followed up", rec.Overrides)
	}
	w.checkBook()
}
