package review

import (
	"slices"
	"strings"

	"github.com/barraiser/barraiser/internal/description"
	"github.com/barraiser/barraiser/internal/impact"
)

// A SectionName is a section that the description of a change has to have.
type SectionName string

const (
	PressRelease     SectionName = "press-release"
	ExperimentPlan   SectionName = "experiment"
	DeviationSection SectionName = "deviation"
)

// SectionState is what became of a section that is asked for.
type SectionState string

const (
	SectionGiven   SectionState = "given"
	SectionMissing SectionState = "missing"
	SectionLacks   SectionState = "lacks" // it is there, and Section.Lacks says what is not in it
	// SectionUnread says that nobody showed the description.
	SectionUnread SectionState = "unread"
)

// Section is a part of the description that the policy asks for of this change.
// It is about what was written, not about a commit: an edit of the description
// changes it.
type Section struct {
	Name  SectionName
	Why   string // what calls for it, one sentence without a full stop
	State SectionState
	// Lacks are sentences without a full stop.
	Lacks []string
	// Departure is what a deviation states, where it is there.
	Departure *description.Departure `json:",omitempty"`
}

// Met reports whether nothing more is asked of the author.
func (s Section) Met() bool { return s.State == SectionGiven }

// sections has a row for each section that a policy may ask for.
var sections = []struct {
	name  SectionName
	title string // of the heading
	says  string // what has to stand there
	// why says what calls for it; empty: nothing does.
	why func(p Policy, i impact.Assessment) string
	// read says what it lacks.
	read func(s description.Section, day Date, out *Section)
}{
	{PressRelease, "Press release", "in plain language what changes, and for whom", highImpact,
		func(s description.Section, _ Date, out *Section) { out.Lacks = description.PressRelease(s) }},
	{ExperimentPlan, "Experiment", "hypothesis, metric, sample and end", unannounced,
		func(s description.Section, day Date, out *Section) {
			out.Lacks = description.Experiment(s, string(day))
		}},
	{DeviationSection, "Deviation", "the reason, a link to data, and the day on which it is looked at again", departures,
		func(s description.Section, day Date, out *Section) {
			d, lacks := description.Deviation(s, string(day))
			out.Departure, out.Lacks = &d, lacks
		}},
}

// Title is the heading that the section goes by.
func (n SectionName) Title() string {
	for _, row := range sections {
		if row.name == n {
			return row.title
		}
	}
	return string(n)
}

// Says is what has to stand in the section, after "say".
func (n SectionName) Says() string {
	for _, row := range sections {
		if row.name == n {
			return row.says
		}
	}
	return ""
}

// sectionsOf are what the description has to say of a change, as far as the policy
// asks for it. body is nil where the description is not known.
func (p Policy) sectionsOf(i impact.Assessment, body *string, day Date) []Section {
	var out []Section
	for _, row := range sections {
		why := row.why(p, i)
		if why == "" {
			continue
		}
		s := Section{Name: row.name, Why: why, State: SectionUnread}
		if body != nil {
			s.State = SectionMissing
			if found, ok := description.Find(*body, row.title); ok {
				row.read(found, day, &s)
				if s.State = SectionGiven; len(s.Lacks) > 0 {
					s.State = SectionLacks
				}
			}
		}
		out = append(out, s)
	}
	return out
}

// highImpact: a change that is sent for its impact, and not for its debt alone.
func highImpact(p Policy, i impact.Assessment) string {
	var domains []string
	for _, d := range i.Domains {
		if !onlyDebt(i, d.Domain) {
			domains = append(domains, string(d.Domain))
		}
	}
	if !p.Description.PressRelease || len(domains) == 0 {
		return ""
	}
	return "high impact in " + strings.Join(domains, ", ")
}

// unannounced: a change of an experiment of which the policy does not say what
// makes its result significant.
func unannounced(p Policy, i impact.Assessment) string {
	if !p.Description.Experiment {
		return ""
	}
	var keys []string
	for _, t := range triggers(i, impact.Experiment) {
		for _, key := range t.Keys {
			if _, known := p.Experiments[key]; !known && !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	if len(keys) == 0 {
		return ""
	}
	return "experiments does not announce " + strings.Join(keys, ", ")
}

// departures: a dependency that the policy forbids, or a module that it does not
// approve.
func departures(p Policy, i impact.Assessment) string {
	if !p.Description.Deviation {
		return ""
	}
	var why []string
	for _, t := range triggers(i, impact.Architecture) {
		switch t.Name {
		case "component-violation":
			for _, e := range t.Evidence {
				why = append(why, e.Text)
			}
		case "new-dependency":
			for _, module := range t.Keys {
				if !p.Approved(module) {
					why = append(why, module+" is no approved module")
				}
			}
		}
	}
	return strings.Join(why, "; ")
}

func triggers(i impact.Assessment, d impact.Domain) []impact.Fired {
	for _, in := range i.Domains {
		if in.Domain == d {
			return in.Triggers
		}
	}
	return nil
}
