package signoff

import (
	"slices"
	"strings"

	"github.com/barraiser/barraiser/internal/review"
)

// among reports whether somebody is meant by the principals: by number, since a
// login may be another's tomorrow.
func (l *look) among(who Account, principals []review.Principal) bool {
	return has(l.directory().members(principals), who)
}

func (l *look) directory() directory { return directory{l.in.Accounts, l.in.Roster} }

// steers reports whether somebody has a say in how the pull request goes on:
// may write, opened it, or may sign it.
func (l *look) steers(who Account) bool {
	return l.in.Writers[who.ID] || who.ID == l.in.Pull.Author.ID || l.signs(who)
}

// signs reports whether somebody may sign in one of the domains.
func (l *look) signs(who Account) bool {
	return slices.ContainsFunc(l.needs, func(n need) bool { return l.may(&n, who.ID) })
}

// signers names who may sign, for an answer. Names are in code marks: nobody is
// called by it.
func (l *look) signers() string {
	var names []string
	for _, n := range l.needs {
		for _, c := range n.choice.Candidates {
			if name := "`" + c.Login + "`"; l.may(&n, l.in.Accounts[c.Login].ID) && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	if len(names) == 0 {
		return "nobody, as things are"
	}
	return strings.Join(names, ", ")
}

func principals(list []review.Principal) string {
	var names []string
	for _, p := range list {
		names = append(names, "`"+string(p)+"`")
	}
	return strings.Join(names, ", ")
}
