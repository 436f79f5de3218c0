package review

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// AwayHome is the code of a team in which another team works.
type AwayHome struct {
	Owner string // as Owner.String has it
	// Lead is the login of who leads the team, where the policy names one.
	Lead  string `json:",omitempty"`
	Files int
	// Minutes is the net debt that the change leaves in this code. A guest leaves
	// no more than there was.
	Minutes float64
	// Accept says that one of the team has to accept the change; else it is only
	// told. Why says what is lacking where nobody of it may, one sentence without a
	// full stop.
	Accept bool   `json:",omitempty"`
	Why    string `json:",omitempty"`
	// Assignment holds who of the team may accept, and who not.
	Assignment
}

// Rises reports whether the change leaves more debt than there was.
func (h AwayHome) Rises() bool { return h.Minutes > negligible }

// hostRules are the exclusions that hold for who accepts in the name of a team: it
// is no independent judgement, so that only who made the change is out, and who
// cannot be asked.
var hostRules = []string{"involved", "absent", "busy", "at-capacity", "no-access"}

// awayHomes are the homes of others that a change works in. Of people alone nobody
// knows a team. A team that could not be read is a home where somebody has to
// accept: unknown is never home.
func (c *choosing) awayHomes(s Snapshot) []AwayHome {
	if c.policy.AwayTeam == "" || c.policy.AwayTeam == AwayOff || s.Change.Revert != "" || c.bots(s) {
		return nil
	}
	owners := Owners{c.policy, s.Codeowners}
	var out []AwayHome
	for _, h := range c.ownership.Homes {
		unread := c.unread(c.members(h.Owner))
		if h.Owner.Team == "" && !h.Owner.Principal.IsTeam() || !h.Away && len(unread) == 0 {
			continue
		}
		if slices.ContainsFunc(c.openers(), func(who string) bool { return c.owns(who, h.Owner) }) {
			continue // one of those whom the team's unread part need not name
		}
		out = append(out, AwayHome{
			Owner: h.Owner.String(), Lead: c.policy.Teams[h.Owner.Team].Lead, Files: h.Files,
			Minutes: s.Delta.NetOf(c.policy.Rules, func(file string) bool { return slices.Contains(owners.Of(file), h.Owner) }),
		})
		c.hosts(&out[len(out)-1], h.Owner, unread)
	}
	return out
}

// bots reports whether no person is known to have made the change: then no team
// works in another's code.
func (c *choosing) bots(s Snapshot) bool {
	return s.Involved.Opener == "" && !slices.ContainsFunc(c.people.authors, func(login string) bool { return !isBot(login) })
}

func isBot(login string) bool { return strings.HasSuffix(login, "[bot]") }

// hosts finds who of a team may accept, or would be told.
func (c *choosing) hosts(h *AwayHome, owner Owner, unread []Principal) {
	h.Accept = c.policy.AwayTeam == AwayAccept
	h.Assignment = Assignment{Pool: c.members(owner), Unread: unread, LoadKnown: c.Load != nil, Seed: c.seed}
	var logins []string
	for _, p := range h.Pool {
		if p.IsTeam() {
			logins = append(logins, c.roster[p]...)
		} else {
			logins = append(logins, string(p))
		}
	}
	slices.Sort(logins)
	for _, login := range slices.Compact(logins) {
		if e, out := c.excludeBy(login, hostRules); out {
			h.Excluded = append(h.Excluded, e)
		} else {
			h.Candidates = append(h.Candidates, Candidate{Login: login, Load: c.Load[login], Domains: 1, Draw: draw(c.seed, login)})
		}
	}
	h.choose()
	if len(h.Candidates) > 0 || !h.Accept {
		return
	}
	h.Why = "nobody of " + h.Owner + " may accept"
	if len(unread) > 0 {
		h.Why = "who is in " + string(unread[0]) + " could not be read"
	}
}

// excludeBy is exclude by some of the rules.
func (c *choosing) excludeBy(login string, rules []string) (e Exclusion, ok bool) {
	for _, row := range exclusions {
		if why := row.why(c, login); slices.Contains(rules, row.name) && why != "" {
			return Exclusion{login, row.name, why}, true
		}
	}
	return Exclusion{}, false
}

// acceptance is why a decision is not clear for the homes alone.
func acceptances(homes []AwayHome) []string {
	var out []string
	for _, h := range homes {
		if !h.Accept {
			continue
		}
		s := "away-team change: " + h.Owner + " has to accept it"
		if h.Rises() {
			s += fmt.Sprintf(", and its code gets %.0f min more debt", math.Ceil(h.Minutes))
		}
		out = append(out, s)
	}
	return out
}
