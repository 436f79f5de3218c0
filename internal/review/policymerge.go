package review

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
)

// A value is what stands at a key: one item, or a list of them.
type value struct {
	list  bool
	items []item
	from  Position
	at    span
}

func (v value) text() string { return v.items[0].text }

func (v value) texts() []string {
	out := []string{}
	for _, it := range v.items {
		out = append(out, it.text)
	}
	return out
}

// fixed is how many items, the first ones, are the organisation's.
func (v value) fixed() int {
	n := slices.IndexFunc(v.items, func(it item) bool { return !it.organisation })
	if n < 0 {
		return len(v.items)
	}
	return n
}

func (v value) number() *float64 { return &v.items[0].rank }

func (v value) principals() []Principal {
	out := []Principal{}
	for _, it := range v.items {
		out = append(out, Principal(it.text))
	}
	return out
}

func (v value) dates() []DateRange {
	var out []DateRange
	for _, it := range v.items {
		from, to := cutRange(it.text)
		out = append(out, DateRange{Date(from), Date(to)})
	}
	return out
}

// rule is a setting by its strictness, see checker.rule.
func (v value) rule() debt.Setting {
	switch v.text() {
	case "off":
		return debt.Setting{Off: true}
	case "on":
		return debt.Setting{}
	}
	return debt.Setting{Threshold: v.number()}
}

// hours returns what is to be edited, the default where nothing was said.
func hours(h **Hours) *Hours {
	if *h == nil {
		*h = &Hours{Days: slices.Clone(DefaultHours.Days), From: DefaultHours.From, To: DefaultHours.To}
	}
	return *h
}

func (v value) days(h **Hours) {
	hours(h).Days = nil
	for _, it := range v.items {
		(*h).Days = append((*h).Days, time.Weekday(it.rank))
	}
}

func (v value) begin(h **Hours) { hours(h).From = Clock(v.items[0].rank) }
func (v value) end(h **Hours)   { hours(h).To = Clock(v.items[0].rank) }

// put and edit write an entry of a map that may not be there yet.
func put[M ~map[K]V, K comparable, V any](m *M, name K, v V) {
	if *m == nil {
		*m = M{}
	}
	(*m)[name] = v
}

func edit[K comparable, V any](m *map[K]V, name K, change func(*V)) {
	v := (*m)[name]
	change(&v)
	put(m, name, v)
}

// A tightening says what a repository may do with a value of the
// organisation's. What the organisation does not say is the repository's to
// decide.
type tightening struct {
	doc string // for the user's page
	// merge returns what holds and, where the repository's value is looser, the
	// words for that.
	merge func(org, repo value) (value, string)
}

var (
	higher = tightening{"may be raised", ranked(1)}
	more   = tightening{"may be more", ranked(1)}
	lower  = tightening{"may be less", ranked(-1)}
	union  = tightening{"may be added to", func(org, repo value) (value, string) {
		for _, it := range repo.items {
			if !org.has(it.text) {
				org.items = append(slices.Clip(org.items), it)
			}
		}
		return org, ""
	}}
	narrower = tightening{"may be narrowed", func(org, repo value) (value, string) {
		for _, it := range repo.items {
			if !org.has(it.text) {
				return org, fmt.Sprintf("%q is not in the organisation's list", shorten(it.text))
			}
		}
		return repo, ""
	}}
	asOrganisation = tightening{"may not be changed", func(org, repo value) (value, string) {
		if org.text() != repo.text() {
			return org, fmt.Sprintf("%q is not the organisation's %q", shorten(repo.text()), shorten(org.text()))
		}
		return org, ""
	}}
	// organisations is for what is the organisation's alone as soon as it says
	// anything in that section: merger.alone goes before.
	organisations = tightening{"only where the organisation's file has none of it", nil}
)

// ranked takes what ranks higher, with sign -1 lower, for stricter.
func ranked(sign float64) func(org, repo value) (value, string) {
	return func(org, repo value) (value, string) {
		a, b := org.items[0], repo.items[0]
		if sign*b.rank < sign*a.rank {
			return org, fmt.Sprintf("%s is looser than the organisation's %s", b.show(), a.show())
		}
		return repo, ""
	}
}

