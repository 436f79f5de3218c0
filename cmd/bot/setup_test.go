package main

import (
	"bytes"
	"context"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/github"
	"github.com/barraiser/barraiser/internal/github/githubtest"
)

// TestSetup starts a server without an App, registers one on the page as a person
// would, and is served by the App that there is then, without a restart.
func TestSetup(t *testing.T) {
	hub, err := githubtest.New(githubtest.Options{Dir: t.TempDir()})
	check(t, err)
	t.Cleanup(func() { check(t, hub.Close()) })
	_, err = hub.AddOrg("acme")
	check(t, err)
	data := filepath.Join(t.TempDir(), "data")
	args := []string{"serve", "--listen", "127.0.0.1:0", "--data-dir", data, "--sandbox", "off",
		"--github-api-url", hub.URL() + "/", "--github-web-url", hub.URL() + "/", "--github-git-url", hub.URL() + "/"}
	ctx, stop := context.WithCancel(t.Context())
	var said lockedText
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, args, strings.NewReader(""), io.Discard, &said) }()
	until := func(what string, is func() bool) {
		t.Helper()
		for deadline := time.Now().Add(3 * time.Minute); !is(); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("not so: %s\n%s", what, said.String())
			}
		}
	}
	link := regexp.MustCompile(`http://\S+/setup\?token=\S+`)
	until("a link is printed", func() bool { return link.MatchString(said.String()) })
	page, err := url.Parse(link.FindString(said.String()))
	check(t, err)
	here := "http://" + page.Host
	get := func(address string) (int, string) {
		t.Helper()
		resp, err := http.Get(address)
		check(t, err)
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		check(t, err)
		return resp.StatusCode, string(body)
	}
	for address, want := range map[string]int{
		here + "/setup": 404, here + "/setup?token=x": 404, here + "/setup/callback?code=c&state=x": 404, here + "/setup/callback?code=c": 404,
		here + "/": 503, here + "/readyz": 503, here + "/healthz": 200,
	} {
		if status, _ := get(address); status != want {
			t.Errorf("GET %s = %d, want %d", address, status, want)
		}
	}
	_, drawn := get(page.String() + "&organisation=acme")
	field := func(pattern string) string {
		t.Helper()
		m := regexp.MustCompile(pattern).FindStringSubmatch(drawn)
		if m == nil {
			t.Fatalf("the page has no %s:\n%s", pattern, drawn)
		}
		return html.UnescapeString(m[1])
	}
	action, manifest := field(`method="post" action="([^"]+)"`), field(`name="manifest" value="([^"]+)"`)
	if !strings.HasPrefix(action, hub.URL()+"/organizations/acme/settings/apps/new?state=") {
		t.Errorf("posted to %s", action)
	}
	var asks struct {
		Permissions map[string]string    `json:"default_permissions"`
		Hook        struct{ URL string } `json:"hook_attributes"`
	}
	check(t, json.Unmarshal([]byte(manifest), &asks))
	if lacking := github.Lacking(asks.Permissions); len(lacking) > 0 || asks.Hook.URL != here+"/webhook/github" {
		t.Errorf("asks for %+v, and lacks %v", asks, lacking)
	}

	// A code that GitHub did not give is no App, and the page may be used again.
	state, err := url.Parse(action)
	check(t, err)
	forged := here + "/setup/callback?code=forged&state=" + url.QueryEscape(state.Query().Get("state"))
	if status, body := get(forged); status != http.StatusBadGateway || !strings.Contains(body, "Try again") {
		t.Errorf("a forged code is answered with %d: %s", status, body)
	}

	resp, err := http.PostForm(action, url.Values{"manifest": {manifest}}) // and is sent back to us
	check(t, err)
	done, err := io.ReadAll(resp.Body)
	check(t, err)
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK || !strings.Contains(string(done), "is registered") || !strings.Contains(string(done), "/installations/new") {
		t.Fatalf("answer %d: %s", resp.StatusCode, done)
	}
	until("the App is served", func() bool {
		resp, err := http.Get(here + "/readyz")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	if status, _ := get(page.String()); status == http.StatusOK {
		t.Error("the page is still there")
	}
	_, err = hub.Install("acme")
	check(t, err)
	check(t, hub.Wait(t.Context()))
	if d := hub.Deliveries(); len(d) != 1 || d[0].StatusCode != http.StatusAccepted {
		t.Errorf("deliveries = %+v", d)
	}
	file := filepath.Join(data, credentialsFile)
	info, err := os.Stat(file)
	check(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode of %s = %v", file, info.Mode())
	}
	stop()
	if code := <-ended; code != exitOK && code != exitCancelled {
		t.Errorf("exit code %d:\n%s", code, said.String())
	}
	app := hub.App()
	for what, text := range map[string]string{"log": said.String(), "page": drawn, "answer": string(done)} {
		for _, secret := range []string{app.WebhookSecret, app.ClientSecret, "PRIVATE KEY"} {
			if strings.Contains(text, secret) {
				t.Errorf("the %s holds a secret", what)
			}
		}
	}

	// The next start needs nobody.
	ctx, stop = context.WithCancel(t.Context())
	said.reset()
	go func() { ended <- run(ctx, args, strings.NewReader(""), io.Discard, &said) }()
	until("it listens", func() bool { return strings.Contains(said.String(), `"listening"`) })
	stop()
	<-ended
	if link.MatchString(said.String()) {
		t.Error("asks for an App again")
	}
}

func TestKeepCredentials(t *testing.T) {
	good := github.Credentials{ID: 7, Slug: "bar", PrivateKey: pemText, WebhookSecret: strongSecret, ClientID: "id", ClientSecret: "secret"}
	for name, change := range map[string]func(*github.Credentials){
		"short secret": func(c *github.Credentials) { c.WebhookSecret = "short" },
		"no key":       func(c *github.Credentials) { c.PrivateKey = "none" },
		"two lines":    func(c *github.Credentials) { c.ClientSecret = "a\nBARRAISER_ROLE=web" },
	} {
		dir, c := t.TempDir(), good
		change(&c)
		if err := keepCredentials(dir, c); err == nil {
			t.Errorf("%s: kept", name)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
			t.Errorf("%s: left %v, %v", name, left, err)
		}
	}
	if s := good.String(); strings.Contains(s, strongSecret) {
		t.Errorf("prints %s", s)
	}
}

// lockedText takes what several write.
type lockedText struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lockedText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *lockedText) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Reset()
}
