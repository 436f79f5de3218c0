package report

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
)

var (
	mentionForm = regexp.MustCompile(`(?:^|[^\w&;])(@[A-Za-z0-9][\w-]*)`)
	ourLink     = regexp.MustCompile(`\[(page|report|configuration|Report)\]\(https://bar\.example/[\w/#]*\)`)
	ourComment  = regexp.MustCompile(`<!-- (barraiser(-inline|-reply)?:[\w/:.%~-]+ )?-->`)
	ourTag      = regexp.MustCompile(`</?(details|summary|sub|span|code)>`)
)

// bare is Markdown without what is ours and without code, in which nothing acts.
func bare(md string) string {
	md = ourLink.ReplaceAllString(md, "")
	md = regexp.MustCompile("(?ms)^(```+)text\n.*?\n```+$").ReplaceAllString(md, "")
	var b strings.Builder
	for line := range strings.Lines(md) {
		b.WriteString(withoutCode(line))
	}
	return b.String()
}

// withoutCode drops the spans of code of a line, by the rules of CommonMark 6.1.
func withoutCode(line string) string {
	var b strings.Builder
	for i := 0; i < len(line); {
		switch {
		case line[i] == '\\' && i+1 < len(line):
			b.WriteString("¤")
			i += 2
			continue
		case line[i] != '`':
			b.WriteByte(line[i])
			i++
			continue
		}
		run := len(line[i:]) - len(strings.TrimLeft(line[i:], "`"))
		end := i + run
		for end < len(line) {
			at := strings.IndexByte(line[end:], '`')
			if at < 0 {
				end = len(line)
				break
			}
			end += at
			n := len(line[end:]) - len(strings.TrimLeft(line[end:], "`"))
			if n == run {
				break
			}
			end += n
		}
		if end >= len(line) { // no span: the run is text
			b.WriteString(line[i : i+run])
			i += run
			continue
		}
		b.WriteString("§")
		i = end + run
	}
	return b.String()
}

func mentions(md string) []string {
	out := []string{}
	for _, m := range mentionForm.FindAllStringSubmatch(bare(md), -1) {
		out = append(out, m[1])
	}
	return out
}

// evilBrief has s wherever text from outside may be, in a state.
func evilBrief(s string, state signoff.State) Brief {
	b := in(state)
	b.Review = everywhere(s)
	b.Review.Outcome = review.SignOffNeeded
	b.Review.Policy.Overrides = review.Overrides{Allowed: []review.Principal{review.Principal("@" + s)}, Second: []review.Principal{review.Principal(s)}, Channel: s}
	b.Channel = s
	b.Review.Ownership.AuthorTeams = []string{s}
	evil := signoff.Account{ID: 99, Login: s + "/"}
	b.Pull.Title, b.Pull.Author, b.Pull.Repo = s, evil, signoff.Repo{Owner: s, Name: s}
	b.Pull.Body = "# Press release\nx " + s
	b.Record.Why = s
	b.Record.Away = []signoff.Away{{Home: s, Files: 1, Accept: true}, {Home: "x" + s, Minutes: 3}}
	b.Record.Deviation = &signoff.Deviation{From: "x" + s, Departure: signoff.Departure{Reason: "x" + s, Data: "x" + s, Again: review.Date("x" + s)}}
	b.Record.Correction = &signoff.Correction{
		After: signoff.Aftermath{Result: signoff.Mended, Commit: s, Title: "x" + s}, Whys: []string{"x" + s}, Mechanism: "x" + s, Owner: s, Named: now,
	}
	b.Record.Described = []signoff.Described{
		{Name: review.SectionName("x" + s), State: review.SectionMissing, Why: s},
		{Name: review.DeviationSection, State: review.SectionLacks, Why: s, Lacks: []string{s}},
	}
	q := &b.Record.Requirements[0]
	q.Domain, q.Why, q.Second = impact.Domain(s), s, true
	q.Assigned.To, q.Assigned.By, q.Assigned.Backup = evil, evil, evil
	q.Assigned.Choice = review.Assignment{
		Pool: []review.Principal{"x"}, Unread: []review.Principal{review.Principal(s)},
		Candidates: []review.Candidate{{Login: s}}, Excluded: []review.Exclusion{{Who: s, Why: s}},
	}
	b.Record.Requirements = append(b.Record.Requirements, signoff.Standing{Domain: impact.Domain(s), State: signoff.Unassigned, Why: s})
	b.says(evil, signoff.RequestChanges, s, "x"+s)
	b.says(evil, signoff.SignOff, s, "x"+s)
	b.Record.Proofs = []signoff.Proof{{From: s, To: headCommit, ToBase: s, Holds: true, Kind: signoff.ProofKind("x" + s)}}
	b.overrides(signoff.Override{Declared: true, Reason: "x" + s, Data: "x" + s, FollowUp: "x" + s, Due: review.Date("x" + s), Second: &evil, Against: []string{"x" + s}})
	b.Record.Overrides[0].By, b.Record.Overrides[0].Commit = evil, s
	b.Record.Dismissals = []signoff.Dismissal{{Fingerprint: s, By: evil, Why: s, Granted: &evil}}
	b.Record.Required = []signoff.Demand{{Domain: impact.Domain(s), By: evil, Why: s}}
	b.Record.Declined = []signoff.Refusal{{Who: evil, Why: s}}
	b.Record.History = []signoff.Transition{{At: asked, Head: s, Domain: impact.Domain("x" + s), To: signoff.State("x" + s), By: evil, Why: "x" + s}}
	b.Problems = []review.Problem{{Position: review.Position{File: s, Line: 1, Column: 1}, What: s, Excerpt: "1 | " + strings.ReplaceAll(s, "\n", " ") + "\n  | ^"}}
	return b
}

