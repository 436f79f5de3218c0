package store

import (
	"cmp"
	"context"
	"fmt"
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

// Totals adds up over repositories, all divisions as of one moment.
func (db *DB) Totals(ctx context.Context, f SumFilter, divisions ...debt.Division) (*Totals, error) {
	t := &Totals{f, map[debt.Division]*totals{}}
	first, end := weekNumber(f.From), weekNumber(f.To.Add(-time.Nanosecond))+1
	names := make([]string, len(divisions))
	for i, d := range divisions {
		t.divisions[d] = &totals{first: first, end: end, weeks: map[string][]weekSum{}}
		names[i] = string(d)
	}
	w := where{}
	w.in("h.repository", f.Repositories)
	w.and("h.first_week <> ''")
	oneOf(&w, "s.division", names)
	// What stood before the first week is needed too. A repository that rests since
	// has that in its newest span.
	newer, rests := w, where{parts: slices.Clone(w.parts)}
	newer.and("s.span >= ?", (first-1)/spanWeeks)
	rests.args = newer.args // of both halves
	rests.and("h.last_week < ?", weekOf((first-1)/spanWeeks*spanWeeks).Format(time.DateOnly))
	rests.parts = append(rests.parts, "s.span = (SELECT MAX(n.span) FROM spans n WHERE n.division = s.division AND n.repository = s.repository)")
	const columns = `SELECT s.division, s.repository, s.span, s.content, h.first_week, h.last_week FROM histories h JOIN spans s ON s.repository = h.repository`
	_, err := collect(ctx, db.read, t.scan, columns+newer.text()+` UNION ALL `+columns+rests.text()+` ORDER BY 1, 2, 3`, rests.args...)
	if err != nil {
		return nil, fmt.Errorf("add up points: %w", err)
	}
	return t, nil
}

// scan adds a row of spans. Those of a division and a repository follow each other.
func (t *Totals) scan(row scanner) (_ struct{}, err error) {
	var division, first, last string
	var repository, number int64
	var content []byte
	if err := row.Scan(&division, &repository, &number, &content, &first, &last); err != nil {
		return struct{}{}, err
	}
	from, err := time.Parse(time.DateOnly, first)
	if err != nil {
		return struct{}{}, err
	}
	to, err := time.Parse(time.DateOnly, last)
	if err != nil {
		return struct{}{}, err
	}
	err = t.divisions[debt.Division(division)].add(repository, number, content, weekNumber(from), weekNumber(to))
	if err != nil {
		return struct{}{}, fmt.Errorf("repository %d, span %d: %w", repository, number, err)
	}
	return struct{}{}, nil
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
	s.addLevels(v)
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
			sum.first.addLevels(k.first)
			sum.last.addLevels(k.last)
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
