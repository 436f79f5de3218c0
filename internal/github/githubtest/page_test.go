package githubtest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/barraiser/barraiser/internal/github/githubtest"
)

// A browser opens pages as one person.
type browser struct {
	t    *testing.T
	base string
	http *http.Client
}

func (w *world) browse(login string) *browser {
	jar, err := cookiejar.New(nil)
	w.ok(err)
	b := &browser{t: w.t, base: w.URL(), http: &http.Client{Jar: jar}}
	b.post("/you", url.Values{"login": {login}, "here": {"/"}}, http.StatusOK)
	return b
}

func (b *browser) get(path string, want int) string {
	b.t.Helper()
	resp, err := b.http.Get(b.base + path)
	return b.read(path, resp, err, want)
}

func (b *browser) post(path string, form url.Values, want int) string {
	b.t.Helper()
	resp, err := b.http.PostForm(b.base+path, form)
	return b.read(path, resp, err, want)
}

func (b *browser) read(path string, resp *http.Response, err error, want int) string {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if resp.StatusCode != want {
		b.t.Errorf("%s: %d, want %d\n%s", path, resp.StatusCode, want, text)
	}
	return string(text)
}

func expect(t *testing.T, page string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(page, p) {
			t.Errorf("the page lacks %q", p)
		}
	}
	if t.Failed() {
		t.Log(page)
	}
}

// TestPullPage goes the way of a person: open, be blocked, review, press a
// button, merge.
func TestPullPage(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	w.ok(w.Protect(shop, githubtest.Rule{RequiredChecks: []githubtest.RequiredCheck{{Name: "bar-raiser"}}}))
	head := w.commit(githubtest.Commit{Branch: "feature", Message: "Change", Pusher: "alice", Files: map[string]string{"main.go": "package main\n"}})
	alice, bob := w.browse("alice"), w.browse("bob")

	expect(t, alice.get("/", http.StatusOK), shop, "private", "0 open pull requests")
	expect(t, alice.get("/"+shop, http.StatusOK), "Open a pull request", "<option>feature</option>")
	page := alice.post("/"+shop+"/pulls", url.Values{"head": {"feature"}, "title": {"A <b>title</b>"}, "body": {"Why <!-- secret -->"}}, http.StatusOK)
	expect(t, page, "A &lt;b&gt;title&lt;/b&gt;", "Merging is blocked", "Required status check &#34;bar-raiser&#34; is expected.", "1 commit into")
	if strings.Contains(bob.get("/"+shop, http.StatusOK), "refresh") {
		t.Error("a page on which nothing happens asks for itself again")
	}
	if strings.Contains(page, "secret") {
		t.Error("the page shows an HTML comment")
	}
	pull := fmt.Sprintf("/%s/pull/1", shop)
	alice.post(pull+"/review", url.Values{"state": {"APPROVED"}}, http.StatusUnprocessableEntity)
	alice.post(pull+"/request", url.Values{"reviewer": {"bob"}}, http.StatusOK)
	expect(t, bob.post(pull+"/review", url.Values{"state": {"APPROVED"}, "body": {"Good"}}, http.StatusOK), "<strong>bob</strong> approved at "+head[:7], "Good", "Nobody was asked.")
	expect(t, bob.post(pull+"/comment", url.Values{"body": {"<script>"}}, http.StatusOK), "&lt;script&gt;")
	const folded = "<details><summary onclick=\"x\">More</summary>\n\n- `a`\n\n</details>\n\n<form action=\"x\"> <sub>small</sub>\n\n[here](javascript:alert)"
	expect(t, bob.post(pull+"/comment", url.Values{"body": {folded}}, http.StatusOK),
		"<details>&lt;summary onclick=&#34;x&#34;&gt;More</summary>", "<li><code>a</code></li>", "&lt;form action=&#34;x&#34;&gt; <sub>small</sub>", `<a href="">here</a>`,
		`<meta http-equiv="refresh"`)
	bob.post(pull+"/merge", url.Values{"sha": {head}}, http.StatusMethodNotAllowed)

	id, err := w.PutCheck(shop, "bar-raiser", githubtest.Check{
		Name: "bar-raiser", HeadSHA: head, Conclusion: githubtest.ConclusionSuccess, Actions: []githubtest.Action{{Label: "Retry", Description: "Again", Identifier: "retry"}},
		Output: githubtest.Output{Title: "Fine", Summary: "All **good**", Annotations: []githubtest.Annotation{{Path: "main.go", StartLine: 1, EndLine: 1, Level: "notice", Message: "Look"}}},
	})
	w.ok(err)
	expect(t, bob.get(pull, http.StatusOK), "This can be merged", "All <strong>good</strong>", "1 annotation", "Retry", "required")
	expect(t, bob.post(fmt.Sprintf("/%s/runs/%d/press", shop, id), url.Values{"action": {"retry"}}, http.StatusOK), "bar-raiser", "#1")
	bob.post(pull+"/merge", url.Values{"sha": {w.base}}, http.StatusConflict)
	expect(t, bob.post(pull+"/merge", url.Values{"sha": {head}, "method": {"squash"}}, http.StatusOK), "Merged.")

	for login, want := range map[string]int{"mallory": http.StatusNotFound, "": http.StatusNotFound, "carol": http.StatusOK} {
		w.browse(login).get(pull, want)
	}
	w.browse("").post(pull+"/comment", url.Values{"body": {"x"}}, http.StatusUnauthorized)
}

func TestOtherSitesForms(t *testing.T) {
	w := newWorld(t, githubtest.Options{})
	req, err := http.NewRequest(http.MethodPost, w.URL()+"/you", strings.NewReader("login=bob"))
	w.ok(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", "http://evil.example")
	resp, err := http.DefaultClient.Do(req)
	w.ok(err)
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("a form of another site: %d, want 403", resp.StatusCode)
	}
	elsewhere := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err = elsewhere.PostForm(w.URL()+"/you", url.Values{"login": {"bob"}, "here": {"//evil.example/"}})
	w.ok(err)
	resp.Body.Close()
	if to := resp.Header.Get("Location"); to != "/" {
		t.Errorf("sent to %s, want /", to)
	}
}

func TestOnlyLoopback(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0"} {
		if s, err := githubtest.New(githubtest.Options{Addr: addr, App: githubtest.App{Key: key()}}); err == nil {
			s.Close()
			t.Errorf("listens on %s", addr)
		}
	}
}
