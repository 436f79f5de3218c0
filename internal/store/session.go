package store

import (
	"context"
	"fmt"
	"time"
)

// A Session is somebody's being signed in. The store knows the hash of the
// random value in the cookie, never the value.
type Session struct {
	Hash                   string
	Account                int64
	Created, Seen, Expires time.Time
}

// PutSession stores a session, or what changed of it.
func (db *DB) PutSession(ctx context.Context, s Session) error {
	_, err := db.exec(ctx, `
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
	if _, err := db.exec(ctx, `DELETE FROM sessions WHERE hash = $1`, hash); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// EndSessions ends all sessions of an account.
func (db *DB) EndSessions(ctx context.Context, account int64) error {
	if _, err := db.exec(ctx, `DELETE FROM sessions WHERE account = $1`, account); err != nil {
		return fmt.Errorf("end sessions of %d: %w", account, err)
	}
	return nil
}
