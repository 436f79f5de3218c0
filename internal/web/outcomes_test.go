package web

import (
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// TestOutcomes: what became of an override is on its page, and all of them beside
// those that were signed off, for those who may read the repository.
func TestOutcomes(t *testing.T) {
	w := newWorld(t)
	b := overriddenBefore()
	at := storyNow.Add(-40 * 24 * time.Hour)
	b.Record.Overrides[0].Void = ""
	b.Record.Merge = &signoff.Merge{Class: signoff.ClassOverridden, Commit: headCommit, At: at, Due: at.Add(30 * 24 * time.Hour)}
	b.Record.Correction = &signoff.Correction{Opened: at, Override: "d-0", After: signoff.Aftermath{Result: signoff.Mended, Commit: baseCommit, Title: "Fix <b>the</b> log"}}
	w.put(b)
	reader := w.browse("reader")
	if page := reader.get("/overrides").Body; !strings.Contains(page, "<th scope=\"row\">Overridden</th><td class=\"n\" data-label=\"Known\">0</td>") {
		t.Errorf("the override that is still followed is not counted:\n%s", page)
	}
	w.must(w.db.PutAftermath(t.Context(), jobs{}, store.Landing{Subject: b.Record.Subject}, signoff.Aftermath{
		Result: signoff.Mended, Commit: baseCommit, Title: "Fix <b>the</b> log", At: at, Symbols: []signoff.Symbol{{Path: "pay/log.go", Name: "Log.Write"}, {Path: "pay/log.go", Name: "Open"}},
	}, storyNow))
	page := reader.get("/overrides").Body
	for _, want := range []string{"data-label=\"Mended\">1</td>", "100 %", "21 % to 100 %", "<th scope=\"row\">Signed off</th><td class=\"n\" data-label=\"Known\">0</td>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the list lacks %q:\n%s", want, page)
		}
	}
	entry := reader.get("/overrides/0").Body
	if want := "It was mended by 77d01e4, &#34;Fix &lt;b&gt;the&lt;/b&gt; log&#34;, in Log.Write, Open."; !strings.Contains(entry, want) {
		t.Errorf("the page of the override lacks %q:\n%s", want, entry)
	}
	if want := "A correction of error is open until its mechanism is named. On the pull request: /bar correct @OWNER WHY &gt; WHY &gt; WHY =&gt; MECHANISM"; !strings.Contains(entry, want) {
		t.Errorf("the page of the override lacks %q:\n%s", want, entry)
	}
	if page := w.browse("stranger").get("/overrides").Body; strings.Contains(page, "What became of them") {
		t.Error("a stranger sees what became of changes in repositories that are not theirs")
	}
}
