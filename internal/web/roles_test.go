package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
)

// people of the table of roles.
//
//	nobody    did not sign in
//	stranger  may read acme/site only
//	reader    may read acme/pay
//	maria-k   may sign
//	sam-r     may override (is in @acme/maintainers)
//	dora      may agree with an override (is in @acme/directors), and runs the server
//	ann-k     as dora, but is the author
var people = []string{"", "stranger", "reader", "maria-k", "sam-r", "dora", "ann-k"}

const (
	ok       = http.StatusOK
	seeOther = http.StatusSeeOther
	denied   = http.StatusForbidden
	hidden   = http.StatusNotFound
	conflict = http.StatusConflict            // there is no checkpoint yet
	lacking  = http.StatusUnprocessableEntity // the form of this table does not hold all
	gone     = http.StatusGone
)

// The pull requests of the table: #1284 waits, #1281 is overridden, #1282 waits
// for a second person, #1201 is merged, #1300 only observes.
var roleTable = []struct {
	method, path string
	want         []int // in the order of people
}{
	{"GET", "/", []int{denied, ok, ok, ok, ok, ok, ok}},
	{"POST", "/", []int{hidden, hidden, hidden, hidden, hidden, hidden, hidden}},
	{"GET", "/rules", []int{ok, ok, ok, ok, ok, ok, ok}},
	{"GET", "/method", []int{ok, ok, ok, ok, ok, ok, ok}},
	{"GET", stylePath, []int{ok, ok, ok, ok, ok, ok, ok}},
	{"GET", "/assets/style.css", []int{hidden, hidden, hidden, hidden, hidden, hidden, hidden}},
	{"GET", "/signin", []int{seeOther, seeOther, seeOther, seeOther, seeOther, seeOther, seeOther}},
	{"GET", "/signin/callback", []int{denied, denied, denied, denied, denied, denied, denied}},
	{"GET", "/signout", []int{hidden, hidden, hidden, hidden, hidden, hidden, hidden}},
	{"GET", "/slack", []int{denied, ok, ok, ok, ok, ok, ok}},
	{"GET", "/slack/link", []int{denied, gone, gone, gone, gone, gone, gone}},
	{"POST", "/slack/link", []int{denied, gone, gone, gone, gone, gone, gone}},
	{"GET", "/slack/unlink", []int{denied, hidden, hidden, hidden, hidden, hidden, hidden}},
	{"POST", "/slack/unlink", []int{denied, seeOther, seeOther, seeOther, seeOther, seeOther, seeOther}},
	{"GET", "/operations", []int{denied, hidden, hidden, hidden, hidden, ok, hidden}},
	{"GET", "/operations/resend", []int{denied, hidden, hidden, hidden, hidden, hidden, hidden}},
	{"POST", "/operations/resend", []int{denied, hidden, hidden, hidden, hidden, seeOther, hidden}},
	{"GET", "/overrides", []int{denied, ok, ok, ok, ok, ok, ok}},
	{"GET", "/overrides.csv", []int{denied, ok, ok, ok, ok, ok, ok}},
	{"GET", "/overrides.json", []int{denied, ok, ok, ok, ok, ok, ok}},
	{"GET", "/overrides/0", []int{denied, hidden, ok, ok, ok, ok, ok}},
	{"GET", "/overrides/99", []int{denied, hidden, hidden, hidden, hidden, hidden, hidden}},
	{"GET", "/overrides/-1", []int{denied, hidden, hidden, hidden, hidden, hidden, hidden}},
	{"GET", "/overrides/2", []int{denied, hidden, ok, ok, ok, ok, ok}},
	{"GET", "/overrides/2/proof.json", []int{denied, hidden, conflict, conflict, conflict, conflict, conflict}},
	{"GET", "/overrides/2/checkpoint.txt", []int{denied, hidden, conflict, conflict, conflict, conflict, conflict}},
	{"GET", "/overrides/2/void", []int{hidden, hidden, hidden, hidden, hidden, hidden, hidden}},
	{"POST", "/overrides/0/acknowledge", []int{denied, hidden, denied, denied, denied, denied, denied}},
	{"POST", "/overrides/99/acknowledge", []int{denied, hidden, hidden, hidden, hidden, hidden, hidden}},
	{"POST", "/overrides/2/justify", []int{denied, hidden, denied, denied, seeOther, denied, denied}},
	{"POST", "/overrides/2/acknowledge", []int{denied, hidden, denied, denied, denied, seeOther, denied}},
	{"POST", "/overrides/2/accept", []int{denied, hidden, denied, denied, denied, seeOther, denied}},
	{"POST", "/overrides/2/promise", []int{denied, hidden, denied, denied, denied, denied, denied}},
	{"POST", "/overrides/2/kept", []int{denied, hidden, denied, denied, denied, denied, denied}},
	{"POST", "/overrides/2/void", []int{denied, hidden, denied, denied, denied, seeOther, denied}},
	{"POST", "/overrides/2/correct", []int{denied, hidden, denied, denied, denied, denied, denied}},
	{"POST", "/overrides/3/promise", []int{denied, hidden, denied, denied, lacking, denied, denied}},
	{"POST", "/overrides/4/kept", []int{denied, hidden, denied, denied, lacking, seeOther, denied}},
	{"GET", "/trend", []int{denied, seeOther, seeOther, seeOther, seeOther, seeOther, seeOther}},
	{"GET", "/trend/acme", []int{denied, ok, ok, ok, ok, ok, ok}},
	{"GET", "/trend/ACME", []int{denied, ok, ok, ok, ok, ok, ok}},
	{"GET", "/trend/other", []int{denied, hidden, hidden, hidden, hidden, hidden, hidden}},
	{"GET", "/trend/acme/files/weeks.csv", []int{denied, hidden, ok, ok, ok, ok, ok}},
	{"GET", "/trend/acme/team/payments", []int{denied, hidden, ok, ok, ok, ok, ok}},
	{"GET", "/trend/acme/team/payments/files/weeks.csv", []int{denied, hidden, ok, ok, ok, ok, ok}},
	{"GET", "/trend/acme/goal/ledger-v2", []int{denied, hidden, ok, ok, ok, ok, ok}},
	{"GET", "/trend/acme/goal/ledger-v2/files/weeks.csv", []int{denied, hidden, ok, ok, ok, ok, ok}},
	{"GET", "/trend/acme/goal/none", []int{denied, hidden, hidden, hidden, hidden, hidden, hidden}},
	{"GET", "/acme/pay/trend", []int{denied, hidden, ok, ok, ok, ok, ok}},
	{"GET", "/acme/pay/trend/files/points.csv", []int{denied, hidden, ok, ok, ok, ok, ok}},
	{"GET", "/acme/site/trend", []int{denied, ok, ok, ok, ok, ok, ok}},
	{"GET", "/acme/secret/trend", []int{denied, hidden, hidden, hidden, hidden, hidden, hidden}},
	{"GET", "/acme/secret/trend/files/points.csv", []int{denied, hidden, hidden, hidden, hidden, hidden, hidden}},
	{"GET", "/acme/pay", []int{denied, hidden, ok, ok, ok, ok, ok}},
	{"GET", "/ACME/Pay", []int{denied, hidden, ok, ok, ok, ok, ok}},
	{"GET", "/acme/site", []int{denied, ok, ok, ok, ok, ok, ok}},
	{"GET", "/acme/secret", []int{denied, hidden, hidden, hidden, hidden, hidden, hidden}},
	{"GET", "/acme/absent", []int{denied, hidden, hidden, hidden, hidden, hidden, hidden}},
	{"GET", "/acme/pay/pull/1284", []int{denied, hidden, ok, ok, ok, ok, ok}},
	{"GET", "/acme/pay/pull/01284", []int{denied, hidden, hidden, hidden, hidden, hidden, hidden}},
	{"GET", "/acme/pay/pull/9", []int{denied, hidden, hidden, hidden, hidden, hidden, hidden}},
	{"GET", "/acme/secret/pull/3", []int{denied, hidden, hidden, hidden, hidden, hidden, hidden}},
	{"GET", "/acme/pay/pull/1284/signoff", []int{hidden, hidden, hidden, hidden, hidden, hidden, hidden}},

	{"POST", "/acme/pay/pull/1284/signoff", []int{denied, hidden, denied, seeOther, denied, denied, denied}},
	{"POST", "/acme/pay/pull/1284/request-changes", []int{denied, hidden, denied, seeOther, denied, denied, denied}},
	{"POST", "/acme/pay/pull/1284/recommend-against", []int{denied, hidden, denied, seeOther, denied, denied, denied}},
	{"POST", "/acme/pay/pull/1284/override", []int{denied, hidden, denied, denied, seeOther, denied, denied}},
	{"POST", "/acme/pay/pull/1284/override-cancel", []int{denied, hidden, denied, denied, denied, denied, denied}},
	{"POST", "/acme/pay/pull/1284/retry", []int{hidden, hidden, hidden, hidden, hidden, hidden, hidden}},
	{"DELETE", "/acme/pay/pull/1284/signoff", []int{hidden, hidden, hidden, hidden, hidden, hidden, hidden}},
	{"POST", "/acme/pay/pull/1281/override", []int{denied, hidden, denied, denied, denied, denied, denied}},
	{"POST", "/acme/pay/pull/1281/override-cancel", []int{denied, hidden, denied, denied, seeOther, denied, denied}},
	{"POST", "/acme/pay/pull/1282/override", []int{denied, hidden, denied, denied, denied, seeOther, denied}},
	{"POST", "/acme/pay/pull/1201/signoff", []int{denied, hidden, denied, denied, denied, denied, denied}},
	{"POST", "/acme/pay/pull/1201/override", []int{denied, hidden, denied, denied, denied, denied, denied}},
	{"POST", "/acme/pay/pull/1300/signoff", []int{denied, hidden, denied, seeOther, denied, denied, denied}},
	{"POST", "/acme/pay/pull/1300/override", []int{denied, hidden, denied, denied, denied, denied, denied}},
	{"POST", "/acme/secret/pull/3/signoff", []int{denied, hidden, hidden, hidden, hidden, hidden, hidden}},
	{"POST", "/acme/secret/pull/3/override", []int{denied, hidden, hidden, hidden, hidden, hidden, hidden}},
	{"POST", "/signout", []int{seeOther, seeOther, seeOther, seeOther, seeOther, seeOther, seeOther}}, // the last: it ends the session
}

