package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
)

// everywhere is a review with s wherever text from outside may be.
func everywhere(s string) review.Review {
	f := debt.Finding{
		Measure: debt.Measure{Rule: s, Module: s, Package: s, Symbol: s, File: s, Line: 1, Message: s},
		Status:  debt.New, Minutes: 3, Note: s, Fingerprint: s,
	}
	hidden, paid := f, f
	hidden.Status, paid.Status = debt.Suppressed, debt.Paid
	rev := review.Revision{Commit: s, Tree: s, Name: s}
	return review.Review{
		Base: rev, Head: rev,
		Delta: delta(f, hidden, paid),
		Coverage: debt.Coverage{
			Changed: 2,
			Skipped: []debt.Skipped{{File: s, Reason: s}, {File: s, Reason: s, Expected: true}},
			Broken:  []debt.Broken{{Package: s, Side: s, Error: s}},
			Lost:    []debt.Lost{{Package: s, Side: s, Analyzer: s, Error: s}},
		},
		Decision: review.Decision{
			Outcome: review.Incomplete,
			Reasons: []string{s, s},
			Impact: impact.Assessment{
				High: true, Revert: s, Blast: impact.Blast{Packages: 1, Of: 2, Commands: []string{s}},
				Domains: []impact.DomainImpact{{Domain: impact.Design, Triggers: []impact.Fired{{Name: "api-break", Title: s, Evidence: []impact.Evidence{{Text: s, File: s, Line: 1}, {Text: s, File: s}, {Text: s}}}}}},
			},
			Requirements: []review.Requirement{
				{Domain: impact.Design, Assignment: review.Assignment{Assignee: s, Backup: s, Excluded: []review.Exclusion{{Who: s, Why: s}}}},
				{Domain: impact.Data, Why: s},
			},
			Unattributed: []string{s},
			Ownership:    review.Ownership{Stated: true, AuthorTeams: []string{s}, Homes: []review.Home{{Owner: review.Owner{Team: "t" + s}, Files: 1, Away: true}}, Unowned: []string{s}},
			Cheapest:     &review.Cheapest{Findings: []int{0}, Minutes: 3, StillNeeds: []impact.Domain{impact.Data}},
			AwayHomes:    []review.AwayHome{{Owner: s, Accept: true, Why: s}, {Owner: s, Accept: true, Assignment: review.Assignment{Assignee: s}}},
			Sections:     []review.Section{{Name: review.PressRelease, Why: s, State: review.SectionLacks, Lacks: []string{s}}, {Name: review.DeviationSection, Why: s, State: review.SectionMissing}},
		},
		Hints:    []string{s},
		Warnings: []string{s},
	}
}

func checkSurfaces(t *testing.T, in string) {
	t.Helper()
	r := everywhere(in)
	var text, md, js, sarif bytes.Buffer
	for _, err := range []error{
		SARIF(&sarif, r, Tool{Version: in, Rules: []debt.Rule{{ID: in, Title: in, Why: in, Source: in, Aliases: []string{in}}}}, true),
		Text(&text, r, TextOptions{Width: 80}),
		ScanText(&text, review.Scan{Findings: r.Delta.Findings, Totals: debt.Totals{ByRule: map[string]float64{in: 1}}, Revision: r.Base}, TextOptions{}),
		RulesText(&text, []debt.Rule{{ID: in, Title: in}}),
		ExplainText(&text, debt.Rule{ID: in, Title: in, Why: in, Aliases: []string{in}}),
		Markdown(&md, r),
		JSON(&js, r, true),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for line := range strings.Lines(text.String()) {
		checkPlain(t, in, strings.TrimSuffix(line, "\n"))
	}
	if !json.Valid(js.Bytes()) {
		t.Errorf("of %q: invalid JSON", in)
	}
	checkShape(t, in, md.String())
	checkSARIF(t, in, sarif.Bytes())
	checkSteady(t, in, drawCommands(t, r))
}

// checkSARIF holds the document against the schema of the standard.
func checkSARIF(t *testing.T, in string, doc []byte) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
	if err != nil {
		t.Fatalf("of %q: %v", in, err)
	}
	if err := sarifStandard().Validate(v); err != nil {
		t.Errorf("of %q: %v", in, err)
	}
}

