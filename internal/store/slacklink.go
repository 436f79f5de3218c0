package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// A SlackLink is what a member in Slack was given, to come with to a page and
// show who they are on the host. It is good once.
type SlackLink struct {
	// Hash is that of the random value in the address, which the store does not
	// know.
	Hash       string
	Member     string // id
	Name, Team string // as Slack calls them, to be shown
	Expires    time.Time
}

// PutSlackLink stores a link, in place of any that the member had.
func (db *DB) PutSlackLink(ctx context.Context, l SlackLink) error {
	err := db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM slack_links WHERE member = $1`, l.Member); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO slack_links (hash, member, name, team, expires_at) VALUES ($1, $2, $3, $4, $5)`,
			l.Hash, l.Member, l.Name, l.Team, stamp(l.Expires))
		return err
	})
	if err != nil {
		return fmt.Errorf("store link of %s: %w", l.Member, err)
	}
	return nil
}

const selectSlackLinks = `SELECT hash, member, name, team, expires_at FROM slack_links WHERE hash = $1 AND expires_at > $2`

func scanSlackLink(row scanner) (l SlackLink, err error) {
	err = row.Scan(&l.Hash, &l.Member, &l.Name, &l.Team, when{&l.Expires})
	return l, err
}

// SlackLink returns a link that was not used and has not expired, or ErrNotFound.
func (db *DB) SlackLink(ctx context.Context, hash string, now time.Time) (SlackLink, error) {
	l, err := scanSlackLink(db.read.QueryRowContext(ctx, selectSlackLinks, hash, stamp(now)))
	if err != nil {
		return SlackLink{}, fmt.Errorf("read link: %w", found(err))
	}
	return l, nil
}

// UseSlackLink links an account to the member of a link, which is then used up,
// and returns it. The member is taken from whomever had it. It is ErrNotFound
// where the link was used or has expired.
func (db *DB) UseSlackLink(ctx context.Context, hash string, who Person, now time.Time) (l SlackLink, err error) {
	err = db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		l, err = scanSlackLink(tx.QueryRowContext(ctx, selectSlackLinks, hash, stamp(now)))
		if err != nil {
			return found(err)
		}
		result, err := tx.ExecContext(ctx, `DELETE FROM slack_links WHERE hash = $1`, hash)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			return ErrNotFound // used at the same moment
		}
		who.Slack, who.Linked = l.Member, now
		return linkSlack(ctx, tx, who)
	})
	if err != nil {
		return SlackLink{}, fmt.Errorf("use link: %w", err)
	}
	return l, nil
}
