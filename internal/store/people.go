package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// A Person is somebody by the number of the account on the host.
type Person struct {
	ID    int64
	Login string // as it is today
	Slack string // id of the member there; empty: not linked
	// Linked is when the person proved to be that member.
	Linked time.Time
}

// PutLogin notes what an account is called today. The link stays.
func (db *DB) PutLogin(ctx context.Context, id int64, login string) error {
	_, err := db.write.ExecContext(ctx, `
		INSERT INTO people (id, login, slack) VALUES ($1, $2, '')
		ON CONFLICT (id) DO UPDATE SET login = EXCLUDED.login WHERE people.login <> EXCLUDED.login`, id, login)
	if err != nil {
		return fmt.Errorf("store login of %d: %w", id, err)
	}
	return nil
}

// LinkSlack notes that an account proved to be a member in Slack, and takes the
// member from whomever had it.
func (db *DB) LinkSlack(ctx context.Context, p Person) error {
	err := db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE people SET slack = '', linked_at = NULL WHERE slack = $1 AND id <> $2`, p.Slack, p.ID); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO people (id, login, slack, linked_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (id) DO UPDATE SET login = EXCLUDED.login, slack = EXCLUDED.slack, linked_at = EXCLUDED.linked_at`,
			p.ID, p.Login, p.Slack, stampOrNull(p.Linked))
		return err
	})
	if err != nil {
		return fmt.Errorf("link account %d: %w", p.ID, err)
	}
	return nil
}

const selectPeople = `SELECT id, login, slack, linked_at FROM people`

func scanPerson(row scanner) (p Person, err error) {
	err = row.Scan(&p.ID, &p.Login, &p.Slack, when{&p.Linked})
	return p, err
}

// Person returns somebody by number, or ErrNotFound.
func (db *DB) Person(ctx context.Context, id int64) (Person, error) {
	p, err := scanPerson(db.read.QueryRowContext(ctx, selectPeople+` WHERE id = $1`, id))
	if err != nil {
		return Person{}, fmt.Errorf("read person %d: %w", id, found(err))
	}
	return p, nil
}

// PersonInSlack returns who proved to be a member there, or ErrNotFound.
func (db *DB) PersonInSlack(ctx context.Context, member string) (Person, error) {
	if member == "" {
		return Person{}, fmt.Errorf("read person: %w", ErrNotFound)
	}
	p, err := scanPerson(db.read.QueryRowContext(ctx, selectPeople+` WHERE slack = $1`, member))
	if err != nil {
		return Person{}, fmt.Errorf("read person with Slack %s: %w", member, found(err))
	}
	return p, nil
}

// A Session is somebody's being signed in. The store knows the hash of the
// random value in the cookie, never the value.
type Session struct {
	Hash                   string
	Account                int64
	Created, Seen, Expires time.Time
}

// PutSession stores a session, or what changed of it.
func (db *DB) PutSession(ctx context.Context, s Session) error {
	_, err := db.write.ExecContext(ctx, `
		INSERT INTO sessions (hash, account, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (hash) DO UPDATE SET seen_at = EXCLUDED.seen_at, expires_at = EXCLUDED.expires_at`,
		s.Hash, s.Account, stamp(s.Created), stamp(s.Seen), stamp(s.Expires))
	if err != nil {
		return fmt.Errorf("store session: %w", err)
	}
	return nil
}

// Session returns a session that has not ended, or ErrNotFound.
func (db *DB) Session(ctx context.Context, hash string, now time.Time) (s Session, err error) {
	err = db.read.QueryRowContext(ctx, `SELECT hash, account, created_at, seen_at, expires_at FROM sessions WHERE hash = $1 AND expires_at > $2`, hash, stamp(now)).
		Scan(&s.Hash, &s.Account, when{&s.Created}, when{&s.Seen}, when{&s.Expires})
	if err != nil {
		return Session{}, fmt.Errorf("read session: %w", found(err))
	}
	return s, nil
}

// EndSession ends one session.
func (db *DB) EndSession(ctx context.Context, hash string) error {
	if _, err := db.write.ExecContext(ctx, `DELETE FROM sessions WHERE hash = $1`, hash); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// EndSessions ends all sessions of an account.
func (db *DB) EndSessions(ctx context.Context, account int64) error {
	if _, err := db.write.ExecContext(ctx, `DELETE FROM sessions WHERE account = $1`, account); err != nil {
		return fmt.Errorf("end sessions of %d: %w", account, err)
	}
	return nil
}

// Set keeps a value under a name: cursors, the version of the catalogue.
func (db *DB) Set(ctx context.Context, name, value string) error {
	_, err := db.write.ExecContext(ctx, `
		INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value`, name, value)
	if err != nil {
		return fmt.Errorf("set %s: %w", name, err)
	}
	return nil
}

// Setting returns the value under a name, "" where there is none.
func (db *DB) Setting(ctx context.Context, name string) (value string, err error) {
	err = db.read.QueryRowContext(ctx, `SELECT value FROM settings WHERE name = $1`, name).Scan(&value)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("read setting %s: %w", name, err)
	}
	return value, nil
}
