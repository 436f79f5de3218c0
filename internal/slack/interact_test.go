package slack

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// acted keeps facts as the store does, by their ids.
type acted struct {
	mu    sync.Mutex
	err   error
	facts map[string]signoff.Fact
	of    signoff.Subject
}

func (a *acted) Act(_ context.Context, s signoff.Subject, f signoff.Fact) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.err != nil {
		return a.err
	}
	if a.facts == nil {
		a.facts = map[string]signoff.Fact{}
	}
	a.facts[f.ID], a.of = f, s
	return nil
}

// press is the payload of a button.
func press(action, value, at string) string {
	text, err := json.Marshal(map[string]any{
		"type": "block_actions", "user": map[string]any{"id": "USAM"}, "api_app_id": "A1", "response_url": "https://evil.example/",
		"container": map[string]any{"type": "message", "channel_id": "C1", "message_ts": "1.2", "thread_ts": "1.1"},
		"channel":   map[string]any{"id": "C1", "name": "eng-leads"},
		"actions":   []any{map[string]any{"type": "button", "block_id": "x", "action_id": action, "value": value, "action_ts": at}},
	})
	if err != nil {
		panic(err) // unreachable: a map of texts
	}
	return string(text)
}

func sign(r *http.Request, body, secret string, at time.Time) {
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
	r.Header.Set("X-Slack-Request-Timestamp", stamp)
	r.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
}

func send(in *Interactions, payload string) int {
	return sendBody(in, url.Values{"payload": {payload}}.Encode(), testSecret, time.Now())
}

func sendBody(in *Interactions, body, secret string, at time.Time) int {
	r := httptest.NewRequest(http.MethodPost, "/slack/interactions", strings.NewReader(body))
	sign(r, body, secret, at)
	w := httptest.NewRecorder()
	in.ServeHTTP(w, r)
	in.Wait()
	return w.Code
}

// briefed knows one pull request with an override that stands and one that does
// not.
type briefed struct{ brief report.Brief }

func (b briefed) Brief(_ context.Context, s signoff.Subject) (report.Brief, error) {
	if s != b.brief.Record.Subject {
		return report.Brief{}, fmt.Errorf("view of %s: %w", s.Key(), store.ErrNotFound)
	}
	return b.brief, nil
}

func (w *world) interactions() (*Interactions, *acted) {
	a := &acted{}
	b := overridden(overridden(waiting(), "d-1"), "d-2")
	b.Record.Overrides[1].Void = "pushed 77d01e4"
	used := &b.Record.Overrides[0]
	used.Since, used.Line = w.clock.now(), [][]signoff.Account{{sam}}
	return w.slack.Interactions(a, briefed{b}), a
}

var value = pull.Key() + " d-1"

func TestAcknowledge(t *testing.T) {
	w := newWorld(t)
	w.link(sam, "USAM")
	in, a := w.interactions()
	payload := press(report.AcknowledgeAction, value, "1.1")
	for range 3 { // Slack sends again what was not answered in time
		if got := send(in, payload); got != http.StatusOK {
			t.Fatalf("answer %d, want 200", got)
		}
	}
	again, _ := w.interactions() // another process
	again.acts = a
	if got := send(again, payload); got != http.StatusOK {
		t.Fatalf("answer %d, want 200", got)
	}
	if len(a.facts) != 1 || a.of != pull {
		t.Fatalf("facts = %+v of %+v, want one of %+v", a.facts, a.of, pull)
	}
	for id, f := range a.facts {
		if f.Kind != signoff.Commanded || f.Command == nil || f.Command.Verb != acknowledged || f.Command.Object != "d-1" || f.Actor != sam || f.ID != id || !f.At.Equal(w.clock.now()) {
			t.Errorf("fact = %+v", f)
		}
	}
	// Pressed again is another payload.
	if got := send(in, press(report.AcknowledgeAction, value, "2.2")); got != http.StatusOK || len(a.facts) != 2 {
		t.Errorf("answer %d and %d facts, want 200 and 2", got, len(a.facts))
	}
	if n := len(w.calls); n > 0 {
		t.Errorf("Slack was called: %v", w.calls)
	}
}

// TestNotStored: what could not be stored is shown as failed, and may be sent
// again.
func TestNotStored(t *testing.T) {
	w := newWorld(t)
	w.link(sam, "USAM")
	in, a := w.interactions()
	a.err = errors.New("the disk is full")
	payload := press(report.AcknowledgeAction, value, "1.1")
	if got := send(in, payload); got != http.StatusServiceUnavailable {
		t.Errorf("answer %d, want 503", got)
	}
	a.err = nil
	if got := send(in, payload); got != http.StatusOK || len(a.facts) != 1 {
		t.Errorf("sent again: answer %d, facts %v", got, a.facts)
	}
}

