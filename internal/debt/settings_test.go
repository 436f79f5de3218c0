package debt

import "testing"

func TestSettings(t *testing.T) {
	ten := 10.0
	settings := Settings{
		"cognitive":          {Threshold: &ten},
		"errcheck":           {Off: true},
		"staticcheck":        {Off: true},
		"mod":                {Off: true}, // a family without a row
		"mod/retracted":      {},
		"staticcheck/SA4006": {},
		"unused":             {Threshold: &ten}, // has no metric: nothing to set
	}
	for _, tt := range []struct {
		rule  string
		value float64
		want  float64 // minutes; −1 for no finding
	}{
		{"cognitive", 10, -1},
		{"cognitive", 12, 7},
		{"gocognit", 12, 7}, // by its alias
		{"nesting", 5, 20},
		{"errcheck", 1, -1},
		{"staticcheck/SA1000", 1, -1},
		{"mod/replace-fork", 1, -1},
		{"mod/retracted", 1, 60},
		{"staticcheck/SA4006", 1, 10},
		{"vet/printf", 1, 10},
		{"unused", 1, 5},
		{"nonsense", 1, -1},
		{"clone-across", 3, 0}, // shown, and costs nothing
	} {
		got := -1.0
		if r, on := settings.Rule(tt.rule); on {
			if minutes, finding := r.Price(tt.value); finding {
				got = minutes
			}
		}
		if got != tt.want {
			t.Errorf("%s of %g costs %g min, want %g", tt.rule, tt.value, got, tt.want)
		}
	}
}

// TestSettingsReachTheSums: a rule that is off is neither introduced nor part
// of a total, and a lower threshold makes a finding.
func TestSettingsReachTheSums(t *testing.T) {
	low := 5.0
	settings := Settings{"errcheck": {Off: true}, "cognitive": {Threshold: &low}}
	measures := []Measure{
		{Rule: "errcheck", Package: "p", Symbol: "F", File: "p/a.go", Line: 3, Value: 1},
		{Rule: "cognitive", Package: "p", Symbol: "F", File: "p/a.go", Line: 1, Value: 8},
	}
	d := Compare(Comparison{Head: Side{Measures: measures}, Settings: settings})
	if len(d.Findings) != 1 || d.Introduced != 8 {
		t.Errorf("Compare introduced %g min in %d findings, want 8 min in 1", d.Introduced, len(d.Findings))
	}
	totals, findings := Total(measures, nil, 100, settings)
	if len(findings) != 1 || totals.Principal != 8 {
		t.Errorf("Total is %g min in %d findings, want 8 min in 1", totals.Principal, len(findings))
	}
}

// TestListed: a listed rule costs nothing, is compared all the same, and costs
// its price where it is switched on.
func TestListed(t *testing.T) {
	c := Comparison{Head: Side{Measures: []Measure{{Rule: "clone-across", Package: "p", File: "p/a.go", Line: 3, Value: 3}}}}
	for want, settings := range map[float64]Settings{0: nil, 50: {"clone-across": {}}} {
		c.Settings = settings
		if d := Compare(c); len(d.Findings) != 1 || d.Findings[0].Status != New || d.Introduced != want {
			t.Errorf("Compare with %v introduced %g min by %+v, want %g min by one new finding", settings, d.Introduced, d.Findings, want)
		}
	}
	c.Settings = Settings{"clone-across": {Off: true}}
	if d := Compare(c); len(d.Findings) != 0 {
		t.Errorf("Compare with the rule off has %+v, want nothing", d.Findings)
	}
}
