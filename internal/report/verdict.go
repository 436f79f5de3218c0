package report

import (
	"cmp"
	"math"
	"strings"

	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
)

// verdict is the first line on every surface: where the pull request stands,
// what comes next, and whose turn it is.
func (b Brief) verdict(v voice) string {
	if o, ok := b.halfway(); ok {
		return "Override by " + v.name(o.By.Login) + " waits for a second person: " + b.what(v)
	}
	needed := "Sign-off needed"
	if b.mode() == review.Observe {
		needed = "Would need sign-off"
	}
	switch b.Record.State {
	case signoff.Evaluating:
		return "Judging " + v.commit(b.Record.Head)
	case signoff.Incomplete:
		return "Not fully analysed: " + v.text(b.gap()) + "; mend it, or comment /bar retry"
	case signoff.NotRequired:
		return "No sign-off needed: " + b.what(v)
	case signoff.Unassigned:
		return needed + ", and nobody may give it: " + b.what(v)
	case signoff.Awaiting:
		if who := b.asked(); len(who) > 0 {
			needed += " from " + people(who, v.ping)
		}
		return needed + ": " + b.what(v)
	case signoff.Undescribed:
		return b.undescribed(v) + ": " + b.what(v)
	case signoff.ChangesRequestedBy:
		return "Changes requested" + byPeople(actors(b.said(signoff.RequestChanges)), v) + ": push them, or ask for another look"
	case signoff.RecommendedAgainst:
		return "Recommended against" + byPeople(actors(b.said(signoff.RecommendAgainst)), v) + ": change it, or ask for another look"
	case signoff.CarryOver:
		return "Checking whether the sign-off" + ofPeople(actors(b.said(signoff.SignOff)), v) + " holds for " + v.commit(b.Record.Head)
	case signoff.SignedOff:
		return b.signedOff(v) + ": " + b.what(v)
	case signoff.OverrideDeclared, signoff.MergedOverridden, signoff.MergedUndeclared:
		return b.overridden(v) + ": " + b.what(v)
	case signoff.MergedClean:
		if len(b.signed()) == 0 {
			return "Merged within the bar: " + b.what(v)
		}
		return "Merged. " + b.signedOff(v)
	case signoff.MergedUnverified:
		return "Merged while it could not be judged: nobody knows whether it was signed off"
	case signoff.Closed:
		return "Closed without a merge"
	}
	return v.text(b.Record.State.Title())
}

// undescribed says what the author still has to write, and that all else is there.
func (b Brief) undescribed(v voice) string {
	var names []string
	for _, d := range b.Record.Undescribed() {
		names = append(names, "\""+v.text(d.Name.Title())+"\"")
	}
	s := "The description needs " + people(names, func(name string) string { return name })
	if b.mode() == review.Observe {
		s = "The description would need " + people(names, func(name string) string { return name })
	}
	if signed := b.signed(); len(signed) > 0 {
		s = b.signedOff(v) + ". " + s
	}
	return s
}

func byPeople(who []string, v voice) string {
	if len(who) == 0 {
		return ""
	}
	return " by " + people(who, v.name)
}

func ofPeople(who []string, v voice) string {
	if len(who) == 0 {
		return ""
	}
	return " of " + people(who, v.name)
}

// signedOff says who signed, and of what commit where it is not the head.
func (b Brief) signedOff(v voice) string {
	signed := b.signed()
	s := "Signed off" + byPeople(actors(signed), v)
	for _, verdict := range signed {
		if verdict.Commit != b.Record.Head && b.Record.Head != "" {
			return s + " at " + v.commit(verdict.Commit) + ", carried over to " + v.commit(b.Record.Head)
		}
	}
	return s
}

// overridden says who went past the bar, and where that is recorded.
func (b Brief) overridden(v voice) string {
	o, _ := b.override()
	who := byPeople(once(nil, o.By.Login), v)
	s := "Overridden" + who
	switch b.Record.State {
	case signoff.MergedOverridden:
		s = "Merged, overridden" + who
	case signoff.MergedUndeclared:
		s = "Merged" + who + " without the sign-off that it needed"
	}
	if entry := b.entry(o); entry != "" {
		s += ", recorded as " + entry
	}
	return s
}

// gap says why a judgement is incomplete.
func (b Brief) gap() string {
	first := ""
	if len(b.Review.Reasons) > 0 {
		first = b.Review.Reasons[0]
	}
	return strings.TrimSuffix(cmp.Or(b.Record.Why, first, "something could not be read"), ".")
}

// what is the change in a few words: "high impact in architecture, +1 h 57 min
// debt (budget 1 h)".
func (b Brief) what(v voice) string {
	r := b.Review
	if r.Impact.Revert != "" {
		return "takes back " + v.commit(r.Impact.Revert) + " exactly"
	}
	var parts []string
	if domains := domainsOf(beyondDebt(r.Impact)); len(domains) > 0 {
		parts = append(parts, "high impact in "+domainList(domains))
	}
	if homes := b.accepting(); len(homes) > 0 && unsettled(b.Record.State) {
		parts = append(parts, "in the code of "+people(homes, v.text))
	}
	var demanded []string
	for _, d := range b.Record.Required {
		demanded = once(demanded, string(d.Domain))
	}
	if len(demanded) > 0 && unsettled(b.Record.State) {
		parts = append(parts, "asked for in "+people(demanded, v.text))
	}
	if b.groups().nothing(r.Delta) {
		if len(parts) == 0 {
			s := strings.TrimSuffix(emptySentence(r), ".")
			return strings.ToLower(s[:1]) + s[1:]
		}
		return strings.Join(parts, ", ")
	}
	debt := signed(r.Delta.Net) + " debt"
	if r.Policy.Budget != nil {
		debt += " (budget " + Minutes(*r.Policy.Budget) + ")"
	}
	s := strings.Join(append(parts, debt), ", ")
	if b.Record.State == signoff.NotRequired && math.Round(r.Delta.Net) < 0 {
		s += ". " + b.thanks(v)
	}
	return s
}

// thanks go to teams; no person is praised, as none is blamed.
func (b Brief) thanks(v voice) string {
	if teams := b.Review.Ownership.AuthorTeams; len(teams) > 0 {
		return "Thank you, " + people(teams, v.text)
	}
	return "Thank you"
}
