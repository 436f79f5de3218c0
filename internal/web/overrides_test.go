package web

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/store"
)

// many stores overrides of one pull request in acme/pay, a day apart from
// storyNow back, and one in acme/secret.
func (w *world) many(n int) {
	w.t.Helper()
	b := overridden()
	first := b.Record.Overrides[0]
	b.Record.Overrides = nil
	for i := range n {
		o := first
		o.ID, o.At, o.Entry = fmt.Sprintf("d-%03d", i), storyNow.Add(-time.Duration(i)*24*time.Hour), 1
		o.Reason = fmt.Sprintf("reason number %d", i)
		if i > 0 {
			o.Void = "the head is another commit now"
		}
		b.Record.Overrides = append(b.Record.Overrides, o)
	}
	w.put(b)
	w.put(numbered(overridden(), acmeSecret.Repo, 3, "Nobody here may know"))
}

var rowsOf = regexp.MustCompile(`reason number (\d+)`)

func listed(body string) string {
	var out []string
	for _, m := range rowsOf.FindAllStringSubmatch(body, -1) {
		out = append(out, m[1])
	}
	return strings.Join(out, " ")
}

func TestOverridesFilter(t *testing.T) {
	w := newWorld(t)
	w.many(5) // on 20 Nov and the four days before
	b := w.browse("reader")
	for query, want := range map[string]struct {
		code int
		rows string
	}{
		"":                               {ok, "0 1 2 3 4"},
		"?state=stands":                  {ok, "0"},
		"?state=void&from=2026-11-18":    {ok, "1 2"},
		"?from=2026-11-17&to=2026-11-18": {ok, "2 3"},
		"?repository=ACME/pay":           {ok, "0 1 2 3 4"},
		"?repository=acme/site":          {ok, ""},
		"?repository=acme/secret":        {http.StatusBadRequest, ""},
		"?repository=acme/absent":        {http.StatusBadRequest, ""},
		"?state=wrong":                   {http.StatusBadRequest, ""},
		"?from=yesterday":                {http.StatusBadRequest, ""},
	} {
		got := b.get("/overrides" + query)
		if got.Code != want.code || listed(got.Body) != want.rows {
			t.Errorf("/overrides%s: %d with %q, want %d with %q", query, got.Code, listed(got.Body), want.code, want.rows)
		}
	}
}

func TestOverridesPaging(t *testing.T) {
	w := newWorld(t)
	w.many(overridesPerPage + 3)
	b := w.browse("reader")
	path, pages, seen := "/overrides?state=", 0, []string{}
	next := regexp.MustCompile(`rel="next" href="([^"]+)"`)
	for path != "" && pages < 5 {
		got := b.get(strings.ReplaceAll(path, "&amp;", "&"))
		seen = append(seen, strings.Fields(listed(got.Body))...)
		pages++
		path = ""
		if m := next.FindStringSubmatch(got.Body); m != nil {
			path = m[1]
		}
	}
	if pages != 2 || len(seen) != overridesPerPage+3 || seen[0] != "0" || seen[len(seen)-1] != fmt.Sprint(overridesPerPage+2) {
		t.Errorf("%d pages with %d overrides: %v", pages, len(seen), seen)
	}
}

