package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/signoff"
)

// A Listed finding is one that a pull request is shown.
type Listed struct{ Fingerprint, Rule string }

// AdviceState is what became of a finding that was shown.
type AdviceState string

const (
	AdviceShown     AdviceState = "shown"     // it is still there
	AdviceActed     AdviceState = "acted"     // it was gone before the pull request was closed
	AdviceDismissed AdviceState = "dismissed" // who may sign agreed that it is wrong
)

// mostAdvice bounds the findings of one pull request that are followed.
const mostAdvice = 200

// What became of advice is counted in spans of a division of its own, whose parts
// are rules: the three steps of a week are how many findings that were shown first
// in it, how many of these were acted on, and how many dismissed.
const adviceDivision debt.Division = "advice"

// counted is what one finding in a state adds to its rule.
func (s AdviceState) counted() (v values) {
	v[levels] = 1
	switch s {
	case AdviceActed:
		v[levels+1] = 1
	case AdviceDismissed:
		v[levels+2] = 1
	}
	return v
}

// An adviceCount is what is added to the spans of a repository, by week and rule.
type adviceCount map[int64]map[string]values

func (c adviceCount) add(at time.Time, rule string, v values) {
	week := weekNumber(at)
	if c[week] == nil {
		c[week] = map[string]values{}
	}
	sum := c[week][rule]
	sum.addSteps(v)
	c[week][rule] = sum
}

// A followed finding is one of a pull request as it was stored.
type followed struct {
	rule  string
	state AdviceState
	shown time.Time
}

// saveAdvice notes what became of the findings of an open pull request. listed are
// those that it is shown now.
func saveAdvice(ctx context.Context, tx *sql.Tx, s signoff.Subject, r signoff.Record, listed []Listed, now time.Time) error {
	known := map[string]followed{}
	_, err := collect(ctx, tx, func(row scanner) (_ struct{}, err error) {
		var print string
		var f followed
		err = row.Scan(&print, &f.rule, &f.state, when{&f.shown})
		known[print] = f
		return struct{}{}, err
	}, `SELECT fingerprint, rule, state, shown_at FROM advice WHERE subject = $1`, s.Key())
	if err != nil {
		return fmt.Errorf("store advice: %w", err)
	}
	states := map[string]AdviceState{}
	for print := range known {
		states[print] = AdviceActed
	}
	rules := map[string]string{}
	for _, l := range listed {
		if states[l.Fingerprint] == "" && len(states) >= mostAdvice {
			continue
		}
		states[l.Fingerprint], rules[l.Fingerprint] = AdviceShown, l.Rule
	}
	for _, d := range r.Dismissals {
		if d.Granted != nil && states[d.Fingerprint] != "" {
			states[d.Fingerprint] = AdviceDismissed
		}
	}
	counts := adviceCount{}
	for print, state := range states {
		old, seen := known[print]
		switch {
		case !seen:
			counts.add(now, rules[print], state.counted())
			_, err = tx.ExecContext(ctx, `INSERT INTO advice (subject, fingerprint, repository, rule, shown_at, state) VALUES ($1, $2, $3, $4, $5, $6)`,
				s.Key(), print, s.Repository, rules[print], stamp(now), string(state))
		case old.state != state:
			more, less := state.counted(), old.state.counted()
			for i := range more {
				more[i] -= less[i]
			}
			counts.add(old.shown, old.rule, more)
			_, err = tx.ExecContext(ctx, `UPDATE advice SET state = $3 WHERE subject = $1 AND fingerprint = $2`, s.Key(), print, string(state))
		}
		if err != nil {
			return fmt.Errorf("store advice: %w", err)
		}
	}
	if err := countAdvice(ctx, tx, s.Repository, counts); err != nil {
		return fmt.Errorf("count advice: %w", err)
	}
	return nil
}

