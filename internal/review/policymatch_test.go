package review

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
)

func mustParse(t testing.TB, organisation, repository string) Policy {
	t.Helper()
	var org *File
	if organisation != "" {
		org = &File{Name: "organisation.yml", Content: []byte("version: 1\n" + organisation)}
	}
	p, problems := ParsePolicy(org, &File{Name: "repository.yml", Content: []byte("version: 1\n" + repository)})
	if len(problems) > 0 {
		t.Fatalf("ParsePolicy: %v", problems)
	}
	return p
}

func minutes(m float64) *float64 { return &m }

// TestPolicyValues: each key reaches its field.
func TestPolicyValues(t *testing.T) {
	got := mustParse(t, "", `mode: warn
budget: 1h30m
ratchet: ["**"]
governed: [main]
rules: {cognitive: {threshold: 20}, errcheck: off, params: on}
components: {a: {paths: [a], may: [], not: [b]}, b: {paths: [b]}}
domains: {data: {pool: [Jo], off: [proto]}}
teams: {t: {members: ["@Acme/T"], owns: [a], goals: [g], lead: Sam}}
people: {Ann: {emails: [Ann@x], manager: Sam, absent: [2026-01-01, 2026-02-01..2026-02-03], slack: U0123, timezone: UTC, hours: {days: [sun], from: "08:00"}}}
hours: {to: "18:30"}
goals: {g: {title: G, components: [a], due: 2027-03-01}}
experiments: {e: {hypothesis: h, metric: m, sample: 3, ends: 2026-12-01}}
overrides: {allowed: [jo], ceiling: 4h, second: [sam], channel: "#c", acknowledge: 1w, reason: 20}
`)
	got.Settings = nil
	want := Policy{
		Mode: Warn, Budget: minutes(90), Ratchet: []string{"**"}, Governed: []string{"main"},
		Rules:      debt.Settings{"cognitive": {Threshold: minutes(20)}, "errcheck": {Off: true}, "params": {}},
		Components: map[string]Component{"a": {Paths: []string{"a"}, May: []string{}, Limited: true, Not: []string{"b"}}, "b": {Paths: []string{"b"}}},
		Domains:    map[impact.Domain]DomainPolicy{impact.Data: {Pool: []Principal{"jo"}, Off: []string{"proto"}}},
		Teams:      map[string]Team{"t": {Members: []Principal{"@acme/t"}, Owns: []string{"a"}, Goals: []string{"g"}, Lead: "sam"}},
		People: map[string]Person{"ann": {
			Emails: []string{"ann@x"}, Manager: "sam", Slack: "U0123", Timezone: "UTC",
			Absent: []DateRange{{"2026-01-01", "2026-01-01"}, {"2026-02-01", "2026-02-03"}},
			Hours:  &Hours{Days: []time.Weekday{time.Sunday}, From: 8 * 60, To: 17 * 60},
		}},
		Hours:       &Hours{Days: DefaultHours.Days, From: 9 * 60, To: 18*60 + 30},
		Goals:       map[string]Goal{"g": {Title: "G", Weight: 1, Components: []string{"a"}, Due: "2027-03-01"}},
		Experiments: map[string]Experiment{"e": {Hypothesis: "h", Metric: "m", Sample: 3, Ends: "2026-12-01"}},
		Overrides: Overrides{
			Allowed: []Principal{"jo"}, Ceiling: minutes(240), Second: []Principal{"sam"},
			Channel: "#c", Acknowledge: 7 * 24 * time.Hour, Reason: 20,
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ParsePolicy (-want +got):\n%s", diff)
	}
}

func TestComponentOf(t *testing.T) {
	p := mustParse(t, `components:
  core: {paths: ["core/**", "*/shared"]}
`, `components:
  core: {paths: ["extra/**"]}
  inner: {paths: ["core/inner/**", "extra/deep/**"]}
  all: {paths: ["**"]}
  cmd: {paths: ["cmd/*"]}
  root: {paths: ["main.go", "*.go"]}
  a: {paths: ["twin/**"]}
  b: {paths: ["twin/**"]}
teams:
  payments: {owns: [pay]}
`)
	for file, want := range map[string]string{
		"core/x.go":         "core",
		"core":              "core",
		"core/inner/x.go":   "core", // the organisation's goes before the more specific one
		"extra/x.go":        "core",
		"extra/deep/x.go":   "inner",
		"pay/shared/a/b.go": "core",
		"cmd/bot/x.go":      "cmd", // a folder that matches holds all in it
		"cmd/bot":           "cmd",
		"main.go":           "root",
		"doc.go":            "root",
		"x/doc.go":          "all",
		".github/x.yml":     "all",
		"twin/x":            "a",
		"corex/y":           "all",
	} {
		if got := p.ComponentOf(file); got != want {
			t.Errorf("ComponentOf(%s) = %q, want %q", file, got, want)
		}
	}
	for file, want := range map[string]string{"pay/x/y.go": "payments", "pay": "payments", "payx/y.go": ""} {
		if got := p.TeamOf(file); got != want {
			t.Errorf("TeamOf(%s) = %q, want %q", file, got, want)
		}
	}
	if got := (Policy{}).ComponentOf("a/b.go"); got != "" {
		t.Errorf("without a policy, ComponentOf = %q", got)
	}
}

func TestMayImport(t *testing.T) {
	p := mustParse(t, "", `components:
  free: {paths: [free], not: [core]}
  core: {paths: [core], may: [free, base], not: [base]}
  base: {paths: [base], may: []}
`)
	for _, tt := range []struct {
		from, to string
		key      string
		allows   bool
	}{
		{"free", "base", "", false},
		{"free", "core", "components.free.not", false},
		{"core", "free", "", true},
		{"core", "base", "components.core.not", false},
		{"base", "free", "components.base.may", false},
		{"base", "base", "", false},
		{"base", "", "", false}, // code of no component
		{"", "base", "", false},
	} {
		ok, key := p.MayImport(tt.from, tt.to)
		if ok != (tt.key == "") || key != tt.key {
			t.Errorf("MayImport(%s, %s) = %v, %q, want %q", tt.from, tt.to, ok, key, tt.key)
		}
		if got := p.Allows(tt.from, tt.to); got != tt.allows {
			t.Errorf("Allows(%s, %s) = %v, want %v", tt.from, tt.to, got, tt.allows)
		}
	}
}

func TestRatchetedAndGoverned(t *testing.T) {
	p := mustParse(t, "", `ratchet: [pay, "internal/core/**"]
governed: [main, release/*]
components: {pay: {paths: [payments]}}
`)
	for file, want := range map[string]string{"payments/x.go": "pay", "pay/x.go": "", "internal/core/a/b.go": "internal/core/**", "x.go": ""} {
		if got, ok := p.Ratcheted(file); got != want || ok != (want != "") {
			t.Errorf("Ratcheted(%s) = %q, %v, want %q", file, got, ok, want)
		}
	}
	for branch, want := range map[string]bool{"main": true, "release/1": true, "release/1/x": false, "trunk": false} {
		if got := p.Governs(branch, "trunk"); got != want {
			t.Errorf("Governs(%s) = %v, want %v", branch, got, want)
		}
	}
	if p := (Policy{}); !p.Governs("trunk", "trunk") || p.Governs("main", "trunk") {
		t.Error("without a policy, the default branch alone is governed")
	}
}

func TestPolicyRules(t *testing.T) {
	p := mustParse(t, "", "rules: {gocognit: {threshold: 20}, staticcheck: off, staticcheck/SA4006: on}\n")
	for id, want := range map[string]struct {
		on        bool
		threshold float64
	}{
		"cognitive": {true, 20}, "gocognit": {true, 20}, "nesting": {true, 4}, "vet/printf": {true, 0},
		"staticcheck/SA1000": {}, "staticcheck/SA1019": {}, "staticcheck/SA4006": {true, 0},
	} {
		if rule, on := p.Rules.Rule(id); on != want.on || on && rule.Threshold != want.threshold {
			t.Errorf("rule %s is on: %v, with threshold %g; want %v", id, on, rule.Threshold, want)
		}
	}
}

func TestPeople(t *testing.T) {
	p := mustParse(t, "", `goals:
  light: {title: l, components: [a], weight: 1}
  heavy: {title: h, components: [a], weight: 2}
  other: {title: o, weight: 9}
components: {a: {paths: [a]}}
teams:
  t: {members: [ann], goals: [light, other]}
  s: {members: [ann, "@acme/s"]}
people:
  ann: {emails: [a@x], manager: bo, absent: [2026-12-20..2027-01-05], hours: {from: "10:00"}}
  bo: {manager: cy}
  cy: {manager: bo}
domains: {data: {off: [proto]}}
`)
	check := func(what string, got, want any) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	check("GoalsOf", p.GoalsOf("a"), []string{"heavy", "light"})
	check("GoalsOfTeam", p.GoalsOfTeam("t"), []string{"other", "light"})
	check("TeamsOf a login", p.TeamsOf("Ann"), []string{"s", "t"})
	check("TeamsOf a team", p.TeamsOf("@Acme/s"), []string{"s"})
	check("TeamsOf nobody", p.TeamsOf("zoe"), []string(nil))
	check("Managers", p.Managers("Ann"), []string{"bo", "cy"})
	check("TriggerOff", []bool{p.TriggerOff(impact.Data, "proto"), p.TriggerOff(impact.Data, "migration")}, []bool{true, false})
	check("HoursOf", []Clock{p.HoursOf("Ann").From, p.HoursOf("bo").From}, []Clock{600, 540})
	for email, want := range map[string]string{
		"A@X": "ann", "123+Jo-B@users.noreply.github.com": "jo-b", "jo-b@users.noreply.github.com": "",
		"x+y@users.noreply.github.com": "", "noreply@github.com": "", "": "",
	} {
		check("LoginOf "+email, p.LoginOf(email), want)
	}
	for day, want := range map[Date]bool{"2026-12-19": false, "2026-12-20": true, "2027-01-05": true, "2027-01-06": false} {
		check("AbsentOn "+string(day), p.AbsentOn("Ann", day), want)
	}
}
