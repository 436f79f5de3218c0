package bot_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
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
	"github.com/barraiser/barraiser/internal/store/storetest"
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
overrides: {allowed: [sam-r], reason: 10, tell: [sam-r]}
`

// world is a simulated GitHub with the whole loop behind it.
type world struct {
	t    *testing.T
	hub  *githubtest.Server
	db   *store.DB
	bot  *bot.Bot
	host *cutHost
	base string // first commit
	dir  string // of all that the loop writes
	// histories says that points of trends are made. Most tests are not about them.
	histories atomic.Bool
	// ahead is by how much the loop's clock is before the real one.
	ahead atomic.Int64
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldLogging(t, warnings(t), true)
}

// newWorldOn is one in a database of that engine.
func newWorldOn(t *testing.T, e store.Engine) *world {
	t.Helper()
	return newWorldStored(t, warnings(t), true, storetest.URL(t, e))
}

// newOpenWorld is one where nothing keeps anybody from merging.
func newOpenWorld(t *testing.T) *world {
	t.Helper()
	return newWorldLogging(t, warnings(t), false)
}

func warnings(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
}

func newWorldLogging(t *testing.T, log *slog.Logger, protected bool) *world {
	t.Helper()
	return newWorldStored(t, log, protected, storetest.URL(t, store.SQLite))
}

func newWorldStored(t *testing.T, log *slog.Logger, protected bool, database string) *world {
	t.Helper()
	hub, err := githubtest.New(githubtest.Options{Dir: t.TempDir(), WebhookTime: patience})
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
	if protected {
		must(t, hub.Protect(repo, githubtest.Rule{RequiredChecks: []githubtest.RequiredCheck{{Name: "bar-raiser", AppID: hub.App().ID}}}))
	}
	w.start(log, database)
	_, err = hub.Install("acme")
	must(t, err)
	return w
}

func (w *world) start(log *slog.Logger, database string) {
	t := w.t
	w.dir = t.TempDir()
	dir := w.dir
	db, err := store.Open(t.Context(), database)
	must(t, err)
	w.db = db
	app := w.hub.App()
	host, err := github.New(log, github.Config{AppID: app.ID, Key: app.PrivateKeyPEM(), APIURL: w.hub.URL() + "/", GitURL: w.hub.URL(), WebURL: w.hub.URL()})
	must(t, err)
	w.host = &cutHost{Host: host}
	secret, _, err := ledger.GenerateKey(rand.Reader, "test/ledger")
	must(t, err)
	key, err := ledger.ParseKey([]byte(secret), "test/ledger")
	must(t, err)
	toolchain, err := engine.FindToolchain(t.Context())
	must(t, err)
	w.bot = bot.New(log, bot.Config{
		Store: db, Host: w.host, Mirrors: bot.NewDisk(filepath.Join(dir, "mirrors"), dir, host),
		Judge:  bot.Judge{Toolchain: toolchain, Scratch: dir, Cache: filepath.Join(dir, "cache"), Proxy: "off", Timeout: patience, MaxMemory: 2 << 30},
		Origin: "test/ledger", Key: key, Now: func() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }, Program: "test", PublicURL: "https://bar.example",
	}, 2)
	q, err := queue.New(t.Context(), log, db, handlers{w.bot, w}, queue.Config{})
	must(t, err)
	w.bot.Jobs = q
	must(t, q.Start(t.Context()))
	t.Cleanup(func() {
		ctx, stop := context.WithTimeout(context.Background(), patience)
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

// handlers are the bot, as far as the test asks for it.
type handlers struct {
	*bot.Bot
	world *world
}

func (h handlers) History(ctx context.Context, repository int64) (bool, error) {
	if !h.world.histories.Load() {
		return false, nil
	}
	return h.Bot.History(ctx, repository)
}

func (w *world) commit(c githubtest.Commit) string {
	w.t.Helper()
	sha, err := w.hub.Commit(repo, c)
	must(w.t, err)
	return sha
}

// edge is an import that the policy forbids.
var edge = map[string]string{
	"pay/pay.go": "package pay\n\nimport \"acme.example/pay/store\"\n\n// Pay pays.\nfunc Pay(cents int) int { return cents + store.Get() }\n",
}

// forbidden opens a pull request with an import that the policy forbids.
func (w *world) forbidden() (number int, head string) {
	w.t.Helper()
	head = w.commit(githubtest.Commit{Branch: "edge", Pusher: "ann-k", Message: "Use the store", Parents: []string{w.base}, Files: edge})
	number, err := w.hub.OpenPull(repo, githubtest.Pull{Author: "ann-k", Title: "Use the store", Head: "edge"})
	must(w.t, err)
	return number, head
}

// patience is how long a test waits for what has to come.
const patience = 3 * time.Minute

// until waits for something to be true.
func (w *world) until(what string, is func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("not so after %v: %s\n%s", patience, what, w.describe())
		}
	}
}

// done waits until all is looked at and performed, and noted.
func (w *world) done() {
	w.t.Helper()
	w.until("nothing waits", func() bool {
		b, err := w.db.Backlog(w.t.Context())
		must(w.t, err)
		return b.Subjects+b.Effects == 0
	})
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

// pull is the stored row of a pull request.
func (w *world) pull(number int) store.Row {
	w.t.Helper()
	pulls, _, err := w.db.Pulls(w.t.Context(), store.PullFilter{}, store.Page{Limit: 100})
	must(w.t, err)
	for _, p := range pulls {
		if p.Subject.Number == number {
			return p
		}
	}
	return store.Row{}
}

func (w *world) state(number int, want signoff.State) store.Row {
	w.t.Helper()
	w.until("#"+strconv.Itoa(number)+" is "+string(want), func() bool { return w.pull(number).State == want })
	return w.pull(number)
}

// asked is who has to sign.
func (w *world) asked(number int) string {
	w.t.Helper()
	row := w.state(number, signoff.Awaiting)
	return row.Record.Requirements[0].Assigned.To.Login
}

func (w *world) approve(number int, login string) {
	w.t.Helper()
	_, err := w.hub.AddReview(repo, number, githubtest.Review{Author: login, State: githubtest.ReviewApproved})
	must(w.t, err)
}

func (w *world) comment(number int, by, body string) int64 {
	w.t.Helper()
	id, err := w.hub.Comment(repo, number, by, body)
	must(w.t, err)
	return id
}

// refused waits until a command was.
func (w *world) refused(comment int64) {
	w.t.Helper()
	w.until("the command is refused", func() bool {
		reactions, err := w.hub.Reactions(repo, comment)
		must(w.t, err)
		return slices.ContainsFunc(reactions, func(r string) bool { return strings.HasSuffix(r, " confused") })
	})
}

// kinds are the types of the ledger's entries, in order.
func (w *world) kinds() []ledger.Type {
	w.t.Helper()
	var out []ledger.Type
	for leaf, err := range w.db.Leaves(w.t.Context(), 0) {
		must(w.t, err)
		e, err := ledger.Decode(leaf.Bytes)
		must(w.t, err)
		out = append(out, e.Type)
	}
	return out
}
