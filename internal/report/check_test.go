package report

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
)

// TestCheckIsNeverSilent: each state, known or not, has a title and says more,
// and only what is satisfied is green.
func TestCheckIsNeverSilent(t *testing.T) {
	green := map[signoff.State]bool{signoff.NotRequired: true, signoff.SignedOff: true, signoff.MergedClean: true}
	for _, s := range allStates {
		for _, mode := range []review.Mode{review.Observe, review.Warn, review.Enforce} {
			b := in(s)
			b.Record.Mode = mode
			c := CheckRun(b)
			if c.Title == "" && s != "" || c.Summary == "" || c.Name != CheckName || c.Commit != headCommit {
				t.Errorf("state %q: check %+v", s, c)
			}
			if c.Conclusion != b.Record.Conclusion() {
				t.Errorf("state %q, mode %s: conclusion %q, want %q", s, mode, c.Conclusion, b.Record.Conclusion())
			}
			if (c.Conclusion == signoff.Success) != (green[s] && mode != review.Observe) {
				t.Errorf("state %q, mode %s: conclusion %q", s, mode, c.Conclusion)
			}
		}
	}
}

func TestActionLimits(t *testing.T) {
	n := 0
	for _, s := range allStates {
		actions := CheckRun(in(s)).Actions
		if len(actions) > maxActions {
			t.Errorf("state %q: %d actions, want at most %d", s, len(actions), maxActions)
		}
		if s.Ended() && len(actions) > 0 {
			t.Errorf("state %q: actions %v on what has ended", s, actions)
		}
		for _, a := range actions {
			n++
			for _, text := range []struct {
				s     string
				limit int
			}{{a.Label, maxActionLabel}, {a.Description, maxActionDescription}, {a.Identifier, maxActionIdentifier}} {
				if got := utf8.RuneCountInString(text.s); got == 0 || got > text.limit {
					t.Errorf("state %q: %q has %d characters, want 1 to %d", s, text.s, got, text.limit)
				}
			}
		}
	}
	if n == 0 {
		t.Error("no state has an action")
	}
}

// TestActionsGrantNothing: a button on a check is no sign-off and no override.
func TestActionsGrantNothing(t *testing.T) {
	for _, s := range allStates {
		for _, a := range CheckRun(in(s)).Actions {
			switch signoff.Verb(a.Identifier) {
			case signoff.VerbRetry, signoff.VerbReassign:
			default:
				t.Errorf("state %q: action %q", s, a.Identifier)
			}
		}
	}
}

// TestNotes: the dearest first, at lines, none that GitHub would refuse.
func TestNotes(t *testing.T) {
	b := waiting()
	var fs []debt.Finding
	for i := range 70 {
		fs = append(fs, finding(debt.New, "errcheck", "pay/flow.go", i+1, "Flow", "error of Close is ignored", float64(i)))
	}
	odd := finding(debt.New, "layer", "pay/a\nb.go", 1, "", "x", 1000)
	lineless := finding(debt.New, "module-pin", "go.mod", 0, "", "x", 1000)
	fileless := finding(debt.New, "cycle", "", 1, "", "x", 1000)
	paid := finding(debt.Paid, "layer", "pay/flow.go", 1, "", "x", 1000)
	mute := finding(debt.New, "errcheck", "pay/mute.go", 1, "", "\u200b", 500)
	b.Review.Delta = delta(append(fs, odd, lineless, fileless, paid, mute)...)
	notes := CheckRun(b).Notes
	if len(notes) != maxNotes {
		t.Fatalf("%d notes, want %d", len(notes), maxNotes)
	}
	if notes[0].Path != "pay/mute.go" || notes[0].Message == "" || notes[1].From != 70 || notes[1].To != 70 {
		t.Errorf("the first notes are %+v and %+v, want the dearest", notes[0], notes[1])
	}
	for _, n := range notes {
		if n.Path == "" || n.From < 1 || n.To < n.From || n.Message == "" || n.Level != "notice" && n.Level != "warning" {
			t.Errorf("note %+v", n)
		}
	}
	within := briefs()["within"]
	for _, n := range CheckRun(within).Notes {
		if n.Level != "notice" {
			t.Errorf("within the bar: %s %s", n.Level, n.Title)
		}
	}
}

