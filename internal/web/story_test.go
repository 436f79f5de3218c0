package web

import (
	"path/filepath"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
)

const (
	baseCommit   = "77d01e4a5c1f0b9e8d7c6b5a493827161504f3e2"
	headCommit   = "9f2c1ab0d4e8f7a6b5c4d3e2f1a0b9c8d7e6f5a4"
	signedCommit = "8e1b0aa0d4e8f7a6b5c4d3e2f1a0b9c8d7e6f5a4"
)

var (
	storyAsked = time.Date(2026, 11, 20, 9, 15, 0, 0, time.UTC)
	storyNow   = storyAsked.Add(2 * time.Hour)
)

func found(s debt.Status, rule, file string, line int, symbol, message string, minutes float64) debt.Finding {
	return debt.Finding{
		Measure: debt.Measure{
			Rule: rule, Package: "example.com/pay/" + filepath.Dir(file), Symbol: symbol, File: file, Line: line, Column: 1,
			EndLine: line + 2, Message: message, Value: 1, Test: strings.HasSuffix(file, "_test.go"),
		},
		Fingerprint: "fp1:" + rule + file + message, Status: s, Minutes: minutes,
	}
}

// waiting is the change of the design's comment: a sign-off is asked of maria.
func waiting() report.Brief {
	worse := found(debt.Worse, "cognitive", "recon/run.go", 140, "Reconcile", "cognitive complexity 38", 17)
	worse.Was, worse.Value = 21, 38
	delta := debt.Delta{
		Introduced: 137, Repaid: 20, Net: 117, Low: 39, High: 240,
		Findings: []debt.Finding{
			found(debt.New, "layer", "pay/flow.go", 9, "", "pay imports store/internal, forbidden by components.store (2 import sites)", 70),
			worse,
			found(debt.New, "errcheck", "pay/flow.go", 31, "Flow.Run", "error of Close is ignored", 5),
			found(debt.New, "func-lines", "ledger/open.go", 22, "Open", "function of 168 lines", 25),
			found(debt.New, "params", "ledger/write.go", 90, "Writer.Put", "9 parameters", 20),
			found(debt.Paid, "errcheck", "fx/quote.go", 12, "Quote", "error of Close is ignored", 15),
			found(debt.Paid, "unused", "fx/rate.go", 40, "old", "function old is unused", 5),
			found(debt.Moved, "func-lines", "fx/table.go", 80, "load", "function of 150 lines", 20),
		},
	}
	budget, ceiling := 60.0, 240.0
	choice := review.Assignment{
		Assignee: "maria-k", Backup: "jo-b", Pool: []review.Principal{"maria-k", "@acme/principals"}, LoadKnown: true, Seed: "1284",
		Candidates: []review.Candidate{{Login: "maria-k", Load: 2}, {Login: "jo-b", Load: 3}},
		Excluded: []review.Exclusion{
			{Who: "ann-k", Rule: "involved", Why: "wrote, committed or pushed some of the change"},
			{Who: "lee-p", Rule: "author-team", Why: "is on the author's team payments"},
			{Who: "max-b", Rule: "reporting-line", Why: "is in the reporting line of ann-k"},
		},
	}
	edge := impact.Fired{Name: "component-violation", Title: "dependency between components that the policy forbids", Evidence: []impact.Evidence{
		{Text: "new edge pay → store/internal, forbidden by components.store", File: "pay/flow.go", Line: 9},
	}}
	api := impact.Fired{Name: "api-break", Title: "incompatible change of an API that others use", Evidence: []impact.Evidence{
		{Text: "ledger.Open changed incompatibly; 6 packages here call it", File: "ledger/open.go", Line: 22},
		{Text: "ledger.Entry.Amount is gone; 2 packages here name it", File: "ledger/entry.go", Line: 14},
	}}
	asked := func(d impact.Domain) signoff.Standing {
		return signoff.Standing{
			Domain: d, State: signoff.Awaiting, First: storyAsked,
			Assigned: &signoff.Assigned{
				To: accounts["maria-k"], Backup: accounts["jo-b"], Offered: storyAsked, Due: storyAsked.Add(24 * time.Hour), Choice: choice,
			},
		}
	}
	return report.Brief{
		Record: signoff.Record{
			Subject: signoff.Subject{Installation: 7, Repository: 42, Kind: signoff.PullRequest, Number: 1284},
			Head:    headCommit, MergeBase: baseCommit, BaseRef: "main", Mode: review.Enforce, State: signoff.Awaiting, Analysis: "a-1",
			Requirements: []signoff.Standing{asked(impact.Architecture), asked(impact.Design)},
			History: []signoff.Transition{
				{At: storyAsked.Add(-2 * time.Minute), Head: headCommit, To: signoff.Evaluating, By: accounts["ann-k"], Why: "pushed"},
				{At: storyAsked, Head: headCommit, Domain: impact.Architecture, From: signoff.Evaluating, To: signoff.Awaiting, Why: "the policy asks for it"},
				{At: storyAsked, Head: headCommit, From: signoff.Evaluating, To: signoff.Awaiting},
			},
		},
		Review: review.Review{
			Base: review.Revision{Commit: baseCommit}, Head: review.Revision{Commit: headCommit},
			Policy: review.Policy{Mode: review.Enforce, Budget: &budget, Overrides: review.Overrides{
				Allowed: []review.Principal{"@acme/maintainers"}, Ceiling: &ceiling, Second: []review.Principal{"@acme/directors"}, Channel: "#eng-leads", Reason: 20,
			}},
			Delta: delta,
			Coverage: debt.Coverage{Changed: 14, Analysed: 11, Skipped: []debt.Skipped{
				{File: "api/a.pb.go", Reason: "generated", Expected: true}, {File: "api/b.pb.go", Reason: "generated", Expected: true},
				{File: "api/c.pb.go", Reason: "generated", Expected: true},
			}},
			Decision: review.Decision{
				Outcome: review.SignOffNeeded,
				Reasons: []string{"net debt +1 h 57 min is over the budget of 1 h", review.ImpactReason + " (architecture): new edge"},
				Impact: impact.Assessment{
					High: true, Score: &impact.Score{Value: .81, Percentile: .93, Of: 412},
					Domains: []impact.DomainImpact{{Domain: impact.Design, Triggers: []impact.Fired{api}}, {Domain: impact.Architecture, Triggers: []impact.Fired{edge}}},
					Blast:   impact.Blast{Packages: 18, Of: 41, Commands: []string{"example.com/pay/cmd/payd", "example.com/pay/cmd/recon"}},
				},
				Requirements: []review.Requirement{{Domain: impact.Architecture, Assignment: choice}},
				Cheapest:     &review.Cheapest{Findings: []int{0}, Minutes: 70, Net: 47, StillNeeds: []impact.Domain{impact.Design}},
			},
			Engine: review.Engine{Packages: 640, Reused: 598, Seconds: 4.8, Modules: 2},
		},
		Pull: signoff.Pull{
			Repo: acmePay.Repo, Number: 1284, URL: "https://github.com/acme/pay/pull/1284", Title: "Ledger v2 write path", Author: accounts["ann-k"],
			Body: "Moves the write path.\n\n## Press release\n\nPayments are never booked twice again.\n", Open: true, Head: headCommit, BaseRef: "main",
			Opened: storyAsked.Add(-26 * time.Hour),
		},
		Now: storyNow, Channel: "#eng-leads",
	}
}

