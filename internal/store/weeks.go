package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
)

// Week is the Monday, 00:00 UTC, that the week of a time began with.
func Week(at time.Time) time.Time {
	day := at.UTC().Truncate(24 * time.Hour)
	return day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
}

// stampWeek is a week as it is stored.
func stampWeek(at time.Time) string { return Week(at).Format(time.DateOnly) }

// Amounts are sums over parts of the debt of repositories: the first four as of
// the newest state in the week, the others of the steps that led there in it. A
// part of [debt.Families] has no interest and nothing payable.
type Amounts struct {
	Lines                        int
	Principal, Interest, Payable float64 // minutes; Interest a quarter
	Introduced, Repaid           float64 // minutes
	// Repriced is what came by other rules or prices: to draw one line through, add
	// up what follows and take it from the newest principal.
	Repriced float64
}

// addWeek adds a whole point to the spans. last is the week of the one before,
// empty for the first. Weeks between them are as the last one.
func addWeek(ctx context.Context, tx *sql.Tx, repository int64, last string, p debt.Point) error {
	week := weekNumber(p.At)
	from := week
	if last != "" {
		monday, err := time.Parse(time.DateOnly, last)
		if err != nil {
			return err
		}
		from = weekNumber(monday)
	}
	for _, d := range debt.Divisions {
		parts := map[string]values{}
		for name, a := range amounts(p, d) {
			v, err := valuesOf(a)
			if err != nil {
				return err
			}
			parts[name] = v
		}
		if err := addTo(ctx, tx, d, repository, from, week, parts); err != nil {
			return err
		}
	}
	return nil
}

// addTo adds a week to a division, whose newest one is last, or the same.
func addTo(ctx context.Context, tx *sql.Tx, d debt.Division, repository, last, week int64, parts map[string]values) error {
	number := last / spanWeeks
	s, err := readSpan(ctx, tx, d, repository, number)
	if err != nil {
		return err
	}
	newest := map[string]values{}
	for name, list := range s {
		if w := list[len(list)-1]; w.week == last && (w.held() || w.values[2] > 0) {
			newest[name] = w.values
		}
	}
	for w := last + 1; w < week; w++ {
		if w/spanWeeks != number {
			if err := writeSpan(ctx, tx, d, repository, number, s); err != nil {
				return err
			}
			number, s = w/spanWeeks, span{}
		}
		for name, v := range newest {
			s.at(name, w).addLevels(v)
		}
	}
	if week/spanWeeks != number {
		if err := writeSpan(ctx, tx, d, repository, number, s); err != nil {
			return err
		}
		number, s = week/spanWeeks, span{}
	}
	// What an earlier point of the week had, and this one has not.
	for _, list := range s {
		if w := &list[len(list)-1]; w.week == week {
			clear(w.values[:levels])
		}
	}
	for name, v := range parts {
		w := s.at(name, week)
		w.addLevels(v)
		w.addSteps(v)
	}
	return writeSpan(ctx, tx, d, repository, number, s)
}

// amounts are what a point says of each part of a division.
func amounts(p debt.Point, d debt.Division) map[string]Amounts {
	out := map[string]Amounts{}
	for name, minutes := range p.Principals(d) {
		a := out[name]
		a.Principal = minutes
		out[name] = a
	}
	for name, cost := range p.Costs[d] {
		a := out[name]
		a.Lines, a.Interest, a.Payable = cost.Lines, cost.Interest, cost.Payable
		out[name] = a
	}
	for name, flow := range p.Flows[d] {
		a := out[name]
		a.Introduced, a.Repaid = flow.Introduced, flow.Repaid
		out[name] = a
	}
	if d == debt.Whole {
		out[""] = Amounts{p.Lines, p.Principal, p.Interest, p.Payable, p.Introduced, p.Repaid, p.Repriced}
	}
	return out
}
