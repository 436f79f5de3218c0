package report

import (
	"github.com/barraiser/barraiser/internal/signoff"
)

// turnNotice tells where a pull request stands now that it is signed off, that changes
// are asked for, or that what allowed the merge holds no longer.
func (b Brief) turnNotice(n signoff.Notice, title string) SlackMessage {
	m := SlackMessage{Fields: []SlackField{{"Debt", b.debtWords()}}, Lines: []string{upper(b.verdict(slackVoice)) + "."}}
	switch n.Kind {
	case signoff.NoticeSignedOff:
		m.Header = "Signed off: " + title
	case signoff.NoticeChanges:
		m.Header = "Changes requested: " + title
		kind := signoff.RequestChanges
		if b.Record.State == signoff.RecommendedAgainst {
			m.Header, kind = "Recommended against: "+title, signoff.RecommendAgainst
		}
		for _, v := range b.said(kind) {
			if v.Text != "" {
				m.Lines = append(m.Lines, "> "+slackName(v.Actor.Login)+": "+slackText(v.Text))
			}
		}
	default:
		m.Header = "Holds no longer: " + title
		why := "The sign-off does not hold for " + slackVoice.commit(b.Record.Head) + "."
		if o := b.overrideOf(n); n.Override != "" {
			why = "The override of " + slackName(o.By.Login) + " holds no longer: " + slackText(o.Void) + "."
		}
		m.Lines = append([]string{why}, m.Lines...)
	}
	return m
}

// Turns reports whether a notice tells where a pull request stands now. It is told to
// its author, and in the threads that there are.
func Turns(kind signoff.NoticeKind) bool {
	return kind == signoff.NoticeSignedOff || kind == signoff.NoticeChanges || kind == signoff.NoticeLapsed
}
