package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/report"
	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/store"
)

const (
	surveyWeeks = 52
	// aheadWeeks is how far a forecast goes: a quarter.
	aheadWeeks = 13
	// driftWeeks is how many weeks a forecast goes on from: what was before is
	// another time.
	driftWeeks = 26
	maxJumps   = 3
)

// survey reads all that a page is drawn from: the sums, and beside them what stands
// apart.
func (s *site) survey(ctx context.Context, sc scope, now time.Time) (report.Survey, error) {
	to := store.Week(now).AddDate(0, 0, 7)
	f := store.SumFilter{Repositories: ids(sc.repos), From: to.AddDate(0, 0, -7*surveyWeeks), To: to}
	out := report.Survey{Of: sc.kind, From: f.From}
	out.Since, out.Every = 7*surveyWeeks, 7
	out.Catalogue = debt.CatalogueVersion
	if sc.unasked > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("%d more repositories are not in these numbers: there was no time to ask GitHub whether you may read them. Load the page again.", sc.unasked))
	}
	var outlook, process report.Survey
	err := together(
		func() error { return s.surveySums(ctx, sc, f, now, &out) },
		func() error { return s.surveyOutlooks(ctx, sc, f, &outlook) },
		func() error { return s.surveyProcess(ctx, sc, f, now, &process) },
	)
	out.Risk, out.Events, out.Drifts, out.Spots, out.Families = outlook.Risk, outlook.Events, outlook.Drifts, outlook.Spots, outlook.Families
	out.Marks = append(out.Marks, outlook.Marks...)
	out.Process = process.Process
	out.Notes = append(out.Notes, process.Notes...)
	return out, err
}

// surveySums reads what the debt comes to, by whatever it is told apart.
func (s *site) surveySums(ctx context.Context, sc scope, f store.SumFilter, now time.Time, out *report.Survey) error {
	t, err := s.Store.Totals(ctx, f, sc.divisions()...)
	if err != nil {
		return err
	}
	if err := s.surveyPoints(ctx, sc, t, now, out); err != nil {
		return err
	}
	surveyStandings(sc, t, out)
	surveyParts(sc, t, out)
	return s.surveyCredits(ctx, sc, t, out)
}

// part selects what the scope is of: one part of a division, or all of it.
func (sc scope) part() (debt.Division, *string) {
	switch sc.kind {
	case report.OfTeam:
		return debt.Teams, &sc.name
	case report.OfGoal:
		return debt.Goals, &sc.name
	}
	return debt.Whole, nil
}

// partOf is the team or goal that the scope is of; zero: all.
func (sc scope) partOf() (p debt.Part) {
	if division, name := sc.part(); name != nil {
		p = debt.Part{Division: division, Name: *name}
	}
	return p
}

// divisions are those that a page of the scope shows.
func (sc scope) divisions() []debt.Division {
	switch sc.kind {
	case report.OfOrganisation:
		return []debt.Division{debt.Whole, debt.Teams, debt.Goals}
	case report.OfRepository:
		return []debt.Division{debt.Whole, debt.Teams, debt.Goals, debt.Components}
	}
	division, _ := sc.part()
	return []debt.Division{division}
}

// surveyPoints reads the points: those of the repository, or weeks of sums.
func (s *site) surveyPoints(ctx context.Context, sc scope, t *store.Totals, now time.Time, out *report.Survey) error {
	sums := t.Sums(sc.part())
	if len(sums) == 0 && sc.name != "" {
		return errHidden // there is no such team or goal
	}
	out.Forecast = forecast(sums)
	if sc.kind == report.OfRepository {
		return s.surveyRepository(ctx, sc.repos[0], t, out)
	}
	out.Joined = cameIn(sums)
	for i, sum := range sums {
		p := debt.Point{At: sum.Week.AddDate(0, 0, 7), Judged: true}
		if p.At.After(now) {
			p.At = now
		}
		p.Lines, p.Principal, p.Interest, p.Payable = sum.Lines, sum.Principal, sum.Interest, sum.Payable
		p.Introduced, p.Repaid, p.Repriced = sum.Introduced, sum.Repaid, sum.Repriced
		out.Points = append(out.Points, p)
		if came := sum.Repositories - before(sums, i).Repositories; i > 0 && came > 0 {
			what := " more repository came into these numbers"
			if came > 1 {
				what = " more repositories came into these numbers"
			}
			out.Marks = append(out.Marks, report.Event{At: sum.Week, What: strconv.Itoa(came) + what})
		}
		if math.Abs(sum.Repriced) >= 1 {
			out.Marks = append(out.Marks, report.Event{At: sum.Week, What: "other rules or prices: " + signed(sum.Repriced)})
		}
	}
	return nil
}