// numbered is a story as another pull request, in another repository.
func numbered(b report.Brief, repo signoff.Repo, number int, title string) report.Brief {
	b.Record.Subject.Repository, b.Record.Subject.Number = repo.ID, number
	b.Pull.Repo, b.Pull.Number, b.Pull.Title = repo, number, title
	return b
}

// in is a story in a state.
func in(b report.Brief, s signoff.State) report.Brief {
	b.Record.State = s
	for i := range b.Record.Requirements {
		b.Record.Requirements[i].State = s
	}
	return b
}

// overridden is a declared override that stands.
func overridden() report.Brief {
	b := in(waiting(), signoff.OverrideDeclared)
	b.Record.Overrides = []signoff.Override{{
		ID: "d-1", Entry: 1, Declared: true, At: storyNow.Add(-time.Hour), By: accounts["sam-r"], Commit: headCommit, BaseRef: "main",
		Reason: "SEV-2 rollback, customers double-charged; ledger v2 is the fix. INC-881", Data: "https://wiki.example/inc/881",
		FollowUp: "PAY-1301", Due: "2026-12-05", Expires: storyNow.Add(7 * 24 * time.Hour), Against: []string{"architecture", "design"},
	}}
	return b
}

// carried was signed before a rebase, and holds for the head by proof.
func carried() report.Brief {
	b := in(waiting(), signoff.SignedOff)
	b.Record.Verdicts = []signoff.Verdict{
		{Fact: "v-0", At: storyAsked.Add(20 * time.Minute), Actor: accounts["maria-k"], Kind: signoff.RequestChanges, Commit: baseCommit, Source: "review",
			Text: "Please do not reach into store/internal.", Domains: []impact.Domain{impact.Architecture}},
		{Fact: "v-1", At: storyAsked.Add(time.Hour), Actor: accounts["maria-k"], Kind: signoff.SignOff, Commit: signedCommit, Source: "command",
			Text: "The edge is fine until PAY-1301.", Domains: []impact.Domain{impact.Architecture, impact.Design}},
	}
	b.Record.Proofs = []signoff.Proof{{From: signedCommit, FromBase: baseCommit, To: headCommit, ToBase: baseCommit, Kind: signoff.Replay, Holds: true}}
	for i := range b.Record.Requirements {
		b.Record.Requirements[i].SignedBy = []int{1}
	}
	return b
}

