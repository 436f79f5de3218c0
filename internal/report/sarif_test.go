package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/review"
)

// sarifStandard is the schema of the standard, formats (URIs) included.
var sarifStandard = sync.OnceValue(func() *jsonschema.Schema {
	schema, err := os.ReadFile("testdata/sarif-schema-2.1.0.json")
	if err != nil {
		panic(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		panic(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif.json", doc); err != nil {
		panic(err)
	}
	return c.MustCompile("sarif.json")
})

var tool = Tool{Version: "v1.2.3", Rules: rules}

// drawSARIF returns the document, held against the schema, and its one run.
func drawSARIF(t testing.TB, r review.Review, all bool) ([]byte, sarifRun) {
	t.Helper()
	var b bytes.Buffer
	if err := SARIF(&b, r, tool, all); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), readSARIF(t, b.Bytes())
}

func readSARIF(t testing.TB, doc []byte) sarifRun {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	if err := sarifStandard().Validate(v); err != nil {
		t.Errorf("%v\nin %.5000s", err, doc)
	}
	var log sarifLog
	if err := json.Unmarshal(doc, &log); err != nil {
		t.Fatal(err)
	}
	return log.Runs[0]
}

func TestSARIFGoldens(t *testing.T) {
	for name, r := range reviews() {
		some, _ := drawSARIF(t, r, false)
		golden(t, name+".sarif", some)
	}
	for _, name := range []string{"clear", "suppressed"} {
		all, _ := drawSARIF(t, reviews()[name], true)
		golden(t, name+".all.sarif", all)
	}
	var b bytes.Buffer
	if err := ScanSARIF(&b, scan(), tool, false); err != nil {
		t.Fatal(err)
	}
	readSARIF(t, b.Bytes())
	golden(t, "scan.sarif", b.Bytes())
}

// TestSARIFUnknownIsNeverSuccess: whatever is not known to be whole is a failed
// execution, and whatever was not analysed is named.
func TestSARIFUnknownIsNeverSuccess(t *testing.T) {
	for outcome, want := range map[review.Outcome]bool{
		review.Clear: true, review.SignOffNeeded: true, review.Incomplete: false, "": false, "made-up": false,
	} {
		_, run := drawSARIF(t, change(outcome, delta()), false)
		if got := run.Invocations[0].ExecutionSuccessful; got != want {
			t.Errorf("outcome %q: executionSuccessful = %v, want %v", outcome, got, want)
		}
	}
	r := reviews()["incomplete"]
	doc, run := drawSARIF(t, r, false)
	for _, k := range r.Coverage.Skipped {
		if !k.Expected && !strings.Contains(string(doc), `"uri": "`+k.File+`"`) {
			t.Errorf("no notification names %s", k.File)
		}
	}
	for _, n := range run.Invocations[0].Notifications {
		if (n.Level == "error") != (n.Level != "note") {
			t.Errorf("level %q of %q in a failed execution", n.Level, n.Message.Text)
		}
	}
	// A package that was broken already fails nothing by itself.
	r.Outcome = review.Clear
	_, run = drawSARIF(t, r, false)
	for _, n := range run.Invocations[0].Notifications {
		if n.Level == "error" {
			t.Errorf("an error in a successful execution: %q", n.Message.Text)
		}
	}
}

// TestSARIFShowsWhatIsAdded: GitHub makes an alert of every result, so that only
// what the change adds is one, unless all is asked for.
func TestSARIFShowsWhatIsAdded(t *testing.T) {
	states := map[debt.Status]string{
		debt.New: "new", debt.Worse: "updated", debt.Better: "updated", debt.Paid: "absent",
		debt.Moved: "unchanged", debt.Unchanged: "unchanged", debt.Suppressed: "new",
	}
	var fs []debt.Finding
	for status := range states {
		fs = append(fs, finding(status, "cognitive", "a.go", 1, "F", "cognitive complexity 20", 90))
	}
	for old, want := range map[float64]string{0: "new", 20: "unchanged", 18: "updated"} {
		if got := baselineState(was(finding(debt.Suppressed, "cognitive", "a.go", 1, "F", "", 9), old, 20)); got != want {
			t.Errorf("baselineState of a suppressed finding of %v → 20 = %q, want %q", old, got, want)
		}
	}
	for all, want := range map[bool]int{false: 2, true: len(states)} {
		_, run := drawSARIF(t, change(review.SignOffNeeded, delta(fs...)), all)
		if len(run.Results) != want {
			t.Errorf("all %v: %d results, want %d", all, len(run.Results), want)
		}
		for _, r := range run.Results {
			status := debt.Status(r.Properties.Status)
			if r.BaselineState != states[status] {
				t.Errorf("baselineState of %s = %q, want %q", status, r.BaselineState, states[status])
			}
			if (len(r.Suppressions) > 0) != (status == debt.Suppressed) {
				t.Errorf("%s: suppressions %v", status, r.Suppressions)
			}
			if r.Level == "error" {
				t.Errorf("%s is an error, which fails the check of code scanning", status)
			}
		}
	}
}

func TestSARIFRules(t *testing.T) {
	var b bytes.Buffer
	if err := SARIF(&b, review.Review{Decision: review.Decision{Outcome: review.Clear}}, Tool{Rules: debt.Catalogue}, false); err != nil {
		t.Fatal(err)
	}
	run := readSARIF(t, b.Bytes())
	if len(run.Tool.Driver.Rules) != len(debt.Catalogue) || len(run.Tool.Driver.Rules) > 25_000 {
		t.Errorf("%d rules of %d", len(run.Tool.Driver.Rules), len(debt.Catalogue))
	}
	for _, r := range run.Tool.Driver.Rules {
		// What GitHub wants of a rule, and how much of it: 20 tags, of which it
		// shows 10; 255 characters of the name, 1,024 of the descriptions.
		if r.ShortDescription.Text == "" || r.FullDescription.Text == "" || r.Help.Text == "" || len(r.Properties.Tags) > 10 ||
			len(r.Name) > 255 || len(r.ShortDescription.Text) > 1024 || len(r.FullDescription.Text) > 1024 {
			t.Errorf("rule %s: %+v", r.ID, r)
		}
		if u, err := url.Parse(r.HelpURI); err != nil || u.Scheme != "https" {
			t.Errorf("rule %s: helpUri %q", r.ID, r.HelpURI)
		}
		if strings.ContainsAny(r.Help.Markdown, "<>") {
			t.Errorf("rule %s: HTML in %q", r.ID, r.Help.Markdown)
		}
	}
	// The key says which scheme its values are of.
	if f := debt.Fingerprint(debt.Measure{}); "barraiser/"+f[:strings.IndexByte(f, ':')] != fingerprintKey {
		t.Errorf("fingerprint %s under the key %s", f, fingerprintKey)
	}
}

// TestSARIFLimits: what GitHub would reject is cut, the cheapest first, and the
// file says so.
func TestSARIFLimits(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 900) // that no compressor makes small
	fs := make([]debt.Finding, 200)
	for i := range fs {
		for i := range noise {
			noise[i] = byte('!' + rnd.IntN(90))
		}
		fs[i] = finding(debt.New, "cognitive", "a.go", i+1, "", string(noise), 1)
	}
	const large = 1 << 20
	for _, tt := range []struct{ findings, maxResults, maxZipped, want int }{
		{200, 200, large, 200},
		{200, 199, large, 199},
		{200, 200, 100_000, 100},
		{200, 60, 100_000, 60},
		{200, 200, 1, 0},
		{0, 200, 1, 0},
	} {
		s := newSARIF("review", review.Clear, debt.Coverage{}, nil, tool)
		if s.maxResults != maxResults || s.maxZipped != maxZipped {
			t.Fatalf("limits of %d results and %d bytes", s.maxResults, s.maxZipped)
		}
		s.maxResults, s.maxZipped = tt.maxResults, tt.maxZipped
		s.run.Properties = struct{}{}
		for i, f := range fs[:tt.findings] {
			s.run.Results = append(s.run.Results, s.result(numbered{findingID(i), f}))
		}
		var b bytes.Buffer
		if err := s.write(&b); err != nil {
			t.Fatal(err)
		}
		run := readSARIF(t, b.Bytes())
		got := run.Results
		if len(got) != tt.want || tt.want > 0 && (got[0].Properties.ID != "F1" || got[tt.want-1].Properties.ID != findingID(tt.want-1)) {
			t.Errorf("%+v: %d results, want the first %d", tt, len(got), tt.want)
		}
		if tt.want > 0 && !fits(b.Bytes(), tt.maxZipped) {
			t.Errorf("%+v: too large", tt)
		}
		if said := strings.Contains(fmt.Sprint(run.Invocations), cutNotice); said != (tt.want < tt.findings) {
			t.Errorf("%+v: says that it is cut: %v", tt, said)
		}
	}
}