func TestOverridesAsData(t *testing.T) {
	w := newWorld(t)
	b := overridden()
	b.Record.Overrides[0].Reason = "=HYPERLINK(\"http://evil.example\")"
	b.Record.Overrides[0].Data = " \t+1+cmd|' /C calc'!A0"
	b.Record.Overrides[0].FollowUp = "-1"
	b.Record.Overrides[0].Void = "@SUM(A1)"
	w.put(b)
	reader := w.browse("reader")
	got := reader.get("/overrides.csv")
	rows, err := csv.NewReader(strings.NewReader(got.Body)).ReadAll()
	if err != nil || len(rows) != 2 || got.Header.Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Fatalf("%v, %v, %v", rows, err, got.Header)
	}
	for i, field := range rows[1] {
		if trimmed := strings.TrimLeft(field, " "); trimmed != "" && strings.ContainsAny(trimmed[:1], "=+-@") {
			t.Errorf("a spreadsheet computes %s %q", rows[0][i], field)
		}
	}
	if rows[1][0] != "OVR-0" || rows[1][1] != "0" || rows[1][2] != "acme/pay" || rows[1][9] != "'=HYPERLINK(\"http://evil.example\")" {
		t.Errorf("row %q", rows[1])
	}
	var list struct {
		SchemaVersion int
		Overrides     []map[string]any
	}
	if err := json.Unmarshal([]byte(reader.get("/overrides.json").Body), &list); err != nil || len(list.Overrides) != 1 || list.SchemaVersion != 1 ||
		list.Overrides[0]["reason"] != b.Record.Overrides[0].Reason {
		t.Errorf("%v, %+v", err, list)
	}
	if got := w.browse("stranger").get("/overrides.json").Body; !strings.Contains(got, `"overrides": []`) {
		t.Errorf("a stranger gets %s", got)
	}
}

// TestEntry: an entry is shown with a proof that was checked, and one that does
// not hold is said to.
func TestEntry(t *testing.T) {
	w := newWorld(t)
	w.many(3)
	b := w.browse("reader")
	if got := b.get("/overrides/1"); got.Code != ok || !strings.Contains(got.Body, "has no checkpoint yet") {
		t.Fatalf("without a checkpoint: %d\n%s", got.Code, got.Body)
	}
	w.sign()
	got := b.get("/overrides/1")
	for _, want := range []string{"OVR-1", "It is in the checkpoint of 4 entries", "reason number 1", "acme/pay", "— " + origin, `href="/acme/pay/pull/1284"`} {
		if !strings.Contains(got.Body, want) {
			t.Errorf("no %q on the page of entry 1:\n%s", want, got.Body)
		}
	}
	if got := b.get("/overrides/3"); got.Code != hidden {
		t.Errorf("the entry of acme/secret: %d, want %d", got.Code, hidden)
	}
	w.put(numbered(overridden(), acmePay.Repo, 1300, "Another"))
	if got := b.get("/overrides/4"); !strings.Contains(got.Body, "of fewer entries") || strings.Contains(got.Body, "It is in the checkpoint") {
		t.Errorf("an entry after the checkpoint:\n%s", got.Body)
	}
	// Someone signs another root: the page has to see it.
	w.must(w.db.SaveCheckpoint(t.Context(), store.Checkpoint{
		Size: 5, At: w.clock(), Note: origin + "\n5\n" + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" + "\n\n— " + origin + " AAAA\n",
	}))
	if got := b.get("/overrides/1"); !strings.Contains(got.Body, "The proof does not hold") || strings.Contains(got.Body, "It is in the checkpoint") {
		t.Errorf("with a wrong root:\n%s", got.Body)
	}
	if !strings.Contains(w.logged.String(), "prove an entry of the ledger") {
		t.Errorf("the log says nothing of it:\n%s", w.logged)
	}
}

// TestErased: a text that was erased is said to be, and its hash stays.
func TestErased(t *testing.T) {
	w := newWorld(t)
	w.many(1)
	w.must(w.db.EraseText(t.Context(), w.clock(), 0, "reason", func(*store.Tail) error { return nil }))
	if got := w.browse("reader").get("/overrides/0").Body; !strings.Contains(got, "It was erased") || strings.Contains(got, "reason number") {
		t.Errorf("the page of an entry whose text was erased:\n%s", got)
	}
}

func TestLedgerName(t *testing.T) {
	for entry, want := range map[int64]string{0: " ", 1: "OVR-0 /overrides/0", 42: "OVR-41 /overrides/41"} {
		if name, path := ledgerName(entry); name+" "+path != want {
			t.Errorf("ledgerName(%d) = %q, %q, want %q", entry, name, path, want)
		}
	}
}