// countAdvice adds to the spans of a repository. Other pull requests of it may do
// so at the same time, so each span is locked before it is read.
func countAdvice(ctx context.Context, tx *sql.Tx, repository int64, counts adviceCount) error {
	spans := map[int64]span{}
	for _, week := range slices.Sorted(maps.Keys(counts)) {
		number := week / spanWeeks
		if spans[number] == nil {
			_, err := tx.ExecContext(ctx, `
				INSERT INTO spans (division, repository, span, content) VALUES ($1, $2, $3, $4)
				ON CONFLICT (division, repository, span) DO UPDATE SET content = spans.content`,
				string(adviceDivision), repository, number, span{}.packed(number))
			if err != nil {
				return err
			}
			if spans[number], err = readSpan(ctx, tx, adviceDivision, repository, number); err != nil {
				return err
			}
		}
		for rule, v := range counts[week] {
			list := spans[number][rule]
			i, there := slices.BinarySearchFunc(list, week, func(w weekValues, week int64) int { return int(w.week - week) })
			if !there {
				list = slices.Insert(list, i, weekValues{week: week})
			}
			list[i].addSteps(v)
			spans[number][rule] = list
		}
	}
	for number, s := range spans {
		if err := writeSpan(ctx, tx, adviceDivision, repository, number, s); err != nil {
			return err
		}
	}
	return nil
}

// A RuleAdvice is what became of the findings of one rule.
type RuleAdvice struct {
	Rule                    string
	Shown, Acted, Dismissed int // Shown counts all
}

// Advice returns what became of the findings that pull requests were shown first
// in the weeks of a time, by rule: those that it begins and ends in are counted as
// a whole. A finding that moved to another symbol counts as acted on, and as another
// one.
func (db *DB) Advice(ctx context.Context, f FigureFilter) (out []RuleAdvice, err error) {
	if f.Part != (debt.Part{}) {
		return db.adviceOf(ctx, f)
	}
	first, last := weekNumber(f.From), weekNumber(f.To.Add(-time.Nanosecond))
	w := where{}
	w.and("division = ?", string(adviceDivision))
	w.and("span >= ?", first/spanWeeks)
	w.and("span <= ?", last/spanWeeks)
	picked := w.among("repository", f.Repositories)
	sums := map[string]*values{}
	_, err = collect(ctx, db.read, func(row scanner) (_ struct{}, err error) {
		var repository, number int64
		var content sql.RawBytes
		if err := row.Scan(&repository, &number, &content); err != nil || !picked(repository) {
			return struct{}{}, err
		}
		return struct{}{}, eachWeek(number, content, func(rule []byte) func(weekValues) {
			sum := sums[string(rule)]
			if sum == nil {
				sum = &values{}
				sums[string(rule)] = sum
			}
			return func(w weekValues) {
				if w.week >= first && w.week <= last {
					sum.addSteps(w.values)
				}
			}
		})
	}, `SELECT repository, span, content FROM spans`+w.text(), w.args...)
	if err != nil {
		return nil, fmt.Errorf("read what became of advice: %w", err)
	}
	for _, rule := range slices.Sorted(maps.Keys(sums)) {
		if v := sums[rule]; v[levels] > 0 {
			out = append(out, RuleAdvice{rule, int(v[levels]), int(v[levels+1]), int(v[levels+2])})
		}
	}
	return out, nil
}

// adviceOf counts the findings of a team's or a goal's pull requests, which no sum has.
func (db *DB) adviceOf(ctx context.Context, f FigureFilter) (out []RuleAdvice, err error) {
	w := where{}
	w.and("shown_at >= ?", stamp(Week(f.From)))
	w.and("shown_at < ?", stamp(weekOf(weekNumber(f.To.Add(-time.Nanosecond))+1)))
	w.belongs(f.Part)
	picked := w.among("repository", f.Repositories)
	sums := map[string]RuleAdvice{}
	_, err = collect(ctx, db.read, func(row scanner) (_ struct{}, err error) {
		var repository int64
		var rule string
		var state AdviceState
		var n int
		if err := row.Scan(&repository, &rule, &state, &n); err != nil || !picked(repository) {
			return struct{}{}, err
		}
		sum, v := sums[rule], state.counted()
		sum.Rule = rule
		sum.Shown += n * int(v[levels])
		sum.Acted += n * int(v[levels+1])
		sum.Dismissed += n * int(v[levels+2])
		sums[rule] = sum
		return struct{}{}, nil
	}, `SELECT repository, rule, state, COUNT(*) FROM advice`+w.text()+` GROUP BY repository, rule, state`, w.args...)
	if err != nil {
		return nil, fmt.Errorf("read what became of advice: %w", err)
	}
	for _, rule := range slices.Sorted(maps.Keys(sums)) {
		out = append(out, sums[rule])
	}
	return out, nil
}
