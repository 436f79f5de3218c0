package slack

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/signoff"
)

// turned is a notice to the author, brought about by somebody.
func turned(kind signoff.NoticeKind, fact string, by signoff.Account) signoff.Effect {
	e := notice(kind, fact, signoff.Account{ID: 14, Login: "ann-k"})
	e.Notice.By = by.ID
	return e
}

// TestTurns is a pull request that turns, before its author, two bar raisers and the
// channel. Who brings it about sees the own message change and is not told. Each
// effect is performed twice, the second time by a process that remembers nothing.
func TestTurns(t *testing.T) {
	w := newWorld(t)
	w.mails = map[string]map[string]any{"jo@acme.example": {"id": "UJO"}, "ann@acme.example": {"id": "UANN"}}
	b := waiting()
	ann := b.Review.Policy.People["ann-k"]
	ann.Emails = []string{"ann@acme.example"}
	b.Review.Policy.People["ann-k"] = ann
	lapsed := overridden(b, "d-1")
	lapsed.Record.State, lapsed.Record.Overrides[0].Void = signoff.Awaiting, "pushed 1234567"
	void := turned(signoff.NoticeLapsed, "l2", signoff.Account{})
	void.Notice.Override = "d-1"
	var want []string
	for _, step := range []struct {
		name  string
		brief report.Brief
		e     signoff.Effect
		shown map[int]string // what becomes of messages that are there
		fresh []string
	}{
		{"asked", b, notice(signoff.NoticeAsked, "a1", maria, jo), nil, []string{"DMARIA Your sign-off is asked", "DJO Your sign-off is asked"}},
		{"changes", ended(b, signoff.ChangesRequestedBy), turned(signoff.NoticeChanges, "c1", maria),
			map[int]string{0: "DMARIA Changes requested", 1: "DJO Changes requested"}, []string{"DANN Changes requested", "DJO | Changes requested"}},
		{"signed off", ended(b, signoff.SignedOff), turned(signoff.NoticeSignedOff, "s1", jo),
			map[int]string{0: "DMARIA Signed off", 1: "DJO Signed off", 2: "DANN Signed off"}, []string{"DANN | Signed off", "DMARIA | Signed off"}},
		{"lapsed", b, turned(signoff.NoticeLapsed, "l1", signoff.Account{}), map[int]string{2: "DANN Holds no longer"}, []string{"DANN | Holds no longer"}},
		{"overridden", overridden(b, "d-1"), notice(signoff.NoticeOverride, "d-1"), nil, []string{"C1 Override"}},
		{"override lapsed", lapsed, void, nil, []string{"DANN | Holds no longer", "C1 | Holds no longer"}},
		{"merged", ended(lapsed, signoff.MergedClean), notice(signoff.NoticeClosed, "m1"),
			map[int]string{0: "DMARIA Ended", 1: "DJO Ended", 2: "DANN Ended"}, []string{"C1 | Ended", "DMARIA | Ended", "DJO | Ended", "DANN | Ended"}},
	} {
		for range 2 {
			w.notify(step.brief, step.e)
			w.slack = w.start(w.slack.Store)
		}
		for i, line := range step.shown {
			want[i] = line
		}
		want = append(want, step.fresh...)
		if d := cmp.Diff(want, w.outline()); d != "" {
			t.Fatalf("after %q (-want +got):\n%s", step.name, d)
		}
	}
}

// TestTurnsLate: what it has turned away from meanwhile is not told, and an author
// who is not known in Slack is not named in the channel.
func TestTurnsLate(t *testing.T) {
	override := turned(signoff.NoticeLapsed, "l2", signoff.Account{})
	override.Notice.Override = "d-1"
	for _, tt := range []struct {
		name  string
		state signoff.State
		e     signoff.Effect
		known bool
		want  int
	}{
		{"signed off", signoff.SignedOff, turned(signoff.NoticeSignedOff, "s", maria), true, 1},
		{"signed off, and not any more", signoff.Awaiting, turned(signoff.NoticeSignedOff, "s", maria), true, 0},
		{"signed off, and merged", signoff.MergedClean, turned(signoff.NoticeSignedOff, "s", maria), true, 0},
		{"changes, and signed off", signoff.SignedOff, turned(signoff.NoticeChanges, "c", maria), true, 0},
		{"recommended against", signoff.RecommendedAgainst, turned(signoff.NoticeChanges, "c", maria), true, 1},
		{"lapsed", signoff.Awaiting, turned(signoff.NoticeLapsed, "l", maria), true, 1},
		{"lapsed, and signed again", signoff.SignedOff, turned(signoff.NoticeLapsed, "l", maria), true, 0},
		{"the override lapsed, and it was signed", signoff.SignedOff, override, true, 1},
		{"not known", signoff.SignedOff, turned(signoff.NoticeSignedOff, "s", maria), false, 0},
	} {
		w, b := newWorld(t), waiting()
		if tt.known {
			w.link(signoff.Account{ID: 14, Login: "ann-k"}, "UANN")
		}
		w.notify(ended(overridden(b, "d-1"), tt.state), tt.e)
		if got := len(w.said); got != tt.want {
			t.Errorf("%s: %d messages, want %d", tt.name, got, tt.want)
		}
	}
}
