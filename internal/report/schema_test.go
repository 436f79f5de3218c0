package report

import (
	"bytes"
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/review"
)

func compile(t *testing.T, schema []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t *testing.T, s *jsonschema.Schema, doc []byte) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(v); err != nil {
		t.Errorf("%v\nin %s", err, doc)
	}
	for line := range strings.Lines(string(doc)) {
		if _, isNull := strings.CutSuffix(strings.TrimRight(line, ",\n"), ": null"); isNull && !mayBeNull.MatchString(line) {
			t.Errorf("%s in %s", line, doc)
		}
	}
}

// mayBeNull are what is null where it is not known, or not there.
var mayBeNull = regexp.MustCompile(`^ *"(kloc|density|homeNet|budget|score|percentile|cheapest|risk)": null`)

func TestJSONFollowsSchema(t *testing.T) {
	s := compile(t, ReviewSchema)
	stories := reviews()
	stories["zero"] = review.Review{Decision: review.Decision{Outcome: review.Clear}}
	for name, r := range stories {
		t.Run(name, func(t *testing.T) {
			for _, all := range []bool{false, true} {
				var b bytes.Buffer
				if err := JSON(&b, r, all); err != nil {
					t.Fatal(err)
				}
				validate(t, s, b.Bytes())
			}
		})
	}
}

func TestScanJSONFollowsSchema(t *testing.T) {
	s := compile(t, ScanSchema)
	for _, in := range []review.Scan{scan(), {Outcome: review.Incomplete}} {
		var b bytes.Buffer
		if err := ScanJSON(&b, in); err != nil {
			t.Fatal(err)
		}
		validate(t, s, b.Bytes())
	}
}

// TestSchemaIsWhole: every property is described, required and produced, and
// no object takes others. What is produced and not described fails above.
func TestSchemaIsWhole(t *testing.T) {
	var rv, sc bytes.Buffer
	if err := JSON(&rv, everywhere("x"), true); err != nil {
		t.Fatal(err)
	}
	s := scan()
	x := everywhere("x")
	s.Coverage, s.Reasons, s.Hints = x.Coverage, x.Reasons, x.Hints
	if err := ScanJSON(&sc, s); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		schema []byte
		output []byte
	}{{"review", ReviewSchema, rv.Bytes()}, {"scan", ScanSchema, sc.Bytes()}} {
		var schema, output map[string]any
		if err := json.Unmarshal(tt.schema, &schema); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(tt.output, &output); err != nil {
			t.Fatal(err)
		}
		w := walker{t, schema["definitions"].(map[string]any)}
		w.walk(tt.name, schema, output)
	}
}

type walker struct {
	t           *testing.T
	definitions map[string]any
}

func (w walker) walk(at string, schema map[string]any, value any) {
	if ref, ok := schema["$ref"].(string); ok {
		w.walk(at, w.definitions[strings.TrimPrefix(ref, "#/definitions/")].(map[string]any), value)
		return
	}
	if refs, ok := schema["allOf"].([]any); ok {
		w.walk(at, refs[0].(map[string]any), value)
		return
	}
	if items, ok := schema["items"].(map[string]any); ok {
		values := value.([]any)
		if len(values) == 0 {
			w.t.Errorf("%s: the test produces none", at)
			return
		}
		w.walk(at+"[]", items, values[0])
		return
	}
	properties, ok := schema["properties"].(map[string]any)
	if !ok {
		return
	}
	if schema["additionalProperties"] != false {
		w.t.Errorf("%s: takes additional properties", at)
	}
	required := schema["required"].([]any)
	object := value.(map[string]any)
	for name, p := range properties {
		p := p.(map[string]any)
		if d, _ := p["description"].(string); d == "" {
			w.t.Errorf("%s.%s: no description", at, name)
		}
		if !slices.Contains(required, any(name)) {
			w.t.Errorf("%s.%s: not required", at, name)
		}
		if _, ok := object[name]; !ok {
			w.t.Errorf("%s.%s: in the schema, not in the output", at, name)
			continue
		}
		w.walk(at+"."+name, p, object[name])
	}
}

func TestJSONRefusesWhatIsNoNumber(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1)} {
		var b bytes.Buffer
		if err := JSON(&b, review.Review{Delta: debt.Delta{Net: v}}, false); err == nil || b.Len() > 0 {
			t.Errorf("JSON with net %v: error %v and %d bytes, want an error and none", v, err, b.Len())
		}
	}
}

// TestIDsDoNotDependOnAll: F3 is the same finding with and without --all.
func TestIDsDoNotDependOnAll(t *testing.T) {
	fs := append([]debt.Finding{finding(debt.Unchanged, "unused", "a.go", 1, "a", "first", 1)}, example()...)
	ids := func(all bool) map[string]string {
		var b bytes.Buffer
		if err := JSON(&b, change(review.Clear, delta(fs...)), all); err != nil {
			t.Fatal(err)
		}
		var out wireReview
		if err := json.Unmarshal(b.Bytes(), &out); err != nil {
			t.Fatal(err)
		}
		m := map[string]string{}
		for _, f := range out.Findings {
			m[f.ID] = f.Message
		}
		return m
	}
	all, some := ids(true), ids(false)
	if len(all) != len(fs) || len(some) != len(fs)-2 {
		t.Fatalf("%d findings with all and %d without, of %d", len(all), len(some), len(fs))
	}
	for id, message := range some {
		if all[id] != message {
			t.Errorf("%s is %q, with all %q", id, message, all[id])
		}
	}
}
