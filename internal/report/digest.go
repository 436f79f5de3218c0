package report

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
)

// Digest is what a channel is told of a week, over all repositories that share the
// channel. It names no file and no person: it is read by many, and nobody is ranked.
type Digest struct {
	Begin, End   time.Time // of the week: Begin ≤ t < End, in the zone of the channel
	Repositories int
	// Survey is of all the repositories together. One without two whole points has no
	// chart.
	Survey Survey
	// Repaid is the change of the week with the longest [debt.Credit.Reach]; nil: none
	// repaid anything.
	Repaid *Repayment
	// Waiting are the pull requests that need a person, the one that waits longest
	// first.
	Waiting   []WaitingPull
	Overrides WeekOverrides
	Pages     string // address of the server's pages, without a slash at its end; empty: none
}

// WaitingPull is a pull request that somebody has to decide about.
type WaitingPull struct {
	Repository, Title string
	Number            int
	State             signoff.State
	Since             time.Time
}

// WeekOverrides counts overrides: those of the week, and what became of those of
// the 13 weeks up to its end that are followed up.
type WeekOverrides struct {
	Week, Undeclared  int // of the week; of them, those that nobody had declared
	Followed, Settled int // of 13 weeks; of them, those of which nothing is waited for any more
	Overdue           int // that wait for something that was due before the end of the week
}

// Empty reports whether there is nothing to tell. A channel is then told nothing.
func (d Digest) Empty() bool {
	return len(d.Survey.Points) < 2 && d.Repaid == nil && len(d.Waiting) == 0 && d.Overrides == WeekOverrides{}
}

// digestPulls is how many of those that wait are named.
const digestPulls = 5

// DigestText draws a digest for Slack. The chart is [Survey.Picture].
func DigestText(d Digest) SlackMessage {
	m := SlackMessage{Header: "The bar in the week of " + d.Begin.Format("2 Jan") + " to " + d.End.AddDate(0, 0, -1).Format("2 Jan 2006")}
	first := slackText(d.Survey.Sentence()) + " Taken over " + repositories(d.Repositories) + "."
	m.Lines = []string{first}
	if d.Repaid != nil {
		m.Lines = append(m.Lines, d.repaid())
	}
	m.Lines = append(m.Lines, d.waiting()...)
	m.Lines = append(m.Lines, d.Overrides.text())
	m.Fallback = m.Header + ". " + first
	for _, page := range []SlackButton{{Label: "Trend", URL: d.Pages + "/trend"}, {Label: "What waits", URL: d.Pages + "/"}, {Label: "Overrides", URL: d.Pages + "/overrides"}} {
		if webAddress(page.URL) && len(page.URL) <= slackURLLimit {
			m.Buttons = append(m.Buttons, page)
		}
	}
	return m
}

// repaid is what was paid down, and who gains by it.
func (d Digest) repaid() string {
	r := *d.Repaid
	s := "*Paid down*: " + Minutes(r.Minutes) + " in " + slackFit(r.Repository, slackRepoLength)
	if strings.TrimSpace(plain(r.Title)) != "" {
		s += " by \"" + slackFit(r.Title, slackTitleLength) + "\""
	}
	if len(r.By) > 0 {
		s += ". Thank you, " + people(r.By, slackName)
	}
	s += "."
	switch {
	case r.Packages == 1:
		s += " 1 package depends on that code"
	case r.Packages > 1:
		s += " " + thousands(r.Packages) + " packages depend on that code"
	default:
		return s
	}
	if len(r.Teams) > 0 {
		s += ", of " + people(r.Teams, slackName)
	}
	return s + "."
}

// waitsFor are the states that need a person, as what the pull request does.
var waitsFor = map[signoff.State]string{
	signoff.Awaiting:           "waits for its sign-off",
	signoff.Unassigned:         "has nobody who may sign it off",
	signoff.Undescribed:        "waits for its description",
	signoff.ChangesRequestedBy: "waits for the changes that were asked for",
	signoff.RecommendedAgainst: "was recommended against",
	signoff.Incomplete:         "could not be analysed whole",
}

// NeedsPerson reports whether a pull request in a state goes on only when somebody
// does something.
func NeedsPerson(s signoff.State) bool { return waitsFor[s] != "" }

func (d Digest) waiting() []string {
	if len(d.Waiting) == 0 {
		return []string{"*Needs a decision*: nothing."}
	}
	lines := []string{"*Needs a decision*: " + count(len(d.Waiting), "pull request") + "."}
	for i, p := range d.Waiting {
		if i == digestPulls {
			lines = append(lines, "• "+thousands(len(d.Waiting)-i)+" more")
			break
		}
		line := "• " + slackFit(p.Repository, slackRepoLength) + " #" + joint + strconv.Itoa(p.Number)
		if strings.TrimSpace(plain(p.Title)) != "" {
			line += " \"" + slackFit(p.Title, slackTitleLength) + "\""
		}
		lines = append(lines, line+" "+cmp.Or(waitsFor[p.State], slackText(p.State.Title()))+", for "+lasted(d.End.Sub(p.Since)))
	}
	return lines
}

// lasted is a time in days, or in hours where it is short.
func lasted(d time.Duration) string {
	if d < 48*time.Hour {
		return count(max(1, int(d.Hours())), "hour")
	}
	return count(int(d.Hours()/24), "day")
}

func (o WeekOverrides) text() string {
	s := "*Overrides*: none in this week"
	if o.Week > 0 {
		s = "*Overrides*: " + thousands(o.Week) + " in this week"
	}
	if o.Undeclared > 0 {
		s += ", " + thousands(o.Undeclared) + " of them not declared"
	}
	s += "."
	if o.Followed > 0 {
		s += fmt.Sprintf(" Of %s in 13 weeks, %s followed up to the end.", thousands(o.Followed), wereFollowed(o.Settled))
	}
	if o.Overdue > 0 {
		s += " " + count(o.Overdue, "override") + " overdue."
	}
	return s
}

func wereFollowed(n int) string {
	if n == 1 {
		return "1 was"
	}
	return thousands(n) + " were"
}
