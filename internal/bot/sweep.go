package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// The sweeps. Each finds what a lost delivery, a crash or an outage of ours left
// undone, whatever it was, by comparing what is with what is stored.
const (
	SweepStore      = "store"      // what the store says is undone, or due
	SweepDeliveries = "deliveries" // what GitHub sent and we did not store
	SweepHost       = "host"       // installations, repositories, open pull requests, branches
	SweepLedger     = "ledger"     // entries that no checkpoint covers
)

// atOnce is how much one sweep takes up; the next one goes on.
const atOnce = 500

// patience is how long something may wait for its job before it is given
// another.
const patience = 2 * time.Minute

// Sweep runs one kind.
func (b *Bot) Sweep(ctx context.Context, kind string) error {
	sweeps := map[string]func(context.Context) error{
		SweepStore: b.sweepStore, SweepDeliveries: b.sweepDeliveries, SweepHost: b.sweepHost,
		SweepLedger: func(ctx context.Context) error { _, err := b.Checkpoint(ctx); return err },
	}
	sweep, ok := sweeps[kind]
	if !ok {
		return fmt.Errorf("there is no sweep %q", kind)
	}
	if err := sweep(ctx); err != nil {
		return fmt.Errorf("sweep %s: %w", kind, err)
	}
	return nil
}

func (b *Bot) sweepStore(ctx context.Context) error {
	due, err := b.Store.Due(ctx, b.Now(), atOnce)
	if err != nil {
		return err
	}
	if len(due) > 0 {
		if err := b.Store.Raise(ctx, b.Jobs, b.Now(), due...); err != nil {
			return err
		}
	}
	undone, err := b.Store.Undone(ctx, b.Now().Add(-patience), atOnce)
	if err != nil {
		return err
	}
	lanes, err := b.Store.Unperformed(ctx, b.Now().Add(-patience), atOnce)
	if err != nil {
		return err
	}
	if len(undone) > 0 {
		err = b.Store.Requeue(ctx, b.Jobs, undone...)
	}
	if len(lanes) > 0 {
		err = errors.Join(err, b.Store.RequeueLanes(ctx, b.Jobs, lanes...))
	}
	if err != nil {
		return err
	}
	_, err = b.Store.Prune(ctx, b.Now(), store.DefaultRetention)
	return err
}

// deliveryCursor is the setting with the time up to which deliveries were
// compared. Before the first sweep GitHub is asked for what it keeps.
const deliveryCursor = "deliveries"

const (
	githubKeeps = 72 * time.Hour
	overlap     = 15 * time.Minute // a delivery may be listed late
)

// sweepDeliveries asks for everything again that GitHub sent and that is not
// stored. It comes with the same GUID.
func (b *Bot) sweepDeliveries(ctx context.Context) error {
	now := b.Now()
	since := now.Add(-githubKeeps)
	text, err := b.Store.Setting(ctx, deliveryCursor)
	if err != nil {
		return err
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil && at.Add(-overlap).After(since) {
		since = at.Add(-overlap)
	}
	list, whole, err := b.Host.DeliveriesSince(ctx, since)
	if err != nil {
		return err
	}
	var guids []string
	ids := map[string]int64{}
	for _, d := range list {
		if _, seen := ids[d.GUID]; !seen {
			guids = append(guids, d.GUID)
		}
		ids[d.GUID] = d.ID
	}
	missing, err := b.Store.Unknown(ctx, guids)
	if err != nil {
		return err
	}
	for _, guid := range missing {
		if err := b.Host.Redeliver(ctx, ids[guid]); err != nil {
			return err
		}
		b.log.Info("asked for a delivery again", "delivery", guid)
	}
	if !whole {
		// Those before are lost to this sweep; the one of the host finds what they
		// were about.
		b.log.Warn("there are more deliveries than one sweep reads")
	}
	return b.Store.Set(ctx, deliveryCursor, now.UTC().Format(time.RFC3339))
}

// sweepHost lists what the App may see, and calls for a look at each open pull
// request that is not stored as it is, and at each governed branch.
func (b *Bot) sweepHost(ctx context.Context) error {
	installations, err := b.Host.Installations(ctx)
	if err != nil {
		return err
	}
	for _, i := range installations {
		if err := b.Store.PutInstallation(ctx, store.Installation{ID: i.ID, Account: i.Owner, Suspended: i.Suspended}); err != nil {
			return err
		}
		if i.Suspended {
			continue
		}
		repos, err := b.Host.Repositories(ctx, i.ID)
		if err != nil {
			return err
		}
		for _, repo := range repos {
			if err := b.Store.PutRepository(ctx, store.Repository{Repo: repo, Installation: i.ID}); err != nil {
				return err
			}
		}
	}
	return b.sweepRepositories(ctx)
}

// sweepRepositories takes those first whose turn was the longest ago, so that a
// sweep that ends early does not begin with the same ones next time.
func (b *Bot) sweepRepositories(ctx context.Context) error {
	repos, err := b.Store.Repositories(ctx)
	if err != nil {
		return err
	}
	for _, repo := range repos {
		if repo.Archived {
			continue
		}
		err := b.sweepRepository(ctx, repo)
		if err != nil && !gone(err) {
			return err
		}
		if err := b.Store.Swept(ctx, repo.ID, b.Now()); err != nil {
			return err
		}
	}
	return nil
}

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
