package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// DESIGN
//
// A lease lets one job at a time work on a name. It has no term of its own: it
// lasts while its worker lives, and so a job may take as long as it likes. A
// worker shows that it lives by raising a counter. Whoever sees a counter stand
// still for long enough, by his own clock, buries the worker with its leases.
// Clocks of two machines are never compared.
//
// A worker that was cut off and comes back finds itself buried (Beat says so)
// and has to stop what it does. What it still commits is refused all the same,
// since the version has moved on once another has taken over.

// A Lease is the right to work on a name.
type Lease struct {
	Name   string
	Worker string
	Job    int64
}

// Take takes a lease, and reports whether it is had: it is not while another job
// has it.
func (db *DB) Take(ctx context.Context, l Lease) (bool, error) {
	var n int64
	err := db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `INSERT INTO leases (name, worker, job) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING`, l.Name, l.Worker, l.Job)
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	if err != nil {
		return false, fmt.Errorf("take lease of %s: %w", l.Name, err)
	}
	return n > 0, nil
}

// Release gives leases back. Those that are not held are no mistake.
func (db *DB) Release(ctx context.Context, leases ...Lease) error {
	err := db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for _, l := range leases {
			if _, err := tx.ExecContext(ctx, `DELETE FROM leases WHERE name = $1 AND worker = $2 AND job = $3`, l.Name, l.Worker, l.Job); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("release leases: %w", err)
	}
	return nil
}

// Beat shows that a worker lives. It reports whether it was known to: not at its
// first beat, and not after it was buried.
func (db *DB) Beat(ctx context.Context, worker string) (known bool, err error) {
	var beat int64
	err = db.write.QueryRowContext(ctx, `
		INSERT INTO workers (worker, beat) VALUES ($1, 1)
		ON CONFLICT (worker) DO UPDATE SET beat = workers.beat + 1 RETURNING beat`, worker).Scan(&beat)
	if err != nil {
		return false, fmt.Errorf("beat of worker %s: %w", worker, err)
	}
	return beat > 1, nil
}

// Beats returns the counters of all workers.
func (db *DB) Beats(ctx context.Context) (map[string]int64, error) {
	rows, err := db.read.QueryContext(ctx, `SELECT worker, beat FROM workers`)
	if err != nil {
		return nil, fmt.Errorf("list workers: %w", err)
	}
	defer rows.Close()
	beats := map[string]int64{}
	for rows.Next() {
		var worker string
		var beat int64
		if err := rows.Scan(&worker, &beat); err != nil {
			return nil, fmt.Errorf("list workers: %w", err)
		}
		beats[worker] = beat
	}
	return beats, rows.Err()
}

// errAlive ends a burial.
var errAlive = errors.New("worker is alive, or buried already")

// Bury removes a worker whose counter still is beat, and its leases. In the same
// transaction inherit puts its jobs back. It reports whether it was us who did.
func (db *DB) Bury(ctx context.Context, worker string, beat int64, inherit func(ctx context.Context, tx *sql.Tx) error) (bool, error) {
	err := db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM workers WHERE worker = $1 AND beat = $2`, worker, beat)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			return errAlive
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM leases WHERE worker = $1`, worker); err != nil {
			return err
		}
		return inherit(ctx, tx)
	})
	if errors.Is(err, errAlive) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("bury worker %s: %w", worker, err)
	}
	return true, nil
}

// Retire removes a worker that has stopped, and its leases.
func (db *DB) Retire(ctx context.Context, worker string) error {
	err := db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM leases WHERE worker = $1`, worker); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM workers WHERE worker = $1`, worker)
		return err
	})
	if err != nil {
		return fmt.Errorf("retire worker %s: %w", worker, err)
	}
	return nil
}
