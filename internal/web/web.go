// Package web is the pages of the server: what waits for a sign-off, one page
// for each pull request with all that is known of it, the overrides with their
// places in the ledger, the catalogue of debt, and how the numbers are made. It
// shows what others decided and decides nothing: what a person says on a page
// becomes a fact, which goes the way of a comment on GitHub.
//
// # Design
//
// A route is a row of a table (routes.go): method, pattern, who may come, and a
// function. One place, admit, lets people in by that table. It denies by
// default: a role that it does not know lets in nobody, and the function behind
// a row runs only with what its role promises in hand.
//
// A page is a struct whose fields are ready to be written, a template, and a
// function that makes the one of what is stored. All text goes through one
// function before a template sees it (clean.go), and html/template escapes it.
//
// The invariants:
//   - Whoever may not read a repository gets the answer of one that is not there.
//   - No GET changes anything but the session of whoever asks.
//   - What is said on a page names the commit that the page showed, and is
//     refused when the head is another one by now.
//   - A page loads nothing from elsewhere and runs no script.
//
// # Not included
//
// Scripts: pages that reload themselves are for those who watch, and nobody has
// to watch. Pages for people who did not sign in: there is no repository whose
// roster is everybody's business. Editing of the policy: it is a file in git.
package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// Briefs tells all that is known of a pull request. An error that wraps
// store.ErrNotFound says that it was not looked at yet.
type Briefs interface {
	Brief(ctx context.Context, s signoff.Subject) (report.Brief, error)
	// Line tells what a list shows of it, and costs far less.
	Line(ctx context.Context, s signoff.Subject) (report.Line, error)
}

// Acts takes what a person said on a page, as the door of the webhooks takes a
// comment. When it returns without an error the fact is stored. A fact whose id
// is there already is no error and changes nothing: a form may be sent twice.
type Acts interface {
	Act(ctx context.Context, s signoff.Subject, f signoff.Fact) error
}

// SignIn sends people to GitHub, which says who they are.
type SignIn interface {
	// AuthorizeURL is where to send the browser. Challenge is that of PKCE with
	// S256; redirect is the page of ours to come back to.
	AuthorizeURL(state, challenge, redirect string) string
	// Exchange finds out who came back with a code.
	Exchange(ctx context.Context, code, verifier, redirect string) (signoff.Account, error)
}

// Visible says what people may see and who they are, by answers of GitHub that
// are at most five minutes old. It may be called concurrently. An error counts
// as a no.
type Visible interface {
	// CanRead reports whether an account may read a repository.
	CanRead(ctx context.Context, installation int64, repo signoff.Repo, who signoff.Account) (bool, error)
	// InTeam reports whether an account is in a team, "@acme/payments".
	InTeam(ctx context.Context, installation int64, team review.Principal, who signoff.Account) (bool, error)
}

// Config is what the pages are made of.
type Config struct {
	Store   *store.DB
	Briefs  Briefs
	Acts    Acts
	Visible Visible
	// SignIn is nil where no client id is configured. Then the pages that need to
	// know who asks say so, and how to configure it.
	SignIn SignIn
	// Outbox tries again what failed.
	Outbox Outbox
	// Slack says that people are told things there, and may prove who they are.
	Slack bool
	// Operators are the logins of those who run the server: they are shown what it
	// could not do, in whatever repository that was.
	Operators []string
	// PublicURL is where people reach the pages: https, or http on loopback;
	// nothing follows the host.
	PublicURL string
	Now       func() time.Time
	Random    io.Reader // crypto/rand.Reader
}

// site is the handler's state. Beside what it keeps it is never written after New.
type site struct {
	log *slog.Logger
	Config
	sheets sheets
	secure bool          // the pages are reached by https
	origin string        // PublicURL without a slash at its end
	pad    time.Duration // see hide
}

// hidingTime is a bit more than it takes GitHub to say who may read what: in that
// time the answer does not tell whether GitHub was asked.
const hidingTime = 400 * time.Millisecond

// New makes the handler of all pages, to be mounted at "/".
func New(log *slog.Logger, c Config) (http.Handler, error) { return newSite(log, c, hidingTime) }

func newSite(log *slog.Logger, c Config, pad time.Duration) (http.Handler, error) {
	s := &site{log: log, Config: c, pad: pad}
	for name, missing := range map[string]bool{
		"store": c.Store == nil, "briefs": c.Briefs == nil, "acts": c.Acts == nil, "visible": c.Visible == nil, "outbox": c.Outbox == nil,
		"now": c.Now == nil, "random": c.Random == nil,
	} {
		if missing {
			return nil, fmt.Errorf("make the pages: no %s", name)
		}
	}
	u, err := url.Parse(c.PublicURL)
	switch {
	case err != nil:
		return nil, fmt.Errorf("make the pages: public URL: %w", err)
	case u.Host == "" || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return nil, fmt.Errorf("make the pages: public URL %q is not a scheme and a host alone", c.PublicURL)
	case u.Scheme == "https":
		s.secure = true
	case u.Scheme != "http" || !loopback(u.Hostname()):
		// A session in the clear is everybody's on the way.
		return nil, fmt.Errorf("make the pages: public URL %q is neither https nor http on loopback", c.PublicURL)
	}
	s.origin = u.Scheme + "://" + u.Host
	guard := http.NewCrossOriginProtection()
	if err := guard.AddTrustedOrigin(s.origin); err != nil {
		return nil, fmt.Errorf("make the pages: %w", err)
	}
	guard.SetDenyHandler(s.handler(route{who: anyone, serve: func(*site, *visit) error { return errForeign }}))
	mux := http.NewServeMux()
	for _, rt := range routes {
		mux.Handle(rt.method+" "+rt.pattern, s.handler(rt))
	}
	mux.Handle("/", s.handler(route{who: anyone, serve: func(*site, *visit) error { return errHidden }}))
	return s.headers(onlyBrowsers(guard.Handler(mux))), nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// onlyBrowsers refuses what changes something and does not say where it comes
// from. The guard lets that pass, since programs do so; but a session is a
// browser's, and each that knows one says at least its origin.
func onlyBrowsers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		safe := r.Method == http.MethodGet || r.Method == http.MethodHead
		if !safe && r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "" {
			r.Header.Set("Sec-Fetch-Site", "cross-site") // which the guard refuses
		}
		next.ServeHTTP(w, r)
	})
}

// policy is the Content-Security-Policy of all answers.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// headers sets what each answer has.
func (s *site) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "private, no-store")
		next.ServeHTTP(w, r)
	})
}

var (
	// errHidden is the answer to what is not there, and to what is not for whoever
	// asks.
	errHidden = errors.New("not here, or not for this person")
	// errStranger says that one has to sign in first.
	errStranger = errors.New("not signed in")
	// errForeign says that a form came from another site.
	errForeign = errors.New("sent from another site")
)

// A refusal is an answer that says what is wrong and what to do.
type refusal struct {
	status      int
	title, text string
	back        string // path of ours to go on; empty: the start
}

func (r refusal) Error() string { return r.title }
