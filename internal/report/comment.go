package report

import (
	"math"
	"strings"

	"github.com/barraiser/barraiser/internal/signoff"
)

// DESIGN. There is one comment on a pull request, put and not appended: it is
// found by its marker and edited. An edit notifies nobody, so the text may follow
// each state; a new comment notifies everybody, so one is made only where a
// person can act on it.
//
// It is a function of what was decided, not of the time at which it is drawn: the
// same state gives the same text, and "2 h ago" would be wrong in an hour.

// thanksFrom is the repayment in minutes from which a comment is made to thank
// for it: an hour, which nobody repays by accident.
const thanksFrom = 60

// Marker is the hidden end of the comment about a subject, by which it is found
// again.
func Marker(s signoff.Subject) string { return "<!-- barraiser:" + markerText(s.Key()) + " -->" }

// ReplyMarker is the hidden end of the answer to a fact. It is not found by
// Marker: an answer is no second copy of the comment.
func ReplyMarker(s signoff.Subject, fact string) string {
	return "<!-- barraiser-reply:" + markerText(s.Key()) + ":" + markerText(fact) + " -->"
}

// markerText keeps a marker from ending early: a branch may be called "-->".
func markerText(s string) string {
	return strings.ReplaceAll(escapePath(s), "--", "-%2D")
}

// Comment draws the comment for where a pull request stands. Show says whether
// one is to be made where there is none; one that is there gets the body in any
// case, and folds to a line once nobody has to act.
func Comment(b Brief) (body string, show bool) { return b.comment(commentLimit), b.show() }

// show says that a person can act on what the comment says, or is to be thanked.
func (b Brief) show() bool {
	switch {
	case b.silent():
		return false
	case len(b.Problems) > 0 && !b.ended():
		return true
	}
	switch b.Record.State {
	case signoff.Unassigned, signoff.Awaiting, signoff.Undescribed, signoff.ChangesRequestedBy, signoff.RecommendedAgainst,
		signoff.OverrideDeclared, signoff.MergedUndeclared:
		return true
	case signoff.Incomplete:
		return b.mendable()
	case signoff.NotRequired:
		return math.Round(b.Review.Delta.Net) <= -thanksFrom
	}
	return false
}

// mendable says that the author can do something about what was not analysed: it
// is about the change's files, and not a failure of ours.
func (b Brief) mendable() bool {
	_, unread := notAnalysed(b.Review.Coverage.Skipped)
	return unread > 0 || len(b.Review.Coverage.Broken) > 0 || len(b.Review.Hints) > 0
}

// comment is the document within limit bytes, as far as its frame allows.
func (b Brief) comment(limit int) string {
	foot := b.foot(Marker(b.Record.Subject))
	if b.folded() {
		return assemble(limit, []block{{open: b.verdict(commentVoice) + "." + b.reportLink() + "\n"}, {open: Marker(b.Record.Subject) + "\n"}})
	}
	if b.Record.State == signoff.NotRequired { // then it is about the policy alone
		head := "### This change makes the policy invalid: " + count(len(b.Problems), "problem") + " to mend\n"
		return assemble(limit, []block{{open: head}, b.problemList(), foot})
	}
	r, g := b.Review, b.groups()
	head := "### " + b.verdict(commentVoice) + "\n"
	if totals := markdownTotals(r.Delta, g); totals != "" {
		head += "\n" + totals
		if blast := blastLine(r.Impact.Blast); blast != "" {
			head += "; " + blast
		}
		head += ".\n"
	}
	visible, rest := g.added, []numbered(nil)
	if len(visible) > maxAdded {
		visible, rest = visible[:maxAdded], visible[maxAdded:]
	}
	tail := details(thousands(len(rest))+" more", findingTable(rest))
	tail.last = true
	blocks := []block{{open: head}}
	blocks = append(blocks, b.quotedSections()...) // what it claims, before all that is said of it
	return assemble(limit, append(blocks,
		b.problemList(),
		b.overrideBlock(),
		nested("What was said", b.saidNodes()),
		b.standingList(),
		nested("In the description", b.describedNodes()),
		nested("Away team", b.awayNodes()),
		whyList(r),
		impactList(r),
		bullets("Asked for", b.Record.Required, demand),
		findingTable(visible),
		tail,
		b.wayList(markdownName), // the first line has mentioned them already
		hiddenList(g.hidden),
		b.dismissalList(),
		unreadList(r.Coverage),
		brokenList(r.Coverage.Broken),
		lostList(r.Coverage.Lost),
		bullets("What to do", r.Hints, outside),
		bullets("Also noticed", r.Warnings, outside),
		repaidList(g.repaid),
		estimate(g),
		b.pickedList(),
		b.commandList(),
		foot,
	))
}

