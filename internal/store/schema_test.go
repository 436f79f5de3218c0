package store_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/store"
	"github.com/barraiser/barraiser/internal/store/storetest"
)

// Each engine describes its columns as "table.column type null key" and its
// indexes as "table index unique".
var describe = map[store.Engine][2]string{
	store.SQLite: {
		`SELECT t.name || '.' || c.name || ' ' || LOWER(c.type) || CASE WHEN c."notnull" OR c.pk > 0 THEN ' not null' ELSE '' END || CASE WHEN c.pk > 0 THEN ' key ' || c.pk ELSE '' END
		FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'`,
		`SELECT t.name || ' ' || i.name || CASE WHEN i.partial THEN ' partial' ELSE '' END
		FROM sqlite_master t JOIN pragma_index_list(t.name) i WHERE t.type = 'table' AND i.origin = 'c'`,
	},
	store.PostgreSQL: {
		`SELECT c.table_name || '.' || c.column_name || ' ' || c.data_type || CASE WHEN c.is_nullable = 'NO' THEN ' not null' ELSE '' END ||
			COALESCE((SELECT ' key ' || k.ordinal_position FROM information_schema.key_column_usage k
				JOIN information_schema.table_constraints p ON p.constraint_name = k.constraint_name AND p.table_schema = k.table_schema AND p.constraint_type = 'PRIMARY KEY'
				WHERE k.table_schema = c.table_schema AND k.table_name = c.table_name AND k.column_name = c.column_name), '')
		FROM information_schema.columns c WHERE c.table_schema = current_schema()`,
		`SELECT tablename || ' ' || indexname || CASE WHEN indexdef LIKE '% WHERE %' THEN ' partial' ELSE '' END FROM pg_indexes
		WHERE schemaname = current_schema() AND indexname NOT LIKE '%\_key' AND indexname NOT LIKE '%\_pkey'`,
	},
}

// No two migrations of an engine have one number: two people may have taken it.
func TestMigrationNumbers(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		taken := map[string]string{}
		for _, folder := range []string{"both", engine} {
			entries, err := os.ReadDir(filepath.Join("migrations", folder))
			if err != nil || len(entries) == 0 {
				t.Fatalf("migrations of %s: %v, %v", folder, entries, err)
			}
			for _, e := range entries {
				number, _, _ := strings.Cut(e.Name(), "_")
				if other := taken[number]; other != "" {
					t.Errorf("%s: both %s and %s are number %s", engine, other, e.Name(), number)
				}
				taken[number] = e.Name()
			}
		}
	}
}

// The two engines have the same tables.
func TestSchemas(t *testing.T) {
	schema := func(e store.Engine) map[string]bool {
		db := storetest.Open(t, e)
		lines := map[string]bool{}
		for _, query := range describe[e] {
			rows, err := db.Pool().QueryContext(t.Context(), query)
			if err != nil {
				t.Fatal(err)
			}
			for rows.Next() {
				var line string
				if err := rows.Scan(&line); err != nil {
					t.Fatal(err)
				}
				if !strings.HasPrefix(line, "goose_") && !strings.HasPrefix(line, "sqlite_") {
					lines[line] = true
				}
			}
			if err := rows.Err(); err != nil {
				t.Fatal(err)
			}
		}
		return lines
	}
	lite := schema(store.SQLite)
	for _, must := range []string{"subjects.wanted bigint not null", "facts.number bigint not null key 2", "subjects subjects_undone partial"} {
		if !lite[must] {
			t.Errorf("no %q in the schema of SQLite", must)
		}
	}
	if diff := cmp.Diff(lite, schema(store.PostgreSQL)); diff != "" {
		t.Errorf("SQLite - and PostgreSQL + differ:\n%s", diff)
	}
}

