package slack

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/signoff"
)

var update = flag.Bool("update", false, "rewrite the goldens")

func TestGoldens(t *testing.T) {
	branch := report.Brief{
		Record: signoff.Record{
			Subject:   signoff.Subject{Installation: 7, Repository: 42, Kind: signoff.Branch, Ref: "release/v1.2"},
			Overrides: []signoff.Override{{ID: "push:" + head, Entry: 7, By: sam, Commit: head, Reason: "pushed 3 past all pull requests"}},
		},
		Review: waiting().Review, Pull: signoff.Pull{Repo: waiting().Pull.Repo},
		Links: report.Links{Page: "https://bar.example/acme/pay/pull/0"},
	}
	push := notice(signoff.NoticeOverride, "push:"+head)
	push.Subject = branch.Record.Subject
	for _, tt := range []struct {
		name  string
		brief report.Brief
		e     signoff.Effect
	}{
		{"asked", waiting(), notice(signoff.NoticeAsked, "a1", maria)},
		{"asked-named", waiting(), notice(signoff.NoticeAsked, "a1", sam)},
		{"override", overridden(waiting(), "d-1"), notice(signoff.NoticeOverride, "d-1")},
		{"override-push", branch, push},
	} {
		w := newWorld(t)
		w.notify(tt.brief, tt.e)
		if len(w.said) != 1 {
			t.Fatalf("%s: %d messages, want one", tt.name, len(w.said))
		}
		w.said[0].TS = "" // of the clock
		golden(t, tt.name+".json", w.said[0])
	}
}

func golden(t *testing.T, name string, v any) {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), b.String()); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

// TestOverrideNames: who reads only the notification learns which change it is,
// and who did it.
func TestOverrideNames(t *testing.T) {
	w := newWorld(t)
	w.notify(overridden(waiting(), "d-1"), notice(signoff.NoticeOverride, "d-1"))
	w.notify(ended(overridden(waiting(), "d-1"), signoff.MergedOverridden), notice(signoff.NoticeClosed, "m1"))
	if len(w.updates) != 1 {
		t.Fatalf("%d updates, want one: by now it is merged", len(w.updates))
	}
	for _, want := range []string{"acme/pay", "#1284", "sam-r"} {
		if !strings.Contains(w.said[0].Text, want) {
			t.Errorf("text = %q, which lacks %q", w.said[0].Text, want)
		}
	}
	var m struct {
		EventType    string            `json:"event_type"`
		EventPayload map[string]string `json:"event_payload"`
	}
	if err := json.Unmarshal(w.said[0].Metadata, &m); err != nil {
		t.Fatal(err)
	}
	if m.EventType != "barraiser" || m.EventPayload["subject"] != pull.Key() || !strings.HasPrefix(m.EventPayload["checkpoint"], "ledger\n42\n") {
		t.Errorf("metadata = %+v", m)
	}
}

// TestHostile: what the workspace checks of each message holds whatever is
// written outside.
func TestHostile(t *testing.T) {
	for i, evil := range []string{
		"<!channel> <!here> <@U1> <#C1|x>", "@here @channel", "<https://evil.example|ours>", strings.Repeat("&", 5000), strings.Repeat("日本", 5000),
		"> quote\n*bold*\n```", "\u202e\u200b<!everyone>", "#1284 <!channel>",
	} {
		w, b := newWorld(t), overridden(waiting(), "d-1")
		b.Pull.Title, b.Pull.Body = evil, "## Press release\n\n"+evil
		b.Pull.Repo.Name = evil
		b.Record.Overrides[0].Reason, b.Record.Overrides[0].By.Login = evil, evil
		b.Record.Overrides[0].Data, b.Record.Overrides[0].FollowUp, b.Record.Overrides[0].Against = evil, evil, []string{evil}
		w.notify(b, notice(signoff.NoticeOverride, "d-1"))
		b.Record.State = signoff.Awaiting
		w.notify(b, notice(signoff.NoticeAsked, "a1", signoff.Account{ID: 99, Login: evil}))
		b.Record.Subject = signoff.Subject{Installation: 7, Repository: 42, Kind: signoff.Branch, Ref: evil}
		b.Record.Overrides[0].Commit = evil
		e := notice(signoff.NoticeOverride, "d-1")
		e.Subject = b.Record.Subject
		w.notify(b, e)
		if len(w.said) != 3 {
			t.Errorf("case %d: %d messages, want 3", i, len(w.said))
		}
	}
}

