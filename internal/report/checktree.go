package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
)

// node is a statement with what it rests on. Its text is Markdown, escaped.
type node struct {
	text string
	kids []node
}

// maxNodes is how many statements of one sort are shown below another.
const maxNodes = 10

func leaf(text string) node { return node{text: text} }

// nested draws nodes as a list of lists under a title, which may be empty.
func nested(title string, nodes []node) block {
	var lines []string
	var walk func(nodes []node, indent string)
	walk = func(nodes []node, indent string) {
		for _, n := range nodes {
			lines = append(lines, indent+"- "+n.text+"\n")
			walk(n.kids, indent+"  ")
		}
	}
	walk(nodes, "")
	b := bullets(title, lines, nil)
	b.row = func(i int) string { return lines[i] }
	return b
}

// summary explains a verdict: the policy, the domains, what fired in them and
// where; who may sign and who may not; what was not read; how to go on.
func (b Brief) summary(limit int) string {
	if b.Record.State == signoff.Evaluating {
		return assemble(limit, []block{{open: "This commit is being judged; what was said of earlier ones stays in the record.\n"}, b.foot("")})
	}
	open := modeLine(b)
	if totals := markdownTotals(b.Review.Delta, b.groups()); totals != "" {
		open += "\n" + totals + ".\n"
	}
	for _, s := range []string{blastLine(b.Review.Impact.Blast), riskLine(b.Review.Impact.Score)} {
		if s != "" {
			open += "\n" + upper(s) + ".\n"
		}
	}
	return assemble(limit, []block{
		{open: open},
		b.wayList(markdownName),
		nested("Why", []node{b.policyNode()}),
		nested("In the description", b.describedNodes()),
		nested("Away team", b.awayNodes()),
		nested("Who signs", b.signerNodes()),
		nested("What was said", b.saidNodes()),
		nested("Recorded", b.recordedNodes()),
		nested("To be done later", b.laterNodes()),
		{open: b.coverageLine()},
		unreadList(b.Review.Coverage),
		brokenList(b.Review.Coverage.Broken),
		lostList(b.Review.Coverage.Lost),
		bullets("Also noticed", b.Review.Warnings, outside),
		b.foot(""),
	})
}

func modeLine(b Brief) string { return "Mode " + modeWords(b.mode()) + ".\n" }

// policyNode is why: the policy, the domains, the triggers, the evidence.
func (b Brief) policyNode() node {
	r := b.Review
	n := node{text: "the policy of the base: no budget"}
	if r.Policy.Budget != nil {
		n.text = "the policy of the base: budget " + Minutes(*r.Policy.Budget)
	}
	for i, reason := range otherReasons(r) {
		if i == maxNodes {
			n.kids = append(n.kids, leaf(thousands(len(r.Reasons)-i)+" reasons more"))
			break
		}
		n.kids = append(n.kids, leaf(outside(reason)))
	}
	for _, d := range r.Impact.Domains {
		domain := node{text: "**" + outside(string(d.Domain)) + "**"}
		for _, t := range d.Triggers {
			fired := node{text: outside(t.Title) + " (" + code(t.Name) + ")"}
			for i, e := range t.Evidence {
				if i == maxNodes {
					fired.kids = append(fired.kids, leaf(thousands(len(t.Evidence)-i)+" more"))
					break
				}
				fired.kids = append(fired.kids, leaf(spanned(evidence(e))))
			}
			domain.kids = append(domain.kids, fired)
		}
		n.kids = append(n.kids, domain)
	}
	for _, d := range b.Record.Required[:min(len(b.Record.Required), maxNodes)] {
		n.kids = append(n.kids, leaf(demand(d)))
	}
	if r.Impact.Revert != "" {
		n.kids = append(n.kids, leaf("takes back "+markdownCommit(r.Impact.Revert)+" exactly: what it makes was on the base before"))
	}
	if len(n.kids) == 0 {
		n.kids = []node{leaf("no trigger fired, and the debt is within the bar")}
	}
	return n
}

// demand is a sign-off that a person asked for.
func demand(d signoff.Demand) string {
	return "**" + outside(string(d.Domain)) + "**, as " + markdownName(d.By.Login) + " asks: " + outside(d.Why)
}

