package bot

import (
	"context"
	"path/filepath"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/store"
	"github.com/barraiser/barraiser/internal/trend"
)

// lookOut stores what the branch says beside its points: its releases and changes of
// the mode in the year before the tip, and where the risk of its changes goes.
// Beneath is the policy of the organisation, nil where it has none.
func (h *history) lookOut(ctx context.Context, tip string, beneath *review.File) error {
	b := h.bot
	if err := b.Mirrors.FetchReleases(ctx, h.repo.Installation, h.repo.Repo); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		// A line without new marks is worth more than none.
		b.log.Warn("releases could not be fetched", "repository", h.repo.Full(), "err", err)
	}
	at, err := h.mirror.When(ctx, tip)
	if err != nil {
		return err
	}
	kept, from := filepath.Join(b.Judge.Cache, historyFolder), at.AddDate(-1, 0, 0)
	steps, err := h.mirror.Steps(ctx, tip, from, kept)
	if err != nil {
		return err
	}
	out := store.Outlook{Repository: h.repo.ID}
	if out.Events, err = trend.Events(ctx, h.mirror, steps, from, beneath, kept); err != nil {
		return err
	}
	if risk, ok := trend.Risk(steps); ok {
		out.Risk = &risk
	}
	out.Parts = map[debt.Part]impact.Direction{}
	for part, drift := range trend.Risks(steps, h.owners) {
		out.Parts[part] = drift.Direction
	}
	return b.Store.PutOutlook(ctx, out)
}