// TestWhispers: who cannot be taken at their word is told so, once, and where to
// go. Nothing is recorded.
func TestWhispers(t *testing.T) {
	for _, tt := range []struct {
		name, action, value string
		linked              bool
		want, button        string
	}{
		{"not linked", report.AcknowledgeAction, value, false, "you have not shown yet who you are", "https://bar.example/slack/link?token="},
		{"of an older version", "approve", value, true, "does nothing", ""},
		{"about nothing", report.AcknowledgeAction, "x", true, "does nothing", ""},
		{"the change moved on", report.AcknowledgeAction, pull.Key() + " d-2", true, "holds no longer: pushed 77d01e4", "https://bar.example/acme/pay/pull/1284"},
		{"not theirs to say", report.AcceptAction, value, true, "who may: dora-m", "https://bar.example/acme/pay/pull/1284"},
		{"no such override", report.AcknowledgeAction, pull.Key() + " d-9", true, "no such override", "https://bar.example/acme/pay/pull/1284"},
	} {
		w := newWorld(t)
		if tt.linked {
			w.link(sam, "USAM")
		}
		in, a := w.interactions()
		if tt.name == "not theirs to say" {
			in.briefs.(briefed).brief.Record.Overrides[0].Line = [][]signoff.Account{{{ID: 15, Login: "dora-m"}}}
		}
		for range 2 {
			if got := send(in, press(tt.action, tt.value, "1.1")); got != http.StatusOK {
				t.Errorf("%s: answer %d, want 200", tt.name, got)
			}
		}
		if len(a.facts) > 0 || len(w.whispers) != 1 {
			t.Fatalf("%s: facts %v, whispers %v", tt.name, a.facts, w.whispers)
		}
		got := w.whispers[0]
		if got.User != "USAM" || got.Channel != "C1" || got.Thread != "1.1" {
			t.Errorf("%s: whispered %+v", tt.name, got)
		}
		if !strings.Contains(got.Text, tt.want) {
			t.Errorf("%s: text = %q, which lacks %q", tt.name, got.Text, tt.want)
		}
		if has := strings.Contains(string(got.Blocks), `"url":"`); has != (tt.button != "") || has && !strings.Contains(string(got.Blocks), `"url":"`+tt.button) {
			t.Errorf("%s: blocks = %s, want a button to %q", tt.name, got.Blocks, tt.button)
		}
	}
}

// TestRefusedInteractions: nothing comes of what Slack did not send, or not now.
func TestRefusedInteractions(t *testing.T) {
	good := url.Values{"payload": {press(report.AcknowledgeAction, value, "1.1")}}.Encode()
	for _, tt := range []struct {
		name, body, secret string
		age                time.Duration
		want               int
	}{
		{"of another secret", good, "other", 0, http.StatusUnauthorized},
		{"of an empty secret", good, "", 0, http.StatusUnauthorized},
		{"too old", good, testSecret, 6 * time.Minute, http.StatusUnauthorized},
		{"of the future", good, testSecret, -6 * time.Minute, http.StatusUnauthorized},
		{"too long", good + "&x=" + strings.Repeat("x", maxBody), testSecret, 0, http.StatusRequestEntityTooLarge},
		{"empty", "", testSecret, 0, http.StatusBadRequest},
		{"no form", "%zz", testSecret, 0, http.StatusBadRequest},
		{"no JSON", "payload=%7B", testSecret, 0, http.StatusBadRequest},
		{"two payloads", good + "&" + good, testSecret, 0, http.StatusBadRequest},
		{"not a button", "payload=" + url.QueryEscape(`{"type":"view_submission"}`), testSecret, 0, http.StatusOK},
		{"a link", "payload=" + url.QueryEscape(press("open-0", "", "1.1")), testSecret, 0, http.StatusOK},
	} {
		w := newWorld(t)
		w.link(sam, "USAM")
		in, a := w.interactions()
		if got := sendBody(in, tt.body, tt.secret, time.Now().Add(-tt.age)); got != tt.want {
			t.Errorf("%s: answer %d, want %d", tt.name, got, tt.want)
		}
		if len(a.facts) > 0 || len(w.calls) > 0 {
			t.Errorf("%s: facts %v, calls %v", tt.name, a.facts, w.calls)
		}
	}
}

func TestUnsigned(t *testing.T) {
	w := newWorld(t)
	in, a := w.interactions()
	body := url.Values{"payload": {press(report.AcknowledgeAction, value, "1.1")}}.Encode()
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		rw := httptest.NewRecorder()
		in.ServeHTTP(rw, httptest.NewRequest(method, "/slack/interactions", strings.NewReader(body)))
		if want := map[string]int{http.MethodGet: 405, http.MethodPost: 401}[method]; rw.Code != want || rw.Body.Len() > 0 {
			t.Errorf("%s: answer %d %q, want %d without a word", method, rw.Code, rw.Body, want)
		}
	}
	// Without a secret of ours nothing is believed, least of all an empty one.
	w.slack.SigningSecret = ""
	if got := sendBody(in, body, "", time.Now()); got != http.StatusUnauthorized || len(a.facts) > 0 {
		t.Errorf("without a secret: answer %d, facts %v", got, a.facts)
	}
}

func TestForgetsPayloads(t *testing.T) {
	w := newWorld(t)
	in, _ := w.interactions()
	if !in.first("a") || in.first("a") {
		t.Error("a payload is not known again")
	}
	w.clock.add(seenTime + time.Second)
	if !in.first("b") || len(in.seen) != 1 {
		t.Errorf("seen = %v, want what is too old forgotten", in.seen)
	}
}
