package report

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
)

const signedCommit = "8e1b0aa0d4e8f7a6b5c4d3e2f1a0b9c8d7e6f5a4"

var (
	maria = signoff.Account{ID: 11, Login: "maria-k"}
	jo    = signoff.Account{ID: 12, Login: "jo-b"}
	sam   = signoff.Account{ID: 13, Login: "sam-r"}
	ann   = signoff.Account{ID: 14, Login: "ann-k"}

	asked = time.Date(2026, 11, 20, 9, 15, 0, 0, time.UTC)
	now   = asked.Add(2 * time.Hour)
)

const pullBody = `Moves the write path.

<!-- Say what it does. -->
## Press release

Payments are never booked twice again.

- Merchants see a payment *at once*; ask @acme/payments.

### For whom
Merchants.

## How it was tested
By hand.
`

// waiting is the change of the design's comment, with a sign-off asked of maria.
func waiting() Brief {
	r := reviews()["sent"]
	r.Head = review.Revision{Commit: headCommit, Tree: tree, Name: "feature/ledger-v2"}
	r.Requirements = r.Requirements[1:]
	r.Requirements[0].NeedsSecond = false
	r.Impact.Domains[0], r.Impact.Domains[1] = r.Impact.Domains[1], r.Impact.Domains[0]
	choice := review.Assignment{
		Assignee: "maria-k", Backup: "jo-b", Pool: []review.Principal{"maria-k", "@acme/principals"}, LoadKnown: true, Seed: "1284",
		Candidates: []review.Candidate{{Login: "maria-k", Load: 2}, {Login: "jo-b", Load: 3}},
		Excluded:   []review.Exclusion{{Who: "ann-k", Rule: "author-team", Why: "is on the author's team payments"}},
	}
	r.Requirements[0].Assignment = choice
	r.Unattributed = nil
	ceiling := 240.0
	r.Policy.Overrides = review.Overrides{Allowed: []review.Principal{"@acme/maintainers"}, Ceiling: &ceiling, Second: []review.Principal{"@acme/directors"}, Channel: "#eng-leads", Reason: 20}
	r.Policy.Teams = map[string]review.Team{"search": {Goals: []string{"ledger-v2"}}}
	r.Policy.Goals = map[string]review.Goal{"ledger-v2": {Title: "Ledger v2"}}
	return Brief{
		Record: signoff.Record{
			Subject: signoff.Subject{Installation: 7, Repository: 42, Kind: signoff.PullRequest, Number: 1284},
			Head:    headCommit, MergeBase: baseCommit, BaseRef: "main", Mode: review.Enforce, State: signoff.Awaiting,
			Requirements: []signoff.Standing{{
				Domain: impact.Architecture, State: signoff.Awaiting,
				Assigned: &signoff.Assigned{To: maria, Backup: jo, Offered: asked, Due: asked.Add(24 * time.Hour), Choice: choice},
			}},
			History: []signoff.Transition{
				{At: asked.Add(-time.Minute), Head: headCommit, To: signoff.Evaluating},
				{At: asked, Head: headCommit, From: signoff.Evaluating, To: signoff.Awaiting, Why: "the policy asks for it"},
			},
		},
		Review:  r,
		Channel: "#eng-leads",
		Pull: signoff.Pull{
			Repo: signoff.Repo{ID: 42, Owner: "acme", Name: "pay"}, Number: 1284, URL: "https://github.com/acme/pay/pull/1284",
			Title: "Ledger v2 write path", Body: pullBody, Author: ann, Open: true, Head: headCommit,
		},
		Now:   now,
		Links: Links{Page: "https://bar.example/p/1284", Report: "https://bar.example/p/1284#findings", Config: "https://bar.example/c/42"},
		Files: []debt.FileChange{
			{New: "pay/flow.go", Hunks: []debt.Hunk{{OldStart: 5, OldLines: 0, NewStart: 6, NewLines: 4}}},
			{New: "recon/run.go", Hunks: []debt.Hunk{{OldStart: 150, OldLines: 3, NewStart: 150, NewLines: 0}}},
		},
	}
}

// with returns a brief changed.
func with(b Brief, change func(*Brief)) Brief {
	change(&b)
	return b
}

// in is a brief in a state.
func in(s signoff.State) Brief {
	b := waiting()
	b.Record.State = s
	b.Record.Requirements[0].State = s
	if s.Ended() {
		b.Record.Left = map[signoff.State]signoff.State{
			signoff.MergedClean: signoff.SignedOff, signoff.MergedOverridden: signoff.OverrideDeclared, signoff.MergedUndeclared: signoff.Awaiting,
		}[s]
	}
	return b
}

