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
// alone. It is replaced with each such point, in its transaction, so that neither
// points nor details are read for it.

// frontSpots is how many places are kept of a repository. A page shows some tens of
// all: what is further down in one repository is not worth more than that.
const frontSpots = 20

// putFront replaces the front of a repository.
func putFront(ctx context.Context, tx *sql.Tx, repository int64, p debt.Point, spots []debt.Hotspot) error {
	// Not JSON: a page reads those of a thousand repositories.
	var families strings.Builder
	for _, name := range slices.Sorted(maps.Keys(p.ByRule)) {
		fmt.Fprintf(&families, "%s\t%g\n", name, p.ByRule[name])
	}
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO fronts (repository, families) VALUES ($1, $2) ON CONFLICT (repository) DO UPDATE SET families = EXCLUDED.families`,
		repository, families.String()); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM spots WHERE repository = $1`, repository); err != nil {
		return err
	}
	for i, s := range spots[:min(frontSpots, len(spots))] {
		if s.Interest <= 0 {
			break // the dearest come first
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

// A Family is the debt of one family of rules in the newest states of repositories.
type Family struct {
	Name         string
	Repositories int     // that have it
	Minutes      float64 // neither damped nor capped, so families are more than the whole
}

// Families adds up the families of rules over the newest states of repositories
// (nil: all), by name.
func (db *DB) Families(ctx context.Context, repositories []int64) ([]Family, error) {
	w := where{}
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
	}, `SELECT repository, families FROM fronts`+w.text()+` ORDER BY repository`, w.args...)
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
// repositories (nil: all), the dearest first, some of each repository at most.
func (db *DB) Spots(ctx context.Context, repositories []int64, most int) ([]Spot, error) {
	if len(repositories) > fewNamed {
		// Most likely they are among the dearest of all.
		read := 2 * most
		all, err := db.spots(ctx, where{}, read)
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
	w := where{}
	// The plus keeps both engines from reading all spots of each repository: in the
	// order of interest the first few are enough.
	w.in("+repository", repositories)
	return db.spots(ctx, w, most)
}

func (db *DB) spots(ctx context.Context, w where, most int) ([]Spot, error) {
	query, args := w.query(`SELECT repository, content FROM spots`, `ORDER BY interest DESC, repository DESC, place DESC`, most)
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
