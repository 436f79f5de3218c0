package slack

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

const head = "9f2c1ab0d4e8f7a6b5c4d3e2f1a0b9c8d7e6f5a4"

var (
	maria = signoff.Account{ID: 11, Login: "maria-k"}
	jo    = signoff.Account{ID: 12, Login: "jo-b"}
	sam   = signoff.Account{ID: 13, Login: "sam-r"}
	pull  = signoff.Subject{Installation: 7, Repository: 42, Kind: signoff.PullRequest, Number: 1284}
)

// waiting is a change that maria is asked about. She is in the map, jo has an
// address.
func waiting() report.Brief {
	budget := 60.0
	return report.Brief{
		Record: signoff.Record{
			Subject: pull, Head: head, BaseRef: "main", Mode: review.Enforce, State: signoff.Awaiting,
			Requirements: []signoff.Standing{{Domain: impact.Architecture, State: signoff.Awaiting, Assigned: &signoff.Assigned{To: maria, Backup: jo}}},
		},
		Review: review.Review{Policy: review.Policy{
			Budget: &budget, Overrides: review.Overrides{Channel: "#eng-leads"},
			People: map[string]review.Person{"maria-k": {Slack: "UMARIA"}, "jo-b": {Emails: []string{"jo@old.example", "jo@acme.example"}}},
		}},
		Pull: signoff.Pull{
			Repo: signoff.Repo{ID: 42, Owner: "acme", Name: "pay"}, Number: 1284, URL: "https://github.com/acme/pay/pull/1284",
			Title: "Ledger v2 write path", Author: signoff.Account{ID: 14, Login: "ann-k"}, Head: head,
		},
		Links: report.Links{Page: "https://bar.example/acme/pay/pull/1284"},
	}
}

// overridden is the change with one more override.
func overridden(b report.Brief, id string) report.Brief {
	b.Record.State = signoff.OverrideDeclared
	b.Record.Overrides = append(slices.Clone(b.Record.Overrides), signoff.Override{
		ID: id, Entry: 42, Declared: true, By: sam, Commit: head, Reason: "SEV-2 rollback, INC-881", FollowUp: "PAY-1301", Due: "2026-12-05",
	})
	return b
}

func ended(b report.Brief, s signoff.State) report.Brief {
	b.Record.State = s
	return b
}

func notice(kind signoff.NoticeKind, fact string, to ...signoff.Account) signoff.Effect {
	n := &signoff.Notice{Kind: kind, To: to}
	if kind == signoff.NoticeOverride {
		n.Override = fact
	}
	return signoff.Effect{Kind: signoff.TellNotice, Subject: pull, Fact: fact, Notice: n}
}

func (w *world) notify(b report.Brief, e signoff.Effect) {
	w.t.Helper()
	w.settle()
	if err := w.slack.Notify(w.t.Context(), b, e); err != nil {
		w.t.Fatalf("Notify(%s %s): %v", e.Notice.Kind, e.Fact, err)
	}
}

// outline is what is in the workspace, a line each: where, whether in a thread,
// and the text.
func (w *world) outline() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := []string{}
	for _, m := range w.said {
		line := m.Channel
		if m.Thread != "" {
			line += " |"
		}
		if m.Broadcast {
			line += " broadcast"
		}
		text, _, _ := strings.Cut(m.Text, ": ")
		out = append(out, line+" "+text)
	}
	return out
}

