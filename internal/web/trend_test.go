package web

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
)

// trendPages are the pages of debt of the grown world, for somebody who may read
// acme/pay and acme/site.
var trendPages = []string{
	"/trend/acme", "/trend/acme?view=leadership", "/acme/pay/trend", "/acme/pay/trend?view=leadership", "/acme/site/trend",
	"/trend/acme/team/payments", "/trend/acme/team/payments?view=leadership", "/trend/acme/goal/ledger-v2",
}

var refForm = regexp.MustCompile(`(?:src|srcset|href)="([^"]+)"`)

// TestTrendPages: each page is sound, leads only to what is there, and all that it
// leads to has its type.
func TestTrendPages(t *testing.T) {
	w := newWorld(t)
	w.grown("=HYPERLINK(1)")
	b := w.browse("maria-k")
	for _, path := range trendPages {
		got := b.get(path)
		if got.Code != ok {
			t.Errorf("%s = %d\n%s", path, got.Code, got.Body)
			continue
		}
		sound(t, path, got.Body)
		charts, tables := 0, 0
		for _, m := range refForm.FindAllStringSubmatch(got.Body, -1) {
			ref := strings.ReplaceAll(m[1], "&amp;", "&")
			if !strings.HasPrefix(ref, "/") || strings.HasPrefix(ref, "//") || strings.HasPrefix(ref, "/signin") {
				if !strings.HasPrefix(ref, "#") {
					t.Errorf("%s leads to %s", path, ref)
				}
				continue
			}
			file := b.get(ref)
			if file.Code != ok && file.Code != seeOther {
				t.Errorf("%s leads to %s, which is %d", path, ref, file.Code)
			}
			name, _, _ := strings.Cut(ref, "?")
			switch kind := file.Header.Get("Content-Type"); {
			case strings.HasSuffix(name, ".svg") && strings.Contains(name, "/files/"):
				charts++
				if kind != "image/svg+xml" || !strings.Contains(file.Body, "<title>") || !strings.Contains(file.Body, "<desc>") {
					t.Errorf("%s is %s without title or description", ref, kind)
				}
			case strings.HasSuffix(name, ".csv"):
				tables++
				rows, err := csv.NewReader(strings.NewReader(file.Body)).ReadAll()
				if err != nil || len(rows) < 2 || !strings.HasPrefix(kind, "text/csv") {
					t.Errorf("%s: %d rows, %v, %s", ref, len(rows), err, kind)
				}
				if strings.Contains(file.Body, ",=") || strings.HasPrefix(file.Body, "=") || strings.Contains(file.Body, "\n=") {
					t.Errorf("%s has a formula:\n%s", ref, file.Body)
				}
			case strings.HasSuffix(name, ".json"):
				if !json.Valid([]byte(file.Body)) {
					t.Errorf("%s is no JSON", ref)
				}
			}
		}
		if charts < 8 || tables < 1 {
			t.Errorf("%s has %d charts and %d tables", path, charts, tables)
		}
		if strings.Contains(got.Body, "nobody-may-know") || strings.Contains(got.Body, "secret") {
			t.Errorf("%s tells of a repository that is hidden", path)
		}
	}
}

