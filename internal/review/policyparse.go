package review

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/barraiser/barraiser/internal/debt"
)

// A File is a policy as it lies somewhere. The name is for messages.
type File struct {
	Name    string
	Content []byte
}

// ParsePolicy reads an organisation's file and, on top of it, a repository's;
// either may be nil. It returns the policy or, with the zero policy, all the
// problems of both files in the order in which one reads them.
//
// What the organisation's file says holds. A repository may add to it and
// tighten it, by the rule in the row of each key, and loosen what the
// organisation lists as overridable. What the organisation does not say is the
// repository's to decide.
func ParsePolicy(organisation, repository *File) (Policy, []Problem) {
	var p parsing
	org := p.read(organisation, true)
	repo := p.read(repository, false)
	m := merger{repository: repo}
	merged := m.merge(org.said, repo.said)
	policy := build(merged)
	// With a file unread, whatever it may define would be missed.
	if org.readable && repo.readable {
		p.references(merged)
		p.needed(merged)
		p.checkHours(policy, merged)
	}
	var problems []Problem
	for _, c := range p.files {
		slices.SortStableFunc(c.problems, byPlace)
		problems = append(problems, c.told()...)
	}
	if len(problems) > 0 {
		return Policy{}, problems
	}
	return policy, nil
}

// parsing is one run of ParsePolicy.
type parsing struct{ files []*checker }

func (p *parsing) read(f *File, organisation bool) *checker {
	c := &checker{organisation: organisation, readable: true, seen: map[string]bool{}}
	if f == nil {
		return c
	}
	c.file = f.Name
	p.files = append(p.files, c)
	root, ok := c.read(f.Content)
	c.readable = ok
	if ok {
		c.section("", "", "", root)
	}
	if ok && root.kind == nodeMapping && !c.seen["version"] {
		c.problem(span{1, 1, 1}, "the version of the format is missing; begin with version: 1")
	}
	return c
}

// problem reports at a place of a file that was read.
func (p *parsing) problem(from Position, at span, format string, args ...any) {
	for _, c := range p.files {
		if c.file == from.File {
			c.problem(at, format, args...)
			return
		}
	}
}

// checker holds one file against policyKeys.
type checker struct {
	reader
	organisation bool
	readable     bool
	said         []said
	seen         map[string]bool // ways that stand there, also with a wrong value
}

func (c *checker) position(at span) Position { return Position{c.file, at.line, at.column} }

// row returns the row of a path.
func row(path string) *key {
	i := slices.IndexFunc(policyKeys, func(k key) bool { return k.path == path })
	return &policyKeys[i]
}

func join(path, part string) string {
	if path == "" {
		return part
	}
	return path + "." + part
}

// section checks a mapping: the one of the file, where path is empty, or of a
// row. way is the path with its name in it.
func (c *checker) section(path, way, name string, n node) {
	if n.kind != nodeMapping {
		for _, part := range below(path) { // none of it is missing beside that
			c.seen[join(way, part)] = true
		}
		where := ""
		if way != "" {
			where = " in " + way
		}
		if n.kind == nodeNothing {
			c.missing(n, "keys with values"+where)
			return
		}
		c.problem(n.at, "want keys with values%s, not %s", where, n)
		return
	}
	var names *kind
	if path != "" {
		names = row(path).names
	}
	known := below(path)
	lines := map[string]int{}
	for _, f := range n.fields {
		part, entry := f.key.text, f.key.text
		switch {
		case names != nil:
			f.key.kind = nodeText // whatever YAML takes it for
			it, ok := c.item(*names, f.key)
			if !ok {
				continue
			}
			part, entry = "*", it.text
		case !slices.Contains(known, part):
			c.unknown(f.key, way, known)
			continue
		}
		if first := lines[entry]; first > 0 {
			c.problem(f.key.at, "%s stands here a second time; it is in line %d already", entry, first)
			continue
		}
		lines[entry] = f.key.at.line
		next := name
		if part == "*" {
			next = entry
		}
		c.value(row(join(path, part)), join(way, entry), next, f)
	}
}

func (c *checker) unknown(k node, way string, known []string) {
	where := ""
	if way != "" {
		where = " in " + way
	}
	near := closest(k.text, known)
	c.seen[join(way, near)] = true // it is there, misspelt
	hint := didYouMean(near)
	if near == "" && len(known) <= 6 {
		hint = "; there may be " + strings.Join(known, ", ")
	}
	c.problem(k.at, "unknown key %q%s%s", shorten(k.text), where, hint)
}

// value checks what stands at a key.
func (c *checker) value(k *key, way, name string, f field) {
	c.seen[way] = true
	s := said{way: way, name: name, key: k, from: c.position(f.key.at), at: f.key.at}
	v := value{list: k.list, from: c.position(f.value.at), at: f.value.at}
	ok := true
	switch {
	case way == "overridable" && !c.organisation:
		c.problem(f.key.at, "only the organisation's file says what is overridable")
		return
	case k.path == "rules.*":
		var it item
		it, ok = c.rule(name, way, f.value)
		v.items = []item{it}
	case k.kind.want == "":
		c.said = append(c.said, s)
		c.section(k.path, way, name, f.value)
		return
	case k.list:
		v.items, ok = c.list(k, f.value)
	default:
		var it item
		it, ok = c.item(k.kind, f.value)
		v.items = []item{it}
	}
	if ok {
		s.value = v
		c.said = append(c.said, s)
	}
}

func (c *checker) list(k *key, n node) (items []item, ok bool) {
	if n.kind != nodeList {
		if n.kind == nodeNothing {
			c.missing(n, "a list, each of it "+k.kind.want)
			return nil, false
		}
		hint := ""
		if n.kind == nodeText {
			hint = fmt.Sprintf("; write [%s]", item{text: shorten(n.text)}.show())
		}
		c.problem(n.at, "want a list, not %s%s", n, hint)
		return nil, false
	}
	if k.needed && len(n.items) == 0 {
		c.problem(n.at, "want at least one: %s", k.kind.want)
	}
	for _, v := range n.items {
		if it, ok := c.item(k.kind, v); ok { // the others are still looked at
			items = append(items, it)
		}
	}
	return items, true
}

// thresholdText stands for a threshold where "on" and "off" may stand too.
const thresholdText = "threshold"

// rule checks what is said of a rule. It ranks by strictness, as a threshold
// does: the lower the stricter, and a rule that is off has none that is reached.
func (c *checker) rule(id, way string, n node) (it item, ok bool) {
	rule, _ := debt.Lookup(id)
	if n.kind != nodeMapping {
		if it, ok = c.item(kSwitch, n); ok {
			it.rank = rule.Threshold
			if it.text == "off" {
				it.rank = math.Inf(1)
			}
		}
		return it, ok
	}
	for i, f := range n.fields {
		switch {
		case f.key.text != "threshold":
			c.unknown(f.key, way, below("rules.*"))
		case i > 0 && ok:
			c.problem(f.key.at, "threshold stands here a second time")
		case !rule.Metric:
			c.problem(f.key.at, "rule %s measures nothing, so it has no threshold; write on or off", id)
			return it, false
		default:
			if it, ok = c.item(row("rules.*.threshold").kind, f.value); ok {
				it.text = thresholdText
			}
		}
	}
	if len(n.fields) == 0 {
		c.problem(n.at, "want %s", kSwitch.want)
	}
	return it, ok
}