// incomplete could not be analysed whole.
func incomplete() report.Brief {
	b := in(waiting(), signoff.Incomplete)
	b.Record.Why = "2 changed files were not analysed"
	b.Review.Reasons = []string{"2 changed files were not analysed"}
	b.Review.Coverage.Skipped = append(b.Review.Coverage.Skipped,
		debt.Skipped{File: "pay/link.go", Reason: "symbolic link"}, debt.Skipped{File: "pay/bad.go", Reason: "12:3: expected ';', found '}'"})
	b.Review.Coverage.Broken = []debt.Broken{{Package: "example.com/pay", Side: "head", Error: "flow.go:12:3: undefined: ledger"}}
	b.Review.Coverage.Lost = []debt.Lost{{Package: "example.com/fx", Side: "base", Analyzer: "nilness", Error: "index out of range"}}
	b.Review.Hints = []string{"go mod download example.com/ledger@v1.2.3"}
	b.Review.Warnings = []string{"CODEOWNERS:12: this line is skipped"}
	b.Problems = []review.Problem{{Position: review.Position{File: review.PolicyPath, Line: 3, Column: 1}, What: `unknown key "buget"; did you mean "budget"?`}}
	return b
}

// stories are the pages that are drawn and kept.
func stories() map[string]report.Brief {
	clear := in(waiting(), signoff.NotRequired)
	clear.Record.Requirements, clear.Review.Reasons, clear.Review.Impact, clear.Review.Cheapest = nil, nil, impact.Assessment{}, nil
	clear.Review.Delta = debt.Delta{Net: -20, Low: -40, High: -7, Repaid: 20, Findings: clear.Review.Delta.Findings[5:7]}
	judging := in(waiting(), signoff.Evaluating)
	return map[string]report.Brief{
		"awaiting": waiting(), "overridden": overridden(), "carried": carried(), "incomplete": incomplete(), "clear": clear, "judging": judging,
		"closed": in(waiting(), signoff.Closed), "hostile": hostileBrief(),
	}
}

// hostile tries to break out of a page.
const hostile = "\x1b[2J\u202egnp.exe\u200b <script>alert(1)</script><img src=x onerror=alert(1)>\" onmouseover=\"alert(1)' style='x:expression(1) javascript:alert(1) {{.}} &lt;b&gt; \xff\r\n=cmd|' /C calc'!A0"