// says adds a verdict; it meets the requirement where it signs off.
func (b *Brief) says(who signoff.Account, kind signoff.VerdictKind, commit, text string) {
	b.Record.Verdicts = append(b.Record.Verdicts, signoff.Verdict{
		Fact: fmt.Sprint("v", len(b.Record.Verdicts)), At: asked.Add(time.Hour), Actor: who, Kind: kind, Commit: commit, Source: "review", Text: text,
	})
	if kind == signoff.SignOff {
		q := &b.Record.Requirements[0]
		q.SignedBy = append(q.SignedBy, len(b.Record.Verdicts)-1)
	}
}

func (b *Brief) overrides(o signoff.Override) {
	o.ID, o.At, o.By, o.Commit = "d-1", now, sam, headCommit
	if o.Reason == "" && o.Declared {
		o.Reason = "SEV-2 rollback, customers double-charged; ledger v2 is the fix. INC-881"
		o.FollowUp, o.Due, o.Data = "PAY-1301", "2026-12-05", "https://wiki.example/inc/881"
	}
	b.Record.Overrides = append(b.Record.Overrides, o)
	b.Entries = map[string]int64{"d-1": 41}
}

var broken = []review.Problem{
	{Position: review.Position{File: review.PolicyPath, Line: 3, Column: 1}, What: `unknown key "buget"; did you mean "budget"?`, Excerpt: "3 | buget: 1h\n  | ^^^^^"},
	{Position: review.Position{File: review.PolicyPath, Line: 9, Column: 12}, What: "cognitive wants a number", Excerpt: "9 | cognitive: ```\n  |            ^^^"},
	{Position: review.Position{File: "acme/.github:barraiser.yml", Line: 1, Column: 1}, What: "no version", Excerpt: ""},
	{Position: review.Position{File: review.PolicyPath, Line: 12, Column: 1}, What: "twice"},
}