// operated has Slack, and dora run the server.
func operated(c *Config) { c.Slack, c.Operators = true, []string{"Dora"} }

// peopled is a world with the pull requests of the table.
func peopled(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, operated)
	w.put(numbered(overridden(), acmePay.Repo, 1281, "Roll the ledger back"))
	w.put(waiting())
	half := numbered(in(overridden(), signoff.Awaiting), acmePay.Repo, 1282, "Roll it back again")
	half.Record.Overrides[0].NeedsSecond = true
	w.put(half)
	w.put(followedUp(1271))
	why := signoff.Followed{Kind: signoff.Justified, By: accounts["sam-r"], Text: "customers were charged twice"}
	w.put(followedUp(1272, why, signoff.Followed{Kind: signoff.Acknowledged, By: accounts["dora"]}))
	w.put(followedUp(1273, why, signoff.Followed{Kind: signoff.Promised, By: accounts["sam-r"], Text: "PAY-7", Due: "2026-12-05"},
		signoff.Followed{Kind: signoff.Acknowledged, By: accounts["dora"]},
		signoff.Followed{Kind: signoff.Kept, By: accounts["sam-r"], Link: "https://pay.example/7"}))
	w.put(numbered(in(waiting(), signoff.MergedClean), acmePay.Repo, 1201, "Split the flow"))
	observed := numbered(waiting(), acmePay.Repo, 1300, "Observed")
	observed.Record.Mode = review.Observe
	w.put(observed)
	w.put(numbered(waiting(), acmeSecret.Repo, 3, "Nobody here may know"))
	w.grow(acmePay, 12, 900, 5, "others")
	w.grow(acmeSecret, 3, 900, 5, "others")
	return w
}

