package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares what was drawn with testdata/name.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got; go test -update rewrites it):\n%s", path, diff)
	}
}

// hostile is text that tries to break out of every surface.
const hostile = "\x1b[2J\x9b31m\u202egnp.exe\u200b @maria #12 acme/pay#12 GH-12 " +
	"0123456789abcdef0123456789abcdef01234567 <img src=x onerror=alert(1)> ![x](http://evil.example) " +
	"https://evil.example www.evil.example mail@evil.example :tada: $x$ **bold** `tick` ``` | cell\r\n\n# heading\n- item \xff"

const (
	baseCommit = "77d01e4a5c1f0b9e8d7c6b5a493827161504f3e2"
	headCommit = "9f2c1ab0d4e8f7a6b5c4d3e2f1a0b9c8d7e6f5a4"
	tree       = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
)

func finding(s debt.Status, rule, file string, line int, symbol, message string, minutes float64) debt.Finding {
	return debt.Finding{
		Measure: debt.Measure{
			Rule: rule, Module: "example.com/pay", Package: "example.com/pay/" + filepath.Dir(file),
			Symbol: symbol, File: file, Line: line, Column: 1, EndLine: line + 2, Message: message, Value: 1,
			Test: strings.HasSuffix(file, "_test.go"),
		},
		Fingerprint: "fp1:0123456789abcdef0123456789abcdef",
		Status:      s,
		Minutes:     minutes,
	}
}

func was(f debt.Finding, was, value float64) debt.Finding {
	f.Was, f.Value = was, value
	return f
}

func budget(m float64) review.Policy { return review.Policy{Budget: &m} }

// delta adds up what the findings say, undamped.
func delta(fs ...debt.Finding) debt.Delta {
	d := debt.Delta{Findings: fs}
	for _, f := range fs {
		in, out := &d.Introduced, &d.Repaid
		if f.Test {
			in, out = &d.Tests.Introduced, &d.Tests.Repaid
		}
		switch f.Status {
		case debt.New, debt.Worse:
			*in += f.Minutes
		case debt.Paid, debt.Better:
			*out += f.Minutes
			if f.Deleted {
				d.Deleted += f.Minutes
			}
		}
	}
	d.Net = d.Introduced - d.Repaid
	d.Low, d.High = d.Net*.33, d.Net*2
	if d.Low > d.High {
		d.Low, d.High = d.High, d.Low
	}
	return d
}

func change(o review.Outcome, d debt.Delta) review.Review {
	return review.Review{
		Base:     review.Revision{Commit: baseCommit, Tree: tree, Name: "origin/main"},
		Head:     review.Revision{Tree: tree, Name: "working tree"},
		Delta:    d,
		Coverage: debt.Coverage{Changed: 14, Analysed: 14},
		Decision: review.Decision{Outcome: o},
		Engine:   review.Engine{Packages: 640, Reused: 598, Seconds: 4.8, PeakMiB: 512, Modules: 2},
	}
}

// example is the change in the design's `bot review`.
func example() []debt.Finding {
	return []debt.Finding{
		finding(debt.New, "layer", "pay/flow.go", 9, "", "pay imports store/internal (2 sites; forbidden)", 70),
		was(finding(debt.Worse, "cognitive", "recon/run.go", 140, "Reconcile", "cognitive complexity 38", 17), 21, 38),
		finding(debt.New, "errcheck", "pay/flow_test.go", 31, "TestFlow", "error of Close is ignored", 5),
		finding(debt.Paid, "errcheck", "fx/quote.go", 12, "Quote", "error of Close is ignored", 15),
		was(finding(debt.Better, "params", "fx/rate.go", 40, "Rate.Convert", "7 parameters", 5), 9, 7),
		finding(debt.Moved, "func-lines", "fx/table.go", 80, "load", "function of 150 lines", 20),
		finding(debt.Unchanged, "self-admitted", "fx/table.go", 7, "", "TODO without an owner", 10),
	}
}

// many is more of everything than is shown.
func many() []debt.Finding {
	var fs []debt.Finding
	for i := range 12 {
		fs = append(fs, finding(debt.New, "errcheck", "pay/flow.go", 10+i, "Flow", "error of Close is ignored", float64(30-i)))
	}
	for i := range 7 {
		f := finding(debt.Paid, "errcheck", "fx/"+string(rune('a'+i%5))+".go", 3+i, "F", "error is ignored", 10)
		f.Deleted = i == 0
		fs = append(fs, f)
	}
	return append(fs, finding(debt.Paid, "unused", "fx/a.go", 90, "old", "function old is unused", 12))
}

