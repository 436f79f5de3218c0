package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/barraiser/barraiser/internal/change"
	"github.com/barraiser/barraiser/internal/git"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// mostLanded bounds the commits of one look at a branch. GitHub is asked after
// each of them; more come only by an import of history.
const mostLanded = 2000

// tellsLate is for how long GitHub may not know yet which pull request brought a
// commit.
const tellsLate = 2 * time.Minute

// reconcileBranch accounts for what came onto a governed branch past all pull
// requests. Its record is a signoff.Record with the tip as head.
func (b *Bot) reconcileBranch(ctx context.Context, row store.Row, facts []signoff.Fact) (again bool, err error) {
	s := row.Subject
	record := signoff.BranchRecord{
		Subject: s, Tip: row.Record.Head, Overrides: row.Record.Overrides, Facts: row.Record.Facts, Pending: row.Record.Pending,
		Gate: row.Record.Gate,
	}
	in := signoff.BranchInput{Now: b.Now(), Facts: facts}
	repo, err := b.repository(ctx, s)
	if err == nil {
		in.Tip, err = b.Host.BranchTip(ctx, s.Installation, repo, s.Ref)
	}
	if err != nil && !gone(err) {
		return false, err
	}
	policy, atTip, err := b.readBranch(ctx, s, repo, record.Tip, &in)
	if err != nil {
		return false, err
	}
	if err := b.raiseLanded(ctx, s, in); err != nil {
		return false, err
	}
	// Of the default branch the first look is about when the others are.
	was := row.Record.Policy
	if in.Governed && was != atTip && (was != "" || s.Ref != repo.DefaultBranch) {
		if err := b.raiseOpen(ctx, s.Repository); err != nil {
			return false, err
		}
	}
	if err := b.readAbove(ctx, s, repo, policy, record.Overrides, &in); err != nil {
		return false, err
	}
	in.Gate = b.gate(ctx, s, repo, in)
	outcome := signoff.AdvanceBranch(in, record)
	stored := signoff.Record{
		Subject: s, Head: outcome.Record.Tip, BaseRef: s.Ref, Mode: in.Mode, Overrides: outcome.Record.Overrides,
		Facts: outcome.Record.Facts, Pending: outcome.Record.Pending, Gate: outcome.Record.Gate, Policy: atTip,
	}
	inscribe, err := b.inscriber(signoff.Outcome{Record: stored, Entries: outcome.Entries})
	if err != nil {
		return false, err
	}
	v, err := encodeView(view{Pull: signoff.Pull{Repo: repo, BaseRef: s.Ref, Head: stored.Head}, Policy: policy})
	if err != nil {
		return false, err
	}
	again, err = b.Store.Commit(ctx, b.Jobs, store.Change{
		Subject: s, Version: row.Version, Done: row.Wanted, Open: in.Governed && in.OptedIn, Next: outcome.Next,
		Record: inscribe, Effects: outcome.Effects, View: v,
	})
	if err == nil && in.OptedIn && in.Tip != "" && s.Ref == repo.DefaultBranch {
		err = b.wantHistory(ctx, s.Repository, in.Tip, policy.Rules)
	}
	if err != nil || len(outcome.Entries) == 0 {
		return again, err
	}
	if _, err := b.Checkpoint(ctx); err != nil {
		b.log.Error("sign the ledger", "error", err)
	}
	return again, nil
}

// raiseLanded calls for a look at each pull request that came onto the branch and
// has no end yet. Most often its delivery has done that already; one that was
// opened and merged while nothing reached us is found here only. It comes before
// the commit, after which these commits are not read again.
func (b *Bot) raiseLanded(ctx context.Context, branch signoff.Subject, in signoff.BranchInput) error {
	var raise []signoff.Subject
	for _, landed := range in.Chain {
		s := signoff.Subject{Installation: branch.Installation, Repository: branch.Repository, Kind: signoff.PullRequest, Number: landed.Pull}
		if landed.Pull == 0 || slices.Contains(raise, s) {
			continue
		}
		row, _, err := b.Store.Load(ctx, s)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if !row.State.Ended() {
			raise = append(raise, s)
		}
	}
	if len(raise) == 0 {
		return nil
	}
	return b.Store.Raise(ctx, b.Jobs, b.Now(), raise...)
}

// raiseOpen calls for a look at all open pull requests of a repository, since the
// policy is another one: what is green by the one of before may not be by this one. It
// comes before the commit, after which that is not known any more.
func (b *Bot) raiseOpen(ctx context.Context, repository int64) error {
	open, err := b.Store.OpenIn(ctx, repository)
	if err != nil {
		return err
	}
	open = slices.DeleteFunc(open, func(s signoff.Subject) bool { return s.Kind != signoff.PullRequest })
	if len(open) == 0 {
		return nil
	}
	return b.Store.Raise(ctx, b.Jobs, b.Now(), open...)
}

// gate reads whether the host requires our check. That it cannot be read keeps
// nothing else from being accounted for.
func (b *Bot) gate(ctx context.Context, s signoff.Subject, repo signoff.Repo, in signoff.BranchInput) signoff.Gate {
	if !in.OptedIn || !in.Governed || in.Mode != review.Enforce {
		return signoff.GateUnknown
	}
	rules, err := b.Host.BranchRules(ctx, s.Installation, repo, s.Ref)
	if err != nil {
		b.log.Warn("the rules of a branch cannot be read", "subject", s.Key(), "error", err)
		return signoff.GateUnknown
	}
	for _, c := range rules.Checks {
		if c.Name == report.CheckName {
			return signoff.GateRequired
		}
	}
	return signoff.GateOpen
}

