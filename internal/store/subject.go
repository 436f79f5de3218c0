package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/barraiser/barraiser/internal/review"
	"github.com/barraiser/barraiser/internal/signoff"
)

// A Row is a subject as it is stored.
type Row struct {
	Subject signoff.Subject
	// Wanted counts what called for a look, Done how many of these Record has
	// answered. Note Wanted where a look begins and commit it as Done.
	Wanted, Done int64
	Version      int64 // grows with every commit
	// UndoneSince is when Wanted was raised above Done, where it is.
	UndoneSince time.Time
	Head        string
	State       signoff.State
	Mode        review.Mode
	Open        bool
	Next        time.Time // when to look though nothing happens; zero: never
	Record      signoff.Record
	Updated     time.Time
}

// Load returns a subject with all its facts, in the order of arrival, or
// ErrNotFound. The facts include at least those that Wanted counts.
func (db *DB) Load(ctx context.Context, s signoff.Subject) (Row, []signoff.Fact, error) {
	// The row first: a fact that arrives in between is then seen now and called
	// for once more, and never the other way round.
	row, err := scanSubject(db.read.QueryRowContext(ctx, selectSubjects+` WHERE subject = $1`, s.Key()))
	if err != nil {
		return Row{}, nil, fmt.Errorf("load %s: %w", s.Key(), found(err))
	}
	facts, err := collect(ctx, db.read, scanFact, `SELECT fact FROM facts WHERE subject = $1 ORDER BY number`, s.Key())
	if err != nil {
		return Row{}, nil, fmt.Errorf("load %s: %w", s.Key(), err)
	}
	return row, facts, nil
}

const selectSubjects = `SELECT subject, wanted, done, version, undone_since, head, state, mode, is_open, next_at, record, updated_at FROM subjects`

func scanSubject(row scanner) (r Row, err error) {
	var key, record string
	err = row.Scan(&key, &r.Wanted, &r.Done, &r.Version, when{&r.UndoneSince}, &r.Head, &r.State, &r.Mode, &r.Open, when{&r.Next}, &record, when{&r.Updated})
	if err != nil {
		return Row{}, err
	}
	if r.Wanted == r.Done {
		r.UndoneSince = time.Time{}
	}
	if r.Subject, err = signoff.ParseSubject(key); err != nil || record == "" {
		return r, err
	}
	if err := json.Unmarshal([]byte(record), &r.Record); err != nil {
		return Row{}, fmt.Errorf("record of %s: %w", key, err)
	}
	return r, nil
}

func scanFact(row scanner) (f signoff.Fact, err error) {
	var text string
	if err := row.Scan(&text); err != nil {
		return f, err
	}
	err = json.Unmarshal([]byte(text), &f)
	return f, err
}

func scanKey(row scanner) (signoff.Subject, error) {
	key, err := text(row)
	if err != nil {
		return signoff.Subject{}, err
	}
	return signoff.ParseSubject(key)
}

// Undone returns the subjects that have been waiting for a look since before a
// time, the longest first.
func (db *DB) Undone(ctx context.Context, before time.Time, limit int) ([]signoff.Subject, error) {
	subjects, err := collect(ctx, db.read, scanKey, `
		SELECT subject FROM subjects WHERE wanted > done AND undone_since < $1 ORDER BY undone_since LIMIT $2`, stamp(before), limit)
	if err != nil {
		return nil, fmt.Errorf("list undone subjects: %w", err)
	}
	return subjects, nil
}

// Requeue inserts a job for each of the subjects, whether they have one or not.
// One too many does nothing. It mends what no invariant covers: a job that was
// given up, or lost with the queue's tables.
func (db *DB) Requeue(ctx context.Context, jobs Jobs, subjects ...signoff.Subject) error {
	err := db.update(ctx, func(ctx context.Context, tx *sql.Tx) error { return jobs.Reconcile(ctx, tx, subjects) })
	if err != nil {
		return fmt.Errorf("requeue %d subjects: %w", len(subjects), err)
	}
	return nil
}

// Due returns the subjects whose time to be looked at has come and that are not
// waiting for a look already, the longest first.
func (db *DB) Due(ctx context.Context, now time.Time, limit int) ([]signoff.Subject, error) {
	subjects, err := collect(ctx, db.read, scanKey, `
		SELECT subject FROM subjects WHERE next_at IS NOT NULL AND next_at <= $1 AND wanted = done ORDER BY next_at LIMIT $2`, stamp(now), limit)
	if err != nil {
		return nil, fmt.Errorf("list due subjects: %w", err)
	}
	return subjects, nil
}

// AtHead returns the open subjects of a repository with this head commit: those
// that share its check run.
func (db *DB) AtHead(ctx context.Context, repository int64, head string) ([]Row, error) {
	rows, err := collect(ctx, db.read, scanSubject, selectSubjects+` WHERE is_open AND repository = $1 AND head = $2 ORDER BY subject`, repository, head)
	if err != nil {
		return nil, fmt.Errorf("list subjects at %s: %w", head, err)
	}
	return rows, nil
}

// OpenIn returns the open subjects of a repository.
func (db *DB) OpenIn(ctx context.Context, repository int64) ([]signoff.Subject, error) {
	subjects, err := collect(ctx, db.read, scanKey, `SELECT subject FROM subjects WHERE is_open AND repository = $1 ORDER BY subject`, repository)
	if err != nil {
		return nil, fmt.Errorf("list open subjects of %d: %w", repository, err)
	}
	return subjects, nil
}

// Backlog is what waits.
type Backlog struct {
	Subjects, Effects int
	// Failing are those of Effects that failed at least once. Dead are beside
	// them: they were given up, and wait for somebody to have them tried again.
	Failing, Dead int
	// Oldest is since when the subject waits that waits longest; zero: none does.
	Oldest time.Time
}

// Backlog counts what waits.
func (db *DB) Backlog(ctx context.Context) (b Backlog, err error) {
	err = db.read.QueryRowContext(ctx, `
		SELECT (SELECT COUNT(*) FROM subjects WHERE wanted > done),
			(SELECT COUNT(*) FROM effects WHERE wanted > done AND dead_at IS NULL),
			(SELECT COUNT(*) FROM effects WHERE wanted > done AND failing_since IS NOT NULL AND dead_at IS NULL),
			(SELECT COUNT(*) FROM effects WHERE wanted > done AND dead_at IS NOT NULL),
			(SELECT MIN(undone_since) FROM subjects WHERE wanted > done)`).Scan(&b.Subjects, &b.Effects, &b.Failing, &b.Dead, when{&b.Oldest})
	if err != nil {
		return Backlog{}, fmt.Errorf("count backlog: %w", err)
	}
	return b, nil
}
