package slack

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/store"
)

// write is what somebody writes after the command of the app, and what they see.
func (w *world) write(member, text string) string {
	w.t.Helper()
	status, answer := w.post(url.Values{"user_id": {member}, "user_name": {"sam"}, "team_domain": {"acme"}, "command": {"/bar-raiser"}, "text": {text}}, testSecret)
	if status != http.StatusOK {
		w.t.Fatalf("%q: answer %d, want 200", text, status)
	}
	var said struct {
		Type   string `json:"response_type"`
		Text   string
		Blocks []block
	}
	if err := json.Unmarshal([]byte(answer), &said); err != nil || said.Type != "ephemeral" {
		w.t.Fatalf("%q: answer %s, %v, want one for who asked alone", text, answer, err)
	}
	for _, b := range said.Blocks {
		for _, e := range b.Elements {
			return said.Text + " " + e.URL
		}
	}
	return said.Text
}

func (w *world) post(form url.Values, secret string) (int, string) {
	w.t.Helper()
	body := form.Encode()
	r := httptest.NewRequest(http.MethodPost, "/slack/commands", strings.NewReader(body))
	sign(r, body, secret, time.Now())
	rw := httptest.NewRecorder()
	w.slack.Commands().ServeHTTP(rw, r)
	return rw.Code, rw.Body.String()
}

// value is what the address of a link holds.
func linkValue(t *testing.T, text string) string {
	t.Helper()
	_, address, ok := strings.Cut(text, "https://bar.example/slack/link?")
	q, err := url.ParseQuery(address)
	if !ok || err != nil || q.Get("token") == "" {
		t.Fatalf("%q has no link", text)
	}
	return q.Get("token")
}

func TestCommands(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct{ text, want string }{
		{"", "not shown yet who you are"},
		{"dance", "`link` shows who you are"},
		{"unlink", "nothing to take back"},
	} {
		if got := w.write("USAM", tt.text); !strings.Contains(got, tt.want) {
			t.Errorf("%q = %q, which lacks %q", tt.text, got, tt.want)
		}
	}
	value := linkValue(t, w.write("USAM", " Link "))
	l, err := w.slack.Store.SlackLink(t.Context(), LinkHash(value), w.clock.now().Add(linkLife-time.Second))
	if err != nil || l.Member != "USAM" || l.Name != "sam" || l.Team != "acme" {
		t.Fatalf("SlackLink = %+v, %v", l, err)
	}
	if _, err := w.slack.Store.SlackLink(t.Context(), LinkHash(value), w.clock.now().Add(linkLife)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a link a quarter of an hour later: %v, want %v", err, store.ErrNotFound)
	}
	if again := linkValue(t, w.write("USAM", "link")); again == value {
		t.Error("two links hold the same value")
	}
	w.link(sam, "USAM")
	for _, tt := range []struct{ text, want string }{
		{"", "You are sam-r on GitHub"},
		{"link", "You are sam-r on GitHub now"},
		{"unlink", "not sam-r here any more"},
		{"unlink", "nothing to take back"},
	} {
		if got := w.write("USAM", tt.text); !strings.Contains(got, tt.want) {
			t.Errorf("%q = %q, which lacks %q", tt.text, got, tt.want)
		}
	}
	w.slack.LinkPage = ""
	if got := w.write("USAM", "link"); !strings.Contains(got, "not configured") {
		t.Errorf("link without sign-in = %q", got)
	}
}

// TestRefusedCommands: nothing comes of what Slack did not sign, and nobody is
// linked by it.
func TestRefusedCommands(t *testing.T) {
	w := newWorld(t)
	w.link(sam, "USAM")
	if status, answer := w.post(url.Values{"user_id": {"USAM"}, "text": {"unlink"}}, "other"); status != http.StatusUnauthorized || answer != "" {
		t.Errorf("of another secret: %d %q, want 401 without a word", status, answer)
	}
	rw := httptest.NewRecorder()
	w.slack.Commands().ServeHTTP(rw, httptest.NewRequest(http.MethodGet, "/slack/commands", nil))
	if rw.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d, want 405", rw.Code)
	}
	if _, err := w.slack.Store.PersonInSlack(t.Context(), "USAM"); err != nil {
		t.Errorf("unlinked by whoever it was: %v", err)
	}
	if status, answer := w.post(url.Values{"text": {"link"}}, testSecret); status != http.StatusOK || !strings.Contains(answer, "Something went wrong") {
		t.Errorf("of nobody: %d %q", status, answer)
	}
}

// TestLinkThenPress: a button does nothing, then offers the link, and counts once
// the link was used.
func TestLinkThenPress(t *testing.T) {
	w := newWorld(t)
	in, a := w.interactions()
	send(in, press(report.AcknowledgeAction, value, "1.1"))
	if len(a.facts) != 0 || len(w.whispers) != 1 {
		t.Fatalf("facts %v, whispers %v", a.facts, w.whispers)
	}
	var blocks []block
	if err := json.Unmarshal(w.whispers[0].Blocks, &blocks); err != nil || len(blocks) != 2 {
		t.Fatalf("blocks = %s, %v", w.whispers[0].Blocks, err)
	}
	token := linkValue(t, blocks[1].Elements[0].URL)
	if _, err := w.slack.Store.UseSlackLink(t.Context(), LinkHash(token), store.Person{ID: sam.ID, Login: sam.Login}, w.clock.now()); err != nil {
		t.Fatal(err)
	}
	if send(in, press(report.AcknowledgeAction, value, "2.2")); len(a.facts) != 1 {
		t.Errorf("facts = %v, want one", a.facts)
	}
}
