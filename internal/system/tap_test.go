package system_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path"
	"strings"
	"sync"
	"testing"
	"time"
)

// A point is a moment at which the server is killed: before a request is passed
// on, or when it was answered and before the answer is heard; or some time later.
type point struct {
	name, method, path string // a pattern of path.Match
	after              bool
	wait               time.Duration
}

// A tap is what passes between GitHub and the server. It kills the server at a
// point, and notes each check that turns green too early.
type tap struct {
	api, hook *httptest.Server
	hub       string // address of GitHub

	mu      sync.Mutex
	at      *point // nil: not armed
	victim  *server
	met     chan struct{}
	to      string // server
	allowed map[string]bool
	early   []string
}

func newTap(t *testing.T, hub string) *tap {
	t.Helper()
	p := &tap{hub: hub, allowed: map[string]bool{}}
	target, err := url.Parse(hub)
	must(t, err)
	api := &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: p.heard,
	}
	p.api = httptest.NewServer(p.around(api))
	t.Cleanup(p.api.Close)
	hook := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			p.mu.Lock()
			defer p.mu.Unlock()
			to, err := url.Parse(p.to)
			must(t, err)
			r.SetURL(to)
		},
		ModifyResponse: p.heard,
		// Nobody listens while the server is dead.
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	p.hook = httptest.NewServer(p.around(hook))
	t.Cleanup(p.hook.Close)
	return p
}

// aim says where the server listens.
func (p *tap) aim(at string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.to = at
}

// arm sets the point. The channel is closed when the server was killed there.
func (p *tap) arm(at point, victim *server) <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at, p.victim, p.met = &at, victim, make(chan struct{})
	return p.met
}

// allow says that a commit may turn green.
func (p *tap) allow(head string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.allowed[head] = true
}

// wrong are the checks that turned green before they might.
func (p *tap) wrong() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.early
}

func (p *tap) around(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.pass(r, false)
		p.judge(r)
		next.ServeHTTP(w, r)
	})
}

// heard is after an answer, and before it is passed on.
func (p *tap) heard(r *http.Response) error {
	p.pass(r.Request, true)
	return nil
}

// pass kills the server if this is the point.
func (p *tap) pass(r *http.Request, after bool) {
	p.mu.Lock()
	at, victim, met := p.at, p.victim, p.met
	matches := false
	if at != nil && at.method == r.Method && at.after == after {
		matches, _ = path.Match(at.path, r.URL.Path) // the patterns are well formed
	}
	if matches {
		p.at = nil
	}
	p.mu.Unlock()
	if !matches {
		return
	}
	shoot := func() {
		_ = victim.cmd.Process.Kill() // nothing else ends it
		close(met)
	}
	if at.wait > 0 {
		time.AfterFunc(at.wait, shoot)
		return
	}
	shoot()
}

// judge notes a check that turns green without a sign-off.
func (p *tap) judge(r *http.Request) {
	if !strings.Contains(r.URL.Path, "/check-runs") || r.Method != http.MethodPost && r.Method != http.MethodPatch {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // and so it is not passed on either
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var check struct {
		Conclusion string
		HeadSHA    string `json:"head_sha"`
	}
	if json.Unmarshal(body, &check) != nil || check.Conclusion != "success" && check.Conclusion != "neutral" {
		return
	}
	became := check.Conclusion
	if check.HeadSHA == "" { // a change names the check only
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "token ")
		status, text, err := ask(r.Context(), "GET", p.hub+r.URL.Path, token, nil)
		if err != nil {
			return // the server is dead, and the change is not passed on either
		}
		if err := json.Unmarshal(text, &check); err != nil || status != http.StatusOK || check.HeadSHA == "" {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.early = append(p.early, fmt.Sprintf("%s %s: %s of a commit that cannot be told: %d %s", r.Method, r.URL.Path, became, status, text))
			return
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.allowed[check.HeadSHA] {
		p.early = append(p.early, fmt.Sprintf("%s %s: %s at %s without a sign-off; %s", r.Method, r.URL.Path, became, check.HeadSHA, body))
	}
}
