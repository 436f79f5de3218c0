package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/txtar"

	"github.com/barraiser/barraiser/internal/analyzers"
	"github.com/barraiser/barraiser/internal/debt"
)

// trapRule is the rule whose analyzer misbehaves in packages that declare Trap.
const trapRule = "vet/assign"

// trapped are the checks, of which one has an analyzer that misbehaves.
func trapped(how string) []analyzers.Check {
	checks := analyzers.Checks()
	i := slices.IndexFunc(checks, func(c analyzers.Check) bool { return c.Rule == trapRule })
	good := *checks[i].Analyzer
	bad := good
	bad.Run = func(pass *analysis.Pass) (any, error) {
		if pass.Pkg.Scope().Lookup("Trap") == nil {
			return good.Run(pass)
		}
		switch how {
		case "panic":
			panic("trapped")
		case "endless":
			for n := 0; ; {
				n++
			}
		}
		for grow := []byte{1}; ; { // hoard
			grow = append(grow, grow...)
		}
	}
	checks[i].Analyzer = &bad
	return checks
}

const trapTrees = `
-- base/go.mod --
module ex.com/m

go 1.25
-- base/bad/bad.go --
package bad

func E() error { return nil }

func F(a []int) {
	a[0] = a[0]
	E()
}
-- base/good/good.go --
package good

func F(a []int) {
	a[0] = a[0]
}
-- head/go.mod --
module ex.com/m

go 1.25
-- head/bad/bad.go --
package bad

const Trap = 1

func E() error { return nil }

func F(a []int) {
	a[0] = a[0]
	E()
}

func G(a []int) {
	a[0] = a[0]
	E()
}
-- head/good/good.go --
package good

func F(a []int) {
	a[0] = a[0]
}

func G(a []int) {
	a[0] = a[0]
}
`

// TestPanickingAnalyzer: a panic costs the findings of that analyzer in that
// package, on both sides, and nothing else.
func TestPanickingAnalyzer(t *testing.T) {
	t.Parallel()
	res, err := Judge(t.Context(), job(t, txtar.Parse([]byte(trapTrees))), testOptions(t, "panic"))
	if err != nil {
		t.Fatal(err)
	}
	want := `base bad/bad.go:7 errcheck F "error of E is not checked" 1
base good/good.go:4 vet/assign F "self-assignment of a[0]" 1
head bad/bad.go:14 errcheck G "error of E is not checked" 1
head bad/bad.go:9 errcheck F "error of E is not checked" 1
head good/good.go:4 vet/assign F "self-assignment of a[0]" 1
head good/good.go:8 vet/assign G "self-assignment of a[0]" 1
changed 2 analysed 2
lost assign ex.com/m/bad head: panicked: trapped
packages 2 reused 0
`
	if diff := cmp.Diff(want, render(res)); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
}

// TestRuleOff: the analyzers of rules that are off do not run at all.
func TestRuleOff(t *testing.T) {
	t.Parallel()
	j := job(t, txtar.Parse([]byte(trapTrees)))
	j.Settings = debt.Settings{"vet": {Off: true}}
	res, err := Judge(t.Context(), j, testOptions(t, "panic"))
	if err != nil {
		t.Fatal(err)
	}
	want := `base bad/bad.go:7 errcheck F "error of E is not checked" 1
head bad/bad.go:14 errcheck G "error of E is not checked" 1
head bad/bad.go:9 errcheck F "error of E is not checked" 1
changed 2 analysed 2
packages 2 reused 0
`
	if diff := cmp.Diff(want, render(res)); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
}

// TestRunawayAnalyzer: an analyzer that never ends, or that allocates without
// end, ends the whole analysis, and the failure says by which limit.
func TestRunawayAnalyzer(t *testing.T) {
	t.Parallel()
	for how, want := range map[string]string{
		"endless": "longer than --timeout allows (",
		"hoard":   "more memory than --max-memory allows (512 MiB)",
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			j := job(t, txtar.Parse([]byte(trapTrees)))
			j.MaxMemory = 512 << 20
			o := testOptions(t, how)
			var reached atomic.Bool
			o.Progress = func(p Progress) {
				if p.Phase == "analysing" {
					reached.Store(true)
				}
			}
			judge := func() {
				t.Helper()
				res, err := Judge(t.Context(), j, o)
				if _, ok := errors.AsType[*Failure](err); !ok || !strings.Contains(fmt.Sprint(err), want) {
					t.Errorf("Judge = %v, %v, want a failure with %q", res, err, want)
				}
			}
			if how != "endless" {
				judge()
			}
			// On a busy machine it takes longer to come to the analyzer.
			for o.Timeout = 5 * time.Second; how == "endless" && !reached.Load() && o.Timeout < 10*time.Minute; o.Timeout *= 4 {
				judge()
			}
			if !reached.Load() {
				t.Error("the analysis did not come to the analyzers")
			}
		})
	}
}
