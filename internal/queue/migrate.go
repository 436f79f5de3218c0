package queue

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/barraiser/barraiser/internal/store"
)

// queueLock is the key of PostgreSQL's lock on the migration: "barqueue" in
// ASCII.
const queueLock = 0x6261727175657565

// migrate brings River's tables to what this program knows. Of several processes
// that start at once, one does it.
func migrate(ctx context.Context, log *slog.Logger, db *store.DB, driver riverdriver.Driver[*sql.Tx]) (err error) {
	if db.Engine() == store.PostgreSQL {
		conn, failed := db.Pool().Conn(ctx)
		if failed != nil {
			return failed
		}
		defer conn.Close()
		if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, int64(queueLock)); err != nil {
			return err
		}
		defer func() {
			_, unlock := conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, int64(queueLock))
			err = errors.Join(err, unlock)
		}()
	}
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: log})
	if err != nil {
		return err
	}
	_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}
