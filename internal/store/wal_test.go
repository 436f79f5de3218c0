package store

import (
	"fmt"
	"path/filepath"
	"testing"
)

// The log of a SQLite file begins anew by itself, also where nobody ever stops
// writing, and no commit copies it.
func TestWAL(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db, err := Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "a.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.wal.close() // here it is done by hand
	const long = 50
	pages := func() (n int) {
		t.Helper()
		var busy, copied int
		if err := db.read.QueryRowContext(ctx, `PRAGMA wal_checkpoint(NOOP)`).Scan(&busy, &n, &copied); err != nil {
			t.Fatal(err)
		}
		return n
	}
	value := 0
	write := func(n int) {
		t.Helper()
		for range n {
			value++
			if err := db.Set(ctx, "setting", fmt.Sprint(value)); err != nil {
				t.Fatal(err)
			}
		}
	}
	write(1_200) // more pages than SQLite would leave
	if n := pages(); n <= 1_000 {
		t.Errorf("the log has %d pages after 1,200 commits: somebody copied it", n)
	}
	// A reader of the state of now keeps the log from beginning anew, and nobody
	// from writing.
	tx, err := db.read.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	var seen string
	if err := tx.QueryRowContext(ctx, `SELECT value FROM settings WHERE name = 'setting'`).Scan(&seen); err != nil {
		t.Fatal(err)
	}
	write(1)
	if err := db.checkpoint(ctx, long); err != nil {
		t.Fatal(err)
	}
	write(1)
	if n := pages(); n <= 1_000 {
		t.Errorf("the log has %d pages: it began anew while it was read", n)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := db.checkpoint(ctx, long); err != nil {
		t.Fatal(err)
	}
	write(1)
	if n := pages(); n > long {
		t.Errorf("the log has %d pages after it was copied, want it to begin anew", n)
	}
}
