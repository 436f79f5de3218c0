// Package storetest gives tests a store of each engine: a file, and a real
// PostgreSQL that it starts.
package storetest

import (
	"context"
	"path/filepath"

	"github.com/barraiser/barraiser/internal/store"
)

// Engines are all that a store can be on.
var Engines = []store.Engine{store.SQLite, store.PostgreSQL}

// TB is what of testing.TB is needed here.
type TB interface {
	Helper()
	Fatal(args ...any)
	Skip(args ...any)
	Error(args ...any)
	Cleanup(f func())
	Context() context.Context
	TempDir() string
}

// URL is the address of a new, empty database that is there until the test ends.
// Without a PostgreSQL on the machine the test is skipped, and fails where CI is
// "true".
func URL(t TB, e store.Engine) string {
	t.Helper()
	if e == store.PostgreSQL {
		return postgresURL(t)
	}
	return "sqlite:" + filepath.Join(t.TempDir(), "store.db")
}

// Open opens the store of a new, empty database.
func Open(t TB, e store.Engine) *store.DB {
	t.Helper()
	return OpenURL(t, URL(t, e))
}

// OpenURL opens the store of an address and closes it when the test ends.
func OpenURL(t TB, url string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error("close the store:", err)
		}
	})
	return db
}
