package report

import (
	"slices"
	"strings"

	"github.com/barraiser/barraiser/internal/signoff"
)

// stepWords is a step of an override's follow-up as a sentence without a full
// stop.
func stepWords(s signoff.Followed, v voice) string {
	said := func(text string) string {
		if s.Text == "" {
			return text
		}
		return text + ": " + v.text(s.Text)
	}
	by := v.name(s.By.Login)
	switch s.Kind {
	case signoff.Justified:
		return said(by + " says why")
	case signoff.Acknowledged:
		return "acknowledged by " + by
	case signoff.Accepted:
		return said("accepted by " + by)
	case signoff.Promised:
		return by + " promises " + v.text(s.Text) + " by " + v.text(string(s.Due))
	case signoff.Kept:
		words := by + " says that the promise is kept"
		if s.Link != "" {
			words += ": " + v.text(s.Link)
		}
		if s.Checked != nil {
			return words + "; checked by " + v.name(s.Checked.Login)
		}
		return words + "; not checked yet"
	case signoff.Voided:
		return said("voided by " + by)
	case signoff.Overdue:
		return "overdue: " + v.text(lateWords(s.Late))
	case signoff.Escalated:
		if len(s.To) == 0 {
			return "the channel was told that it is overdue"
		}
		return people(once(nil, logins(s.To)...), v.name) + " told that it is overdue"
	}
	return v.text(string(s.Kind)) + " by " + by
}

// pageVoice is for pages, which escape by themselves.
var pageVoice = voice{
	text: func(s string) string { return s }, name: func(s string) string { return "@" + s },
	ping: func(s string) string { return "@" + s }, commit: short,
}

// StepText is a step of an override's follow-up as a sentence without a full stop,
// not escaped.
func StepText(s signoff.Followed) string { return stepWords(s, pageVoice) }

// WaitText is what the follow-up of an override waits for, not escaped; empty where
// it waits for nothing.
func WaitText(o signoff.Override) string { return waitWords(o, pageVoice) }

func logins(all []signoff.Account) []string {
	var out []string
	for _, a := range all {
		out = append(out, a.Login)
	}
	return out
}

// lateWords is what a follow-up waits for.
func lateWords(step signoff.Verb) string {
	switch step {
	case signoff.VerbJustify:
		return "the reason"
	case signoff.VerbAcknowledge:
		return "the acknowledgement"
	case signoff.VerbAccept:
		return "the decision what comes of it"
	case signoff.VerbKept:
		return "what was promised"
	}
	return string(step)
}

// waitWords is what a follow-up waits for, by whom and until when; empty where it
// waits for nothing.
func waitWords(o signoff.Override, v voice) string {
	w := o.Waits()
	if w.For == "" {
		return ""
	}
	what := lateWords(w.For)
	if w.Check {
		what = "a second person to check that the promise is kept"
	}
	s := "waits for " + what
	if len(w.Who) > 0 {
		s += ", by " + people(once(nil, logins(w.Who)...), v.name)
	}
	if !w.Due.IsZero() {
		s += ", due " + when(w.Due)
	}
	return s
}

// followNodes are the steps that followed an override, and what is waited for.
func followNodes(o signoff.Override) []node {
	var out []node
	for _, s := range o.Steps {
		out = append(out, leaf(stepWords(s, checkVoice)+", "+when(s.At)))
	}
	if waits := waitWords(o, checkVoice); waits != "" {
		out = append(out, leaf(waits))
	}
	return out
}

// followHeaders are the beginnings of the messages about a follow-up.
var followHeaders = map[signoff.NoticeKind]string{
	signoff.NoticeJustify:     "Say why: ",
	signoff.NoticeAcknowledge: "To acknowledge: ",
	signoff.NoticeDue:         "Due soon: ",
	signoff.NoticeOverdue:     "Overdue: ",
	signoff.NoticeCheckKept:   "Was it kept? ",
	signoff.NoticeStep:        "Follow-up: ",
}

