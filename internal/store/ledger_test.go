package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/barraiser/barraiser/internal/signoff"
	"github.com/barraiser/barraiser/internal/store"
)

// appendLeaves appends leaves "0", "1" and so on in one transaction.
func appendLeaves(t *testing.T, db *store.DB, n int) {
	t.Helper()
	err := db.Append(t.Context(), start, func(tail *store.Tail) error {
		for range n {
			index, err := tail.Size()
			if err != nil {
				return err
			}
			if _, err := tail.Append(store.Leaf{Bytes: fmt.Append(nil, index)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// checkTree holds the stored leaves and hashes to a tree that is made here.
func checkTree(t *testing.T, db *store.DB, want int64) {
	t.Helper()
	var hashes []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var got []tlog.Hash
		for _, i := range indexes {
			got = append(got, hashes[i])
		}
		return got, nil
	})
	var n int64
	for leaf, err := range db.Leaves(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if leaf.Index != n || string(leaf.Bytes) != fmt.Sprint(n) {
			t.Fatalf("leaf %d is %q at index %d", n, leaf.Bytes, leaf.Index)
		}
		more, err := tlog.StoredHashes(n, leaf.Bytes, reader)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, more...)
		n++
	}
	root, err1 := tlog.TreeHash(n, reader)
	stored, err2 := tlog.TreeHash(n, db.Hashes(t.Context()))
	if n != want || root != stored || err1 != nil || err2 != nil {
		t.Errorf("%d leaves with root %v, stored %v (%v, %v); want %d leaves and one root", n, root, stored, err1, err2, want)
	}
}

func TestLedgerAtOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		appendLeaves(t, db, 520) // more than a page
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for n := range 5 {
					appendLeaves(t, db, n)
				}
			})
		}
		wg.Wait()
		checkTree(t, db, 520+8*10)
	})
}

// Entries come with the record that knows their indexes, or not at all.
func TestCommitWithEntries(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		appendLeaves(t, db, 3)
		receive(t, db, delivery("g1", store.Raised{Subject: pull}))
		row, _ := load(t, db, pull)
		_, err := db.Commit(t.Context(), jobs{}, store.Change{Subject: pull, Done: row.Wanted, Record: func(tail *store.Tail) (signoff.Record, error) {
			index, err := tail.Append(store.Leaf{Bytes: []byte("3"), Analyses: []string{"a1"},
				Texts: []store.Text{{Name: "reason", Salt: []byte("salt"), Text: "because"}, {Name: "data", Salt: []byte("pepper"), Text: "none"}}})
			return signoff.Record{Overrides: []signoff.Override{{ID: "o", Entry: index, Declared: true, At: start}}}, err
		}})
		if err != nil {
			t.Fatal(err)
		}
		row, _ = load(t, db, pull)
		if len(row.Record.Overrides) != 1 || row.Record.Overrides[0].Entry != 3 {
			t.Errorf("overrides = %+v, want one with entry 3", row.Record.Overrides)
		}
		checkTree(t, db, 4)

		erase := func() error {
			return db.EraseText(t.Context(), start, 3, "reason", func(tail *store.Tail) error {
				_, err := tail.Append(store.Leaf{Bytes: []byte("4")})
				return err
			})
		}
		if err := erase(); err != nil {
			t.Error(err)
		}
		if err := erase(); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("EraseText of what is erased = %v, want %v", err, store.ErrNotFound)
		}
		texts, err := db.Texts(t.Context(), 3)
		if diff := cmp.Diff([]store.Text{{Name: "data", Salt: []byte("pepper"), Text: "none"}}, texts); diff != "" || err != nil {
			t.Errorf("texts: %v (-want +got):\n%s", err, diff)
		}
		checkTree(t, db, 5)
	})
}

