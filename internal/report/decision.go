package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
)

// maxEvidence is how many places of one trigger are shown where not all are.
const maxEvidence = 3

// evidence is one place in words, not yet escaped: "flag `--limit` removed ·
// cmd/list.go:40".
func evidence(e impact.Evidence) string {
	switch {
	case e.File == "" || e.Line == 0 && strings.Contains(e.Text, e.File):
		return e.Text
	case e.Line == 0:
		return e.Text + " · " + e.File
	}
	return fmt.Sprintf("%s · %s:%d", e.Text, e.File, e.Line)
}

// signers says who is asked for a requirement, or why nobody is; not yet
// escaped.
func signers(r review.Requirement) string {
	if r.Assignee == "" {
		return r.Why
	}
	s := "@" + r.Assignee
	switch {
	case r.NeedsSecond && r.Backup != "":
		s += " and @" + r.Backup + ": two have to sign"
	case r.Backup != "":
		s += ", backup @" + r.Backup
	}
	if r.Why != "" {
		s += "; " + r.Why
	}
	if !r.LoadKnown {
		s += " (how busy they are is not known here)"
	}
	return s
}

// drawn reports whether somebody is chosen from a pool: only then does it matter
// who cannot be told from the candidates.
func drawn(r review.Requirement) bool { return r.Assignee != "" || len(r.Excluded) > 0 }

// cheapestWay is the way under the bar in words, with the findings by the numbers
// that their table has.
func cheapestWay(c review.Cheapest, names []string) string {
	var ids []string
	for _, i := range c.Findings {
		ids = append(ids, nameOf(names, i))
	}
	return wayOf(c, strings.Join(ids, ", "))
}

// cheapestPlaces is the same for a terminal, whose table has no numbers: with the
// findings by rule and place.
func cheapestPlaces(r review.Review, all bool) string {
	var at []string
	for _, i := range r.Cheapest.Findings {
		f := r.Delta.Findings[i]
		at = append(at, fmt.Sprintf("%s at %s:%d", f.Rule, f.File, f.Line))
	}
	more := ""
	if n := len(at) - maxEvidence; n > 0 && !all {
		at, more = at[:maxEvidence], fmt.Sprintf(" and %s more (--all)", thousands(n))
	}
	return wayOf(*r.Cheapest, strings.Join(at, ", ")+more)
}

// UnlessMended ends the sentence that a sign-off is needed all the same: the finding
// that is mended may be the very thing that asks for it, as an import is that the
// policy forbids.
const UnlessMended = ", unless the mending removes what asks for it"

func wayOf(c review.Cheapest, what string) string {
	s := fmt.Sprintf("mend %s (%s of work): net %s", what, Minutes(c.Minutes), signed(c.Net))
	if len(c.StillNeeds) > 0 {
		s += "; sign-off is still needed for " + domainList(c.StillNeeds) + UnlessMended
	}
	return s
}

// assignees are those who are asked, each once.
func assignees(list []review.Requirement) []string {
	var out []string
	for _, q := range list {
		if who := "@" + q.Assignee; q.Assignee != "" && !slices.Contains(out, who) {
			out = append(out, who)
		}
	}
	return out
}

// beyondDebt are the domains with what made the change one of high impact: its
// debt is told elsewhere.
func beyondDebt(a impact.Assessment) []impact.DomainImpact {
	var out []impact.DomainImpact
	for _, d := range a.Domains {
		d.Triggers = slices.DeleteFunc(slices.Clone(d.Triggers), func(t impact.Fired) bool { return t.Name == review.DebtBudget })
		if len(d.Triggers) > 0 {
			out = append(out, d)
		}
	}
	return out
}

func domainsOf(list []impact.DomainImpact) []impact.Domain {
	var out []impact.Domain
	for _, d := range list {
		out = append(out, d.Domain)
	}
	return out
}

// otherReasons are those that are not about impact, which has room of its own.
func otherReasons(r review.Review) []string {
	return slices.DeleteFunc(slices.Clone(r.Reasons), func(s string) bool { return strings.HasPrefix(s, review.ImpactReason) })
}

func domainList(domains []impact.Domain) string {
	var names []string
	for _, d := range domains {
		names = append(names, string(d))
	}
	return strings.Join(names, ", ")
}

