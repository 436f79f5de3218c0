package review

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/debt"
)

func TestOutcome(t *testing.T) {
	hour := 60.0
	unread := debt.Skipped{File: "a.go", Reason: "symbolic link"}
	generated := debt.Skipped{File: "b.go", Reason: "generated", Expected: true}
	for _, tt := range []struct {
		name     string
		budget   *float64
		net      float64
		coverage debt.Coverage
		want     Outcome
		reasons  []string
	}{
		{name: "nothing", want: Clear},
		{name: "debt without a budget", net: 1000, want: Clear},
		{name: "at the budget", budget: &hour, net: 60, want: Clear},
		{
			name: "over the budget", budget: &hour, net: 60.5, want: SignOffNeeded,
			reasons: []string{"the net debt is over the budget"},
		},
		{name: "generated code left out", coverage: debt.Coverage{Skipped: []debt.Skipped{generated}}, want: Clear},
		{
			name: "unread file", coverage: debt.Coverage{Skipped: []debt.Skipped{unread, generated}}, want: Incomplete,
			reasons: []string{"1 changed file was not analysed"},
		},
		{
			name: "incomplete goes before sign-off", budget: &hour, net: 61,
			coverage: debt.Coverage{Skipped: []debt.Skipped{unread, unread}}, want: Incomplete,
			reasons: []string{"2 changed files were not analysed", "the net debt is over the budget"},
		},
		{
			name:     "broken by the change",
			coverage: debt.Coverage{Broken: []debt.Broken{{Package: "p", Side: "head"}}}, want: Incomplete,
			reasons: []string{"1 package does not type-check any more"},
		},
		{
			name:     "broken before, and still",
			coverage: debt.Coverage{Broken: []debt.Broken{{Package: "p", Side: "base"}, {Package: "p", Side: "head"}}}, want: Clear,
		},
		{
			name:     "mended",
			coverage: debt.Coverage{Broken: []debt.Broken{{Package: "p", Side: "base"}}}, want: Clear,
		},
		{
			name:     "lost check",
			coverage: debt.Coverage{Lost: []debt.Lost{{Package: "p", Analyzer: "unused"}}}, want: Incomplete,
			reasons: []string{"1 check failed on a package"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Decide(Policy{Budget: tt.budget}, Snapshot{Delta: debt.Delta{Net: tt.net}, Coverage: tt.coverage})
			if got.Outcome != tt.want {
				t.Errorf("Decide = %s, want %s", got.Outcome, tt.want)
			}
			if diff := cmp.Diff(tt.reasons, got.Reasons); diff != "" {
				t.Errorf("reasons (-want +got):\n%s", diff)
			}
			if scan, _ := AssessScan(tt.coverage); scan == Incomplete != (tt.want == Incomplete) || scan == SignOffNeeded {
				t.Errorf("AssessScan = %s where Decide = %s", scan, got.Outcome)
			}
		})
	}
}

// TestAssessScanWords: a scan knows of no change, and speaks of none.
func TestAssessScanWords(t *testing.T) {
	c := debt.Coverage{
		Skipped: []debt.Skipped{{File: "a.go", Reason: "there is no go.mod above it"}},
		Broken:  []debt.Broken{{Package: "p", Side: "head"}},
		Lost:    []debt.Lost{{Package: "p", Analyzer: "unused"}},
	}
	want := []string{"1 file was not analysed", "1 package does not type-check", "1 check failed on a package"}
	if got, reasons := AssessScan(c); got != Incomplete || !slices.Equal(reasons, want) {
		t.Errorf("AssessScan = %s, %q, want %s, %q", got, reasons, Incomplete, want)
	}
}
