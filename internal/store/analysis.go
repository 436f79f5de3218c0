package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// An Analysis is what was found out about a pair of commits, as its caller wrote
// it. It is never changed: ID is a function of what it was made from.
type Analysis struct {
	ID         string
	Repository int64
	Base, Head string // commits
	Program    string // hash of the program that made it
	Rules      string // hash of the rules
	Created    time.Time
	Content    []byte // stored compressed
}

// PutAnalysis keeps an analysis. One with its ID that is there already stays.
func (db *DB) PutAnalysis(ctx context.Context, a Analysis) error {
	content, err := pack(a.Content)
	if err != nil {
		return fmt.Errorf("keep analysis %s: %w", a.ID, err)
	}
	_, err = db.exec(ctx, `
		INSERT INTO analyses (id, repository, base, head, program, rules, created_at, content)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING`,
		a.ID, a.Repository, a.Base, a.Head, a.Program, a.Rules, stamp(a.Created), content)
	if err != nil {
		return fmt.Errorf("keep analysis %s: %w", a.ID, err)
	}
	return nil
}

// Analysis returns an analysis, or ErrNotFound.
func (db *DB) Analysis(ctx context.Context, id string) (a Analysis, err error) {
	var content []byte
	err = db.read.QueryRowContext(ctx, `SELECT id, repository, base, head, program, rules, created_at, content FROM analyses WHERE id = $1`, id).
		Scan(&a.ID, &a.Repository, &a.Base, &a.Head, &a.Program, &a.Rules, when{&a.Created}, &content)
	if err != nil {
		return Analysis{}, fmt.Errorf("read analysis %s: %w", id, found(err))
	}
	if a.Content, err = unpack(content); err != nil {
		return Analysis{}, fmt.Errorf("read analysis %s: %w", id, err)
	}
	return a, nil
}

// noLeaf is the leaf of a citation by a subject alone.
const noLeaf = -1

// cite says that a subject, or one of its leaves, needs an analysis.
func cite(ctx context.Context, tx *sql.Tx, analysis, subject string, leaf int64) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO citations (analysis, subject, leaf) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, analysis, subject, leaf)
	if err != nil {
		return fmt.Errorf("cite analysis %s: %w", analysis, err)
	}
	return nil
}
