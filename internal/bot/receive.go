package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/github"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// Receive stores a delivery and calls for the looks that it makes necessary. When
// it returns without an error all of it is on the disk. It asks nobody outside.
func (b *Bot) Receive(ctx context.Context, d github.Delivery, body []byte) (fresh bool, err error) {
	raised, err := b.raised(ctx, d)
	if err != nil {
		return false, err
	}
	doubts, err := b.doubts(ctx, d)
	if err != nil {
		return false, err
	}
	fresh, err = b.Store.Receive(ctx, b.Jobs, store.Delivery{
		GUID: d.GUID, Event: d.Event, Action: d.Action, Installation: d.Installation, Repository: d.Repository.ID,
		At: b.Now(), Body: body, Raised: raised, Sweeps: sweepsOf(d), Doubts: doubts,
	})
	if err != nil || !fresh {
		return fresh, err
	}
	if d.Directory {
		b.Host.ForgetTeams(d.Organization)
	}
	// What is not kept now the next sweep finds out.
	if err := b.noteScope(ctx, d); err != nil {
		b.log.Warn("note what the App may see", "delivery", d.GUID, "error", err)
	}
	return true, nil
}

// raised are the subjects to look at, with their facts.
func (b *Bot) raised(ctx context.Context, d github.Delivery) ([]store.Raised, error) {
	var out []store.Raised
	add := func(s signoff.Subject, facts ...signoff.Fact) {
		i := slices.IndexFunc(out, func(r store.Raised) bool { return r.Subject == s })
		if i < 0 {
			i, out = len(out), append(out, store.Raised{Subject: s})
		}
		out[i].Facts = append(out[i].Facts, facts...)
	}
	for _, s := range d.Raised {
		add(s)
	}
	for _, f := range d.Facts {
		add(f.Subject, f.Fact)
	}
	heads := d.Heads
	if d.Pressed != nil {
		heads = append(slices.Clone(heads), d.Pressed.Commit)
	}
	for _, head := range heads {
		rows, err := b.Store.AtHead(ctx, d.Repository.ID, head)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if d.Pressed != nil && head == d.Pressed.Commit && row.Subject.Kind == signoff.PullRequest {
				add(row.Subject, pressed(*d.Pressed, d.GUID, row.Subject, b.Now()))
			} else {
				add(row.Subject)
			}
		}
	}
	return out, nil
}

// pressed is a button as a command: their identifiers are verbs.
func pressed(p github.Pressed, guid string, s signoff.Subject, at time.Time) signoff.Fact {
	return signoff.Fact{
		ID: fmt.Sprintf("%s/%d", guid, s.Number), At: at, Kind: signoff.Commanded, Actor: p.Actor, Author: p.Actor, Commit: p.Commit,
		Command: &signoff.Command{Verb: signoff.Verb(strings.ToLower(p.Identifier)), Line: p.Identifier},
	}
}

// sweepsOf are the looks at once at what the App was given.
func sweepsOf(d github.Delivery) []string {
	if d.Installation <= 0 {
		return nil
	}
	if d.SweepAll {
		return []string{installationSweep(d.Installation)}
	}
	var kinds []string
	for _, repo := range d.Sweep {
		kinds = append(kinds, repositorySweep(d.Installation, repo.ID))
	}
	return kinds
}

// noteScope keeps what a delivery says of installations and repositories. What is
// taken away is so at once; what is given, or given back, the sweep asks GitHub
// for, since a delivery may be old.
func (b *Bot) noteScope(ctx context.Context, d github.Delivery) error {
	if d.Installation <= 0 {
		return nil
	}
	now := b.Now()
	if d.GoneAll {
		i := store.Installation{ID: d.Installation, Account: d.Account, Suspended: d.Action == "suspend", Deleted: d.Action == "deleted"}
		return b.Store.PutInstallation(ctx, b.Jobs, i, now)
	}
	for _, repo := range d.Gone {
		if err := b.Store.PutRepository(ctx, b.Jobs, store.Repository{Repo: repo, Installation: d.Installation, Removed: true}, now); err != nil {
			return err
		}
	}
	if d.Repository.ID != 0 && len(d.Gone) == 0 {
		return b.Store.NoteRepository(ctx, b.Jobs, store.Repository{Repo: d.Repository, Installation: d.Installation}, now)
	}
	return nil
}
