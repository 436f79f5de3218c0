package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
)

// SumFilter selects what is added up.
type SumFilter struct {
	Repositories []int64   // nil: all; empty and not nil: none
	From, To     time.Time // weeks from ≤ week < to; both are needed
}

// Totals are sums over repositories in a time, of the divisions that were asked
// for; of others they are empty.
type Totals struct {
	SumFilter
	divisions map[debt.Division]*totals
}

// A Sum is what parts of the debt come to in one week.
type Sum struct {
	Week         time.Time // its Monday
	Name         string    // of the part
	Repositories int       // that have it
	Amounts
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

// fewNamed is up to how many repositories a query names. Where more are asked for,
// reading all in the order that they are stored in, and picking from these, is faster
// than looking up each.
const fewNamed = 200

// among adds that a column has one of the values, where these are few, and returns
// what picks from what is read (nil picks all).
func (w *where) among(column string, repositories []int64) (picked func(int64) bool) {
	if len(repositories) <= fewNamed {
		w.in(column, repositories)
		return func(int64) bool { return true }
	}
	set := make(map[int64]bool, len(repositories))
	for _, id := range repositories {
		set[id] = true
	}
	return func(id int64) bool { return set[id] }
}

// Totals adds up over repositories, all divisions as of one moment.
func (db *DB) Totals(ctx context.Context, f SumFilter, divisions ...debt.Division) (*Totals, error) {
	t := &Totals{f, map[debt.Division]*totals{}}
	first, end := weekNumber(f.From), weekNumber(f.To.Add(-time.Nanosecond))+1
	for _, d := range divisions {
		t.divisions[d] = &totals{first: first, end: end, weeks: map[string][]weekSum{}}
	}
	options := &sql.TxOptions{ReadOnly: true}
	if db.engine == PostgreSQL {
		options.Isolation = sql.LevelRepeatableRead // as SQLite reads anyway
	}
	tx, err := db.read.BeginTx(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("add up points: %w", err)
	}
	defer tx.Rollback() // nothing was written
	lives, err := readLives(ctx, tx, f.Repositories)
	if err == nil {
		err = t.read(ctx, tx, lives, divisions, (first-1)/spanWeeks)
	}
	if err != nil {
		return nil, fmt.Errorf("add up points: %w", err)
	}
	return t, nil
}

// A life is the weeks of the first and the newest whole point of a repository.
type life struct{ first, last int64 }

// readLives reads those of the repositories that have any.
func readLives(ctx context.Context, tx *sql.Tx, repositories []int64) (map[int64]life, error) {
	w, lives := where{}, map[int64]life{}
	w.and("first_week <> ''")
	picked := w.among("repository", repositories)
	_, err := collect(ctx, tx, func(row scanner) (_ struct{}, err error) {
		var repository int64
		var first, last string
		if err := row.Scan(&repository, &first, &last); err != nil || !picked(repository) {
			return struct{}{}, err
		}
		from, err := time.Parse(time.DateOnly, first)
		if err != nil {
			return struct{}{}, err
		}
		to, err := time.Parse(time.DateOnly, last)
		lives[repository] = life{weekNumber(from), weekNumber(to)}
		return struct{}{}, err
	}, `SELECT repository, first_week, last_week FROM histories`+w.text(), w.args...)
	return lives, err
}

// read adds the spans from a number on. What stood before these is needed too: a
// repository that rests since has that in its newest span.
func (t *Totals) read(ctx context.Context, tx *sql.Tx, lives map[int64]life, divisions []debt.Division, from int64) error {
	w, names, rests := where{}, make([]string, len(divisions)), false
	for i, d := range divisions {
		names[i] = string(d)
	}
	oneOf(&w, "division", names)
	for _, l := range lives {
		rests = rests || l.last/spanWeeks < from
	}
	if len(lives) <= fewNamed {
		ids := make([]int64, 0, len(lives)) // not nil, which would be all
		w.in("repository", slices.AppendSeq(ids, maps.Keys(lives)))
	}
	if !rests {
		w.and("span >= ?", from)
	}
	_, err := collect(ctx, tx, func(row scanner) (_ struct{}, err error) {
		// Some thousand rows: what they hold is read where it lies.
		var division, content sql.RawBytes
		var repository, number int64
		if err := row.Scan(&division, &repository, &number, &content); err != nil {
			return struct{}{}, err
		}
		l, asked := lives[repository]
		if !asked || number < from && number != l.last/spanWeeks {
			return struct{}{}, nil
		}
		if err := t.divisions[debt.Division(division)].add(repository, number, content, l.first, l.last); err != nil {
			return struct{}{}, fmt.Errorf("repository %d, span %d: %w", repository, number, err)
		}
		return struct{}{}, nil
	}, `SELECT division, repository, span, content FROM spans`+w.text()+` ORDER BY division, repository, span`, w.args...)
	return err
}

// totals are those of one division, of the weeks first ≤ week < end.
type totals struct {
	first, end int64
	weeks      map[string][]weekSum // of each part, by the number of the week less first
	tracks     []track              // of each repository and part, in the order of repositories
	begin      int                  // of those of the repository that is added
}

type weekSum struct {
	told         bool // of a week that nothing is told of there is no Sum
	repositories int
	values
}

// A track is one part of one repository.
type track struct {
	repository  int64
	name        string
	first, last values
	told        bool
}

// add adds a span of a repository, whose points are from ≤ week ≤ to.
func (t *totals) add(repository, number int64, content []byte, from, to int64) error {
	if t.begin >= len(t.tracks) || t.tracks[t.begin].repository != repository {
		t.begin = len(t.tracks)
	}
	begins, ends := min(max(t.first-1, from), to), min(max(t.end-1, from), to)
	return eachWeek(number, content, func(b []byte) func(weekValues) {
		i := slices.IndexFunc(t.tracks[t.begin:], func(k track) bool { return k.name == string(b) })
		if i += t.begin; i < t.begin {
			i = len(t.tracks)
			t.tracks = append(t.tracks, track{repository: repository, name: string(b)})
		}
		k := &t.tracks[i]
		weeks := t.weeks[k.name]
		if weeks == nil {
			weeks = make([]weekSum, t.end-t.first)
			t.weeks[k.name] = weeks
		}
		return func(w weekValues) {
			if w.week == begins {
				k.told = true
				k.first.addLevels(w.values)
			}
			if w.week == ends {
				k.told = true
				k.last.addLevels(w.values)
			}
			if w.week >= t.first && w.week < t.end {
				k.told = true
				k.last.addSteps(w.values)
				s := &weeks[w.week-t.first]
				s.addSteps(w.values)
				s.addHeld(w.values)
			}
			if w.week == to && w.held() {
				// After its newest point a repository counts as it was then.
				for week := max(to+1, t.first); week < t.end; week++ {
					weeks[week-t.first].addHeld(w.values)
				}
			}
		}
	})
}

func (s *weekSum) addHeld(v values) {
	s.told = true
	s.join(v)
	if v.held() {
		s.repositories++
	}
}

// Sums are the weeks in order, in each the parts by name; only that one where it is
// not nil. A week has none of a part that no repository has. After its newest point
// a repository counts as it was then, in all weeks before To.
func (t *Totals) Sums(d debt.Division, name *string) (out []Sum) {
	of := t.divisions[d]
	if of == nil {
		return nil
	}
	for part, weeks := range of.weeks {
		if name != nil && part != *name {
			continue
		}
		for i, s := range weeks {
			if s.told {
				out = append(out, Sum{weekOf(of.first + int64(i)), part, s.repositories, s.amounts()})
			}
		}
	}
	slices.SortFunc(out, func(a, b Sum) int { return cmp.Or(a.Week.Compare(b.Week), strings.Compare(a.Name, b.Name)) })
	return out
}

// OfRepositories compares each repository, in the order of their numbers, the parts
// of each by name; only that one where it is not nil.
func (t *Totals) OfRepositories(d debt.Division, name *string) (out []Standing) {
	if of := t.divisions[d]; of != nil {
		for _, k := range of.tracks {
			if k.told && (name == nil || k.name == *name) {
				out = append(out, Standing{k.repository, k.name, k.first.amounts(), k.last.amounts()})
			}
		}
	}
	slices.SortFunc(out, func(a, b Standing) int {
		return cmp.Or(cmp.Compare(a.Repository, b.Repository), strings.Compare(a.Name, b.Name))
	})
	return out
}

// OfParts compares each part over all the repositories, by name.
func (t *Totals) OfParts(d debt.Division) (out []Standing) {
	of := t.divisions[d]
	if of == nil {
		return nil
	}
	sums := map[string]track{}
	for _, k := range of.tracks {
		if k.told {
			sum := sums[k.name]
			sum.first.join(k.first)
			sum.last.join(k.last)
			sum.last.addSteps(k.last)
			sums[k.name] = sum
		}
	}
	for name, sum := range sums {
		out = append(out, Standing{Name: name, First: sum.first.amounts(), Last: sum.last.amounts()})
	}
	slices.SortFunc(out, func(a, b Standing) int { return strings.Compare(a.Name, b.Name) })
	return out
}
