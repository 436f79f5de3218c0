package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/barraiser/barraiser/internal/debt"
)

// # Fronts
//
// A front is what a page over many repositories shows of the newest whole state of
// each: the amounts of its rule families, and the places that are dearest to leave
// alone; of all of it, and of the part of each team and each goal. It is replaced
// with each such point, in its transaction, so that neither points nor details are
// read for it.

// FrontSpots is how many places are kept of a repository, and of each team and goal in
// it. A page shows some tens of all: what is further down in one repository is not
// worth more than that.
const FrontSpots = 20

// putFront replaces the front of a repository. Spots are all, the dearest first, as
// the fronts of its parts name them.
func putFront(ctx context.Context, tx *sql.Tx, repository int64, p debt.Point, spots []debt.Hotspot, parts []debt.Front) error {
	for _, table := range []string{"spots", "part_spots", "part_fronts"} {
		if _, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE repository = $1`, repository); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO fronts (repository, families) VALUES ($1, $2) ON CONFLICT (repository) DO UPDATE SET families = EXCLUDED.families`,
		repository, familyLines(p.ByRule)); err != nil {
		return err
	}
	shown := map[int]bool{}
	for i, s := range spots[:min(FrontSpots, len(spots))] {
		shown[i] = s.Interest > 0
	}
	for _, part := range parts {
		if _, err := tx.ExecContext(ctx, `INSERT INTO part_fronts (division, name, repository, families) VALUES ($1, $2, $3, $4)`,
			string(part.Division), part.Name, repository, familyLines(part.Families)); err != nil {
			return err
		}
		for _, i := range part.Spots {
			shown[i] = true
			if _, err := tx.ExecContext(ctx, `INSERT INTO part_spots (division, name, repository, place, interest) VALUES ($1, $2, $3, $4, $5)`,
				string(part.Division), part.Name, repository, i, spots[i].Interest); err != nil {
				return err
			}
		}
	}
	for i, s := range spots {
		if !shown[i] {
			continue
		}
		content, err := json.Marshal(s)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO spots (repository, place, interest, content) VALUES ($1, $2, $3, $4)`,
			repository, i, s.Interest, string(content)); err != nil {
			return err
		}
	}
	return nil
}

// familyLines has a family a line with its minutes behind a tab. It is not JSON: a
// page reads those of a thousand repositories.
func familyLines(minutes map[string]float64) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(minutes)) {
		fmt.Fprintf(&b, "%s\t%g\n", name, minutes[name])
	}
	return b.String()
}

// A Family is the debt of one family of rules in the newest states of repositories.
type Family struct {
	Name         string
	Repositories int     // that have it
	Minutes      float64 // neither damped nor capped, so families are more than the whole
}

// ofPart selects the rows of a part from a table that has them, or those of the whole
// from the other one.
func (w *where) ofPart(part debt.Part, whole, parts string) (table string) {
	if part == (debt.Part{}) {
		return whole
	}
	w.and("division = ?", string(part.Division))
	w.and("name = ?", part.Name)
	return parts
}

// Families adds up the families of rules over the newest states of repositories
// (nil: all), by name: of all that is in them, or of a team's or a goal's part.
func (db *DB) Families(ctx context.Context, part debt.Part, repositories []int64) ([]Family, error) {
	w := where{}
	table := w.ofPart(part, "fronts", "part_fronts")
	picked := w.among("repository", repositories)
	sums := map[string]Family{}
	_, err := collect(ctx, db.read, func(row scanner) (_ struct{}, err error) {
		var repository int64
		var text string
		if err := row.Scan(&repository, &text); err != nil || !picked(repository) {
			return struct{}{}, err
		}
		for line := range strings.Lines(text) {
			name, amount, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
			minutes, err := strconv.ParseFloat(amount, 64)
			if err != nil {
				return struct{}{}, err
			}
			if minutes > 0 {
				sum := sums[name]
				sums[name] = Family{name, sum.Repositories + 1, sum.Minutes + minutes}
			}
		}
		return struct{}{}, nil
	}, `SELECT repository, families FROM `+table+w.text()+` ORDER BY repository`, w.args...)
	if err != nil {
		return nil, fmt.Errorf("add up rule families: %w", err)
	}
	return slices.SortedFunc(maps.Values(sums), func(a, b Family) int { return strings.Compare(a.Name, b.Name) }), nil
}

// A Spot is a hotspot of a repository.
type Spot struct {
	Repository int64
	debt.Hotspot
}

// Spots are the places that are dearest to leave alone in the newest states of
// repositories (nil: all), the dearest first, some of each repository at most: of all
// that is in them, or of a team's or a goal's part.
func (db *DB) Spots(ctx context.Context, part debt.Part, repositories []int64, most int) ([]Spot, error) {
	if len(repositories) > fewNamed {
		// Most likely they are among the dearest of all.
		read := 2 * most
		all, err := db.spots(ctx, part, nil, read)
		if err != nil {
			return nil, err
		}
		var w where
		picked := w.among("repository", repositories)
		list := slices.DeleteFunc(slices.Clone(all), func(s Spot) bool { return !picked(s.Repository) })
		if len(list) >= most || len(all) < read {
			return list[:min(most, len(list))], nil
		}
	}
	return db.spots(ctx, part, repositories, most)
}

func (db *DB) spots(ctx context.Context, part debt.Part, repositories []int64, most int) ([]Spot, error) {
	w := where{}
	from := `SELECT s.repository, s.content FROM spots s`
	order := `ORDER BY s.interest DESC, s.repository DESC, s.place DESC`
	if part == (debt.Part{}) {
		w.and("s.place < ?", FrontSpots)
		// The plus keeps both engines from reading all spots of each repository: in the
		// order of interest the first few are enough.
		w.in("+s.repository", repositories)
	} else {
		from = `SELECT s.repository, s.content FROM part_spots p JOIN spots s ON s.repository = p.repository AND s.place = p.place`
		order = `ORDER BY p.interest DESC, p.repository DESC, p.place DESC`
		w.and("p.division = ?", string(part.Division))
		w.and("p.name = ?", part.Name)
		w.in("+p.repository", repositories)
	}
	query, args := w.query(from, order, most)
	list, err := collect(ctx, db.read, func(row scanner) (s Spot, err error) {
		var text string
		if err := row.Scan(&s.Repository, &text); err != nil {
			return s, err
		}
		return s, json.Unmarshal([]byte(text), &s.Hotspot)
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read hotspots: %w", err)
	}
	return list, nil
}