// reviews are the stories that every format draws.
func reviews() map[string]review.Review {
	clear := change(review.Clear, delta(example()...))
	clear.Policy = budget(120)

	empty := change(review.Clear, delta(finding(debt.Unchanged, "cognitive", "fx/table.go", 7, "load", "cognitive complexity 20", 10)))
	empty.Coverage.Skipped = []debt.Skipped{
		{File: "api/a.pb.go", Reason: "generated", Expected: true},
		{File: "vendor/x/x.go", Reason: "vendored", Expected: true},
		{File: "api/b.pb.go", Reason: "generated", Expected: true},
	}

	over := change(review.SignOffNeeded, delta(many()...))
	over.Head = review.Revision{Commit: headCommit, Tree: tree, Name: "feature/ledger-v2"}
	over.Policy = budget(60)
	over.Reasons = []string{"Net debt +3 h 32 min is over the budget of 1 h.", "ledger.Open changed incompatibly; 6 packages here call it."}
	over.Hints = []string{"Cheapest way under the budget: fix errcheck at pay/flow.go:10"}

	hidden := finding(debt.Suppressed, "cognitive", "recon/run.go", 140, "Reconcile", "cognitive complexity 38", 28)
	hidden.HiddenBy = "recon/run.go:139"
	gone := finding(debt.Suppressed, "errcheck", "fx/quote.go", 12, "Quote", "error of Close is ignored", 15)
	gone.Note = "moved into generated code"
	suppressed := change(review.Clear, delta(
		finding(debt.New, "suppression", "recon/run.go", 139, "Reconcile", "//nolint without a reason hides cognitive", 33),
		hidden, gone))

	incomplete := change(review.Incomplete, delta())
	incomplete.Coverage = debt.Coverage{
		Changed: 9, Analysed: 4,
		Skipped: []debt.Skipped{
			{File: "pay/link.go", Reason: "symbolic link"},
			{File: "pay/other.go", Reason: "symbolic link"},
			{File: "api/a.pb.go", Reason: "generated", Expected: true},
			{File: "pay/bad.go", Reason: "12:3: expected ';', found '}'"},
			{File: "pay/flow.go", Reason: "package does not type-check"},
		},
		Broken: []debt.Broken{{Package: "example.com/pay", Side: "head", Error: "flow.go:12:3: undefined: ledger"}},
		Lost:   []debt.Lost{{Package: "example.com/fx", Side: "base", Analyzer: "nilness", Error: "panic: index out of range"}},
	}
	incomplete.Reasons = []string{"4 changed files were not analysed.", "nilness failed on example.com/fx."}
	incomplete.Hints = []string{"go mod download example.com/ledger@v1.2.3"}

	evil := change(review.SignOffNeeded, delta())
	f := finding(debt.New, hostile, hostile, 1, hostile, hostile, 3)
	f.Package, f.Module, f.Note = hostile, hostile, hostile
	p := f
	p.Status = debt.Paid
	evil.Delta = delta(f, p)
	evil.Base = review.Revision{Commit: hostile, Tree: hostile, Name: hostile}
	evil.Head = evil.Base
	evil.Coverage = debt.Coverage{
		Changed: 2,
		Skipped: []debt.Skipped{{File: hostile, Reason: hostile}, {File: hostile, Reason: hostile, Expected: true}},
		Broken:  []debt.Broken{{Package: hostile, Side: hostile, Error: hostile}},
		Lost:    []debt.Lost{{Package: hostile, Side: hostile, Analyzer: hostile, Error: hostile}},
	}
	evil.Reasons = []string{hostile, hostile}
	evil.Hints = []string{hostile}
	evil.Sections = []review.Section{{Name: review.DeviationSection, Why: hostile, State: review.SectionLacks, Lacks: []string{hostile}}}

	sent := change(review.SignOffNeeded, delta(example()...))
	sent.Policy = budget(60)
	sent.Decision = decided()
	sent.AwayHomes = []review.AwayHome{{Owner: "books", Files: 2, Accept: true, Assignment: review.Assignment{Assignee: "lou", LoadKnown: true}}, {Owner: "docs", Files: 1}}
	sent.Sections = []review.Section{
		{Name: review.PressRelease, Why: "high impact in architecture", State: review.SectionLacks, Lacks: []string{"it has fewer than 8 words beside code and links"}},
		{Name: review.ExperimentPlan, Why: "experiments does not announce fast-lane", State: review.SectionUnread},
		{Name: review.DeviationSection, Why: "new edge `pay → store`", State: review.SectionMissing},
		{Name: review.PressRelease, Why: "high impact in architecture", State: review.SectionGiven},
	}

	reverted := change(review.Clear, delta())
	reverted.Impact.Revert = headCommit

	repaid := change(review.Clear, delta(finding(debt.Paid, "unused", "fx/old.go", 4, "old", "function old is unused", 45)))
	return map[string]review.Review{
		"clear": clear, "empty": empty, "over": over, "suppressed": suppressed,
		"incomplete": incomplete, "hostile": evil, "repaid": repaid, "sent": sent, "reverted": reverted,
	}
}

