package web

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
)

// TestFollowUp: the page of an override shows what followed and what is waited
// for, has forms for those who may, and hands on what they say.
func TestFollowUp(t *testing.T) {
	w := peopled(t)
	page := w.browse("dora").get("/overrides/2")
	for _, want := range []string{"Not justified", "waits for the reason, by @sam-r", "Above who went in: @dora", `action="/overrides/2/acknowledge"`, `action="/overrides/2/void"`} {
		if !strings.Contains(page.Body, want) {
			t.Errorf("the page lacks %q:\n%s", want, page.Body)
		}
	}
	golden(t, "override-followed.html", w.browse("reader").get("/overrides/4").Body)
	for _, login := range []string{"maria-k", "ann-k"} {
		if strings.Contains(w.browse(login).get("/overrides/2").Body, `action="/overrides/2/`) {
			t.Errorf("%s has a form", login)
		}
	}
	sam := w.browse("sam-r")
	got := sam.do(http.MethodPost, "/overrides/3/promise", url.Values{"form": {"f"}, "follow-up": {"PAY-7"}, "due": {storyNow.Format("2006-01-02")}})
	said := w.said()
	if got.Code != http.StatusSeeOther || len(said) != 1 {
		t.Fatalf("a promise: %d, %d facts: %s", got.Code, len(said), got.Body)
	}
	c := said[0].Command
	if c.Verb != signoff.VerbPromise || c.Object != "d-1" || c.FollowUp != "PAY-7" || c.Due == "" || said[0].Actor != accounts["sam-r"] {
		t.Errorf("said %+v by %v", c, said[0].Actor)
	}
	past := url.Values{"form": {"f"}, "follow-up": {"PAY-7"}, "due": {"2020-01-01"}}
	if got := sam.do(http.MethodPost, "/overrides/3/promise", past); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("a promise for a day that is over: %d", got.Code)
	}
}

// TestProof: what is downloaded is what the page shows.
func TestProof(t *testing.T) {
	w := peopled(t)
	w.sign()
	b := w.browse("reader")
	var file proofFile
	if err := json.Unmarshal([]byte(b.get("/overrides/2/proof.json").Body), &file); err != nil {
		t.Fatal(err)
	}
	page := b.get("/overrides/2").Body
	if file.Index != 2 || len(file.Proof) == 0 || slices.ContainsFunc(file.Proof, func(h string) bool { return !strings.Contains(page, h) }) {
		t.Errorf("proof = %+v", file)
	}
	if note := b.get("/overrides/2/checkpoint.txt").Body; note != file.Checkpoint || !strings.Contains(note, "— "+origin) {
		t.Errorf("checkpoint = %q", note)
	}
}

// TestOverdueFilter: of many overrides those are listed of which something did not
// come in time, page by page, each once.
func TestOverdueFilter(t *testing.T) {
	w := newWorld(t)
	b := overridden()
	first := b.Record.Overrides[0]
	b.Record.Overrides = nil
	for i := range 2*overridesPerPage + 20 {
		o := first
		o.ID, o.At, o.Entry, o.Reason = fmt.Sprintf("d-%03d", i), storyNow.Add(-time.Duration(i)*time.Hour), 1, fmt.Sprintf("reason number %d", i)
		o.Since, o.Doers, o.Line = o.At, []signoff.Account{accounts["sam-r"]}, [][]signoff.Account{{accounts["dora"]}}
		switch i % 4 {
		case 0, 1:
			o.Deadline = storyNow.Add(-time.Minute)
		case 2:
			o.Deadline = storyNow.Add(time.Minute)
		}
		b.Record.Overrides = append(b.Record.Overrides, o)
	}
	w.put(b)
	var seen []string
	next := regexp.MustCompile(`rel="next" href="([^"]+)"`)
	for path := "/overrides?state=overdue"; path != ""; {
		body := w.browse("reader").get(path).Body
		seen = append(seen, strings.Fields(listed(body))...)
		path = ""
		if m := next.FindStringSubmatch(body); m != nil {
			path = html.UnescapeString(m[1])
		}
	}
	var want []string
	for i := range 2*overridesPerPage + 20 {
		if i%4 < 2 {
			want = append(want, fmt.Sprint(i))
		}
	}
	if !slices.Equal(seen, want) {
		t.Errorf("overdue = %v, want %v", seen, want)
	}
	if csv := w.browse("reader").get("/overrides.csv?state=overdue").Body; strings.Count(csv, "reason number") != len(want) {
		t.Errorf("the CSV has %d, want %d", strings.Count(csv, "reason number"), len(want))
	}
}