// checkSteady: the runner reads as many commands, of the same kinds, as from a
// review about harmless text.
func checkSteady(t *testing.T, in, commands string) {
	t.Helper()
	names := func(cs []parsed) (names string) {
		for _, c := range cs {
			names += c.name + " "
		}
		return names
	}
	want, got := names(checkCommands(t, drawCommands(t, everywhere("x")))), names(checkCommands(t, commands))
	if got != want {
		t.Errorf("of %q: commands %s, want %s", in, got, want)
	}
}

// checkShape compares the frame of a comment with the frame of one about
// harmless text: the same lines open the same blocks, and each table row has
// four cells.
func checkShape(t *testing.T, in, md string) {
	t.Helper()
	for line := range strings.Lines(md) {
		if strings.HasPrefix(line, "|") {
			if n := strings.Count(line, "|"); n != 5 {
				t.Errorf("of %q: table row with %d pipes: %s", in, n, line)
			}
		}
	}
	var harmless bytes.Buffer
	if err := Markdown(&harmless, everywhere("x")); err != nil {
		t.Fatal(err)
	}
	want, got := frame(harmless.String()), frame(md)
	if got != want {
		t.Errorf("of %q: frame\n%s\nwant\n%s", in, got, want)
	}
}

// frame is the first two bytes of each line.
func frame(md string) string {
	var b strings.Builder
	for line := range strings.Lines(md) {
		b.WriteString(line[:min(2, len(line)-1)] + "\n")
	}
	return b.String()
}

func TestMarkdownLimit(t *testing.T) {
	long := strings.Repeat("$", 1000)
	for _, n := range []int{0, 100, 5000} {
		for _, message := range []string{"error of Close is ignored", long} {
			r := everywhere(message)
			var fs []debt.Finding
			for _, s := range []debt.Status{debt.New, debt.Suppressed, debt.Paid} {
				for i := range n {
					f := finding(s, "errcheck", fmt.Sprintf("pay/f%d.go", i), i+1, "Flow", message, 5)
					fs = append(fs, f)
				}
			}
			r.Delta = delta(fs...)
			for i := range n {
				r.Reasons = append(r.Reasons, message)
				r.Hints = append(r.Hints, message)
				r.Coverage.Skipped = append(r.Coverage.Skipped,
					debt.Skipped{File: message, Reason: fmt.Sprint(i, message)},
					debt.Skipped{File: message, Reason: fmt.Sprint(i, message), Expected: true})
				r.Coverage.Broken = append(r.Coverage.Broken, debt.Broken{Package: message, Error: message})
				r.Coverage.Lost = append(r.Coverage.Lost, debt.Lost{Package: message, Error: message})
			}
			var b bytes.Buffer
			if err := Markdown(&b, r); err != nil {
				t.Fatal(err)
			}
			md := b.String()
			if len(md) > commentLimit {
				t.Errorf("%d findings: %d bytes, want at most %d", n, len(md), commentLimit)
			}
			if open, shut := strings.Count(md, "<details>"), strings.Count(md, "\n</details>\n"); open != shut {
				t.Errorf("%d findings: %d <details>, %d </details>", n, open, shut)
			}
			if !strings.HasSuffix(md, "</sub>\n") {
				t.Errorf("%d findings: the foot is cut off", n)
			}
			if n == 5000 && !strings.Contains(md, " more, not shown") {
				t.Errorf("%d findings: nothing says that some are missing", n)
			}
		}
	}
}

// TestMarkdownCountsWhatIsCut: shown and missing rows are all rows.
func TestMarkdownCountsWhatIsCut(t *testing.T) {
	var fs []debt.Finding
	for i := range 5000 {
		fs = append(fs, finding(debt.New, "errcheck", "pay/flow.go", i+1, "Flow", "error of Close is ignored", 5))
	}
	var b bytes.Buffer
	if err := Markdown(&b, change(review.SignOffNeeded, delta(fs...))); err != nil {
		t.Fatal(err)
	}
	shown := len(regexp.MustCompile(`(?m)^\| F\d`).FindAllString(b.String(), -1))
	want := fmt.Sprintf("| | %s more, not shown | | %s |\n", thousands(5000-shown), Minutes(float64(5000-shown)*5))
	if !strings.Contains(b.String(), want) {
		t.Errorf("%d rows are shown, and no row says %q", shown, want)
	}
	if b.Len() < commentLimit-1024 {
		t.Errorf("%d bytes: room is wasted", b.Len())
	}
}
