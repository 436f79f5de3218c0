package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/review"
)

func spot(file, symbol string, line int, principal, interest float64, changes, authors int) debt.Hotspot {
	return debt.Hotspot{
		Package: "example.com/m/pay", Symbol: symbol, File: file, Line: line,
		Findings:  []debt.Finding{finding(debt.Unchanged, "cognitive", file, line, symbol, "cognitive complexity 40", principal)},
		Principal: principal, Interest: interest, Friction: .6, Touches: interest / 12, Changes: changes, Authors: authors, Advice: debt.NoUse,
	}
}

func hotspots() Hotspots {
	h := Hotspots{Scan: scan(), Tip: headCommit, Until: time.Date(2026, 8, 21, 14, 53, 52, 0, time.UTC), Days: 90}
	h.Spots = []debt.Hotspot{
		spot("pay/flow.go", "Run", 140, 30, 96, 12, 5),
		spot("pay/flow.go", "Flow.Stop", 320, 47, 42, 4, 2),
		spot("pay", "", 1, 180, 20, 31, 9),
		spot("recon/run.go", "Late", 9, 20, .2, 1, 1),
		spot("recon/run.go", "Before", 70, 20, .1, 0, 0),
		spot("recon/run.go", "Never", 90, 600, 0, 0, 0),
	}
	h.Spots[0].Findings = append(h.Spots[0].Findings, h.Spots[0].Findings[0])
	return h
}

// withGoals is where a policy says what the code is for.
func withGoals() Hotspots {
	h := hotspots()
	h.Scan.Policy.Goals = map[string]review.Goal{"ledger-v2": {}, "speed": {}}
	for i, advice := range []debt.Advice{debt.Repay, debt.Repay, debt.Slow} {
		h.Spots[i].Goals, h.Spots[i].Advice = []string{"ledger-v2", "speed"}[:1+i%2], advice
	}
	return h
}

