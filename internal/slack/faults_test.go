package slack

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/signoff"
)

// TestFaults: whatever goes wrong once, the message is told, and told once. The
// first attempt fails, the second is by a process that remembers nothing.
func TestFaults(t *testing.T) {
	const method = "chat.postMessage"
	for _, tt := range []struct {
		name    string
		fault   fault
		retryIn time.Duration // as the error says; 0: it does not
		looks   bool          // the second attempt looks whether it is there
	}{
		{"rate limit", fault{status: 429, retryAfter: "30"}, 30 * time.Second, false},
		{"rate limit without a time", fault{status: 429}, unsaidWait, false},
		{"rate limit for a week", fault{status: 429, retryAfter: "604800"}, longestWait, false},
		{"rate limit in the answer", fault{status: 200, body: `{"ok":false,"error":"ratelimited"}`}, unsaidWait, false},
		{"not in the channel", fault{status: 200, body: `{"ok":false,"error":"not_in_channel"}`}, 0, false},
		{"token withdrawn", fault{status: 200, body: `{"ok":false,"error":"token_revoked"}`}, 0, false},
		{"500, not done", fault{status: 500, body: "<html>"}, 0, true},
		{"503, done", fault{status: 503, after: true}, 0, true},
		{"cut, not done", fault{cut: true}, 0, true},
		{"cut, done", fault{cut: true, after: true}, 0, true},
		{"no JSON, done", fault{status: 200, body: "<html>", after: true}, 0, true},
		{"half an answer, done", fault{status: 200, body: `{"ok":true,"chan`, after: true}, 0, true},
		{"an answer without a message, done", fault{status: 200, body: `{"ok":true}`, after: true}, 0, true},
		{"no without a reason, not done", fault{status: 200, body: `{"ok":false}`}, 0, true},
		{"internal error, done", fault{status: 200, body: `{"ok":false,"error":"internal_error"}`, after: true}, 0, true},
		{"redirected", fault{status: 307}, 0, true},
		{"404 of a proxy", fault{status: 404}, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			// What others say meanwhile is on the same pages.
			for range 3 {
				w.hear(said{Channel: "C1", TS: "1", User: "UX", Text: "hello"})
			}
			w.faults[method] = []fault{tt.fault}
			b, e := overridden(waiting(), "d-1"), notice(signoff.NoticeOverride, "d-1")
			w.settle()
			err := w.slack.Notify(t.Context(), b, e)
			if err == nil || strings.Contains(err.Error(), testToken) {
				t.Fatalf("Notify() = %v, want an error without the token", err)
			}
			var limited *LimitedError
			if errors.As(err, &limited) != (tt.retryIn > 0) || tt.retryIn > 0 && limited.RetryAt().Sub(w.clock.now()) != tt.retryIn {
				t.Errorf("Notify() = %v, want to be told to wait %s", err, tt.retryIn)
			}
			for range 3 { // others go on talking
				w.settle()
				w.hear(said{Channel: "C1", TS: "1795173900.1", User: "UX", Text: "hello"})
			}
			w.clock.add(2 * time.Hour)
			w.slack = w.start(w.slack.Store)
			for range 2 {
				w.notify(b, e)
			}
			n := 0
			for _, m := range w.said {
				if m.User == self {
					n++
				}
			}
			if n != 1 {
				t.Errorf("told %d times, want once: %v", n, w.outline())
			}
			if looked := w.count("conversations.history") > 0; looked != tt.looks {
				t.Errorf("looked for it: %t, want %t", looked, tt.looks)
			}
		})
	}
}

// TestFaultAfterFault: a refusal says nothing of the attempt before it.
func TestFaultAfterFault(t *testing.T) {
	w := newWorld(t)
	w.faults["chat.postMessage"] = []fault{{cut: true}, {status: 429, retryAfter: "1"}}
	b, e := overridden(waiting(), "d-1"), notice(signoff.NoticeOverride, "d-1")
	for range 2 {
		w.settle()
		if err := w.slack.Notify(t.Context(), b, e); err == nil {
			t.Fatal("no error in spite of the fault")
		}
	}
	w.notify(b, e)
	if n := w.count("conversations.history"); n != 2 || len(w.said) != 1 {
		t.Errorf("looked %d times and told %v, want 2 and once", n, w.outline())
	}
}

