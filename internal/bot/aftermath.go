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
)

// mostOutcomes is how many merges one sweep asks about: each reads a history.
const mostOutcomes = 20

// outcomePatience is how long after its time it is asked again what became of a
// change, where that cannot be read.
const outcomePatience = 7 * 24 * time.Hour

// sweepOutcomes finds out what became of the merged changes whose time has come.
// One that cannot be read now is asked about again, and does not keep the others
// waiting.
func (b *Bot) sweepOutcomes(ctx context.Context) error {
	due, err := b.Store.DueOutcomes(ctx, b.Now(), mostOutcomes)
	if err != nil {
		return err
	}
	var failed []error
	for _, s := range due {
		if err := b.decideOutcome(ctx, s); err != nil {
			failed = append(failed, fmt.Errorf("what became of %s: %w", s.Key(), err))
		}
	}
	return errors.Join(failed...)
}

func (b *Bot) decideOutcome(ctx context.Context, s signoff.Subject) error {
	row, _, err := b.Store.Load(ctx, s)
	if err != nil {
		return err
	}
	m := row.Record.Merge
	if m == nil {
		return b.Store.PutAftermath(ctx, b.Jobs, s, signoff.Aftermath{Result: signoff.Untold, Why: "it is not known how it was merged"}, b.Now())
	}
	a, err := b.aftermath(ctx, s, row.Record)
	if _, lost := errors.AsType[*git.NotOnRemoteError](err); gone(err) || lost || err != nil && b.Now().After(m.Due.Add(outcomePatience)) {
		a, err = signoff.Aftermath{Result: signoff.Untold, Why: err.Error()}, nil
	}
	if err != nil {
		return err
	}
	return b.Store.PutAftermath(ctx, b.Jobs, s, a, b.Now())
}

// aftermath reads the branch from the merge on.
func (b *Bot) aftermath(ctx context.Context, s signoff.Subject, rec signoff.Record) (_ signoff.Aftermath, err error) {
	repo, err := b.repository(ctx, s)
	if err != nil {
		return signoff.Aftermath{}, err
	}
	tip, err := b.Host.BranchTip(ctx, s.Installation, repo, rec.BaseRef)
	if err != nil {
		return signoff.Aftermath{}, err
	}
	mirror, err := b.Mirrors.Fetch(ctx, s.Installation, repo, tip, rec.Head, rec.MergeBase, rec.Merge.Commit)
	if err != nil {
		return signoff.Aftermath{}, err
	}
	defer func() { err = errors.Join(err, mirror.Close()) }()
	own, err := touched(ctx, mirror, rec.MergeBase, rec.Head)
	if err != nil {
		return signoff.Aftermath{}, err
	}
	steps, err := mirror.Steps(ctx, tip, rec.Merge.At.Add(-time.Hour), filepath.Join(b.Judge.Cache, historyFolder))
	if err != nil {
		return signoff.Aftermath{}, err
	}
	at := slices.IndexFunc(steps, func(s git.Step) bool { return s.Commit == rec.Merge.Commit })
	if at < 0 {
		return signoff.Aftermath{Result: signoff.Untold, Why: rec.BaseRef + " does not lead to the merge any more"}, nil
	}
	steps = steps[:at]
	slices.Reverse(steps)
	later, err := laterSteps(ctx, mirror, own, steps, rec.Merge.Due)
	if err != nil {
		return signoff.Aftermath{}, err
	}
	return signoff.JudgeAftermath(own, []string{rec.Merge.Commit, rec.Head}, rec.Merge.Due, later), nil
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