func TestFoldChecks(t *testing.T) {
	at := func(state signoff.State, number int) Brief {
		b := in(state)
		b.Record.Subject.Number = number
		return b
	}
	for _, tt := range []struct {
		name   string
		briefs []Brief
		want   signoff.Conclusion
		title  string
	}{
		{"one", []Brief{at(signoff.SignedOff, 1)}, signoff.Success, "Signed off"},
		{"all satisfied", []Brief{at(signoff.SignedOff, 2), at(signoff.NotRequired, 1)}, signoff.Success, "#1: No sign-off needed"},
		{"one waits", []Brief{at(signoff.SignedOff, 1), at(signoff.Awaiting, 2)}, signoff.ActionRequired, "#2: Sign-off needed"},
		{"one is refused", []Brief{at(signoff.Awaiting, 1), at(signoff.RecommendedAgainst, 2), at(signoff.SignedOff, 3)}, signoff.Failure, "#2: Recommended against"},
		{"one is judged", []Brief{at(signoff.SignedOff, 1), at(signoff.Evaluating, 2)}, signoff.InProgress, "#2: Judging"},
		{"of equals the first", []Brief{at(signoff.Awaiting, 9), at(signoff.Unassigned, 4)}, signoff.ActionRequired, "#4: Sign-off needed, and nobody"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := FoldChecks(tt.briefs)
			if c.Conclusion != tt.want || !strings.HasPrefix(c.Title, tt.title) {
				t.Errorf("FoldChecks = %q %q, want %q %q…", c.Conclusion, c.Title, tt.want, tt.title)
			}
			for _, b := range tt.briefs {
				if len(tt.briefs) > 1 && !strings.Contains(c.Summary, "## "+pullName(b)+": ") {
					t.Errorf("the summary says nothing of %s", pullName(b))
				}
			}
			if c.ExternalID != CheckRun(tt.briefs[0]).ExternalID {
				t.Errorf("id %q is not that of the commit", c.ExternalID)
			}
		})
	}
}

// TestFoldMany: more pull requests than there is room for are counted.
func TestFoldMany(t *testing.T) {
	var all []Brief
	for i := range 2000 {
		b := in(signoff.SignedOff)
		b.Record.Subject.Number = i + 1
		all = append(all, b)
	}
	all[1500] = with(in(signoff.Awaiting), func(b *Brief) { b.Record.Subject.Number = 1501 })
	c := FoldChecks(all)
	if c.Conclusion != signoff.ActionRequired || !strings.HasPrefix(c.Title, "#1501: ") {
		t.Errorf("FoldChecks = %q %q, want that of #1501", c.Conclusion, c.Title)
	}
	if want := fmt.Sprintf("%s pull requests more with this head, not shown", thousands(2000-maxFolded)); !strings.Contains(c.Summary, want) {
		t.Errorf("the summary does not say %q", want)
	}
	if len(c.Summary) > checkTextLimit || len(c.Text) > checkTextLimit {
		t.Errorf("summary of %d and text of %d bytes, want at most %d", len(c.Summary), len(c.Text), checkTextLimit)
	}
}

