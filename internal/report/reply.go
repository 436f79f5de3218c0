package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/signoff"
)

// Help is the answer to /bar help.
func Help() string {
	return "A command stands at the start of a line of a comment, outside of quotes and code. What was edited counts for nothing.\n\n" + signoff.Help()
}

// Reply draws the answer to a command, with the mark of the fact that it is
// about. The text of an effect is Markdown of ours, in which nothing is from
// outside.
func Reply(b Brief, e signoff.Effect) string {
	text := e.Text
	if c := e.Command; c != nil {
		switch c.Verb {
		case signoff.VerbHelp:
			text = Help()
		case signoff.VerbStatus:
			text = Status(b)
		case signoff.VerbExplain:
			text = Explain(b, c.Object)
		}
	}
	return strings.TrimRight(text, "\n") + "\n\n" + ReplyMarker(b.Record.Subject, e.Fact) + "\n"
}

// Status is the answer to /bar status. It is read at once, so it says how long
// things have been.
func Status(b Brief) string {
	var waits []string
	for _, s := range b.Record.Requirements {
		if s.State == signoff.Awaiting && s.Assigned != nil && !s.Assigned.Offered.IsZero() {
			waits = append(waits, outside(string(s.Domain))+": "+markdownName(s.Assigned.To.Login)+" was asked "+ago(b.Now.Sub(s.Assigned.Offered))+" ago")
		}
	}
	return assemble(commentLimit-replyRoom, []block{
		{open: "**" + b.verdict(checkVoice) + "**\n"},
		bullets("", b.Record.Requirements, func(s signoff.Standing) string { return b.standing(s, markdownName) }),
		bullets("Waiting", waits, func(s string) string { return s }),
		b.wayList(markdownName),
		nested("What was said", b.saidNodes()),
		nested("Recorded", b.recordedNodes()),
		b.historyList(),
		b.foot(""),
	})
}

// replyRoom is what an answer leaves free for its mark.
const replyRoom = 1024

// maxHistory is how many transitions an answer shows; the page has all.
const maxHistory = 10

func (b Brief) historyList() block {
	last := b.Record.History
	if len(last) > maxHistory {
		last = last[len(last)-maxHistory:]
	}
	list := bullets("", last, func(t signoff.Transition) string {
		s := when(t.At) + ": "
		if t.Domain != "" {
			s += outside(string(t.Domain)) + ", "
		}
		s += stateWords(t.To)
		if t.Head != "" {
			s += " at " + markdownCommit(t.Head)
		}
		s += byPeople(once(nil, t.By.Login), checkVoice)
		if t.Why != "" {
			s += "; " + outside(t.Why)
		}
		return s
	})
	return details(fmt.Sprintf("The last %s", count(len(last), "step")), list)
}

// Explain is the answer to /bar explain NAME, where the name is that of a
// finding.
func Explain(b Brief, name string) string {
	fs := b.Review.Delta.Findings
	i := slices.IndexFunc(fs, func(f debt.Finding) bool { return f.Fingerprint == name })
	for at := range fs {
		if strings.EqualFold(nameOf(b.Names, at), name) {
			i = at
		}
	}
	switch {
	case len(fs) == 0:
		return "This change has no findings.\n"
	case i < 0:
		return "There is no finding " + code(name) + " in this commit. The check lists those that there are; a number that is gone was of an earlier one.\n"
	}
	f := fs[i]
	rows := []string{
		markdownPlace(f) + ", " + code(f.Rule) + ", " + explainStatus(f),
	}
	if f.HiddenBy != "" {
		rows = append(rows, "Silenced at "+outside(f.HiddenBy))
	}
	if r, ok := debt.Lookup(f.Rule); ok {
		rows = append(rows, "What: "+outside(r.Title), "Why it costs: "+outside(r.Why),
			"Price in minutes: "+outside(price(r))+". It is a guess of experts: ×0.33 to ×2", "Source: "+outside(r.Source))
	}
	for _, d := range b.Record.Dismissals {
		if d.Fingerprint == f.Fingerprint {
			rows = append(rows, "Said to be wrong by "+markdownName(d.By.Login)+": "+outside(d.Why))
		}
	}
	rows = append(rows, "Its name across commits: "+code(f.Fingerprint))
	if f.Status == debt.New || f.Status == debt.Worse {
		rows = append(rows, "If it is wrong: "+code("/bar dismiss "+nameOf(b.Names, i)+" WHY"))
	}
	return assemble(commentLimit-replyRoom, []block{
		{open: "**" + cmp.Or(nameOf(b.Names, i), "Unchanged") + "** " + markdownFinding(f) + "\n"},
		bullets("", rows, func(s string) string { return s }),
	})
}

// explainStatus says what the change did to a finding and what that counts.
func explainStatus(f debt.Finding) string {
	s := string(f.Status)
	switch f.Status {
	case debt.New, debt.Worse:
		s += ", adds " + Minutes(f.Minutes)
	case debt.Paid, debt.Better:
		s += ", gives back " + Minutes(f.Minutes)
	case debt.Suppressed:
		s += ", counts nothing by itself: the comment that silences it does"
	default:
		s += ", counts nothing: it was there before"
	}
	if f.Test {
		s += ", counted apart, as a test"
	}
	return s
}