func (v value) has(text string) bool {
	return slices.ContainsFunc(v.items, func(it item) bool { return it.text == text })
}

// beyond is the place of the first item of a list that another has not.
func (v value) beyond(org value) span {
	for _, it := range v.items {
		if v.list && !org.has(it.text) {
			return it.at
		}
	}
	return v.at
}

// show is an item as it stands in a file.
func (it item) show() string {
	switch {
	case it.text == thresholdText:
		return fmt.Sprintf("{threshold: %v}", it.rank)
	case bare.MatchString(it.text):
		return it.text
	}
	return strconv.Quote(it.text)
}

// bare are texts that mean themselves in YAML without quotes.
var bare = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9 ._/-]*[A-Za-z0-9])?$`)

// said is what one file says at one way; without a key that has a value, it
// only says that a section or entry is there.
type said struct {
	way   string
	name  string // what "*" stands for
	key   *key
	value value
	from  Position // of the key
	at    span
}

// merger lays what a repository says over what its organisation says.
type merger struct {
	organisation map[string]said
	repository   *checker // takes the problems
	overridable  []string
}

// merge returns what holds, in the order of the files.
func (m *merger) merge(organisation, repository []said) []said {
	merged := slices.Clone(organisation)
	at := map[string]int{}
	m.organisation = map[string]said{}
	for i, s := range organisation {
		at[s.way], m.organisation[s.way] = i, s
		if s.way == "overridable" {
			m.overridable = s.value.texts()
		}
	}
	for _, s := range repository {
		i, both := at[s.way]
		switch {
		case m.alone(s):
		case !both:
			m.family(s)
			merged = append(merged, s)
		case s.key.set == nil || s.key.path == "version":
		case m.mayLoosen(s.way):
			merged[i] = s
		default:
			org := merged[i].value
			v, looser := s.key.tighten.merge(org, s.value)
			if looser != "" {
				m.repository.problem(s.value.beyond(org), "%s: %s (%s), and that is not overridable", s.way, looser, org.from)
			}
			merged[i].value = v
		}
	}
	return merged
}

// family holds what a repository says of one check against what the
// organisation says of all of its family.
func (m *merger) family(s said) {
	family, _, ok := strings.Cut(s.way, "/")
	org, said := m.organisation[family]
	if !ok || !said || s.key.path != "rules.*" || m.mayLoosen(s.way) || m.mayLoosen(family) {
		return
	}
	if _, looser := s.key.tighten.merge(org.value, s.value); looser != "" {
		m.repository.problem(s.value.at, "%s: %s for %s (%s), and that is not overridable", s.way, looser, family, org.value.from)
	}
}

// alone keeps a repository out of a section that is the organisation's, with
// one problem where the section begins.
func (m *merger) alone(s said) bool {
	top, _, _ := strings.Cut(s.way, ".")
	if top != "people" && top != "hours" || m.mayLoosen(s.way) {
		return false
	}
	org, ok := m.organisation[top]
	if ok && s.way == top {
		m.repository.problem(s.at, "%s is in the organisation's file (%s), and that is not overridable", top, org.from)
	}
	return ok
}

// mayLoosen reports whether the organisation marks a way, or what is above it.
func (m *merger) mayLoosen(way string) bool {
	return slices.ContainsFunc(m.overridable, func(k string) bool {
		n := strings.Count(k, ".") + 1
		parts := strings.Split(way, ".")
		return len(parts) >= n && matchKey(k, strings.Join(parts[:n], "."))
	})
}

// build makes the typed policy of what holds.
func build(merged []said) Policy {
	var p Policy
	for _, s := range merged {
		if s.key.set != nil && s.key.path != "version" && s.key.path != "overridable" {
			s.key.set(&p, s.name, s.value)
			p.Settings = append(p.Settings, newSetting(s))
		}
	}
	for name, g := range p.Goals {
		if p.Setting("goals."+name+".weight") == nil {
			g.Weight = 1
			p.Goals[name] = g
		}
	}
	return p
}