// awayTeams lists the owners in whose code another team works, not yet
// escaped.
func awayTeams(o review.Ownership) []string {
	var out []string
	for _, h := range o.Homes {
		if h.Away && (h.Owner.Team != "" || h.Owner.Principal.IsTeam()) { // of people alone nobody knows a team
			out = append(out, fmt.Sprintf("%s (%s)", h.Owner, count(h.Files, "file")))
		}
	}
	return out
}

// riskLine says how a change ranks; empty where that is not known.
func riskLine(s *impact.Score) string {
	if s == nil {
		return ""
	}
	return fmt.Sprintf("risk %.2f, higher than %d %% of %s of the last twelve months", s.Value, int(s.Percentile*100), count(s.Of, "change"))
}

// blastLine says who depends on what changed; empty where nobody does.
func blastLine(b impact.Blast) string {
	if b.Packages == 0 {
		return ""
	}
	s := fmt.Sprintf("%s of %s depend on it", thousands(b.Packages), count(b.Of, "package"))
	if n := len(b.Commands); n > 0 {
		s += "; it reaches " + count(n, "command")
	}
	return s
}

// decision draws the impact and who signs, for a terminal. It says nothing of
// a change that is within the bar, but with o.All.
func (c *canvas) decision(r review.Review, o TextOptions) {
	if r.Impact.Revert != "" {
		c.line("  ", c.paint(green, "Takes back "+EscapeTerminal(short(r.Impact.Revert))+" exactly"), ": no sign-off needed")
	}
	for _, d := range beyondDebt(r.Impact) {
		c.line("  ", c.paint(bold, "High impact: "+string(d.Domain)))
		for _, t := range d.Triggers {
			c.line("    ", EscapeTerminal(t.Title))
			for i, e := range t.Evidence {
				if i == maxEvidence && !o.All {
					c.line("      ", thousands(len(t.Evidence)-i), " more (--all)")
					break
				}
				s := EscapeTerminal(evidence(e))
				if o.Width > 0 {
					s = cutRight(s, max(20, o.Width-6))
				}
				c.line("      ", s)
			}
		}
	}
	if o.All || len(beyondDebt(r.Impact)) > 0 {
		for _, s := range []string{blastLine(r.Impact.Blast), riskLine(r.Impact.Score)} {
			if s != "" {
				c.line("  ", strings.ToUpper(s[:1]), s[1:])
			}
		}
	}
	for _, q := range r.Requirements {
		c.line("  Bar raiser, ", string(q.Domain), ": ", EscapeTerminal(signers(q)))
		if o.All {
			for _, x := range q.Excluded {
				c.line("    not @", EscapeTerminal(x.Who), ": ", EscapeTerminal(x.Why))
			}
		}
	}
	if who := r.Unattributed; len(who) > 0 && slices.ContainsFunc(r.Requirements, drawn) {
		more := ""
		if n := len(who) - maxListed; n > 0 && !o.All {
			who, more = who[:maxListed], fmt.Sprintf(" and %s more (--all)", thousands(n))
		}
		c.line("  Whose login is not known: ", EscapeTerminal(strings.Join(who, ", ")), more)
	}
	for _, h := range r.AwayHomes {
		if h.Accept {
			c.line("  Has to accept it, of ", EscapeTerminal(h.Owner), ": ", EscapeTerminal(signers(review.Requirement{Why: h.Why, Assignment: h.Assignment})))
		}
	}
	if away := awayTeams(r.Ownership); len(away) > 0 {
		c.line("  Away-team change, in the code of ", EscapeTerminal(strings.Join(away, ", ")))
	}
	if n := len(r.Ownership.Unowned); n > 0 {
		c.line("  Without an owner: ", EscapeTerminal(fileList(unread{Files: r.Ownership.Unowned, Reason: count(n, "changed file")}, o)))
	}
	for _, s := range r.Sections {
		c.line("  Description: ", EscapeTerminal(sectionWords(s)))
	}
	if r.Cheapest != nil {
		c.line("  Cheapest way under the bar: ", EscapeTerminal(cheapestPlaces(r, o.All)))
	}
}
