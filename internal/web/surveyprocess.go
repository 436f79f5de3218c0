package web

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

const maxSurveyed = 5000 // overrides that a page looks at for what they promise

// surveyProcess reads how the bar was kept: of a team or a goal, by the pull requests
// that are of it.
func (s *site) surveyProcess(ctx context.Context, sc scope, t store.SumFilter, now time.Time, out *report.Survey) error {
	var p report.Process
	part, list := sc.partOf(), url.Values{}
	if part.Name != "" {
		list.Set(string(part.Division), part.Name)
	}
	f := store.OverrideFilter{Part: part, Repositories: t.Repositories, From: t.From, To: t.To}
	counts, err := s.Store.CountOverrides(ctx, f)
	if err != nil {
		return err
	}
	f.Unsettled = true
	open, _, err := s.Store.Overrides(ctx, f, store.Page{Limit: maxSurveyed})
	if err != nil {
		return err
	}
	if len(open) == maxSurveyed {
		out.Notes = append(out.Notes, fmt.Sprintf("Only the promises of the newest %d open overrides are in these numbers.", maxSurveyed))
	}
	repos := byNumber(sc.repos)
	for _, o := range open {
		if what, due := promised(o.Override); due != "" {
			name, link := ledgerName(o.Override.Entry)
			p.Promises = append(p.Promises, report.Promise{
				Name: cmp.Or(name, "not recorded"), Link: link, Repository: repos[o.Subject.Repository].Full(),
				What: what, Due: due, Overdue: due < now.UTC().Format(time.DateOnly),
			})
		}
	}
	for _, stage := range signoff.Stages() {
		n := counts[store.OverrideState(stage)]
		p.FollowUp = append(p.FollowUp, report.OverrideLine{State: string(stage), Count: n})
		if stage.Closed() {
			p.Closed += n
		}
	}
	for _, state := range overrideStates {
		list.Set("state", string(state.state))
		p.Overrides = append(p.Overrides, report.OverrideLine{State: state.badge.Text, Link: "/overrides?" + list.Encode(), Count: counts[state.state]})
	}
	figures := store.FigureFilter{Part: part, Repositories: t.Repositories, From: t.From, To: t.To}
	if p.LeadTimes, err = s.Store.LeadTimes(ctx, figures); err != nil {
		return err
	}
	if p.Outcomes, err = s.Store.Outcomes(ctx, figures); err != nil {
		return err
	}
	advice, err := s.Store.Advice(ctx, figures)
	if err != nil {
		return err
	}
	for _, a := range advice {
		p.Advice = append(p.Advice, report.AdviceLine{Rule: a.Rule, Shown: a.Shown, Acted: a.Acted, Dismissed: a.Dismissed})
	}
	out.Process = &p
	if part.Division == debt.Goals {
		return nil // nobody works in the code of a goal as a guest
	}
	pairs, err := s.Store.Contributions(ctx, t.From, t.To, part.Name, t.Repositories)
	if err != nil {
		return err
	}
	for _, c := range pairs {
		p.Guests = append(p.Guests, report.GuestLine{From: c.From, Home: c.Home, Changes: c.Changes, Files: c.Files, Minutes: c.Minutes})
	}
	return nil
}

// promised is what an override's follow-up still owes and by when, as it was said
// last; nothing where it owes nothing.
func promised(o signoff.Override) (what, due string) {
	if o.Void != "" || o.Stage().Closed() && o.Stage() != signoff.NotFollowed {
		return "", ""
	}
	for _, step := range slices.Backward(o.Steps) {
		if step.Kind == signoff.Promised {
			return step.Text, string(step.Due)
		}
	}
	return cmp.Or(o.FollowUp, o.Reason), string(o.Due)
}
