package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
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

// A Sum is what parts of the debt come to in one week.
type Sum struct {
	Week         time.Time // its Monday
	Name         string    // of the part
	Repositories int       // that have it
	Amounts
}

// addWeek adds a whole point to the sums. last is the week of the one before,
// empty for the first. Weeks between them are as the last one.
func addWeek(ctx context.Context, tx *sql.Tx, repository int64, last string, p debt.Point) error {
	week := Week(p.At)
	if last != "" {
		from, err := time.Parse(time.DateOnly, last)
		if err != nil {
			return err
		}
		for w := from.AddDate(0, 0, 7); w.Before(week); w = w.AddDate(0, 0, 7) {
			_, err := tx.ExecContext(ctx, `
				INSERT INTO weeks (division, week, name, repository, lines, principal, interest, payable, introduced, repaid, repriced)
				SELECT division, $3, name, repository, lines, principal, interest, payable, 0, 0, 0 FROM weeks
				WHERE repository = $1 AND week = $2 AND (lines > 0 OR principal > 0 OR interest > 0)`,
				repository, last, stampWeek(w))
			if err != nil {
				return err
			}
		}
	}
	// What an earlier point of the week had, and this one has not.
	_, err := tx.ExecContext(ctx, `UPDATE weeks SET lines = 0, principal = 0, interest = 0, payable = 0 WHERE repository = $1 AND week = $2`,
		repository, stampWeek(week))
	if err != nil {
		return err
	}
	for _, d := range debt.Divisions {
		for name, a := range amounts(p, d) {
			_, err := tx.ExecContext(ctx, `
				INSERT INTO weeks (division, week, name, repository, lines, principal, interest, payable, introduced, repaid, repriced)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
				ON CONFLICT (division, week, name, repository) DO UPDATE SET
					lines = EXCLUDED.lines, principal = EXCLUDED.principal, interest = EXCLUDED.interest, payable = EXCLUDED.payable,
					introduced = weeks.introduced + EXCLUDED.introduced, repaid = weeks.repaid + EXCLUDED.repaid, repriced = weeks.repriced + EXCLUDED.repriced`,
				string(d), stampWeek(week), name, repository, a.Lines, a.Principal, a.Interest, a.Payable, a.Introduced, a.Repaid, a.Repriced)
			if err != nil {
				return err
			}
		}
	}
	return nil
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
		a.Interest, a.Payable = cost.Interest, cost.Payable
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

// SumFilter selects what is added up.
type SumFilter struct {
	Division     debt.Division
	Name         *string   // of the part; nil: each by itself
	Repositories []int64   // nil: all; empty and not nil: none
	From, To     time.Time // weeks from ≤ week < to; both are needed
}

// condition holds for the rows of a table "weeks" that the filter selects, of any
// week.
func (f SumFilter) condition() where {
	w := where{}
	w.and("weeks.division = ?", string(f.Division))
	if f.Name != nil {
		w.and("weeks.name = ?", *f.Name)
	}
	w.in("weeks.repository", f.Repositories)
	return w
}

// levels and changes are the columns of sums, as scanned.
const (
	levels  = `CAST(SUM(lines) AS BIGINT), SUM(principal), SUM(interest), SUM(payable)`
	changes = `SUM(introduced), SUM(repaid), SUM(repriced)`
	// having counts the repositories that have the part.
	having = `CAST(SUM(CASE WHEN lines > 0 OR principal > 0 THEN 1 ELSE 0 END) AS BIGINT)`
)

// Sums adds up over repositories, by week and part: the weeks in order, in each
// the parts by name. A week has none of a part that no repository has. After its
// newest point a repository counts as it was then, in all weeks before To.
func (db *DB) Sums(ctx context.Context, f SumFilter) ([]Sum, error) {
	w := f.condition()
	w.and("week >= ?", stampWeek(f.From))
	w.and("week < ?", f.To.UTC().Format(time.DateOnly))
	made, err := collect(ctx, db.read, scanSum, `SELECT week, name, `+having+`, `+levels+`, `+changes+` FROM weeks`+w.text()+` GROUP BY week, name`, w.args...)
	if err != nil {
		return nil, fmt.Errorf("add up points: %w", err)
	}
	w = f.condition()
	newest, err := collect(ctx, db.read, scanSum, `SELECT week, name, `+having+`, `+levels+`, 0.0, 0.0, 0.0
		FROM histories JOIN weeks ON weeks.repository = histories.repository AND weeks.week = histories.last_week`+w.text()+` GROUP BY week, name`, w.args...)
	if err != nil {
		return nil, fmt.Errorf("add up points: %w", err)
	}
	return goOn(made, newest, f), nil
}

// goOn adds what the repositories came to last to the weeks that follow.
func goOn(made, newest []Sum, f SumFilter) []Sum {
	type key struct {
		week int64
		name string
	}
	sums := map[key]*Sum{}
	for i := range made {
		sums[key{made[i].Week.Unix(), made[i].Name}] = &made[i]
	}
	for _, last := range newest {
		if last.Repositories == 0 {
			continue
		}
		first := last.Week.AddDate(0, 0, 7)
		if from := Week(f.From); first.Before(from) {
			first = from
		}
		for week := first; week.Before(f.To); week = week.AddDate(0, 0, 7) {
			k := key{week.Unix(), last.Name}
			if sums[k] == nil {
				sums[k] = &Sum{Week: week, Name: last.Name}
			}
			s := sums[k]
			s.Repositories += last.Repositories
			s.Lines += last.Lines
			s.Principal += last.Principal
			s.Interest += last.Interest
			s.Payable += last.Payable
		}
	}
	var out []Sum
	for _, s := range sums {
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b Sum) int { return cmp.Or(a.Week.Compare(b.Week), strings.Compare(a.Name, b.Name)) })
	return out
}