// readAbove reads who follows up what went past the pull requests.
func (b *Bot) readAbove(ctx context.Context, s signoff.Subject, repo signoff.Repo, p review.Policy, overrides []signoff.Override, in *signoff.BranchInput) error {
	in.Policy = p
	if !in.OptedIn {
		return nil
	}
	l := look{bot: b, subject: s, repo: repo, in: signoff.Input{Policy: p, Facts: in.Facts}}
	l.row.Record.Overrides = overrides
	if err := l.readPeople(ctx, nil); err != nil {
		return err
	}
	in.Accounts, in.Roster = l.in.Accounts, l.in.Roster
	return nil
}

// readBranch reads the policy that counts and the commits since the last look. AtTip
// names the content of the policy at the tip; it is empty where there is no tip.
func (b *Bot) readBranch(ctx context.Context, s signoff.Subject, repo signoff.Repo, last string, in *signoff.BranchInput) (p review.Policy, atTip string, err error) {
	if in.Tip == "" {
		return p, "", nil
	}
	mirror, err := b.Mirrors.Fetch(ctx, s.Installation, repo, in.Tip)
	if err != nil {
		return p, "", err
	}
	defer func() { err = errors.Join(err, mirror.Close()) }()
	// The policy of the last look counts: a push may not excuse itself.
	from := in.Tip
	if last != "" && known(ctx, mirror, last) {
		from = last
	}
	tree, err := mirror.TreeOf(ctx, from)
	if err != nil {
		return p, "", err
	}
	file, err := change.PolicyFile(ctx, mirror, tree)
	if err != nil {
		return p, "", err
	}
	beneath, err := b.orgFile(ctx, s.Installation, repo)
	if err != nil {
		return p, "", err
	}
	if atTip, err = policyAt(ctx, mirror, in.Tip, beneath); err != nil {
		return p, "", err
	}
	p, problems := review.ParsePolicy(beneath, file)
	in.OptedIn = (beneath != nil || file != nil) && len(problems) == 0
	in.Governed, in.Mode = p.Governs(s.Ref, repo.DefaultBranch), p.Mode
	if !in.OptedIn || !in.Governed || last == "" || last == in.Tip {
		return p, atTip, nil
	}
	return p, atTip, b.readLanded(ctx, s, repo, mirror, last, in)
}

// policyAt names the content of a commit's policy. One that cannot be read is another
// than all that can.
func policyAt(ctx context.Context, mirror *git.Repo, commit string, beneath *review.File) (string, error) {
	tree, err := mirror.TreeOf(ctx, commit)
	if err != nil {
		return "", err
	}
	file, err := change.PolicyFile(ctx, mirror, tree)
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil {
		return "unreadable", nil
	}
	return policyID(beneath, file), nil
}

// known reports whether a commit is in the mirror.
func known(ctx context.Context, repo *git.Repo, commit string) bool {
	_, err := repo.Resolve(ctx, commit)
	return err == nil
}

// readLanded lists what came onto the branch, and which pull request brought it.
func (b *Bot) readLanded(ctx context.Context, s signoff.Subject, repo signoff.Repo, mirror *git.Repo, last string, in *signoff.BranchInput) error {
	base := last
	onBranch := known(ctx, mirror, last)
	if onBranch {
		ancestor, err := mirror.IsAncestor(ctx, last, in.Tip)
		if err != nil {
			return err
		}
		if !ancestor {
			in.Rewritten = true
			common, err := mirror.MergeBase(ctx, last, in.Tip)
			if _, unrelated := errors.AsType[*git.NoMergeBaseError](err); err != nil && !unrelated {
				return err
			}
			base = cmp.Or(common, last) // of a branch that begins anew, all of it
		}
	} else {
		in.Rewritten, base = true, in.Tip+"~1"
	}
	commits, err := mirror.CommitsBetween(ctx, base, in.Tip, mostLanded)
	if err != nil {
		return err
	}
	for _, commit := range commits {
		landed := signoff.Landed{Commit: commit}
		pulls, err := b.Host.MergedPullsOf(ctx, s.Installation, repo, commit)
		if err != nil {
			return fmt.Errorf("find the pull request of %s: %w", commit, err)
		}
		for _, p := range pulls {
			if p.BaseRef == s.Ref {
				landed.Pull = p.Number
			}
		}
		if landed.Pull == 0 {
			landed.Pending = in.Now.Sub(seen(in, commit)) < tellsLate
		}
		in.Chain = append(in.Chain, landed)
	}
	return nil
}

// seen is when a push of the commit, or else of the tip, was told of; long ago
// where it was not.
func seen(in *signoff.BranchInput, commit string) time.Time {
	var at time.Time
	for _, f := range in.Facts {
		if f.Kind == signoff.Pushed && (f.Commit == commit || f.Commit == in.Tip) && f.At.After(at) {
			at = f.At
		}
	}
	return at
}
