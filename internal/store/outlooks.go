package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/impact"
)

// An Outlook is what the default branch of a repository says beside its points.
type Outlook struct {
	Repository int64
	Risk       *impact.Drift // of its changes; nil: not known
	Events     []debt.Event  // the oldest first
	// Parts says where the risk of the changes goes that touch the code of a team or a
	// goal, as far as it is known. It is read by Drifts alone.
	Parts map[debt.Part]impact.Direction
}

// PutOutlook stores an outlook in place of the one before.
func (db *DB) PutOutlook(ctx context.Context, o Outlook) error {
	direction := impact.Direction("")
	if o.Risk != nil {
		direction = o.Risk.Direction
	}
	modes, releases := []debt.Event{}, []debt.Event{}
	for _, e := range o.Events {
		if e.Kind == debt.Released {
			releases = append(releases, e)
		} else {
			modes = append(modes, e)
		}
	}
	var texts []string
	for _, value := range []any{o.Risk, modes, releases} {
		text, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("keep the outlook of repository %d: %w", o.Repository, err)
		}
		texts = append(texts, string(text))
	}
	err := db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO outlooks (repository, direction, drift, modes, releases) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (repository) DO UPDATE SET
				direction = EXCLUDED.direction, drift = EXCLUDED.drift, modes = EXCLUDED.modes, releases = EXCLUDED.releases`,
			o.Repository, string(direction), texts[0], texts[1], texts[2])
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM part_outlooks WHERE repository = $1`, o.Repository); err != nil {
			return err
		}
		for part, direction := range o.Parts {
			_, err := tx.ExecContext(ctx, `INSERT INTO part_outlooks (division, name, repository, direction) VALUES ($1, $2, $3, $4)`,
				string(part.Division), part.Name, o.Repository, string(direction))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep the outlook of repository %d: %w", o.Repository, err)
	}
	return nil
}

// Drifts counts the repositories (nil: all) in which the risk of changes to a team's
// or a goal's code goes somewhere, by where.
func (db *DB) Drifts(ctx context.Context, part debt.Part, repositories []int64) (map[impact.Direction]int, error) {
	w, counts := where{}, map[impact.Direction]int{}
	w.and("division = ?", string(part.Division))
	w.and("name = ?", part.Name)
	picked := w.among("repository", repositories)
	_, err := collect(ctx, db.read, func(row scanner) (_ struct{}, err error) {
		var repository int64
		var direction impact.Direction
		if err = row.Scan(&repository, &direction); err == nil && picked(repository) {
			counts[direction]++
		}
		return struct{}{}, err
	}, `SELECT repository, direction FROM part_outlooks`+w.text(), w.args...)
	if err != nil {
		return nil, fmt.Errorf("count where risk goes: %w", err)
	}
	return counts, nil
}

// Outlook returns that of a repository, with all its events, the mode's first; of
// one that none was stored of, an empty one.
func (db *DB) Outlook(ctx context.Context, repository int64) (Outlook, error) {
	o := Outlook{Repository: repository}
	var drift, modes, releases string
	err := db.read.QueryRowContext(ctx, `SELECT drift, modes, releases FROM outlooks WHERE repository = $1`, repository).Scan(&drift, &modes, &releases)
	if err = found(err); err == ErrNotFound {
		return o, nil
	}
	var of []debt.Event
	if err == nil {
		err = unmarshalAll([]string{drift, modes, releases}, &o.Risk, &o.Events, &of)
	}
	if err != nil {
		return o, fmt.Errorf("read the outlook of repository %d: %w", repository, err)
	}
	o.Events = append(o.Events, of...)
	return o, nil
}

// Outlooks returns those of repositories (nil: all) in the order of their numbers,
// without releases, and of risk the direction alone. Those that have nothing to tell
// then are left out: whose risk is not known or steady, and whose mode stayed.
func (db *DB) Outlooks(ctx context.Context, repositories []int64) ([]Outlook, error) {
	w := where{}
	picked := w.among("repository", repositories)
	w.and("(direction IN ('rising', 'falling') OR modes <> '[]')")
	var list []Outlook
	_, err := collect(ctx, db.read, func(row scanner) (_ struct{}, err error) {
		var o Outlook
		var direction impact.Direction
		var modes string
		if err := row.Scan(&o.Repository, &direction, &modes); err != nil || !picked(o.Repository) {
			return struct{}{}, err
		}
		if direction != "" {
			o.Risk = &impact.Drift{Direction: direction}
		}
		err = unmarshalAll([]string{modes}, &o.Events)
		list = append(list, o)
		return struct{}{}, err
	}, `SELECT repository, direction, modes FROM outlooks`+w.text()+` ORDER BY repository`, w.args...)
	if err != nil {
		return nil, fmt.Errorf("read outlooks: %w", err)
	}
	return list, nil
}

func unmarshalAll(texts []string, into ...any) error {
	for i, text := range texts {
		if err := json.Unmarshal([]byte(text), into[i]); err != nil {
			return err
		}
	}
	return nil
}
