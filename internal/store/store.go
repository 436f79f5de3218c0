// Package store keeps what the bot must not forget: deliveries, facts, subjects
// with their records, effects to perform, analyses, the ledger's rows, and what
// was posted where. It judges nothing and calls nobody: no network, no git.
//
// There is one concrete type over two engines. SQLite is a file for one machine,
// PostgreSQL a server for several; the SQL is one text for both. For that, times
// are text in UTC of fixed width, which sorts as time does; JSON is text; names
// in ON CONFLICT and RETURNING are those that both know; and no number is given
// out by a sequence, since the counters that order things belong to a subject.
//
// Exported methods open the transaction, those in lower case take it and compose.
// Inside of a transaction only the transaction is used: SQLite has one connection
// that writes, and a second one asked for would be waited for by itself.
//
// The invariants:
//   - A delivery is stored whole or not at all: its facts, the counters that it
//     raises and the jobs that this calls for commit together.
//   - A subject whose wanted is above done has a job, or a running one that will
//     look again. See raise and Commit.
//   - A record changes only from the version that was loaded.
//   - Leaves, hashes and checkpoints of the ledger are only ever added, at the
//     end. Triggers hold that against us too.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"
)

// An Engine is the database behind a DB.
type Engine string

const (
	SQLite     Engine = "sqlite"
	PostgreSQL Engine = "postgres"
)

var (
	// ErrNotFound says that there is no such row.
	ErrNotFound = errors.New("not found")
	// ErrConflict says that the row was changed since it was loaded. Load it
	// again and decide again.
	ErrConflict = errors.New("changed by another meanwhile")
	// ErrClosed says that the store was closed.
	ErrClosed = errors.New("store is closed")
)

// DB is the store. Its methods may be called at the same time.
type DB struct {
	engine Engine
	write  *sql.DB // of SQLite, one connection
	read   *reader // of PostgreSQL, over the same pool as write
	group  *group  // of SQLite, nil for PostgreSQL
	wal    *wal    // likewise
}

// Open opens the database of a URL, "sqlite:PATH" or "postgres://…", and brings
// its tables to what this program knows. A database that is newer is refused.
func Open(ctx context.Context, address string) (*DB, error) {
	db, err := connect(address)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if err := db.migrate(ctx); err != nil {
		return nil, fmt.Errorf("open store: %w", errors.Join(err, db.Close()))
	}
	if db.engine == SQLite {
		db.group, db.wal = startGroup(db), startWAL(db)
	}
	if err := db.fillSpans(ctx); err != nil {
		return nil, fmt.Errorf("open store: %w", errors.Join(err, db.Close()))
	}
	return db, nil
}

// readers is how many connections read a SQLite file at once.
const readers = 4

// readCache is how much of a SQLite file each of them may keep, in KiB: what a page
// over a thousand repositories reads, so that the next one finds it.
const readCache = 16 << 10

// connections is how many a process opens to PostgreSQL, whose default is to
// take 100 in all.
const connections = 16

func connect(address string) (*DB, error) {
	scheme, rest, _ := strings.Cut(address, ":")
	switch scheme {
	case "sqlite":
		if rest == "" || strings.HasPrefix(rest, ":memory:") {
			return nil, fmt.Errorf("sqlite:%s names no file", rest)
		}
		if err := create(rest); err != nil {
			return nil, err
		}
		write, err := sql.Open("sqlite", dsn(rest, "_txlock=immediate"))
		if err != nil {
			return nil, err
		}
		read, err := sql.Open("sqlite", dsn(rest, fmt.Sprintf("_pragma=query_only(1)&_pragma=cache_size(-%d)", readCache)))
		if err != nil {
			return nil, errors.Join(err, write.Close())
		}
		write.SetMaxOpenConns(1)
		read.SetMaxOpenConns(readers)
		read.SetMaxIdleConns(readers)
		return &DB{engine: SQLite, write: write, read: &reader{DB: read}}, nil
	case "postgres", "postgresql":
		pool, err := sql.Open("pgx", address)
		if err != nil {
			return nil, err
		}
		pool.SetMaxOpenConns(connections)
		pool.SetMaxIdleConns(connections)
		pool.SetConnMaxIdleTime(5 * time.Minute)
		return &DB{engine: PostgreSQL, write: pool, read: &reader{DB: pool}}, nil
	}
	// Not the address: it may hold a password.
	return nil, fmt.Errorf("store is neither sqlite:PATH nor postgres://…, but %q", scheme)
}

