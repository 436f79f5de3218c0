package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/barraiser/barraiser/internal/crash"
)

// A Tail is the end of the ledger inside of a transaction. The first call that
// needs the ledger's size locks it until the transaction ends: indexes are given
// out in the order of commits, without gaps.
//
// It is a tlog.HashReader of the hashes that are stored.
type Tail struct {
	ctx     context.Context
	tx      *sql.Tx
	engine  Engine
	subject string
	at      time.Time
	locked  bool
	size    int64
}

// ledgerLock is the key of PostgreSQL's lock: "barledge" in ASCII.
const ledgerLock = 0x6261726c65646765

// Size is the number of leaves, those of this transaction included. It is the
// index of the next.
func (t *Tail) Size() (int64, error) {
	if t.locked {
		return t.size, nil
	}
	// SQLite has one writer, and that is us.
	if t.engine == PostgreSQL {
		if _, err := t.tx.ExecContext(t.ctx, `SELECT pg_advisory_xact_lock($1)`, int64(ledgerLock)); err != nil {
			return 0, fmt.Errorf("lock the ledger: %w", err)
		}
	}
	size, err := ledgerSize(t.ctx, t.tx)
	if err != nil {
		return 0, err
	}
	t.locked, t.size = true, size
	return size, nil
}

func ledgerSize(ctx context.Context, q queryer) (size int64, err error) {
	if err := q.QueryRowContext(ctx, `SELECT COALESCE(MAX(idx) + 1, 0) FROM leaves`).Scan(&size); err != nil {
		return 0, fmt.Errorf("read size of the ledger: %w", err)
	}
	return size, nil
}

// A Leaf is what is appended at an index that Size told.
type Leaf struct {
	Bytes []byte // exactly these
	Texts []Text // whose salted hashes are in Bytes
	// Analyses are cited by it and kept for ever.
	Analyses []string
}

// A Text is what a person wrote, kept apart from the leaf so that it can be
// erased.
type Text struct {
	Name string
	Salt []byte
	Text string
}

// Append adds a leaf with its hashes at the end, and returns its index.
func (t *Tail) Append(leaf Leaf) (int64, error) {
	index, err := t.Size()
	if err != nil {
		return 0, err
	}
	hashes, err := tlog.StoredHashes(index, leaf.Bytes, t)
	if err != nil {
		return 0, fmt.Errorf("hash leaf %d: %w", index, err)
	}
	if _, err := t.tx.ExecContext(t.ctx, `INSERT INTO leaves (idx, at, leaf) VALUES ($1, $2, $3)`, index, stamp(t.at), leaf.Bytes); err != nil {
		return 0, fmt.Errorf("append leaf %d: %w", index, err)
	}
	first := tlog.StoredHashCount(index)
	for i, h := range hashes {
		if _, err := t.tx.ExecContext(t.ctx, `INSERT INTO hashes (idx, hash) VALUES ($1, $2)`, first+int64(i), h[:]); err != nil {
			return 0, fmt.Errorf("append hash %d: %w", first+int64(i), err)
		}
	}
	crash.At("ledger row, not committed")
	for _, text := range leaf.Texts {
		_, err := t.tx.ExecContext(t.ctx, `INSERT INTO texts (idx, name, salt, content) VALUES ($1, $2, $3, $4)`, index, text.Name, text.Salt, text.Text)
		if err != nil {
			return 0, fmt.Errorf("store text %s of leaf %d: %w", text.Name, index, err)
		}
	}
	for _, id := range leaf.Analyses {
		if err := cite(t.ctx, t.tx, id, t.subject, index); err != nil {
			return 0, err
		}
	}
	t.size++
	return index, nil
}

// ReadHashes implements tlog.HashReader.
func (t *Tail) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	return readHashes(t.ctx, t.tx, indexes)
}

func readHashes(ctx context.Context, q queryer, indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		var b []byte
		if err := q.QueryRowContext(ctx, `SELECT hash FROM hashes WHERE idx = $1`, index).Scan(&b); err != nil {
			return nil, fmt.Errorf("read hash %d: %w", index, found(err))
		}
		if len(b) != tlog.HashSize {
			return nil, fmt.Errorf("hash %d has %d bytes", index, len(b))
		}
		hashes[i] = tlog.Hash(b)
	}
	return hashes, nil
}

// Append adds leaves that belong to no subject, such as the rotation of a key.
func (db *DB) Append(ctx context.Context, at time.Time, f func(*Tail) error) error {
	err := db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		return f(&Tail{ctx: ctx, tx: tx, engine: db.engine, at: at})
	})
	if err != nil {
		return fmt.Errorf("append to the ledger: %w", err)
	}
	return nil
}

// LedgerSize is the number of leaves.
func (db *DB) LedgerSize(ctx context.Context) (int64, error) { return ledgerSize(ctx, db.read) }

// Hashes reads the hashes of the ledger. Those below a size that was read before
// do not change.
func (db *DB) Hashes(ctx context.Context) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) { return readHashes(ctx, db.read, indexes) })
}

