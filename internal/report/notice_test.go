package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
)

// drawNotice writes a message as text, with what parts a text made visible.
func drawNotice(m SlackMessage) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n*%s*\n", m.Fallback, m.Header)
	for _, l := range m.Lines {
		fmt.Fprintln(&b, l)
	}
	for _, f := range m.Fields {
		fmt.Fprintf(&b, "%s: %s\n", f.Label, f.Value)
	}
	for _, button := range m.Buttons {
		fmt.Fprintf(&b, "[%s] %s%s %s\n", button.Label, button.URL, button.Action, button.Value)
	}
	return strings.ReplaceAll(b.String(), joint, "·")
}

func TestNoticeGoldens(t *testing.T) {
	all := briefs()
	all["overridden-second"] = with(briefs()["overridden"], func(b *Brief) { b.Record.Overrides[0].Second = &jo })
	all["override-void"] = with(briefs()["overridden"], func(b *Brief) { b.Record.Overrides[0].Void = "a push to 1234567" })
	all["lapsed-override"] = with(all["override-void"], func(b *Brief) { b.Record.State = signoff.Awaiting })
	for _, tt := range []struct {
		name, brief string
		notice      signoff.Notice
	}{
		{"asked", "awaiting", signoff.Notice{Kind: signoff.NoticeAsked, To: []signoff.Account{maria}, Domains: []impact.Domain{impact.Architecture}}},
		{"asked-other-domain", "awaiting", signoff.Notice{Kind: signoff.NoticeAsked, Domains: []impact.Domain{impact.Data}}},
		{"reminder", "awaiting", signoff.Notice{Kind: signoff.NoticeReminder, To: []signoff.Account{maria}}},
		{"backup", "awaiting", signoff.Notice{Kind: signoff.NoticeBackup, To: []signoff.Account{jo}}},
		{"owner", "awaiting", signoff.Notice{Kind: signoff.NoticeOwner}},
		{"deviation", "to-correct", signoff.Notice{Kind: signoff.NoticeDeviation}},
		{"to-correct", "to-correct", signoff.Notice{Kind: signoff.NoticeCorrect}},
		{"away", "away", signoff.Notice{Kind: signoff.NoticeAway, Domains: []impact.Domain{signoff.HomeDomain("books")}}},
		{"override", "overridden", signoff.Notice{Kind: signoff.NoticeOverride, Override: "d-1"}},
		{"override-second", "overridden-second", signoff.Notice{Kind: signoff.NoticeOverride, Override: "d-1"}},
		{"override-halfway", "override-halfway", signoff.Notice{Kind: signoff.NoticeOverride, Override: "d-1"}},
		{"override-void", "override-void", signoff.Notice{Kind: signoff.NoticeOverride, Override: "d-1"}},
		{"override-detected", "merged-undeclared", signoff.Notice{Kind: signoff.NoticeOverride, Override: "d-1"}},
		{"override-unknown", "overridden", signoff.Notice{Kind: signoff.NoticeOverride, Override: "d-2"}},
		{"signed-off", "signed-off", signoff.Notice{Kind: signoff.NoticeSignedOff}},
		{"changes-requested", "changes-requested", signoff.Notice{Kind: signoff.NoticeChanges}},
		{"recommended-against", "recommended-against", signoff.Notice{Kind: signoff.NoticeChanges}},
		{"lapsed", "awaiting", signoff.Notice{Kind: signoff.NoticeLapsed}},
		{"lapsed-override", "lapsed-override", signoff.Notice{Kind: signoff.NoticeLapsed, Override: "d-1"}},
		{"closed", "merged-clean", signoff.Notice{Kind: signoff.NoticeClosed}},
	} {
		golden(t, "slack/"+tt.name+".txt", []byte(drawNotice(NoticeText(all[tt.brief], tt.notice))))
	}
}

