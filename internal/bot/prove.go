package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/git"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// prove finds out whether what was signed is what is there now: whether the two
// changes are the same, and whether the checks find nothing new in it.
func (l *look) prove(ctx context.Context, p signoff.Proof) (signoff.Proof, error) {
	// The commits are kept in the mirror while the pull request is open; after a
	// loss of the mirror GitHub may not give them any more.
	mirror, err := l.bot.Mirrors.Fetch(ctx, l.subject.Installation, l.repo, p.From, p.FromBase, p.To, p.ToBase)
	if missing, ok := errors.AsType[*git.NotOnRemoteError](err); ok {
		p.Why = missing.Error()
		return p, nil
	}
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, mirror.Close()) }()
	if err := same(ctx, mirror, &p); err != nil {
		return p, fmt.Errorf("prove that %s is %s: %w", p.To, p.From, err)
	}
	if p.Holds {
		err = l.newFindings(ctx, &p)
	}
	return p, err
}

// same compares the two changes.
func same(ctx context.Context, repo *git.Repo, p *signoff.Proof) error {
	if p.From == p.To && p.FromBase == p.ToBase {
		p.Kind, p.Holds = signoff.SameCommit, true
		return nil
	}
	var trees [4]string
	for i, commit := range []string{p.From, p.FromBase, p.To, p.ToBase} {
		tree, err := repo.TreeOf(ctx, commit)
		if err != nil {
			return err
		}
		trees[i] = tree
	}
	if trees[0] == trees[2] && trees[1] == trees[3] {
		p.Kind, p.Holds = signoff.SameTree, true
		return nil
	}
	clean, why, err := repo.Replay(ctx, p.FromBase, p.From, p.ToBase, p.To)
	p.Kind, p.Holds, p.Why = signoff.Replay, clean, why
	return err
}

// newFindings counts what the change introduces now and did not when it was
// signed. The same lines on another base may be a new finding.
func (l *look) newFindings(ctx context.Context, p *signoff.Proof) error {
	if l.found == nil || l.found.Head.Commit != p.To || l.found.Base.Commit != p.ToBase {
		p.Holds, p.Why = false, "the code as it is now could not be judged"
		return nil
	}
	then := l.pair
	then.base.Commit, then.head.Commit = p.FromBase, p.From
	before, err := l.bot.lastJudgement(ctx, then)
	if errors.Is(err, store.ErrNotFound) {
		p.Holds, p.Why = false, "what was found when it was signed is not known any more, or the policy is another one"
		return nil
	}
	if err != nil {
		return err
	}
	known := introduced(before.Delta)
	for _, fingerprint := range introduced(l.found.Delta) {
		if !slices.Contains(known, fingerprint) {
			p.NewFindings++
		}
	}
	return nil
}

// lastJudgement is that of the newest attempt, or store.ErrNotFound.
func (b *Bot) lastJudgement(ctx context.Context, p pair) (*judgement, error) {
	for ; ; p.attempt-- {
		j, err := b.storedJudgement(ctx, p.analysisID())
		if !errors.Is(err, store.ErrNotFound) || p.attempt == 0 {
			return j, err
		}
	}
}

// storedJudgement reads a judgement, or is store.ErrNotFound.
func (b *Bot) storedJudgement(ctx context.Context, id string) (*judgement, error) {
	a, err := b.Store.Analysis(ctx, id)
	if err != nil {
		return nil, err
	}
	return decodeJudgement(a.Content)
}

// introduced are the fingerprints of what a change adds.
func introduced(d debt.Delta) []string {
	var out []string
	for _, f := range d.Findings {
		if f.Status == debt.New || f.Status == debt.Worse {
			out = append(out, f.Fingerprint)
		}
	}
	return out
}
