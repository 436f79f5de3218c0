package ledger

import (
	"crypto/sha256"
	"errors"

	"golang.org/x/mod/sumdb/tlog"
)

// A frontier is a tree of which only the right edge is kept: the roots of the
// complete subtrees, one a level at most. That is all that tlog reads to append
// and to compute the root, so a ledger is verified without holding its hashes.
type frontier struct {
	size   int64
	peaks  [64]tlog.Hash // by level, the newest complete subtree
	at     [64]int64     // its number in the level
	buffer []byte
}

func (f *frontier) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		level, n := tlog.SplitStoredHashIndex(index)
		if f.at[level] != n || n >= f.size>>level {
			return nil, errors.New("hash is not on the right edge") // unreachable: tlog asks for no other
		}
		hashes[i] = f.peaks[level]
	}
	return hashes, nil
}

// append returns the hashes that belong into a store, from
// tlog.StoredHashIndex(0, size) on.
func (f *frontier) append(leaf []byte) ([]tlog.Hash, error) {
	// As tlog.RecordHash does, without an allocation for each leaf.
	f.buffer = append(append(f.buffer[:0], 0), leaf...)
	hashes, err := tlog.StoredHashesForRecordHash(f.size, sha256.Sum256(f.buffer), f)
	if err != nil {
		return nil, err
	}
	for level, h := range hashes {
		f.peaks[level], f.at[level] = h, f.size>>level
	}
	f.size++
	return hashes, nil
}

func (f *frontier) root() (tlog.Hash, error) { return tlog.TreeHash(f.size, f) }
