package ledger_test

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/barraiser/barraiser/internal/ledger"
)

// TestDocs: the example of the documentation is what the package writes, and
// each type and each finding is explained.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile("../../docs/ledger.md")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(text)
	b := newBook(t)
	b.add(declared(1))
	k := newKey(t, 1)
	h := tlog.RecordHash(b.leaves[0])
	for _, want := range []string{string(b.leaves[0]), ledger.Digest(h).String(), h.String(), k.Public(), string(b.sign(k))} {
		if !strings.Contains(doc, want) {
			t.Errorf("docs/ledger.md does not have\n%s", want)
		}
	}
	for _, typ := range []ledger.Type{
		ledger.OverrideDeclared, ledger.OverrideDetected, ledger.OverrideWithdrawn, ledger.OverrideLapsed, ledger.OverrideVoided,
		ledger.Justified, ledger.Acknowledged, ledger.Accepted, ledger.Promised, ledger.Kept, ledger.Overdue, ledger.Escalated,
		ledger.SignOff, ledger.Deviation, ledger.DeviationLookedAt, ledger.DeviationLate, ledger.CorrectionOpened, ledger.CorrectionNamed, ledger.KeyRotated, ledger.Redacted, ledger.ModeChanged,
	} {
		if !strings.Contains(doc, "\n| `"+string(typ)+"` |") {
			t.Errorf("docs/ledger.md has no row for the type %s", typ)
		}
	}
	for _, f := range []ledger.Finding{
		ledger.Malformed, ledger.Foreign, ledger.Gap, ledger.Backwards, ledger.Impossible, ledger.Text, ledger.Hash,
		ledger.Unsigned, ledger.Signature, ledger.Truncated, ledger.Forked,
	} {
		if !strings.Contains(doc, "\n| `"+string(f)+"` |") {
			t.Errorf("docs/ledger.md has no row for the finding %s", f)
		}
	}
}