// TestReplyFaults: the same in a thread.
func TestReplyFaults(t *testing.T) {
	asked, reminded := notice(signoff.NoticeAsked, "a1", maria), notice(signoff.NoticeReminder, "r1", maria)
	for _, after := range []bool{true, false} {
		w := newWorld(t)
		w.notify(waiting(), asked)
		w.faults["chat.postMessage"] = []fault{{cut: true, after: after}}
		w.settle()
		if err := w.slack.Notify(t.Context(), waiting(), reminded); err == nil {
			t.Fatal("no error though the line was cut")
		}
		w.notify(waiting(), reminded)
		want := []string{"DMARIA Still needs your sign-off", "DMARIA | Still needs your sign-off"}
		if d := cmp.Diff(want, w.outline()); d != "" || w.count("conversations.replies") == 0 {
			t.Errorf("cut, done %t: messages (-want +got):\n%s", after, d)
		}
	}
}

// TestUpdateFaults: an update that fails is made later, and never told twice.
func TestUpdateFaults(t *testing.T) {
	asked, reminded := notice(signoff.NoticeAsked, "a1", maria), notice(signoff.NoticeReminder, "r1", maria)
	for _, tt := range []struct {
		name  string
		fault fault
		err   bool
		want  string // the parent, at the end
	}{
		{"rate limit", fault{status: 429, retryAfter: "7"}, true, "Still needs your sign-off"},
		{"500", fault{status: 500}, true, "Still needs your sign-off"},
		{"cut, done", fault{cut: true, after: true}, true, "Still needs your sign-off"},
		{"closed for edits", fault{status: 200, body: `{"ok":false,"error":"edit_window_closed"}`}, false, "Your sign-off is asked"},
	} {
		w := newWorld(t)
		w.notify(waiting(), asked)
		w.faults["chat.update"] = []fault{tt.fault}
		w.settle()
		if err := w.slack.Notify(t.Context(), waiting(), reminded); (err != nil) != tt.err {
			t.Errorf("%s: Notify() = %v", tt.name, err)
		}
		w.notify(waiting(), reminded)
		want := []string{"DMARIA " + tt.want, "DMARIA | Still needs your sign-off"}
		if d := cmp.Diff(want, w.outline()); d != "" {
			t.Errorf("%s: messages (-want +got):\n%s", tt.name, d)
		}
	}
}

// TestParentDeleted: what is new begins a thread of its own; an end does not.
func TestParentDeleted(t *testing.T) {
	w := newWorld(t)
	w.notify(waiting(), notice(signoff.NoticeAsked, "a1", maria))
	w.said = nil
	w.notify(waiting(), notice(signoff.NoticeReminder, "r1", maria))
	want := []string{"DMARIA Still needs your sign-off"}
	if d := cmp.Diff(want, w.outline()); d != "" {
		t.Errorf("after a reminder (-want +got):\n%s", d)
	}
	w.said = nil
	w.notify(ended(waiting(), signoff.Closed), notice(signoff.NoticeClosed, "m1"))
	if len(w.said) > 0 {
		t.Errorf("after the end: %v, want nothing", w.outline())
	}
}

// TestForged: that another app says it told it does not keep us from telling it.
func TestForged(t *testing.T) {
	w := newWorld(t)
	w.faults["chat.postMessage"] = []fault{{cut: true, after: true}}
	b, e := overridden(waiting(), "d-1"), notice(signoff.NoticeOverride, "d-1")
	w.settle()
	if err := w.slack.Notify(t.Context(), b, e); err == nil {
		t.Fatal("no error though the line was cut")
	}
	w.mu.Lock()
	w.said[0].User = "UEVIL"
	w.mu.Unlock()
	w.notify(b, e)
	if len(w.said) != 2 || w.said[1].User != self {
		t.Errorf("messages = %v, want one of our own", w.outline())
	}
}

// TestNotToLook: where we may not read, it is told again rather than not at all.
func TestNotToLook(t *testing.T) {
	w := newWorld(t)
	w.faults["chat.postMessage"] = []fault{{cut: true}}
	w.faults["conversations.history"] = []fault{{status: 200, body: `{"ok":false,"error":"missing_scope","needed":"channels:history"}`}}
	b, e := overridden(waiting(), "d-1"), notice(signoff.NoticeOverride, "d-1")
	w.settle()
	if err := w.slack.Notify(t.Context(), b, e); err == nil {
		t.Fatal("no error though the line was cut")
	}
	w.notify(b, e)
	if len(w.said) != 1 || !strings.Contains(w.log.String(), "channels:history") {
		t.Errorf("messages = %v; the log says\n%s", w.outline(), w.log)
	}
}