func TestHotspotsGoldens(t *testing.T) {
	goals := withGoals()
	for name, h := range map[string]Hotspots{"hotspots": hotspots(), "hotspots.goals": goals} {
		var text, all, js bytes.Buffer
		for _, err := range []error{
			HotspotsText(&text, h, TextOptions{}),
			HotspotsText(&all, h, TextOptions{All: true, Width: 110}),
			HotspotsJSON(&js, h, false),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		golden(t, name+".txt", text.Bytes())
		golden(t, name+".all.txt", all.Bytes())
		golden(t, name+".json", js.Bytes())
	}
}

func TestHotspotsTextWords(t *testing.T) {
	nothing := hotspots()
	nothing.Spots = nothing.Spots[4:]
	none := hotspots()
	none.Spots, none.Scan.Coverage = nil, debt.Coverage{}
	incomplete := hotspots()
	incomplete.Spots, incomplete.Scan.Outcome, incomplete.Scan.Reasons = nil, review.Incomplete, []string{"cancelled"}
	slow := withGoals()
	slow.Spots = slow.Spots[2:]
	many := hotspots()
	for i := range 30 {
		many.Spots = append(many.Spots, spot("a.go", fmt.Sprintf("F%d", i), i, 10, 5, 1, 1))
	}
	oneDay := hotspots()
	oneDay.Days = 1
	for _, tt := range []struct {
		name string
		in   Hotspots
		want string
	}{
		{"nobody works where debt is", nothing, "No code with debt was changed in that time.\n  10 h 20 min of debt in 2 places can be left alone"},
		{"no debt", none, "No code with debt was changed in that time.\n\n2 min 12 s"},
		{"incomplete", incomplete, "No code with debt was changed in that time, of what was analysed.\n"},
		{"incomplete says so", incomplete, "Not fully analysed: cancelled"},
		{"goals that gain too little", slow, "Advice: leave it alone. Nothing here is needed by a goal and pays back within 4 quarters"},
		{"more than fit", many, "14 more (--all)"},
		{"one day", oneDay, "the 1 day before 2026-08-21"},
	} {
		var b bytes.Buffer
		if err := HotspotsText(&b, tt.in, TextOptions{}); err != nil {
			t.Fatal(err)
		}
		if got := b.String(); !strings.Contains(got, tt.want) {
			t.Errorf("%s: HotspotsText() =\n%s\nwant %q in it", tt.name, got, tt.want)
		}
	}
}

func TestSpotPlace(t *testing.T) {
	for file, want := range map[string]string{
		"pay/a.go": "pay/a.go:7", "go.mod": "go.mod:7", "pay": "pay/", "api/v1.2": "api/v1.2/", ".": "./", "": "example.com/m/pay",
	} {
		if got := spotPlace(debt.Hotspot{Package: "example.com/m/pay", File: file, Line: 7}); got != want {
			t.Errorf("spotPlace(%q) = %s, want %s", file, got, want)
		}
	}
}

func TestPaybackWords(t *testing.T) {
	for quarters, want := range map[float64]string{
		0: "0.0 quarters", .04: "0.0 quarters", 1: "1.0 quarters", 9.94: "9.9 quarters", 9.96: "10 quarters", 40: "40 quarters", 40.1: "over 10 years", math.Inf(1): "over 10 years",
	} {
		if got := payback(quarters); got != want {
			t.Errorf("payback(%v) = %q, want %q", quarters, got, want)
		}
	}
}

func TestHotspotsJSONFollowsSchema(t *testing.T) {
	s := compile(t, HotspotsSchema)
	for _, in := range []Hotspots{hotspots(), withGoals(), {Days: 90, Scan: review.Scan{Outcome: review.Incomplete}}} {
		for _, all := range []bool{false, true} {
			var b bytes.Buffer
			if err := HotspotsJSON(&b, in, all); err != nil {
				t.Fatal(err)
			}
			validate(t, s, b.Bytes())
		}
	}
}

// The schema of hotspots is whole, as TestSchemaIsWhole has it of the others.
func TestHotspotsSchemaIsWhole(t *testing.T) {
	h := withGoals()
	x := everywhere("x")
	h.Scan.Coverage, h.Scan.Reasons, h.Scan.Hints = x.Coverage, []string{"x"}, []string{"x"}
	var b bytes.Buffer
	if err := HotspotsJSON(&b, h, true); err != nil {
		t.Fatal(err)
	}
	var schema, output map[string]any
	if err := json.Unmarshal(HotspotsSchema, &schema); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b.Bytes(), &output); err != nil {
		t.Fatal(err)
	}
	walker{t, schema["definitions"].(map[string]any)}.walk("hotspots", schema, output)
}

func TestHotspotsJSONRefusesWhatIsNoNumber(t *testing.T) {
	h := hotspots()
	h.Spots[0].Interest = math.NaN()
	var b bytes.Buffer
	if err := HotspotsJSON(&b, h, false); err == nil || b.Len() > 0 {
		t.Errorf("HotspotsJSON() of NaN: error %v and %d bytes, want an error and none", err, b.Len())
	}
}

func TestHotspotsTextIsHarmless(t *testing.T) {
	h := withGoals()
	for i := range h.Spots {
		s := &h.Spots[i]
		s.File, s.Package, s.Symbol, s.Goals = hostile, hostile, hostile, []string{hostile}
		s.Findings[0].Message = hostile
	}
	h.Spots[2].File = ""
	h.Tip, h.Scan.Revision.Name, h.Scan.Revision.Commit, h.Scan.Hints = hostile, hostile, "", []string{hostile}
	var b bytes.Buffer
	if err := HotspotsText(&b, h, TextOptions{All: true}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		line = strings.TrimSuffix(line, "\n")
		if clean := EscapeTerminal(line); clean != line {
			t.Errorf("HotspotsText() has line %q, want %q", line, clean)
		}
	}
}
