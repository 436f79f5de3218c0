package system_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

// A browser is one person's, who signs in on the emulated GitHub.
type browser struct {
	t     *testing.T
	login string
	*http.Client
}

func newBrowser(t *testing.T, login string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	return &browser{t: t, login: login, Client: &http.Client{Jar: jar, Timeout: patience}}
}

// page returns where an answer with the status came from in the end, and what it
// says.
func (b *browser) page(want int, resp *http.Response, err error) (at *url.URL, text string) {
	b.t.Helper()
	must(b.t, err)
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	must(b.t, err)
	if resp.StatusCode != want {
		b.t.Fatalf("%s: %s\n%s", resp.Request.URL, resp.Status, content)
	}
	return resp.Request.URL, string(content)
}

// links has the person ask for a link in Slack, sign in with GitHub, and agree on
// the page that shows both names.
func (b *browser) links(e *slackEmulator, g *emulated) {
	b.t.Helper()
	var answer struct {
		Blocks []struct{ Elements []struct{ URL string } }
	}
	must(b.t, json.Unmarshal([]byte(e.command(g.server.url, b.login, "link")), &answer))
	var link string
	for _, block := range answer.Blocks {
		for _, button := range block.Elements {
			link = button.URL
		}
	}
	address, err := url.Parse(link)
	if err != nil || address.Query().Get("token") == "" {
		b.t.Fatalf("/bar-raiser link offers %q, %v", link, err)
	}
	// Nobody is signed in yet: the page of ours asks for that, and GitHub's asks who it is.
	resp, err := b.Get(link)
	_, text := b.page(http.StatusForbidden, resp, err)
	if !strings.Contains(text, "/signin?") {
		b.t.Fatalf("the link offers no sign-in:\n%s", text)
	}
	site := address.Scheme + "://" + address.Host
	resp, err = b.Get(site + "/signin?" + url.Values{"to": {address.RequestURI()}}.Encode())
	at, _ := b.page(http.StatusOK, resp, err)
	if !strings.HasPrefix(at.String(), g.url+"/login/oauth/authorize?") {
		b.t.Fatalf("signing in leads to %s, not to GitHub", at)
	}
	form := url.Values{"login": {b.login}}
	for _, name := range []string{"redirect_uri", "state", "client_id"} {
		form.Set(name, at.Query().Get(name))
	}
	resp, err = b.PostForm(g.url+"/login/oauth/callback", form)
	at, text = b.page(http.StatusOK, resp, err)
	if at.String() != link || !strings.Contains(text, "@"+b.login) {
		b.t.Fatalf("signed in, and at %s:\n%s", at, text)
	}
	agree, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, site+address.Path, strings.NewReader(address.RawQuery))
	must(b.t, err)
	agree.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	agree.Header.Set("Origin", site)
	resp, err = b.Do(agree)
	if _, text = b.page(http.StatusOK, resp, err); !strings.Contains(text, e.member(b.login)) {
		b.t.Fatalf("not linked:\n%s", text)
	}
	if said := e.command(g.server.url, b.login, ""); !strings.Contains(said, "You are "+b.login+" on GitHub") {
		b.t.Fatalf("/bar-raiser = %s", said)
	}
}

// presses has a member press a button of a message, by its label.
func (l *life) presses(login, where, label string, m slackMessage) {
	l.t.Helper()
	var blocks []struct {
		Elements json.RawMessage
	}
	must(l.t, json.Unmarshal(m.Blocks, &blocks))
	for _, block := range blocks {
		var buttons []struct {
			Text     struct{ Text string }
			ActionID string `json:"action_id"`
			Value    string
		}
		if json.Unmarshal(block.Elements, &buttons) != nil {
			continue // what is no row of buttons has other elements
		}
		for _, b := range buttons {
			if b.Text.Text != label {
				continue
			}
			if status := l.slack.press(l.server.url, login, where, b.ActionID, b.Value); status != http.StatusOK {
				l.t.Errorf("%s pressed %s: %d, want 200", login, label, status)
			}
			l.note("In Slack", login+" presses "+label)
			return
		}
	}
	l.t.Fatalf("no button %q in the message:\n%s\n%s", label, m.words(), m.Blocks)
}

// entries counts the entries of a type in the ledger.
func (l *life) entries(of string) int {
	l.t.Helper()
	return strings.Count(l.server.run("ledger", "show", "--last", "100"), " "+of+" ")
}
