package signoff

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestJudgeAftermath(t *testing.T) {
	pay, rate := Symbol{"pay/pay.go", "Pay"}, Symbol{"fx/rate.go", "Rate.Of"}
	inTest := Symbol{"pay/pay_test.go", "TestPay"}
	own := []Symbol{pay, inTest}
	day := 24 * time.Hour
	until := monday.Add(30 * day)
	step := func(days int, commit, title, reverts string, touched ...Symbol) Later {
		return Later{Commit: commit, Title: title, At: monday.Add(time.Duration(days) * day), Reverts: reverts, Touched: touched}
	}
	for _, tt := range []struct {
		name  string
		later []Later
		want  Aftermath
	}{
		{"nothing came", nil, Aftermath{Result: Stood}},
		{"reverted", []Later{step(3, "s1", "Revert \"Pay\"", "m")}, Aftermath{Result: Reverted, Commit: "s1", Title: "Revert \"Pay\"", At: monday.Add(3 * day)}},
		{"another one was reverted", []Later{step(3, "s1", "Revert \"Get\"", "x")}, Aftermath{Result: Stood}},
		{"mended", []Later{step(3, "s1", "fix: Pay rounds cents", "", pay, rate)},
			Aftermath{Result: Mended, Commit: "s1", Title: "fix: Pay rounds cents", At: monday.Add(3 * day), Symbols: []Symbol{pay}}},
		{"worked on", []Later{step(3, "s1", "Pay in euros", "", pay)}, Aftermath{Result: Stood}},
		{"mended elsewhere", []Later{step(3, "s1", "Fix the rate", "", rate)}, Aftermath{Result: Stood}},
		{"only its test was mended", []Later{step(3, "s1", "Fix a flaky test", "", inTest)}, Aftermath{Result: Stood}},
		{"a revert goes before a fix", []Later{step(3, "s1", "Fix Pay", "", pay), step(5, "s2", "Back out", "m")},
			Aftermath{Result: Reverted, Commit: "s2", Title: "Back out", At: monday.Add(5 * day)}},
		{"the first fix", []Later{step(3, "s1", "Fix Pay", "", pay), step(4, "s2", "Fix Pay again", "", pay)},
			Aftermath{Result: Mended, Commit: "s1", Title: "Fix Pay", At: monday.Add(3 * day), Symbols: []Symbol{pay}}},
		{"too late", []Later{step(31, "s1", "Revert \"Pay\"", "m")}, Aftermath{Result: Stood}},
	} {
		if diff := cmp.Diff(tt.want, JudgeAftermath(own, []string{"m"}, until, tt.later)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestMends(t *testing.T) {
	for title, want := range map[string]bool{
		"Fix rounding of cents": true, "fix(pay): rounding": true, "Hotfix for INC-881": true, "Revert \"Pay\"": true, "Roll back the cache": true,
		"pay: repair the index": true, "Avoid a data race in Open": true, "Fixtures for the ledger": false, "Prefix all keys": false,
		"Add a debug flag": false, "Pay in euros": false, "": false,
	} {
		if got := Mends(title); got != want {
			t.Errorf("Mends(%q) = %t, want %t", title, got, want)
		}
	}
}

// TestInterval: against values of the formula that were worked out by hand
// elsewhere (Brown, Cai, DasGupta 2001 for 0 of 10 and 5 of 10).
func TestInterval(t *testing.T) {
	for _, tt := range []struct {
		of, bad   int
		low, high float64
	}{
		{0, 0, 0, 1}, {10, 0, 0, 0.2775}, {10, 5, 0.2366, 0.7634}, {10, 10, 0.7225, 1}, {100, 10, 0.0552, 0.1744},
	} {
		low, high := Rate{Of: tt.of, Mended: tt.bad}.Interval()
		if math.Abs(low-tt.low) > 1e-4 || math.Abs(high-tt.high) > 1e-4 {
			t.Errorf("%d of %d: [%.4f, %.4f], want [%.4f, %.4f]", tt.bad, tt.of, low, high, tt.low, tt.high)
		}
	}
}
