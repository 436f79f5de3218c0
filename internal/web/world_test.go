package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/ledger"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
	"github.com/barraiser/barraiser/internal/store/storetest"
)

// A world is the real pages over a real store, with a GitHub that is a table.
type world struct {
	t      *testing.T
	db     *store.DB
	server *httptest.Server
	logged *lockedBuffer

	mu     sync.Mutex
	now    time.Time
	briefs map[string]report.Brief
	acts   []signoff.Fact
	broken error // that GitHub, the briefs and the acts give
	asked  int   // how often GitHub was asked
	// challenges are those of the sign-ins that began, by state.
	challenges map[string]string
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

const origin = "bar.example/acme"

// testPad is as hidingTime; there is no network to hide.
const testPad = 5 * time.Millisecond

var (
	acmePay    = store.Repository{Repo: signoff.Repo{ID: 42, Owner: "acme", Name: "pay", Private: true, DefaultBranch: "main"}, Installation: 7}
	acmeSite   = store.Repository{Repo: signoff.Repo{ID: 43, Owner: "acme", Name: "site", DefaultBranch: "main"}, Installation: 7}
	acmeSecret = store.Repository{Repo: signoff.Repo{ID: 44, Owner: "acme", Name: "secret", Private: true, DefaultBranch: "main"}, Installation: 7}

	accounts = map[string]signoff.Account{}
	// readers says who may read what. Nobody here may read acme/secret.
	readers = map[string][]int64{
		"maria-k": {42, 43}, "jo-b": {42, 43}, "sam-r": {42, 43}, "ann-k": {42, 43}, "dora": {42, 43}, "reader": {42, 43}, "stranger": {43},
	}
	teams = map[review.Principal][]string{"@acme/maintainers": {"sam-r"}, "@acme/directors": {"dora", "ann-k"}}
)

func init() {
	for i, login := range []string{"maria-k", "jo-b", "sam-r", "ann-k", "dora", "reader", "stranger"} {
		accounts[login] = signoff.Account{ID: int64(11 + i), Login: login}
	}
}

// newWorld starts the pages without a sign-in where none is wanted.
func newWorld(t *testing.T, change ...func(*Config)) *world {
	t.Helper()
	w := &world{
		t: t, db: storetest.Open(t, store.SQLite), logged: &lockedBuffer{}, now: storyNow,
		briefs: map[string]report.Brief{}, challenges: map[string]string{},
	}
	w.server = httptest.NewUnstartedServer(nil)
	c := Config{
		Store: w.db, Briefs: w, Acts: w, Visible: w, SignIn: w, Outbox: w,
		PublicURL: "http://" + w.server.Listener.Addr().String(), Now: w.clock, Random: rand.Reader,
	}
	for _, f := range change {
		f(&c)
	}
	handler, err := newSite(slog.New(slog.NewTextHandler(w.logged, nil)), c, testPad)
	if err != nil {
		t.Fatal(err)
	}
	w.server.Config.Handler = handler
	w.server.Start()
	t.Cleanup(w.server.Close)
	for _, repo := range []store.Repository{acmePay, acmeSite, acmeSecret} {
		w.must(w.db.PutRepository(t.Context(), jobs{}, repo, storyNow))
	}
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) later(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) breaks(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = err
}

func (w *world) Brief(_ context.Context, s signoff.Subject) (report.Brief, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	b, ok := w.briefs[s.Key()]
	if !ok {
		return b, fmt.Errorf("brief of %s: %w", s.Key(), store.ErrNotFound)
	}
	return b, w.broken
}

func (w *world) Line(ctx context.Context, s signoff.Subject) (report.Line, error) {
	b, err := w.Brief(ctx, s)
	return report.Line{Title: b.Pull.Title, Author: b.Pull.Author.Login, Net: &b.Review.Delta.Net}, err
}

func (w *world) Act(_ context.Context, s signoff.Subject, f signoff.Fact) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken == nil {
		w.acts = append(w.acts, f)
	}
	return w.broken
}

// questions is how often GitHub was asked who may read something.
func (w *world) questions() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked
}

func (w *world) said() []signoff.Fact {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.acts
}

func (w *world) CanRead(_ context.Context, installation int64, repo signoff.Repo, who signoff.Account) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	for _, id := range readers[who.Login] {
		if id == repo.ID && installation == 7 && accounts[who.Login].ID == who.ID {
			return true, w.broken
		}
	}
	return false, w.broken
}

func (w *world) InTeam(_ context.Context, _ int64, team review.Principal, who signoff.Account) (bool, error) {
	for _, login := range teams[team] {
		if login == who.Login {
			return true, nil
		}
	}
	return false, nil
}

// AuthorizeURL and Exchange are a GitHub that agrees at once: the code is the
// login. signin_test.go has the flow against a whole one.
func (w *world) AuthorizeURL(state, challenge, redirect string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.challenges[challenge] = state
	return "https://github.example/authorize?" + url.Values{"state": {state}, "redirect_uri": {redirect}}.Encode()
}

func (w *world) Exchange(_ context.Context, code, verifier, _ string) (signoff.Account, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	sum := sha256.Sum256([]byte(verifier))
	if _, ok := w.challenges[base64.RawURLEncoding.EncodeToString(sum[:])]; !ok {
		return signoff.Account{}, errors.New("the verifier is of no challenge")
	}
	who, ok := accounts[code]
	if !ok {
		return signoff.Account{}, fmt.Errorf("no account %q", code)
	}
	return who, nil
}

// A browser keeps cookies, follows no redirect and says where a form is from.
type browser struct {
	w      *world
	client *http.Client
	site   string // Sec-Fetch-Site of what changes something; empty: an old browser
	origin string // Origin of that
}

