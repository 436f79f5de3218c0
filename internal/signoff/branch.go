package signoff

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/review"
)

// BranchInput is one look at a governed branch: at what came onto it past all
// pull requests.
type BranchInput struct {
	Now               time.Time
	Governed, OptedIn bool
	Mode              review.Mode
	Policy            review.Policy
	// PolicyFailure says why the policy, or its people, could not be read.
	PolicyFailure string
	// Gate says whether the host requires our check before a merge.
	Gate Gate
	// Accounts and Roster are as in Input.
	Accounts map[string]Account
	Roster   review.Roster
	Tip      string // commit that the branch is at
	// Chain are the commits from BranchRecord.Tip, which is not among them, to
	// Tip along first parents, the oldest first.
	Chain []Landed
	// Rewritten says that BranchRecord.Tip is not on the branch any more.
	// Chain then begins after the last commit that both have.
	Rewritten bool
	// Facts are the pushes to the branch, and the steps that follow its overrides,
	// in the order of arrival.
	Facts []Fact
}

// Landed is a commit on the branch.
type Landed struct {
	Commit string
	// Pull is the number of the merged pull request that brought it; 0: none.
	Pull int
	// Pending says that the host may not have told of such a one yet.
	Pending bool
}

// BranchRecord is what is remembered of a branch.
type BranchRecord struct {
	Subject Subject `json:"subject"`
	// Tip is the last commit that was accounted for; empty: none was. Then the
	// first one that is seen is the beginning, and what lies before is not ours.
	Tip       string     `json:"tip,omitempty"`
	Overrides []Override `json:"overrides,omitempty"`
	// Gate is what was last known of it.
	Gate Gate `json:"gate,omitempty"`
	// Facts is how many are in the record already, and Pending are the ids of
	// those among them that have to wait.
	Facts   int      `json:"facts"`
	Pending []string `json:"pending,omitempty"`
}

// A Gate says whether the host merges into a branch without our check.
type Gate string

const (
	GateUnknown  Gate = ""
	GateRequired Gate = "required" // it does not
	GateOpen     Gate = "open"
)

// gatePrefix begins the id of the override that a gate was opened.
const gatePrefix = "gate:"

// OpensGate reports whether an override is that the host does not require our check
// any more, rather than a push or a merge.
func (o Override) OpensGate() bool { return strings.HasPrefix(o.ID, gatePrefix) }

// BranchOutcome is what comes of a look at a branch.
type BranchOutcome struct {
	Record  BranchRecord
	Effects []Effect
	Entries []Entry
	Next    time.Time
}

// AdvanceBranch accounts for the commits that came onto a branch. Each push of
// commits that no pull request brought is one detected override; commits whose
// push nobody told of make one together. In observe nothing is recorded, since
// nobody was asked to avoid it.
func AdvanceBranch(in BranchInput, rec BranchRecord) BranchOutcome {
	out := BranchOutcome{Record: rec}
	out.Record.Overrides = cloneOverrides(rec.Overrides)
	out.watch(in, rec)
	out.account(in, rec)
	out.followUp(in, rec)
	return out
}

// watch finds that the host has stopped requiring our check on a branch where that
// blocks. The rules that can be read do not tell who did it, nor how often it was
// undone between two looks: each time that it is found is one override.
func (out *BranchOutcome) watch(in BranchInput, rec BranchRecord) {
	switch {
	case !in.OptedIn || !in.Governed || in.Mode != review.Enforce:
		out.Record.Gate = GateUnknown // where it begins to block, that is the beginning
		return
	case in.Gate == GateUnknown || in.Tip == "":
		return
	}
	out.Record.Gate = in.Gate
	if rec.Gate == GateRequired && in.Gate == GateOpen {
		out.Record.Overrides = append(out.Record.Overrides, Override{
			ID: gatePrefix + in.Now.UTC().Format(time.RFC3339), At: in.Now, Commit: in.Tip, BaseRef: rec.Subject.Ref,
			Reason: "the branch does not require the check any more",
		})
	}
}

// account finds what came past all pull requests since the last look.
func (out *BranchOutcome) account(in BranchInput, rec BranchRecord) {
	if !in.OptedIn || !in.Governed || in.Tip == "" {
		out.Record.Tip = ""
		return
	}
	if rec.Tip == "" || in.Tip == rec.Tip {
		out.Record.Tip = in.Tip
		out.enter(in)
		return
	}
	if slices.ContainsFunc(in.Chain, func(c Landed) bool { return c.Pending }) {
		out.Next = in.Now.Add(lag)
		return
	}
	out.Record.Tip = in.Tip
	if in.Mode == review.Observe || in.Mode == "" {
		return
	}
	for _, o := range bypasses(in) {
		if !slices.ContainsFunc(out.Record.Overrides, func(old Override) bool { return old.ID == o.ID }) {
			out.Record.Overrides = append(out.Record.Overrides, o)
		}
	}
	out.enter(in)
}

