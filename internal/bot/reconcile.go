package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/barraiser/barraiser/internal/crash"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// mostProofs is how often one look goes back to git for what would let a verdict
// stand.
const mostProofs = 4

// Reconcile looks at a subject and commits what comes of it. Again says that
// something happened to it meanwhile, and that it has to be looked at once more.
func (b *Bot) Reconcile(ctx context.Context, s signoff.Subject) (again bool, err error) {
	row, facts, err := b.Store.Load(ctx, s)
	if err != nil {
		return false, err
	}
	access, err := b.Store.Access(ctx, s)
	if err != nil {
		return false, err
	}
	switch {
	case access == store.Withdrawn:
		return b.leave(ctx, row, false)
	case access == store.Suspended: // it is raised when the App is back
		return b.leave(ctx, row, row.Open)
	case s.Kind == signoff.Branch:
		return b.reconcileBranch(ctx, row, facts)
	}
	l, err := b.read(ctx, row, facts)
	defer func() { err = errors.Join(err, l.close()) }()
	switch {
	case gone(err): // the App was taken away, or the repository: nobody to answer to
		return b.leave(ctx, row, false)
	case err != nil:
		return false, err
	}
	if err := l.judge(ctx); err != nil {
		return false, err
	}
	return l.commit(ctx, row.Wanted)
}

// leave commits that there is nothing to be done for a subject, whose record stays
// as it is.
func (b *Bot) leave(ctx context.Context, row store.Row, open bool) (again bool, err error) {
	return b.Store.Commit(ctx, b.Jobs, store.Change{
		Subject: row.Subject, Version: row.Version, Done: row.Wanted, Open: open,
		Record: func(*store.Tail) (signoff.Record, error) { return row.Record, nil },
	})
}

// judge brings the judgement over the pair, where one is wanted. While the code
// is read the check says so: that is a commit of its own.
func (l *look) judge(ctx context.Context) error {
	if !l.in.Governed || !l.in.OptedIn || l.in.PolicyFailure != "" || l.mirror == nil {
		if len(l.row.Record.Overrides) == 0 || !l.in.OptedIn || l.in.PolicyFailure != "" {
			return nil
		}
		return l.readPeople(ctx, nil) // who follows up what was overridden
	}
	if err := l.judged(ctx); err != nil || l.found != nil {
		return err
	}
	if err := l.readPeople(ctx, nil); err != nil {
		return err
	}
	if _, err := l.commit(ctx, l.row.Done); err != nil { // "being analysed"
		return err
	}
	j, err := l.bot.judge(ctx, l)
	if err != nil {
		return err
	}
	return l.take(ctx, j)
}

// judge waits until it may, judges, and keeps the result.
func (b *Bot) judge(ctx context.Context, l *look) (*judgement, error) {
	select {
	case b.judging <- struct{}{}:
		defer func() { <-b.judging }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	began := time.Now()
	j, err := b.Judge.judge(ctx, l.mirror, l.pair)
	if err != nil {
		return nil, err
	}
	content, err := j.encode()
	if err != nil {
		return nil, fmt.Errorf("keep the judgement over %s: %w", l.pair.head.Commit, err)
	}
	b.log.Info("judged", "subject", l.subject.Key(), "head", l.pair.head.Commit, "base", l.pair.base.Commit,
		"seconds", time.Since(began).Seconds(), "packages", j.Engine.Packages, "reused", j.Engine.Reused, "failure", j.Failure)
	err = b.Store.PutAnalysis(ctx, store.Analysis{
		ID: l.pair.analysisID(), Repository: l.repo.ID, Base: l.pair.base.Commit, Head: l.pair.head.Commit,
		Program: b.Program, Rules: l.pair.policyID, Created: l.in.Now, Content: content,
	})
	crash.At("findings committed")
	return j, err
}

// commit decides and stores what comes of it, as an answer to the reasons up to
// done.
func (l *look) commit(ctx context.Context, done int64) (again bool, err error) {
	if l.row.Record.Subject == (signoff.Subject{}) {
		l.row.Record.Subject = l.subject
	}
	outcome, err := l.advance(ctx)
	if err != nil {
		return false, err
	}
	inscribe, err := l.bot.inscriber(outcome)
	if err != nil {
		return false, err
	}
	view, err := encodeView(l.view())
	if err != nil {
		return false, err
	}
	var stored signoff.Record
	again, err = l.bot.Store.Commit(ctx, l.bot.Jobs, store.Change{
		Subject: l.subject, Version: l.row.Version, Done: done,
		Open: l.in.Pull.Open, Next: outcome.Next, Listed: l.found.listed(), View: view, Parts: l.parts(),
		Effects: slices.Concat(outcome.Effects, l.movedOff(outcome.Record), l.queued()),
		Record: func(tail *store.Tail) (_ signoff.Record, err error) {
			stored, err = inscribe(tail)
			return stored, err
		},
	})
	if err != nil {
		return false, err
	}
	l.row.Version++
	l.row.Record = stored
	if len(outcome.Entries) > 0 {
		crash.At("committed, not signed")
		if _, err := l.bot.Checkpoint(ctx); err != nil {
			// The entries are there, and the next sweep signs them.
			l.bot.log.Error("sign the ledger", "error", err)
		}
	}
	return again, nil
}

// advance asks for the outcome until no proof is wanting that git could give.
func (l *look) advance(ctx context.Context) (signoff.Outcome, error) {
	for try := 0; ; try++ {
		outcome := signoff.Advance(l.in, l.row.Record)
		if len(outcome.Wanted) == 0 || l.mirror == nil || try == mostProofs {
			return outcome, nil
		}
		for _, wanted := range outcome.Wanted {
			proof, err := l.prove(ctx, wanted)
			if err != nil {
				return outcome, err
			}
			l.in.Proofs = append(l.in.Proofs, proof)
		}
	}
}