// browse is a new browser, signed in where a login is given.
func (w *world) browse(login string) *browser {
	w.t.Helper()
	jar, err := cookiejar.New(nil)
	w.must(err)
	b := &browser{w, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, "same-origin", ""}
	if login == "" {
		return b
	}
	to, err := url.Parse(b.get("/signin").Header.Get("Location"))
	w.must(err)
	back := b.get("/signin/callback?" + url.Values{"code": {login}, "state": {to.Query().Get("state")}}.Encode())
	if back.Code != http.StatusSeeOther {
		w.t.Fatalf("sign in as %s: %d %s", login, back.Code, back.Body)
	}
	return b
}

// An answer is a response that was read.
type answer struct {
	Code   int
	Header http.Header
	Body   string
}

func (b *browser) do(method, path string, form url.Values) answer {
	b.w.t.Helper()
	req, err := http.NewRequestWithContext(b.w.t.Context(), method, b.w.server.URL+path, strings.NewReader(form.Encode()))
	b.w.must(err)
	if method != http.MethodGet && method != http.MethodHead {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if b.site != "" {
			req.Header.Set("Sec-Fetch-Site", b.site)
		}
		if b.origin != "" {
			req.Header.Set("Origin", b.origin)
		}
	}
	resp, err := b.client.Do(req)
	b.w.must(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	b.w.must(err)
	return answer{resp.StatusCode, resp.Header, string(body)}
}

func (b *browser) get(path string) answer { b.w.t.Helper(); return b.do(http.MethodGet, path, nil) }

func (b *browser) post(path string, form url.Values) answer {
	b.w.t.Helper()
	return b.do(http.MethodPost, path, form)
}

// Resend does as the loop does.
func (w *world) Resend(ctx context.Context, key string) error { return w.db.Resend(ctx, jobs{}, key) }

// jobs is a queue that nobody works on.
type jobs struct{}

func (jobs) Reconcile(context.Context, *sql.Tx, []signoff.Subject) error { return nil }
func (jobs) Perform(context.Context, *sql.Tx, []string) error            { return nil }
func (jobs) Sweep(context.Context, *sql.Tx, []string) error              { return nil }
func (jobs) History(context.Context, *sql.Tx, []int64) error             { return nil }

// put stores a pull request as the loop does it: a delivery, a record, the
// ledger's entries of its overrides.
func (w *world) put(b report.Brief) {
	w.t.Helper()
	subject := b.Record.Subject
	w.raise(subject)
	row, _, err := w.db.Load(w.t.Context(), subject)
	w.must(err)
	_, err = w.db.Commit(w.t.Context(), jobs{}, store.Change{
		Subject: subject, Version: row.Version, Done: row.Wanted, Open: !b.Record.State.Ended(),
		Record: func(tail *store.Tail) (signoff.Record, error) {
			for i := range b.Record.Overrides {
				if err := enter(tail, subject, &b.Record.Overrides[i]); err != nil {
					return b.Record, err
				}
			}
			return b.Record, nil
		},
		View:  []byte("{}"),
		Parts: []debt.Part{{Division: debt.Teams, Name: "payments"}, {Division: debt.Goals, Name: "ledger-v2"}},
	})
	w.must(err)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.briefs[subject.Key()] = b
}

// raise makes news of a subject.
func (w *world) raise(s signoff.Subject) {
	w.t.Helper()
	_, err := w.db.Receive(w.t.Context(), jobs{}, store.Delivery{
		GUID: rand.Text(), Event: "pull_request", Action: "synchronize", Installation: s.Installation, Repository: s.Repository,
		At: w.clock(), Body: []byte("{}"), Raised: []store.Raised{{Subject: s}},
	})
	w.must(err)
}

// enter writes an override into the ledger.
func enter(tail *store.Tail, subject signoff.Subject, o *signoff.Override) error {
	if o.Entry == 0 {
		return nil
	}
	size, err := tail.Size()
	if err != nil {
		return err
	}
	log, err := ledger.NewLog(origin, size, tail)
	if err != nil {
		return err
	}
	reason := ledger.Redactable{Salt: [ledger.SaltSize]byte{1}, Text: o.Reason}
	e := ledger.Entry{
		Type: ledger.OverrideDeclared, At: o.At, Subject: subject.Key(), Actors: map[ledger.Role]int64{ledger.By: o.By.ID},
		Strings: map[string]string{"head": o.Commit, "expires": ledger.FormatTime(o.At.Add(time.Hour))},
		Numbers: map[string]int64{"minutes": 117}, Texts: map[string]ledger.Digest{"reason": reason.Digest()},
	}
	e, leaf, err := log.Append(e)
	if err != nil {
		return err
	}
	o.Entry = e.Index + 1
	_, err = tail.Append(store.Leaf{Bytes: leaf, Texts: []store.Text{{Name: "reason", Salt: reason.Salt[:], Text: reason.Text}}})
	return err
}

// sign makes a checkpoint of the ledger as it is.
func (w *world) sign() {
	w.t.Helper()
	size, err := w.db.LedgerSize(w.t.Context())
	w.must(err)
	root, err := tlog.TreeHash(size, w.db.Hashes(w.t.Context()))
	w.must(err)
	secret, _, err := ledger.GenerateKey(bytes.NewReader(make([]byte, 64)), origin)
	w.must(err)
	key, err := ledger.ParseKey([]byte(secret), origin)
	w.must(err)
	note, err := ledger.Checkpoint{Origin: origin, Size: size, Root: root}.Sign(key)
	w.must(err)
	w.must(w.db.SaveCheckpoint(w.t.Context(), store.Checkpoint{Size: size, Note: string(note), At: w.clock()}))
}