// decided is the judgement over the change in the design's `bot review`.
func decided() review.Decision {
	candidate := func(domain impact.Domain, who, backup, why string, excluded ...review.Exclusion) review.Requirement {
		return review.Requirement{Domain: domain, Why: why, NeedsSecond: true, Assignment: review.Assignment{Assignee: who, Backup: backup, Excluded: excluded}}
	}
	return review.Decision{
		Outcome: review.SignOffNeeded,
		Reasons: []string{"the net debt is over the budget", "high impact (architecture): dependency between components that the policy forbids"},
		Impact: impact.Assessment{
			High:  true,
			Score: &impact.Score{Value: .83, Percentile: .934, Of: 1204},
			Blast: impact.Blast{Packages: 12, Of: 41, Commands: []string{"example.com/cmd/pay"}},
			Domains: []impact.DomainImpact{
				{Domain: impact.Design, Triggers: []impact.Fired{
					{Name: "debt-budget", Title: "net debt over the budget", Evidence: []impact.Evidence{{Text: "the net debt is over the budget"}}},
				}},
				{Domain: impact.Architecture, Triggers: []impact.Fired{
					{Name: "component-violation", Title: "dependency between components that the policy forbids", Evidence: []impact.Evidence{
						{Text: "new edge `pay → store` (forbidden by `components.pay.not`)", File: "pay/flow.go", Line: 9},
					}},
					{Name: "new-dependency", Title: "new direct dependency", Evidence: []impact.Evidence{
						{Text: "`example.com/a` v1.0.0", File: "go.mod", Line: 5}, {Text: "`example.com/b` v1.0.0", File: "go.mod", Line: 6},
						{Text: "`example.com/c` v1.0.0", File: "go.mod", Line: 7}, {Text: "`example.com/d` v1.0.0", File: "go.mod", Line: 8},
					}},
				}},
			},
		},
		Requirements: []review.Requirement{
			candidate(impact.Design, "", "", "no pool configured"),
			candidate(impact.Architecture, "maria-k", "jo-b", "", review.Exclusion{Who: "ann-k", Why: "is on the author's team payments"}),
		},
		Unattributed: []string{"Gopher <gopher@example.com>"},
		Ownership: review.Ownership{
			Stated: true, AuthorTeams: []string{"search"}, Unowned: []string{"new/file.go"},
			Homes: []review.Home{{Owner: review.Owner{Team: "payments"}, Files: 3, Away: true}, {Owner: review.Owner{Principal: "jo-b"}, Files: 1, Away: true}},
		},
		Cheapest: &review.Cheapest{Findings: []int{0, 1}, Minutes: 87, Net: -20, StillNeeds: []impact.Domain{impact.Architecture}},
	}
}

func scan() review.Scan {
	s := review.Scan{
		Revision: review.Revision{Commit: headCommit, Tree: tree, Name: "HEAD"},
		Totals: debt.Totals{
			Principal: 750, Low: 247.5, High: 1500, Tests: 125, Lines: 35812,
			ByRule: map[string]float64{"cognitive": 500, "errcheck": 240, "made-up": 10},
		},
		Coverage: debt.Coverage{Changed: 300, Analysed: 299, Skipped: []debt.Skipped{{File: "api/a.pb.go", Reason: "generated", Expected: true}}},
		Outcome:  review.Clear,
		Engine:   review.Engine{Packages: 120, Seconds: 131.6, PeakMiB: 900, Modules: 3},
	}
	for i := range 20 {
		s.Findings = append(s.Findings, finding(debt.Unchanged, "cognitive", "recon/run.go", 10*i+1, "Run", "cognitive complexity 30", 25))
	}
	for i := range 16 {
		s.Findings = append(s.Findings, finding(debt.Unchanged, "errcheck", "pay/flow.go", i+1, "Flow", "error is ignored", 15+float64(i)))
	}
	s.Findings = append(s.Findings, finding(debt.Unchanged, "made-up", "pay/flow.go", 99, "", "a rule without a row", 10))
	return s
}

