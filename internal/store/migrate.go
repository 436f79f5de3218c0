package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/barraiser/barraiser/internal/crash"
)

// The migrations are one text for both engines (folder both), or one for each
// under the same number where their languages differ. They only go forward.
//
//go:embed migrations
var migrations embed.FS

// OpenAsIs opens a database that is there without changing it, for who only looks:
// version is that of its tables, newest the one that this program knows. Where
// they differ, methods may fail. A SQLite file that is not there is
// fs.ErrNotExist.
func OpenAsIs(ctx context.Context, address string) (db *DB, version, newest int64, err error) {
	if file, ok := strings.CutPrefix(address, "sqlite:"); ok {
		if _, err := os.Stat(file); err != nil {
			return nil, 0, 0, fmt.Errorf("open store: %w", err)
		}
	}
	if db, err = connect(address); err != nil {
		return nil, 0, 0, fmt.Errorf("open store: %w", err)
	}
	all, err := steps(db.engine)
	if err != nil {
		return nil, 0, 0, errors.Join(err, db.Close())
	}
	entries, err := fs.ReadDir(all, ".")
	if err != nil {
		return nil, 0, 0, errors.Join(err, db.Close())
	}
	for _, e := range entries {
		number, _, _ := strings.Cut(e.Name(), "_")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, 0, 0, errors.Join(fmt.Errorf("migration %s: %w", e.Name(), err), db.Close())
		}
		newest = max(newest, n)
	}
	err = db.read.QueryRowContext(ctx, `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version`).Scan(&version)
	if err != nil {
		return nil, 0, 0, errors.Join(fmt.Errorf("open store: read its version: %w", err), db.Close())
	}
	return db, version, newest, nil
}

// migrate brings the tables to what this program knows. Of several processes
// that start at once, one does it.
func (db *DB) migrate(ctx context.Context) error {
	dialect, options := goose.DialectSQLite3, []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	if db.engine == PostgreSQL {
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300)) // once a second for 5 minutes
		if err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		dialect, options = goose.DialectPostgres, append(options, goose.WithSessionLocker(locker))
	}
	steps, err := steps(db.engine)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	provider, err := goose.NewProvider(dialect, db.write, steps, options...)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	// Not provider.Close, which would close our pool.
	for {
		_, err := provider.UpByOne(ctx)
		if errors.Is(err, goose.ErrNoNextVersion) {
			break
		}
		if err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		crash.At("in a migration")
	}
	current, newest, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if current > newest {
		return fmt.Errorf("the database is at version %d and this program knows %d: use the newer program", current, newest)
	}
	return nil
}

// steps are the migrations of an engine.
func steps(e Engine) (fs.FS, error) {
	both, err1 := fs.Sub(migrations, "migrations/both")
	own, err2 := fs.Sub(migrations, "migrations/"+string(e))
	return folders{both, own}, errors.Join(err1, err2)
}

// folders are several as one.
type folders []fs.FS

func (f folders) Open(name string) (fs.File, error) {
	for _, folder := range f {
		file, err := folder.Open(name)
		if !errors.Is(err, fs.ErrNotExist) {
			return file, err
		}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

func (f folders) ReadDir(name string) ([]fs.DirEntry, error) {
	var all []fs.DirEntry
	for _, folder := range f {
		entries, err := fs.ReadDir(folder, name)
		if err != nil {
			return nil, err
		}
		all = append(all, entries...)
	}
	slices.SortFunc(all, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return all, nil
}
