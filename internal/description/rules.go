package description

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// DESIGN. A section is checked by rules that look at words, not at what they mean:
// a person can be convinced by a text that fails them, and fooled by one that
// passes. So each rule is kept to what a reader would say at first sight ("this is
// still the template"), and says what to write. Two of them know English words
// for people and for change; where a text has none of these, as in another
// language, lines with the labels "For whom:" and "What changes:" say the same.

// A rule is one thing that a section has to say. lacks is what is told where it
// does not hold.
type rule struct {
	lacks string
	holds func(s Section) bool
}

// leastWords of a press release, and of the reason of a deviation: a sentence.
const leastWords = 8

// pressRelease has a row for each thing that a press release has to do.
var pressRelease = []rule{
	{"it has fewer than " + strconv.Itoa(leastWords) + " words beside code and links", func(s Section) bool {
		return words(strings.Join(s.prose(), "\n")) >= leastWords
	}},
	{"it names nobody for whom it is; say so, or add a line \"For whom: …\"", func(s Section) bool {
		return s.Field(peopleLabels...) != "" || people.MatchString(strings.Join(s.prose(), "\n"))
	}},
	{"it does not say what changes for them; say so, or add a line \"What changes: …\"", func(s Section) bool {
		return s.Field(changeLabels...) != "" || changes.MatchString(strings.Join(s.prose(), "\n"))
	}},
}

// PressRelease says what a press release lacks, a sentence without a full stop
// each; none: it says for whom it is and what changes.
func PressRelease(s Section) []string {
	if s.template() {
		return []string{"it is still the template's text, or a placeholder"}
	}
	return s.against(pressRelease)
}

// Labels of what a section states.
var (
	peopleLabels     = []string{"for whom", "for", "who", "audience", "customer", "customers"}
	changeLabels     = []string{"what changes", "what", "change", "changes", "what is new", "new"}
	hypothesisLabels = []string{"hypothesis", "we expect", "we believe", "expectation"}
	metricLabels     = []string{"metric", "metrics", "measure", "success metric", "primary metric"}
	sampleLabels     = []string{"sample", "sample size", "observations", "n"}
	endLabels        = []string{"ends", "end", "end date", "until", "ends on"}
	reasonLabels     = []string{"reason", "why", "because"}
	dataLabels       = []string{"data", "link", "evidence"}
	againLabels      = []string{"look again", "review", "review date", "review on", "revisit", "until", "due"}

	allLabels = slices.Concat(peopleLabels, changeLabels, hypothesisLabels, metricLabels, sampleLabels, endLabels, reasonLabels, dataLabels, againLabels)
)

// experiment has a row for each thing without which a result means nothing.
var experiment = []rule{
	{"no line \"Hypothesis: …\" with what is expected, for whom", func(s Section) bool { return words(s.Field(hypothesisLabels...)) >= 4 }},
	{"no line \"Metric: …\" with what is measured", func(s Section) bool { return s.Field(metricLabels...) != "" }},
	{"no line \"Sample: …\" with how many observations it takes", func(s Section) bool { return counted.MatchString(s.Field(sampleLabels...)) }},
	{"no line \"Ends: 2026-12-31\" with its last day", func(s Section) bool { return Day(s.Field(endLabels...)) != "" }},
}

// counted is a number of at least 1.
var counted = regexp.MustCompile(`[1-9]`)

// Experiment says what the plan of an experiment lacks on a day, as PressRelease
// does. today is "2026-12-31"; empty: it is not known.
func Experiment(s Section, today string) []string {
	out := s.against(experiment)
	if end := Day(s.Field(endLabels...)); end != "" && end < today {
		out = append(out, "its last day, "+end+", is over")
	}
	return out
}

// Departure is a deviation from a standard, as a section states it.
type Departure struct {
	Reason string // in one line
	Data   string // address
	Again  string // day on which it is looked at again
}

// Deviation reads a section that says why a standard was not kept, and what that
// lacks, as PressRelease does.
func Deviation(s Section, today string) (Departure, []string) {
	d := Departure{Reason: s.Field(reasonLabels...), Data: Link(s.Text()), Again: Day(s.Field(againLabels...))}
	if d.Reason == "" {
		d.Reason = s.unlabelled()
	}
	if d.Again == "" {
		d.Again = Day(s.Text())
	}
	var out []string
	if words(d.Reason) < leastWords || s.template() {
		out = append(out, "it does not say why, in "+strconv.Itoa(leastWords)+" words or more")
	}
	if d.Data == "" {
		out = append(out, "no link to data, as \"Data: ADDRESS\"")
	}
	switch {
	case d.Again == "":
		out = append(out, "no day on which to look at it again, as \"Look again: 2026-12-31\"")
	case d.Again <= today:
		out = append(out, "the day on which to look at it again, "+d.Again+", is not in the future")
	}
	return d, out
}

