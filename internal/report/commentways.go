package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
)

// wayList is how to go on, any one of them.
func (b Brief) wayList(name func(string) string) block {
	var ways []string
	add := func(s string) {
		if s != "" {
			ways = append(ways, s)
		}
	}
	_, halfway := b.halfway()
	switch s := b.Record.State; {
	case b.mode() == review.Observe:
		if unsettled(s) {
			add(b.mendWay())
		}
	case halfway:
		add(b.secondWay())
		add(b.mendWay())
		add(together(append(b.signWays(name), b.describeWays()...)))
	case s == signoff.Incomplete:
		add("Mend what is listed below and push, or comment " + code("/bar retry") + " where it was not the change.")
		add(b.overrideWay())
	case s == signoff.Awaiting, s == signoff.Unassigned:
		add(b.mendWay())
		add(together(append(b.signWays(name), b.describeWays()...)))
		add(b.overrideWay())
	case s == signoff.Undescribed:
		add(together(b.describeWays()))
		add(b.overrideWay())
	case s == signoff.ChangesRequestedBy, s == signoff.RecommendedAgainst:
		add(b.mendWay())
		who := once(actors(b.said(signoff.RequestChanges)), actors(b.said(signoff.RecommendAgainst))...)
		asks := "who said no"
		if len(who) > 0 {
			asks = people(who, name)
		}
		push := "Push what is asked for; then " + asks + " can approve, or comment " + b.ready("signoff", "") + ". Nobody else can take a no back."
		add(together(slices.Concat([]string{push}, b.signWays(name), b.describeWays())))
		add(b.overrideWay())
	}
	if unsettled(b.Record.State) && b.mode() != review.Enforce {
		ways = append(ways, "Merge as it is: the mode is "+string(b.mode())+", and nothing of this blocks.")
	}
	list := bullets("**Ways forward** (any one)", ways, nil)
	list.row = func(i int) string { return fmt.Sprintf("%d. %s\n", i+1, ways[i]) }
	return list
}

// ready is a command that is good to copy.
func (b Brief) ready(verb, rest string) string {
	return code(strings.TrimSpace("/bar " + verb + " " + short(b.Record.Head) + " " + rest))
}

// mendWay is the cheapest mending, which may be enough by itself.
func (b Brief) mendWay() string {
	if b.Review.Cheapest == nil {
		return ""
	}
	return upper(outside(cheapestWay(*b.Review.Cheapest, b.Names))) + "."
}

// together is one way of what has to be done all of it.
func together(steps []string) string {
	if len(steps) > 1 {
		return "All of this: " + strings.Join(steps, " ")
	}
	return strings.Join(steps, "")
}

// signWays are what has to be done for a sign-off in all domains: a sentence for
// each who is asked, and one for each requirement that nobody may meet.
func (b Brief) signWays(name func(string) string) (steps []string) {
	type asked struct {
		standing signoff.Standing
		domains  []string
	}
	var order []*asked
	for _, s := range b.Record.Requirements {
		switch {
		case s.State == signoff.Unassigned && signoff.HomeOf(s.Domain) != "":
			steps = append(steps, "Nobody may accept for "+outside(signoff.HomeOf(s.Domain))+" ("+outside(b.lack(s))+"): name more people in its team, in a change of its own.")
		case s.State == signoff.Unassigned:
			steps = append(steps, "Nobody may sign for "+outside(string(s.Domain))+" ("+outside(b.lack(s))+"): name more people in "+
				code("domains."+string(s.Domain)+".pool")+" of "+code(review.PolicyPath)+", in a change of its own.")
		case s.State == signoff.Awaiting && s.Assigned != nil:
			same := false
			for _, a := range order {
				if a.standing.Assigned.To == s.Assigned.To && a.standing.Second == s.Second {
					a.domains, same = append(a.domains, string(s.Domain)), true
				}
			}
			if !same {
				order = append(order, &asked{s, []string{string(s.Domain)}})
			}
		}
	}
	for _, a := range order {
		steps = append(steps, b.signWay(a.standing, a.domains, name))
	}
	return steps
}

// lack says why nobody may sign.
func (b Brief) lack(s signoff.Standing) string {
	if s.Why != "" {
		return s.Why
	}
	for _, q := range b.Review.Requirements {
		if q.Domain == s.Domain && q.Why != "" {
			return q.Why
		}
	}
	for _, h := range b.Review.AwayHomes {
		if signoff.HomeDomain(h.Owner) == s.Domain && h.Why != "" {
			return h.Why
		}
	}
	return "no reason is known"
}

func (b Brief) signWay(s signoff.Standing, domains []string, name func(string) string) string {
	a := s.Assigned
	way := name(a.To.Login) + " approves, or comments "
	if s.Second && a.Backup.Login != "" {
		way = name(a.To.Login) + " and " + name(a.Backup.Login) + " both approve, or comment "
	}
	verb := "signoff"
	if signoff.HomeOf(s.Domain) != "" {
		verb = "accept"
	}
	way += b.ready(verb, "") + ", for " + outside(strings.Join(domains, ", ")) + "."
	if !a.Offered.IsZero() {
		way += " Asked " + when(a.Offered)
		if a.Backup.Login != "" && !s.Second {
			way += "; backup"
			if !a.Due.IsZero() {
				way += " from " + when(a.Due)
			}
			way += ": " + name(a.Backup.Login)
		}
		way += "."
	}
	return way
}

// overrideWay says what an override takes, and that it is seen; empty where
// nobody may.
func (b Brief) overrideWay() string {
	o := b.Review.Policy.Overrides
	if len(o.Allowed) == 0 {
		return ""
	}
	s := "In a hurry: " + b.ready("override", "REASON") + "; it is recorded in the ledger"
	if b.Channel != "" {
		s += " and posted to " + outside(b.Channel)
	}
	if o.Reason > 0 {
		s += ". The reason has at least " + count(o.Reason, "character")
	}
	s += ". Allowed: " + principals(o.Allowed)
	if o.Ceiling != nil && (b.Review.Delta.Net > *o.Ceiling || b.Record.State == signoff.Incomplete) {
		s += ". Above " + Minutes(*o.Ceiling) + ", and where the debt is not known, a second person has to agree: " + b.seconds()
	}
	return s + "."
}

// secondWay is what an override waits for.
func (b Brief) secondWay() string {
	return "A second person comments " + b.ready("override", "REASON") + "; allowed: " + b.seconds() + "."
}

// seconds are those who may agree to an override.
func (b Brief) seconds() string {
	if second := b.Review.Policy.Overrides.Second; len(second) > 0 {
		return principals(second) + ", but not the author"
	}
	return "nobody, until " + code("overrides.second") + " of " + code(review.PolicyPath) + " names who"
}

func principals(list []review.Principal) string {
	var names []string
	for _, p := range list {
		names = append(names, p.Mention())
	}
	return people(names, outside)
}

// link is a link of ours; empty where the address is none of the web.
func link(text, address string) string {
	if !webAddress(address) {
		return ""
	}
	// What is left in it would end the link, the cell or the attribute.
	safe := strings.NewReplacer("(", "%28", ")", "%29", "|", "%7C", "<", "%3C", ">", "%3E", " ", "%20", `\`, "%5C", "`", "%60", "*", "%2A")
	return "[" + text + "](" + safe.Replace(address) + ")"
}
