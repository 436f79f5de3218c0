package slack

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/signoff"
)

// words are a notice for an audience, before it is drawn.
func words(brief report.Brief, n signoff.Notice, to audience) report.SlackMessage {
	if brief.Record.Subject.Kind == signoff.Branch && !report.FollowsUp(n.Kind) {
		return pushed(brief, n)
	}
	m := report.NoticeText(brief, n)
	// report parts "#1284" so that nothing makes a channel of it. A number is
	// none, and people search for it.
	number := strconv.Itoa(brief.Pull.Number)
	for _, s := range []*string{&m.Header, &m.Fallback} {
		*s = strings.Replace(*s, "#\u200b"+number, "#"+number, 1)
	}
	if n.Kind == signoff.NoticeOverride {
		m.Fallback += ", by " + doer(override(brief, n.Override))
	}
	if to.named != "" {
		_, title, _ := strings.Cut(m.Header, ": ")
		who := report.EscapeSlack(to.named)
		asks := "Sign-off asked of "
		if report.FollowsUp(n.Kind) {
			asks = "For "
		}
		m.Header = asks + who + ": " + title
		m.Fallback = m.Header
		m.Lines = append(m.Lines, "To "+who+", whose account in Slack is not known.")
	}
	return m
}

// shown is what the parent message of an audience shows now: the channel, the
// newest override where there is one; everybody else, what was told last, or the
// end.
func shown(brief report.Brief, n signoff.Notice, to audience) signoff.Notice {
	overrides := brief.Record.Overrides
	switch {
	case n.Kind == signoff.NoticeOverride, n.Kind == signoff.NoticeDeviation, n.Kind == signoff.NoticeCorrect:
		return n
	case to.person != 0 && report.FollowsUp(n.Kind):
		return n
	case to.person == 0 && len(overrides) > 0 && overrides[len(overrides)-1].Entry > 0:
		return signoff.Notice{Kind: signoff.NoticeOverride, Override: overrides[len(overrides)-1].ID}
	case brief.Record.State.Ended():
		return signoff.Notice{Kind: signoff.NoticeClosed}
	}
	return n
}

// late reports whether a notice asks for what is not missing any more: Slack was
// away, and meanwhile somebody signed, or it ended.
func late(brief report.Brief, n signoff.Notice) bool {
	switch n.Kind {
	case signoff.NoticeOverride, signoff.NoticeClosed, signoff.NoticeAway, signoff.NoticeDeviation, signoff.NoticeCorrect:
		return false
	}
	if report.Turns(n.Kind) {
		return past(brief.Record, n)
	}
	if report.FollowsUp(n.Kind) {
		return settled(override(brief, n.Override), n)
	}
	return brief.Record.State.Ended() || brief.Record.State == signoff.SignedOff
}

// past reports whether a pull request has turned again since it was to be told, or
// has ended, which is told as well.
func past(r signoff.Record, n signoff.Notice) bool {
	switch {
	case r.State.Ended():
		return true
	case n.Kind == signoff.NoticeSignedOff:
		return r.State != signoff.SignedOff
	case n.Kind == signoff.NoticeChanges:
		return r.State != signoff.ChangesRequestedBy && r.State != signoff.RecommendedAgainst
	}
	return n.Override == "" && r.State == signoff.SignedOff
}

// settled reports whether the follow-up of an override has gone past what a notice
// asks for. That something was done, or was late, is news all the same.
func settled(o signoff.Override, n signoff.Notice) bool {
	w := o.Waits()
	switch n.Kind {
	case signoff.NoticeJustify:
		return w.For != signoff.VerbJustify
	case signoff.NoticeAcknowledge:
		return w.For != signoff.VerbJustify && w.For != signoff.VerbAcknowledge
	case signoff.NoticeDue:
		return w.For != n.Step
	case signoff.NoticeCheckKept:
		return !w.Check
	}
	return false
}

// pushed are the words of a push past all pull requests, which has no title and
// no number.
func pushed(brief report.Brief, n signoff.Notice) report.SlackMessage {
	o := override(brief, n.Override)
	commit := o.Commit
	if commit == "" {
		commit = brief.Record.Head
	}
	place := report.EscapeSlack(brief.Pull.Repo.Full()) + " " + report.EscapeSlack(brief.Record.Subject.Ref) + " " + brevity(commit)
	what := "Override: push to "
	if o.OpensGate() {
		what = "Override: rules of "
	}
	m := report.SlackMessage{Header: what + place}
	m.Fallback = m.Header + ", by " + doer(o)
	line := "By " + doer(o)
	if o.Reason != "" {
		line += ": " + report.EscapeSlack(o.Reason)
	}
	m.Lines = []string{line + "."}
	if o.Entry > 0 {
		m.Lines = append(m.Lines, fmt.Sprintf("Recorded as OVR-%d", o.Entry-1)) // the record counts from 1
	}
	if o.ID != "" {
		m.Buttons = []report.SlackButton{{Label: "Acknowledge", Action: report.AcknowledgeAction, Value: o.ID}}
	}
	return m
}

func override(brief report.Brief, id string) signoff.Override {
	i := slices.IndexFunc(brief.Record.Overrides, func(o signoff.Override) bool { return o.ID == id })
	if i < 0 {
		return signoff.Override{}
	}
	return brief.Record.Overrides[i]
}

// doer is who did it, by the login.
func doer(o signoff.Override) string {
	if o.By.Login == "" {
		return "somebody unknown"
	}
	return report.EscapeSlack(o.By.Login)
}

// brevity is the beginning of a commit.
func brevity(sha string) string { return report.EscapeSlack(sha[:min(len(sha), 7)]) }
