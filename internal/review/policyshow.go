package review

import (
	"cmp"
	"slices"
	"strings"
)

// A Setting is one value that a policy has, as config show prints it.
type Setting struct {
	Key   string // "components.pay.may"
	Value string // as it would stand in a file
	// From is where it stands; for a list that two files add to, each of them.
	// Empty: it is the default.
	From []Position
}

func (s Setting) section() string {
	top, _, _ := strings.Cut(s.Key, ".")
	return top
}

func newSetting(s said) Setting {
	out := Setting{Key: s.way, From: []Position{s.value.from}}
	var shown []string
	for _, it := range s.value.items {
		shown = append(shown, it.show())
		if last := out.From[len(out.From)-1]; it.from.File != last.File {
			out.From = append(out.From, it.from)
		}
	}
	out.Value = strings.Join(shown, ", ")
	if s.value.list {
		out.Value = "[" + out.Value + "]"
	}
	return out
}

// Setting returns what was said at a key, nil where nothing was.
func (p Policy) Setting(key string) *Setting {
	for i, s := range p.Settings {
		if s.Key == key {
			return &p.Settings[i]
		}
	}
	return nil
}

// Effective is what holds: what was said, and the defaults of what was not, in
// the order of policyKeys.
func (p Policy) Effective() []Setting {
	var out []Setting
	for _, d := range []Setting{
		{Key: "mode", Value: string(Observe)},
		{Key: "budget", Value: "none"},
		{Key: "governed", Value: "the default branch"},
		{Key: "hours.days", Value: "[mon, tue, wed, thu, fri]"},
		{Key: "hours.from", Value: `"09:00"`},
		{Key: "hours.to", Value: `"17:00"`},
		{Key: "overrides.outcome", Value: "30d"},
		{Key: "description.press-release", Value: "off"},
		{Key: "description.experiment", Value: "off"},
		{Key: "description.deviation", Value: "off"},
		{Key: "dependencies.approved", Value: "any"},
		{Key: "away-team", Value: string(AwayOff)},
	} {
		if p.Setting(d.Key) == nil {
			out = append(out, d)
		}
	}
	out = append(out, p.Settings...)
	sections := below("")
	slices.SortStableFunc(out, func(a, b Setting) int {
		return cmp.Compare(slices.Index(sections, a.section()), slices.Index(sections, b.section()))
	})
	return out
}
