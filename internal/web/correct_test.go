package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
)

// TestCorrect: who went in names the mechanism on the page of the override, and what
// is lacking is said.
func TestCorrect(t *testing.T) {
	w := newWorld(t)
	b := overriddenBefore()
	at := storyNow.Add(-40 * 24 * time.Hour)
	o := &b.Record.Overrides[0]
	o.Void, o.By = "", accounts["sam-r"]
	b.Record.Merge = &signoff.Merge{Class: signoff.ClassOverridden, Commit: headCommit, At: at, Due: at.Add(30 * 24 * time.Hour)}
	b.Record.Correction = &signoff.Correction{Opened: at, Override: "d-0", After: signoff.Aftermath{Result: signoff.Reverted, Commit: baseCommit, Title: "Revert it"}}
	w.put(b)
	const path = "/overrides/0/correct"
	whys := []string{"it was added", "nobody  tested it", "", "the store has no test server"}
	form := func(change func(url.Values)) url.Values {
		f := url.Values{"form": {"f"}, "why": whys, "mechanism": {"a test server of the store"}, "owner": {"@Maria-K"}}
		change(f)
		return f
	}
	if page := w.browse("reader").get("/overrides/0").Body; strings.Contains(page, path) {
		t.Error("who has nothing to do with it has a form")
	}
	if got := w.browse("reader").do(http.MethodPost, path, form(func(url.Values) {})); got.Code != http.StatusForbidden {
		t.Errorf("who has nothing to do with it: %d, want 403", got.Code)
	}
	sam := w.browse("sam-r")
	if page := sam.get("/overrides/0").Body; !strings.Contains(page, `action="`+path+`"`) || strings.Count(page, `name="why"`) != 5 {
		t.Errorf("the page has no form:\n%s", page)
	}
	for name, change := range map[string]func(url.Values){
		"Ask why at least 3 times": func(f url.Values) { f["why"] = whys[:3] },
		"Name the mechanism":       func(f url.Values) { f.Set("mechanism", " ") },
		"Name who makes":           func(f url.Values) { f.Set("owner", "the team") },
		"The sign &gt; parts":      func(f url.Values) { f.Set("mechanism", "tests => deploy") },
		"has at most":              func(f url.Values) { f.Set("mechanism", strings.Repeat("x", maxSaid)) },
	} {
		if got := sam.do(http.MethodPost, path, form(change)); got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body, name) {
			t.Errorf("%q: %d\n%s", name, got.Code, got.Body)
		}
	}
	got := sam.do(http.MethodPost, path, form(func(url.Values) {}))
	said := w.said()
	if got.Code != http.StatusSeeOther || len(said) != 1 {
		t.Fatalf("a correction: %d, %d facts: %s", got.Code, len(said), got.Body)
	}
	c := said[0].Command
	if want := "it was added > nobody tested it > the store has no test server => a test server of the store"; c.Verb != signoff.VerbCorrect || c.Object != "maria-k" || c.Text != want {
		t.Errorf("said %+v, want %q", c, want)
	}

	b.Record.Correction.Named = storyNow
	w.put(b)
	if page := sam.get("/overrides/0").Body; strings.Contains(page, path) {
		t.Error("there is a form for what is named already")
	}
}
