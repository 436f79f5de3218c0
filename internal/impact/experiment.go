package impact

import (
	"slices"
	"strings"
)

// flagCalls are questions to a flag SDK that came or went: a change is tried
// out, or the trial is over.
func flagCalls(c *comparison) []Evidence {
	var out []Evidence
	for _, m := range c.marks.added {
		if m.Kind == FlagCall && !aside(m.File) {
			out = append(out, about(c.at(m, "new call for flag %s", c.flagKey(m)), m))
		}
	}
	for _, m := range c.marks.removed {
		if m.Kind == FlagCall && !aside(m.File) {
			out = append(out, c.at(m, "call for flag %s removed", c.flagKey(m)))
		}
	}
	return out
}

// flagKey names a flag, and says whether the policy knows it where it knows any.
func (c *comparison) flagKey(m Mark) string {
	sdk, key, _ := strings.Cut(m.Key, " ")
	if len(c.Policy.Experiments) > 0 && !slices.Contains(c.Policy.Experiments, key) {
		return code(key) + " (" + sdk + "), which is not under " + code("experiments")
	}
	return code(key) + " (" + sdk + ")"
}

// flagChanges are trials that go on otherwise: another key, another value for
// those who are not in, or the definitions that say who is.
func flagChanges(c *comparison) []Evidence {
	var out []Evidence
	for _, ch := range c.marks.changed {
		switch {
		case ch.new.Kind != FlagCall || aside(ch.new.File):
		case ch.old.Key != ch.new.Key:
			out = append(out, about(c.at(ch.new, "flag %s in the place of %s", c.flagKey(ch.new), c.flagKey(ch.old)), ch.new))
		default:
			out = append(out, about(c.at(ch.new, "flag %s: %s", c.flagKey(ch.new), fromTo(ch.old.Value, ch.new.Value)), ch.new))
		}
	}
	files := flagFile.fire(c)
	for i := range files {
		files[i].Key = files[i].File
	}
	return append(out, files...)
}

// about sets the flag that evidence is about.
func about(e Evidence, m Mark) Evidence {
	_, e.Key, _ = strings.Cut(m.Key, " ")
	return e
}
