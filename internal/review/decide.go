package review

import (
	"maps"
	"slices"
	"strings"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
)

// Snapshot is all that a decision over one change looks at. What the host alone
// knows may be missing, and then is said to be unknown.
type Snapshot struct {
	Delta    debt.Delta
	Coverage debt.Coverage
	// Change is what impact is judged by. Decide fills in what the policy and
	// the delta say: its fields Policy and DebtOver.
	Change impact.Change
	// Files are the changed files of any kind, by all names that they have on
	// the two sides.
	Files      []string
	Involved   Involved
	Codeowners Codeowners // of the base
	Roster     Roster
	Availability
	Day Date // on which people are asked; empty: nobody counts as absent
	// Seed decides between equals. It has to be what the author cannot choose
	// at will, such as the number of the pull request: with a commit's hash one
	// could amend until the friend is drawn.
	Seed string
	// Description is the text of the pull request; nil: it is not known.
	Description *string
}

// Decision is the judgement over one change. The mode of the policy does not
// bear on it, only on what is done about it.
type Decision struct {
	Outcome Outcome
	// Reasons say why the outcome is not Clear, one sentence each, without a
	// full stop, the most important first.
	Reasons      []string
	Impact       impact.Assessment
	Requirements []Requirement // in the order of the domains
	// Unattributed are involved identities whose login is not known, as "Name
	// <address>", sorted.
	Unattributed []string
	// Unread are GitHub teams that the decision would have looked into and that
	// could not be read, sorted. They match nobody.
	Unread    []Principal
	Ownership Ownership
	Cheapest  *Cheapest // nil: the debt is within the bar, or cannot be brought there
	// Sections are what the description has to say, as the policy asks of this
	// change; the outcome does not depend on them.
	Sections []Section `json:",omitempty"`
	// AwayHomes are the teams in whose code another team works, where the policy
	// asks about that.
	AwayHomes []AwayHome `json:",omitempty"`
}

// Requirement is the sign-off that a change needs in one domain.
type Requirement struct {
	Domain impact.Domain
	// NeedsSecond says that two candidates have to sign: an involved identity is
	// unattributed, and one of the two may be that very person.
	NeedsSecond bool
	// Why says what is lacking where there are not enough candidates, one
	// sentence without a full stop.
	Why string
	Assignment
}

// Decide judges a change: whether it is within the bar and, if not, who is to
// sign.
//
// It is a function of its arguments: the same policy and snapshot give the same
// decision at any time and place. A repository without a policy has no budget
// and no pools, but impact is what it is: such a change needs a sign-off by
// somebody whom nobody has named yet, and the requirement says so.
func Decide(p Policy, s Snapshot) Decision {
	s.fold()
	over := p.excess(s.Delta)
	s.Change.Policy, s.Change.DebtOver = p.forImpact(), over.sentences(p)
	c := p.choosing(s)
	d := Decision{Impact: impact.Assess(s.Change), Unattributed: c.people.unattributed, Ownership: c.ownership}

	d.AwayHomes = c.awayHomes(s)
	d.Outcome, d.Reasons = judge(d.Impact, gaps(s.Coverage, gapsOfChange), s.Change.DebtOver)
	if accept := acceptances(d.AwayHomes); len(accept) > 0 {
		d.Reasons = append(d.Reasons, accept...)
		if d.Outcome == Clear {
			d.Outcome = SignOffNeeded
		}
	}
	domains := domainsOf(d.Impact)
	for i, a := range c.assign(domains) {
		r := Requirement{Domain: domains[i], NeedsSecond: len(d.Unattributed) > 0, Assignment: a}
		r.Why = a.lack(r.NeedsSecond)
		d.Requirements = append(d.Requirements, r)
	}
	if len(domains) > 0 {
		d.Unread = c.missing(domains)
	}
	if fired(d.Impact, impact.Design, DebtBudget) {
		d.Cheapest = cheapest(p, s.Delta, over)
	}
	d.Sections = p.sectionsOf(d.Impact, s.Description, s.Day)
	if d.Cheapest != nil {
		d.Cheapest.StillNeeds = slices.DeleteFunc(slices.Clone(domains), func(domain impact.Domain) bool { return onlyDebt(d.Impact, domain) })
	}
	return d
}

// Assign says who may sign a change in domains that Decide does not send it for,
// since a person asked for them: in the order of the domains.
func Assign(p Policy, s Snapshot, domains []impact.Domain) []Assignment {
	s.fold()
	return p.choosing(s).assign(domains)
}

