package debt

import (
	"regexp"
	"testing"
)

func TestPrice(t *testing.T) {
	for _, test := range []struct {
		rule    string
		value   float64
		minutes float64
		finding bool
	}{
		{"cognitive", 15, 0, false},
		{"cognitive", 16, 6, true},
		{"cognitive", 38, 28, true},
		{"cognitive", 900, 480, true}, // a working day
		{"func-lines", 130, 0, false},
		{"func-lines", 131, 20, true},
		{"func-lines", 1000, 20, true},
		{"file-lines", 950, 0, false},
		{"file-lines", 951, 60, true},
		{"nesting", 4, 0, false},
		{"nesting", 5, 20, true},
		{"nesting", 6, 30, true},
		{"params", 6, 0, false},
		{"params", 7, 17, true},
		{"god-package", 3000, 0, false},
		{"god-package", 9000, 180, true},
		{"package-fan-out", 53, 0, false},
		{"package-fan-out", 54, 60, true},
		{"interface-width", 9, 0, false},
		{"interface-width", 10, 18, true},
		{"interface-width", 39, 105, true},
		{"struct-fields", 22, 0, false},
		{"struct-fields", 23, 20, true},
		{"switch-cases", 30, 0, false},
		{"switch-cases", 31, 30, true},
		{"bool-operators", 3, 0, false},
		{"bool-operators", 4, 6, true},
		{"bool-operators", 9, 11, true},
		{"identical-functions", 1, 15, true},
		{"identical-branches", 1, 10, true},
		{"self-admitted/todo", 1, 15, true},
		{"self-admitted/fixme", 1, 30, true},
		{"self-admitted/linked", 1, 5, true},
		{"mutable-global", 1, 30, true},
		{"mutable-global", 3, 50, true},
		{"api-break", 0, 30, true},
		{"api-break", 4, 70, true},
		{"errcheck", 1, 5, true},
		{"errorlint", 1, 5, true},
		{"unused", 1, 5, true},
		{"vet/printf", 1, 10, true},
		{"staticcheck/SA4006", 1, 10, true},
		{"modernize/any", 1, 1, true},
		{"staticcheck/SA1019", 1, 10, true},
		{"staticcheck/SA1019", 2, 15, true},
		{"staticcheck/SA1019", 4, 25, true},
		{"clone", 2, 40, true},
		{"clone", 5, 70, true},
		{"clone-across", 2, 40, true},
		{"layer", 1, 65, true},
		{"layer", 2, 70, true},
		{"component-cycle", 2, 420, true},
		{"component-cycle", 9, 480, true},
		{"mod/replace-fork", 1, 120, true},
		{"exported-growth", 1, 5, true},
	} {
		r, ok := Lookup(test.rule)
		if !ok {
			t.Errorf("Lookup(%q) found nothing", test.rule)
			continue
		}
		if m, f := r.Price(test.value); m != test.minutes || f != test.finding {
			t.Errorf("%s: Price(%v) = %v, %v, want %v, %v", test.rule, test.value, m, f, test.minutes, test.finding)
		}
	}
}

// TestFixable: what a command mends costs the same however often it is there.
func TestFixable(t *testing.T) {
	for rule, want := range map[string]float64{"staticcheck/SA1019": 2, "errcheck": 5} {
		row, _ := Lookup(rule)
		if got, finding := own(row, Measure{Rule: rule, Value: 7, Fixable: true}); got != want || !finding {
			t.Errorf("%s: own(fixable) = %g, %t, want %g", rule, got, finding, want)
		}
	}
}

func TestFormula(t *testing.T) {
	for rule, want := range map[string]string{
		"cognitive":           "5 + 1/point",
		"func-lines":          "20",
		"nesting":             "10 + 10/level",
		"api-break":           "30 + 10/dependant",
		"mutable-global":      "20 + 10/writer",
		"staticcheck/SA1019":  "10 + 5/further use; 2 where go fix mends it",
		"staticcheck/SA4006":  "10",
		"modernize/any":       "1, at most 30/package",
		"self-admitted/fixme": "30",
		"suppression":         "what it hides, + 5 without a reason",
		"clone":               "40 + 10/further copy",
		"clone-across":        "0; where switched on: 40 + 10/further copy",
		"layer":               "60 + 5/import site",
	} {
		if r, _ := Lookup(rule); r.Formula() != want {
			t.Errorf("%s: Formula() = %q, want %q", rule, r.Formula(), want)
		}
	}
}

func TestLookup(t *testing.T) {
	for _, test := range []struct{ rule, id string }{
		{"cognitive", "cognitive"},
		{"gocognit", "cognitive"},
		{"U1000", "unused"},
		{"staticcheck/U1000", "unused"}, // a row goes before the family
		{"SA1019", "staticcheck/SA1019"},
		{"staticcheck", "staticcheck"},
		{"staticcheck/SA1019", "staticcheck/SA1019"},
		{"staticcheck/SA9999", "staticcheck/SA9999"},
		{"vet/copylocks", "vet/copylocks"},
		{"govet", "vet"},
		{"godox", "self-admitted/todo"}, // the first of three
		{"self-admitted/other", ""},     // no family
		{"cognitive/x", ""},
		{"vet/", ""},
		{"", ""},
		{"gosec", ""},
	} {
		r, ok := Lookup(test.rule)
		if r.ID != test.id || ok != (test.id != "") {
			t.Errorf("Lookup(%q) = %q, %v, want %q", test.rule, r.ID, ok, test.id)
		}
	}
}

