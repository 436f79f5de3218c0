package bot_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/bot"
	"github.com/barraiser/barraiser/internal/engine"
	"github.com/barraiser/barraiser/internal/github"
	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/ledger"
	"github.com/barraiser/barraiser/internal/queue"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// TestMain is the judge as well: the engine re-executes the program.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == engine.ChildCommand {
		out := os.Stdout
		os.Stdout = os.Stderr
		os.Exit(engine.Child(os.Stdin, out))
	}
	os.Exit(m.Run())
}

const repo = "acme/pay"

const policy = `version: 1
mode: enforce
components:
  pay:   {paths: ["pay/**"], may: []}
  store: {paths: ["store/**"]}
domains:
  architecture: {pool: [maria-k, jo-b, ann-k]}
  design: {pool: [jo-b]}
overrides: {allowed: [sam-r], reason: 10}
`

// world is a simulated GitHub with the whole loop behind it.
type world struct {
	t    *testing.T
	hub  *githubtest.Server
	db   *store.DB
	bot  *bot.Bot
	base string // first commit
}

func newWorld(t *testing.T) *world {
	t.Helper()
	hub, err := githubtest.New(githubtest.Options{Dir: t.TempDir()})
	must(t, err)
	t.Cleanup(func() { must(t, hub.Close()) })
	w := &world{t: t, hub: hub}
	for _, login := range []string{"ann-k", "maria-k", "jo-b", "sam-r"} {
		_, err := hub.AddUser(githubtest.User{Login: login, Name: login, Email: login + "@acme.example"})
		must(t, err)
	}
	_, err = hub.AddOrg("acme", "ann-k", "maria-k", "jo-b", "sam-r")
	must(t, err)
	_, err = hub.AddRepository(githubtest.Repository{Owner: "acme", Name: "pay"})
	must(t, err)
	for _, login := range []string{"ann-k", "maria-k", "jo-b", "sam-r"} {
		must(t, hub.SetCollaborator(repo, login, githubtest.PermissionWrite))
	}
	w.base = w.commit(githubtest.Commit{Branch: "main", Pusher: "sam-r", Message: "Begin", Files: map[string]string{
		".github/barraiser.yml": policy,
		"go.mod":                "module acme.example/pay\n\ngo 1.24\n",
		"pay/pay.go":            "package pay\n\n// Pay pays.\nfunc Pay(cents int) int { return cents }\n",
		"store/store.go":        "package store\n\n// Get gets.\nfunc Get() int { return 1 }\n",
	}})
	must(t, hub.Protect(repo, githubtest.Rule{RequiredChecks: []githubtest.RequiredCheck{{Name: "bar-raiser", AppID: hub.App().ID}}}))
	w.start()
	_, err = hub.Install("acme")
	must(t, err)
	return w
}

func (w *world) start() {
	t := w.t
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "db"))
	must(t, err)
	w.db = db
	app := w.hub.App()
	host, err := github.New(log, github.Config{AppID: app.ID, Key: app.PrivateKeyPEM(), APIURL: w.hub.URL() + "/", GitURL: w.hub.URL(), WebURL: w.hub.URL()})
	must(t, err)
	secret, _, err := ledger.GenerateKey(rand.Reader, "test/ledger")
	must(t, err)
	key, err := ledger.ParseKey([]byte(secret), "test/ledger")
	must(t, err)
	toolchain, err := engine.FindToolchain(t.Context())
	must(t, err)
	dir := t.TempDir()
	w.bot = bot.New(log, bot.Config{
		Store: db, Host: host, Mirrors: bot.NewDisk(filepath.Join(dir, "mirrors"), host),
		Judge:  bot.Judge{Toolchain: toolchain, Scratch: dir, Cache: filepath.Join(dir, "cache"), Proxy: "off", Timeout: time.Minute, MaxMemory: 2 << 30},
		Origin: "test/ledger", Key: key, Now: time.Now, Program: "test", PublicURL: "https://bar.example",
	}, 2)
	q, err := queue.New(t.Context(), log, db, w.bot, queue.Config{})
	must(t, err)
	w.bot.Jobs = q
	must(t, q.Start(t.Context()))
	t.Cleanup(func() {
		ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
		defer stop()
		must(t, q.Stop(ctx))
		must(t, db.Close())
	})
	hook, err := github.NewWebhook([]byte(app.WebhookSecret))
	must(t, err)
	self := github.Self{ID: app.ID, Slug: app.Slug}
	server := httptest.NewServer(github.Handler(log, hook, func() github.Self { return self }, w.bot, func(string, int, time.Duration) {}))
	t.Cleanup(server.Close)
	w.hub.SetWebhook(server.URL)
}

