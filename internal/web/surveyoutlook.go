package web

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/store"
)

// maxPlaced is how many places of all repositories a page knows of.
const maxPlaced = 200

// surveyOutlooks reads what branches say beside their points, and what their newest
// states come to. Of a team or a goal it is not told apart.
func (s *site) surveyOutlooks(ctx context.Context, sc scope, t *store.Totals, _ time.Time, out *report.Survey) error {
	switch sc.kind {
	case report.OfRepository:
		outlook, err := s.Store.Outlook(ctx, sc.repos[0].ID)
		if err != nil {
			return err
		}
		out.Risk = outlook.Risk
		for _, e := range outlook.Events {
			if !e.At.Before(t.From) {
				out.Events = append(out.Events, e)
			}
		}
		slices.SortStableFunc(out.Events, func(a, b debt.Event) int { return a.At.Compare(b.At) })
		return nil
	case report.OfOrganisation:
	default:
		return nil
	}
	outlooks, err := s.Store.Outlooks(ctx, t.Repositories)
	if err != nil {
		return err
	}
	out.Drifts = &report.Drifts{}
	for _, o := range outlooks {
		switch {
		case o.Risk == nil:
		case o.Risk.Direction == impact.Rising:
			out.Drifts.Rising++
		case o.Risk.Direction == impact.Falling:
			out.Drifts.Falling++
		}
	}
	out.Marks = append(out.Marks, modeMarks(outlooks, t.From)...)
	families, err := s.Store.Families(ctx, t.Repositories)
	if err != nil {
		return err
	}
	for _, f := range families {
		out.Families = append(out.Families, report.Family(f))
	}
	spots, err := s.Store.Spots(ctx, t.Repositories, maxPlaced)
	if err != nil {
		return err
	}
	repos := byNumber(sc.repos)
	for _, spot := range spots {
		name := repos[spot.Repository].Full()
		out.Spots = append(out.Spots, report.PlacedSpot{Repository: name, Link: "/" + name + "/trend", Hotspot: spot.Hotspot})
	}
	return nil
}

// modeMarks are the changes of the mode from a time on: one mark for those of a week
// to one mode, since a policy is often rolled out over many repositories.
func modeMarks(outlooks []store.Outlook, from time.Time) (out []report.Event) {
	type step struct {
		week time.Time
		mode string
	}
	counts := map[step]int{}
	for _, o := range outlooks {
		for _, e := range o.Events {
			if e.Kind == debt.ModeChanged && !e.At.Before(from) {
				counts[step{store.Week(e.At), e.Name}]++
			}
		}
	}
	for s, n := range counts {
		out = append(out, report.Event{At: s.week, What: "mode " + s.mode + " in " + report.Repositories(n)})
	}
	slices.SortFunc(out, func(a, b report.Event) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.What, b.What)) })
	return out
}
