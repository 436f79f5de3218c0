package report

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/barraiser/barraiser/internal/description"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
)

// What Slack takes of a message, in characters.
const (
	slackHeaderLimit = 150  // of a header block
	slackTextLimit   = 3000 // of a section, so of a line here
	slackFieldLimit  = 2000 // of a field
	slackFields      = 10   // of a section
	slackLabelLimit  = 75   // of a button
	slackURLLimit    = 3000
)

// SlackMessage is a message of Slack without its blocks. Texts are mrkdwn,
// escaped.
type SlackMessage struct {
	Fallback string // what a notification shows: the header as a sentence
	Header   string
	Lines    []string // a paragraph each
	Fields   []SlackField
	Buttons  []SlackButton
}

// SlackField is a label with a value beside it.
type SlackField struct{ Label, Value string }

// SlackButton opens a page, or asks the bot for something. None grants a
// sign-off: that is said where the change is seen.
type SlackButton struct {
	Label string
	URL   string // empty for one that acts
	// Action and Value say what it asks for: "acknowledge" and an override's id.
	Action, Value string
}

// AcknowledgeAction is the action of the button by which management says that
// it has seen an override.
const AcknowledgeAction = "acknowledge"

// AcceptAction and KeptAction are those of the buttons by which management says
// that nothing more is asked for, and that a promise was kept.
const (
	AcceptAction = "accept"
	KeptAction   = "kept"
)

var slackVoice = voice{slackText, slackName, slackName, func(s string) string { return slackText(short(s)) }}

// NoticeText draws an event for Slack.
func NoticeText(b Brief, n signoff.Notice) SlackMessage {
	m := SlackMessage{}
	title := b.pullTitle()
	switch n.Kind {
	case signoff.NoticeOverride:
		m = b.overrideNotice(n, title)
	case signoff.NoticeJustify, signoff.NoticeAcknowledge, signoff.NoticeDue, signoff.NoticeOverdue, signoff.NoticeCheckKept, signoff.NoticeStep:
		m = b.followNotice(n)
	case signoff.NoticeSignedOff, signoff.NoticeChanges, signoff.NoticeLapsed:
		m = b.turnNotice(n, title)
	case signoff.NoticeClosed:
		m.Header = "Ended: " + title
		m.Lines = []string{b.verdict(slackVoice) + "."}
	case signoff.NoticeDeviation:
		m.Header = "To be looked at again: " + title
		m.Lines = b.deviationLines(slackText, slackText)
	case signoff.NoticeCorrect:
		m.Header = "It turned out badly, why: " + title
		m.Lines = b.correctionLines(slackText, slackText)
	case signoff.NoticeAway:
		m.Header = "Another team changes your code: " + title
		m.Lines = b.awayNotice(n)
		m.Fields = []SlackField{{"Debt", b.debtWords()}, {"Author", slackName(b.Pull.Author.Login)}}
	case signoff.NoticeReminder:
		m.Header = "Still needs your sign-off: " + title
		m.Lines = b.askedLines()
		m.Fields = b.askedFields(n)
	case signoff.NoticeBackup:
		m.Header = "Sign-off asked of you as backup: " + title
		m.Lines = b.askedLines()
		m.Fields = b.askedFields(n)
	case signoff.NoticeOwner:
		m.Header = "Nobody has answered: " + title
		m.Lines = b.askedLines()
		m.Fields = b.askedFields(n)
	default:
		m.Header = "Your sign-off is asked: " + title
		m.Lines = b.askedLines()
		m.Fields = b.askedFields(n)
	}
	m.Fallback = m.Header
	if n.Kind == signoff.NoticeClosed {
		m.Fallback += ". " + m.Lines[0]
	}
	for _, page := range []SlackButton{{Label: "Report", URL: b.Links.Page}, {Label: "Open PR", URL: b.Pull.URL}} {
		if webAddress(page.URL) && len(page.URL) <= slackURLLimit {
			m.Buttons = slices.Insert(m.Buttons, 0, page)
		}
	}
	return m
}

// Headers begin with less than 40 characters of ours, and what follows is within
// slackHeaderLimit: the repository, the number, and what the title has left.
const (
	slackRepoLength  = 45
	slackTitleLength = 45
)

// pullTitle is `acme/pay #1284 "Ledger v2 write path"`.
func (b Brief) pullTitle() string {
	s := slackFit(b.Pull.Repo.Full(), slackRepoLength) + " #" + joint + strconv.Itoa(b.Pull.Number)
	if strings.TrimSpace(plain(b.Pull.Title)) == "" {
		return s
	}
	return s + " \"" + slackFit(b.Pull.Title, slackTitleLength) + "\""
}

// askedLines are what a bar raiser has to know before opening the change: what it
// claims, why it was sent.
func (b Brief) askedLines() []string {
	lines := []string{upper(b.what(slackVoice)) + "."}
	if release, ok := description.Find(b.Pull.Body, review.PressRelease.Title()); ok {
		lines = append(lines, "> "+slackText(release.Lines[0]))
	}
	shown := 0
	for _, d := range beyondDebt(b.Review.Impact) {
		for _, t := range d.Triggers {
			if shown++; shown > maxEvidence {
				continue
			}
			s := "• " + slackText(string(d.Domain)) + ": " + slackText(t.Title)
			if len(t.Evidence) > 0 {
				s += ": " + slackText(t.Evidence[0].Text)
			}
			lines = append(lines, s)
		}
	}
	if rest := shown - maxEvidence; rest > 0 {
		lines = append(lines, "• "+count(rest, "reason")+" more")
	}
	return lines
}

