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
// states come to.
func (s *site) surveyOutlooks(ctx context.Context, sc scope, t store.SumFilter, out *report.Survey) (err error) {
	if sc.kind == report.OfRepository {
		return s.surveyOutlook(ctx, sc.repos[0], t, out)
	}
	part := sc.partOf()
	drifts := map[impact.Direction]int{}
	if sc.kind == report.OfOrganisation {
		outlooks, err := s.Store.Outlooks(ctx, t.Repositories)
		if err != nil {
			return err
		}
		for _, o := range outlooks {
			if o.Risk != nil {
				drifts[o.Risk.Direction]++
			}
		}
		out.Marks = append(out.Marks, modeMarks(outlooks, t.From)...)
	} else if drifts, err = s.Store.Drifts(ctx, part, t.Repositories); err != nil {
		return err
	}
	out.Drifts = &report.Drifts{Rising: drifts[impact.Rising], Falling: drifts[impact.Falling]}
	families, err := s.Store.Families(ctx, part, t.Repositories)
	if err != nil {
		return err
	}
	for _, f := range families {
		out.Families = append(out.Families, report.Family(f))
	}
	spots, err := s.Store.Spots(ctx, part, t.Repositories, maxPlaced)
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

// surveyOutlook reads that of one repository.
func (s *site) surveyOutlook(ctx context.Context, repo store.Repository, t store.SumFilter, out *report.Survey) error {
	outlook, err := s.Store.Outlook(ctx, repo.ID)
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
