package review

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/barraiser/barraiser/internal/impact"
)

// ComponentOf returns the component that a file or folder is in, empty where
// there is none. See owner for which it is where several have it.
func (p Policy) ComponentOf(file string) string {
	return owner(p.Components, file, func(c Component) ([]string, int) { return c.Paths, c.Fixed })
}

// TeamOf returns the team that the policy says owns a file or folder, empty
// where it says nothing; then CODEOWNERS does.
func (p Policy) TeamOf(file string) string {
	return owner(p.Teams, file, func(t Team) ([]string, int) { return t.Owns, t.Fixed })
}

// owner picks the entry with the most specific pattern that matches: the one
// with the longest beginning without a wildcard, then the longest one, then the
// first name. Patterns of the organisation's file, the first fixed ones of an
// entry, go before all of a repository: else it could declare a component
// inside of another and so take code out of that one's restrictions.
func owner[E any](entries map[string]E, file string, patterns func(E) (globs []string, fixed int)) string {
	type hit struct {
		name, pattern string
		fixed         bool
	}
	var best hit
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		globs, fixed := patterns(entries[name])
		for i, pattern := range globs {
			h := hit{name, pattern, i < fixed}
			if !covers(pattern, file) || best.name != "" && !moreSpecific(h.fixed, best.fixed, pattern, best.pattern) {
				continue
			}
			best = h
		}
	}
	return best.name
}

func moreSpecific(aFixed, bFixed bool, a, b string) bool {
	if aFixed != bFixed {
		return aFixed
	}
	return cmp.Or(cmp.Compare(literal(a), literal(b)), cmp.Compare(len(a), len(b))) > 0
}

// literal is the length of the beginning of a pattern that has no wildcard.
func literal(pattern string) int {
	if i := strings.IndexAny(pattern, "*?[{"); i >= 0 {
		return i
	}
	return len(pattern) + 1 // the thing itself
}

// covers reports whether a pattern matches a file or a folder that it is in.
func covers(pattern, file string) bool {
	return doublestar.MatchUnvalidated(pattern, file) || doublestar.MatchUnvalidated(pattern+"/**", file)
}

// Ratcheted reports whether the debt of a file may not rise, and by which
// entry.
func (p Policy) Ratcheted(file string) (entry string, ok bool) {
	component := p.ComponentOf(file)
	for _, r := range p.Ratchet {
		if _, named := p.Components[r]; named && r == component || !named && covers(r, file) {
			return r, true
		}
	}
	return "", false
}

// Governs reports whether the bar guards a branch.
func (p Policy) Governs(branch, defaultBranch string) bool {
	if len(p.Governed) == 0 {
		return branch == defaultBranch
	}
	return slices.ContainsFunc(p.Governed, func(g string) bool { return doublestar.MatchUnvalidated(g, branch) })
}

// MayImport reports whether code of one component may import another's; if
// not, by which key.
func (p Policy) MayImport(from, to string) (ok bool, key string) {
	c, known := p.Components[from]
	switch {
	case !known || from == to || to == "":
		return true, ""
	case slices.Contains(c.Not, to):
		return false, "components." + from + ".not"
	case c.Limited && !slices.Contains(c.May, to):
		return false, "components." + from + ".may"
	}
	return true, ""
}

// Allows reports whether the policy allows an edge between components by name:
// then a new one is no reason to ask anybody.
func (p Policy) Allows(from, to string) bool {
	ok, _ := p.MayImport(from, to)
	return ok && slices.Contains(p.Components[from].May, to)
}

// Approved reports whether a module may become a dependency as things are.
func (p Policy) Approved(module string) bool {
	return !p.Dependencies.Limited || slices.ContainsFunc(p.Dependencies.Approved, func(g string) bool { return covers(g, module) })
}

// TriggerOff reports whether a trigger was switched off.
func (p Policy) TriggerOff(d impact.Domain, trigger string) bool {
	return slices.Contains(p.Domains[d].Off, trigger)
}

// GoalsOf returns the goals that need a component, the weightiest first.
func (p Policy) GoalsOf(component string) []string {
	return p.goals(func(_ string, g Goal) bool { return slices.Contains(g.Components, component) })
}

// GoalsOfTeam returns the goals of a team, the weightiest first.
func (p Policy) GoalsOfTeam(team string) []string {
	return p.goals(func(name string, _ Goal) bool { return slices.Contains(p.Teams[team].Goals, name) })
}

func (p Policy) goals(match func(name string, g Goal) bool) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(p.Goals)) {
		if match(name, p.Goals[name]) {
			out = append(out, name)
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return cmp.Compare(p.Goals[b].Weight, p.Goals[a].Weight) })
	return out
}

// TeamsOf returns the teams that a login or a GitHub team is a member of, by
// name. Who is in a GitHub team is not known here.
func (p Policy) TeamsOf(member Principal) []string {
	member = Principal(strings.ToLower(string(member)))
	var out []string
	for _, name := range slices.Sorted(maps.Keys(p.Teams)) {
		if slices.Contains(p.Teams[name].Members, member) {
			out = append(out, name)
		}
	}
	return out
}

// LoginOf returns whose address it is. GitHub's own addresses name their login;
// the others are in people. Empty: nobody that is known.
func (p Policy) LoginOf(email string) string {
	email = strings.ToLower(strings.TrimSpace(email))
	if user, ok := strings.CutSuffix(email, "@users.noreply.github.com"); ok {
		// ID+login; before 2017 the login alone, which may be another's today.
		if id, login, ok := strings.Cut(user, "+"); ok && isNumber(id) {
			return login
		}
	}
	for _, login := range slices.Sorted(maps.Keys(p.People)) {
		if slices.Contains(p.People[login].Emails, email) {
			return login
		}
	}
	return ""
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// Managers returns whom a login reports to, the nearest first. A circle in the
// file ends where it closes.
func (p Policy) Managers(login string) []string {
	var out []string
	for m := p.People[strings.ToLower(login)].Manager; m != "" && !slices.Contains(out, m); m = p.People[m].Manager {
		out = append(out, m)
	}
	return out
}

// AbsentOn reports whether the policy says that a person is away on a day.
func (p Policy) AbsentOn(login string, day Date) bool {
	return slices.ContainsFunc(p.People[strings.ToLower(login)].Absent, func(r DateRange) bool { return r.Contains(day) })
}

// HoursOf returns when a person works.
func (p Policy) HoursOf(login string) Hours {
	for _, h := range []*Hours{p.People[strings.ToLower(login)].Hours, p.Hours} {
		if h != nil {
			return *h
		}
	}
	return DefaultHours
}