func before(sums []store.Sum, i int) store.Sum {
	if i == 0 {
		return store.Sum{}
	}
	return sums[i-1]
}

// cameIn is what came in with the repositories that a week has and the one before
// has not: what nothing else tells of.
func cameIn(sums []store.Sum) []float64 {
	out := make([]float64, len(sums))
	any := false
	for i := 1; i < len(sums); i++ {
		if sums[i].Repositories > sums[i-1].Repositories {
			out[i] = sums[i].Principal - sums[i-1].Principal - (sums[i].Introduced - sums[i].Repaid) - sums[i].Repriced
			any = true
		}
	}
	if !any {
		return nil
	}
	return out
}

// forecast goes on with the newest weeks, like with like.
func forecast(sums []store.Sum) *debt.Band {
	sums = sums[max(0, len(sums)-driftWeeks-1):]
	values, came := make([]float64, len(sums)), cameIn(sums)
	later := 0.0
	for i, sum := range slices.Backward(sums) {
		values[i] = sum.Principal + later
		later += sum.Repriced
		if came != nil {
			later += came[i]
		}
	}
	if b, ok := debt.Forecast(values, aheadWeeks); ok {
		return &b
	}
	return nil
}

// surveyRepository reads what is known of one repository alone.
func (s *site) surveyRepository(ctx context.Context, repo store.Repository, t *store.Totals, out *report.Survey) error {
	points, err := s.Store.Points(ctx, repo.ID, t.From, t.To)
	if err != nil {
		return err
	}
	history, err := s.Store.History(ctx, repo.ID)
	if err != nil {
		return err
	}
	switch {
	case history.Problem != "":
		out.Notes = append(out.Notes, "The history goes no further: "+history.Problem)
	case history.Wanted > history.Done && history.Todo > 0:
		out.Notes = append(out.Notes, "The history is being made: "+count(history.Todo, "state")+" still to be judged.")
	case history.Wanted > history.Done:
		out.Notes = append(out.Notes, "The newest state is being judged.")
	}
	out.Repository = repo.Full()
	out.Credits = credits(repo, points)
	for i, p := range points {
		out.Points = append(out.Points, p.Point)
		if i > 0 && p.Catalogue != points[i-1].Catalogue {
			out.Marks = append(out.Marks, report.Event{At: p.At, What: "rules and prices of catalogue " + p.Catalogue + ": " + signed(p.Repriced)})
		}
	}
	if len(points) == 0 {
		return nil
	}
	newest := points[len(points)-1]
	out.Catalogue, out.Branch = cmp.Or(newest.Catalogue, out.Catalogue), review.Revision{Name: repo.DefaultBranch, Commit: newest.Commit}
	if err := s.readJumps(ctx, repo, points, out); err != nil {
		return err
	}
	details, err := s.Store.Details(ctx, repo.ID, newest.Number)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	out.Hotspots = report.Hotspots{
		Scan: review.Scan{Revision: out.Branch, Outcome: out.Outcome()}, Tip: newest.Commit, Until: newest.At, Days: 365, Spots: details.Spots,
	}
	return nil
}

// readJumps finds the largest jumps, and reads what made them.
func (s *site) readJumps(ctx context.Context, repo store.Repository, points []store.Point, out *report.Survey) error {
	for _, j := range debt.Jumps(out.Points, maxJumps) {
		details, err := s.Store.Details(ctx, repo.ID, points[j.Point].Number)
		if errors.Is(err, store.ErrNotFound) {
			continue // it was not kept: the jump stays without its reasons
		}
		if err != nil {
			return err
		}
		out.Points[j.Point].Moves, out.Points[j.Point].Merged = details.Moves, details.Merged
	}
	out.Jumps = debt.Jumps(out.Points, maxJumps)
	return nil
}