// create makes a file that only its owner may read, where there is none; SQLite
// gives those beside it the same mode. One that is there is not opened: closing
// it would drop the locks that this process has on it.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// dsn is a SQLite file with the settings of each of its connections. FULL, since
// what was acknowledged must survive a power cut.
func dsn(path string, more string) string {
	return fmt.Sprintf("file:%s?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"+
		"&_pragma=wal_autocheckpoint(%d)&_pragma=foreign_keys(1)&_pragma=recursive_triggers(1)&%s",
		(&url.URL{Path: path}).EscapedPath(), walLimit, more)
}

// Close ends what is going on and closes the connections.
func (db *DB) Close() error {
	if db.group != nil {
		db.group.close()
		db.wal.close()
	}
	err := db.write.Close()
	if db.read.DB != db.write {
		err = errors.Join(err, db.read.Close())
	}
	return err
}

// Engine says what is behind the store.
func (db *DB) Engine() Engine { return db.engine }

// Pool is the pool of connections that write, for the queue's own tables.
func (db *DB) Pool() *sql.DB { return db.write }

// Ready makes sure that the store can commit.
func (db *DB) Ready(ctx context.Context) error {
	return db.Set(ctx, "ready", stamp(time.Now()))
}

// attempts is how often a transaction is tried that the engine gave up to let
// another one through.
const attempts = 4

// update runs f in a transaction that writes: on SQLite in one with others, see
// group. An error of f undoes what f did. It may be run again, from the start,
// where the engine asks for it. f uses the context that it is given.
func (db *DB) update(ctx context.Context, f func(ctx context.Context, tx *sql.Tx) error) error {
	if db.group != nil {
		return db.group.join(ctx, f)
	}
	for try := 1; ; try++ {
		err := db.updateOnce(ctx, f)
		if err == nil || try == attempts || !givenUp(err) {
			return err
		}
	}
}

func (db *DB) updateOnce(ctx context.Context, f func(ctx context.Context, tx *sql.Tx) error) error {
	tx, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback() // after Commit it does nothing
	if err := f(ctx, tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// exec runs one statement that writes, and that is short: on SQLite in the
// transaction of a group, since each one on its own is an fsync.
func (db *DB) exec(ctx context.Context, query string, args ...any) (result sql.Result, err error) {
	if db.group == nil {
		return db.write.ExecContext(ctx, query, args...)
	}
	err = db.group.join(ctx, func(ctx context.Context, tx *sql.Tx) error {
		result, err = tx.ExecContext(ctx, query, args...)
		return err
	})
	return result, err
}

// givenUp reports whether PostgreSQL ended a transaction for the sake of another:
// serialization_failure and deadlock_detected.
func givenUp(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pg.Code == "40001" || pg.Code == "40P01")
}

// A queryer is a pool or a transaction.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// collect reads all rows of a query.
func collect[T any](ctx context.Context, q queryer, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// A scanner is a *sql.Row or the current one of *sql.Rows.
type scanner interface{ Scan(dest ...any) error }

// A reader is a pool that counts what it is asked.
type reader struct {
	*sql.DB
	asked atomic.Int64
}

func (r *reader) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	r.asked.Add(1)
	return r.DB.QueryContext(ctx, query, args...)
}

func (r *reader) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	r.asked.Add(1)
	return r.DB.QueryRowContext(ctx, query, args...)
}

// Queries is how many queries were asked so far outside of transactions: what a page
// costs a database does not hang on how much there is, and tests hold it to that.
func (db *DB) Queries() int64 { return db.read.asked.Load() }

// found turns the missing row of database/sql into ours.
func found(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// layout is of fixed width, so that text sorts as time does.
const layout = "2006-01-02T15:04:05.000000Z"

// stamp is a time as it is stored: in UTC, to the microsecond.
func stamp(t time.Time) string { return t.UTC().Format(layout) }

// stampOrNull is that of a time that may be none.
func stampOrNull(t time.Time) sql.NullString {
	return sql.NullString{String: stamp(t), Valid: !t.IsZero()}
}

// A when scans a stored time; NULL is the zero time.
type when struct{ t *time.Time }

func (w when) Scan(src any) error {
	var text string
	switch v := src.(type) {
	case nil:
		*w.t = time.Time{}
		return nil
	case string:
		text = v
	case []byte:
		text = string(v)
	default:
		return fmt.Errorf("stored time is a %T", src)
	}
	t, err := time.Parse(layout, text)
	*w.t = t
	return err
}