func TestEscapeSlack(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"Ledger v2 write path", "Ledger v2 write path"},
		{"a & b", "a &amp; b"},
		{"<!channel>", "&lt;!channel&gt;"},
		{"<@U0123>", "&lt;@\u200bU0123&gt;"},
		{"<https://evil.example|ours>", "&lt;https:\u200b//evil.\u200bexample|ours&gt;"},
		{"@here", "@\u200bhere"},
		{"#general", "#\u200bgeneral"},
		{"mail@evil.example", "mail@\u200bevil.\u200bexample"},
		{"www.evil.example.", "www.\u200bevil.\u200bexample."},
		{":tada:", ":\u200btada:"},
		{"> quoted", "\u200b&gt; quoted"},
		{"*a* ~b~ `c`", "∗a∗ ∼b∼ ˋcˋ"},
		{"_a_ snake_case", "ˍaˍ snake_case"},
		{"one\ntwo", "one two"},
		{"a\u200b\u202eb\x1b", "ab"},
		{" x ", "x"},
		{"", ""},
	} {
		if got := EscapeSlack(tt.in); got != tt.want {
			t.Errorf("EscapeSlack(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

var (
	// What Slack acts on in bare text, and in angle brackets.
	slackActs    = regexp.MustCompile(`(?i)[<>*~` + "`" + `]|[@#]\w|://|mailto:\w|\w\.\w|:[\w+'-]+:|(^|\W)_|_(\W|$)|^&gt;`)
	slackShapeOf = strings.NewReplacer("∗", "*", "∼", "~", "ˋ", "`", "ˍ", "_")
	slackDecode  = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&", joint, "")
)

func FuzzEscapeSlack(f *testing.F) {
	for _, s := range append(hostileSeeds, "<!here>", "<!subteam^S1>", "<#C1|x>", "<!date^1^x|y>", "a.b", "_x_", "&gt; x", "&lt;!channel&gt;", "<<!channel>>", "@channel", "slack://x", "_", "a_", "≥x.y") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := EscapeSlack(in)
		if m := slackActs.FindString(got); m != "" {
			t.Errorf("of %q: Slack acts on %q in %q", in, m, got)
		}
		// A bare & would make an entity of what follows.
		if rest := regexp.MustCompile(`&(amp|lt|gt);`).ReplaceAllString(got, ""); strings.Contains(rest, "&") {
			t.Errorf("of %q: a bare & in %q", in, got)
		}
		checkPlain(t, in, strings.ReplaceAll(got, joint, ""))
		// It still reads as itself.
		want := slackShapeOf.Replace(strings.TrimSpace(EscapeTerminal(in)))
		if read := slackShapeOf.Replace(slackDecode.Replace(got)); read != want {
			t.Errorf("EscapeSlack(%q) = %q, which reads %q, want %q", in, got, read, want)
		}
	})
}

// slackKinds are all notices.
var slackKinds = []signoff.NoticeKind{
	signoff.NoticeAsked, signoff.NoticeOverride, signoff.NoticeClosed, signoff.NoticeReminder, signoff.NoticeBackup, signoff.NoticeOwner, signoff.NoticeAway, signoff.NoticeDeviation, signoff.NoticeCorrect,
	signoff.NoticeSignedOff, signoff.NoticeChanges, signoff.NoticeLapsed,
}

// FuzzNotice: in no message is a mention or a link that is not ours.
func FuzzNotice(f *testing.F) {
	for _, s := range hostileSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		for _, state := range []signoff.State{signoff.Awaiting, signoff.OverrideDeclared, signoff.MergedUndeclared, signoff.Incomplete} {
			b := evilBrief(in, state)
			b.Pull.URL = in
			for _, kind := range slackKinds {
				m := NoticeText(b, signoff.Notice{Kind: kind, Override: "d-1"})
				for _, s := range slackTexts(m) {
					s = strings.TrimPrefix(s, "> ") // a quote of ours
					if i := regexp.MustCompile(`(?i)<|[@#]\w|://|mailto:\w`).FindString(s); i != "" {
						t.Errorf("%s of %q: Slack acts on %q in %q", kind, in, i, s)
					}
				}
				for _, button := range m.Buttons {
					if button.Action == "" && !webAddress(button.URL) {
						t.Errorf("%s of %q: button to %q", kind, in, button.URL)
					}
				}
			}
		}
	})
}

func slackTexts(m SlackMessage) []string {
	texts := append([]string{m.Fallback, m.Header}, m.Lines...)
	for _, f := range m.Fields {
		texts = append(texts, f.Label, f.Value)
	}
	for _, b := range m.Buttons {
		texts = append(texts, b.Label)
	}
	return texts
}

