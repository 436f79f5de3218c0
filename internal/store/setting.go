package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Set keeps a value under a name: cursors, the version of the catalogue.
func (db *DB) Set(ctx context.Context, name, value string) error {
	_, err := db.exec(ctx, `
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