// leafPage is how many leaves are read at a time: a reader that takes its time
// holds no transaction open.
const leafPage = 500

// Leaves reads the leaves from an index on, as they are stored, in the order of
// their indexes. It ends after the first error.
func (db *DB) Leaves(ctx context.Context, from int64) iter.Seq2[StoredLeaf, error] {
	return func(yield func(StoredLeaf, error) bool) {
		for {
			page, err := collect(ctx, db.read, scanLeaf, `SELECT idx, at, leaf FROM leaves WHERE idx >= $1 ORDER BY idx LIMIT $2`, from, leafPage)
			if err != nil {
				yield(StoredLeaf{}, fmt.Errorf("read leaves from %d: %w", from, err))
				return
			}
			for _, leaf := range page {
				if !yield(leaf, nil) {
					return
				}
				from = leaf.Index + 1
			}
			if len(page) < leafPage {
				return
			}
		}
	}
}

// StoredLeaf is a leaf with its place.
type StoredLeaf struct {
	Index int64
	At    time.Time
	Bytes []byte
}

func scanLeaf(row scanner) (l StoredLeaf, err error) {
	err = row.Scan(&l.Index, when{&l.At}, &l.Bytes)
	return l, err
}

// Texts returns what is left of the texts of a leaf, by name.
func (db *DB) Texts(ctx context.Context, index int64) ([]Text, error) {
	texts, err := collect(ctx, db.read, func(row scanner) (t Text, err error) {
		err = row.Scan(&t.Name, &t.Salt, &t.Text)
		return t, err
	}, `SELECT name, salt, content FROM texts WHERE idx = $1 ORDER BY name`, index)
	if err != nil {
		return nil, fmt.Errorf("read texts of leaf %d: %w", index, err)
	}
	return texts, nil
}

// EraseText erases a text of a leaf and appends what f appends about that, in
// one transaction. It returns ErrNotFound where the text is not there any more.
// Copies of it in records and facts are the caller's to erase.
func (db *DB) EraseText(ctx context.Context, at time.Time, index int64, name string, f func(*Tail) error) error {
	err := db.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM texts WHERE idx = $1 AND name = $2`, index, name)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			return ErrNotFound
		}
		return f(&Tail{ctx: ctx, tx: tx, engine: db.engine, at: at})
	})
	if err != nil {
		return fmt.Errorf("erase text %s of leaf %d: %w", name, index, err)
	}
	return nil
}

// A Checkpoint is a signed note about the ledger at a size.
type Checkpoint struct {
	Size int64
	Note string
	At   time.Time
}

// SaveCheckpoint keeps a checkpoint. One that is there already stays.
func (db *DB) SaveCheckpoint(ctx context.Context, c Checkpoint) error {
	_, err := db.exec(ctx, `
		INSERT INTO checkpoints (size, note, at) SELECT CAST($1 AS BIGINT), CAST($2 AS TEXT), CAST($3 AS TEXT)
		WHERE NOT EXISTS (SELECT 1 FROM checkpoints WHERE size = $1 AND note = $2)`, c.Size, c.Note, stamp(c.At))
	if err != nil {
		return fmt.Errorf("save checkpoint of size %d: %w", c.Size, err)
	}
	return nil
}

// LatestCheckpoint returns the newest checkpoint of the largest size, or
// ErrNotFound.
func (db *DB) LatestCheckpoint(ctx context.Context) (c Checkpoint, err error) {
	err = db.read.QueryRowContext(ctx, `SELECT size, note, at FROM checkpoints ORDER BY size DESC, at DESC LIMIT 1`).Scan(&c.Size, &c.Note, when{&c.At})
	if err != nil {
		return Checkpoint{}, fmt.Errorf("read checkpoint: %w", found(err))
	}
	return c, nil
}

// CheckpointOver returns the first checkpoint that covers so many entries, or
// ErrNotFound.
func (db *DB) CheckpointOver(ctx context.Context, entries int64) (c Checkpoint, err error) {
	err = db.read.QueryRowContext(ctx, `SELECT size, note, at FROM checkpoints WHERE size >= $1 ORDER BY size, at LIMIT 1`, entries).Scan(&c.Size, &c.Note, when{&c.At})
	if err != nil {
		return Checkpoint{}, fmt.Errorf("read checkpoint over %d entries: %w", entries, found(err))
	}
	return c, nil
}

// Checkpoints returns all checkpoints that are kept, the smallest first.
func (db *DB) Checkpoints(ctx context.Context) ([]Checkpoint, error) {
	all, err := collect(ctx, db.read, func(row scanner) (c Checkpoint, err error) {
		err = row.Scan(&c.Size, &c.Note, when{&c.At})
		return c, err
	}, `SELECT size, note, at FROM checkpoints ORDER BY size, at`)
	if err != nil {
		return nil, fmt.Errorf("list checkpoints: %w", err)
	}
	return all, nil
}