// followedUp is a merge by sam-r without the sign-off that it needed, with what
// followed.
func followedUp(number int, steps ...signoff.Followed) report.Brief {
	b := numbered(in(overridden(), signoff.MergedUndeclared), acmePay.Repo, number, "Pay twice")
	o := &b.Record.Overrides[0]
	o.Declared, o.FollowUp, o.Due, o.Since = false, "", "", storyNow.Add(-2*time.Hour)
	o.Doers, o.Line, o.Steps = []signoff.Account{o.By}, [][]signoff.Account{{accounts["dora"]}}, steps
	o.Deadline = storyNow.Add(22 * time.Hour)
	for i := range o.Steps {
		o.Steps[i].At = o.Since.Add(time.Duration(i+1) * time.Minute)
	}
	return b
}

func word(head string) url.Values {
	return url.Values{
		"head": {head}, "base": {"main"}, "form": {"f"}, "text": {"customers are charged twice, see INC-881"}, "data": {""}, "due": {""},
	}
}

// TestRoles is the table of roles, routes and methods: whoever comes to whatever
// gets what the table says, and nothing is said that the table does not allow.
func TestRoles(t *testing.T) {
	w := peopled(t)
	for i, login := range people {
		b := w.browse(login)
		for _, row := range roleTable {
			want := row.want[i]
			before := len(w.said())
			got := b.do(row.method, row.path, word(headCommit))
			if got.Code != want {
				t.Errorf("%s %s by %q = %d, want %d: %s", row.method, row.path, login, got.Code, want, got.Body)
			}
			speaks := row.method == "POST" && want == seeOther && (strings.Contains(row.path, "/pull/") || strings.HasPrefix(row.path, "/overrides/"))
			if said := len(w.said()) - before; said != 0 && !speaks || said != 1 && speaks {
				t.Errorf("%s %s by %q made %d facts", row.method, row.path, login, said)
			}
		}
	}
}

