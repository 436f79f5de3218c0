package impact

import (
	"slices"
	"strings"
)

// routes are addresses that clients call. What is under /debug/ is for those
// who run the program.
func routes(c *comparison) []Evidence {
	public := func(m Mark) bool {
		_, address, ok := strings.Cut(m.Key, " ")
		if !ok {
			address = m.Key
		}
		return !strings.HasPrefix(address, "/debug/")
	}
	return append(c.came(Route, "route", public), c.went(Route, "route", public)...)
}

// commandLine is what people and scripts type. A help text is not in it, and
// neither is one more flag of a command that was there: it breaks nobody, and
// to a program of many commands it is daily work. Of 1,000 changes to
// github.com/cli/cli 65 had nothing else.
func commandLine(c *comparison) []Evidence {
	type place struct{ pkg, symbol string }
	commands := map[place]bool{} // where the base defines one
	for _, m := range c.Base.Marks {
		if m.Kind == Command {
			commands[place{m.Package, m.Symbol}] = true
		}
	}
	product := func(m Mark) bool { return !workshop(m.File) }
	notable := func(m Mark) bool { return product(m) && !commands[place{m.Package, m.Symbol}] }
	out := slices.Concat(
		c.came(Command, "command", product), c.went(Command, "command", product),
		c.came(CommandFlag, "flag", notable), c.went(CommandFlag, "flag", product),
	)
	for _, ch := range c.marks.changed {
		if ch.new.Kind != CommandFlag || !product(ch.new) || aside(ch.new.File) {
			continue
		}
		oldType, oldDefault, _ := strings.Cut(ch.old.Value, " ")
		newType, newDefault, _ := strings.Cut(ch.new.Value, " ")
		if oldType != newType {
			out = append(out, c.at(ch.new, "flag %s: %s", flagName(ch.new), fromTo(ch.old.Value, ch.new.Value)))
		} else {
			out = append(out, c.at(ch.new, "flag %s: default %s", flagName(ch.new), fromTo(oldDefault, newDefault)))
		}
	}
	return out
}

// flagName is a flag as people type it; of anything else, its key.
func flagName(m Mark) string {
	switch {
	case m.Kind != CommandFlag:
		return code(m.Key)
	case len(m.Key) == 1:
		return code("-" + m.Key)
	}
	return code("--" + m.Key)
}

// came and went are the marks of a kind that one side alone has, as far as they
// count.
func (c *comparison) came(kind Kind, noun string, counts func(Mark) bool) []Evidence {
	var out []Evidence
	for _, m := range c.marks.added {
		if m.Kind == kind && counts(m) && !aside(m.File) {
			out = append(out, c.at(m, "new %s %s", noun, flagName(m)))
		}
	}
	return out
}

func (c *comparison) went(kind Kind, noun string, counts func(Mark) bool) []Evidence {
	var out []Evidence
	for _, m := range c.marks.removed {
		if m.Kind == kind && counts(m) && !aside(m.File) {
			out = append(out, c.at(m, "%s %s removed", noun, flagName(m)))
		}
	}
	return out
}

// messages are answers that clients get otherwise. A new one comes with what is
// new anyway, and with one that is gone its route or its check went.
func messages(c *comparison) []Evidence {
	var out []Evidence
	for _, ch := range c.marks.changed {
		if ch.new.Kind == Message && !aside(ch.new.File) {
			out = append(out, c.at(ch.new, "%s answers %s instead of %s", code(c.name(ch.new)), code(ch.new.Key), code(ch.old.Key)))
		}
	}
	return out
}

// defaults are settings of those who left them alone.
func defaults(c *comparison) []Evidence {
	return c.valueChanges(Default, func(m Mark) string { return "default " + code(c.name(m)) })
}

// valueChanges are the marks of a kind that are still there with another value.
func (c *comparison) valueChanges(kind Kind, what func(Mark) string) []Evidence {
	var out []Evidence
	for _, ch := range c.marks.changed {
		if ch.new.Kind == kind && !aside(ch.new.File) {
			out = append(out, c.at(ch.new, "%s %s", what(ch.new), fromTo(ch.old.Value, ch.new.Value)))
		}
	}
	return out
}