// openers are those on whose team it hangs whether an away team is at work. A bot
// is of no team.
func (c *choosing) openers() []string {
	if c.people.opener != "" {
		return []string{c.people.opener}
	}
	return slices.DeleteFunc(slices.Clone(c.people.authors), isBot)
}

// choosing is all by which people are chosen, of a folded snapshot.
func (p Policy) choosing(s Snapshot) *choosing {
	people := p.people(s.Involved)
	c := &choosing{directory: directory{p, s.Roster}, Availability: s.Availability, people: people, day: s.Day, seed: s.Seed}
	c.ownership = c.directory.ownership(people.authors, c.openers(), s.Files, Owners{p, s.Codeowners})
	return c
}

// judge makes the outcome of what was found.
//
// A clean revert is Clear whatever could not be analysed: git has proven that
// its result was on the base before, and who takes a failure back must not wait
// for us. Otherwise Incomplete goes before SignOffNeeded: what is over the bar
// may still grow, what is under it proves nothing.
func judge(i impact.Assessment, gaps, debtOver []string) (Outcome, []string) {
	if i.Revert != "" {
		return Clear, nil
	}
	reasons := gaps
	if fired(i, impact.Design, DebtBudget) {
		reasons = append(reasons, debtOver...)
	}
	if i.High {
		reasons = append(reasons, impactReasons(i)...)
	}
	switch {
	case len(gaps) > 0:
		return Incomplete, reasons
	case i.High:
		return SignOffNeeded, reasons
	}
	return Clear, nil
}

// ImpactReason begins the reasons that are about impact.
const ImpactReason = "high impact"

func impactReasons(i impact.Assessment) []string {
	var out []string
	for _, domain := range i.Domains {
		var titles []string
		for _, t := range domain.Triggers {
			if t.Name != DebtBudget {
				titles = append(titles, t.Title)
			}
		}
		if len(titles) > 0 {
			out = append(out, ImpactReason+" ("+string(domain.Domain)+"): "+strings.Join(titles, "; "))
		}
	}
	return out
}

// DebtBudget is the trigger that is about debt and not about impact.
const DebtBudget = "debt-budget"

func fired(i impact.Assessment, d impact.Domain, trigger string) bool {
	return slices.ContainsFunc(i.Domains, func(in impact.DomainImpact) bool {
		return in.Domain == d && slices.ContainsFunc(in.Triggers, func(f impact.Fired) bool { return f.Name == trigger })
	})
}

// onlyDebt reports whether a domain has to be signed for debt alone.
func onlyDebt(i impact.Assessment, d impact.Domain) bool {
	return slices.ContainsFunc(i.Domains, func(in impact.DomainImpact) bool {
		return in.Domain == d && len(in.Triggers) == 1 && in.Triggers[0].Name == DebtBudget
	})
}

// domainsOf returns the domains that have to be signed.
func domainsOf(i impact.Assessment) []impact.Domain {
	if !i.High {
		return nil
	}
	var out []impact.Domain
	for _, d := range i.Domains {
		out = append(out, d.Domain)
	}
	return out
}

// forImpact is what triggers ask of a policy.
func (p Policy) forImpact() impact.Policy {
	return impact.Policy{
		Files:       []string{PolicyPath},
		Component:   p.ComponentOf,
		MayImport:   p.MayImport,
		Named:       p.Allows,
		Off:         p.TriggerOff,
		Experiments: slices.Sorted(maps.Keys(p.Experiments)),
	}
}

// fold puts what the host says of logins into lower case, as the policy has
// them: else Ann would not be ann, and could sign her own change.
func (s *Snapshot) fold() {
	roster := make(Roster, len(s.Roster))
	for team, members := range s.Roster {
		roster[Principal(strings.ToLower(string(team)))] = lowered(members)
	}
	s.Roster, s.Busy, s.NoAccess = roster, lowered(s.Busy), lowered(s.NoAccess)
	if s.Load == nil {
		return
	}
	load := make(map[string]int, len(s.Load))
	for login, n := range s.Load {
		load[strings.ToLower(login)] += n
	}
	s.Load = load
}

// lowered keeps nil, which says that nothing is known.
func lowered(list []string) []string {
	out := slices.Clone(list)
	for i := range out {
		out[i] = strings.ToLower(out[i])
	}
	return out
}
