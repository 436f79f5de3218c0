package web

import (
	"crypto/rand"
	"crypto/rsa"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/github"
	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/store"
)

// TestSignInWithGitHub is the whole way: our pages, the real adapter, and a
// GitHub that checks the verifier of PKCE and lets a code work once.
func TestSignInWithGitHub(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	hub, err := githubtest.New(githubtest.Options{Dir: t.TempDir(), App: githubtest.App{Key: key}})
	if err != nil {
		t.Fatal(err)
	}
	defer hub.Close()
	id, err := hub.AddUser(githubtest.User{Login: "maria-k"})
	if err != nil {
		t.Fatal(err)
	}
	app, err := github.New(slog.New(slog.NewTextHandler(io.Discard, nil)), github.Config{
		AppID: hub.App().ID, Key: hub.App().PrivateKeyPEM(), APIURL: hub.URL(), GitURL: hub.URL(), WebURL: hub.URL(),
		ClientID: hub.App().ClientID, ClientSecret: hub.App().ClientSecret,
	})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(c *Config) { c.SignIn = app })
	b := w.browse("")
	if got := b.get("/"); got.Code != denied || !strings.Contains(got.Body, `href="/signin?to=%2F"`) {
		t.Fatalf("without a session: %d\n%s", got.Code, got.Body)
	}
	begin := b.get("/signin?to=" + url.QueryEscape("/acme/pay?x=1"))
	back, err := hub.Authorize("maria-k", begin.Header.Get("Location"))
	if err != nil {
		t.Fatalf("authorize %s: %v", begin.Header.Get("Location"), err)
	}
	back = strings.TrimPrefix(back, w.server.URL)
	if got := w.browse("").get(back); got.Code != denied {
		t.Errorf("the answer in another browser: %d, want %d", got.Code, denied)
	}
	if got := b.get(back); got.Code != seeOther || got.Header.Get("Location") != "/acme/pay?x=1" {
		t.Fatalf("the answer of GitHub: %d to %q\n%s\n%s", got.Code, got.Header.Get("Location"), got.Body, w.logged)
	}
	if got := b.get("/"); got.Code != ok || !strings.Contains(got.Body, "@maria-k") {
		t.Errorf("signed in: %d\n%s", got.Code, got.Body)
	}
	if p, err := w.db.Person(t.Context(), id); err != nil || p.Login != "maria-k" {
		t.Errorf("person %d = %v, %v", id, p, err)
	}
	if got := b.get(back); got.Code != denied {
		t.Errorf("the same answer once more: %d, want %d", got.Code, denied)
	}
}

func TestSignInRefused(t *testing.T) {
	w := newWorld(t)
	state := func(b *browser) string {
		to, err := url.Parse(b.get("/signin").Header.Get("Location"))
		w.must(err)
		return to.Query().Get("state")
	}
	for name, query := range map[string]func(state string) url.Values{
		"no state":      func(string) url.Values { return url.Values{"code": {"maria-k"}} },
		"another state": func(s string) url.Values { return url.Values{"code": {"maria-k"}, "state": {s[1:] + "x"}} },
		"no code":       func(s string) url.Values { return url.Values{"state": {s}} },
		"refused there": func(s string) url.Values {
			return url.Values{"state": {s}, "code": {"maria-k"}, "error": {"access_denied"}}
		},
		"unknown code": func(s string) url.Values { return url.Values{"state": {s}, "code": {"nobody"}} },
	} {
		b := w.browse("")
		got := b.get("/signin/callback?" + query(state(b)).Encode())
		if got.Code != denied || b.get("/").Code != denied {
			t.Errorf("%s: %d, want %d and no session", name, got.Code, denied)
		}
	}
}

// TestNoSignIn: without a client id the pages say what to configure.
func TestNoSignIn(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.SignIn = nil })
	b := w.browse("")
	for _, path := range []string{"/", "/acme/pay", "/overrides", "/signin", "/signin/callback"} {
		if got := b.get(path); got.Code != http.StatusServiceUnavailable || !strings.Contains(got.Body, "BARRAISER_GITHUB_CLIENT_ID") {
			t.Errorf("%s: %d\n%s", path, got.Code, got.Body)
		}
	}
	if got := b.get("/rules"); got.Code != ok || strings.Contains(got.Body, "/signin") {
		t.Errorf("the rules: %d, with a link to sign in: %t", got.Code, strings.Contains(got.Body, "/signin"))
	}
}