// TestBlocksRefused: the words get through though the blocks do not.
func TestBlocksRefused(t *testing.T) {
	w := newWorld(t)
	w.faults["chat.postMessage"] = []fault{{status: 200, body: `{"ok":false,"error":"invalid_blocks"}`}}
	w.notify(overridden(waiting(), "d-1"), notice(signoff.NoticeOverride, "d-1"))
	if len(w.said) != 1 || len(w.said[0].Blocks) > 0 {
		t.Errorf("messages = %+v, want one without blocks", w.said)
	}
}

// TestNameNotFound: a channel that Slack does not find by its name is found in the
// list, also where it was made anew.
func TestNameNotFound(t *testing.T) {
	w := newWorld(t)
	no := fault{status: 200, body: `{"ok":false,"error":"channel_not_found"}`}
	for i := range 2 {
		w.faults["chat.postMessage"] = []fault{no}
		w.slack.learn("#eng-leads", []string{"", "CGONE"}[i])
		b, e := overridden(waiting(), "d-1"), notice(signoff.NoticeOverride, "d-1")
		e.Subject.Number = i
		w.notify(b, e)
	}
	if d := cmp.Diff([]string{"C1 Override", "C1 Override"}, w.outline()); d != "" {
		t.Errorf("messages (-want +got):\n%s", d)
	}
	w.faults["chat.postMessage"] = []fault{no}
	b, e := overridden(waiting(), "d-1"), notice(signoff.NoticeOverride, "d-1")
	b.Review.Policy.Overrides.Channel, e.Subject.Number = "#elsewhere", 9
	w.settle()
	if err := w.slack.Notify(t.Context(), b, e); !refused(err, noChannel) || !strings.Contains(w.log.String(), "#elsewhere") {
		t.Errorf("Notify() to no channel = %v; the log says\n%s", err, w.log)
	}
}

// TestLimitHolds: nothing is sent before the time that Slack asked for.
func TestLimitHolds(t *testing.T) {
	w := newWorld(t)
	w.faults["chat.postMessage"] = []fault{{status: 429, retryAfter: "600"}}
	b, e := overridden(waiting(), "d-1"), notice(signoff.NoticeOverride, "d-1")
	for range 3 {
		var limited *LimitedError
		if err := w.slack.Notify(t.Context(), b, e); !errors.As(err, &limited) {
			t.Errorf("Notify() = %v, want to be told when", err)
		}
		w.settle()
	}
	if n := w.count("chat.postMessage"); n != 1 {
		t.Errorf("%d requests within the time, want 1", n)
	}
	w.clock.add(10 * time.Minute)
	w.notify(b, e)
	if len(w.said) != 1 {
		t.Errorf("messages = %v, want one", w.outline())
	}
}

// TestDeadline: a Slack that does not answer holds nobody up for longer than
// the caller likes.
func TestDeadline(t *testing.T) {
	w := newWorld(t)
	hold := make(chan struct{})
	w.slack.api = nil
	s, err := New(w.slack.log, Config{Token: testToken, Store: w.slack.Store, Now: w.clock.now, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		close(hold)
		<-r.Context().Done()
		return nil, r.Context().Err()
	})})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	go func() { <-hold; stop() }()
	if err := s.Notify(ctx, overridden(waiting(), "d-1"), notice(signoff.NoticeOverride, "d-1")); !errors.Is(err, context.Canceled) {
		t.Errorf("Notify() = %v, want canceled", err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestCheckpointFails: management is told all the same.
func TestCheckpointFails(t *testing.T) {
	w := newWorld(t)
	w.slack.Checkpoint = func(context.Context) (string, error) { return "", errors.New("the disk is full") }
	w.notify(overridden(waiting(), "d-1"), notice(signoff.NoticeOverride, "d-1"))
	if len(w.said) != 1 || !json.Valid(w.said[0].Metadata) || !strings.Contains(w.log.String(), "the disk is full") {
		t.Errorf("messages = %v; the log says\n%s", w.outline(), w.log)
	}
}
