package web

import (
	"bytes"
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"html/template"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Setup is the one page of a server that is no App yet. It registers one by
// GitHub's manifest flow: the page posts what the App is to be to GitHub, GitHub
// sends the person back with a code, and the code is exchanged for the App's key
// and secrets, which no page ever shows.
//
// Only who has the token sees it, from the log of the server: whoever registers the
// App decides by which App the server is run. The state is known to the page
// alone, so that no other site can hand us a code of its own.
// Source: docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest.
type Setup struct {
	log    *slog.Logger
	config SetupConfig
	mux    *http.ServeMux

	mu   sync.Mutex
	used bool
}

// SetupConfig is what a Setup is made of.
type SetupConfig struct {
	Token, State string // random, of 16 bytes or more, in characters of a URL
	// WebURL is GitHub's for people, PublicURL ours. Without a slash at the end.
	WebURL, PublicURL string
	Permissions       map[string]string
	Events            []string
	// Register exchanges a code and keeps what comes of it. It is called until it
	// succeeds, and not at the same time.
	Register func(ctx context.Context, code string) (Registered, error)
}

// Registered is an App that there is now.
type Registered struct {
	Name    string
	Install string // the page on GitHub where it is installed
}

// NewSetup makes the page.
func NewSetup(log *slog.Logger, c SetupConfig) *Setup {
	s := &Setup{log: log, config: c, mux: http.NewServeMux()}
	s.mux.HandleFunc("GET /setup", s.show)
	s.mux.HandleFunc("GET /setup/callback", s.callback)
	s.mux.HandleFunc("GET "+stylePath, func(w http.ResponseWriter, _ *http.Request) { serveAsset(w, "text/css; charset=utf-8", style) })
	s.mux.HandleFunc("GET "+iconPath, func(w http.ResponseWriter, _ *http.Request) { serveAsset(w, "image/svg+xml", icon) })
	s.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	s.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "This server is not set up yet. Its log says where that is done.", http.StatusServiceUnavailable)
	})
	return s
}

func serveAsset(w http.ResponseWriter, kind string, content []byte) {
	w.Header().Set("Content-Type", kind)
	w.Write(content) // an error is the browser's having gone
}

// Path is where the page is, with the token.
func (s *Setup) Path() string { return "/setup?token=" + url.QueryEscape(s.config.Token) }

func (s *Setup) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' "+s.config.WebURL+"; frame-ancestors 'none'; base-uri 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	s.mux.ServeHTTP(w, r)
}

var setupTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.ParseFS(templates, "templates/setup.tmpl"))
})

// setupView is what the page draws.
type setupView struct {
	Style, Icon  string
	Done         *Registered
	Problem      string
	Again        string // path
	Token        string
	Organisation string
	Action       string // on GitHub
	Manifest     string // JSON
	Permissions  []setupPermission
	Hook         string
	PublicURL    string
	Local        bool // nobody else reaches PublicURL
}

type setupPermission struct{ Name, Level string }

// organisation is a name that GitHub gives to one.
var organisation = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?$`)

func (s *Setup) show(w http.ResponseWriter, r *http.Request) {
	if !same(r.FormValue("token"), s.config.Token) {
		http.NotFound(w, r)
		return
	}
	org := strings.TrimSpace(r.FormValue("organisation"))
	if !organisation.MatchString(org) {
		org = ""
	}
	manifest, err := s.manifest()
	if err != nil {
		s.log.Error("draw the manifest", "error", err)
		http.Error(w, "Something went wrong here.", http.StatusInternalServerError)
		return
	}
	path := "/settings/apps/new"
	if org != "" {
		path = "/organizations/" + org + path
	}
	v := setupView{
		Token: s.config.Token, Organisation: org, Manifest: manifest, Hook: s.hook(), PublicURL: s.config.PublicURL,
		Action: s.config.WebURL + path + "?" + url.Values{"state": {s.config.State}}.Encode(), Local: s.local(),
	}
	for _, name := range slices.Sorted(maps.Keys(s.config.Permissions)) {
		v.Permissions = append(v.Permissions, setupPermission{strings.ReplaceAll(name, "_", " "), s.config.Permissions[name]})
	}
	s.draw(w, http.StatusOK, v)
}

func (s *Setup) hook() string { return s.config.PublicURL + "/webhook/github" }

// local reports whether the address of the pages leads others to themselves.
func (s *Setup) local() bool {
	u, err := url.Parse(s.config.PublicURL)
	return err != nil || slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, u.Hostname())
}

// manifest is what the App is to be, in GitHub's form.
func (s *Setup) manifest() (string, error) {
	type hook struct {
		URL    string `json:"url"`
		Active bool   `json:"active"`
	}
	text, err := json.Marshal(struct {
		Name        string            `json:"name"`
		URL         string            `json:"url"`
		Hook        hook              `json:"hook_attributes"`
		Redirect    string            `json:"redirect_url"`
		Callbacks   []string          `json:"callback_urls"`
		Description string            `json:"description"`
		Public      bool              `json:"public"`
		Permissions map[string]string `json:"default_permissions"`
		Events      []string          `json:"default_events"`
	}{
		Name: "Bar Raiser", URL: s.config.PublicURL, Hook: hook{s.hook(), true}, Redirect: s.config.PublicURL + "/setup/callback",
		Callbacks:   []string{s.config.PublicURL + "/signin/callback"},
		Description: "Says what technical debt a change to Go code introduces, and asks an independent expert to sign off what has high impact.",
		Permissions: s.config.Permissions, Events: s.config.Events,
	})
	return string(text), err
}

// same compares in a time that tells nothing.
func same(given, want string) bool {
	return want != "" && subtle.ConstantTimeCompare([]byte(given), []byte(want)) == 1
}

// callback is where GitHub sends the person back to.
func (s *Setup) callback(w http.ResponseWriter, r *http.Request) {
	code := r.FormValue("code")
	if !same(r.FormValue("state"), s.config.State) || code == "" || len(code) > 200 {
		http.NotFound(w, r)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.used {
		http.NotFound(w, r)
		return
	}
	done, err := s.config.Register(r.Context(), code)
	if err != nil {
		s.log.Error("register the App", "error", err)
		s.draw(w, http.StatusBadGateway, setupView{Problem: "It says: " + err.Error() + ". A code holds for an hour and works once.", Again: s.Path()})
		return
	}
	s.used = true
	s.draw(w, http.StatusOK, setupView{Done: &done})
}

func (s *Setup) draw(w http.ResponseWriter, status int, v setupView) {
	v.Style, v.Icon = stylePath, iconPath
	v.PublicURL = cmp.Or(v.PublicURL, s.config.PublicURL)
	var page bytes.Buffer
	if err := setupTemplate().Execute(&page, v); err != nil {
		s.log.Error("draw a page", "path", "/setup", "error", err)
		http.Error(w, "Something went wrong here.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(page.Bytes()) // an error is the browser's having gone
}
