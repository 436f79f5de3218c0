package githubtest_test

import (
	"net/http"
	"testing"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/google/go-github/v60/github"

	"github.com/barraiser/barraiser/internal/github/githubtest"
)

func TestApp(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	app, _, err := w.app.Apps.Get(w.ctx(), "")
	w.ok(err)
	if app.GetID() != w.App().ID || app.GetSlug() != "bar-raiser" {
		t.Errorf("the App is %d %s", app.GetID(), app.GetSlug())
	}
	list, _, err := w.app.Apps.ListInstallations(w.ctx(), nil)
	w.ok(err)
	if len(list) != 1 || list[0].GetAccount().GetLogin() != "acme" {
		t.Fatalf("installations: %v", list)
	}
	id := list[0].GetID()
	for name, get := range map[string]func() (*github.Installation, *github.Response, error){
		"by id": func() (*github.Installation, *github.Response, error) { return w.app.Apps.GetInstallation(w.ctx(), id) },
		"by owner": func() (*github.Installation, *github.Response, error) {
			return w.app.Apps.FindOrganizationInstallation(w.ctx(), "acme")
		},
		"by repository": func() (*github.Installation, *github.Response, error) {
			return w.app.Apps.FindRepositoryInstallation(w.ctx(), "acme", "shop")
		},
	} {
		if got, _, err := get(); err != nil || got.GetID() != id {
			t.Errorf("installation %s = %v, %v; want %d", name, got.GetID(), err, id)
		}
	}
	repos, _, err := w.bot.Apps.ListRepos(w.ctx(), nil)
	w.ok(err)
	if repos.GetTotalCount() != 1 || repos.Repositories[0].GetFullName() != shop {
		t.Errorf("repositories of the installation: %v", repos)
	}
	if _, resp, _ := w.app.Repositories.Get(w.ctx(), "acme", "shop"); status(resp) != http.StatusForbidden {
		t.Errorf("a JWT on a repository: %d, want 403", status(resp))
	}
}

func TestJWT(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	for name, id := range map[string]int64{"of another App": w.App().ID + 1} {
		tr, err := ghinstallation.NewAppsTransport(w.judge(), id, w.App().PrivateKeyPEM())
		w.ok(err)
		if _, resp, _ := w.client(tr).Apps.Get(w.ctx(), ""); status(resp) != http.StatusUnauthorized {
			t.Errorf("JWT %s: %d, want 401", name, status(resp))
		}
	}
	for name, header := range map[string]string{
		"unknown token": "Bearer ghs_nobody", "no JWT": "Bearer a.b.c", "other scheme": "Digest x", "alg none": "Bearer eyJhbGciOiJub25lIn0.e30.",
	} {
		req, err := http.NewRequest(http.MethodGet, w.URL()+"/app", nil)
		w.ok(err)
		req.Header.Set("Authorization", header)
		resp, err := w.judge().RoundTrip(req)
		w.ok(err)
		resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %d, want 401", name, resp.StatusCode)
		}
	}
}

func TestScopedToken(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	w.must(w.AddRepository(githubtest.Repository{Owner: "acme", Name: "secret", Private: true}))
	list, _, err := w.app.Apps.ListInstallations(w.ctx(), nil)
	w.ok(err)
	id := list[0].GetID()

	narrow := w.client(w.installed(id, &github.InstallationTokenOptions{
		Repositories: []string{"shop"}, Permissions: &github.InstallationPermissions{Contents: github.String("read")},
	}))
	if _, _, err := narrow.Repositories.Get(w.ctx(), "acme", "shop"); err != nil {
		t.Error(err)
	}
	if _, resp, _ := narrow.Repositories.Get(w.ctx(), "acme", "secret"); status(resp) != http.StatusNotFound {
		t.Errorf("a repository outside the token: %d, want 404", status(resp))
	}
	_, resp, _ := narrow.Checks.CreateCheckRun(w.ctx(), "acme", "shop", github.CreateCheckRunOptions{Name: "x", HeadSHA: w.base})
	if status(resp) != http.StatusForbidden {
		t.Errorf("a check without the permission: %d, want 403", status(resp))
	}

	for name, o := range map[string]*github.InstallationTokenOptions{
		"other repository":  {Repositories: []string{"nothing"}},
		"wider permissions": {Permissions: &github.InstallationPermissions{Administration: github.String("write")}},
		"write for read":    {Permissions: &github.InstallationPermissions{Contents: github.String("write")}},
	} {
		if _, resp, _ := w.app.Apps.CreateInstallationToken(w.ctx(), id, o); status(resp) != http.StatusUnprocessableEntity {
			t.Errorf("token with %s: %d, want 422", name, status(resp))
		}
	}

	w.ok(w.Suspend("acme"))
	if _, resp, _ := narrow.Repositories.Get(w.ctx(), "acme", "shop"); status(resp) != http.StatusForbidden {
		t.Errorf("suspended: %d, want 403", status(resp))
	}
	w.ok(w.Unsuspend("acme"))
	w.ok(w.Uninstall("acme"))
	if _, resp, _ := narrow.Repositories.Get(w.ctx(), "acme", "shop"); status(resp) != http.StatusUnauthorized {
		t.Errorf("uninstalled: %d, want 401", status(resp))
	}
}

func TestRateLimit(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	_, resp, err := w.bot.Repositories.Get(w.ctx(), "acme", "shop")
	w.ok(err)
	before := resp.Rate.Remaining
	if resp.Rate.Limit != 5000 || before == 0 || resp.Rate.Reset.IsZero() {
		t.Errorf("rate = %v", resp.Rate)
	}
	limits, _, err := w.bot.RateLimit.Get(w.ctx())
	w.ok(err)
	if got := limits.Core.Remaining; got != before {
		t.Errorf("after asking for the limit %d remain, want %d", got, before)
	}
}
