package bot

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/barraiser/barraiser/internal/crash"
	"github.com/barraiser/barraiser/internal/github"
	"github.com/barraiser/barraiser/internal/store"
)

// The sweeps. Each finds what a lost delivery, a crash or an outage of ours left
// undone, whatever it was, by comparing what is with what is stored.
const (
	SweepStore      = "store"      // what the store says is undone, or due
	SweepDeliveries = "deliveries" // what GitHub sent and we did not store
	SweepHost       = "host"       // installations, repositories, open pull requests, branches
	SweepLedger     = "ledger"     // entries that no checkpoint covers
	SweepOutcomes   = "outcomes"   // merged changes of which it is time to see what became of them
	SweepDigests    = "digests"    // channels that are to be told of the week
)

// atOnce is how much one sweep takes up; the next one goes on.
const atOnce = 500

// patience is how long something may wait for its job before it is given
// another.
const patience = 2 * time.Minute

// historyPatience is that of a repository that waits for its next point: there may
// be many before it.
const historyPatience = 6 * time.Hour

// Sweep runs one kind.
func (b *Bot) Sweep(ctx context.Context, kind string) error {
	sweeps := map[string]func(context.Context) error{
		SweepStore: b.sweepStore, SweepDeliveries: b.sweepDeliveries, SweepHost: b.sweepHost,
		SweepOutcomes: b.sweepOutcomes, SweepDigests: b.sweepDigests,
		SweepLedger: func(ctx context.Context) error { _, err := b.Checkpoint(ctx); return err },
	}
	sweep, ok := sweeps[kind]
	if !ok {
		if sweep, ok = b.scopeSweep(kind); !ok {
			return fmt.Errorf("there is no sweep %q", kind)
		}
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
	crash.At("in a sweep")
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
	histories, err := b.Store.UndoneHistories(ctx, b.Now().Add(-historyPatience), atOnce)
	if err != nil {
		return err
	}
	if len(histories) > 0 {
		if err := b.Store.RequeueHistories(ctx, b.Jobs, b.Now(), histories...); err != nil {
			return err
		}
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

// echo reports whether a delivery most likely tells of what we did ourselves: our
// checks make more of them than all people together. The list does not say who
// did it. What somebody else did to a check the look at all checks finds.
func echo(d github.HookDelivery) bool {
	switch d.Event {
	case "check_run", "check_suite":
		return d.Action != "rerequested" && d.Action != "requested_action"
	}
	return false
}

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
		if echo(d) {
			continue
		}
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
