package bot

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/git"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// mostOutcomes is how many merges one sweep asks about: each reads a history.
const mostOutcomes = 20

// outcomePatience is how long after its time it is asked again what became of a
// change, where that cannot be read.
const outcomePatience = 7 * 24 * time.Hour

// sweepOutcomes finds out what became of the merged changes, and of the pushes past
// all pull requests, whose time has come. One that cannot be read now is asked about
// again, and does not keep the others waiting.
func (b *Bot) sweepOutcomes(ctx context.Context) error {
	due, err := b.Store.DueOutcomes(ctx, b.Now(), mostOutcomes)
	if err != nil {
		return err
	}
	var failed []error
	for _, l := range due {
		if err := b.decideOutcome(ctx, l); err != nil {
			failed = append(failed, fmt.Errorf("what became of %s: %w", l.Subject.Key(), err))
		}
	}
	return errors.Join(failed...)
}

func (b *Bot) decideOutcome(ctx context.Context, l store.Landing) error {
	row, _, err := b.Store.Load(ctx, l.Subject)
	if err != nil {
		return err
	}
	m := row.Record.Merge
	if l.Override != "" {
		m = nil
		if i := slices.IndexFunc(row.Record.Overrides, func(o signoff.Override) bool { return o.ID == l.Override }); i >= 0 {
			m = row.Record.Overrides[i].Landed
		}
	}
	if m == nil {
		return b.Store.PutAftermath(ctx, b.Jobs, l, signoff.Aftermath{Result: signoff.Untold, Why: "it is not known how it was merged"}, b.Now())
	}
	a, err := b.aftermath(ctx, row.Record, *m)
	if _, lost := errors.AsType[*git.NotOnRemoteError](err); gone(err) || lost || err != nil && b.Now().After(m.Due.Add(outcomePatience)) {
		a, err = signoff.Aftermath{Result: signoff.Untold, Why: err.Error()}, nil
	}
	if err != nil {
		return err
	}
	return b.Store.PutAftermath(ctx, b.Jobs, l, a, b.Now())
}

// aftermath reads the branch from the merge, or from the push, on.
func (b *Bot) aftermath(ctx context.Context, rec signoff.Record, m signoff.Merge) (_ signoff.Aftermath, err error) {
	s := rec.Subject
	repo, err := b.repository(ctx, s)
	if err != nil {
		return signoff.Aftermath{}, err
	}
	tip, err := b.Host.BranchTip(ctx, s.Installation, repo, rec.BaseRef)
	if err != nil {
		return signoff.Aftermath{}, err
	}
	commits := []string{tip, m.Commit}
	if m.First == "" {
		commits = append(commits, rec.Head, rec.MergeBase)
	}
	mirror, err := b.Mirrors.Fetch(ctx, s.Installation, repo, commits...)
	if err != nil {
		return signoff.Aftermath{}, err
	}
	defer func() { err = errors.Join(err, mirror.Close()) }()
	from, to, names := rec.MergeBase, rec.Head, []string{m.Commit, rec.Head}
	if m.First != "" {
		to = m.Commit
		if from, names, err = pushedCommits(ctx, mirror, m); err != nil {
			return signoff.Aftermath{}, err
		}
	}
	own, err := touched(ctx, mirror, from, to)
	if err != nil {
		return signoff.Aftermath{}, err
	}
	steps, err := mirror.Steps(ctx, tip, m.At.Add(-time.Hour), filepath.Join(b.Judge.Cache, historyFolder))
	if err != nil {
		return signoff.Aftermath{}, err
	}
	at := slices.IndexFunc(steps, func(s git.Step) bool { return s.Commit == m.Commit })
	if at < 0 {
		return signoff.Aftermath{Result: signoff.Untold, Why: rec.BaseRef + " does not lead to the merge any more"}, nil
	}
	steps = steps[:at]
	slices.Reverse(steps)
	later, err := laterSteps(ctx, mirror, own, steps, m.Due)
	if err != nil {
		return signoff.Aftermath{}, err
	}
	return signoff.JudgeAftermath(own, names, m.Due, later), nil
}

// pushedCommits are the commits of a push, of which a revert of any takes it back,
// and the one that the branch was at before.
func pushedCommits(ctx context.Context, repo *git.Repo, m signoff.Merge) (before string, commits []string, err error) {
	if before, err = repo.Resolve(ctx, m.First+"^1"); err != nil {
		return "", nil, err
	}
	commits, err = repo.CommitsBetween(ctx, before, m.Commit, mostLanded)
	return before, commits, err
}

// laterSteps reads of each step what the judgement needs. Content is compared only
// where a step says that it mends, in files that the change touched; those are
// followed through their renames.
func laterSteps(ctx context.Context, repo *git.Repo, own []signoff.Symbol, steps []git.Step, until time.Time) ([]signoff.Later, error) {
	was := map[string]string{} // path now, to that at the merge
	for _, s := range own {
		was[s.Path] = s.Path
	}
	var out []signoff.Later
	for _, step := range steps {
		if step.When.After(until) || step.Parent == "" {
			continue
		}
		l := signoff.Later{Commit: step.Commit, Title: mergedTitle(step.Message), At: step.When}
		ours := false
		for _, f := range step.Files {
			if then, ok := was[f.OldPath]; ok && f.OldPath != "" {
				delete(was, f.OldPath)
				was[f.Path] = then
			}
			_, known := was[f.Path]
			ours = ours || known
		}
		var err error
		if strings.Contains(strings.ToLower(step.Message), "revert") {
			if l.Reverts, err = repo.RevertOf(ctx, step.Parent, step.Commit); err != nil {
				return nil, err
			}
		}
		if ours && signoff.Mends(l.Title) {
			all, err := touched(ctx, repo, step.Parent, step.Commit)
			if err != nil {
				return nil, err
			}
			for _, s := range all {
				if then, ok := was[s.Path]; ok {
					l.Touched = append(l.Touched, signoff.Symbol{Path: then, Name: s.Name})
				}
			}
		}
		out = append(out, l)
	}
	return out, nil
}

// touched are the declarations that differ between two commits.
func touched(ctx context.Context, repo *git.Repo, from, to string) ([]signoff.Symbol, error) {
	var trees [2]string
	for i, commit := range []string{from, to} {
		tree, err := repo.TreeOf(ctx, commit)
		if err != nil {
			return nil, err
		}
		trees[i] = tree
	}
	files, err := repo.Touched(ctx, trees[0], trees[1])
	if err != nil {
		return nil, err
	}
	var out []signoff.Symbol
	for _, f := range files {
		for _, name := range f.Symbols {
			out = append(out, signoff.Symbol{Path: f.Path, Name: name})
		}
	}
	return out, nil
}

// mergedTitle is what a step says of itself in a line. The first one of a merge by
// GitHub's button names the branch, and the title of the pull request is below.
func mergedTitle(message string) string {
	first, rest, _ := strings.Cut(strings.TrimSpace(message), "\n")
	if strings.HasPrefix(first, "Merge pull request #") {
		if title, _, _ := strings.Cut(strings.TrimSpace(rest), "\n"); title != "" {
			return title
		}
	}
	return first
}
