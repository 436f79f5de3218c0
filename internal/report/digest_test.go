package report

import (
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/signoff"
)

// weekly is a digest with all that one can have. Texts from outside are s.
func weekly(s string) Digest {
	end := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	d := Digest{
		Begin: end.AddDate(0, 0, -7), End: end, Repositories: 3, Survey: surveyed(OfOrganisation, s),
		Repaid:    &Repayment{Repository: s, Credit: debt.Credit{Title: s, Minutes: 95, By: []string{s}, Packages: 12, Teams: []string{"Ledger", s}}},
		Overrides: WeekOverrides{Week: 3, Undeclared: 1, Followed: 9, Settled: 7, Overdue: 2},
		Pages:     "https://bar.example",
	}
	for i, state := range []signoff.State{signoff.RecommendedAgainst, signoff.Awaiting, signoff.Unassigned, signoff.ChangesRequestedBy, signoff.Undescribed, signoff.Incomplete, signoff.Awaiting} {
		d.Waiting = append(d.Waiting, WaitingPull{Repository: s, Title: s, Number: 1284 + i, State: state, Since: end.Add(time.Duration(12*i-80) * time.Hour)})
	}
	return d
}

func TestDigestGoldens(t *testing.T) {
	quiet := weekly("acme/pay")
	quiet.Survey.Points, quiet.Repaid, quiet.Waiting = quiet.Survey.Points[:1], nil, nil
	quiet.Survey.Risk, quiet.Survey.Process, quiet.Repositories, quiet.Overrides, quiet.Pages = nil, nil, 1, WeekOverrides{Followed: 1, Settled: 1}, ""
	golden(t, "slack/digest.txt", []byte(drawNotice(DigestText(weekly("acme/pay")))))
	golden(t, "slack/digest-quiet.txt", []byte(drawNotice(DigestText(quiet))))
}

// TestDigestEmpty: each of what there is to tell makes a digest worth sending.
func TestDigestEmpty(t *testing.T) {
	if !(Digest{Repositories: 3}).Empty() {
		t.Error("a week in which nothing was has something to tell")
	}
	all := weekly("x")
	for name, d := range map[string]Digest{
		"trend": {Survey: all.Survey}, "repayment": {Repaid: all.Repaid}, "what waits": {Waiting: all.Waiting}, "overrides": {Overrides: all.Overrides},
	} {
		if d.Empty() {
			t.Errorf("a digest with its %s has nothing to tell", name)
		}
	}
}

// TestDigestText: whatever the names are, nothing in it acts, and it is within what
// Slack takes.
func TestDigestText(t *testing.T) {
	acts := regexp.MustCompile(`(?i)<|[@#]\w|://|mailto:\w`)
	for _, s := range append(hostileSeeds, "x", strings.Repeat("&", 1000), strings.Repeat("日本語", 1000)) {
		m := DigestText(weekly(s))
		for _, text := range slackTexts(m) {
			if i := acts.FindString(text); i != "" {
				t.Errorf("of %.20q: Slack acts on %q in %q", s, i, text)
			}
			if n := utf8.RuneCountInString(text); n == 0 || n > slackTextLimit {
				t.Errorf("of %.20q: a text of %d characters", s, n)
			}
		}
		if n := utf8.RuneCountInString(m.Header); n > slackHeaderLimit {
			t.Errorf("of %.20q: a header of %d characters", s, n)
		}
	}
}
