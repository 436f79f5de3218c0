package review

import (
	"strings"

	"github.com/barraiser/barraiser/internal/impact"
)

// What one value says of another, in whichever file that is, is checked on the
// merged policy.

// references checks that what is named exists.
func (p *parsing) references(merged []said) {
	entries := map[string][]string{} // by section
	for _, s := range merged {
		if section, name, ok := strings.Cut(s.way, "."); ok && s.key.path == section+".*" {
			entries[section] = append(entries[section], name)
		}
	}
	known := map[string]bool{}
	for section, names := range entries {
		for _, name := range names {
			known[join(section, name)] = true
		}
	}
	for _, s := range merged {
		for _, it := range s.value.items {
			switch section := s.key.refers; {
			case section != "" && !known[join(section, it.text)]:
				p.undefined(s, it, section, entries[section])
			case s.key.path == "domains.*.off":
				p.domainOf(s, it)
			case s.key.path == "overridable" && findKey(it.text) == nil:
				p.problem(it.from, it.at, "there is no key %q%s", it.text, nearest(it.text, keyPaths()))
			case s.key.path == "teams.*.members":
				p.member(it, known, entries["people"])
			}
		}
	}
}

func (p *parsing) undefined(s said, it item, section string, names []string) {
	hint := nearest(it.text, names)
	if s.key.path == "ratchet" {
		if isGlob(it.text) {
			return
		}
		if hint == "" {
			hint = "; a folder is written \"" + it.text + "/**\""
		}
	}
	p.problem(it.from, it.at, "there is no %s %q%s", strings.TrimSuffix(section, "s"), it.text, hint)
}

func (p *parsing) domainOf(s said, it item) {
	for _, t := range impact.Triggers {
		if t.Name == it.text && string(t.Domain) != s.name {
			p.problem(it.from, it.at, "%s is a trigger of the domain %s, not of %s; here there are %s",
				t.Name, t.Domain, s.name, strings.Join(triggerNames(impact.Domain(s.name)), ", "))
		}
	}
}

// member checks a team's member against the roster where both are in one file:
// who is in a team and not in a roster that stands beside it is most likely
// misspelt. A repository, though, may not know the organisation's roster.
func (p *parsing) member(it item, known map[string]bool, people []string) {
	if Principal(it.text).IsTeam() || known[join("people", it.text)] {
		return
	}
	for _, c := range p.files {
		if c.file == it.from.File && c.seen["people"] {
			c.problem(it.at, "there is nobody %q in people%s", it.text, nearest(it.text, people))
		}
	}
}

// needed checks that each entry says what it must, in one file or the other.
func (p *parsing) needed(merged []said) {
	for _, s := range merged {
		if !strings.HasSuffix(s.key.path, ".*") {
			continue
		}
		for _, k := range policyKeys {
			last, ok := strings.CutPrefix(k.path, s.key.path+".")
			if ok && k.needed && !p.seen(join(s.way, last)) {
				p.problem(s.from, s.at, "%s needs %s: %s", s.way, last, k.kind.want)
			}
		}
	}
}

func (p *parsing) seen(way string) bool {
	for _, c := range p.files {
		if c.seen[way] {
			return true
		}
	}
	return false
}

// checkHours checks that a day of work ends after it begins.
func (p *parsing) checkHours(policy Policy, merged []said) {
	for _, s := range merged {
		if s.key.path != "hours" && s.key.path != "people.*.hours" {
			continue
		}
		h := policy.Hours
		if s.key.path != "hours" {
			h = policy.People[s.name].Hours
		}
		if h != nil && h.To <= h.From {
			p.problem(s.from, s.at, "%s end before they begin", s.way)
		}
	}
}
