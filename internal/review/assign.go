package review

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/barraiser/barraiser/internal/impact"
)

// Availability is what the host knows of people beside who they are. The zero
// value knows nothing.
type Availability struct {
	// Load counts the requests that each login got in a window or has open, in
	// lower case as all logins here; nil: not known, and then it decides
	// nothing. A login that is missing in it has none.
	Load map[string]int
	// Capacity is the load from which a person is not asked; 0: no limit.
	Capacity int
	Busy     []string // say on the host that they are
	NoAccess []string // cannot be asked to review in this repository
}

// Assignment says who is asked to sign, and holds all that it was chosen by:
// whoever reads it can choose again.
type Assignment struct {
	// Assignee is asked, Backup next, and at once where two have to sign. Any of
	// the candidates may sign. Empty: there is nobody.
	Assignee, Backup string

	Pool       []Principal // as the policy names it
	Unread     []Principal // GitHub teams of the pool that could not be read
	Candidates []Candidate // who may sign, in the order in which to ask them
	Excluded   []Exclusion // who of the pool may not, by login
	LoadKnown  bool
	Seed       string
}

// Candidate is one who may sign.
type Candidate struct {
	Login string
	Load  int
	// Domains is in how many of the change's domains this person may sign.
	Domains int
	// Draw decides between equals. It is a hash of the seed and the login.
	Draw uint64
}

// Exclusion is one of the pool who may not sign.
type Exclusion struct {
	Who  string // login
	Rule string // the name of a row of exclusions
	Why  string // "is on the author's team payments"
}

// exclusions are the reasons for which one of a pool may not sign, the first
// that applies is told: what nobody can change goes before what passes. Adding
// one is a row. why is empty where the reason does not apply.
var exclusions = []struct {
	name string
	why  func(c *choosing, login string) string
}{
	{"involved", func(c *choosing, login string) string {
		return when(slices.Contains(c.people.all, login), "wrote, committed or pushed some of the change")
	}},
	{"author-team", func(c *choosing, login string) string {
		team := first(c.teamsOf(login), func(t string) bool { return slices.Contains(c.ownership.AuthorTeams, t) })
		return when(team != "", "is on the author's team "+team)
	}},
	{"owning-team", func(c *choosing, login string) string {
		for _, h := range c.ownership.Homes {
			if c.owns(login, h.Owner) {
				return "owns changed code" + when(h.Owner.String() != Principal(login).Mention(), ", with "+h.Owner.String())
			}
		}
		return ""
	}},
	{"reporting-line", func(c *choosing, login string) string {
		author := first(c.people.authors, func(a string) bool { return c.reports(a, login) })
		return when(author != "", "is in one reporting line with "+author)
	}},
	{"absent", func(c *choosing, login string) string {
		return when(c.policy.AbsentOn(login, c.day), "is absent on "+string(c.day))
	}},
	{"busy", func(c *choosing, login string) string {
		return when(slices.Contains(c.Busy, login), "is busy, as the host says")
	}},
	{"at-capacity", func(c *choosing, login string) string {
		n := c.Load[login]
		return when(c.Capacity > 0 && n >= c.Capacity, fmt.Sprintf("has %s already", plural(n, "request", "requests")))
	}},
	{"no-access", func(c *choosing, login string) string {
		return when(slices.Contains(c.NoAccess, login), "has no access to the repository")
	}},
}

func when(yes bool, text string) string {
	if yes {
		return text
	}
	return ""
}

func first(list []string, match func(string) bool) string {
	if i := slices.IndexFunc(list, match); i >= 0 {
		return list[i]
	}
	return ""
}

// choosing is the choice of the people who sign one change.
type choosing struct {
	directory
	Availability
	people    people
	ownership Ownership
	day       Date
	seed      string
}