// TestStory is a pull request from the first message to the end. Each effect is
// performed twice, the second time by a process that remembers nothing.
func TestStory(t *testing.T) {
	w := newWorld(t)
	b := waiting()
	for _, step := range []struct {
		name  string
		brief report.Brief
		e     signoff.Effect
		want  []string
	}{
		{"asked", b, notice(signoff.NoticeAsked, "a1", maria), []string{"DMARIA Your sign-off is asked"}},
		{"reminded", b, notice(signoff.NoticeReminder, "r1", maria), []string{
			"DMARIA Still needs your sign-off", "DMARIA | Still needs your sign-off",
		}},
		{"nobody answered", b, notice(signoff.NoticeOwner, "o1"), []string{
			"DMARIA Still needs your sign-off", "DMARIA | Still needs your sign-off", "C1 Nobody has answered",
		}},
		{"overridden", overridden(b, "d-1"), notice(signoff.NoticeOverride, "d-1"), []string{
			"DMARIA Still needs your sign-off", "DMARIA | Still needs your sign-off", "C1 Override", "C1 | broadcast Override",
		}},
		{"overridden again", overridden(overridden(b, "d-1"), "d-2"), notice(signoff.NoticeOverride, "d-2"), []string{
			"DMARIA Still needs your sign-off", "DMARIA | Still needs your sign-off", "C1 Override", "C1 | broadcast Override", "C1 | broadcast Override",
		}},
		{"merged", ended(overridden(overridden(b, "d-1"), "d-2"), signoff.MergedOverridden), notice(signoff.NoticeClosed, "m1"), []string{
			"DMARIA Ended", "DMARIA | Still needs your sign-off", "C1 Override", "C1 | broadcast Override", "C1 | broadcast Override",
			"C1 | Ended", "DMARIA | Ended",
		}},
	} {
		w.notify(step.brief, step.e)
		if d := cmp.Diff(step.want, w.outline()); d != "" {
			t.Fatalf("after %q (-want +got):\n%s", step.name, d)
		}
		updates := len(w.updates)
		w.slack = w.start(w.slack.Store)
		w.notify(step.brief, step.e)
		if d := cmp.Diff(step.want, w.outline()); d != "" || len(w.updates) != updates {
			t.Fatalf("after %q performed twice, %d updates before and %d after (-want +got):\n%s", step.name, updates, len(w.updates), d)
		}
	}
	if n := w.count("conversations.history") + w.count("conversations.replies"); n > 0 {
		t.Errorf("%d lookups though all went well", n)
	}
}

func TestPeople(t *testing.T) {
	known := map[string]map[string]any{"jo@acme.example": {"id": "UJO"}}
	for _, tt := range []struct {
		name  string
		who   signoff.Account
		mails map[string]map[string]any
		setup func(w *world, b *report.Brief)
		want  []string
	}{
		{"in the map", maria, nil, nil, []string{"DMARIA Your sign-off is asked"}},
		{"in the map by another case", signoff.Account{ID: 11, Login: "Maria-K"}, nil, nil, []string{"DMARIA Your sign-off is asked"}},
		{"by address", jo, known, nil, []string{"DJO Your sign-off is asked"}},
		{"linked goes before the address", jo, known, func(w *world, _ *report.Brief) { w.link(jo, "ULINK") }, []string{"DLINK Your sign-off is asked"}},
		{"gone from Slack, and known by address", jo, known, func(w *world, _ *report.Brief) { w.link(jo, "UGONE") }, []string{"DJO Your sign-off is asked"}},
		{"deactivated", jo, map[string]map[string]any{"jo@acme.example": {"id": "UJO", "deleted": true}}, nil, []string{"C1 Sign-off asked of jo-b"}},
		{"a bot", jo, map[string]map[string]any{"jo@acme.example": {"id": "UJO", "is_bot": true}}, nil, []string{"C1 Sign-off asked of jo-b"}},
		{"not known", sam, nil, nil, []string{"C1 Sign-off asked of sam-r"}},
		{"not known, and no channel", sam, nil, func(_ *world, b *report.Brief) { b.Review.Policy.Overrides.Channel = "" }, []string{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, b := newWorld(t), waiting()
			w.mails = tt.mails
			if tt.setup != nil {
				tt.setup(w, &b)
			}
			w.notify(b, notice(signoff.NoticeAsked, "a1", tt.who))
			if d := cmp.Diff(tt.want, w.outline()); d != "" {
				t.Errorf("messages (-want +got):\n%s", d)
			}
			if len(tt.want) == 0 && !strings.Contains(w.log.String(), "not told") {
				t.Errorf("it was not told, and the log does not say so:\n%s", w.log)
			}
		})
	}
}

