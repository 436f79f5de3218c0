package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/barraiser/barraiser/internal/github"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// installationSweep and repositorySweep are the kinds of sweeps that look at one of
// them, when a delivery told that the App was given it.
func installationSweep(id int64) string { return fmt.Sprintf("installation/%d", id) }

func repositorySweep(installation, id int64) string {
	return fmt.Sprintf("repository/%d/%d", installation, id)
}

// scopeSweep is the sweep of such a kind.
func (b *Bot) scopeSweep(kind string) (sweep func(context.Context) error, ok bool) {
	var installation, repository int64
	if n, err := fmt.Sscanf(kind, "repository/%d/%d", &installation, &repository); err == nil && n == 2 {
		return func(ctx context.Context) error { return b.sweepOne(ctx, installation, repository) }, true
	}
	if n, err := fmt.Sscanf(kind, "installation/%d", &installation); err == nil && n == 1 {
		return func(ctx context.Context) error { return b.sweepInstallation(ctx, installation) }, true
	}
	return nil, false
}

// sweepHost lists what the App may see, and calls for a look at each open pull
// request that is not stored as it is, and at each governed branch. What goes
// wrong in one account or repository does not hold up the others.
func (b *Bot) sweepHost(ctx context.Context) error {
	listed, err := b.Host.Installations(ctx)
	if err != nil {
		return err
	}
	known, err := b.Store.Installations(ctx)
	if err != nil {
		return err
	}
	repos, err := b.Store.Repositories(ctx)
	if err != nil {
		return err
	}
	var wrong []error
	for _, i := range known {
		if !i.Deleted && !slices.ContainsFunc(listed, func(l github.Installation) bool { return l.ID == i.ID }) {
			i.Deleted = true
			wrong = append(wrong, b.Store.PutInstallation(ctx, b.Jobs, i, b.Now()))
		}
	}
	for _, i := range listed {
		if ctx.Err() != nil {
			break
		}
		wrong = append(wrong, b.noteInstallation(ctx, i, repos))
	}
	if repos, err = b.Store.Repositories(ctx); err != nil {
		return errors.Join(append(wrong, err)...)
	}
	return errors.Join(append(wrong, b.sweepRepositories(ctx, repos))...)
}

// sweepInstallation looks at one installation, which was just made or is back. One
// that is not listed is left to the next sweep of all: lists lag.
func (b *Bot) sweepInstallation(ctx context.Context, id int64) error {
	listed, err := b.Host.Installations(ctx)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(listed, func(i github.Installation) bool { return i.ID == id })
	if at < 0 {
		return nil
	}
	repos, err := b.Store.Repositories(ctx)
	if err != nil {
		return err
	}
	if err := b.noteInstallation(ctx, listed[at], repos); err != nil {
		return err
	}
	if repos, err = b.Store.Repositories(ctx); err != nil {
		return err
	}
	return b.sweepRepositories(ctx, slices.DeleteFunc(repos, func(r store.Repository) bool { return r.Installation != id }))
}

// noteInstallation keeps what an installation shows us now. Known are all
// repositories that are stored as there.
func (b *Bot) noteInstallation(ctx context.Context, i github.Installation, known []store.Repository) error {
	at := b.Now()
	if i.Suspended && !i.Since.IsZero() {
		at = i.Since
	}
	err := b.Store.PutInstallation(ctx, b.Jobs, store.Installation{ID: i.ID, Account: i.Owner, Suspended: i.Suspended}, at)
	if err != nil || i.Suspended {
		return err
	}
	repos, err := b.Host.Repositories(ctx, i.ID)
	if err != nil {
		return err
	}
	there := map[int64]bool{}
	for _, repo := range repos {
		there[repo.ID] = true
		if err := b.Store.PutRepository(ctx, b.Jobs, store.Repository{Repo: repo, Installation: i.ID}, b.Now()); err != nil {
			return err
		}
	}
	for _, r := range known {
		if r.Installation != i.ID || there[r.ID] {
			continue
		}
		r.Removed = true
		if err := b.Store.PutRepository(ctx, b.Jobs, r, b.Now()); err != nil {
			return err
		}
	}
	return nil
}

// sweepOne looks at one repository.
func (b *Bot) sweepOne(ctx context.Context, installation, id int64) error {
	repo, err := b.Host.Repo(ctx, installation, id)
	if gone(err) {
		return nil // given and taken: the sweep of all notes that
	}
	if err != nil {
		return err
	}
	r := store.Repository{Repo: repo, Installation: installation}
	if err := b.Store.PutRepository(ctx, b.Jobs, r, b.Now()); err != nil {
		return err
	}
	return b.sweepRepositories(ctx, []store.Repository{r})
}

// sweepRepositories takes those first whose turn was the longest ago, so that a
// sweep that ends early does not begin with the same ones next time.
func (b *Bot) sweepRepositories(ctx context.Context, repos []store.Repository) error {
	var wrong []error
	for _, repo := range repos {
		if ctx.Err() != nil {
			return errors.Join(append(wrong, ctx.Err())...)
		}
		access, err := b.Store.Access(ctx, signoff.Subject{Installation: repo.Installation, Repository: repo.ID})
		if err != nil {
			return errors.Join(append(wrong, err)...)
		}
		if repo.Archived || access != store.Granted {
			continue
		}
		if err := b.sweepRepository(ctx, repo); err != nil && !gone(err) {
			wrong = append(wrong, fmt.Errorf("%s: %w", repo.Full(), err))
		}
		if err := b.Store.Swept(ctx, repo.ID, b.Now()); err != nil {
			return errors.Join(append(wrong, err)...)
		}
	}
	return errors.Join(wrong...)
}

// verifyEvery is how often a sweep compares the checks of all open pull requests
// with what we wrote: it takes a request for each.
const verifyEvery = time.Hour

func (b *Bot) sweepRepository(ctx context.Context, repo store.Repository) error {
	open, err := b.Host.OpenPulls(ctx, repo.Installation, repo.Repo)
	if err != nil {
		return err
	}
	stored, err := b.Store.OpenIn(ctx, repo.ID)
	if err != nil {
		return err
	}
	subject := func(number int) signoff.Subject {
		return signoff.Subject{Installation: repo.Installation, Repository: repo.ID, Kind: signoff.PullRequest, Number: number}
	}
	look := map[signoff.Subject]bool{}
	for _, s := range stored { // those that are closed by now among them
		look[s] = s.Kind == signoff.PullRequest
	}
	for _, p := range open {
		s := subject(p.Number)
		rows, err := b.Store.AtHead(ctx, repo.ID, p.Head)
		if err != nil {
			return err
		}
		look[s] = true
		for _, row := range rows {
			if row.Subject == s && row.Record.BaseRef == p.BaseRef && row.Record.Draft == p.Draft {
				look[s] = false // it is as we have it
			}
		}
	}
	if verify := repo.Swept.Truncate(verifyEvery).Before(b.Now().Truncate(verifyEvery)); verify {
		for _, p := range open {
			if look[subject(p.Number)] {
				continue // it will be put
			}
			if err := b.verifyCheck(ctx, repo, p.Head); err != nil {
				return err
			}
		}
	}
	var raise []signoff.Subject
	for s, wanted := range look {
		if wanted {
			raise = append(raise, s)
		}
	}
	if repo.DefaultBranch != "" {
		raise = append(raise, signoff.Subject{Installation: repo.Installation, Repository: repo.ID, Kind: signoff.Branch, Ref: repo.DefaultBranch})
	}
	return b.Store.Raise(ctx, b.Jobs, b.Now(), raise...)
}