// signerNodes say for each requirement where it stands, who may sign and who may
// not.
func (b Brief) signerNodes() []node {
	var out []node
	for _, s := range b.Record.Requirements {
		n := node{text: b.standing(s, markdownName)}
		a := b.choice(s)
		if len(a.Candidates) > 0 {
			may := node{text: "may sign"}
			for _, c := range a.Candidates {
				load := ""
				if a.LoadKnown {
					load = ", with " + count(c.Load, "request")
				}
				may.kids = append(may.kids, leaf(markdownName(c.Login)+load))
			}
			n.kids = append(n.kids, may)
		}
		if len(a.Excluded) > 0 {
			not := node{text: "may not sign"}
			for _, x := range a.Excluded {
				not.kids = append(not.kids, leaf(markdownName(x.Who)+" "+outside(x.Why)))
			}
			n.kids = append(n.kids, not)
		}
		for _, p := range a.Unread {
			n.kids = append(n.kids, leaf("who is in "+outside(string(p))+" could not be read"))
		}
		out = append(out, n)
	}
	if len(out) > 0 {
		for _, who := range b.Review.Unattributed {
			out = append(out, leaf("whose login is not known, so that two have to sign: "+outside(who)))
		}
		for _, r := range b.Record.Declined {
			out = append(out, leaf(markdownName(r.Who.Login)+" declined: "+outside(r.Why)))
		}
	}
	return out
}

// choice is what an assignee was chosen by: of the assignment, or of the
// judgement where nobody was assigned.
func (b Brief) choice(s signoff.Standing) review.Assignment {
	if s.Assigned != nil && len(s.Assigned.Choice.Pool) > 0 {
		return s.Assigned.Choice
	}
	for _, q := range b.Review.Requirements {
		if q.Domain == s.Domain {
			return q.Assignment
		}
	}
	for _, h := range b.Review.AwayHomes {
		if signoff.HomeDomain(h.Owner) == s.Domain {
			return h.Assignment
		}
	}
	return review.Assignment{}
}

// standing is a requirement in one line.
func (b Brief) standing(s signoff.Standing, name func(string) string) string {
	out := "**" + outside(string(s.Domain)) + "**: "
	switch {
	case s.State == signoff.Awaiting && s.Assigned != nil:
		out += "asked "
		if b.mode() == review.Observe {
			out = "**" + outside(string(s.Domain)) + "**: would ask "
		}
		out += name(s.Assigned.To.Login)
		if backup := s.Assigned.Backup.Login; backup != "" {
			if s.Second {
				out += " and " + name(backup) + ", who both have to sign"
			} else {
				out += ", backup " + name(backup)
			}
		}
		if by := s.Assigned.By.Login; by != "" {
			out += "; chosen by " + markdownName(by)
		}
		if !s.Assigned.Choice.LoadKnown {
			out += " (how busy they are is not known here)"
		}
	case s.State == signoff.SignedOff:
		out += "signed off"
		var who []string
		for _, i := range s.SignedBy {
			if 0 <= i && i < len(b.Record.Verdicts) {
				who = once(who, b.Record.Verdicts[i].Actor.Login)
			}
		}
		out += byPeople(who, checkVoice)
	default:
		out += stateWords(s.State)
	}
	if s.Why != "" {
		out += "; " + outside(s.Why)
	}
	return out
}

// stateWords are a state for people.
func stateWords(s signoff.State) string {
	switch s {
	case signoff.Unassigned:
		return "nobody may sign"
	case signoff.NotRequired:
		return "no sign-off needed"
	}
	title := outside(s.Title())
	return strings.ToLower(title[:min(1, len(title))]) + title[min(1, len(title)):]
}

// saidNodes are the last things that people said, each with the proofs by which
// it holds for the head.
func (b Brief) saidNodes() []node {
	said := b.Record.Verdicts
	var out []node
	first := max(0, len(said)-maxNodes)
	if first > 0 {
		out = append(out, leaf(thousands(first)+" earlier, not shown"))
	}
	for i, v := range said {
		if i < first {
			continue
		}
		n := node{text: fmt.Sprintf("%s: %s at %s, %s", markdownName(v.Actor.Login), verdictWords(v.Kind), markdownCommit(v.Commit), when(v.At))}
		if v.Revoked != "" {
			n.text += "; counts no longer: " + outside(v.Revoked)
		} else if why := b.Idle(i); why != "" {
			n.text += "; does not count: " + why
		}
		if v.Text != "" {
			n.kids = append(n.kids, leaf(outside(v.Text)))
		}
		if v.Revoked == "" {
			for _, p := range b.carried(v) {
				n.kids = append(n.kids, leaf(proof(p)))
			}
		}
		out = append(out, n)
	}
	return out
}