func (w *world) link(who signoff.Account, member string) {
	w.t.Helper()
	err := w.slack.Store.LinkSlack(w.t.Context(), store.Person{ID: who.ID, Login: who.Login, Slack: member, Linked: w.clock.now()})
	if err != nil {
		w.t.Fatal(err)
	}
}

// TestFoundLater: who was named in the channel and is known by now is asked
// directly.
func TestFoundLater(t *testing.T) {
	w := newWorld(t)
	w.notify(waiting(), notice(signoff.NoticeAsked, "a1", sam))
	w.link(sam, "USAM")
	w.notify(waiting(), notice(signoff.NoticeReminder, "r1", sam))
	w.notify(ended(waiting(), signoff.Closed), notice(signoff.NoticeClosed, "m1"))
	want := []string{"C1 Ended", "DSAM Ended", "DSAM | Ended", "C1 | Ended"}
	if d := cmp.Diff(want, w.outline()); d != "" {
		t.Errorf("messages (-want +got):\n%s", d)
	}
}

// TestLate: what Slack could not take in time is not asked for any more.
func TestLate(t *testing.T) {
	for _, tt := range []struct {
		state signoff.State
		e     signoff.Effect
		want  int
	}{
		{signoff.MergedClean, notice(signoff.NoticeAsked, "a1", maria), 0},
		{signoff.SignedOff, notice(signoff.NoticeReminder, "a1", maria), 0},
		{signoff.Closed, notice(signoff.NoticeClosed, "m1"), 0}, // nobody was told of it
		{signoff.Evaluating, notice(signoff.NoticeAsked, "a1", maria), 1},
		{signoff.MergedUndeclared, notice(signoff.NoticeOverride, "d-1"), 1},
	} {
		w := newWorld(t)
		w.notify(ended(overridden(waiting(), "d-1"), tt.state), tt.e)
		if got := len(w.said); got != tt.want {
			t.Errorf("%s in %s: %d messages, want %d", tt.e.Notice.Kind, tt.state, got, tt.want)
		}
	}
}

// TestEachIsTold: that one cannot be told does not keep the others from it.
func TestEachIsTold(t *testing.T) {
	w := newWorld(t)
	w.archived["DMARIA"] = "channel_not_found"
	w.mails = map[string]map[string]any{"jo@acme.example": {"id": "UJO"}}
	w.settle()
	err := w.slack.Notify(t.Context(), waiting(), notice(signoff.NoticeAsked, "a1", maria, jo))
	var no *RefusedError
	if !errors.As(err, &no) || no.Code != "channel_not_found" {
		t.Errorf("Notify() = %v, want channel_not_found", err)
	}
	if d := cmp.Diff([]string{"DJO Your sign-off is asked"}, w.outline()); d != "" {
		t.Errorf("messages (-want +got):\n%s", d)
	}
}

func TestPace(t *testing.T) {
	w := newWorld(t)
	began := w.clock.now()
	for i := range 4 {
		b := overridden(waiting(), "d-1")
		e := notice(signoff.NoticeOverride, "d-1")
		e.Subject.Number = i + 1
		b.Record.Subject = e.Subject
		if err := w.slack.Notify(t.Context(), b, e); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.clock.now().Sub(began); got != 3*time.Second {
		t.Errorf("four messages took %s, want 3s", got)
	}
	// Where many wait already, it is done later.
	for range 3 {
		w.slack.pace.limiter("C1").ReserveN(w.clock.now(), 1)
	}
	err := w.slack.turn(t.Context(), "#eng-leads")
	var limited *LimitedError
	if !errors.As(err, &limited) || !limited.RetryAt().After(w.clock.now()) {
		t.Errorf("turn() in a crowd = %v, want to be told when", err)
	}
}