func TestIsFamily(t *testing.T) {
	for name, want := range map[string]bool{
		"mod": true, "self-admitted": true, "vet": true, "staticcheck": true, "modernize": true,
		"cognitive": false, "mod/retracted": false, "godox": false, "": false,
	} {
		if got := IsFamily(name); got != want {
			t.Errorf("IsFamily(%q) = %t, want %t", name, got, want)
		}
	}
}

func TestCatalogue(t *testing.T) {
	id := regexp.MustCompile(`^[a-z]+(-[a-z]+)*(/([a-z]+(-[a-z]+)*|SA[0-9]{4}))?$`)
	ids := make(map[string]bool)
	for _, r := range Catalogue {
		if !id.MatchString(r.ID) {
			t.Errorf("%s: not a short kebab-case noun", r.ID)
		}
		if ids[r.ID] {
			t.Errorf("%s stands twice", r.ID)
		}
		ids[r.ID] = true
		if r.Title == "" || r.Why == "" || r.Source == "" {
			t.Errorf("%s: title, why or source is missing", r.ID)
		}
		if r.Kind != "package" && r.Kind != "program" && r.Kind != "change" {
			t.Errorf("%s: kind %q", r.ID, r.Kind)
		}
		if r.Default != "on" && r.Default != Listed {
			t.Errorf("%s: default %q", r.ID, r.Default)
		}
		if r.Since == "" || r.Since > CatalogueVersion {
			t.Errorf("%s: since %q, but the catalogue is %s", r.ID, r.Since, CatalogueVersion)
		}
		if r.Base <= 0 {
			t.Errorf("%s: a finding that costs nothing is none", r.ID)
		}
		if r.PerUnit > 0 && r.Unit == "" {
			t.Errorf("%s: a price per unit, but no unit", r.ID)
		}
		if r.PackageCap > 0 && (r.Structural || r.PerUnit > 0) {
			t.Errorf("%s: a cap is for findings that all cost the same", r.ID)
		}
		if r.Whole && !r.Metric {
			t.Errorf("%s: only a metric is of a whole package", r.ID)
		}
		if r.Threshold != 0 && !r.Metric {
			t.Errorf("%s: only a metric has a threshold", r.ID)
		}
	}
	for _, r := range Catalogue {
		for _, alias := range r.Aliases {
			if ids[alias] {
				t.Errorf("%s: the alias %s is a rule", r.ID, alias)
			}
		}
	}
}

func TestFingerprint(t *testing.T) {
	m := Measure{Rule: "errcheck", Package: "example.com/m/p", Symbol: "T.Close", Node: "9a",
		File: "p/a.go", Line: 3, Column: 2, EndLine: 3, Message: "error of f.Close ignored", Value: 1}
	// Stored fingerprints are compared with this one: if it changes, fp1
	// becomes fp2.
	const want = "fp1:6a85593786731656cdf69a71661fac56"
	if got := Fingerprint(m); got != want {
		t.Errorf("Fingerprint(%+v) = %s, want %s", m, got, want)
	}

	same := m
	same.Module, same.File, same.Line, same.Column, same.EndLine = "example.com/m", "p/b.go", 9, 9, 9
	same.Message, same.Value, same.Test, same.HiddenBy = "other", 2, true, "p/b.go:8"
	if got := Fingerprint(same); got != want {
		t.Errorf("the fingerprint depends on more than rule, package, symbol and node: %s", got)
	}

	alias, id := m, m
	alias.Rule, id.Rule = "gocognit", "cognitive"
	if Fingerprint(alias) != Fingerprint(id) {
		t.Error("an alias has another fingerprint than its rule")
	}

	seen := map[string]Measure{want: m}
	for _, other := range []Measure{
		{Rule: "unused", Package: m.Package, Symbol: m.Symbol, Node: m.Node},
		{Rule: m.Rule, Package: "example.com/m/q", Symbol: m.Symbol, Node: m.Node},
		{Rule: m.Rule, Package: m.Package, Symbol: "T.Open", Node: m.Node},
		{Rule: m.Rule, Package: m.Package, Symbol: m.Symbol, Node: "9b"},
		{Rule: m.Rule, Package: m.Package + "T.", Symbol: "Close", Node: m.Node},
		{Rule: m.Rule, Package: m.Package, Symbol: m.Symbol + m.Node},
	} {
		got := Fingerprint(other)
		if twin, ok := seen[got]; ok {
			t.Errorf("%+v and %+v share a fingerprint", other, twin)
		}
		seen[got] = other
	}
}