// assign chooses for each of the domains. Who has the least load is asked; of
// equals, who may sign in most of the domains, since one who reads the change
// once for all of them takes less of people's time than several do; then the
// draw. The draw leaves the domain out, so that it falls alike in all of them.
//
// Never by who wrote the code before: that is the least independent one.
func (c *choosing) assign(domains []impact.Domain) []Assignment {
	out := make([]Assignment, len(domains))
	breadth := map[string]int{}
	for i, d := range domains {
		out[i] = c.candidates(d)
		for _, who := range out[i].Candidates {
			breadth[who.Login]++
		}
	}
	for i := range out {
		for j := range out[i].Candidates {
			who := &out[i].Candidates[j]
			who.Domains = breadth[who.Login]
		}
		out[i].choose()
	}
	return out
}

// candidates divides the pool of a domain into those who may sign and the
// others.
func (c *choosing) candidates(d impact.Domain) Assignment {
	a := Assignment{
		Pool: c.policy.Domains[d].Pool, Unread: c.unread(c.policy.Domains[d].Pool),
		LoadKnown: c.Load != nil, Seed: c.seed,
	}
	var logins []string
	for _, p := range a.Pool {
		if p.IsTeam() {
			logins = append(logins, c.roster[p]...)
		} else {
			logins = append(logins, string(p))
		}
	}
	slices.Sort(logins)
	for _, login := range slices.Compact(logins) {
		if e, ok := c.exclude(login); ok {
			a.Excluded = append(a.Excluded, e)
		} else {
			a.Candidates = append(a.Candidates, Candidate{Login: login, Load: c.Load[login], Draw: draw(c.seed, login)})
		}
	}
	return a
}

func (c *choosing) exclude(login string) (e Exclusion, ok bool) {
	for _, row := range exclusions {
		if why := row.why(c, login); why != "" {
			return Exclusion{login, row.name, why}, true
		}
	}
	return Exclusion{}, false
}

// choose orders the candidates and takes the first ones.
func (a *Assignment) choose() {
	slices.SortFunc(a.Candidates, func(x, y Candidate) int {
		return cmp.Or(cmp.Compare(x.Load, y.Load), cmp.Compare(y.Domains, x.Domains),
			cmp.Compare(x.Draw, y.Draw), cmp.Compare(x.Login, y.Login))
	})
	if len(a.Candidates) > 0 {
		a.Assignee = a.Candidates[0].Login
	}
	if len(a.Candidates) > 1 {
		a.Backup = a.Candidates[1].Login
	}
}

// lack says what is missing where there are too few candidates.
func (a Assignment) lack(needsSecond bool) string {
	var unread string
	if len(a.Unread) > 0 {
		var names []string
		for _, p := range a.Unread {
			names = append(names, string(p))
		}
		unread = "; who is in " + strings.Join(names, ", ") + " could not be read"
	}
	switch {
	case len(a.Pool) == 0:
		return "no pool configured"
	case len(a.Candidates) == 0 && len(a.Excluded) == 0:
		return "there is nobody in the pool" + unread
	case len(a.Candidates) == 0:
		return "nobody of the pool may sign" + unread
	case len(a.Candidates) == 1 && needsSecond:
		return "two people have to sign, and of the pool only one may" + unread
	}
	return ""
}

// missing returns the GitHub teams that the choice had to look into and that
// could not be read: those of the pools, of the policy's teams, and of the
// owners.
func (c *choosing) missing(domains []impact.Domain) []Principal {
	var all []Principal
	for _, d := range domains {
		all = append(all, c.policy.Domains[d].Pool...)
	}
	for _, t := range c.policy.Teams {
		all = append(all, t.Members...)
	}
	for _, h := range c.ownership.Homes {
		all = append(all, h.Owner.Principal)
	}
	return c.unread(all)
}

// draw is where a login falls for a seed. The order of the pool does not
// matter to it, nor who else is in it.
func draw(seed, login string) uint64 {
	sum := sha256.Sum256([]byte(seed + "\x00" + login))
	return binary.BigEndian.Uint64(sum[:8])
}
