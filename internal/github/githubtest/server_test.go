package githubtest_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/google/go-github/v60/github"

	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/github/githubtest/contract"
)

var key = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

// A world is a server with the organisation acme, its members alice, bob and
// carol, the outsider mallory, and the repository acme/shop, in which the App is
// installed, with a first commit on main.
type world struct {
	*githubtest.Server
	t    *testing.T
	base string // the first commit
	app  *github.Client
	bot  *github.Client // by an installation token
}

const shop = "acme/shop"

func newWorld(t *testing.T, o githubtest.Options) *world {
	t.Helper()
	o.App.Key = key()
	s, err := githubtest.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{Server: s, t: t}
	for _, login := range []string{"alice", "bob", "carol", "mallory"} {
		w.must(s.AddUser(githubtest.User{Login: login, Name: strings.ToUpper(login[:1]) + login[1:]}))
	}
	w.must(s.AddOrg("acme", "alice", "bob", "carol"))
	w.must(s.AddTeam("acme", "raisers", "bob", "carol"))
	w.must(s.AddRepository(githubtest.Repository{Owner: "acme", Name: "shop", Private: true}))
	for _, login := range []string{"alice", "bob"} {
		w.ok(s.SetCollaborator(shop, login, githubtest.PermissionWrite))
	}
	installation, err := s.Install("acme")
	w.ok(err)
	w.base = w.commit(githubtest.Commit{Branch: "main", Message: "Begin", Pusher: "alice", Files: map[string]string{
		"go.mod": "module shop\n", "main.go": "package main\n\nfunc main() {\n}\n", "docs/read me.md": "Hello\n",
	}})
	w.app = w.client(w.appTransport())
	w.bot = w.client(w.installed(installation, nil))
	return w
}

func (w *world) appTransport() http.RoundTripper {
	tr, err := ghinstallation.NewAppsTransport(w.judge(), w.App().ID, w.App().PrivateKeyPEM())
	w.ok(err)
	return tr
}

func (w *world) installed(id int64, narrow *github.InstallationTokenOptions) http.RoundTripper {
	tr, err := ghinstallation.New(w.judge(), w.App().ID, id, w.App().PrivateKeyPEM())
	w.ok(err)
	tr.BaseURL = w.URL()
	tr.InstallationTokenOptions = narrow
	return tr
}

// judge is the transport of all clients here: it fails the test on whatever
// breaks GitHub's description.
func (w *world) judge() http.RoundTripper { return contract.Judge(w.t, http.DefaultTransport) }

func (w *world) client(tr http.RoundTripper) *github.Client {
	c := github.NewClient(&http.Client{Transport: tr})
	base, err := url.Parse(w.URL() + "/")
	w.ok(err)
	c.BaseURL = base
	return c
}

// as is a client that acts for a person.
func (w *world) as(login string) *github.Client {
	token, err := w.UserToken(login)
	w.ok(err)
	return w.client(w.judge()).WithAuthToken(token)
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) must(_ int64, err error) {
	w.t.Helper()
	w.ok(err)
}

func (w *world) commit(c githubtest.Commit) string {
	w.t.Helper()
	sha, err := w.Commit(shop, c)
	w.ok(err)
	return sha
}

// pull opens a pull request of alice's from a new branch that changes main.go,
// and returns its number and head.
func (w *world) pull(branch string) (int, string) {
	w.t.Helper()
	head := w.commit(githubtest.Commit{Branch: branch, Message: "Change " + branch, Pusher: "alice", Parents: []string{w.base}, Files: map[string]string{
		"main.go": "package main\n\nfunc main() {\n\tprintln(\"" + branch + "\")\n}\n",
	}})
	n, err := w.OpenPull(shop, githubtest.Pull{Author: "alice", Title: "Change " + branch, Body: "Why", Head: branch})
	w.ok(err)
	return n, head
}

func (w *world) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	w.t.Cleanup(cancel)
	return ctx
}

// status is the status of the answer, whether it was an error or not.
func status(r *github.Response) int {
	if r == nil {
		return 0
	}
	return r.StatusCode
}

func TestMain(m *testing.M) {
	// No git of a test reads the machine's configuration.
	os.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	os.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	os.Exit(m.Run())
}