func TestLocalPath(t *testing.T) {
	for in, want := range map[string]string{
		"/": "/", "/acme/pay/pull/1?x=1#f": "/acme/pay/pull/1?x=1#f",
		"": "/", "acme": "/", "//evil.example": "/", "/\\evil.example": "/", "https://evil.example": "/", "/\t/evil.example": "/",
		"/a\r\nSet-Cookie: x": "/", "\\\\evil.example": "/", "/signin": "/", "/signin/callback?code=1": "/", "/signout": "/",
		"/%2F/evil.example": "/", "/" + strings.Repeat("a", maxPath): "/", "javascript:alert(1)": "/", "/a%zz": "/",
	} {
		if got := localPath(in); got != want {
			t.Errorf("localPath(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSession(t *testing.T) {
	w := newWorld(t)
	b := w.browse("maria-k")
	signedIn := func(b *browser) bool { t.Helper(); return b.get("/").Code == ok }
	w.later(29 * time.Minute)
	if !signedIn(b) {
		t.Fatal("ended after 29 idle minutes")
	}
	w.later(29 * time.Minute)
	if !signedIn(b) {
		t.Fatal("ended though it was used 29 minutes ago")
	}
	w.later(31 * time.Minute)
	if signedIn(b) {
		t.Error("goes on after 31 idle minutes")
	}

	b = w.browse("maria-k")
	for range 24 { // 8 h
		w.later(20 * time.Minute)
		if w.clock().Sub(storyNow) < 89*time.Minute+sessionLife && !signedIn(b) {
			t.Fatalf("ended after %v of use", w.clock().Sub(storyNow)-89*time.Minute)
		}
	}
	w.later(time.Minute)
	if signedIn(b) {
		t.Error("goes on after 8 hours")
	}

	b = w.browse("maria-k")
	old := cookieOf(w, b)
	b.client.Jar.SetCookies(address(w), []*http.Cookie{{Name: sessionCookie, Value: old}})
	to, err := url.Parse(b.get("/signin").Header.Get("Location"))
	w.must(err)
	b.get("/signin/callback?" + url.Values{"code": {"jo-b"}, "state": {to.Query().Get("state")}}.Encode())
	if fresh := cookieOf(w, b); fresh == old || len(fresh) != secretLength {
		t.Errorf("the session was not rotated at sign-in: %q, %q", old, fresh)
	}
	if _, err := w.db.Session(t.Context(), sessionHash(old), w.clock()); err == nil {
		t.Error("the session before the sign-in goes on")
	}
	if got := b.post("/signout", nil); got.Code != seeOther || signedIn(b) {
		t.Errorf("sign out: %d, signed in: %t", got.Code, signedIn(b))
	}
}

func address(w *world) *url.URL {
	u, err := url.Parse(w.server.URL)
	w.must(err)
	return u
}

func cookieOf(w *world, b *browser) string {
	for _, c := range b.client.Jar.Cookies(address(w)) {
		if c.Name == sessionCookie {
			return c.Value
		}
	}
	return ""
}

// TestCookies: the attributes, on loopback and behind https.
func TestCookies(t *testing.T) {
	for public, want := range map[string]string{
		"":                    "barraiser-signin=",
		"https://bar.example": "__Host-barraiser-signin=",
	} {
		w := newWorld(t, func(c *Config) {
			if public != "" {
				c.PublicURL = public
			}
		})
		got := w.browse("").get("/signin").Header.Get("Set-Cookie")
		if !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "; Path=/; Max-Age=600; HttpOnly; "+map[bool]string{true: "Secure; "}[public != ""]+"SameSite=Lax") {
			t.Errorf("public URL %q: cookie %q", public, got)
		}
	}
}

// TestStoredSession: who reads the store cannot sign in.
func TestStoredSession(t *testing.T) {
	w := newWorld(t)
	b := w.browse("maria-k")
	secret := cookieOf(w, b)
	if _, err := w.db.Session(t.Context(), secret, w.clock()); err == nil {
		t.Error("the store has the secret itself")
	}
	s, err := w.db.Session(t.Context(), sessionHash(secret), w.clock())
	if err != nil || s.Account != accounts["maria-k"].ID {
		t.Fatalf("session = %v, %v", s, err)
	}
	thief := w.browse("")
	thief.client.Jar.SetCookies(address(w), []*http.Cookie{{Name: sessionCookie, Value: s.Hash[:secretLength]}})
	if got := thief.get("/"); got.Code != denied {
		t.Errorf("the hash as a cookie: %d, want %d", got.Code, denied)
	}
	w.must(w.db.PutSession(t.Context(), store.Session{Hash: s.Hash, Account: s.Account, Created: s.Created, Seen: s.Seen, Expires: s.Created}))
	if got := b.get("/"); got.Code != denied {
		t.Errorf("an ended session: %d, want %d", got.Code, denied)
	}
}
