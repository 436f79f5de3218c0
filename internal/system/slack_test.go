package system_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/slack/slacktest"
)

const (
	slackToken  = "xoxb-not-a-secret"
	slackSecret = "not a signing secret"
)

// A slackEmulator is vercel-labs' emulate as a Slack, written by others, as a
// process on loopback.
type slackEmulator struct {
	t      *testing.T
	api    string
	out    bytes.Buffer
	calls  int               // of the test
	clicks int               // each has a time of its own
	last   url.Values        // click
	places map[string]string // ids, by "#eng-leads" and "@maria-k"
}

// It lets a token call 5,000 times an hour, and a test that waits asks often: so it
// has tokens of its own, one after the other.
const (
	readers      = 10
	callsOfEach  = 4000
	readerPrefix = "xoxb-reader-"
)

func newSlackEmulator(t *testing.T) *slackEmulator {
	t.Helper()
	script, node, err := installed()
	if err != nil && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	must(t, err)
	type object = map[string]any
	users := []object{{"name": "barraiser", "email": "bar@acme.example"}}
	for _, login := range people {
		users = append(users, object{"name": login, "email": login + "@acme.example"})
	}
	scopes := []string{
		"chat:write", "im:write", "channels:history", "groups:history", "im:history", "channels:read", "groups:read", "users:read", "users:read.email",
	}
	tokens := []object{{"token": slackToken, "user": "barraiser", "scopes": scopes}}
	for i := range readers {
		tokens = append(tokens, object{"token": readerPrefix + strconv.Itoa(i), "user": "barraiser", "scopes": scopes})
	}
	seed, err := json.Marshal(object{"slack": object{
		"team": object{"name": "Acme", "domain": "acme"}, "users": users,
		"channels": []object{{"name": "general"}, {"name": "eng-leads"}},
		"tokens":   tokens,
	}})
	must(t, err)
	file := filepath.Join(t.TempDir(), "slack.json")
	must(t, os.WriteFile(file, seed, 0o600))
	port := strconv.Itoa(freePort(t))
	// The name counts: it routes by the host.
	e := &slackEmulator{t: t, api: "http://localhost:" + port + "/api/", places: map[string]string{}}
	c := exec.Command(node, script, "start", "--service", "slack", "--seed", file, "--port", port)
	c.Stdout, c.Stderr = &e.out, &e.out
	must(t, c.Start())
	t.Cleanup(func() {
		_ = c.Process.Kill() // it may have ended
		_ = c.Wait()
		if t.Failed() {
			t.Logf("the emulated Slack said:\n%s", &e.out)
		}
	})
	eventually(t, "the emulated Slack answers", func() bool {
		conn, err := net.Dial("tcp", "localhost:"+port)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	return e
}

// call asks Slack as the bot.
func (e *slackEmulator) call(method string, form url.Values, into any) {
	e.t.Helper()
	ctx, stop := context.WithTimeout(context.WithoutCancel(e.t.Context()), patience)
	defer stop()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.api+method, strings.NewReader(form.Encode()))
	must(e.t, err)
	r.Header.Set("Authorization", "Bearer "+readerPrefix+strconv.Itoa(e.calls/callsOfEach%readers))
	e.calls++
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(r)
	must(e.t, err)
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		e.t.Fatalf("%s: %s", method, resp.Status)
	}
	must(e.t, json.NewDecoder(resp.Body).Decode(into))
}

// member is the id of somebody there.
func (e *slackEmulator) member(login string) string {
	e.t.Helper()
	var found struct{ User struct{ ID string } }
	e.call("users.lookupByEmail", url.Values{"email": {login + "@acme.example"}}, &found)
	if found.User.ID == "" {
		e.t.Fatalf("%s is not known in Slack", login)
	}
	return found.User.ID
}

// place is the id of "#eng-leads", or of the direct messages with "@maria-k".
func (e *slackEmulator) place(where string) string {
	e.t.Helper()
	if e.places[where] == "" {
		e.places[where] = e.find(where)
	}
	return e.places[where]
}

func (e *slackEmulator) find(where string) string {
	e.t.Helper()
	if login, direct := strings.CutPrefix(where, "@"); direct {
		var opened struct{ Channel struct{ ID string } }
		e.call("conversations.open", url.Values{"users": {e.member(login)}}, &opened)
		return opened.Channel.ID
	}
	var list struct {
		Channels []struct{ ID, Name string }
	}
	e.call("conversations.list", url.Values{}, &list)
	for _, c := range list.Channels {
		if "#"+c.Name == where {
			return c.ID
		}
	}
	e.t.Fatalf("there is no %s in Slack", where)
	return ""
}