func TestConfigCheckLimits(t *testing.T) {
	var many []review.Problem
	for i := range 3000 {
		many = append(many, review.Problem{
			Position: review.Position{File: review.PolicyPath, Line: i + 1, Column: 1},
			What:     "unknown key " + strings.Repeat("`", 200), Excerpt: "1 | " + strings.Repeat("`", 200) + "\n  | ^",
		})
	}
	c := ConfigCheck(many, headCommit)
	if len(c.Summary) > checkTextLimit || len(c.Notes) != maxNotes || c.Conclusion != signoff.Failure {
		t.Errorf("summary of %d bytes, %d notes, conclusion %q", len(c.Summary), len(c.Notes), c.Conclusion)
	}
	if !strings.HasSuffix(c.Summary, " more, not shown\n") {
		t.Errorf("the summary ends %q, want it to say how many are missing", c.Summary[len(c.Summary)-60:])
	}
}

// TestNames: stored names go before places, on every surface.
func TestNames(t *testing.T) {
	b := waiting()
	b.Names = []string{"F7", "F2", "F31", "F4", "F5", "F6"} // the last finding has none yet
	comment, _ := Comment(b)
	for _, want := range []string{"| F7 | ", "| F31 | ", "Mend F7, F2 "} {
		if !strings.Contains(comment, want) {
			t.Errorf("the comment has no %q", want)
		}
	}
	if got := CheckRun(b).Notes[0].Title; !strings.HasPrefix(got, "F7, ") {
		t.Errorf("the first note is %q, want it of F7", got)
	}
	if got := Explain(b, "f31"); !strings.HasPrefix(got, "**F31** ") {
		t.Errorf("Explain(f31) = %q", got)
	}
	if got, want := fmt.Sprint(Numbered(b.Review.Delta)), "[F1 F2 F3 F4 F5 F6 F7]"; got != want {
		t.Errorf("Numbered = %s, want %s", got, want)
	}
}

// TestEntry: the ledger counts from 0, a record from 1.
func TestEntry(t *testing.T) {
	for _, tt := range []struct {
		entries map[string]int64
		entry   int64
		want    string
	}{
		{nil, 0, ""},
		{nil, 1, "OVR-0"},
		{map[string]int64{"d-1": 0}, 0, "OVR-0"},
		{map[string]int64{"d-1": 41}, 42, "OVR-41"},
		{map[string]int64{"d-2": 41}, 0, ""},
	} {
		b := Brief{Entries: tt.entries}
		if got := b.entry(signoff.Override{ID: "d-1", Entry: tt.entry}); got != tt.want {
			t.Errorf("entry with %v and %d = %q, want %q", tt.entries, tt.entry, got, tt.want)
		}
	}
}

// A sign-off that meets nothing is shown as such: it looks like a yes.
func TestIdleSignOff(t *testing.T) {
	head, other := strings.Repeat("a", 40), strings.Repeat("b", 40)
	verdict := func(commit string, domains ...impact.Domain) signoff.Verdict {
		return signoff.Verdict{Actor: signoff.Account{ID: 9, Login: "eve"}, Kind: signoff.SignOff, Commit: commit, Domains: domains}
	}
	standing := func(s signoff.State, by ...int) []signoff.Standing {
		return []signoff.Standing{{Domain: impact.Design, State: s, SignedBy: by}}
	}
	for _, test := range []struct {
		name     string
		verdict  signoff.Verdict
		requires []signoff.Standing
		want     string // empty: nothing is said
	}{
		{"counts", verdict(head, impact.Design), standing(signoff.SignedOff, 0), ""},
		{"nothing required", verdict(head), nil, ""},
		{"not known yet", verdict(head), standing(signoff.Evaluating), ""},
		{"another commit", verdict(other, impact.Design), standing(signoff.Awaiting), "does not count: it was said of another commit"},
		{"in no pool", verdict(head), standing(signoff.Awaiting), "in no pool"},
		{"not independent", verdict(head, impact.Design), standing(signoff.Awaiting), "may not sign this change"},
	} {
		b := Brief{Record: signoff.Record{Head: head, State: signoff.Awaiting, Requirements: test.requires, Verdicts: []signoff.Verdict{test.verdict}}}
		got := b.saidNodes()[0].text
		if says := strings.Contains(got, "does not count"); says != (test.want != "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
