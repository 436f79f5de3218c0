package signoff

import (
	"cmp"
	"slices"
	"strings"

	"github.com/barraiser/barraiser/internal/review"
)

// A directory is who people are: accounts by login, and teams.
type directory struct {
	accounts map[string]Account
	roster   review.Roster
}

// members are the accounts that principals mean. Who has no account, and whoever
// is only in a team that could not be read, is none of them.
func (d directory) members(principals []review.Principal) []Account {
	var out []Account
	add := func(login string) {
		if a, ok := d.accounts[strings.ToLower(login)]; ok && a.ID != 0 && !has(out, a) {
			out = append(out, a)
		}
	}
	for _, p := range principals {
		if !p.IsTeam() {
			add(string(p))
			continue
		}
		team, ok := d.roster[p]
		if !ok {
			team = d.roster[review.Principal(strings.ToLower(string(p)))]
		}
		for _, login := range team {
			add(login)
		}
	}
	return out
}

// login is what a person is called in the policy: by today's login of the account,
// and only where there is none by that of then.
func (d directory) login(who Account) string {
	for login, a := range d.accounts {
		if a.ID == who.ID && who.ID != 0 {
			return login
		}
	}
	return strings.ToLower(who.Login)
}

// usualLevel is how many levels above who went in is told, where the policy does
// not say: the one above the manager.
const usualLevel = 2

// people finds who says why of an override, and who is above: the reporting line
// from the level of the policy on, and at its end those whom the policy names.
// Where the line is shorter than the level, its last one is told.
func (f *follow) people(o *Override) {
	by, rules := o.By, f.policy.Overrides
	o.Doers = nil
	if by.ID != 0 && !by.Bot {
		o.Doers = []Account{by}
	} else {
		// Nobody knows who it was, or a robot did it for somebody.
		if by = f.author; by.ID != 0 && !by.Bot {
			o.Doers = []Account{by}
		}
		for _, a := range f.members(rules.Allowed) {
			if !has(o.Doers, a) && !a.Bot {
				o.Doers = append(o.Doers, a)
			}
		}
	}
	chain := f.policy.Managers(f.login(by))
	if len(chain) > 0 {
		chain = chain[min(cmp.Or(rules.Level, usualLevel), len(chain))-1:]
	}
	levels := make([][]Account, 0, len(chain)+1)
	for _, login := range chain {
		levels = append(levels, f.members([]review.Principal{review.Principal(login)}))
	}
	last := rules.Tell
	if last == nil {
		last = rules.Second
	}
	levels = append(levels, f.members(last))
	var seen []Account
	o.Line = nil
	for _, level := range levels {
		level = slices.DeleteFunc(level, func(a Account) bool { return a.Bot || has(seen, a) || f.inside(*o, a) })
		if seen = append(seen, level...); len(level) > 0 {
			o.Line = append(o.Line, level)
		}
	}
}

// inside reports whether somebody has a part in an override: no third person.
func (f *follow) inside(o Override, who Account) bool {
	return who.ID == o.By.ID || who.ID == f.author.ID || o.Second != nil && who.ID == o.Second.ID
}
