package store

import (
	"context"
	"fmt"
	"time"
)

// A PostedKind is what sort of thing the bot wrote elsewhere.
type PostedKind string

// The kinds, with what their scope and name are.
const (
	PostedCheck    PostedKind = "check"    // "<repository>/<sha>"; name of the check
	PostedComment  PostedKind = "comment"  // subject; ""
	PostedInline   PostedKind = "inline"   // subject; mark
	PostedReviewer PostedKind = "reviewer" // subject; account id
	PostedSlack    PostedKind = "slack"    // subject; audience
	// PostedRepair is how often (Version) we wrote a check again that somebody had
	// written over, and by which other App's name (Remote). As PostedCheck.
	PostedRepair PostedKind = "repair"
	// PostedUnmapped is somebody who could not be told in Slack, since nobody
	// knows who that is there: installation; account id. Remote is the login.
	PostedUnmapped PostedKind = "unmapped"
)

// Posted is something that the bot wrote elsewhere, by which it finds it again.
type Posted struct {
	Kind        PostedKind
	Scope, Name string
	Remote      string // its id there; of Slack "channel/ts"
	Hash        string // of what it shows; none of what may be another by now
	Version     int64  // of the subject that it shows; of a check, its mark there
	At          time.Time
}

// PutPosted stores what was posted, over what was stored of it before.
func (db *DB) PutPosted(ctx context.Context, p Posted) error {
	_, err := db.exec(ctx, `
		INSERT INTO posted (kind, scope, name, remote, hash, version, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (kind, scope, name) DO UPDATE SET
			remote = EXCLUDED.remote, hash = EXCLUDED.hash, version = EXCLUDED.version, at = EXCLUDED.at`,
		string(p.Kind), p.Scope, p.Name, p.Remote, p.Hash, p.Version, stamp(p.At))
	if err != nil {
		return fmt.Errorf("store posted %s of %s: %w", p.Kind, p.Scope, err)
	}
	return nil
}

const selectPosted = `SELECT kind, scope, name, remote, hash, version, at FROM posted`

func scanPosted(row scanner) (p Posted, err error) {
	err = row.Scan(&p.Kind, &p.Scope, &p.Name, &p.Remote, &p.Hash, &p.Version, when{&p.At})
	return p, err
}

// Posted returns what was posted, or ErrNotFound.
func (db *DB) Posted(ctx context.Context, kind PostedKind, scope, name string) (Posted, error) {
	p, err := scanPosted(db.read.QueryRowContext(ctx, selectPosted+` WHERE kind = $1 AND scope = $2 AND name = $3`, string(kind), scope, name))
	if err != nil {
		return Posted{}, fmt.Errorf("read posted %s of %s: %w", kind, scope, found(err))
	}
	return p, nil
}

// PostedIn returns all of a kind in a scope, in the order of their names.
func (db *DB) PostedIn(ctx context.Context, kind PostedKind, scope string) ([]Posted, error) {
	all, err := collect(ctx, db.read, scanPosted, selectPosted+` WHERE kind = $1 AND scope = $2 ORDER BY name`, string(kind), scope)
	if err != nil {
		return nil, fmt.Errorf("list posted %s of %s: %w", kind, scope, err)
	}
	return all, nil
}

// PostedOf returns all of a kind, in the order of their scopes and names.
func (db *DB) PostedOf(ctx context.Context, kind PostedKind) ([]Posted, error) {
	all, err := collect(ctx, db.read, scanPosted, selectPosted+` WHERE kind = $1 ORDER BY scope, name`, string(kind))
	if err != nil {
		return nil, fmt.Errorf("list posted %s: %w", kind, err)
	}
	return all, nil
}

// RemovePosted forgets what is not there any more.
func (db *DB) RemovePosted(ctx context.Context, kind PostedKind, scope, name string) error {
	_, err := db.exec(ctx, `DELETE FROM posted WHERE kind = $1 AND scope = $2 AND name = $3`, string(kind), scope, name)
	if err != nil {
		return fmt.Errorf("forget posted %s of %s: %w", kind, scope, err)
	}
	return nil
}