type slackMessage struct {
	TS       string
	ThreadTS string `json:"thread_ts"`
	Text     string
	Blocks   json.RawMessage
	Metadata struct {
		Payload map[string]any `json:"event_payload"`
	}
}

// said are the messages in a place, the oldest first, each parent with its thread
// behind it.
func (e *slackEmulator) said(where string) (out []slackMessage) {
	e.t.Helper()
	at := e.place(where)
	read := func(method, thread string) []slackMessage {
		form := url.Values{"channel": {at}, "limit": {"200"}, "include_all_metadata": {"true"}}
		if thread != "" {
			form.Set("ts", thread)
		}
		var page struct{ Messages []slackMessage }
		e.call(method, form, &page)
		slices.SortFunc(page.Messages, func(a, b slackMessage) int { return strings.Compare(a.TS, b.TS) })
		return page.Messages
	}
	for _, parent := range read("conversations.history", "") {
		if parent.ThreadTS != "" && parent.ThreadTS != parent.TS {
			continue // of a thread, and shown outside of it as well
		}
		out = append(out, parent)
		for _, m := range read("conversations.replies", parent.TS) {
			if m.TS != parent.TS {
				m.ThreadTS = parent.TS
				out = append(out, m)
			}
		}
	}
	return out
}

// words are a message as people read it.
func (m slackMessage) words() string {
	return slacktest.Message{Text: m.Text, Blocks: m.Blocks}.String()
}

// tells waits for a message with texts, and returns it: the newest, since a parent is
// edited a moment after the reply to show the same.
func (e *slackEmulator) tells(where string, texts ...string) (found slackMessage) {
	e.t.Helper()
	eventually(e.t, fmt.Sprintf("%s is told %q", where, texts), func() bool {
		for _, m := range slices.Backward(e.said(where)) {
			words := m.words()
			if !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(words, text) }) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

// press has a member press a button, as Slack would send it, and returns the
// status of the answer.
func (e *slackEmulator) press(server, login, where, action, value string) int {
	e.t.Helper()
	at := e.place(where)
	e.clicks++
	payload, err := json.Marshal(map[string]any{
		"type": "block_actions", "user": map[string]any{"id": e.member(login), "name": login}, "team": map[string]any{"domain": "acme"},
		"container": map[string]any{"type": "message", "channel_id": at}, "channel": map[string]any{"id": at},
		"actions": []any{map[string]any{"type": "button", "block_id": "b", "action_id": action, "value": value, "action_ts": fmt.Sprintf("%d.1", e.clicks)}},
	})
	must(e.t, err)
	e.last = url.Values{"payload": {string(payload)}}
	return e.again(server)
}

// again sends the last click, as Slack does where it had no answer in time.
func (e *slackEmulator) again(server string) int {
	e.t.Helper()
	status, _ := e.send(server+"/slack/interactions", e.last)
	return status
}

// command has a member write after the command of the app, and returns what only
// they see.
func (e *slackEmulator) command(server, login, text string) string {
	e.t.Helper()
	status, answer := e.send(server+"/slack/commands", url.Values{
		"user_id": {e.member(login)}, "user_name": {login}, "team_domain": {"acme"}, "text": {text},
	})
	if status != http.StatusOK {
		e.t.Fatalf("/bar-raiser %s: %d %s", text, status, answer)
	}
	return answer
}

// send signs a form as Slack does, and sends it.
func (e *slackEmulator) send(address string, form url.Values) (int, string) {
	e.t.Helper()
	body, stamp := form.Encode(), strconv.FormatInt(time.Now().Unix(), 10)
	mac := hmac.New(sha256.New, []byte(slackSecret))
	fmt.Fprintf(mac, "v0:%s:%s", stamp, body)
	r, err := http.NewRequestWithContext(e.t.Context(), http.MethodPost, address, strings.NewReader(body))
	must(e.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Slack-Request-Timestamp", stamp)
	r.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	resp, err := http.DefaultClient.Do(r)
	must(e.t, err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	must(e.t, err)
	return resp.StatusCode, string(answer)
}