// briefs are the stories that GitHub and Slack draw.
func briefs() map[string]Brief {
	within := in(signoff.NotRequired)
	within.Review = reviews()["clear"]
	within.Review.Head.Commit = headCommit
	within.Record.Requirements = nil
	incomplete := in(signoff.Incomplete)
	incomplete.Review = reviews()["incomplete"]
	incomplete.Review.Head.Commit = headCommit
	incomplete.Record.Requirements = nil
	repaid := with(within, func(b *Brief) {
		b.Review = change(review.Clear, delta(finding(debt.Paid, "func-lines", "fx/old.go", 4, "old", "function of 300 lines", 75)))
		b.Review.Ownership.AuthorTeams = []string{"payments"}
	})
	return map[string]Brief{
		"awaiting": waiting(),
		"two": with(waiting(), func(b *Brief) {
			b.Record.Requirements[0].Second = true
			b.Record.Requirements = append(b.Record.Requirements, signoff.Standing{Domain: impact.Security, State: signoff.Unassigned, Why: "nobody of the pool may sign"})
			b.Review.Unattributed = []string{"Gopher <gopher@example.com>"}
			b.Record.Declined = []signoff.Refusal{{Who: signoff.Account{Login: "kim"}, Why: "on leave from tomorrow"}}
			b.Pull.Body = "no claim"
		}),
		"undescribed": with(in(signoff.Undescribed), func(b *Brief) {
			b.says(maria, signoff.SignOff, headCommit, "")
			b.Record.Requirements[0].State = signoff.SignedOff
			b.Record.Described = []signoff.Described{{Name: review.PressRelease, State: review.SectionMissing, Why: "high impact in architecture, design"}}
			b.Pull.Body = "no claim"
		}),
		"awaiting-undescribed": with(waiting(), func(b *Brief) {
			b.Record.Described = []signoff.Described{
				{Name: review.PressRelease, State: review.SectionGiven, Why: "high impact in architecture, design"},
				{Name: review.DeviationSection, State: review.SectionLacks, Why: "new edge `pay → store/internal`", Lacks: []string{"no link to data, as \"Data: ADDRESS\"", "<b> no day"}},
			}
			b.Pull.Body += "\n## Deviation\nThe ledger <b>cannot</b> be asked yet, @acme/payments.\n"
		}),
		"away": with(waiting(), func(b *Brief) {
			home := signoff.HomeDomain("books")
			b.Record.Away = []signoff.Away{
				{Home: "books", From: []string{"payments"}, Files: 2, Minutes: 30, Accept: true},
				{Home: "@acme/docs", Files: 1, Minutes: -12, Accept: true}, {Home: "search", Files: 1},
			}
			b.Record.Requirements = append(b.Record.Requirements,
				signoff.Standing{Domain: home, State: signoff.Awaiting, Assigned: &signoff.Assigned{To: jo, Offered: asked, Due: asked.Add(24 * time.Hour)}},
				signoff.Standing{Domain: signoff.HomeDomain("@acme/docs"), State: signoff.Unassigned, Why: "who is in @acme/docs could not be read"})
			b.Review.AwayHomes = []review.AwayHome{{Owner: "books", Accept: true, Assignment: review.Assignment{Candidates: []review.Candidate{{Login: "jo-b"}}}}}
		}),
		"corrected": with(in(signoff.MergedOverridden), func(b *Brief) {
			b.overrides(signoff.Override{Declared: true})
			b.Record.Correction = &signoff.Correction{
				Opened: now, After: signoff.Aftermath{Result: signoff.Mended, Commit: signedCommit, Title: "Fix <what> Pay adds"},
				Whys: []string{"it was added", "nobody tested it", "the store has no test server"}, Mechanism: "a test server", Owner: "maria-k", Named: now, By: sam,
			}
		}),
		"to-correct": with(in(signoff.MergedOverridden), func(b *Brief) {
			b.overrides(signoff.Override{Declared: true})
			b.Record.Correction = &signoff.Correction{Opened: now, After: signoff.Aftermath{Result: signoff.Reverted, Commit: signedCommit, Title: "Revert \"Pay\""}}
			b.Record.Deviation = &signoff.Deviation{From: "new edge", Departure: signoff.Departure{Reason: "no other way <yet>", Data: "https://wiki.example/881", Again: "2027-01-31"}}
		}),
		"deviation-ended": with(in(signoff.MergedClean), func(b *Brief) {
			b.Record.Deviation = &signoff.Deviation{
				From: "new edge", Departure: signoff.Departure{Reason: "no other way <yet>", Data: "https://wiki.example/881", Again: "2027-01-31"},
				Looks: []signoff.LookedAgain{
					{At: now, By: maria, Text: "the *reading* side is in work", Again: "2027-06-30"},
					{At: now, By: maria, Text: "pay asks the reading side"},
				},
			}
		}),
		"warned":   with(waiting(), func(b *Brief) { b.Record.Mode = review.Warn }),
		"observed": with(waiting(), func(b *Brief) { b.Record.Mode = review.Observe }),
		"draft":    with(waiting(), func(b *Brief) { b.Pull.Draft = true }),
		"unassigned": with(in(signoff.Unassigned), func(b *Brief) {
			b.Record.Requirements[0].Assigned, b.Record.Requirements[0].Why = nil, "no pool configured"
		}),
		"changes-requested": with(in(signoff.ChangesRequestedBy), func(b *Brief) {
			b.says(maria, signoff.RequestChanges, headCommit, "Keep `store` out of pay.")
			b.Record.Dismissals = []signoff.Dismissal{{Fingerprint: b.Review.Delta.Findings[0].Fingerprint, By: ann, Why: "generated by hand", Granted: &maria}}
		}),
		"recommended-against": with(in(signoff.RecommendedAgainst), func(b *Brief) { b.says(maria, signoff.RecommendAgainst, headCommit, "A second ledger.") }),
		"signed-off":          with(in(signoff.SignedOff), func(b *Brief) { b.says(maria, signoff.SignOff, headCommit, "") }),
		"carry-over":          with(in(signoff.CarryOver), func(b *Brief) { b.says(maria, signoff.SignOff, signedCommit, "") }),
		"carried": with(in(signoff.SignedOff), func(b *Brief) {
			b.says(maria, signoff.SignOff, signedCommit, "")
			b.Record.Proofs = []signoff.Proof{
				{From: signedCommit, To: baseCommit, Holds: true, Kind: signoff.SameTree},
				{From: baseCommit, To: headCommit, ToBase: baseCommit, Holds: true, Kind: signoff.Replay},
				{From: signedCommit, To: headCommit, Holds: false, Why: "a conflict"},
			}
		}),
		"overridden": with(in(signoff.OverrideDeclared), func(b *Brief) {
			b.overrides(signoff.Override{Declared: true, Expires: now.Add(72 * time.Hour), Against: []string{"architecture: maria-k"}})
		}),
		"override-halfway": with(waiting(), func(b *Brief) { b.overrides(signoff.Override{Declared: true, NeedsSecond: true}) }),
		"rebased": with(in(signoff.SignedOff), func(b *Brief) {
			b.says(maria, signoff.SignOff, headCommit, "")
			b.Record.Proofs = []signoff.Proof{{From: headCommit, FromBase: signedCommit, To: headCommit, ToBase: baseCommit, Holds: true, Kind: signoff.SameCommit}}
		}),
		"long": with(in(signoff.RecommendedAgainst), func(b *Brief) { // a long story, no debt, and teams that nobody could read
			for range maxNodes {
				b.says(jo, signoff.RequestChanges, signedCommit, "")
				b.overrides(signoff.Override{Declared: true, Void: "a push"})
			}
			b.says(jo, signoff.SignOff, signedCommit, "")
			b.Record.Verdicts[2].Revoked = "dismissed by ann-k"
			b.says(maria, signoff.RecommendAgainst, headCommit, "A second ledger.")
			b.overrides(signoff.Override{Declared: true, Void: "withdrawn"})
			b.Record.Requirements[0].Assigned.Choice.Unread = []review.Principal{"@acme/principals"}
			b.Record.Required = []signoff.Demand{{Domain: impact.Security, By: sam, Why: "tokens are logged"}}
			b.Record.Dismissals = []signoff.Dismissal{{Fingerprint: "fp1:gone", By: ann, Why: "no bug"}}
			b.Review.Delta = debt.Delta{}
			b.Review.Cheapest = nil
		}),
		"demanded": with(waiting(), func(b *Brief) {
			b.Review = reviews()["empty"]
			b.Record.Required = []signoff.Demand{{Domain: impact.Architecture, By: sam, Why: "a second ledger"}}
		}),
		"reverted":          with(within, func(b *Brief) { b.Review = reviews()["reverted"] }),
		"nothing":           with(within, func(b *Brief) { b.Review, b.Links = reviews()["empty"], Links{} }),
		"incomplete":        incomplete,
		"within":            within,
		"config-invalid":    with(within, func(b *Brief) { b.Problems = broken }),
		"repaid":            repaid,
		"evaluating":        in(signoff.Evaluating),
		"merged-clean":      with(in(signoff.MergedClean), func(b *Brief) { b.says(maria, signoff.SignOff, headCommit, "") }),
		"merged-overridden": with(in(signoff.MergedOverridden), func(b *Brief) { b.overrides(signoff.Override{Declared: true}) }),
		"merged-undeclared": with(in(signoff.MergedUndeclared), func(b *Brief) { b.overrides(signoff.Override{}) }),
		"merged-unverified": in(signoff.MergedUnverified),
		"closed":            in(signoff.Closed),
		"not-governed":      in(signoff.NotGoverned),
	}
}