func TestOpenTwice(t *testing.T) {
	for _, e := range storetest.Engines {
		t.Run(string(e), func(t *testing.T) {
			url := storetest.URL(t, e)
			first := storetest.OpenURL(t, url)
			receive(t, first, delivery("g", store.Raised{Subject: pull}))
			second := storetest.OpenURL(t, url)
			if row, _ := load(t, second, pull); row.Wanted != 1 {
				t.Errorf("wanted as another process sees it = %d, want 1", row.Wanted)
			}
			// A database that a newer program has been at.
			if _, err := first.Pool().ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, TRUE)`); err != nil {
				t.Fatal(err)
			}
			if db, err := store.Open(t.Context(), url); err == nil || !strings.Contains(err.Error(), "newer") {
				t.Errorf("Open of a newer database = %v, %v", db, err)
			}
		})
	}
}

func TestOpenAtOnce(t *testing.T) {
	url := storetest.URL(t, store.PostgreSQL) // a file has one process
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			db, err := store.Open(t.Context(), url)
			if err != nil {
				t.Error(err)
				return
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestOpenRefuses(t *testing.T) {
	for _, c := range []struct{ url, want string }{
		{"", `neither sqlite:PATH nor postgres://…, but ""`},
		{"mysql://root:secret@host/db", `but "mysql"`},
		{"sqlite:", "names no file"},
		{"sqlite::memory:", "names no file"},
		{"sqlite:" + t.TempDir() + "/missing/store.db", "no such file or directory"},
		{"postgres://nobody:secret@127.0.0.1:1/none?connect_timeout=1", "refused"},
	} {
		db, err := store.Open(t.Context(), c.url)
		if err == nil {
			t.Errorf("Open(%q) = %v", c.url, errors.Join(db.Close()))
		} else if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("Open(%q) = %v, want it to say %q and no secret", c.url, err, c.want)
		}
	}
}

// A path is a path, whatever is in it.
func TestOddPath(t *testing.T) {
	for _, name := range []string{"a b", "a?mode=memory", "a#b", "100%41", "é"} {
		path := t.TempDir() + "/" + name
		storetest.OpenURL(t, "sqlite:"+path)
		second := storetest.OpenURL(t, "sqlite:"+path)
		if err := second.Set(t.Context(), "x", fmt.Sprint(name)); err != nil {
			t.Errorf("store at %q: %v", name, err)
		}
		for _, file := range []string{path, path + "-wal"} {
			if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%q: %v, %v; want a file of mode 600", file, info, err)
			}
		}
	}
}

// Whoever asks too late is told so and does not hang.
func TestClosed(t *testing.T) {
	for _, e := range storetest.Engines {
		t.Run(string(e), func(t *testing.T) {
			db, err := store.Open(t.Context(), storetest.URL(t, e))
			if err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			for i := range 20 { // some of them while it closes
				wg.Go(func() {
					fresh, err := db.Receive(t.Context(), jobs{}, delivery(fmt.Sprint("g", i), store.Raised{Subject: pull}))
					if fresh != (err == nil) {
						t.Errorf("Receive while closing = %t, %v", fresh, err)
					}
				})
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
			wg.Wait()
			if _, err := db.Receive(t.Context(), jobs{}, delivery("late", store.Raised{Subject: pull})); err == nil {
				t.Error("Receive stores in a closed store")
			}
			if err := db.Ready(t.Context()); err == nil {
				t.Error("a closed store is ready")
			}
		})
	}
}

// A disk that takes no more: nothing is acknowledged, nothing is broken.
func TestDiskFull(t *testing.T) {
	db := storetest.Open(t, store.SQLite)
	receive(t, db, delivery("g0", store.Raised{Subject: pull}))
	if _, err := db.Pool().ExecContext(t.Context(), `PRAGMA max_page_count = 1`); err != nil { // as many as there are
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() {
			d := delivery(fmt.Sprint("full", i), store.Raised{Subject: other})
			d.Body = incompressible(200 << 10)
			if fresh, err := db.Receive(t.Context(), jobs{}, d); err == nil || fresh {
				t.Errorf("Receive on a full disk = %t, %v", fresh, err)
			}
		})
	}
	wg.Wait()
	if _, err := db.Pool().ExecContext(t.Context(), `PRAGMA max_page_count = 1000000`); err != nil {
		t.Fatal(err)
	}
	if !receive(t, db, delivery("full0", store.Raised{Subject: other})) {
		t.Error("what was not stored counts as known")
	}
	if row, _ := load(t, db, other); row.Wanted != 1 {
		t.Errorf("wanted = %d, want 1", row.Wanted)
	}
}
