package debt

import "testing"

func TestSettings(t *testing.T) {
	ten := 10.0
	settings := Settings{
		"cognitive":          {Threshold: &ten},
		"errcheck":           {Off: true},
		"staticcheck":        {Off: true},
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
		{"staticcheck/SA4006", 1, 10},
		{"vet/printf", 1, 10},
		{"unused", 1, 5},
		{"nonsense", 1, -1},
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