// folded says that one line is enough.
func (b Brief) folded() bool {
	switch b.Record.State {
	case signoff.Evaluating, signoff.NotGoverned, signoff.MergedClean, signoff.MergedUnverified, signoff.Closed:
		return true
	case signoff.NotRequired:
		return len(b.Problems) == 0
	}
	return false
}

// overrideBlock is the override that holds, or that waits for a second person.
func (b Brief) overrideBlock() block {
	o, ok := b.override()
	_, waiting := b.halfway()
	switch b.Record.State {
	case signoff.OverrideDeclared, signoff.MergedOverridden, signoff.MergedUndeclared:
	default:
		ok = ok && waiting
	}
	if !ok {
		return block{list: true}
	}
	return nested("Recorded", []node{b.overrideNode(o)})
}

// standingList is left out where the first line says all of it.
func (b Brief) standingList() block {
	rows := b.Record.Requirements
	if len(rows) == 1 && rows[0].Why == "" && !rows[0].Second || b.ended() {
		rows = nil
	}
	return bullets("Where it stands", rows, func(s signoff.Standing) string { return b.standing(s, markdownName) })
}

// pickedList says for each requirement who was chosen among whom, and why not
// the others.
func (b Brief) pickedList() block {
	var nodes []node
	for _, s := range b.Record.Requirements {
		a := b.choice(s)
		n := node{text: "**" + outside(string(s.Domain)) + "**: the least loaded of those who may sign; of equals one by lot, " +
			"drawn from what the author cannot choose"}
		if !a.LoadKnown {
			n.text = "**" + outside(string(s.Domain)) + "**: one of those who may sign, by lot, drawn from what the author cannot choose"
		}
		var may []string
		for _, c := range a.Candidates {
			may = append(may, c.Login)
		}
		if len(may) > 0 {
			n.kids = append(n.kids, leaf("may sign: "+people(may, markdownName)))
		}
		for _, x := range a.Excluded {
			n.kids = append(n.kids, leaf("may not: "+markdownName(x.Who)+" "+outside(x.Why)))
		}
		if len(n.kids) > 0 {
			nodes = append(nodes, n)
		}
	}
	return details("How the bar raiser was picked", nested("", nodes))
}

// commandList is folded, and left out where no command would change anything.
func (b Brief) commandList() block {
	if b.ended() {
		return block{list: true}
	}
	return details("Commands", block{open: signoff.Help()})
}

// foot is what was compared, and the way to more. The end is hidden.
func (b Brief) foot(end string) block {
	parts := []string{}
	if b.Record.State != signoff.Evaluating {
		parts = append(parts, markdownFoot(b.Review))
	}
	for _, l := range [][2]string{{"page", b.Links.Page}, {"report", b.Links.Report}, {"configuration", b.Links.Config}} {
		if s := link(l[0], l[1]); s != "" {
			parts = append(parts, s)
		}
	}
	open := ""
	if len(parts) > 0 {
		open = "<sub>" + strings.Join(parts, " · ") + "</sub>\n"
	}
	if end != "" {
		open += end + "\n"
	}
	return block{open: open}
}

func (b Brief) reportLink() string {
	for _, l := range []string{b.Links.Report, b.Links.Page} {
		if s := link("Report", l); s != "" {
			return " " + s + "."
		}
	}
	return ""
}
