package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
	"github.com/barraiser/barraiser/internal/store/storetest"
)

const (
	testToken  = "xoxb-not-a-secret"
	testSecret = "not a signing secret"
	self       = "UBOT"
)

// A workspace is a small Slack. It checks what it is sent as Slack does, and a
// bit more: what it is sent has to be inert.
type workspace struct {
	t      *testing.T
	url    string
	now    func() time.Time
	mu     sync.Mutex
	faults map[string][]fault // by method, the next one first

	mails    map[string]map[string]any // users by address
	zones    map[string]string         // of users by id
	names    map[string]string         // ids of channels by name
	archived map[string]string         // an error by channel
	calls    []string
	said     []said
	updates  []said
	whispers []said
	uploaded string // the last file
	serial   int
}

// said is a message.
type said struct {
	Channel, TS, Thread, Text, User string
	Broadcast                       bool
	Blocks, Metadata                json.RawMessage
}

// A fault is what happens in place of an answer, before or after the deed.
type fault struct {
	after      bool // it is done all the same
	cut        bool // no answer comes
	status     int
	retryAfter string
	body       string
}

func newWorkspace(t *testing.T, now func() time.Time) *workspace {
	w := &workspace{
		t: t, now: now, faults: map[string][]fault{}, mails: map[string]map[string]any{}, archived: map[string]string{},
		names: map[string]string{"general": "C0", "random": "C9", "eng-leads": "C1"},
	}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	w.url = server.URL + "/api/"
	return w
}

// methods has a row for each method that it knows.
var methods = map[string]func(w *workspace, form url.Values) map[string]any{
	"auth.test": func(*workspace, url.Values) map[string]any {
		return map[string]any{"user_id": self, "bot_id": "BBOT"}
	},
	"users.lookupByEmail": func(w *workspace, form url.Values) map[string]any {
		if user := w.mails[form.Get("email")]; user != nil {
			return map[string]any{"user": user}
		}
		return refusal("users_not_found")
	},
	"users.info": func(w *workspace, form url.Values) map[string]any {
		id := form.Get("user")
		return map[string]any{"user": map[string]any{"id": id, "tz": w.zones[id]}}
	},
	"conversations.open": func(w *workspace, form url.Values) map[string]any {
		member := form.Get("users")
		if strings.HasPrefix(member, "UGONE") {
			return refusal("user_disabled")
		}
		return map[string]any{"channel": map[string]any{"id": "D" + strings.TrimPrefix(member, "U")}}
	},
	"conversations.list": func(w *workspace, form url.Values) map[string]any {
		var list []map[string]any
		for _, name := range []string{"general", "random"} {
			list = append(list, map[string]any{"id": w.names[name], "name": name})
		}
		if form.Get("cursor") == "" {
			return map[string]any{"channels": list, "response_metadata": map[string]any{"next_cursor": "second"}}
		}
		return map[string]any{"channels": []map[string]any{{"id": "C1", "name": "eng-leads"}}}
	},
	"conversations.history": func(w *workspace, form url.Values) map[string]any { return w.read(form, "") },
	"conversations.replies": func(w *workspace, form url.Values) map[string]any { return w.read(form, form.Get("ts")) },
	"chat.postMessage": func(w *workspace, form url.Values) map[string]any {
		m := w.message(form)
		if code := w.archived[m.Channel]; code != "" {
			return refusal(code)
		}
		if m.Thread != "" && !slices.ContainsFunc(w.said, func(p said) bool { return p.TS == m.Thread && p.Channel == m.Channel && p.Thread == "" }) {
			return refusal("thread_not_found")
		}
		w.serial++
		m.TS, m.User = fmt.Sprintf("%d.%06d", w.now().Unix(), w.serial), self
		w.said = append(w.said, m)
		return map[string]any{"channel": m.Channel, "ts": m.TS}
	},
	"chat.update": func(w *workspace, form url.Values) map[string]any {
		m := w.message(form)
		m.TS = form.Get("ts")
		i := slices.IndexFunc(w.said, func(p said) bool { return p.TS == m.TS && p.Channel == m.Channel })
		if i < 0 {
			return refusal("message_not_found")
		}
		w.said[i].Text, w.said[i].Blocks, w.said[i].Metadata = m.Text, m.Blocks, m.Metadata
		w.updates = append(w.updates, m)
		return map[string]any{"channel": m.Channel, "ts": m.TS, "text": m.Text}
	},
	"files.getUploadURLExternal":   (*workspace).announce,
	"files.completeUploadExternal": (*workspace).complete,
	"chat.postEphemeral": func(w *workspace, form url.Values) map[string]any {
		m := w.message(form)
		m.User = form.Get("user")
		w.whispers = append(w.whispers, m)
		return map[string]any{"message_ts": "1.1"}
	},
}

func refusal(code string) map[string]any { return map[string]any{"ok": false, "error": code} }

