package report

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
)

// allStates are those of a record; the empty one and the last are none.
var allStates = []signoff.State{
	signoff.Evaluating, signoff.Incomplete, signoff.NotRequired, signoff.Unassigned, signoff.Awaiting, signoff.Undescribed, signoff.ChangesRequestedBy,
	signoff.RecommendedAgainst, signoff.SignedOff, signoff.CarryOver, signoff.OverrideDeclared, signoff.MergedClean,
	signoff.MergedOverridden, signoff.MergedUndeclared, signoff.MergedUnverified, signoff.Closed, signoff.NotGoverned, "", "newer",
}

// TestCommentShow: a comment is made only where a person can act on it, and never
// where nobody is to be spoken to.
func TestCommentShow(t *testing.T) {
	act := []signoff.State{
		signoff.Unassigned, signoff.Awaiting, signoff.Undescribed, signoff.ChangesRequestedBy, signoff.RecommendedAgainst,
		signoff.OverrideDeclared, signoff.MergedUndeclared,
	}
	for _, s := range allStates {
		for _, mode := range []review.Mode{"", review.Observe, review.Warn, review.Enforce} {
			for _, draft := range []bool{false, true} {
				b := in(s)
				b.Record.Mode, b.Pull.Draft = mode, draft
				body, got := Comment(b)
				want := slices.Contains(act, s) && (mode == review.Warn || mode == review.Enforce) && !draft
				if got != want {
					t.Errorf("state %q, mode %q, draft %t: show = %t, want %t", s, mode, draft, got, want)
				}
				if !strings.HasSuffix(body, "\n"+Marker(b.Record.Subject)+"\n") {
					t.Errorf("state %q: no marker at the end of %q", s, body)
				}
			}
		}
	}
}

func TestCommentShowWhereItHelps(t *testing.T) {
	ours := in(signoff.Incomplete)
	ours.Review.Coverage = debt.Coverage{Lost: []debt.Lost{{Package: "p", Analyzer: "nilness"}}}
	little := briefs()["repaid"]
	little.Review.Delta.Net = -thanksFrom + 1
	for _, tt := range []struct {
		name string
		b    Brief
		want bool
	}{
		{"files that the author can mend", briefs()["incomplete"], true},
		{"a failure of ours", ours, false},
		{"a large repayment", briefs()["repaid"], true},
		{"a small repayment", little, false},
		{"an invalid policy", briefs()["config-invalid"], true},
		{"an invalid policy of a merged change", with(in(signoff.MergedClean), func(b *Brief) { b.Problems = broken }), false},
	} {
		if _, got := Comment(tt.b); got != tt.want {
			t.Errorf("%s: show = %t, want %t", tt.name, got, tt.want)
		}
	}
}

// TestCommentStandsStill: later is the same text, or each look would edit it.
func TestCommentStandsStill(t *testing.T) {
	for name, b := range briefs() {
		first, _ := Comment(b)
		b.Now = b.Now.Add(100 * time.Hour)
		later, _ := Comment(b)
		if diff := cmp.Diff(first, later); diff != "" {
			t.Errorf("%s changes with time:\n%s", name, diff)
		}
	}
}

// TestCommentMentions: only the one whose turn it is hears of it.
func TestCommentMentions(t *testing.T) {
	for name, b := range briefs() {
		body, _ := Comment(b)
		want := []string{}
		switch name {
		case "awaiting", "awaiting-undescribed", "demanded", "warned", "observed", "draft": // of the last two no comment is made
			want = []string{"@maria-k"}
		case "away":
			want = []string{"@maria-k", "@jo-b"}
		case "two":
			want = []string{"@maria-k", "@jo-b"}
		}
		if got := mentions(body); !slices.Equal(got, want) {
			t.Errorf("%s mentions %q, want %q", name, got, want)
		}
	}
	for login, want := range map[string]string{
		"jo-b": "@jo-b", "acme_octo": "@acme_octo", "a b": "@&#8203;a b", "dependabot[bot]": `@&#8203;dependabot\[bot\]`, "x/y": "@&#8203;x/y", "": "@&#8203;", "-a": "@&#8203;-a",
	} {
		if got := mention(login); got != want {
			t.Errorf("mention(%q) = %q, want %q", login, got, want)
		}
	}
}