func TestLedgerIsOnlyAddedTo(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		appendLeaves(t, db, 3)
		c := store.Checkpoint{Size: 3, Note: "three", At: start}
		for range 2 { // twice is once
			if err := db.SaveCheckpoint(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := db.LatestCheckpoint(t.Context()); err != nil || got != c {
			t.Errorf("LatestCheckpoint = %v, %v; want %v", got, err, c)
		}
		if _, err := db.Pool().ExecContext(t.Context(), `INSERT INTO texts (idx, name, salt, content) VALUES (1, 'reason', 'salt', 'because')`); err != nil {
			t.Fatal(err)
		}
		statements := []string{
			`UPDATE leaves SET leaf = 'x' WHERE idx = 1`,
			`UPDATE hashes SET hash = 'x' WHERE idx = 1`,
			`UPDATE checkpoints SET note = 'x'`,
			`UPDATE texts SET content = 'x'`,
			`DELETE FROM leaves WHERE idx = 2`,
			`DELETE FROM hashes WHERE idx = 2`,
			`DELETE FROM checkpoints`,
			`INSERT INTO leaves (idx, at, leaf) VALUES (4, '', 'gap')`,
			`INSERT INTO leaves (idx, at, leaf) VALUES (1, '', 'again')`,
			`INSERT INTO hashes (idx, hash) VALUES (9, 'gap')`,
		}
		if db.Engine() == store.SQLite {
			statements = append(statements,
				`INSERT OR REPLACE INTO leaves (idx, at, leaf) VALUES (1, '', 'x')`,
				`INSERT OR REPLACE INTO hashes (idx, hash) VALUES (1, 'x')`,
				`INSERT OR REPLACE INTO texts (idx, name, salt, content) VALUES (1, 'reason', 'salt', 'x')`,
				`REPLACE INTO checkpoints (size, note, at) VALUES (3, 'three', 'x')`)
		} else {
			statements = append(statements, `TRUNCATE leaves`, `TRUNCATE hashes`, `TRUNCATE checkpoints`,
				`INSERT INTO leaves (idx, at, leaf) VALUES (1, '', 'x') ON CONFLICT (idx) DO UPDATE SET leaf = 'x'`)
		}
		for _, statement := range statements {
			_, err := db.Pool().ExecContext(t.Context(), statement)
			if err == nil || !strings.Contains(err.Error(), "ledger: ") {
				t.Errorf("%s = %v, want to be refused by a trigger", statement, err)
			}
		}
		checkTree(t, db, 3)
	})
}

func TestAnalyses(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		a := store.Analysis{Repository: 11, Base: "b", Head: "h", Program: "p", Rules: "r", Created: start, Content: []byte(strings.Repeat("finding ", 1000))}
		ids := []string{"by a leaf", "by an open subject", "by a closed subject", "by nobody", "young"}
		for _, id := range ids {
			a := a
			if a.ID = id; id == "young" {
				a.Created = start.Add(30 * 24 * time.Hour)
			}
			for range 2 {
				if err := db.PutAnalysis(ctx, a); err != nil {
					t.Fatal(err)
				}
			}
		}
		a.ID = "by nobody"
		if got, err := db.Analysis(ctx, a.ID); err != nil || !cmp.Equal(a, got) {
			t.Errorf("Analysis: %v (-want +got):\n%s", err, cmp.Diff(a, got))
		}
		receive(t, db, delivery("g", store.Raised{Subject: pull}, store.Raised{Subject: other}))
		for _, c := range []struct {
			subject        signoff.Subject
			open           bool
			analysis, leaf string
		}{
			{pull, true, "by an open subject", ""},
			{other, false, "by a closed subject", "by a leaf"},
		} {
			row, _ := load(t, db, c.subject)
			_, err := db.Commit(ctx, jobs{}, store.Change{Subject: c.subject, Version: row.Version, Done: row.Wanted, Open: c.open,
				Record: func(tail *store.Tail) (signoff.Record, error) {
					if c.leaf != "" {
						if _, err := tail.Append(store.Leaf{Bytes: []byte("leaf"), Analyses: []string{c.leaf}}); err != nil {
							return signoff.Record{}, err
						}
					}
					return signoff.Record{Analysis: c.analysis}, nil
				}})
			if err != nil {
				t.Fatal(err)
			}
		}
		if _, err := db.Prune(ctx, start.Add(31*24*time.Hour), store.DefaultRetention); err != nil {
			t.Fatal(err)
		}
		var kept []string
		for _, id := range ids {
			if _, err := db.Analysis(ctx, id); err == nil {
				kept = append(kept, id)
			} else if !errors.Is(err, store.ErrNotFound) {
				t.Error(err)
			}
		}
		if want := []string{"by a leaf", "by an open subject", "young"}; !slices.Equal(kept, want) {
			t.Errorf("kept %q, want %q", kept, want)
		}
	})
}

func TestPrune(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		for i := range 5 {
			d := delivery(fmt.Sprint("g", i), store.Raised{Subject: pull})
			d.At = start.Add(time.Duration(i) * 24 * time.Hour)
			receive(t, db, d)
		}
		now := start.Add(4*24*time.Hour + time.Minute)
		removed, err := db.Prune(t.Context(), now, store.DefaultRetention)
		if err != nil || removed != 2 {
			t.Errorf("Prune removed %d, %v; want the 2 bodies of more than 3 days", removed, err)
		}
		r := store.DefaultRetention
		r.BodyBytes, r.Deliveries = 1, 36*time.Hour
		removed, err = db.Prune(t.Context(), now, r)
		if err != nil || removed != 3+3 {
			t.Errorf("Prune removed %d, %v; want the 3 other bodies and 3 deliveries", removed, err)
		}
		unknown, err := db.Unknown(t.Context(), []string{"g0", "g1", "g2", "g3", "g4"})
		if diff := cmp.Diff([]string{"g0", "g1", "g2"}, unknown); err != nil || diff != "" {
			t.Errorf("Unknown: %v (-want +got):\n%s", err, diff)
		}
	})
}