func (w *workspace) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	method := strings.TrimPrefix(r.URL.Path, "/api/")
	w.calls = append(w.calls, method)
	if method == uploads {
		w.upload(rw, r)
		return
	}
	if r.Method != http.MethodPost || r.ParseForm() != nil || r.URL.RawQuery != "" {
		w.t.Errorf("%s: %s %s is not the form that Slack takes", method, r.Method, r.URL)
	}
	if got := r.Header.Get("Authorization"); got != "Bearer "+testToken {
		w.t.Errorf("%s: Authorization = %q", method, got)
	}
	deed := methods[method]
	if deed == nil {
		w.t.Errorf("no method %q", method)
		deed = func(*workspace, url.Values) map[string]any { return refusal("unknown_method") }
	}
	var f fault
	if queue := w.faults[method]; len(queue) > 0 {
		f, w.faults[method] = queue[0], queue[1:]
		if f.after {
			deed(w, r.PostForm)
		}
		w.fail(rw, f)
		return
	}
	answer := deed(w, r.PostForm)
	if answer["ok"] == nil {
		answer["ok"] = true
	}
	rw.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(rw).Encode(answer); err != nil {
		w.t.Error(err)
	}
}

func (w *workspace) fail(rw http.ResponseWriter, f fault) {
	if f.cut {
		panic(http.ErrAbortHandler) // closes the connection
	}
	if f.retryAfter != "" {
		rw.Header().Set("Retry-After", f.retryAfter)
	}
	rw.WriteHeader(f.status)
	fmt.Fprint(rw, f.body)
}

// read gives two messages a page, the newest first, as history does.
func (w *workspace) read(form url.Values, thread string) map[string]any {
	if form.Get("include_all_metadata") != "1" {
		w.t.Error("the metadata is not asked for")
	}
	oldest, err := strconv.ParseFloat(form.Get("oldest"), 64)
	if err != nil {
		w.t.Errorf("oldest: %v", err)
	}
	var list []map[string]any
	for _, m := range slices.Backward(w.said) {
		at, err := strconv.ParseFloat(m.TS, 64)
		if err != nil {
			w.t.Error(err)
		}
		if m.Channel != form.Get("channel") || m.Thread != thread || at < oldest {
			continue
		}
		list = append(list, map[string]any{"ts": m.TS, "text": m.Text, "user": m.User, "metadata": m.Metadata})
	}
	from, err := strconv.Atoi("0" + form.Get("cursor"))
	if err != nil {
		w.t.Error(err)
	}
	to := min(from+2, len(list))
	answer := map[string]any{"messages": list[min(from, to):to]}
	if to < len(list) {
		answer["has_more"], answer["response_metadata"] = true, map[string]any{"next_cursor": strconv.Itoa(to)}
	}
	return answer
}

func (w *workspace) message(form url.Values) said {
	m := said{
		Channel: form.Get("channel"), Thread: form.Get("thread_ts"), Text: form.Get("text"), Broadcast: form.Get("reply_broadcast") == "true",
		Blocks: json.RawMessage(form.Get("blocks")), Metadata: json.RawMessage(form.Get("metadata")),
	}
	if id := w.names[strings.TrimPrefix(m.Channel, "#")]; id != "" {
		m.Channel = id
	}
	w.check(form)
	return m
}

// hear adds what somebody else says.
func (w *workspace) hear(m said) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = append(w.said, m)
}

// count reports how often a method was called.
func (w *workspace) count(method string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.calls {
		if c == method {
			n++
		}
	}
	return n
}

// A world is a Slack of ours beside a workspace.
type world struct {
	*workspace
	slack *Slack
	clock *clock
	log   *strings.Builder
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

const acknowledged = signoff.VerbAcknowledge

func newWorld(t *testing.T) *world {
	t.Helper()
	c := &clock{at: workday}
	w := &world{workspace: newWorkspace(t, c.now), clock: c, log: &strings.Builder{}}
	w.slack = w.start(storetest.Open(t, store.SQLite))
	return w
}

// start makes a Slack of ours that remembers only what is in the store.
func (w *world) start(db *store.DB) *Slack {
	s, err := New(slog.New(slog.NewTextHandler(w.log, nil)), Config{
		Token: testToken, SigningSecret: testSecret, APIURL: strings.TrimSuffix(w.url, "/"), Store: db, Now: w.clock.now,
		Checkpoint: func(context.Context) (string, error) { return "ledger\n42\nhash\n\n— ledger sig\n", nil },
		Verbs:      map[string]signoff.Verb{report.AcknowledgeAction: acknowledged, report.AcceptAction: signoff.VerbAccept},
		LinkPage:   "https://bar.example/slack/link",
	})
	if err != nil {
		w.t.Fatal(err)
	}
	s.wait = func(_ context.Context, d time.Duration) error { w.clock.add(d); return nil }
	return s
}

// settle is a minute later, so that no message waits for its second.
func (w *world) settle() { w.clock.add(time.Minute) }

// workday is a Friday.
var workday = time.Date(2026, 11, 20, 11, 15, 0, 0, time.UTC)