// TestCommentLimit: the longest comment, check and answers stay within what
// GitHub takes, close what they open, and say what is missing.
func TestCommentLimit(t *testing.T) {
	long := strings.Repeat("$", 1000)
	for _, n := range []int{0, 100, 5000} {
		b := longBrief(long, n)
		check := CheckRun(b)
		comment, _ := Comment(b)
		folded := FoldChecks(slices.Repeat([]Brief{b}, 8))
		for _, tt := range []struct {
			name, got string
			limit     int
		}{
			{"comment", comment, commentLimit},
			{"summary", check.Summary, checkTextLimit},
			{"text", check.Text, checkTextLimit},
			{"folded summary", folded.Summary, checkTextLimit},
			{"folded text", folded.Text, checkTextLimit},
			{"status", Status(b), commentLimit},
			{"reply", Reply(b, signoff.Effect{Fact: "g-1", Command: &signoff.Command{Verb: signoff.VerbStatus}}), commentLimit},
		} {
			if len(tt.got) > tt.limit {
				t.Errorf("%s of %d: %d bytes, want at most %d", tt.name, n, len(tt.got), tt.limit)
			}
			if o, c := strings.Count(tt.got, "<details>"), strings.Count(tt.got, "\n</details>\n"); o != c {
				t.Errorf("%s of %d: %d <details>, %d </details>", tt.name, n, o, c)
			}
			if strings.Count(tt.got, "\n```")%2 != 0 {
				t.Errorf("%s of %d: an open fence", tt.name, n)
			}
			if n == 5000 && !strings.Contains(tt.got, "not shown") {
				t.Errorf("%s of %d: nothing says that some are missing", tt.name, n)
			}
		}
		if !strings.HasSuffix(comment, Marker(b.Record.Subject)+"\n") {
			t.Errorf("comment of %d: the marker is cut off", n)
		}
		if len(check.Title) > checkTitleLimit*4 || len(check.Notes) > maxNotes || len(check.Actions) > maxActions {
			t.Errorf("check of %d: title of %d bytes, %d notes, %d actions", n, len(check.Title), len(check.Notes), len(check.Actions))
		}
	}
}

// TestOverrideWay: what nobody may is not proposed, and what it takes is said.
func TestOverrideWay(t *testing.T) {
	ways := func(change func(*Brief)) string {
		body, _ := Comment(with(waiting(), change))
		return body
	}
	for _, tt := range []struct {
		name, body, want, not string
	}{
		{"allowed", ways(func(*Brief) {}), "Allowed: @&#8203;acme/maintainers.", "second person"},
		{"nobody", ways(func(b *Brief) { b.Review.Policy.Overrides.Allowed = nil }), "Ways forward", "In a hurry"},
		{"over the ceiling", ways(func(b *Brief) { b.Review.Delta.Net = 241 }), "a second person has to agree: @&#8203;acme/directors, but not the author.", ""},
		{"not known", ways(func(b *Brief) { b.Record.State = signoff.Incomplete }), "a second person has to agree: @&#8203;acme/directors", ""},
		{"over it, and nobody to agree", ways(func(b *Brief) { b.Review.Delta.Net, b.Review.Policy.Overrides.Second = 241, nil }), "nobody, until `overrides.second` of", ""},
	} {
		if !strings.Contains(tt.body, tt.want) || tt.not != "" && strings.Contains(tt.body, tt.not) {
			t.Errorf("%s: want %q and not %q in\n%s", tt.name, tt.want, tt.not, tt.body)
		}
	}
}

func TestMarker(t *testing.T) {
	for _, tt := range []struct {
		subject signoff.Subject
		want    string
	}{
		{signoff.Subject{Installation: 7, Repository: 42, Kind: signoff.PullRequest, Number: 1284}, "<!-- barraiser:7/42/pull/1284 -->"},
		{signoff.Subject{Installation: 7, Repository: 42, Kind: signoff.Branch, Ref: "a--> <b>"}, "<!-- barraiser:7/42/branch/a-%2D%3E%20%3Cb%3E -->"},
	} {
		if got := Marker(tt.subject); got != tt.want {
			t.Errorf("Marker(%v) = %q, want %q", tt.subject, got, tt.want)
		}
		if reply := ReplyMarker(tt.subject, "g-1"); strings.Contains(reply, Marker(tt.subject)[:15]) {
			t.Errorf("ReplyMarker(%v) = %q, which is taken for the comment's", tt.subject, reply)
		}
	}
}

func TestLink(t *testing.T) {
	for in, want := range map[string]string{
		"":                              "",
		"javascript:alert(1)":           "",
		"/p/1":                          "",
		"https:///p":                    "",
		"https://bar.example/p/1":       "[page](https://bar.example/p/1)",
		"https://bar.example/a_(b)|<c>": "[page](https://bar.example/a_%28b%29%7C%3Cc%3E)",
	} {
		if got := link("page", in); got != want {
			t.Errorf("link(page, %q) = %q, want %q", in, got, want)
		}
	}
}

func TestAgo(t *testing.T) {
	for in, want := range map[time.Duration]string{
		-time.Hour: "0 min", 90 * time.Second: "2 min", 59 * time.Minute: "59 min", 2*time.Hour + 59*time.Minute: "2 h", 47 * time.Hour: "47 h", 48 * time.Hour: "2 days",
	} {
		if got := ago(in); got != want {
			t.Errorf("ago(%v) = %q, want %q", in, got, want)
		}
	}
}

// TestPostedTo: it is not said that an override is posted where nothing posts it.
func TestPostedTo(t *testing.T) {
	b := in(signoff.Awaiting)
	if body, _ := Comment(b); !strings.Contains(body, "posted to #") {
		t.Errorf("with a channel:\n%s", body)
	}
	b.Channel = ""
	if body, _ := Comment(b); strings.Contains(body, "posted to") {
		t.Errorf("without Slack:\n%s", body)
	}
}
