package web

import (
	"flag"
	"net/url"
	"os"
	"os/signal"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
)

var serve = flag.String("serve", "", "serve the stories to look at, signed in as this login, until interrupted")

// TestServePages is for people who change the pages:
// go test -run TestServePages -v -serve maria-k ./internal/web
func TestServePages(t *testing.T) {
	if *serve == "" {
		t.Skip("for people: -serve LOGIN")
	}
	w := newWorld(t)
	w.grown("Others")
	w.sign()
	b := w.browse(*serve)
	u, err := url.Parse(w.server.URL)
	w.must(err)
	for _, c := range b.client.Jar.Cookies(u) {
		t.Logf("%s/ with the cookie %s=%s", w.server.URL, c.Name, c.Value)
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt)
	<-stop
}

// tell stores the stories, so that each page has something to show.
func (w *world) tell() {
	w.t.Helper()
	w.put(overriddenBefore())
	w.put(waiting())
	w.put(numbered(carried(), acmePay.Repo, 1270, "Rename the reconciler"))
	w.put(numbered(incomplete(), acmePay.Repo, 1290, "Generate the API client"))
	against := numbered(in(waiting(), signoff.RecommendedAgainst), acmePay.Repo, 1255, "Cache exchange rates in a global")
	for i := range against.Record.Requirements {
		against.Record.Requirements[i].First = storyAsked.Add(-4 * 24 * time.Hour)
	}
	w.put(against)
	o := numbered(overridden(), acmePay.Repo, 1281, "Roll the ledger back")
	w.put(o)
	w.put(numbered(in(waiting(), signoff.MergedClean), acmePay.Repo, 1201, "Split the payment flow"))
	site := numbered(in(waiting(), signoff.NotRequired), acmeSite.Repo, 17, "Say what a refund costs")
	site.Record.Mode = review.Observe
	w.put(site)
	w.put(numbered(waiting(), acmeSecret.Repo, 3, "Nobody here may know"))
}

// overriddenBefore is an override that a push ended.
func overriddenBefore() (b report.Brief) {
	b = numbered(overridden(), acmePay.Repo, 1190, "Skip the audit log in tests")
	b.Record.State = signoff.MergedOverridden
	o := &b.Record.Overrides[0]
	o.ID, o.At, o.Void = "d-0", storyNow.Add(-30*24*time.Hour), "the head is another commit now"
	o.Reason = "=HYPERLINK(\"http://evil.example\")"
	return b
}