func TestGoldens(t *testing.T) {
	for name, r := range reviews() {
		t.Run(name, func(t *testing.T) {
			var text, all, md, js bytes.Buffer
			for _, err := range []error{
				Text(&text, r, TextOptions{}),
				Text(&all, r, TextOptions{All: true, Width: 100}),
				Markdown(&md, r),
				JSON(&js, r, false),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
			golden(t, name+".txt", text.Bytes())
			golden(t, name+".all.txt", all.Bytes())
			golden(t, name+".md", md.Bytes())
			golden(t, name+".json", js.Bytes())
		})
	}
}

func TestScanGoldens(t *testing.T) {
	var text, js bytes.Buffer
	if err := ScanText(&text, scan(), TextOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := ScanJSON(&js, scan()); err != nil {
		t.Fatal(err)
	}
	golden(t, "scan.txt", text.Bytes())
	golden(t, "scan.json", js.Bytes())
}

// TestUnknownIsNeverClean: an incomplete result without findings must not read
// like a clean one.
func TestUnknownIsNeverClean(t *testing.T) {
	r := change(review.Incomplete, debt.Delta{})
	s := review.Scan{Outcome: review.Incomplete}
	var text, md, sc bytes.Buffer
	for _, err := range []error{Text(&text, r, TextOptions{}), Markdown(&md, r), ScanText(&sc, s, TextOptions{})} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, got := range map[string]string{"text": text.String(), "markdown": md.String(), "scan": sc.String()} {
		if !strings.Contains(got, "Not fully analysed") {
			t.Errorf("%s of an incomplete result does not say so:\n%s", name, got)
		}
	}
}

// TestEmptySentence: a deleted Go file and a changed go.mod are no changed Go
// files of the head, and yet something.
func TestEmptySentence(t *testing.T) {
	nothing := review.Review{Decision: review.Decision{Outcome: review.Clear}}
	deleted := change(review.Clear, debt.Delta{})
	deleted.Coverage = debt.Coverage{}
	for _, tt := range []struct {
		r    review.Review
		want string
	}{
		{nothing, "No Go file changed."},
		{deleted, "Nothing changed for the debt."},
		{change(review.Clear, debt.Delta{}), "Nothing changed for the debt."},
		{change(review.Incomplete, debt.Delta{}), "Nothing changed for the debt in what was analysed."},
	} {
		if got := emptySentence(tt.r); got != tt.want {
			t.Errorf("emptySentence(%+v) = %q, want %q", tt.r, got, tt.want)
		}
	}
}

func TestColourIsOnlyAdded(t *testing.T) {
	sgr := strings.NewReplacer("\x1b[0m", "", "\x1b[1m", "", "\x1b[2m", "", "\x1b[31m", "", "\x1b[32m", "", "\x1b[33m", "")
	for name, r := range reviews() {
		var bare, painted bytes.Buffer
		if err := Text(&bare, r, TextOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := Text(&painted, r, TextOptions{Color: true}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(painted.String(), "\x1b[") {
			t.Errorf("%s: no colour", name)
		}
		if diff := cmp.Diff(bare.String(), sgr.Replace(painted.String())); diff != "" {
			t.Errorf("%s: colour changes more than colour:\n%s", name, diff)
		}
	}
}

func TestTextWidth(t *testing.T) {
	f := finding(debt.New, "cognitive", strings.Repeat("deep/", 30)+"run.go", 140, "Reconcile", strings.Repeat("日本 long ", 60), 70)
	r := change(review.Clear, delta(f))
	for _, columns := range []int{80, 100, 120} {
		var b bytes.Buffer
		if err := Text(&b, r, TextOptions{Width: columns}); err != nil {
			t.Fatal(err)
		}
		row := strings.Split(b.String(), "\n")[2]
		if got := width(row); got > columns || !strings.Contains(row, "run.go:140:1") || !strings.HasSuffix(row, "cognitive") {
			t.Errorf("Width %d gives a row of %d columns:\n%s", columns, got, row)
		}
	}
}