// bypasses groups the commits that came past the pull requests by their push.
// The pushes cut the chain into pieces, each from what was the tip before.
func bypasses(in BranchInput) []Override {
	var out []Override
	var piece []Landed
	for i, c := range in.Chain {
		piece = append(piece, c)
		push, told := pushed(in.Facts, c.Commit)
		if !told && i < len(in.Chain)-1 {
			continue
		}
		if o, ok := bypass(piece, push, in); ok {
			out = append(out, o)
		}
		piece = nil
	}
	if in.Rewritten && len(out) == 0 {
		push, _ := pushed(in.Facts, in.Tip)
		out = append(out, detected(in.Tip, push, in))
	}
	if in.Rewritten {
		out[0].Reason = "the branch was rewritten"
	}
	return out
}

// pushed is the newest push that ended with a commit.
func pushed(facts []Fact, commit string) (Fact, bool) {
	for _, f := range slices.Backward(facts) {
		if f.Kind == Pushed && f.Commit == commit {
			return f, true
		}
	}
	return Fact{}, false
}

// bypass is the override of one push, if some commit of it came by no pull
// request.
func bypass(piece []Landed, push Fact, in BranchInput) (Override, bool) {
	n := 0
	for _, c := range piece {
		if c.Pull == 0 {
			n++
		}
	}
	if n == 0 {
		return Override{}, false
	}
	o := detected(piece[len(piece)-1].Commit, push, in)
	o.Reason = "pushed " + strconv.Itoa(n) + " past all pull requests"
	o.Landed = &Merge{
		Class: ClassOverridden, Commit: o.Commit, First: piece[0].Commit,
		At: o.At, Due: o.At.Add(in.Policy.Overrides.OutcomeTime()),
	}
	return o, true
}

func detected(commit string, push Fact, in BranchInput) Override {
	o := Override{ID: "push:" + commit, At: in.Now, By: push.Actor, Commit: commit}
	if push.ID != "" {
		o.At = told(push)
	}
	return o
}

// enter has the overrides stored that are not in the ledger.
func (out *BranchOutcome) enter(in BranchInput) {
	r := &out.Record
	for _, o := range r.Overrides {
		if o.Entry > 0 {
			continue
		}
		out.Entries = append(out.Entries, Entry{Kind: EntryOverrideDetected, Subject: r.Subject, At: in.Now, Actor: o.By, Commit: o.Commit, Override: o.ID, Reason: o.Reason})
		out.Effects = append(out.Effects, Effect{Kind: TellNotice, Subject: r.Subject, Fact: "override:" + o.ID, Notice: &Notice{Kind: NoticeOverride, Override: o.ID}})
	}
}

// followUp takes the steps that follow the overrides of the branch. There is no
// comment to answer: a page says at once who may.
func (out *BranchOutcome) followUp(in BranchInput, rec BranchRecord) {
	r := &out.Record
	f := follow{
		directory: directory{in.Accounts, in.Roster}, now: in.Now, subject: r.Subject, policy: in.Policy,
		unknown: in.PolicyFailure != "" || !in.OptedIn, quiet: in.Mode == review.Observe || in.Mode == "",
		overrides: r.Overrides, entries: out.Entries,
	}
	fresh := map[string]bool{}
	for i, fact := range in.Facts {
		fresh[fact.ID] = i >= rec.Facts || slices.Contains(rec.Pending, fact.ID)
	}
	taken := map[string]bool{}
	r.Facts = max(rec.Facts, len(in.Facts))
	r.Pending = nil
	f.run(in.Facts, func(fact Fact) bool {
		first := !taken[fact.ID]
		taken[fact.ID] = true
		return first && fresh[fact.ID]
	}, func(fact Fact, rule func(Fact) ruling) {
		if rule(fact).wait {
			r.Pending = append(r.Pending, fact.ID)
		}
	})
	out.Entries = f.entries
	out.Effects = append(out.Effects, f.effects...)
	if !f.next.IsZero() && (out.Next.IsZero() || f.next.Before(out.Next)) {
		out.Next = f.next
	}
}
