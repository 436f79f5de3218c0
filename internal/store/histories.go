package store

import (
	"context"
	"database/sql"
	"fmt"
)

// A History is how far the points of a repository have come.
type History struct {
	Repository   int64
	Wanted, Done int64 // where they differ, there is more to judge
	// Asked is what was wanted last, as its caller put it.
	Asked string
	// Todo is how many states are still to be judged, as far as it is known.
	Todo int
	// Number is that of the newest point, 0: none.
	Number int64
	// Problem says why it goes no further; empty: it does, or it is done.
	Problem string
}

// A historyRow is a History with the weeks of its first and newest whole points.
type historyRow struct {
	History
	firstWeek, lastWeek string
}

// historyOf locks the row of a repository in a transaction, and makes it first.
func historyOf(ctx context.Context, tx *sql.Tx, repository int64) (h historyRow, err error) {
	err = tx.QueryRowContext(ctx, `
		INSERT INTO histories (repository, wanted, done, undone_since, asked, todo, number, first_week, last_week, problem)
		VALUES ($1, 0, 0, '', '', 0, 0, '', '', '') ON CONFLICT (repository) DO UPDATE SET repository = EXCLUDED.repository
		RETURNING wanted, done, asked, todo, number, first_week, last_week, problem`, repository).
		Scan(&h.Wanted, &h.Done, &h.Asked, &h.Todo, &h.Number, &h.firstWeek, &h.lastWeek, &h.Problem)
	h.Repository = repository
	return h, err
}

// History returns how far a repository has come; of one that nobody asked for,
// the zero History.
func (db *DB) History(ctx context.Context, repository int64) (History, error) {
	h := History{Repository: repository}
	err := db.read.QueryRowContext(ctx, `SELECT wanted, done, asked, todo, number, problem FROM histories WHERE repository = $1`, repository).
		Scan(&h.Wanted, &h.Done, &h.Asked, &h.Todo, &h.Number, &h.Problem)
	if err = found(err); err != nil && err != ErrNotFound {
		return h, fmt.Errorf("read the history of repository %d: %w", repository, err)
	}
	return h, nil
}