// TestRolesComplete: a route that nobody tries is a route that nobody thought
// about.
func TestRolesComplete(t *testing.T) {
	for _, rt := range routes {
		if rt.pattern == "/assets/{name}" {
			continue // its names are hashes
		}
		tried := slices.ContainsFunc(roleTable, func(row struct {
			method, path string
			want         []int
		}) bool {
			return row.method == rt.method && fits(rt.pattern, row.path)
		})
		if !tried {
			t.Errorf("no row tries %s %s", rt.method, rt.pattern)
		}
	}
	for _, row := range roleTable {
		if len(row.want) != len(people) {
			t.Errorf("%s %s has %d codes for %d people", row.method, row.path, len(row.want), len(people))
		}
	}
}

func fits(pattern, path string) bool {
	p, q := strings.Split(strings.TrimSuffix(pattern, "{$}"), "/"), strings.Split(path, "/")
	return slices.EqualFunc(p, q, func(part, name string) bool { return part == name || strings.HasPrefix(part, "{") })
}

// TestHidden: what is hidden is answered as what is not there is, and takes as
// long.
func TestHidden(t *testing.T) {
	w := peopled(t)
	b := w.browse("stranger")
	asked := w.questions()
	begun := time.Now()
	there := b.get("/acme/secret")
	tookThere := time.Since(begun)
	begun = time.Now()
	absent := b.get("/acme/absent")
	if took := time.Since(begun); took < testPad || tookThere < testPad {
		t.Errorf("answered after %v where it is hidden and %v where it is not there, want at least %v", tookThere, took, testPad)
	}
	if w.questions() == asked {
		t.Error("GitHub was not asked about the repository that is there")
	}
	same := strings.NewReplacer("secret", "X", "absent", "X")
	if there.Code != hidden || same.Replace(there.Body) != same.Replace(absent.Body) {
		t.Errorf("the hidden one: %d %s\nthe absent one: %d %s", there.Code, there.Body, absent.Code, absent.Body)
	}
	if strings.Contains(there.Body, "Nobody here may know") {
		t.Error("the page names what it hides")
	}
	for _, path := range []string{"/", "/overrides", "/overrides.csv", "/overrides.json"} {
		if got := b.get(path).Body; strings.Contains(got, "secret") || strings.Contains(got, "acme/pay") || strings.Contains(got, "INC-881") {
			t.Errorf("%s shows what it has to hide:\n%s", path, got)
		}
	}
	if got := w.browse("reader").get("/overrides").Body; !strings.Contains(got, "INC-881") {
		t.Errorf("a reader does not see the override:\n%s", got)
	}
}

// TestGitHubDown: who cannot be asked about is nobody.
func TestGitHubDown(t *testing.T) {
	w := peopled(t)
	b := w.browse("reader")
	w.breaks(http.ErrServerClosed)
	if got := b.get("/acme/pay"); got.Code != hidden {
		t.Errorf("with GitHub down: %d, want %d", got.Code, hidden)
	}
	if got := b.get("/"); got.Code != ok || strings.Contains(got.Body, "acme/pay") {
		t.Errorf("the start with GitHub down: %d\n%s", got.Code, got.Body)
	}
}

// TestReportingLine: who reports to whom is not told where anybody may read.
func TestReportingLine(t *testing.T) {
	for repo, want := range map[signoff.Repo]bool{acmePay.Repo: true, acmeSite.Repo: false} {
		b := numbered(waiting(), repo, 5, "t")
		b.Record.Subject.Repository = repo.ID
		w := newWorld(t)
		w.put(b)
		got := w.browse("reader").get(pullPath(repo, 5))
		if got.Code != ok || strings.Contains(got.Body, "reporting line of") != want || !strings.Contains(got.Body, "@max-b") {
			t.Errorf("%s (private: %t): %d, tells the reporting line: %t", repo.Full(), repo.Private, got.Code, !want)
		}
	}
}