func (w *world) commit(c githubtest.Commit) string {
	w.t.Helper()
	sha, err := w.hub.Commit(repo, c)
	must(w.t, err)
	return sha
}

// forbidden opens a pull request with an import that the policy forbids.
func (w *world) forbidden() (number int, head string) {
	w.t.Helper()
	head = w.commit(githubtest.Commit{Branch: "edge", Pusher: "ann-k", Message: "Use the store", Parents: []string{w.base}, Files: map[string]string{
		"pay/pay.go": "package pay\n\nimport \"acme.example/pay/store\"\n\n// Pay pays.\nfunc Pay(cents int) int { return cents + store.Get() }\n",
	}})
	number, err := w.hub.OpenPull(repo, githubtest.Pull{Author: "ann-k", Title: "Use the store", Head: "edge"})
	must(w.t, err)
	return number, head
}

// patience is how long a test waits for what has to come.
const patience = 60 * time.Second

// until waits for something to be true.
func (w *world) until(what string, is func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("not so after %v: %s\n%s", patience, what, w.describe())
		}
	}
}

func (w *world) check(head string) githubtest.Check {
	w.t.Helper()
	checks, err := w.hub.Checks(repo, head)
	must(w.t, err)
	for _, c := range slices.Backward(checks) {
		if c.Name == "bar-raiser" {
			return c
		}
	}
	return githubtest.Check{}
}

func (w *world) concludes(head string, want githubtest.Conclusion) githubtest.Check {
	w.t.Helper()
	w.until("the check of "+head[:7]+" is "+string(want), func() bool { return w.check(head).Conclusion == want })
	return w.check(head)
}

func (w *world) describe() string {
	pulls, _, err := w.db.Pulls(w.t.Context(), store.PullFilter{}, store.Page{Limit: 10})
	must(w.t, err)
	var out strings.Builder
	for _, p := range pulls {
		out.WriteString(p.Subject.Key() + " " + string(p.State) + ": " + p.Record.Why + "\n")
	}
	return out.String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestSignOff is the main road: opened, sent, refused by the merge gate, signed
// off by whoever is asked, merged.
func TestSignOff(t *testing.T) {
	w := newWorld(t)
	number, head := w.forbidden()
	check := w.concludes(head, "action_required")
	if !strings.Contains(check.Output.Title, "Sign-off needed") {
		t.Errorf("title = %q", check.Output.Title)
	}
	if _, err := w.hub.MergePull(repo, number, "ann-k", githubtest.Merge{}); err == nil {
		t.Fatal("merged without a sign-off")
	}
	pulls, _, err := w.db.Pulls(t.Context(), store.PullFilter{}, store.Page{Limit: 1})
	must(t, err)
	asked := pulls[0].Record.Requirements[0].Assigned.To.Login
	if asked != "maria-k" && asked != "jo-b" {
		t.Fatalf("asked %q: %s", asked, w.describe())
	}
	// Who opened it may not sign.
	_, err = w.hub.Comment(repo, number, "ann-k", "/bar signoff "+head[:8])
	must(t, err)
	must(t, w.hub.Wait(t.Context()))
	_, err = w.hub.AddReview(repo, number, githubtest.Review{Author: asked, State: githubtest.ReviewApproved, Body: "Read it."})
	must(t, err)
	w.concludes(head, "success")
	merged, err := w.hub.MergePull(repo, number, "ann-k", githubtest.Merge{})
	must(t, err)
	w.until("it ends as merged clean", func() bool { return strings.Contains(w.describe(), string(signoff.MergedClean)) })
	t.Logf("merged as %s", merged)
	if size, err := w.db.LedgerSize(t.Context()); err != nil || size == 0 {
		t.Errorf("the ledger has %d entries (%v), want the sign-off", size, err)
	}
	if _, err := http.Get(w.hub.URL()); err != nil {
		t.Error(err)
	}
}
