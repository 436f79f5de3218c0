package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/barraiser/barraiser/internal/signoff"
)

// An Installation is the App in one account.
type Installation struct {
	ID        int64
	Account   signoff.Account
	Suspended bool
	Deleted   bool // by its owner; its records stay
}

func (i Installation) away() bool { return i.Suspended || i.Deleted }

// PutInstallation stores what is known of an installation at a time. When it goes
// away, or is back, that is kept as an absence. Of one that is deleted, all open
// subjects are raised, so that they are given up; of one that is back, all that
// have not ended, since anything may have happened to them.
func (db *DB) PutInstallation(ctx context.Context, jobs Jobs, i Installation, at time.Time) error {
	old, err := db.Installation(ctx, i.ID)
	if err == nil && old == i {
		return nil
	}
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	err = db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		old, err := scanInstallation(tx.QueryRowContext(ctx, selectInstallations+` WHERE id = $1`, i.ID))
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO installations (id, account, login, suspended, deleted) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (id) DO UPDATE SET
				account = EXCLUDED.account, login = EXCLUDED.login, suspended = EXCLUDED.suspended, deleted = EXCLUDED.deleted`,
			i.ID, i.Account.ID, i.Account.Login, i.Suspended, i.Deleted); err != nil {
			return err
		}
		if err := noteAbsence(ctx, tx, i.ID, 0, old.away(), i.away(), at); err != nil {
			return err
		}
		return raiseScope(ctx, tx, jobs, i.ID, 0, i.Deleted && !old.Deleted, old.away() && !i.away(), at)
	})
	if err != nil {
		return fmt.Errorf("store installation %d: %w", i.ID, err)
	}
	return nil
}

const selectInstallations = `SELECT id, account, login, suspended, deleted FROM installations`

func scanInstallation(row scanner) (i Installation, err error) {
	err = row.Scan(&i.ID, &i.Account.ID, &i.Account.Login, &i.Suspended, &i.Deleted)
	return i, err
}

// Installation returns one by its number, or ErrNotFound.
func (db *DB) Installation(ctx context.Context, id int64) (Installation, error) {
	i, err := scanInstallation(db.read.QueryRowContext(ctx, selectInstallations+` WHERE id = $1`, id))
	if err != nil {
		return Installation{}, fmt.Errorf("read installation %d: %w", id, found(err))
	}
	return i, nil
}

// Installations returns all, also those that are suspended or deleted.
func (db *DB) Installations(ctx context.Context) ([]Installation, error) {
	all, err := collect(ctx, db.read, scanInstallation, selectInstallations+` ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("list installations: %w", err)
	}
	return all, nil
}

// A Repository is one that an installation has shown us.
type Repository struct {
	signoff.Repo
	Installation int64
	Removed      bool      // from the installation; its records stay
	Swept        time.Time // when its open pull requests were last listed
}

// PutRepository stores what is known of a repository at a time. Swept is left as
// it is. For one that is removed, or back, it does as PutInstallation.
func (db *DB) PutRepository(ctx context.Context, jobs Jobs, r Repository, at time.Time) error {
	if old, err := db.Repository(ctx, r.ID); err == nil {
		if r.Swept = old.Swept; old == r {
			return nil
		}
	} else if !errors.Is(err, ErrNotFound) {
		return err
	}
	err := db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		old, err := scanRepository(tx.QueryRowContext(ctx, selectRepositories+` WHERE id = $1`, r.ID))
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO repositories (id, installation, owner, name, private, default_branch, archived, removed)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (id) DO UPDATE SET
				installation = EXCLUDED.installation, owner = EXCLUDED.owner, name = EXCLUDED.name, private = EXCLUDED.private,
				default_branch = EXCLUDED.default_branch, archived = EXCLUDED.archived, removed = EXCLUDED.removed`,
			r.ID, r.Installation, r.Owner, r.Name, r.Private, r.DefaultBranch, r.Archived, r.Removed); err != nil {
			return err
		}
		if err := noteAbsence(ctx, tx, r.Installation, r.ID, old.Removed, r.Removed, at); err != nil {
			return err
		}
		return raiseScope(ctx, tx, jobs, r.Installation, r.ID, r.Removed && !old.Removed, old.Removed && !r.Removed, at)
	})
	if err != nil {
		return fmt.Errorf("store repository %d: %w", r.ID, err)
	}
	return nil
}

// NoteRepository stores what a delivery says of its repository, which may have
// been sent long ago: whether it was removed since is left as it is. Of one that
// is known as it is said to be nothing is written.
func (db *DB) NoteRepository(ctx context.Context, jobs Jobs, r Repository, at time.Time) error {
	old, err := db.Repository(ctx, r.ID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if r.Removed, r.Swept = old.Removed, old.Swept; err == nil && old == r {
		return nil
	}
	return db.PutRepository(ctx, jobs, r, at)
}

// Swept notes when the open pull requests of a repository were listed.
func (db *DB) Swept(ctx context.Context, repository int64, at time.Time) error {
	_, err := db.exec(ctx, `UPDATE repositories SET swept_at = $2 WHERE id = $1`, repository, stamp(at))
	if err != nil {
		return fmt.Errorf("note sweep of repository %d: %w", repository, err)
	}
	return nil
}

const selectRepositories = `SELECT id, installation, owner, name, private, default_branch, archived, removed, swept_at FROM repositories`

func scanRepository(row scanner) (r Repository, err error) {
	err = row.Scan(&r.ID, &r.Installation, &r.Owner, &r.Name, &r.Private, &r.DefaultBranch, &r.Archived, &r.Removed, when{&r.Swept})
	return r, err
}

// Repository returns a repository by its number, or ErrNotFound.
func (db *DB) Repository(ctx context.Context, id int64) (Repository, error) {
	r, err := scanRepository(db.read.QueryRowContext(ctx, selectRepositories+` WHERE id = $1`, id))
	if err != nil {
		return Repository{}, fmt.Errorf("read repository %d: %w", id, found(err))
	}
	return r, nil
}

// RepositoryNamed returns the repository that has a name today, or ErrNotFound.
// GitHub's names are the same in upper and lower case.
func (db *DB) RepositoryNamed(ctx context.Context, owner, name string) (Repository, error) {
	// Of two the one that still is there: a name is given to others.
	r, err := scanRepository(db.read.QueryRowContext(ctx, selectRepositories+`
		WHERE LOWER(owner) = LOWER($1) AND LOWER(name) = LOWER($2) ORDER BY removed, id DESC LIMIT 1`, owner, name))
	if err != nil {
		return Repository{}, fmt.Errorf("read repository %s/%s: %w", owner, name, found(err))
	}
	return r, nil
}

// Repositories returns all that are there, those first whose last sweep is the
// longest ago.
func (db *DB) Repositories(ctx context.Context) ([]Repository, error) {
	all, err := collect(ctx, db.read, scanRepository, selectRepositories+` WHERE NOT removed ORDER BY COALESCE(swept_at, ''), id`)
	if err != nil {
		return nil, fmt.Errorf("list repositories: %w", err)
	}
	return all, nil
}