// surveyStandings compares the ends of the time, of all and of each repository.
func surveyStandings(sc scope, t *store.Totals, out *report.Survey) {
	repos := byNumber(sc.repos)
	for _, standing := range t.OfRepositories(sc.part()) {
		h := holder(standing)
		add(&out.Begin, h.Begin)
		add(&out.End, h.End)
		repo := repos[standing.Repository]
		h.Name, h.Link = repo.Full(), "/"+repo.Full()+"/trend"
		out.Repositories = append(out.Repositories, h)
	}
}

func holder(s store.Standing) report.Holder {
	return report.Holder{Name: s.Name, Begin: asStanding(s.First), End: asStanding(s.Last)}
}

func asStanding(a store.Amounts) report.Standing {
	return report.Standing{
		Lines: a.Lines, Principal: a.Principal, Interest: a.Interest, Payable: a.Payable,
		Introduced: a.Introduced, Repaid: a.Repaid, Repriced: a.Repriced,
	}
}

func add(sum *report.Standing, s report.Standing) {
	switch {
	case s.Lines == 0 && s.Principal > 0:
		sum.Lines = -1 // of lines that are not all known there is no density
	case sum.Lines >= 0:
		sum.Lines += s.Lines
	}
	sum.Principal += s.Principal
	sum.Interest += s.Interest
	sum.Payable += s.Payable
	sum.Introduced += s.Introduced
	sum.Repaid += s.Repaid
	sum.Repriced += s.Repriced
}

// credits are the repayments on the way to the points.
func credits(repo store.Repository, points []store.Point) (out []report.Repayment) {
	for _, p := range points {
		for _, c := range p.Credit {
			out = append(out, report.Repayment{At: p.At, Repository: repo.Full(), Link: "/" + repo.Full() + "/trend", Credit: c})
		}
	}
	return out
}

// creditedOf is how many repositories the credits of an organisation are read of:
// those that repaid most.
const creditedOf = 5

// surveyCredits reads who paid down, of an organisation. Of a repository it is read
// with its points; of a team or a goal it is not told apart.
func (s *site) surveyCredits(ctx context.Context, sc scope, t *store.Totals, out *report.Survey) error {
	if sc.kind != report.OfOrganisation {
		return nil
	}
	ids, byName := []int64{}, map[string]store.Repository{}
	for _, repo := range sc.repos {
		byName[repo.Full()] = repo
	}
	most := slices.SortedStableFunc(slices.Values(out.Repositories), func(a, b report.Holder) int { return cmp.Compare(b.End.Repaid, a.End.Repaid) })
	for _, h := range most[:min(creditedOf, len(most))] {
		if h.End.Repaid > 0 {
			ids = append(ids, byName[h.Name].ID)
		}
	}
	list, err := s.Store.Credits(ctx, ids, t.From, t.To)
	if err != nil {
		return err
	}
	repos := byNumber(sc.repos)
	for _, c := range list {
		name := repos[c.Repository].Full()
		out.Credits = append(out.Credits, report.Repayment{At: c.At, Repository: name, Link: "/" + name + "/trend", Credit: c.Credit})
	}
	return nil
}

// surveyParts tells teams, goals and components apart, with where they may go.
func surveyParts(sc scope, t *store.Totals, out *report.Survey) {
	if sc.name != "" {
		return
	}
	for _, d := range []struct {
		division debt.Division
		kind     report.SurveyKind
		none     string
		into     *[]report.Holder
	}{
		{debt.Teams, report.OfTeam, "no owner", &out.Teams},
		{debt.Goals, report.OfGoal, "no goal", &out.Goals},
		{debt.Components, "", "no component", &out.Components},
	} {
		if d.kind == "" && sc.kind != report.OfRepository {
			continue // a component is of its repository
		}
		weeks := map[string][]store.Sum{}
		if d.kind != "" {
			for _, sum := range t.Sums(d.division, nil) {
				weeks[sum.Name] = append(weeks[sum.Name], sum)
			}
		}
		for _, standing := range t.OfParts(d.division) {
			h := holder(standing)
			h.Forecast = forecast(weeks[standing.Name])
			if d.kind != "" && h.Name != "" {
				h.Link = scope{kind: d.kind, owner: sc.owner, name: h.Name}.path()
			}
			h.Name = cmp.Or(h.Name, d.none)
			*d.into = append(*d.into, h)
		}
	}
}
