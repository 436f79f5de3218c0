package web

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
	"github.com/barraiser/barraiser/internal/store/storetest"
)

func TestNew(t *testing.T) {
	db := storetest.Open(t, store.SQLite)
	w := &world{t: t}
	whole := Config{Store: db, Briefs: w, Acts: w, Visible: w, Outbox: w, PublicURL: "https://bar.example", Now: time.Now, Random: rand.Reader}
	for name, tt := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"whole":           {func(*Config) {}, ""},
		"slash":           {func(c *Config) { c.PublicURL = "https://bar.example/" }, ""},
		"loopback":        {func(c *Config) { c.PublicURL = "http://localhost:8080" }, ""},
		"loopback 6":      {func(c *Config) { c.PublicURL = "http://[::1]:8080" }, ""},
		"plain http":      {func(c *Config) { c.PublicURL = "http://bar.example" }, "neither https nor http on loopback"},
		"looks like it":   {func(c *Config) { c.PublicURL = "http://localhost.evil.example" }, "neither https nor http on loopback"},
		"path":            {func(c *Config) { c.PublicURL = "https://bar.example/bar" }, "not a scheme and a host alone"},
		"no host":         {func(c *Config) { c.PublicURL = "bar.example" }, "not a scheme and a host alone"},
		"with a password": {func(c *Config) { c.PublicURL = "https://a:b@bar.example" }, "not a scheme and a host alone"},
		"no store":        {func(c *Config) { c.Store = nil }, "no store"},
		"no visible":      {func(c *Config) { c.Visible = nil }, "no visible"},
		"no outbox":       {func(c *Config) { c.Outbox = nil }, "no outbox"},
		"no random":       {func(c *Config) { c.Random = nil }, "no random"},
	} {
		c := whole
		tt.change(&c)
		_, err := New(slog.New(slog.NewTextHandler(io.Discard, nil)), c)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: New = %v, want %q", name, err, tt.want)
		}
	}
}

func TestHeaders(t *testing.T) {
	w := peopled(t)
	b := w.browse("maria-k")
	for _, path := range []string{"/", "/rules", "/acme/pay/pull/1284", "/acme/absent", "/overrides.csv", stylePath} {
		h := b.get(path).Header
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
			"X-Content-Type-Options":  "nosniff",
			"Referrer-Policy":         "no-referrer",
			"Cache-Control":           map[bool]string{true: "public, max-age=31536000, immutable", false: "private, no-store"}[path == stylePath],
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s = %q, want %q", path, name, got, want)
			}
		}
	}
	if got := b.get(stylePath); got.Header.Get("Content-Type") != "text/css; charset=utf-8" || got.Body != string(style) {
		t.Errorf("the style: %s", got.Header.Get("Content-Type"))
	}
	if got := b.get(iconPath); got.Header.Get("Content-Type") != "image/svg+xml" || got.Body != string(icon) {
		t.Errorf("the icon: %s", got.Header.Get("Content-Type"))
	}
}

// TestForeignForms: what changes something is taken from our own pages alone.
func TestForeignForms(t *testing.T) {
	w := peopled(t)
	for _, tt := range []struct {
		site, origin string
		want         int
	}{
		{"same-origin", "", seeOther},
		{"same-origin", w.server.URL, seeOther},
		{"", w.server.URL, seeOther}, // an old browser
		{"cross-site", "https://evil.example", denied},
		{"same-site", "https://evil.example", denied},
		{"cross-site", "", denied},
		{"", "https://evil.example", denied},
		{"", "null", denied},
		{"", "", denied},
	} {
		b := w.browse("maria-k")
		b.site, b.origin = tt.site, tt.origin
		before := len(w.said())
		if got := b.post("/acme/pay/pull/1284/signoff", word(headCommit)); got.Code != tt.want || (len(w.said()) > before) != (tt.want == seeOther) {
			t.Errorf("Sec-Fetch-Site %q, Origin %q: %d and %d facts, want %d", tt.site, tt.origin, got.Code, len(w.said())-before, tt.want)
		}
		if got := b.post("/signout", nil); got.Code != tt.want || (b.get("/").Code == ok) != (tt.want == denied) {
			t.Errorf("sign out from %q, %q: %d, want %d", tt.site, tt.origin, got.Code, tt.want)
		}
	}
}

