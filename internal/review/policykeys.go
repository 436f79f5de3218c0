package review

import (
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/impact"
)

// DESIGN. policyKeys is the one description of the file. Checking, the nearest
// key, layering the organisation's file beneath the repository's, what config
// show prints, the schema (a test compares) and the user's page (a test looks
// for each key) all follow it. So a new key is a row here and a field of
// Policy.

// A key is one row: where something may stand, and what.
type key struct {
	// path is the way to it; "*" is a name that the file chooses.
	path string
	kind kind
	list bool // of values of the kind
	// names says that this is a mapping from names of the kind, for "NAME.*".
	names *kind
	// refers is the section that has to have an entry of that name.
	refers string
	// needed: an entry without it says nothing.
	needed  bool
	tighten tightening
	doc     string
	// set puts a value into the policy; name is what "*" stands for.
	set func(p *Policy, name string, v value)
}

// section is a row that holds others.
func section(path, doc string) key { return key{path: path, doc: doc} }

// named is a section whose entries have names.
func named(path string, names kind, doc string) key { return key{path: path, names: &names, doc: doc} }

var policyKeys = []key{
	{path: "version", kind: kVersion, needed: true, tighten: asOrganisation, doc: "Version of this format: 1.",
		set: func(*Policy, string, value) {}},
	{path: "overridable", kind: kKey, list: true, doc: "Organisation's file only: keys that a repository may loosen, each with all below it, such as budget, rules or components.pay.may.",
		set: func(*Policy, string, value) {}},

	{path: "mode", kind: kMode, tighten: higher, doc: "How far the bar goes: observe (default) shows, warn comments and asks for reviews, enforce blocks until the sign-off is there.",
		set: func(p *Policy, _ string, v value) { p.Mode = Mode(v.text()) }},
	{path: "budget", kind: kAmount, tighten: lower, doc: "Net debt that a change may add before it needs sign-off. Without it, debt alone never does.",
		set: func(p *Policy, _ string, v value) { p.Budget = v.number() }},
	{path: "ratchet", kind: kRatchet, list: true, refers: "components", tighten: union, doc: "Components and paths whose debt may not rise at all.",
		set: func(p *Policy, _ string, v value) { p.Ratchet = v.texts() }},
	{path: "governed", kind: kBranch, list: true, tighten: union, doc: "Branches that the bar guards. Default: the default branch.",
		set: func(p *Policy, _ string, v value) { p.Governed = v.texts() }},

	named("rules", kRule, "Changes to single rules; 'bot rules' lists their ids."),
	{path: "rules.*", kind: kSwitch, tighten: lower, doc: "on, off, or a threshold of its own.",
		set: func(p *Policy, name string, v value) { put(&p.Rules, name, v.rule()) }},
	{path: "rules.*.threshold", kind: kWeight, doc: "A measured value up to it is no finding.", set: nil}, // part of the row above

	named("components", kName, "Named sets of folders with the dependencies they may have. They are never inferred; 'bot init' proposes them."),
	section("components.*", "A component. Where the paths of several match a file, the most specific pattern decides."),
	{path: "components.*.paths", kind: kGlob, list: true, needed: true, tighten: union, doc: "Folders and files of the component; a pattern that matches a folder means all in it.",
		set: func(p *Policy, name string, v value) {
			edit(&p.Components, name, func(c *Component) { c.Paths, c.Fixed = v.texts(), v.fixed() })
		}},
	{path: "components.*.may", kind: kName, list: true, refers: "components", tighten: narrower, doc: "The only components that this one may import; [] is none. Without it, any.",
		set: func(p *Policy, name string, v value) {
			edit(&p.Components, name, func(c *Component) { c.May, c.Limited = v.texts(), true })
		}},
	{path: "components.*.not", kind: kName, list: true, refers: "components", tighten: union, doc: "Components that this one may not import.",
		set: func(p *Policy, name string, v value) {
			edit(&p.Components, name, func(c *Component) { c.Not = v.texts() })
		}},

	named("domains", kDomain, "Who signs off high-impact changes, by domain."),
	section("domains.*", "A domain of high-impact decisions."),
	{path: "domains.*.pool", kind: kPrincipal, list: true, tighten: narrower, doc: "Bar raisers of the domain: logins and GitHub teams.",
		set: func(p *Policy, name string, v value) {
			edit(&p.Domains, impact.Domain(name), func(d *DomainPolicy) { d.Pool = v.principals() })
		}},
	{path: "domains.*.off", kind: kTrigger, list: true, tighten: narrower, doc: "Triggers of the domain that do not ask for a sign-off; [] is none.",
		set: func(p *Policy, name string, v value) {
			edit(&p.Domains, impact.Domain(name), func(d *DomainPolicy) { d.Off = v.texts() })
		}},

	named("teams", kName, "Teams, for independence and ownership."),
	section("teams.*", "A team."),
	{path: "teams.*.members", kind: kPrincipal, list: true, tighten: union, doc: "Logins and GitHub teams.",
		set: func(p *Policy, name string, v value) {
			edit(&p.Teams, name, func(t *Team) { t.Members = v.principals() })
		}},
	{path: "teams.*.owns", kind: kGlob, list: true, tighten: union, doc: "Paths that the team owns. They go before CODEOWNERS.",
		set: func(p *Policy, name string, v value) {
			edit(&p.Teams, name, func(t *Team) { t.Owns, t.Fixed = v.texts(), v.fixed() })
		}},
	{path: "teams.*.goals", kind: kName, list: true, refers: "goals", tighten: union, doc: "Goals that the team works towards.",
		set: func(p *Policy, name string, v value) {
			edit(&p.Teams, name, func(t *Team) { t.Goals = v.texts() })
		}},
	{path: "teams.*.lead", kind: kLogin, tighten: asOrganisation, doc: "Login of who leads the team.",
		set: func(p *Policy, name string, v value) {
			edit(&p.Teams, name, func(t *Team) { t.Lead = v.text() })
		}},

	named("people", kLogin, "What has to be known about people, by login. Personnel data: keep it in the organisation's file."),
	section("people.*", "A person."),
	{path: "people.*.emails", kind: kEmail, list: true, tighten: organisations, doc: "Addresses in commits that are this person's.",
		set: func(p *Policy, name string, v value) {
			edit(&p.People, name, func(q *Person) { q.Emails = v.texts() })
		}},
	{path: "people.*.manager", kind: kLogin, tighten: organisations, doc: "Login of whom the person reports to.",
		set: func(p *Policy, name string, v value) {
			edit(&p.People, name, func(q *Person) { q.Manager = v.text() })
		}},
	{path: "people.*.absent", kind: kDates, list: true, tighten: organisations, doc: "Days on which the person is not asked, such as 2026-12-20..2027-01-05.",
		set: func(p *Policy, name string, v value) {
			edit(&p.People, name, func(q *Person) { q.Absent = v.dates() })
		}},
	{path: "people.*.slack", kind: kSlackID, tighten: organisations, doc: "Slack member id.",
		set: func(p *Policy, name string, v value) {
			edit(&p.People, name, func(q *Person) { q.Slack = v.text() })
		}},
	{path: "people.*.timezone", kind: kZone, tighten: organisations, doc: "Time zone of the hours, such as Europe/Berlin. Without it, that of the Slack profile, else UTC.",
		set: func(p *Policy, name string, v value) {
			edit(&p.People, name, func(q *Person) { q.Timezone = v.text() })
		}},
	section("people.*.hours", "Working hours of this person, instead of the common ones."),
	{path: "people.*.hours.days", kind: kDay, list: true, tighten: organisations, doc: "Working days.",
		set: func(p *Policy, name string, v value) {
			edit(&p.People, name, func(q *Person) { v.days(&q.Hours) })
		}},
	{path: "people.*.hours.from", kind: kClock, tighten: organisations, doc: "Begin of work.",
		set: func(p *Policy, name string, v value) {
			edit(&p.People, name, func(q *Person) { v.begin(&q.Hours) })
		}},
	{path: "people.*.hours.to", kind: kClock, tighten: organisations, doc: "End of work.",
		set: func(p *Policy, name string, v value) {
			edit(&p.People, name, func(q *Person) { v.end(&q.Hours) })
		}},

	section("hours", "Working hours for reminders and escalation. Default: Monday to Friday, 09:00 to 17:00."),
	{path: "hours.days", kind: kDay, list: true, tighten: organisations, doc: "Working days.",
		set: func(p *Policy, _ string, v value) { v.days(&p.Hours) }},
	{path: "hours.from", kind: kClock, tighten: organisations, doc: "Begin of work.",
		set: func(p *Policy, _ string, v value) { v.begin(&p.Hours) }},
	{path: "hours.to", kind: kClock, tighten: organisations, doc: "End of work.",
		set: func(p *Policy, _ string, v value) { v.end(&p.Hours) }},

	named("goals", kName, "What teams work towards. Debt is worth repaying where a goal is touched."),
	section("goals.*", "A goal."),
	{path: "goals.*.title", kind: kText, needed: true, tighten: asOrganisation, doc: "What people call it.",
		set: func(p *Policy, name string, v value) { edit(&p.Goals, name, func(g *Goal) { g.Title = v.text() }) }},
	{path: "goals.*.weight", kind: kWeight, tighten: asOrganisation, doc: "Importance beside other goals. Default: 1.",
		set: func(p *Policy, name string, v value) { edit(&p.Goals, name, func(g *Goal) { g.Weight = *v.number() }) }},
	{path: "goals.*.components", kind: kName, list: true, refers: "components", tighten: union, doc: "Components that the goal needs.",
		set: func(p *Policy, name string, v value) {
			edit(&p.Goals, name, func(g *Goal) { g.Components = v.texts() })
		}},
	{path: "goals.*.due", kind: kDate, tighten: asOrganisation, doc: "Date by which it is to be reached.",
		set: func(p *Policy, name string, v value) { edit(&p.Goals, name, func(g *Goal) { g.Due = Date(v.text()) }) }},

	named("experiments", kName, "Running A/B tests, each with what makes its result significant. Past its end it is debt."),
	section("experiments.*", "An experiment."),
	{path: "experiments.*.hypothesis", kind: kText, needed: true, tighten: asOrganisation, doc: "What is expected, for whom.",
		set: func(p *Policy, name string, v value) {
			edit(&p.Experiments, name, func(e *Experiment) { e.Hypothesis = v.text() })
		}},
	{path: "experiments.*.metric", kind: kText, needed: true, tighten: asOrganisation, doc: "What is measured.",
		set: func(p *Policy, name string, v value) {
			edit(&p.Experiments, name, func(e *Experiment) { e.Metric = v.text() })
		}},
	{path: "experiments.*.sample", kind: kSample, needed: true, tighten: more, doc: "How many observations it takes.",
		set: func(p *Policy, name string, v value) {
			edit(&p.Experiments, name, func(e *Experiment) { e.Sample = int(*v.number()) })
		}},
	{path: "experiments.*.ends", kind: kDate, needed: true, tighten: lower, doc: "Date on which it ends.",
		set: func(p *Policy, name string, v value) {
			edit(&p.Experiments, name, func(e *Experiment) { e.Ends = Date(v.text()) })
		}},

	section("overrides", "What it takes to go in without a sign-off."),
	{path: "overrides.allowed", kind: kPrincipal, list: true, tighten: narrower, doc: "Who may override; [] is nobody.",
		set: func(p *Policy, _ string, v value) { p.Overrides.Allowed = v.principals() }},
	{path: "overrides.ceiling", kind: kAmount, tighten: lower, doc: "Net debt above which a second person has to agree.",
		set: func(p *Policy, _ string, v value) { p.Overrides.Ceiling = v.number() }},
	{path: "overrides.second", kind: kPrincipal, list: true, tighten: narrower, doc: "Who the second person may be.",
		set: func(p *Policy, _ string, v value) { p.Overrides.Second = v.principals() }},
	{path: "overrides.channel", kind: kChannel, tighten: asOrganisation, doc: "Slack channel that is told.",
		set: func(p *Policy, _ string, v value) { p.Overrides.Channel = v.text() }},
	{path: "overrides.acknowledge", kind: kDuration, tighten: lower, doc: "Time within which management acknowledges an override.",
		set: func(p *Policy, _ string, v value) {
			p.Overrides.Acknowledge = time.Duration(*v.number() * float64(time.Minute))
		}},
	{path: "overrides.justify", kind: kDuration, tighten: lower, doc: "Time within which who went in undeclared says why. Default: `acknowledge`.",
		set: func(p *Policy, _ string, v value) {
			p.Overrides.Justify = time.Duration(*v.number() * float64(time.Minute))
		}},
	{path: "overrides.decide", kind: kDuration, tighten: lower, doc: "Time within which what was acknowledged is accepted, or something promised. Default: `acknowledge`.",
		set: func(p *Policy, _ string, v value) {
			p.Overrides.Decide = time.Duration(*v.number() * float64(time.Minute))
		}},
	{path: "overrides.level", kind: kCount, tighten: asOrganisation, doc: "How many levels above who went in is told: 1 is the manager. Default: 2.",
		set: func(p *Policy, _ string, v value) { p.Overrides.Level = int(*v.number()) }},
	{path: "overrides.tell", kind: kPrincipal, list: true, tighten: asOrganisation, doc: "Who is told above the reporting line, or in place of one. Default: `second`.",
		set: func(p *Policy, _ string, v value) { p.Overrides.Tell = v.principals() }},
	{path: "overrides.reason", kind: kCount, tighten: more, doc: "Least number of characters of a reason.",
		set: func(p *Policy, _ string, v value) { p.Overrides.Reason = int(*v.number()) }},
	{path: "overrides.outcome", kind: kDuration, tighten: more, doc: "Time after a merge in which a revert or a fix counts against it. Default: 30d.",
		set: func(p *Policy, _ string, v value) {
			p.Overrides.Outcome = time.Duration(*v.number() * float64(time.Minute))
		}},

	section("description", "What the description of a pull request has to say, in a section with a heading of that name."),
	{path: "description.press-release", kind: kAsked, tighten: higher, doc: "required: a high-impact change says in plain language what changes, and for whom. Default: off.",
		set: func(p *Policy, _ string, v value) { p.Description.PressRelease = v.text() == asked }},
	{path: "description.experiment", kind: kAsked, tighten: higher, doc: "required: a change of an experiment that experiments does not announce states hypothesis, metric, sample and end. Default: off.",
		set: func(p *Policy, _ string, v value) { p.Description.Experiment = v.text() == asked }},
	{path: "description.deviation", kind: kAsked, tighten: higher, doc: "required: a forbidden dependency between components, or a module that is not approved, comes with a reason, a link to data and a day on which it is looked at again. Default: off.",
		set: func(p *Policy, _ string, v value) { p.Description.Deviation = v.text() == asked }},

	section("dependencies", "Modules of others."),
	{path: "dependencies.approved", kind: kModule, list: true, tighten: narrower, doc: "Modules that may become a direct dependency without a deviation, as golang.org/x/**; [] is none. Without it, any.",
		set: func(p *Policy, _ string, v value) { p.Dependencies = Dependencies{v.texts(), true} }},

	{path: "away-team", kind: kAway, tighten: higher, doc: "What happens where a team changes another team's code: off (default), tell the owning team, or accept: one of it has to accept the change.",
		set: func(p *Policy, _ string, v value) { p.AwayTeam = AwayTeam(v.text()) }},

	section("digest", "What Slack is told once a week."),
	{path: "digest.channel", kind: kChannel, tighten: organisations, doc: "Slack channel of the weekly digest. Default: that of overrides; without either there is none.",
		set: func(p *Policy, _ string, v value) { p.digest().Channel = v.text() }},
	{path: "digest.day", kind: kDigestDay, tighten: organisations, doc: "Day on which it comes, or off. Default: mon.",
		set: func(p *Policy, _ string, v value) {
			p.digest().Off = v.text() == dayOff
			p.digest().Day = time.Weekday(v.items[0].rank)
		}},
	{path: "digest.at", kind: kClock, tighten: organisations, doc: "Time of the day. Default: 09:00.",
		set: func(p *Policy, _ string, v value) { p.digest().At = Clock(*v.number()) }},
	{path: "digest.timezone", kind: kZone, tighten: organisations, doc: "Time zone of the day and the time. Default: UTC.",
		set: func(p *Policy, _ string, v value) { p.digest().Timezone = v.text() }},
}

// findKey returns the row of a way such as "components.pay.may", nil where
// there is none.
func findKey(way string) *key {
	for i, k := range policyKeys {
		if matchKey(k.path, way) {
			return &policyKeys[i]
		}
	}
	return nil
}

func keyPaths() []string {
	var out []string
	for _, k := range policyKeys {
		out = append(out, k.path)
	}
	return out
}

// matchKey reports whether a way has the form of a path. Names hold no dots.
func matchKey(path, way string) bool {
	p, w := strings.Split(path, "."), strings.Split(way, ".")
	if len(p) != len(w) {
		return false
	}
	for i := range p {
		if p[i] != w[i] && (p[i] != "*" || w[i] == "") {
			return false
		}
	}
	return true
}

// below lists the last parts of the paths directly below a path.
func below(path string) []string {
	var out []string
	for _, k := range policyKeys {
		rest, ok := k.path, path == ""
		if !ok {
			rest, ok = strings.CutPrefix(k.path, path+".")
		}
		if ok && !strings.Contains(rest, ".") && rest != "*" {
			out = append(out, rest)
		}
	}
	return out
}