// unlabelled is the prose of a section that stands below no label, in one line.
func (s Section) unlabelled() string {
	var out []string
	for _, line := range s.prose() {
		if _, _, ok := cutLabel(line); !ok {
			out = append(out, line)
		}
	}
	return strings.Join(strings.Fields(strings.Join(out, " ")), " ")
}

func (s Section) against(rules []rule) []string {
	var out []string
	for _, r := range rules {
		if !r.holds(s) {
			out = append(out, r.lacks)
		}
	}
	return out
}

// people are words for those whom a change may be for.
var people = regexp.MustCompile(`(?i)\b(you|your|yours|everyone|everybody|anyone|anybody|nobody|who|whoever|whose|` +
	`people|persons?|humans?|customers?|users?|clients?|callers?|consumers?|readers?|visitors?|buyers?|sellers?|shoppers?|merchants?|traders?|` +
	`subscribers?|members?|guests?|owners?|authors?|reviewers?|developers?|programmers?|engineers?|operators?|administrators?|admins?|maintainers?|` +
	`contributors?|integrators?|partners?|vendors?|suppliers?|teams?|staff|employees?|colleagues?|agents?|analysts?|accountants?|auditors?|managers?|` +
	`drivers?|riders?|patients?|students?|teachers?|players?|tenants?|services?)\b`)

// changes are words for what is another way than before.
var changes = regexp.MustCompile(`(?i)\b(can|could|will|won't|cannot|can't|must|now|newly|new|no longer|not any more|anymore|instead|never|always|until now|` +
	`from now on|again|allow(s|ed|ing)?|let(s|ting)?|enable(s|d)?|add(s|ed|ing)?|remove(s|d)?|drop(s|ped)?|replace(s|d)?|stop(s|ped)?|start(s|ed)?|` +
	`introduce(s|d)?|change(s|d)?|becomes?|became|gets?|fix(es|ed)?|mend(s|ed)?|improve(s|d)?|reduce(s|d)?|increase(s|d)?|prevent(s|ed)?|avoid(s|ed)?|` +
	`support(s|ed)?|show(s|n|ed)?|see(s|n)?|faster|slower|sooner|earlier|later|fewer|less|more|better|cheaper|safer|easier|simpler|shorter|larger|smaller|` +
	`rename(s|d)?|move(s|d)?|makes|made)\b`)

// marks are what stands where a text is still to be written.
var marks = regexp.MustCompile(`(?i)^\W*(to ?do|tbd|tba|tbc|wip|fixme|xxx+|n/?a|none|nothing|nil|null|same as (the )?title|see (the )?(title|above|below|diff|commits?|code|ticket|issue)|` +
	`no|not applicable|not needed|later|coming( soon)?|work in progress|lorem ipsum.*|test(ing)?|foo|bar|asdf+|placeholder|press release|\.{2,}|…|-+)\W*$`)

// asks are sentences that a template speaks to who fills it in.
var asks = regexp.MustCompile(`(?i)^\W*(please )?((describe|explain|summari[sz]e|fill in|replace this|delete this|insert|enter|write|provide)\b.*\b(here|this|change|section|below|customer|user|text|release|paragraph|sentences?|language|words)\b.*` +
	`|(what|why|who|for whom|how)\b[^.!]*\?)\W*$`)

// slots are places in angle or square brackets to be filled in: "<for whom>".
var slots = regexp.MustCompile(`^\W*([<\[{]+[^<>\[\]{}]*[>\]}]+\W*)+$`)

// placeholder reports whether a line stands for one that is still to be written.
func placeholder(line string) bool {
	return blank(line) || marks.MatchString(line) || asks.MatchString(line) || slots.MatchString(line)
}

// template reports whether all lines of a section beside code are such.
func (s Section) template() bool {
	var f fence
	empty := false
	for _, line := range s.Lines {
		if f.holds(line) {
			continue
		}
		line = strings.NewReplacer("**", "", "__", "", "*", "", "_", "").Replace(boxes.ReplaceAllString(line, ""))
		if label, value, ok := cutLabel(line); ok && label != "" && value != "" {
			line = value
		} else if ok && value == "" && strings.HasSuffix(line, ":") {
			continue // a label, with its value in the lines below
		}
		if !placeholder(line) {
			return false
		}
		empty = true
	}
	return empty
}
