package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// A Person is somebody by the number of the account on the host.
type Person struct {
	ID    int64
	Login string // as it is today
	Slack string // id of the member there; empty: not linked
	// Linked is when the person proved to be that member.
	Linked time.Time
	// Timezone is that of the profile in Slack, an IANA name; empty: not known.
	Timezone string
}

// PutLogin notes what an account is called today. The link stays.
func (db *DB) PutLogin(ctx context.Context, id int64, login string) error {
	_, err := db.exec(ctx, `
		INSERT INTO people (id, login, slack) VALUES ($1, $2, '')
		ON CONFLICT (id) DO UPDATE SET login = EXCLUDED.login WHERE people.login <> EXCLUDED.login`, id, login)
	if err != nil {
		return fmt.Errorf("store login of %d: %w", id, err)
	}
	return nil
}

// PutTimezone notes which time zone somebody's profile has.
func (db *DB) PutTimezone(ctx context.Context, id int64, login, zone string) error {
	_, err := db.exec(ctx, `
		INSERT INTO people (id, login, slack, timezone) VALUES ($1, $2, '', $3)
		ON CONFLICT (id) DO UPDATE SET login = EXCLUDED.login, timezone = EXCLUDED.timezone
		WHERE people.timezone <> EXCLUDED.timezone OR people.login <> EXCLUDED.login`, id, login, zone)
	if err != nil {
		return fmt.Errorf("store time zone of %d: %w", id, err)
	}
	return nil
}

// Timezones are those that are known, by login in lower case.
func (db *DB) Timezones(ctx context.Context) (map[string]string, error) {
	people, err := collect(ctx, db.read, scanPerson, selectPeople+` WHERE timezone <> ''`)
	if err != nil {
		return nil, fmt.Errorf("list time zones: %w", err)
	}
	zones := map[string]string{}
	for _, p := range people {
		zones[strings.ToLower(p.Login)] = p.Timezone
	}
	return zones, nil
}

// LinkSlack notes that an account proved to be a member in Slack, and takes the
// member from whomever had it.
func (db *DB) LinkSlack(ctx context.Context, p Person) error {
	err := db.update(ctx, func(ctx context.Context, tx *sql.Tx) error { return linkSlack(ctx, tx, p) })
	if err != nil {
		return fmt.Errorf("link account %d: %w", p.ID, err)
	}
	return nil
}

func linkSlack(ctx context.Context, tx *sql.Tx, p Person) error {
	if _, err := tx.ExecContext(ctx, `UPDATE people SET slack = '', linked_at = NULL WHERE slack = $1 AND id <> $2`, p.Slack, p.ID); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO people (id, login, slack, linked_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (id) DO UPDATE SET login = EXCLUDED.login, slack = EXCLUDED.slack, linked_at = EXCLUDED.linked_at`,
		p.ID, p.Login, p.Slack, stampOrNull(p.Linked))
	return err
}

// Linked are the logins, in lower case, of all who are linked with Slack.
func (db *DB) Linked(ctx context.Context) (map[string]bool, error) {
	logins, err := collect(ctx, db.read, text, `SELECT LOWER(login) FROM people WHERE slack <> ''`)
	if err != nil {
		return nil, fmt.Errorf("list who is linked: %w", err)
	}
	out := map[string]bool{}
	for _, login := range logins {
		out[login] = true
	}
	return out, nil
}

const selectPeople = `SELECT id, login, slack, linked_at, timezone FROM people`

func scanPerson(row scanner) (p Person, err error) {
	err = row.Scan(&p.ID, &p.Login, &p.Slack, when{&p.Linked}, &p.Timezone)
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

// UnlinkSlack forgets which member in Slack an account proved to be.
func (db *DB) UnlinkSlack(ctx context.Context, id int64) error {
	if _, err := db.exec(ctx, `UPDATE people SET slack = '', linked_at = NULL WHERE id = $1`, id); err != nil {
		return fmt.Errorf("unlink account %d: %w", id, err)
	}
	return nil
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
