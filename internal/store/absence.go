package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
)

// An Absence is a time in which the host did not answer us: the App was suspended
// or taken away. What happened then nobody told us.
type Absence struct {
	From time.Time
	To   time.Time // zero: it lasts
}

// Contains reports whether a time was in it.
func (a Absence) Contains(t time.Time) bool {
	return !t.Before(a.From) && (a.To.IsZero() || t.Before(a.To))
}

// Absences returns those of a repository and of its installation, the oldest
// first.
func (db *DB) Absences(ctx context.Context, installation, repository int64) ([]Absence, error) {
	all, err := collect(ctx, db.read, func(row scanner) (a Absence, err error) {
		err = row.Scan(when{&a.From}, when{&a.To})
		return a, err
	}, `SELECT began_at, ended_at FROM absences WHERE installation = $1 AND repository IN (0, $2) ORDER BY began_at`, installation, repository)
	if err != nil {
		return nil, fmt.Errorf("list absences in %d: %w", repository, err)
	}
	return all, nil
}

// noteAbsence keeps that something went away, or that it is back. Repository is 0
// for all of an installation.
func noteAbsence(ctx context.Context, tx *sql.Tx, installation, repository int64, was, is bool, at time.Time) (err error) {
	switch {
	case is && !was:
		_, err = tx.ExecContext(ctx, `INSERT INTO absences (installation, repository, began_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
			installation, repository, stamp(at.Truncate(time.Second))) // as the host gives times
	case was && !is:
		_, err = tx.ExecContext(ctx, `UPDATE absences SET ended_at = $3 WHERE installation = $1 AND repository = $2 AND ended_at IS NULL`,
			installation, repository, stamp(at))
	}
	return err
}

// raiseScope raises what is open in an installation, or in one repository of it,
// where that is gone; and where it is back, what has not ended.
func raiseScope(ctx context.Context, tx *sql.Tx, jobs Jobs, installation, repository int64, gone, back bool, at time.Time) error {
	condition := ` AND is_open`
	switch {
	case back:
		condition = ` AND (is_open OR kind = '` + string(signoff.PullRequest) + `' AND state NOT IN (` + ended() + `))`
	case !gone:
		return nil
	}
	subjects, err := collect(ctx, tx, scanKey, `
		SELECT subject FROM subjects WHERE installation = $1 AND (repository = $2 OR $2 = 0)`+condition+` ORDER BY subject`, installation, repository)
	if err != nil {
		return err
	}
	var raised []Raised
	for _, s := range subjects {
		raised = append(raised, Raised{Subject: s})
	}
	return raiseAll(ctx, tx, jobs, raised, at)
}

// ended are the states that a pull request does not leave by itself, as a list of
// SQL.
func ended() string {
	var names []string
	for _, s := range signoff.EndStates() {
		names = append(names, "'"+string(s)+"'")
	}
	return strings.Join(names, ", ")
}

// Access is what the App may do for a subject.
type Access string

const (
	Granted   Access = "granted"   // as far as is known
	Suspended Access = "suspended" // nothing for the time being
	Withdrawn Access = "withdrawn" // nothing any more: the App, or the repository, is gone
)

// Access says what the App may do for a subject.
func (db *DB) Access(ctx context.Context, s signoff.Subject) (Access, error) {
	var suspended, gone bool
	err := db.read.QueryRowContext(ctx, `
		SELECT EXISTS (SELECT 1 FROM installations WHERE id = $1 AND suspended),
			EXISTS (SELECT 1 FROM installations WHERE id = $1 AND deleted) OR
			EXISTS (SELECT 1 FROM repositories WHERE id = $2 AND installation = $1 AND removed)`,
		s.Installation, s.Repository).Scan(&suspended, &gone)
	switch {
	case err != nil:
		return "", fmt.Errorf("read what the App may do for %s: %w", s.Key(), err)
	case gone:
		return Withdrawn, nil
	case suspended:
		return Suspended, nil
	}
	return Granted, nil
}