func TestSARIFNotificationsAreLimited(t *testing.T) {
	r := change(review.Incomplete, delta())
	for i := range 5000 {
		r.Coverage.Skipped = append(r.Coverage.Skipped, debt.Skipped{File: fmt.Sprint(i, ".go"), Reason: "symbolic link"})
	}
	doc, run := drawSARIF(t, r, false)
	if n := len(run.Invocations[0].Notifications); n > maxNotifications+10 || !strings.Contains(string(doc), "4,000 more gaps are not listed") {
		t.Errorf("%d notifications", n)
	}
}

func TestScanSARIF(t *testing.T) {
	hidden := finding(debt.Unchanged, "cognitive", "a.go", 9, "F", "cognitive complexity 30", 20)
	hidden.HiddenBy = "a:b.go:8"
	sc := review.Scan{Outcome: review.Clear, Findings: []debt.Finding{
		finding(debt.Unchanged, "cognitive", "a.go", 1, "F", "cheap", 5), hidden,
		finding(debt.Unchanged, "cognitive", "a.go", 2, "F", "dear", 50),
	}}
	for all, want := range map[bool]string{false: "F3 F1", true: "F3 F2 F1"} {
		var b bytes.Buffer
		if err := ScanSARIF(&b, sc, tool, all); err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, r := range readSARIF(t, b.Bytes()).Results {
			ids = append(ids, r.Properties.ID)
			if r.BaselineState != "" {
				t.Errorf("%s: baselineState %q in a scan", r.Properties.ID, r.BaselineState)
			}
			if r.Properties.ID == "F2" && r.Suppressions[0].Location.Physical.Artifact.URI != "a%3Ab.go" {
				t.Errorf("suppressions %+v", r.Suppressions)
			}
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("all %v: %s, want %s", all, got, want)
		}
	}
}