// FollowsUp reports whether a notice is about the follow-up of an override.
func FollowsUp(kind signoff.NoticeKind) bool { return followHeaders[kind] != "" }

// overrideOf is the override of a notice.
func (b Brief) overrideOf(n signoff.Notice) signoff.Override {
	i := slices.IndexFunc(b.Record.Overrides, func(o signoff.Override) bool { return o.ID == n.Override })
	if i < 0 {
		return signoff.Override{}
	}
	return b.Record.Overrides[i]
}

// followNotice tells of a step, or asks for one.
func (b Brief) followNotice(n signoff.Notice) SlackMessage {
	o := b.overrideOf(n)
	m := SlackMessage{Header: followHeaders[n.Kind] + b.subjectTitle(o)}
	name := b.entry(o)
	if name == "" {
		name = "the override"
	}
	who := slackName(o.By.Login)
	if o.By.Login == "" {
		who = "somebody unknown"
	}
	switch n.Kind {
	case signoff.NoticeJustify:
		m.Lines = []string{"This went in without the sign-off that it needed. Say why: it is recorded as " + name + ", and told to management.",
			"On the page, or on the pull request: `/bar justify " + name + " REASON`"}
		if b.Record.Subject.Kind == signoff.Branch {
			m.Lines[1] = "Say it on the page."
		}
		return m
	case signoff.NoticeStep:
		for _, s := range slices.Backward(o.Steps) {
			if s.Kind == stepOf[n.Step] {
				m.Lines = append(m.Lines, name+": "+stepWords(s, slackVoice)+".")
				break
			}
		}
	case signoff.NoticeOverdue, signoff.NoticeDue:
		late := "is due"
		if n.Kind == signoff.NoticeOverdue {
			late = "did not come in time"
		}
		m.Lines = []string{name + ", the override by " + who + ": " + lateWords(n.Step) + " " + late + "."}
	default:
		m.Lines = []string{name + ", the override by " + who + "."}
	}
	if reason := whyOf(o); reason != "" {
		m.Lines = append(m.Lines, "> "+slackText(reason))
	}
	if waits := waitWords(o, slackVoice); waits != "" {
		m.Lines = append(m.Lines, upper(waits)+".")
	}
	switch o.Waits().For {
	case signoff.VerbAcknowledge:
		m.Buttons = []SlackButton{{Label: "Acknowledge", Action: AcknowledgeAction, Value: o.ID}}
	case signoff.VerbAccept:
		m.Buttons = []SlackButton{{Label: "Accept", Action: AcceptAction, Value: o.ID}}
	case signoff.VerbKept:
		if o.Waits().Check {
			m.Buttons = []SlackButton{{Label: "It was kept", Action: KeptAction, Value: o.ID}}
		}
	}
	if n.Kind == signoff.NoticeStep {
		m.Buttons = nil // the message above has them
	}
	return m
}

// stepOf is what a verb makes.
var stepOf = map[signoff.Verb]signoff.StepKind{
	signoff.VerbJustify: signoff.Justified, signoff.VerbAcknowledge: signoff.Acknowledged, signoff.VerbAccept: signoff.Accepted,
	signoff.VerbPromise: signoff.Promised, signoff.VerbKept: signoff.Kept, signoff.VerbVoid: signoff.Voided,
}

// whyOf is the reason, as it was given before or after.
func whyOf(o signoff.Override) string {
	for _, s := range o.Steps {
		if s.Kind == signoff.Justified {
			return s.Text
		}
	}
	return o.Reason
}

// subjectTitle names the pull request, or the push.
func (b Brief) subjectTitle(o signoff.Override) string {
	if b.Record.Subject.Kind != signoff.Branch {
		return b.pullTitle()
	}
	what := "push to "
	if o.OpensGate() {
		what = "rules of "
	}
	return what + strings.Join([]string{
		slackFit(b.Pull.Repo.Full(), slackRepoLength), slackFit(b.Record.Subject.Ref, slackTitleLength), slackText(short(o.Commit)),
	}, " ")
}