// checkMarkdown holds what is drawn of s to the promise of the package: nothing
// in it acts but what is ours, and it has the frame that harmless text has.
func checkMarkdown(t *testing.T, what, in, got, harmless string) {
	t.Helper()
	text := bare(got)
	if m := mentions(got); len(m) > 0 {
		t.Errorf("%s of %q mentions %q", what, in, m)
	}
	left := ourTag.ReplaceAllString(ourComment.ReplaceAllString(text, "¶"), "¶")
	for _, bad := range []string{"<", "-->", "http://", "https://", "ftp://", "]("} {
		if strings.Contains(left, bad) {
			t.Errorf("%s of %q has %q: %s", what, in, bad, left)
		}
	}
	for line := range strings.Lines(text) {
		if n := strings.Count(line, "|"); strings.HasPrefix(line, "|") && n != 5 {
			t.Errorf("%s of %q: table row with %d pipes: %s", what, in, n, line)
		}
	}
	if want, have := shape(harmless), shape(got); want != have {
		t.Errorf("%s of %q: frame (-want +got)\n%s", what, in, cmp.Diff(want, have))
	}
}

var codeStart = regexp.MustCompile("^( *)(<code>|`+) *")

// shape is the beginning of each line, quotes left out: how many of those there
// are is up to the description.
func shape(md string) string {
	var b strings.Builder
	for line := range strings.Lines(md) {
		line = codeStart.ReplaceAllString(strings.TrimRight(line, "\n"), "$1`")
		if strings.HasPrefix(line, ">") || strings.HasPrefix(line, "```") {
			line = line[:1]
			if line == ">" {
				continue
			}
		}
		indent := len(line) - len(strings.TrimLeft(line, " "))
		b.WriteString(line[:min(indent+2, len(line))] + "\n")
	}
	return b.String()
}

// FuzzComment: hostile titles, paths, reasons and names break out of nothing.
func FuzzComment(f *testing.F) {
	states := []signoff.State{
		signoff.Awaiting, signoff.ChangesRequestedBy, signoff.SignedOff, signoff.OverrideDeclared, signoff.NotRequired, signoff.Incomplete, "x",
	}
	var harmless []map[string]string
	for i, state := range states {
		harmless = append(harmless, drawAll(evilBrief("x", state)))
		for _, s := range hostileSeeds {
			f.Add(s, uint8(i))
		}
	}
	f.Fuzz(func(t *testing.T, in string, which uint8) {
		// One that begins and ends like a word keeps the frame of harmless text:
		// an empty one leaves lines out.
		in = "x" + in + "x"
		i := int(which) % len(states)
		for name, got := range drawAll(evilBrief(in, states[i])) {
			checkMarkdown(t, fmt.Sprintf("%s, state %s", name, states[i]), in, got, harmless[i][name])
		}
	})
}

// drawAll is all Markdown that a brief makes.
func drawAll(b Brief) map[string]string {
	comment, _ := Comment(b)
	check := CheckRun(b)
	out := map[string]string{
		"comment": comment, "summary": check.Summary, "text": check.Text,
		"config": ConfigCheck(b.Problems, b.Record.Head).Summary,
		"status": Status(b), "explain": Explain(b, "F1"), "unknown": Explain(b, "F99 "+b.Pull.Title),
		"reply": Reply(b, signoff.Effect{Fact: b.Pull.Title, Command: &signoff.Command{Verb: signoff.VerbExplain, Object: b.Pull.Title}}),
	}
	for i, c := range Inline(b) {
		out[fmt.Sprint("inline ", i)] = c.Body
	}
	return out
}

// longBrief has n of everything, each of text s.
func longBrief(s string, n int) Brief {
	b := evilBrief(s, signoff.Awaiting)
	fs := b.Review.Delta.Findings
	for i := range n {
		f := finding(debt.New, "errcheck", fmt.Sprintf("pay/f%d.go", i), i+1, "Flow", s, 5)
		hidden, paid := f, f
		hidden.Status, paid.Status = debt.Suppressed, debt.Paid
		fs = append(fs, f, hidden, paid)
		b.Review.Reasons = append(b.Review.Reasons, s)
		b.Review.Hints = append(b.Review.Hints, s)
		b.Review.Coverage.Skipped = append(b.Review.Coverage.Skipped, debt.Skipped{File: s, Reason: fmt.Sprint(i, s)})
		b.Record.Verdicts = append(b.Record.Verdicts, b.Record.Verdicts[0])
		b.Record.Dismissals = append(b.Record.Dismissals, b.Record.Dismissals[0])
		b.Problems = append(b.Problems, b.Problems[0])
	}
	for range min(n, 10) {
		b.Record.Requirements = append(b.Record.Requirements, b.Record.Requirements[0])
	}
	b.Review.Delta = delta(fs...)
	b.Pull.Body = "# Press release\n" + strings.Repeat(s+"\n", n)
	return b
}