// TestTrendSays: what the pages say is what the points come to.
func TestTrendSays(t *testing.T) {
	w := newWorld(t)
	w.grown("others")
	b := w.browse("maria-k")
	for path, want := range map[string][]string{
		"/trend/acme": {
			"<h1>Debt fell 12 % in 39 weeks. Risk is rising in 2 repositories. 2 overrides.</h1>", "2 repositories that you may read", `href="/acme/pay/trend"`,
			`href="/trend/acme/team/payments"`, "1 more repository came into these numbers", "other rules or prices: &#43;25 min",
			"mode enforce in 2 repositories", `<h2 id="hotspots">Hotspots</h2>`, "ledger/open.go:10", `<h2 id="families">By rule family</h2>`, "nesting",
		},
		"/acme/pay/trend": {"<h1>Debt fell 23 %", "ledger/open.go:10", "Largest jumps", "rules and prices of catalogue 2", "ledger/open.go:110",
			"Risk is rising.", "release others", "mode enforce (before: observe)", "70 % of pairs"},
		"/trend/acme/team/payments": {
			"payments, a team of acme", "<h1>Debt fell 11 % in 39 weeks. Risk is rising in 2 repositories. 2 overrides.</h1>", "ledger/open.go:20",
			`<h2 id="families">By rule family</h2>`, "nesting", "whose author is of this team", `href="/overrides?state=stands&amp;team=payments"`, `<h2 id="promises">`,
		},
		"/trend/acme/goal/ledger-v2": {"<h1>Debt fell 11 % in 39 weeks. Risk is falling in 2 repositories. 2 overrides.</h1>", "ledger/open.go:110", "vet", "goal=ledger-v2"},
	} {
		page := b.get(path).Body
		if path != "/acme/pay/trend" && path != "/trend/acme" && strings.Contains(page, "ledger/open.go:30") {
			t.Errorf("%s has a place of another part", path)
		}
		if strings.Contains(page, "long-ago") {
			t.Errorf("%s tells of an event before its time", path)
		}
		for _, text := range want {
			if !strings.Contains(page, text) {
				t.Errorf("%s does not say %q", path, text)
			}
		}
		if t.Failed() {
			t.Logf("%s", regexp.MustCompile(`<h1>.*</h1>`).FindString(page))
		}
	}
}