// TestNoticeLimits: the longest message is within what Slack takes.
func TestNoticeLimits(t *testing.T) {
	for _, s := range []string{"x", strings.Repeat("&", 1000), strings.Repeat("日本語", 1000)} {
		b := longBrief(s, 50)
		b.Links.Page = "https://bar.example/" + strings.Repeat("x", slackURLLimit)
		for _, kind := range slackKinds {
			m := NoticeText(b, signoff.Notice{Kind: kind, Override: "d-1"})
			if m.Fallback == "" || m.Header == "" || len(m.Lines) == 0 {
				t.Errorf("%s of %.9q: an empty message %+v", kind, s, m)
			}
			if n := utf8.RuneCountInString(m.Header); n > slackHeaderLimit {
				t.Errorf("%s of %.9q: header of %d characters, want at most %d", kind, s, n, slackHeaderLimit)
			}
			for _, l := range m.Lines {
				if n := utf8.RuneCountInString(l); n > slackTextLimit {
					t.Errorf("%s of %.9q: line of %d characters, want at most %d", kind, s, n, slackTextLimit)
				}
			}
			if len(m.Fields) > slackFields {
				t.Errorf("%s of %.9q: %d fields, want at most %d", kind, s, len(m.Fields), slackFields)
			}
			for _, f := range m.Fields {
				if n := utf8.RuneCountInString(f.Label + f.Value); n > slackFieldLimit {
					t.Errorf("%s of %.9q: field of %d characters, want at most %d", kind, s, n, slackFieldLimit)
				}
			}
			for _, button := range m.Buttons {
				if len(button.Label) > slackLabelLimit || len(button.URL) > slackURLLimit {
					t.Errorf("%s of %.9q: button %+v is too long", kind, s, button)
				}
			}
		}
	}
}

// TestNoticeNamesNoFile: management reads of decisions, not of files.
func TestNoticeNamesNoFile(t *testing.T) {
	m := NoticeText(briefs()["overridden"], signoff.Notice{Kind: signoff.NoticeOverride, Override: "d-1"})
	for _, s := range slackTexts(m) {
		if strings.Contains(strings.ReplaceAll(s, joint, ""), "flow.go") {
			t.Errorf("a file is named in %q", s)
		}
	}
}

func TestNoticeButtons(t *testing.T) {
	b := briefs()["overridden"]
	labels := func(b Brief, kind signoff.NoticeKind) (out []string) {
		for _, button := range NoticeText(b, signoff.Notice{Kind: kind, Override: "d-1"}).Buttons {
			out = append(out, button.Label)
		}
		return out
	}
	if got, want := labels(b, signoff.NoticeOverride), []string{"Open PR", "Report", "Acknowledge"}; !slices.Equal(got, want) {
		t.Errorf("buttons of an override are %q, want %q", got, want)
	}
	b.Pull.URL, b.Links = "javascript:alert(1)", Links{}
	if got := labels(b, signoff.NoticeAsked); len(got) > 0 {
		t.Errorf("buttons without addresses are %q, want none", got)
	}
}

func TestTeamAndGoals(t *testing.T) {
	b := waiting()
	b.Review.Policy.Teams["search"] = review.Team{Goals: []string{"ledger-v2", "untitled"}}
	if got, want := b.teamAndGoals(), "search / Ledger v2 and untitled"; got != want {
		t.Errorf("teamAndGoals() = %q, want %q", got, want)
	}
	b.Review.Ownership.AuthorTeams = nil
	if got := b.teamAndGoals(); got != "" {
		t.Errorf("teamAndGoals() without a team = %q, want nothing", got)
	}
}

func TestAskedBefore(t *testing.T) {
	b := waiting()
	if got, want := b.askedBefore(signoff.Override{At: asked.Add(3 * time.Hour)}), "maria-k, asked 3 h before"; got != want {
		t.Errorf("askedBefore() = %q, want %q", got, want)
	}
	if got, want := b.askedBefore(signoff.Override{At: asked.Add(-time.Hour)}), "maria-k"; got != want {
		t.Errorf("askedBefore() of an override that was first = %q, want %q", got, want)
	}
}