// Idle says why a sign-off that nobody took back meets no requirement, as the rest of
// "it does not count: "; empty where it meets one. While it is not known what is
// required nothing is said of that.
func (b Brief) Idle(verdict int) string {
	v := b.Record.Verdicts[verdict]
	if v.Kind != signoff.SignOff || v.Revoked != "" || len(b.Record.Requirements) == 0 {
		return ""
	}
	for _, s := range b.Record.Requirements {
		switch s.State {
		case signoff.Evaluating, signoff.CarryOver, signoff.Incomplete, signoff.NotGoverned:
			return ""
		}
		if slices.Contains(s.SignedBy, verdict) {
			return ""
		}
	}
	switch {
	case v.Commit != b.Record.Head && len(b.carried(v)) == 0:
		return "it was said of another commit"
	case len(v.Domains) == 0:
		return "who said it is in no pool that has to sign"
	}
	return "who said it may not sign this change, or a no stands against it"
}

// recordedNodes are the last overrides, with those that hold no longer.
func (b Brief) recordedNodes() []node {
	var out []node
	overrides := b.Record.Overrides
	if earlier := len(overrides) - maxNodes; earlier > 0 {
		out = append(out, leaf(thousands(earlier)+" earlier, not shown"))
		overrides = overrides[earlier:]
	}
	for _, o := range overrides {
		out = append(out, b.overrideNode(o))
	}
	return out
}

func verdictWords(k signoff.VerdictKind) string {
	switch k {
	case signoff.SignOff:
		return "signed off"
	case signoff.RequestChanges:
		return "requested changes"
	case signoff.RecommendAgainst:
		return "recommended against it"
	}
	return outside(string(k))
}

// proof says why what was said of one commit holds for another.
func proof(p signoff.Proof) string {
	s := markdownCommit(p.From) + " → " + markdownCommit(p.To) + ": "
	switch p.Kind {
	case signoff.SameCommit:
		s += "the same commit, now on merge base " + markdownCommit(p.ToBase)
	case signoff.SameTree:
		s += "the same files on the same merge base"
	case signoff.Replay:
		s += "the change that was signed, replayed on the new merge base " + markdownCommit(p.ToBase) + ", gives exactly these files"
	default:
		s += outside(string(p.Kind))
	}
	return s + "; no new finding"
}

// overrideNode is an override with all that is known of it.
func (b Brief) overrideNode(o signoff.Override) node {
	how := "declared"
	if !o.Declared {
		how = "found after the merge"
	}
	n := node{text: fmt.Sprintf("override by %s of %s, %s, %s", markdownName(o.By.Login), markdownCommit(o.Commit), how, when(o.At))}
	if entry := b.entry(o); entry != "" {
		n.text += ", recorded as " + entry
	}
	if o.Void != "" {
		n.text += "; holds no longer: " + outside(o.Void)
	}
	add := func(label, value string) {
		if value != "" {
			n.kids = append(n.kids, leaf(label+": "+outside(value)))
		}
	}
	add("reason", o.Reason)
	add("data", o.Data)
	add("follow-up", o.FollowUp)
	add("due", string(o.Due))
	add("against", strings.Join(o.Against, ", "))
	if o.Second != nil {
		add("with", "@"+o.Second.Login)
	}
	if !o.Expires.IsZero() && o.Void == "" && !b.ended() {
		add("expires", when(o.Expires))
	}
	n.kids = append(n.kids, followNodes(o)...)
	return n
}

// coverageLine is how much was read; what was not has lists of its own.
func (b Brief) coverageLine() string {
	c := b.Review.Coverage
	s := thousands(c.Analysed) + " of " + count(c.Changed, "changed Go file") + " analysed"
	if out := leftOut(c.Skipped); out != "" {
		s += ", " + outside(out)
	}
	return s + ".\n"
}