// drawCheck writes a check run as text.
func drawCheck(c signoff.Check) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s on %s, %s: %q\n%s\nurl %s\n", c.Name, c.Commit, c.ExternalID, c.Conclusion, c.Title, c.URL)
	for _, a := range c.Actions {
		fmt.Fprintf(&b, "action %s: %s (%s)\n", a.Identifier, a.Label, a.Description)
	}
	for _, n := range c.Notes {
		fmt.Fprintf(&b, "%s %s:%d-%d: %s: %s\n", n.Level, n.Path, n.From, n.To, n.Title, n.Message)
	}
	fmt.Fprintf(&b, "\n-- summary --\n%s\n-- text --\n%s", c.Summary, c.Text)
	return b.String()
}

func TestCommentGoldens(t *testing.T) {
	for name, b := range briefs() {
		t.Run(name, func(t *testing.T) {
			body, show := Comment(b)
			golden(t, "comment/"+name+".md", fmt.Appendf(nil, "show %t\n\n%s", show, body))
		})
	}
}

func TestCheckGoldens(t *testing.T) {
	for name, b := range briefs() {
		t.Run(name, func(t *testing.T) { golden(t, "check/"+name+".txt", []byte(drawCheck(CheckRun(b)))) })
	}
	golden(t, "check/config.txt", []byte(drawCheck(ConfigCheck(broken, headCommit))))
	golden(t, "check/config-valid.txt", []byte(drawCheck(ConfigCheck(nil, headCommit))))
}
