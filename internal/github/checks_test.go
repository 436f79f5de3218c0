package github

import (
	"fmt"
	"strings"
	"testing"

	"github.com/barraiser/barraiser/internal/github/githubtest"
	"github.com/barraiser/barraiser/internal/signoff"
)

func TestPutCheck(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	check := signoff.Check{
		Name: "bar-raiser", Commit: w.head, ExternalID: "9/5/pull/1", Title: "Evaluating", Summary: "s", URL: "https://bar.example/p/1",
		Actions: []signoff.Action{{Label: "Retry", Description: "Judge it again", Identifier: "retry"}},
	}
	for i := range 120 {
		check.Notes = append(check.Notes, signoff.Annotation{Path: "pay.go", From: i + 1, To: i + 1, Level: "warning", Title: fmt.Sprint("F", i), Message: "m"})
	}
	put := func(known int64) int64 {
		t.Helper()
		shown, err := w.app.PutCheck(t.Context(), w.installation, w.repo, check, known)
		w.must(err)
		if list, err := w.app.Checks(t.Context(), w.installation, w.repo, w.head, check.Name); err != nil || len(list) == 0 || list[0].Mark() != shown.Mark() {
			t.Errorf("PutCheck() = %+v, shown is %+v, %v", shown, list, err)
		}
		return shown.ID
	}
	shown := func() []githubtest.Check {
		t.Helper()
		list, err := w.hub.Checks("acme/pay", w.head)
		w.must(err)
		return list
	}
	first := put(0)
	check.Conclusion, check.Title = signoff.ActionRequired, "Sign-off needed"
	for _, known := range []int64{first, 0, first} {
		if id := put(known); id != first {
			t.Errorf("PutCheck(known %d) = %d, want %d", known, id, first)
		}
	}
	list := shown()
	if len(list) != 1 || len(list[0].Output.Annotations) != 120 || list[0].Conclusion != "action_required" || list[0].Output.Title != check.Title || len(list[0].Actions) != 1 {
		t.Fatalf("checks = %d, the first %+v", len(list), list[0].Conclusion)
	}

	// To be in progress again, it takes a new one.
	check.Conclusion = signoff.InProgress
	second := put(first)
	if second == first || len(shown()) != 2 || put(second) != second || put(0) != second {
		t.Errorf("PutCheck() of what is completed = %d, of %d", second, len(shown()))
	}
	check.Conclusion = signoff.Success
	if id := put(0); id != second {
		t.Errorf("PutCheck() = %d, want the newest, %d", id, second)
	}

	// Somebody with our key makes one of another id: it counts, so it is taken.
	rogue, err := w.hub.PutCheck("acme/pay", w.hub.App().Slug, githubtest.Check{Name: "bar-raiser", HeadSHA: w.head, Status: "completed", Conclusion: "success", ExternalID: "rogue"})
	w.must(err)
	check.Conclusion = signoff.ActionRequired
	if id := put(second); id != rogue {
		t.Errorf("PutCheck() beside a newer one of ours = %d, want %d", id, rogue)
	}

	// Another App writes a check of our name: ours is to be the newest again.
	evil, err := w.hub.PutCheck("acme/pay", "evil-ci", githubtest.Check{Name: "bar-raiser", HeadSHA: w.head, Status: "completed", Conclusion: "success", ExternalID: check.ExternalID})
	w.must(err)
	if id := put(rogue); id <= evil || put(id) != id {
		t.Errorf("PutCheck() beside another App's %d = %d", evil, id)
	}
	checks, err := w.app.Checks(t.Context(), w.installation, w.repo, w.head, "bar-raiser")
	w.must(err)
	ours := 0
	for _, c := range checks {
		if c.Ours {
			ours++
		}
	}
	if ours != 4 || len(checks) != 5 || checks[1].App != "evil-ci" || checks[0].ID < checks[1].ID {
		t.Errorf("Checks() = %+v", checks)
	}
}

func TestPutCheckRefuses(t *testing.T) {
	t.Parallel()
	a := fake(t, nil)
	good := signoff.Check{Name: "bar-raiser", Commit: shaA, ExternalID: "x", Title: "t", Summary: "s"}
	for name, change := range map[string]func(*signoff.Check){
		"no commit":       func(c *signoff.Check) { c.Commit = "main" },
		"no id":           func(c *signoff.Check) { c.ExternalID = "" },
		"long text":       func(c *signoff.Check) { c.Text = strings.Repeat("ä", CheckText+1) },
		"long summary":    func(c *signoff.Check) { c.Summary = strings.Repeat("x", CheckText+1) },
		"four actions":    func(c *signoff.Check) { c.Actions = make([]signoff.Action, 4) },
		"long label":      func(c *signoff.Check) { c.Actions = []signoff.Action{{Label: strings.Repeat("x", 21)}} },
		"note at no line": func(c *signoff.Check) { c.Notes = []signoff.Annotation{{Path: "x.go", Level: "notice", Message: "m"}} },
		"note of no level": func(c *signoff.Check) {
			c.Notes = []signoff.Annotation{{Path: "x.go", From: 1, To: 1, Level: "error", Message: "m"}}
		},
		"absolute path": func(c *signoff.Check) {
			c.Notes = []signoff.Annotation{{Path: "/etc/passwd", From: 1, To: 1, Level: "notice", Message: "m"}}
		},
	} {
		check := good
		change(&check)
		if _, err := a.PutCheck(t.Context(), 9, fakeRepo, check, 0); err == nil {
			t.Errorf("PutCheck() with %s succeeded", name)
		}
	}
	exact := good
	exact.Text = strings.Repeat("ä", CheckText)
	if err := validCheck(exact); err != nil {
		t.Errorf("validCheck() at the limit = %v", err)
	}
}
