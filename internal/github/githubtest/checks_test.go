package githubtest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-github/v60/github"

	"github.com/barraiser/barraiser/internal/github/githubtest"
)

func annotations(n int) []*github.CheckRunAnnotation {
	list := make([]*github.CheckRunAnnotation, n)
	for i := range list {
		list[i] = &github.CheckRunAnnotation{
			Path: github.String("main.go"), StartLine: github.Int(i + 1), EndLine: github.Int(i + 1),
			AnnotationLevel: github.String("warning"), Message: github.String("Look"),
		}
	}
	return list
}

func TestChecks(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	_, head := w.pull("feature")
	out := &github.CheckRunOutput{Title: github.String("Judging"), Summary: github.String("…"), Annotations: annotations(50)}
	run, _, err := w.bot.Checks.CreateCheckRun(w.ctx(), "acme", "shop", github.CreateCheckRunOptions{
		Name: "bar-raiser", HeadSHA: head, Status: github.String("in_progress"), ExternalID: github.String("k1"), Output: out,
		Actions: []*github.CheckRunAction{{Label: "Retry", Description: "Judge it again", Identifier: "retry"}},
	})
	w.ok(err)
	if run.GetStatus() != "in_progress" || run.Conclusion != nil || len(run.PullRequests) != 1 || run.GetApp().GetID() != w.App().ID {
		t.Errorf("check run = %v", run)
	}
	out.Annotations = annotations(3)
	run, _, err = w.bot.Checks.UpdateCheckRun(w.ctx(), "acme", "shop", run.GetID(), github.UpdateCheckRunOptions{
		Name: "bar-raiser", Conclusion: github.String("success"), Output: out,
	})
	w.ok(err)
	if run.GetStatus() != "completed" || run.GetOutput().GetAnnotationsCount() != 53 {
		t.Errorf("updated = %v, want completed with 53 annotations", run)
	}
	if got, _, err := w.bot.Checks.GetCheckRun(w.ctx(), "acme", "shop", run.GetID()); err != nil || got.GetExternalID() != "k1" {
		t.Errorf("check run = %v, %v", got, err)
	}
	page, _, err := w.bot.Checks.ListCheckRunAnnotations(w.ctx(), "acme", "shop", run.GetID(), &github.ListOptions{PerPage: 100})
	w.ok(err)
	if len(page) != 53 {
		t.Errorf("%d annotations, want 53", len(page))
	}
	w.pass(head, "neutral")
	latest, _, err := w.bot.Checks.ListCheckRunsForRef(w.ctx(), "acme", "shop", head, &github.ListCheckRunsOptions{CheckName: github.String("bar-raiser")})
	w.ok(err)
	all, _, err := w.bot.Checks.ListCheckRunsForRef(w.ctx(), "acme", "shop", "feature", &github.ListCheckRunsOptions{Filter: github.String("all")})
	w.ok(err)
	if latest.GetTotal() != 1 || latest.CheckRuns[0].GetConclusion() != "neutral" || all.GetTotal() != 2 {
		t.Errorf("latest = %v, all = %d", latest.CheckRuns, all.GetTotal())
	}
	suites, _, err := w.bot.Checks.ListCheckSuitesForRef(w.ctx(), "acme", "shop", head, nil)
	w.ok(err)
	if suites.GetTotal() != 1 || suites.CheckSuites[0].GetHeadSHA() != head {
		t.Errorf("suites = %v", suites)
	}
	if _, _, err := w.bot.Checks.GetCheckSuite(w.ctx(), "acme", "shop", suites.CheckSuites[0].GetID()); err != nil {
		t.Error(err)
	}
}

func TestCheckLimits(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	action := func(label, description, id string) []*github.CheckRunAction {
		return []*github.CheckRunAction{{Label: label, Description: description, Identifier: id}}
	}
	text := func(n int) *github.CheckRunOutput {
		return &github.CheckRunOutput{Title: github.String("t"), Summary: github.String(strings.Repeat("x", n))}
	}
	cases := map[string]struct {
		opts github.CreateCheckRunOptions
		want int
		// beyond marks what GitHub's description forbids as well: such a request
		// would fail the judge, so it goes past it.
		beyond bool
	}{
		"summary at the limit": {github.CreateCheckRunOptions{Output: text(65535)}, http.StatusCreated, false},
		"summary too long":     {github.CreateCheckRunOptions{Output: text(65536)}, http.StatusUnprocessableEntity, true},
		"51 annotations": {github.CreateCheckRunOptions{Output: &github.CheckRunOutput{
			Title: github.String("t"), Summary: github.String("s"), Annotations: annotations(51),
		}}, http.StatusUnprocessableEntity, true},
		"long label":      {github.CreateCheckRunOptions{Actions: action(strings.Repeat("x", 21), "d", "i")}, http.StatusUnprocessableEntity, true},
		"long text":       {github.CreateCheckRunOptions{Actions: action("l", strings.Repeat("x", 41), "i")}, http.StatusUnprocessableEntity, true},
		"long identifier": {github.CreateCheckRunOptions{Actions: action("l", "d", strings.Repeat("x", 21))}, http.StatusUnprocessableEntity, true},
		"unknown commit":  {github.CreateCheckRunOptions{HeadSHA: strings.Repeat("0", 40)}, http.StatusUnprocessableEntity, false},
	}
	past := w.client(w.unjudged())
	for name, c := range cases {
		c.opts.Name = "bar-raiser"
		if c.opts.HeadSHA == "" {
			c.opts.HeadSHA = w.base
		}
		client := w.bot
		if c.beyond {
			client = past
		}
		if _, resp, err := client.Checks.CreateCheckRun(w.ctx(), "acme", "shop", c.opts); status(resp) != c.want {
			t.Errorf("%s: %d %v, want %d", name, status(resp), err, c.want)
		}
	}
	id, err := w.PutCheck(shop, "impostor", githubtest.Check{Name: "bar-raiser", HeadSHA: w.base})
	w.ok(err)
	_, resp, _ := w.bot.Checks.UpdateCheckRun(w.ctx(), "acme", "shop", id, github.UpdateCheckRunOptions{Name: "bar-raiser"})
	if status(resp) != http.StatusForbidden {
		t.Errorf("another App's check changed: %d, want 403", status(resp))
	}
}

// unjudged is a transport of the installation, for requests that are wrong on
// purpose.
func (w *world) unjudged() http.RoundTripper {
	token, _, err := w.app.Apps.CreateInstallationToken(w.ctx(), w.installation(), nil)
	w.ok(err)
	return bearer(token.GetToken())
}

type bearer string

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}
