package ledger

import (
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// A Log is the tree of a ledger while entries are appended to it, under the
// lock on its head and in the transaction of the decision. It reads the hashes
// that are stored and holds the new ones until they are.
type Log struct {
	origin string
	base   int64 // size that the stored hashes are of
	size   int64
	stored tlog.HashReader
	fresh  []tlog.Hash // from StoredHashCount(base) on
}

// NewLog takes up a log of the given size. The reader has the hashes at the
// indexes below tlog.StoredHashCount(size); for an empty one it may be nil.
func NewLog(origin string, size int64, stored tlog.HashReader) (*Log, error) {
	if err := validOrigin(origin); err != nil {
		return nil, fmt.Errorf("take up log: %w", err)
	}
	if size < 0 || size > maxInteger || size > 0 && stored == nil {
		return nil, fmt.Errorf("take up log %s: size %d, hashes given: %t", origin, size, stored != nil)
	}
	return &Log{origin: origin, base: size, size: size, stored: stored}, nil
}

// Size is the number of entries, the new ones included.
func (l *Log) Size() int64 { return l.size }

// Append gives the entry its origin and index and returns it with its leaf, to
// be stored as it is. After an error the log is as it was.
func (l *Log) Append(e Entry) (Entry, []byte, error) {
	e.Origin, e.Index = l.origin, l.size
	leaf, err := e.Encode()
	if err != nil {
		return Entry{}, nil, err
	}
	if err := l.appendLeaf(leaf); err != nil {
		return Entry{}, nil, fmt.Errorf("append entry %d to %s: %w", e.Index, l.origin, err)
	}
	return e, leaf, nil
}

func (l *Log) appendLeaf(leaf []byte) error {
	hashes, err := tlog.StoredHashes(l.size, leaf, l)
	if err != nil {
		return err
	}
	l.fresh = append(l.fresh, hashes...)
	l.size++
	return nil
}

// Fresh returns the hashes to store with the new leaves, and the index of the
// first: those at the next ones follow.
func (l *Log) Fresh() (first int64, hashes []tlog.Hash) {
	return tlog.StoredHashCount(l.base), l.fresh
}

// ReadHashes makes a log the reader of its own hashes.
func (l *Log) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	first, end := tlog.StoredHashCount(l.base), tlog.StoredHashCount(l.size)
	hashes := make([]tlog.Hash, len(indexes))
	var old, places []int64
	for i, index := range indexes {
		switch {
		case index < 0 || index >= end:
			return nil, fmt.Errorf("hash %d is not of a tree of %d entries", index, l.size)
		case index >= first:
			hashes[i] = l.fresh[index-first]
		default:
			old, places = append(old, index), append(places, int64(i))
		}
	}
	if len(old) == 0 {
		return hashes, nil
	}
	read, err := l.stored.ReadHashes(old)
	if err != nil {
		return nil, fmt.Errorf("read stored hashes: %w", err)
	}
	if len(read) != len(old) {
		return nil, fmt.Errorf("read stored hashes: asked for %d, got %d", len(old), len(read))
	}
	for i, h := range read {
		hashes[places[i]] = h
	}
	return hashes, nil
}

// Checkpoint describes the log as it is now. It is signed after the commit: a
// checkpoint of what is then rolled back could not be told from a cut tail.
func (l *Log) Checkpoint() (Checkpoint, error) {
	root, err := tlog.TreeHash(l.size, l)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("compute root of %s: %w", l.origin, err)
	}
	return Checkpoint{l.origin, l.size, root}, nil
}

// ErrInconsistent is wrapped by the error about a checkpoint that the log does
// not contain.
var ErrInconsistent = errors.New("the log does not extend this checkpoint")

// Extends makes sure that the log is what the checkpoint says and entries after
// it. Call it with the newest published one before signing another: a database
// that was restored, or whose hashes were changed, is then never signed.
func (l *Log) Extends(old Checkpoint) error {
	if old.Origin != l.origin {
		return fmt.Errorf("checkpoint of %q, log %q: %w", old.Origin, l.origin, ErrInconsistent)
	}
	if old.Size > l.size {
		return fmt.Errorf("%d entries, the checkpoint says %d: %w", l.size, old.Size, ErrInconsistent)
	}
	proof, err := l.ProveConsistency(old.Size)
	if err != nil {
		return err
	}
	now, err := l.Checkpoint()
	if err != nil {
		return err
	}
	return CheckConsistency(old, now, proof)
}

// ProveInclusion shows that the entry of an index is in the log as it is now.
func (l *Log) ProveInclusion(index int64) (tlog.RecordProof, error) {
	proof, err := tlog.ProveRecord(l.size, index, l)
	if err != nil {
		return nil, fmt.Errorf("prove entry %d of %s: %w", index, l.origin, err)
	}
	return proof, nil
}

// ProveConsistency shows that the log as it is now begins with what it was at
// size.
func (l *Log) ProveConsistency(size int64) (tlog.TreeProof, error) {
	if size == 0 { // every log begins with nothing, without proof
		return tlog.TreeProof{}, nil
	}
	proof, err := tlog.ProveTree(l.size, size, l)
	if err != nil {
		return nil, fmt.Errorf("prove that %s extends size %d: %w", l.origin, size, err)
	}
	return proof, nil
}

// CheckInclusion checks the proof that a leaf has this index in the log of a
// checkpoint.
func CheckInclusion(c Checkpoint, index int64, leaf []byte, proof tlog.RecordProof) error {
	if err := tlog.CheckRecord(proof, c.Size, c.Root, index, tlog.RecordHash(leaf)); err != nil {
		return fmt.Errorf("check that entry %d is in %s at size %d: %w", index, c.Origin, c.Size, err)
	}
	return nil
}

// CheckConsistency checks the proof that one checkpoint extends the other. The
// error wraps ErrInconsistent.
func CheckConsistency(old, now Checkpoint, proof tlog.TreeProof) error {
	switch {
	case old.Origin != now.Origin:
		return fmt.Errorf("checkpoints of %q and %q: %w", old.Origin, now.Origin, ErrInconsistent)
	case old.Size == 0 && old.Root == emptyRoot && len(proof) == 0:
		return nil
	}
	if err := tlog.CheckTree(proof, now.Size, now.Root, old.Size, old.Root); err != nil {
		return fmt.Errorf("size %d to %d (%w): %w", old.Size, now.Size, err, ErrInconsistent)
	}
	return nil
}
