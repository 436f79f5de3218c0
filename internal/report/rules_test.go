package report

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/barraiser/barraiser/internal/debt"
)

// rules are rows of our own, so that a changed price changes no golden here.
var rules = []debt.Rule{
	{
		ID: "cognitive", Kind: "package", Title: "Function that is hard to follow",
		Why:  "Whoever changes the function has to hold every branch of it in mind at once, and the next one who does so too.",
		Unit: "point", Base: 5, PerUnit: 1, Threshold: 15, Metric: true,
		Source: "SonarSource S3776", Default: "on", Since: "1", Aliases: []string{"gocognit", "gocyclo"},
	},
	{ID: "vet/printf", Kind: "package", Title: "Wrong format", Why: "It prints <nonsense>.", Base: 5, Source: "ours", Default: "off", Since: "2"},
}

func TestRulesGoldens(t *testing.T) {
	var text, js, one bytes.Buffer
	for _, err := range []error{RulesText(&text, rules), RulesJSON(&js, rules), ExplainText(&one, rules[0])} {
		if err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "rules.txt", text.Bytes())
	golden(t, "rules.json", js.Bytes())
	golden(t, "explain.txt", one.Bytes())
}

func TestRulesJSONIsAnArray(t *testing.T) {
	for _, in := range [][]debt.Rule{nil, debt.Catalogue} {
		var b bytes.Buffer
		if err := RulesJSON(&b, in); err != nil {
			t.Fatal(err)
		}
		var out []wireRule
		if err := json.Unmarshal(b.Bytes(), &out); err != nil {
			t.Fatal(err)
		}
		if out == nil || len(out) != len(in) {
			t.Errorf("RulesJSON of %d rules = %s", len(in), b.String())
		}
	}
}
