package review

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestPolicySchema holds the schema against policyKeys: the same keys, kinds
// and descriptions. -update writes it.
func TestPolicySchema(t *testing.T) {
	want, err := json.MarshalIndent(policySchema(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile("barraiser.schema.json", want, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(want), string(PolicySchema)); diff != "" {
		t.Errorf("barraiser.schema.json differs from policyKeys; run go test -update (-want +got):\n%s", diff)
	}
}

type object = map[string]any

func policySchema() object {
	s := mappingSchema("")
	s["$schema"] = "http://json-schema.org/draft-07/schema#"
	s["$id"] = "https://raw.githubusercontent.com/barraiser/barraiser/main/internal/review/barraiser.schema.json"
	s["title"] = PolicyPath
	s["description"] = "What is asked of a change to a Go repository, as 'bot config schema' prints it."
	return s
}

// mappingSchema describes what is below a path.
func mappingSchema(path string) object {
	s := object{"type": "object", "additionalProperties": false}
	if path != "" && row(path).names != nil {
		s["propertyNames"] = kindSchema(*row(path).names)
		s["additionalProperties"] = keySchema(*row(path + ".*"))
		return s
	}
	properties, required := object{}, []string{}
	for _, part := range below(path) {
		k := row(join(path, part))
		properties[part] = keySchema(*k)
		if path == "" && k.needed { // an entry's may be in the other file
			required = append(required, part)
		}
	}
	s["properties"] = properties
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

func keySchema(k key) object {
	var s object
	switch {
	case k.path == "rules.*":
		threshold := mappingSchema(k.path)
		threshold["required"] = []string{"threshold"}
		s = object{"anyOf": []object{kindSchema(k.kind), threshold}}
	case k.kind.want == "":
		s = mappingSchema(k.path)
	case k.list:
		s = object{"type": "array", "items": kindSchema(k.kind)}
		if k.needed {
			s["minItems"] = 1
		}
	default:
		s = kindSchema(k.kind)
	}
	s["description"] = k.doc
	return s
}

func kindSchema(k kind) object {
	switch {
	case k.words != nil:
		return object{"enum": k.words}
	case k.want == kVersion.want:
		return object{"const": 1}
	case k.numeric:
		s := object{"type": "number", "minimum": k.least, "maximum": 1e9}
		if k.whole {
			s["type"] = "integer"
		}
		return s
	case k.zero:
		return object{"anyOf": []object{{"type": "string", "minLength": 1, "pattern": k.pattern.text}, {"const": 0}}}
	}
	return object{"type": "string", "pattern": k.pattern.text}
}

// beyondSchema are the problems that only the program can see: of references,
// of values that look right, of the two files together.
var beyondSchema = []string{
	"there is no", "there is nobody", "is a trigger of", "needs", "end before", "second time", "stands for several",
	"measures nothing", "is no valid pattern", "is too intricate", "written plainly", "is after", "overridable", "refs/",
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(PolicySchema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// TestSchemaAgrees holds schema and program together on every file of every
// story: what the one refuses, the other does, but for beyondSchema.
func TestSchemaAgrees(t *testing.T) {
	schema := compiled(t)
	compared := 0
	for _, s := range stories(t) {
		_, problems := ParsePolicy(s.organisation, s.repository)
		for _, f := range []*File{s.organisation, s.repository} {
			if f == nil {
				continue
			}
			v, ok := asJSON(f.Content)
			if !ok {
				continue
			}
			compared++
			visible := slices.ContainsFunc(problems, func(p Problem) bool {
				return p.File == f.Name && !slices.ContainsFunc(beyondSchema, func(b string) bool { return strings.Contains(p.What, b) })
			})
			if err := schema.Validate(v); (err != nil) != visible {
				t.Errorf("%s, %s: the schema says %v, the program %v", s.name, f.Name, err, problems)
			}
		}
	}
	if compared < 10 {
		t.Errorf("compared %d files, want more", compared)
	}
}

// asJSON returns what an editor would hold against the schema; not ok where
// the file is not plain YAML or says a thing twice.
func asJSON(content []byte) (any, bool) {
	var v any
	if err := yaml.Unmarshal(content, &v); err != nil || bytes.Contains(content, []byte("---")) || bytes.ContainsAny(content, "&") {
		return nil, false
	}
	if v == nil {
		v = object{}
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, false
	}
	out, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	return out, err == nil
}

// TestSchemaOne holds them together on one value at a time, so that no other
// problem in the file hides a difference.
func TestSchemaOne(t *testing.T) {
	schema := compiled(t)
	for _, tt := range []struct {
		line string
		ok   bool
	}{
		{"mode: observe", true}, {"mode: off", false}, {"mode:", false}, {"mode: [warn]", false},
		{"budget: 1h", true}, {"budget: 90m", true}, {"budget: 1h30m", true}, {"budget: 0", true}, {"budget: 0h", true},
		{"budget: 1", false}, {"budget: 30m1h", false}, {"budget: -1h", false}, {"budget: 2d", false}, {"budget: h", false}, {`budget: ""`, false}, {"budget: 1.5h", false},
		{"overrides: {acknowledge: 3d}", true}, {"overrides: {acknowledge: 2w}", true}, {"overrides: {acknowledge: 1w2d3h4m}", true}, {"overrides: {acknowledge: 1y}", false},
		{"governed: [main, release/*]", true}, {"governed: main", false}, {"governed: [1]", false}, {"governed: [a b]", false},
		{"ratchet: []", true}, {`ratchet: ["**"]`, true}, {"ratchet: true", false},
		{"rules: {cognitive: off}", true}, {"rules: {cognitive: on}", true}, {"rules: {cognitive: {threshold: 2.5}}", true}, {"rules: {}", true},
		{"rules: {cognitive: 20}", false}, {"rules: {cognitive: {threshold: -1}}", false}, {"rules: {cognitive: {limit: 1}}", false}, {"rules: {cognitive: false}", false}, {"rules:", false},
		{`components: {pay: {paths: ["pay/**"]}}`, true}, {`components: {pay: {paths: ["/pay"]}}`, false}, {`components: {pay: {paths: []}}`, false}, {`components: {"a.b": {paths: ["x"]}}`, false},
		{"domains: {data: {pool: [jo-b, \"@acme/x.y\"]}}", true}, {"domains: {data: {pool: [\"@acme\"]}}", false}, {"domains: {dta: {pool: [jo]}}", false}, {"domains: {data: {off: [migration]}}", true}, {"domains: {data: {off: [nothing]}}", false},
		{"teams: {a: {lead: jo, members: [\"app[bot]\"]}}", true}, {"teams: {a: {lead: [jo]}}", false}, {"teams: {a: null}", false},
		{"people: {ann: {absent: [2026-01-01..2026-01-02]}}", true}, {"people: {ann: {absent: [soon]}}", false}, {"people: {ann: {emails: [a@b]}}", true}, {"people: {ann: {emails: [a@b@c]}}", false}, {"people: {ann: {slack: \"@ann\"}}", false}, {"people: {ann: {timezone: UTC}}", true}, {"people: {ann: {hours: {from: \"08:30\"}}}", true}, {"people: {-x: {}}", false},
		{"hours: {days: [sun]}", true}, {"hours: {days: [sunday]}", false}, {"hours: {from: \"24:00\"}", false},
		{"goals: {g: {title: t, weight: 0}}", true}, {"goals: {g: {title: \"\"}}", false}, {"goals: {g: {title: t, due: 2027-1-1}}", false},
		{"experiments: {e: {hypothesis: h, metric: m, sample: 1.0, ends: 2026-12-01}}", true}, {"experiments: {e: {hypothesis: h, metric: m, sample: 0, ends: 2026-12-01}}", false}, {"experiments: {e: {hypothesis: h, metric: m, sample: 2000000000, ends: 2026-12-01}}", false},
		{"overrides: {channel: \"#a\"}", true}, {"overrides: {channel: a}", false}, {"overrides: {reason: 0}", true}, {"overrides: {reason: -1}", false},
		{"nothing: 1", false}, {"{}: x", false},
	} {
		content := []byte("version: 1\n" + tt.line + "\n")
		_, problems := ParsePolicy(nil, &File{Name: "f", Content: content})
		if ok := len(problems) == 0; ok != tt.ok {
			t.Errorf("ParsePolicy(%s) = %v, want ok: %v", tt.line, problems, tt.ok)
		}
		if v, readable := asJSON(content); readable {
			if err := schema.Validate(v); (err == nil) != tt.ok {
				t.Errorf("schema of %s = %v, want ok: %v", tt.line, err, tt.ok)
			}
		} else if tt.ok {
			t.Errorf("%s is not readable", tt.line)
		}
	}
}
