package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// WantHistory calls for points up to the newest state of a repository, unless the
// same was asked for last. asked names the state and the rules that it is to be
// judged by.
func (db *DB) WantHistory(ctx context.Context, jobs Jobs, repository int64, asked string, at time.Time) error {
	err := db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		h, err := historyOf(ctx, tx, repository)
		if err != nil || h.Asked == asked {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE histories SET wanted = wanted + 1, asked = $2, undone_since = CASE WHEN wanted = done THEN $3 ELSE undone_since END
			WHERE repository = $1`, repository, asked, stamp(at))
		if err != nil || h.Wanted > h.Done {
			return err // it has a job, or one that will look again
		}
		return jobs.History(ctx, tx, []int64{repository})
	})
	if err != nil {
		return fmt.Errorf("want the history of repository %d: %w", repository, err)
	}
	return nil
}

// PlanHistory notes how many states are to be judged.
func (db *DB) PlanHistory(ctx context.Context, repository int64, todo int, at time.Time) error {
	_, err := db.exec(ctx, `UPDATE histories SET todo = $2, undone_since = $3 WHERE repository = $1`, repository, todo, stamp(at))
	if err != nil {
		return fmt.Errorf("plan the history of repository %d: %w", repository, err)
	}
	return nil
}

// EndHistory notes that a repository has come as far as the wanted that was
// loaded, or why it can go no further, and reports whether more is wanted since.
func (db *DB) EndHistory(ctx context.Context, repository, done int64, problem string) (again bool, err error) {
	err = db.write.QueryRowContext(ctx, `
		UPDATE histories SET done = $2, todo = 0, problem = $3 WHERE repository = $1 RETURNING wanted > done`,
		repository, done, problem).Scan(&again)
	if err != nil {
		return false, fmt.Errorf("end the history of repository %d: %w", repository, found(err))
	}
	return again, nil
}

// UndoneHistories returns repositories that have waited since before a time.
func (db *DB) UndoneHistories(ctx context.Context, before time.Time, limit int) ([]int64, error) {
	list, err := collect(ctx, db.read, func(row scanner) (id int64, err error) { return id, row.Scan(&id) },
		`SELECT repository FROM histories WHERE wanted > done AND undone_since < $1 ORDER BY undone_since LIMIT $2`, stamp(before), limit)
	if err != nil {
		return nil, fmt.Errorf("list undone histories: %w", err)
	}
	return list, nil
}

// RequeueHistories puts a job into the queue for each of the repositories, which
// wait since now. One too many does nothing.
func (db *DB) RequeueHistories(ctx context.Context, jobs Jobs, now time.Time, repositories ...int64) error {
	err := db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for _, id := range repositories {
			if _, err := tx.ExecContext(ctx, `UPDATE histories SET undone_since = $2 WHERE repository = $1`, id, stamp(now)); err != nil {
				return err
			}
		}
		return jobs.History(ctx, tx, repositories)
	})
	if err != nil {
		return fmt.Errorf("queue %d histories again: %w", len(repositories), err)
	}
	return nil
}
