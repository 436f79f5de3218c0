package web

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

const linkToken = "a-value-of-32-random-bytes"

// offered is a link that a member of Slack was given.
func (w *world) offered(member string) {
	w.t.Helper()
	w.must(w.db.PutSlackLink(w.t.Context(), store.SlackLink{
		Hash: tokenHash(linkToken), Member: member, Name: "<b>Maria</b>", Team: "acme", Expires: w.clock().Add(15 * time.Minute),
	}))
}

// TestLink is the way from a link in Slack to being known there, by way of the
// sign-in, and back.
func TestLink(t *testing.T) {
	w := newWorld(t, operated)
	open := "/slack/link?token=" + linkToken
	w.offered("UMARIA")
	if got := w.browse("").get(open); got.Code != denied || !strings.Contains(got.Body, "/signin?to="+url.QueryEscape(open)) {
		t.Fatalf("without a session: %d\n%s", got.Code, got.Body)
	}
	b := w.browse("maria-k")
	if got := b.get("/slack").Body; !strings.Contains(got, "You are not known in Slack") {
		t.Errorf("before:\n%s", got)
	}
	var page string
	for range 2 { // who previews it uses nothing up
		page = b.get(open).Body
	}
	for _, want := range []string{"&lt;b&gt;Maria&lt;/b&gt;", "UMARIA", "acme", "@maria-k", "Yes, both are me", "15 min"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
	sound(t, open, page)
	if _, err := w.db.PersonInSlack(t.Context(), "UMARIA"); err == nil {
		t.Fatal("linked without a word of the person")
	}
	foreign := w.browse("maria-k")
	foreign.site = "cross-site"
	if got := foreign.post("/slack/link", url.Values{"token": {linkToken}}); got.Code != denied {
		t.Errorf("from another site: %d, want %d", got.Code, denied)
	}
	if got := b.post("/slack/link", url.Values{"token": {linkToken}}); got.Code != seeOther || got.Header.Get("Location") != "/slack" {
		t.Fatalf("confirmed: %d\n%s", got.Code, got.Body)
	}
	if p, err := w.db.PersonInSlack(t.Context(), "UMARIA"); err != nil || p.ID != accounts["maria-k"].ID {
		t.Errorf("PersonInSlack = %+v, %v, want maria-k", p, err)
	}
	if got := b.get("/slack").Body; !strings.Contains(got, "UMARIA") || !strings.Contains(got, "Take this back") {
		t.Errorf("after:\n%s", got)
	} else {
		sound(t, "/slack", got)
	}
	// The same link is for nobody any more, whoever got hold of it.
	if got := w.browse("sam-r").post("/slack/link", url.Values{"token": {linkToken}}); got.Code != gone {
		t.Errorf("used again: %d, want %d", got.Code, gone)
	}
	w.offered("UOTHER")
	if got := b.get(open).Body; !strings.Contains(got, "So far you are UMARIA there") {
		t.Errorf("another member: the page does not say what ends:\n%s", got)
	}
	w.later(16 * time.Minute)
	if got := b.get(open); got.Code != gone {
		t.Errorf("too late: %d, want %d", got.Code, gone)
	}
	if got := b.post("/slack/unlink", nil); got.Code != seeOther {
		t.Errorf("unlink: %d", got.Code)
	}
	if p, err := w.db.Person(t.Context(), accounts["maria-k"].ID); err != nil || p.Slack != "" {
		t.Errorf("Person after unlinking = %+v, %v", p, err)
	}
}

// TestNoSlack: where there is no Slack nobody is sent there.
func TestNoSlack(t *testing.T) {
	w := newWorld(t)
	w.offered("UMARIA")
	b := w.browse("maria-k")
	for _, path := range []string{"/slack", "/slack/link?token=" + linkToken} {
		if got := b.get(path); got.Code != hidden || !strings.Contains(got.Body, "BARRAISER_SLACK_TOKEN") {
			t.Errorf("%s: %d\n%s", path, got.Code, got.Body)
		}
	}
	if got := b.post("/slack/link", url.Values{"token": {linkToken}}); got.Code != hidden {
		t.Errorf("confirmed: %d, want %d", got.Code, hidden)
	}
	if got := b.get("/").Body; strings.Contains(got, `href="/slack"`) || strings.Contains(got, "/operations") {
		t.Errorf("the frame leads to what is not there:\n%s", got)
	}
}

// failing stores a subject with effects, and says of each what came of it.
func (w *world) failing(b report.Brief, failures map[string]store.Failure, effects ...signoff.Effect) {
	w.t.Helper()
	s := b.Record.Subject
	w.raise(s)
	row, _, err := w.db.Load(w.t.Context(), s)
	w.must(err)
	_, err = w.db.Commit(w.t.Context(), jobs{}, store.Change{
		Subject: s, Version: row.Version, Done: row.Wanted, Open: true, Effects: effects,
		Record: func(*store.Tail) (signoff.Record, error) { return b.Record, nil },
	})
	w.must(err)
	for _, lane := range []string{"tell-slack/" + s.Key(), "tell-host/" + s.Key()} {
		pending, err := w.db.Pending(w.t.Context(), lane)
		w.must(err)
		for _, p := range pending {
			if f, ok := failures[p.Effect.Fact]; ok {
				w.must(w.db.Failed(w.t.Context(), p, f))
			}
		}
	}
}

// TestOperations: what failed is there with its reason and a way to try it again,
// for who runs the server alone.
func TestOperations(t *testing.T) {
	w := newWorld(t, operated)
	b := w.browse("dora")
	if got := b.get("/operations").Body; !strings.Contains(got, "Nothing fails.") {
		t.Errorf("with nothing wrong:\n%s", got)
	}
	brief := waiting()
	s := brief.Record.Subject
	w.failing(brief, map[string]store.Failure{
		"a1": {At: w.clock().Add(-2 * time.Hour), Until: w.clock(), Problem: "tell channel:#eng-leads: chat.postMessage: refused: <not_in_channel>", Dead: true},
		"r1": {At: w.clock().Add(-time.Minute), Until: w.clock().Add(2 * time.Minute), Problem: "answer 503"},
	},
		signoff.Effect{Kind: signoff.TellNotice, Subject: s, Fact: "a1", Notice: &signoff.Notice{Kind: signoff.NoticeOverride, Override: "d-1"}},
		signoff.Effect{Kind: signoff.TellNotice, Subject: s, Fact: "n1", Notice: &signoff.Notice{Kind: signoff.NoticeClosed}},
		signoff.Effect{Kind: signoff.TellReply, Subject: s, Fact: "r1", Text: "no"},
	)
	w.must(w.db.PutPosted(t.Context(), store.Posted{Kind: store.PostedUnmapped, Scope: "7", Name: "99", Remote: "jo-b", At: w.clock().Add(-time.Hour)}))
	page := b.get("/operations").Body
	for _, want := range []string{
		"Slack: override", "acme/pay #1284", "/acme/pay/pull/1284", "refused: &lt;not_in_channel&gt;", "reply", "answer 503", "in 2 min", "@jo-b", "Try all of them now",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
	if strings.Contains(page, "Slack: closed") {
		t.Error("the page lists what does not fail")
	}
	sound(t, "/operations", page)
	if got := b.post("/operations/resend", url.Values{"all": {"1"}}); got.Code != seeOther {
		t.Fatalf("resend: %d\n%s", got.Code, got.Body)
	}
	letters, err := w.db.Letters(t.Context(), 10)
	if err != nil || len(letters) != 1 || letters[0].Effect.Fact != "r1" {
		t.Errorf("letters = %+v, %v, want what is not dead left alone", letters, err)
	}
	for range 2 { // what was sent meanwhile is no mistake
		if got := b.post("/operations/resend", url.Values{"key": {letters[0].Key}}); got.Code != seeOther {
			t.Errorf("resend one: %d\n%s", got.Code, got.Body)
		}
	}
	if letters, err := w.db.Letters(t.Context(), 10); err != nil || len(letters) != 0 {
		t.Errorf("letters = %+v, %v, want none", letters, err)
	}
}