// askedFields are about the domains of a notice, or about all that wait.
func (b Brief) askedFields(n signoff.Notice) []SlackField {
	first := n.Kind == signoff.NoticeAsked || n.Kind == signoff.NoticeReminder
	fields := []SlackField{{"Debt", b.debtWords()}, {"Author", slackName(b.Pull.Author.Login)}}
	for _, s := range b.Record.Requirements {
		about := s.State == signoff.Awaiting && (len(n.Domains) == 0 || slices.Contains(n.Domains, s.Domain))
		if !about || s.Assigned == nil || len(fields) >= slackFields-1 {
			continue
		}
		if !s.Assigned.Due.IsZero() {
			fields = append(fields, SlackField{"Due, " + slackText(string(s.Domain)), when(s.Assigned.Due)})
		}
		if backup := s.Assigned.Backup.Login; !first {
			fields = append(fields, SlackField{"Asked, " + slackText(string(s.Domain)), slackName(s.Assigned.To.Login)})
		} else if backup != "" {
			fields = append(fields, SlackField{"Backup, " + slackText(string(s.Domain)), slackName(backup)})
		}
	}
	return fields
}

// overrideNotice tells management who went past the bar, with the reason, what
// it costs, and what was promised. It names no file.
func (b Brief) overrideNotice(n signoff.Notice, title string) SlackMessage {
	o := b.overrideOf(n)
	m := SlackMessage{Header: "Override: " + title}
	how := " goes in without sign-off"
	switch {
	case b.ended():
		how = " was merged without sign-off"
	case o.NeedsSecond && o.Second == nil:
		how = " is to go in without sign-off, once a second person agrees"
	}
	who := slackName(o.By.Login)
	switch {
	case o.ID == "":
		m.Lines = []string{upper(b.what(slackVoice)) + "; it" + how + "."}
		return m
	case o.Void != "":
		m.Lines = []string{"The override of " + who + " holds no longer: " + slackText(o.Void) + "."}
		return m
	case o.Reason == "":
		m.Lines = []string{upper(b.what(slackVoice)) + "; it" + how + ", by " + who + ", without a reason."}
	default:
		m.Lines = []string{upper(b.what(slackVoice)) + "; it" + how + ". Reason given by " + who + ":", "> " + slackText(o.Reason)}
	}
	if o.Data != "" {
		m.Lines = append(m.Lines, "Data: "+slackText(o.Data))
	}
	if len(o.Against) > 0 {
		m.Lines = append(m.Lines, "Against: "+slackText(strings.Join(o.Against, ", ")))
	}
	if entry := b.entry(o); entry != "" {
		m.Lines = append(m.Lines, "Recorded as "+entry)
	}
	add := func(label, value string) {
		if value != "" && len(m.Fields) < slackFields {
			m.Fields = append(m.Fields, SlackField{label, value})
		}
	}
	add("Debt", b.debtWords())
	add("Team / goal", b.teamAndGoals())
	add("Bar raiser", b.askedBefore(o))
	follow := slackText(o.FollowUp)
	if o.Due != "" {
		if follow != "" {
			follow += ", "
		}
		follow += "due " + slackText(string(o.Due))
	}
	add("Follow-up", follow)
	if o.Second != nil {
		add("Agreed", slackName(o.Second.Login))
	}
	for _, step := range o.Steps {
		m.Lines = append(m.Lines, upper(stepWords(step, slackVoice))+".")
	}
	if waits := waitWords(o, slackVoice); waits != "" && len(o.Steps) > 0 {
		m.Lines = append(m.Lines, upper(waits)+".")
	}
	if s := o.Stage(); s == signoff.NotFollowed || s == signoff.StageOpen || s == signoff.StageJustified {
		m.Buttons = []SlackButton{{Label: "Acknowledge", Action: AcknowledgeAction, Value: o.ID}}
	}
	return m
}

func (b Brief) debtWords() string {
	s := signed(b.Review.Delta.Net)
	if b.Review.Policy.Budget != nil {
		s += " (budget " + Minutes(*b.Review.Policy.Budget) + ")"
	}
	return s
}

// teamAndGoals are the author's teams and what they work towards, by the policy.
func (b Brief) teamAndGoals() string {
	var goals []string
	teams := b.Review.Ownership.AuthorTeams
	for _, t := range teams {
		for _, id := range b.Review.Policy.Teams[t].Goals {
			if title := b.Review.Policy.Goals[id].Title; title != "" {
				id = title
			}
			goals = once(goals, id)
		}
	}
	s := people(teams, slackName)
	if len(goals) > 0 {
		s += " / " + people(goals, slackName)
	}
	return s
}

// askedBefore says who was asked, and how long before the override.
func (b Brief) askedBefore(o signoff.Override) string {
	var out []string
	seen := map[string]bool{}
	for _, s := range b.Record.Requirements {
		if s.Assigned == nil || seen[s.Assigned.To.Login] || len(out) == maxNames {
			continue
		}
		seen[s.Assigned.To.Login] = true
		who := slackName(s.Assigned.To.Login)
		if d := o.At.Sub(s.Assigned.Offered); !s.Assigned.Offered.IsZero() && d >= 0 {
			who += fmt.Sprintf(", asked %s before", ago(d))
		}
		out = append(out, who)
	}
	return strings.Join(out, "; ")
}

func webAddress(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}

func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
