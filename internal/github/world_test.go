package github

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/github/githubtest/contract"
	"github.com/barraiser/barraiser/internal/signoff"
)

func TestMain(m *testing.M) {
	os.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	os.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	os.Exit(m.Run())
}

// testKey takes a while to make, so all share one.
var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// A world is a simulated GitHub with one organisation, one repository with a pull
// request by sam, and an App that GitHub's own description of its API watches.
type world struct {
	t            *testing.T
	hub          *githubtest.Server
	app          *App
	logged       *bytes.Buffer
	installation int64
	repo         signoff.Repo
	number       int
	base, head   string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	hub, err := githubtest.New(githubtest.Options{Dir: t.TempDir(), App: githubtest.App{Key: testKey()}})
	w := &world{t: t, hub: hub, logged: &bytes.Buffer{}}
	w.must(err)
	t.Cleanup(func() { hub.Close() })
	for _, login := range []string{"sam", "maria-k", "jo", "stranger"} {
		_, err := hub.AddUser(githubtest.User{Login: login})
		w.must(err)
	}
	_, err = hub.AddOrg("acme", "sam", "maria-k", "jo")
	w.must(err)
	id, err := hub.AddRepository(githubtest.Repository{Owner: "acme", Name: "pay", Private: true})
	w.must(err)
	for _, login := range []string{"sam", "maria-k", "jo"} {
		w.must(hub.SetCollaborator("acme/pay", login, "write"))
	}
	w.base = w.commit("main", "sam", "package pay\n")
	w.installation, err = hub.Install("acme", "acme/pay")
	w.must(err)
	w.head = w.commit("topic", "sam", "package pay\n\nvar A = 1\n")
	w.number, err = hub.OpenPull("acme/pay", githubtest.Pull{Author: "sam", Title: "Add A", Body: "b", Head: "topic"})
	w.must(err)

	app := hub.App()
	w.app, err = New(slog.New(slog.NewTextHandler(w.logged, nil)), Config{
		AppID: app.ID, Key: app.PrivateKeyPEM(), APIURL: hub.URL(), GitURL: hub.URL(), WebURL: hub.URL(),
		ClientID: app.ClientID, ClientSecret: app.ClientSecret,
		Transport: described{contract.Judge(t, http.DefaultTransport)},
	})
	w.must(err)
	w.repo, err = w.app.Repo(t.Context(), w.installation, id)
	w.must(err)
	return w
}

// described is the transport with the judge. The sign-in of people is no part of
// the API that GitHub's description is about.
type described struct{ judge http.RoundTripper }

func (d described) RoundTrip(req *http.Request) (*http.Response, error) {
	if strings.HasPrefix(req.URL.Path, "/login/oauth/") {
		return http.DefaultTransport.RoundTrip(req)
	}
	return d.judge.RoundTrip(req)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) commit(branch, by, text string) string {
	w.t.Helper()
	sha, err := w.hub.Commit("acme/pay", githubtest.Commit{Branch: branch, Files: map[string]string{"pay.go": text}, Message: "m", Pusher: by})
	w.must(err)
	return sha
}

// A fake is an App whose GitHub is one function, for answers that the simulated
// one does not give.
func fake(t *testing.T, answer http.HandlerFunc) *App {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/access_tokens") {
			rw.WriteHeader(http.StatusCreated)
			io.WriteString(rw, `{"token":"ghs_fakefakefakefakefakefakefakefakefake","expires_at":"2099-01-01T00:00:00Z"}`)
			return
		}
		answer(rw, r)
	}))
	t.Cleanup(server.Close)
	app := githubtest.App{Key: testKey()}
	a, err := New(slog.New(slog.DiscardHandler), Config{
		AppID: 7, Key: app.PrivateKeyPEM(), APIURL: server.URL, GitURL: server.URL, WebURL: server.URL,
		ClientID: "Iv1.x", ClientSecret: "very-secret-client-secret",
	})
	if err != nil {
		t.Fatal(err)
	}
	a.wait = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return a
}

var fakeRepo = signoff.Repo{ID: 5, Owner: "acme", Name: "pay"}
