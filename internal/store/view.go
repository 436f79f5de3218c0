package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/barraiser/barraiser/internal/signoff"
)

// putView keeps what a record was decided on. It goes with the record: whoever
// draws one of them needs the other of the same look.
func putView(ctx context.Context, tx *sql.Tx, subject string, packed []byte) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO views (subject, content) VALUES ($1, $2)
		ON CONFLICT (subject) DO UPDATE SET content = EXCLUDED.content`, subject, packed)
	if err != nil {
		return fmt.Errorf("keep view: %w", err)
	}
	return nil
}

// View returns a subject with what its record was decided on, as Commit was given
// it, or ErrNotFound. A subject that was not looked at yet has no view.
func (db *DB) View(ctx context.Context, s signoff.Subject) (row Row, view []byte, err error) {
	tx, err := db.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return Row{}, nil, fmt.Errorf("read view of %s: %w", s.Key(), err)
	}
	defer tx.Rollback()
	if row, err = scanSubject(tx.QueryRowContext(ctx, selectSubjects+` WHERE subject = $1`, s.Key())); err != nil {
		return Row{}, nil, fmt.Errorf("read view of %s: %w", s.Key(), found(err))
	}
	var packed []byte
	if err := tx.QueryRowContext(ctx, `SELECT content FROM views WHERE subject = $1`, s.Key()).Scan(&packed); err != nil {
		return Row{}, nil, fmt.Errorf("read view of %s: %w", s.Key(), found(err))
	}
	if view, err = unpack(packed); err != nil {
		return Row{}, nil, fmt.Errorf("read view of %s: %w", s.Key(), err)
	}
	return row, view, nil
}