// TestProcess: the page says how long sign-offs took, what became of the bar's own
// findings, and who worked in whose code.
func TestProcess(t *testing.T) {
	w := newWorld(t)
	w.grow(acmePay, 3, 900, 5, "others")
	b := waiting()
	b.Record.Verdicts = []signoff.Verdict{{Fact: "f", At: storyAsked.Add(3 * time.Hour), Actor: accounts["maria-k"], Kind: signoff.SignOff, Commit: headCommit}}
	for i := range b.Record.Requirements {
		b.Record.Requirements[i].First = storyAsked
	}
	w.put(b) // asked
	for i := range b.Record.Requirements {
		b.Record.Requirements[i].State, b.Record.Requirements[i].SignedBy = signoff.SignedOff, []int{0}
	}
	w.put(b) // and signed
	b.Record.History = append(b.Record.History, signoff.Transition{At: storyNow.Add(-time.Hour), To: signoff.MergedClean})
	b.Record.State, b.Record.Away = signoff.MergedClean, []signoff.Away{{Home: "ledgers", From: []string{"payments"}, Files: 12, Minutes: -30}}
	b.Record.Merge = &signoff.Merge{Class: signoff.ClassSignedOff, Commit: headCommit, At: storyNow.Add(-time.Hour), Due: storyNow.AddDate(0, 1, 0)}
	w.put(b) // and merged
	page := w.browse("maria-k").get("/acme/pay/trend").Body
	for _, want := range []string{"2 sign-offs took at most 3 h, nine of ten at most 3 h", "lead-wide-light.svg", `<td class="n">100 %</td>`, `<h2 id="outcomes">`, `>signed off</th><td class="n">0</td>`,
		`<h2 id="guests">Home and away</h2>`, `>payments</th><td class="short">ledgers</td><td class="n">1</td><td class="n">12</td><td class="n">−30 min</td>`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// TestLeadership: that view names no file, commit or rule, neither on the page nor
// in what can be downloaded, whatever is asked for.
func TestLeadership(t *testing.T) {
	w := newWorld(t)
	w.grown("others")
	b := w.browse("maria-k")
	for _, path := range []string{"/trend/acme", "/acme/pay/trend", "/trend/acme/team/payments"} {
		open := b.get(path).Body
		if !strings.Contains(open, "ledger/open.go") || !strings.Contains(open, "cognitive") {
			t.Errorf("%s: the view of engineers names no file or rule, so this test shows nothing", path)
		}
		for _, name := range []string{"", "/files/hotspots.csv", "/files/hotspots.json", "/files/points.csv", "/files/trend.json", "/files/rules.csv", "/files/jumps.csv", "/files/weeks.csv", "/files/credits.csv", "/files/families.csv", "/files/hotspots-wide-dark.svg"} {
			got := b.get(path + name + "?view=leadership")
			for _, bad := range []string{".go", "Open1", "cognitive", "nesting", "ddddddd", "ccccccc"} {
				if strings.Contains(got.Body, bad) {
					t.Errorf("%s%s for leadership has %q", path, name, bad)
				}
			}
		}
	}
}

// TestTrendVisible: a page sums up what its viewer may read and nothing else, also
// right after somebody saw more of it.
func TestTrendVisible(t *testing.T) {
	w := newWorld(t)
	w.grown("others")
	page := func(login string) string { return w.browse(login).get("/trend/acme").Body }
	more, less := page("reader"), page("stranger")
	if !strings.Contains(more, "2 repositories that you may read") || !strings.Contains(less, "1 repository that you may read") {
		t.Error("the pages do not say what they sum up")
	}
	if strings.Contains(less, "acme/pay") || strings.Contains(less, "override.") || !strings.Contains(more, "acme/pay") {
		t.Errorf("the stranger's page:\n%s", less)
	}
	for _, path := range []string{"/trend/acme/goal/none", "/trend/acme/team/none", "/trend/other", "/trend/acme/files/none.svg", "/trend/other/files/debt-wide-light.svg"} {
		if got := w.browse("reader").get(path); got.Code != hidden {
			t.Errorf("%s = %d, want %d", path, got.Code, hidden)
		}
	}
	w.breaks(http.ErrServerClosed)
	if got := w.browse("reader").get("/trend/acme"); got.Code != hidden {
		t.Errorf("with GitHub down: %d, want %d", got.Code, hidden)
	}
}

// TestTrendOfNothing: a repository without a history says so.
func TestTrendOfNothing(t *testing.T) {
	w := newWorld(t)
	b := w.browse("maria-k")
	for _, path := range []string{"/trend/acme", "/acme/pay/trend"} {
		if got := b.get(path); got.Code != ok || !strings.Contains(got.Body, "Nothing is known yet.") {
			t.Errorf("%s = %d\n%s", path, got.Code, got.Body)
		}
	}
	if got := b.get("/trend"); got.Code != seeOther || got.Header.Get("Location") != "/trend/acme" {
		t.Errorf("/trend leads to %q, %d", got.Header.Get("Location"), got.Code)
	}
}

// TestSheets: a survey is kept for a while, and not longer, and only so many.
func TestSheets(t *testing.T) {
	var k sheets
	now := storyNow
	for i := range 3 * maxSheets {
		k.put(scope{name: fmt.Sprint(i), kind: "team"}.key(""), keptSheet{until: now.Add(sheetTime)}, now)
		if len(k.kept) > maxSheets {
			t.Fatalf("%d are kept", len(k.kept))
		}
	}
	key := scope{name: fmt.Sprint(3*maxSheets - 1), kind: "team"}.key("")
	if _, ok := k.get(key, now.Add(sheetTime-time.Second)); !ok {
		t.Error("the newest is not kept")
	}
	if _, ok := k.get(key, now.Add(sheetTime)); ok {
		t.Error("it is kept for longer than it may be")
	}
	keys := []sheetKey{
		scope{kind: "organisation", owner: "a"}.key(""), scope{kind: "organisation", owner: "a"}.key(leadership), scope{kind: "organisation", owner: "b"}.key(""),
		scope{kind: "team", owner: "a", name: "x"}.key(""), scope{kind: "goal", owner: "a", name: "x"}.key(""),
		scope{kind: "organisation", owner: "a", unasked: 1}.key(""), scope{kind: "organisation", owner: "a", repos: readableRepos(1)}.key(""),
		scope{kind: "organisation", owner: "a", repos: readableRepos(2)}.key(""),
	}
	slices.SortFunc(keys, func(a, b sheetKey) int { return slices.Compare(a[:], b[:]) })
	if n := len(slices.Compact(keys)); n != 8 {
		t.Errorf("%d of 8 scopes are told apart", n)
	}
}
