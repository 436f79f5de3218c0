package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
)

// # Points
//
// The history of a repository is a row of points, numbered in the order of its
// default branch, and written by one job at a time. A point is stored three times
// over: as the row that a trend is drawn from (points), with what it was priced
// from and what is shown of it alone (details), and as part of the sums over many
// repositories (spans, and fronts of the newest). The last are written with it, so a
// page over a thousand repositories reads no point at all.
//
// A point that is not whole is stored, and is in no sum.

// A Point is a point of the trend of a repository as it is stored.
type Point struct {
	Number int64 // among those of the repository, from 1
	// Rules names the rules, prices and settings that it was judged by.
	Rules string
	// Point has neither Moves nor Merged: these are in the details.
	debt.Point
}

// Details are what was found out about one point. They are stored as JSON: fields
// may be added, never given another meaning.
type Details struct {
	State  debt.State
	Spots  []debt.Hotspot // the dearest to leave alone, each with its dearest findings
	Moves  []debt.Move
	Merged []debt.Merged // the newest first
	// Fronts are those of the newest state's parts. They are stored apart, and name
	// places in all of the Spots that AddPoint is given, of which it keeps the first.
	Fronts []debt.Front `json:"-"`
}

// keptSpots is how many places with debt are kept of a point.
const keptSpots = 200

// AddPoint appends a point with its details to those of a repository, after the
// one of that number (0: none). Where that is not the newest, it returns
// ErrConflict. It returns the number of the new one. A point may be earlier than
// the one before by its clock; it is stored as of the same time then.
func (db *DB) AddPoint(ctx context.Context, repository, after int64, p debt.Point, rules string, d Details) (number int64, err error) {
	d.Moves, d.Merged = p.Moves, p.Merged
	spots := d.Spots
	d.Spots = spots[:min(keptSpots, len(spots))]
	content, err := packJSON(d)
	if err != nil {
		return 0, fmt.Errorf("keep a point of repository %d: %w", repository, err)
	}
	p.Moves, p.Merged = nil, nil
	err = db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if number, err = addPoint(ctx, tx, repository, after, p, rules, content); err != nil || p.Gap != "" {
			return err
		}
		return putFront(ctx, tx, repository, p, spots, d.Fronts)
	})
	if err != nil {
		return 0, fmt.Errorf("keep a point of repository %d: %w", repository, err)
	}
	return number, nil
}

func addPoint(ctx context.Context, tx *sql.Tx, repository, after int64, p debt.Point, rules string, content []byte) (int64, error) {
	h, err := historyOf(ctx, tx, repository)
	if err != nil {
		return 0, err
	}
	if h.Number != after {
		return 0, ErrConflict
	}
	var last time.Time
	err = tx.QueryRowContext(ctx, `SELECT at FROM points WHERE repository = $1 AND number = $2`, repository, h.Number).Scan(when{&last})
	if err = found(err); err != nil && err != ErrNotFound {
		return 0, err
	}
	if p.At = p.At.UTC(); p.At.Before(last) {
		p.At = last
	}
	text, err := json.Marshal(p)
	if err != nil {
		return 0, err
	}
	h.Number++
	_, err = tx.ExecContext(ctx, `INSERT INTO points (repository, number, commit_id, rules, at, point) VALUES ($1, $2, $3, $4, $5, $6)`,
		repository, h.Number, p.Commit, rules, stamp(p.At), string(text))
	if err != nil {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO details (repository, number, content) VALUES ($1, $2, $3)`, repository, h.Number, content); err != nil {
		return 0, err
	}
	if p.Gap == "" {
		if err := moveWeeksOf(ctx, tx, repository); err != nil {
			return 0, err
		}
		if err := addWeek(ctx, tx, repository, h.lastWeek, p); err != nil {
			return 0, err
		}
		h.lastWeek = stampWeek(p.At)
		h.firstWeek = cmp.Or(h.firstWeek, h.lastWeek)
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE histories SET number = $2, first_week = $3, last_week = $4, todo = CASE WHEN todo > 0 THEN todo - 1 ELSE 0 END WHERE repository = $1`,
		repository, h.Number, h.firstWeek, h.lastWeek)
	return h.Number, err
}

const selectPoints = `SELECT number, rules, point FROM points`

func scanPoint(row scanner) (p Point, err error) {
	var text string
	if err := row.Scan(&p.Number, &p.Rules, &text); err != nil {
		return p, err
	}
	return p, json.Unmarshal([]byte(text), &p.Point)
}

// Points returns the points of a repository in a time, from ≤ At < to, the oldest
// first. Where there is one, the last before from comes first: it is what the time
// began with.
func (db *DB) Points(ctx context.Context, repository int64, from, to time.Time) ([]Point, error) {
	list, err := collect(ctx, db.read, scanPoint, selectPoints+` WHERE repository = $1 AND at < $3 AND
		number >= COALESCE((SELECT MAX(number) FROM points WHERE repository = $1 AND at < $2), 0) ORDER BY number`,
		repository, stamp(from), stamp(to))
	if err != nil {
		return nil, fmt.Errorf("read the points of repository %d: %w", repository, err)
	}
	return list, nil
}

// A Credited is a credit of a repository's point.
type Credited struct {
	Repository int64
	At         time.Time // of the point
	debt.Credit
}

// Credits returns those of the points of some repositories in a time, from ≤ At < to,
// by repository, the oldest first.
func (db *DB) Credits(ctx context.Context, repositories []int64, from, to time.Time) (out []Credited, err error) {
	w := where{}
	w.in("repository", repositories)
	w.and("at >= ?", stamp(from))
	w.and("at < ?", stamp(to))
	_, err = collect(ctx, db.read, func(row scanner) (_ struct{}, err error) {
		var repository int64
		var text string
		if err := row.Scan(&repository, &text); err != nil {
			return struct{}{}, err
		}
		if !strings.Contains(text, `"Credit":`) {
			return struct{}{}, nil // most have none, and a point is long
		}
		var p struct {
			At     time.Time
			Credit []debt.Credit
		}
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			return struct{}{}, err
		}
		for _, c := range p.Credit {
			out = append(out, Credited{repository, p.At, c})
		}
		return struct{}{}, nil
	}, `SELECT repository, point FROM points`+w.text()+` ORDER BY repository, number`, w.args...)
	if err != nil {
		return nil, fmt.Errorf("read credits: %w", err)
	}
	return out, nil
}

// NewestPoint returns the point of a repository with the highest number, whole or
// not, or ErrNotFound.
func (db *DB) NewestPoint(ctx context.Context, repository int64) (Point, error) {
	p, err := scanPoint(db.read.QueryRowContext(ctx, selectPoints+` WHERE repository = $1 ORDER BY number DESC LIMIT 1`, repository))
	if err != nil {
		return p, fmt.Errorf("read the newest point of repository %d: %w", repository, found(err))
	}
	return p, nil
}

// Details returns what was found out about a point, or ErrNotFound.
func (db *DB) Details(ctx context.Context, repository, number int64) (d Details, err error) {
	var packed []byte
	err = db.read.QueryRowContext(ctx, `SELECT content FROM details WHERE repository = $1 AND number = $2`, repository, number).Scan(&packed)
	if err == nil {
		err = unpackJSON(packed, &d)
	}
	if err != nil {
		return d, fmt.Errorf("read details of point %d of repository %d: %w", number, repository, found(err))
	}
	return d, nil
}

func packJSON(value any) ([]byte, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return pack(text)
}

func unpackJSON(packed []byte, value any) error {
	text, err := unpack(packed)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, value)
}