// TestDrawLimits: also what is far too long is sent in a form that Slack takes.
func TestDrawLimits(t *testing.T) {
	w := newWorld(t)
	for _, s := range []string{"x", "&amp;", "語"} {
		long := strings.Repeat(s, 10_000)
		m := report.SlackMessage{Fallback: long, Header: long}
		for range 100 {
			m.Lines = append(m.Lines, long)
			m.Fields = append(m.Fields, report.SlackField{Label: "Debt", Value: long})
			m.Buttons = append(m.Buttons, report.SlackButton{Label: long, URL: "https://bar.example/"}, report.SlackButton{Label: "x", URL: "https://bar.example/" + long})
		}
		drawn := draw(pull, m, nil)
		l := letter{channel: "C1", message: drawn}
		if _, err := w.slack.post(t.Context(), l); err != nil {
			t.Error(err)
		}
		if n := len(drawn.blocks); n != mostBlocks {
			t.Errorf("of %q: %d blocks, want %d", s, n, mostBlocks)
		}
	}
	if got := clip("abc &amp; d", 8); got != "abc …" {
		t.Errorf("clip() = %q, which cuts an entity", got)
	}
}

// TestActionsNotKnown: a button that would do nothing is not shown.
func TestActionsNotKnown(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"no such fact":      func(c *Config) { c.Verbs = nil },
		"no signing secret": func(c *Config) { c.SigningSecret = "" },
	} {
		w := newWorld(t)
		c := w.slack.Config
		change(&c)
		var err error
		if w.slack, err = New(w.slack.log, c); err != nil {
			t.Fatal(err)
		}
		w.notify(overridden(waiting(), "d-1"), notice(signoff.NoticeOverride, "d-1"))
		if blocks := string(w.said[0].Blocks); strings.Contains(blocks, "Acknowledge") || !strings.Contains(blocks, "Open PR") {
			t.Errorf("%s: buttons in %s", name, blocks)
		}
	}
	if _, err := New(nil, Config{}); err == nil {
		t.Error("New() without a token = nil, want an error")
	}
}

// TestManifest: the app may do all that the program calls.
func TestManifest(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "slack-manifest.yml"))
	if err != nil {
		t.Fatal(err)
	}
	// Source: docs.slack.dev/reference/methods.
	scopes := map[string][]string{
		"auth.test": nil, "chat.postMessage": {"chat:write"}, "chat.update": {"chat:write"}, "chat.postEphemeral": {"chat:write"},
		"conversations.open": {"im:write"}, "conversations.history": {"channels:history", "groups:history", "im:history"},
		"conversations.replies": {"channels:history", "groups:history", "im:history"}, "conversations.list": {"channels:read", "groups:read"},
		"users.lookupByEmail": {"users:read.email"}, "users.info": {"users:read"},
		"files.getUploadURLExternal": {"files:write"}, "files.completeUploadExternal": {"files:write"},
	}
	for method := range methods {
		needed, ok := scopes[method]
		if !ok {
			t.Errorf("which scopes does %s need?", method)
		}
		for _, scope := range needed {
			if !strings.Contains(string(text), fmt.Sprintf("      - %s\n", scope)) {
				t.Errorf("%s needs %s, which the manifest does not ask for", method, scope)
			}
		}
	}
	for _, path := range []string{"/slack/interactions\n", "/slack/commands\n", "- command: /bar-raiser\n", "      - commands\n"} {
		if !strings.Contains(string(text), path) {
			t.Errorf("the manifest lacks %q", path)
		}
	}
}