func TestAct(t *testing.T) {
	w := peopled(t)
	maria, sam := w.browse("maria-k"), w.browse("sam-r")
	page := "/acme/pay/pull/1284"
	form := func(change ...string) url.Values {
		f := word(headCommit)
		for i := 0; i < len(change); i += 2 {
			f.Set(change[i], change[i+1])
		}
		return f
	}
	for name, tt := range map[string]struct {
		b    *browser
		verb string
		form url.Values
		want int
		text string
	}{
		"another head":      {maria, "signoff", form("head", signedCommit), http.StatusConflict, "has moved on"},
		"another branch":    {maria, "signoff", form("base", "release"), http.StatusConflict, "has moved on"},
		"no head":           {maria, "signoff", form("head", ""), http.StatusConflict, "has moved on"},
		"half a head":       {maria, "signoff", form("head", headCommit[:7]), http.StatusConflict, "has moved on"},
		"no reason":         {maria, "request-changes", form("text", " \n "), http.StatusUnprocessableEntity, "Say why"},
		"a book":            {maria, "signoff", form("text", strings.Repeat("x", maxSaid+1)), http.StatusUnprocessableEntity, "at most"},
		"a library":         {maria, "signoff", form("text", strings.Repeat("x", maxForm)), http.StatusBadRequest, "could not be read"},
		"no UTF-8":          {maria, "signoff", form("text", "\xff"), http.StatusUnprocessableEntity, "at most"},
		"too short":         {sam, "override", form("text", "urgent"), http.StatusUnprocessableEntity, "at least 20 characters"},
		"data that is none": {sam, "override", form("data", "javascript:alert(1)"), http.StatusUnprocessableEntity, "begins with https"},
		"no day":            {sam, "override", form("due", "tomorrow"), http.StatusUnprocessableEntity, "2026-12-31"},
	} {
		if got := tt.b.post(page+"/"+tt.verb, tt.form); got.Code != tt.want || !strings.Contains(got.Body, tt.text) {
			t.Errorf("%s: %d, want %d with %q\n%s", name, got.Code, tt.want, tt.text, got.Body)
		}
	}
	if n := len(w.said()); n != 0 {
		t.Fatalf("%d facts of forms that were refused", n)
	}

	for _, tt := range []struct {
		b    *browser
		verb string
		form url.Values
		want signoff.Command
	}{
		{maria, "signoff", form("text", "fine\n for  now"), signoff.Command{Verb: signoff.VerbSignOff, Commit: headCommit, Text: "fine for now"}},
		{maria, "request-changes", form("text", "no"), signoff.Command{Verb: signoff.VerbRequestChanges, Text: "no"}},
		{maria, "recommend-against", form("text", "no"), signoff.Command{Verb: signoff.VerbRecommendAgainst, Text: "no"}},
		{sam, "override", form("data", " https://wiki.example/inc/881 ", "due", "2026-12-05", "follow-up", "PAY-1301"), signoff.Command{
			Verb: signoff.VerbOverride, Commit: headCommit, Text: "customers are charged twice, see INC-881", Data: "https://wiki.example/inc/881",
			FollowUp: "PAY-1301", Due: "2026-12-05",
		}},
	} {
		if got := tt.b.post(page+"/"+tt.verb, tt.form); got.Code != seeOther || got.Header.Get("Location") != page {
			t.Fatalf("%s: %d to %q", tt.verb, got.Code, got.Header.Get("Location"))
		}
		f := w.said()[len(w.said())-1]
		tt.want.Line = f.Command.Line
		who := map[*browser]string{maria: "maria-k", sam: "sam-r"}[tt.b]
		if *f.Command != tt.want || f.Kind != signoff.Commanded || f.Actor != accounts[who] || f.Author != f.Actor || f.Commit != headCommit ||
			f.BaseRef != "main" || f.Comment != 0 || f.Edited || !f.At.Equal(storyNow) || !strings.HasPrefix(f.ID, "page/") {
			t.Errorf("%s: fact %+v, command %+v", tt.verb, f, *f.Command)
		}
	}
	// A double click is one fact; the same words in a new form are another.
	ids := map[string]bool{}
	for _, f := range []url.Values{form("form", "a"), form("form", "a"), form("form", "b")} {
		maria.post(page+"/signoff", f)
		ids[w.said()[len(w.said())-1].ID] = true
	}
	if len(ids) != 2 {
		t.Errorf("two forms, one of them sent twice, are %d facts", len(ids))
	}
}

// TestForms: a page has the forms of what its reader may say, and each names the
// head that the page shows.
func TestForms(t *testing.T) {
	w := peopled(t)
	action := regexp.MustCompile(`action="/acme/pay/pull/\d+/([a-z-]+)"`)
	for login, want := range map[string]string{"reader": "", "maria-k": "signoff request-changes recommend-against", "sam-r": "override", "dora": ""} {
		page := w.browse(login).get("/acme/pay/pull/1284").Body
		var got []string
		for _, m := range action.FindAllStringSubmatch(page, -1) {
			got = append(got, m[1])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("the forms of %s are %q, want %q", login, got, want)
		}
		if heads := strings.Count(page, `name="head" value="`+headCommit+`"`); heads != len(got) {
			t.Errorf("%d of the %d forms of %s name the head", heads, len(got), login)
		}
	}
}

// TestStale: the page says that there is news which it does not show yet.
func TestStale(t *testing.T) {
	w := peopled(t)
	b := w.browse("reader")
	if got := b.get("/acme/pay/pull/1284").Body; strings.Contains(got, "is not in here yet") {
		t.Error("a page without news says that there is some")
	}
	w.raise(waiting().Record.Subject)
	if got := b.get("/acme/pay/pull/1284").Body; !strings.Contains(got, "is not in here yet") {
		t.Error("a page does not say that there is news")
	}
	unseen := waiting().Record.Subject
	unseen.Number = 77
	w.raise(unseen)
	if got := b.get("/acme/pay/pull/77"); got.Code != ok || !strings.Contains(got.Body, "It was not looked at yet") {
		t.Errorf("a pull request that nobody looked at: %d\n%s", got.Code, got.Body)
	}
}

// TestFailure: people get a number, the log has the rest.
func TestFailure(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Acts = fullDisk{} })
	w.put(waiting())
	b := w.browse("maria-k")
	got := b.post("/acme/pay/pull/1284/signoff", word(headCommit))
	id := regexp.MustCompile(`log as ([0-9a-f]{12})`).FindStringSubmatch(got.Body)
	if got.Code != http.StatusInternalServerError || id == nil || strings.Contains(got.Body, "disk") {
		t.Fatalf("an act that fails: %d\n%s", got.Code, got.Body)
	}
	if log := w.logged.String(); !strings.Contains(log, "id="+id[1]) || !strings.Contains(log, "disk full") {
		t.Errorf("the log has neither the number nor the cause:\n%s", log)
	}
}

// fullDisk is a door that cannot store what came.
type fullDisk struct{}

func (fullDisk) Act(context.Context, signoff.Subject, signoff.Fact) error {
	return errors.New("disk full")
}
