package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/google/go-github/v60/github"

	"github.com/barraiser/barraiser/internal/signoff"
)

// A reach is what a token may do.
type reach string

const (
	asApp      reach = "app"      // the App itself, by its key: no repository
	toRepo     reach = "repo"     // read one repository, write checks and comments
	toContents reach = "contents" // read the content of one repository
	toPeople   reach = "people"   // read teams and accounts
	toList     reach = "list"     // see which repositories there are
)

func read() *string  { return github.String("read") }
func write() *string { return github.String("write") }

// permissions are the least that the methods need. What is asked here and was not
// granted, GitHub refuses with 422.
var permissions = map[reach]github.InstallationPermissions{
	toRepo:     {Metadata: read(), Contents: read(), Checks: write(), PullRequests: write()},
	toContents: {Metadata: read(), Contents: read()},
	toPeople:   {Metadata: read(), Members: read()},
	toList:     {Metadata: read()},
}

// A scope is who may do what, and where. It names a client.
type scope struct {
	installation int64
	repository   int64  // 0: all of the installation
	name         string // of a repository whose number is not known
	reach        reach
}

type client struct {
	*github.Client
	tokens *ghinstallation.Transport // nil as the App
}

// most clients that are kept. One is a few kilobytes and a token.
const mostClients = 4096

// requestTimeout holds for one request and its answer.
const requestTimeout = time.Minute

func (a *App) client(s scope) *client {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c := a.clients[s]; c != nil {
		return c
	}
	if len(a.clients) >= mostClients {
		// Any will do: it is made again, and a token with it.
		for old := range a.clients {
			delete(a.clients, old)
			break
		}
	}
	c := a.newClient(s)
	a.clients[s] = c
	return c
}

func (a *App) newClient(s scope) *client {
	g := a.gates[s.installation]
	if g == nil {
		g = newGate(a.now)
		a.gates[s.installation] = g
	}
	// One of these for each client, though all sign alike: the package writes to
	// it without a lock.
	signed := ghinstallation.NewAppsTransportFromPrivateKey(&gated{gate: g, app: a, base: a.config.Transport}, a.config.AppID, a.key)
	signed.BaseURL = a.api.String()
	c := &client{}
	var authorised http.RoundTripper = signed
	if s.reach != asApp {
		c.tokens = ghinstallation.NewFromAppsTransport(signed, s.installation)
		allowed := permissions[s.reach]
		c.tokens.InstallationTokenOptions = &github.InstallationTokenOptions{Permissions: &allowed}
		if s.repository != 0 {
			c.tokens.InstallationTokenOptions.RepositoryIDs = []int64{s.repository}
		} else if s.name != "" {
			c.tokens.InstallationTokenOptions.Repositories = []string{s.name}
		}
		authorised = c.tokens
	}
	c.Client = github.NewClient(&http.Client{
		Transport:     &conditional{cache: a.etags, scope: s, base: authorised},
		CheckRedirect: sameHost,
		Timeout:       requestTimeout,
	})
	base := *a.api
	c.BaseURL, c.UserAgent = &base, "bar-raiser"
	return c
}

// sameHost follows the redirects of a renamed repository. The transport adds the
// token to every request, so none may lead elsewhere.
func sameHost(req *http.Request, via []*http.Request) error {
	if len(via) >= 5 {
		return errors.New("more than five redirects")
	}
	if first := via[0].URL; req.URL.Host != first.Host || req.URL.Scheme != first.Scheme {
		return errors.New("redirect to another host")
	}
	return nil
}

func (a *App) repo(installation int64, repo signoff.Repo) *client {
	return a.client(scope{installation: installation, repository: repo.ID, reach: toRepo})
}

// Credential is a token that reads the content of one repository, for git. It is
// a function, since a token lives for an hour and a fetch may wait for its turn.
func (a *App) Credential(ctx context.Context, installation int64, repo signoff.Repo) func() (string, error) {
	return func() (string, error) {
		token, err := a.client(scope{installation: installation, repository: repo.ID, reach: toContents}).tokens.Token(ctx)
		return token, fail("token for "+repo.Full(), err)
	}
}

// RemoteURL is where git finds a repository.
func (a *App) RemoteURL(repo signoff.Repo) string {
	return a.config.GitURL + "/" + repo.Full() + ".git"
}

// PullURL is the page of a pull request.
func (a *App) PullURL(repo signoff.Repo, number int) string {
	return fmt.Sprintf("%s/%s/pull/%d", a.config.WebURL, repo.Full(), number)
}

// PullLink is a link to a pull request in Markdown. A bare "owner/name#12" would
// leave a reference in the history of that pull request.
func (a *App) PullLink(repo signoff.Repo, number int) string {
	return fmt.Sprintf("[%s\u200b#%d](%s)", repo.Full(), number, a.PullURL(repo, number))
}

// Self asks who we are, once.
func (a *App) Self(ctx context.Context) (Self, error) {
	a.mu.Lock()
	self := a.self
	a.mu.Unlock()
	if self.ID != 0 {
		return self, nil
	}
	app, _, err := a.client(scope{reach: asApp}).Apps.Get(ctx, "")
	if err != nil {
		return Self{}, fail("read our App", err)
	}
	if app.GetID() != a.config.AppID || app.GetSlug() == "" {
		return Self{}, fmt.Errorf("read our App: GitHub says that it is %d, %q", app.GetID(), app.GetSlug())
	}
	self = Self{ID: app.GetID(), Slug: app.GetSlug()}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.self = self
	return self, nil
}

// pages calls next for each page of a list until there is none, and not for ever.
func pages(most int, next func(github.ListOptions) (*github.Response, error)) (whole bool, err error) {
	opts := github.ListOptions{PerPage: 100, Page: 1}
	for range most {
		resp, err := next(opts)
		if err != nil {
			return false, err
		}
		if resp.NextPage == 0 {
			return true, nil
		}
		opts.Page = resp.NextPage
	}
	return false, nil
}