func scanSum(row scanner) (s Sum, err error) {
	var week string
	if err := row.Scan(&week, &s.Name, &s.Repositories, &s.Lines, &s.Principal, &s.Interest, &s.Payable, &s.Introduced, &s.Repaid, &s.Repriced); err != nil {
		return s, err
	}
	s.Week, err = time.Parse(time.DateOnly, week)
	return s, err
}

// A Standing compares the ends of a time, like with like.
type Standing struct {
	Repository int64  // 0 where it is of several
	Name       string // of the part
	// First is what stood before the first week; of a repository whose points begin
	// later, what stood at its first one. Steps of First are 0.
	First Amounts
	Last  Amounts // what stood at the end, and the steps between
}

// StandingsOfRepositories compares each repository, in the order of their numbers,
// the parts of each by name.
func (db *DB) StandingsOfRepositories(ctx context.Context, f SumFilter) ([]Standing, error) {
	return db.standings(ctx, f, "weeks.repository")
}

// StandingsOfParts compares each part over all the repositories, by name.
func (db *DB) StandingsOfParts(ctx context.Context, f SumFilter) ([]Standing, error) {
	return db.standings(ctx, f, "0")
}

func (db *DB) standings(ctx context.Context, f SumFilter, repository string) ([]Standing, error) {
	type key struct {
		repository int64
		name       string
	}
	found := map[key]*Standing{}
	of := func(k key) *Standing {
		if found[k] == nil {
			found[k] = &Standing{Repository: k.repository, Name: k.name}
		}
		return found[k]
	}
	end := f.To.Add(-time.Nanosecond)
	for _, at := range []struct {
		week   string
		amount func(*Standing) *Amounts
	}{
		{Week(f.From).AddDate(0, 0, -7).Format(time.DateOnly), func(s *Standing) *Amounts { return &s.First }},
		{stampWeek(end), func(s *Standing) *Amounts { return &s.Last }},
	} {
		w := f.condition()
		w.and("weeks.week = CASE WHEN ? < first_week THEN first_week WHEN ? > last_week THEN last_week ELSE ? END", at.week, at.week, at.week)
		_, err := collect(ctx, db.read, func(row scanner) (k key, err error) {
			var a Amounts
			err = row.Scan(&k.repository, &k.name, &a.Lines, &a.Principal, &a.Interest, &a.Payable)
			*at.amount(of(k)) = a
			return k, err
		}, `SELECT `+repository+`, name, `+levels+` FROM histories JOIN weeks ON weeks.repository = histories.repository`+
			w.text()+` GROUP BY 1, 2`, w.args...)
		if err != nil {
			return nil, fmt.Errorf("compare points: %w", err)
		}
	}
	w := f.condition()
	w.and("week >= ?", stampWeek(f.From))
	w.and("week < ?", f.To.UTC().Format(time.DateOnly))
	_, err := collect(ctx, db.read, func(row scanner) (k key, err error) {
		var a Amounts
		err = row.Scan(&k.repository, &k.name, &a.Introduced, &a.Repaid, &a.Repriced)
		last := &of(k).Last
		last.Introduced, last.Repaid, last.Repriced = a.Introduced, a.Repaid, a.Repriced
		return k, err
	}, `SELECT `+repository+`, name, `+changes+` FROM weeks`+w.text()+` GROUP BY 1, 2`, w.args...)
	if err != nil {
		return nil, fmt.Errorf("compare points: %w", err)
	}
	var out []Standing
	for _, s := range found {
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b Standing) int {
		return cmp.Or(cmp.Compare(a.Repository, b.Repository), strings.Compare(a.Name, b.Name))
	})
	return out, nil
}
