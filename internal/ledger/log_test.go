package ledger

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// The leaves and roots that implementations of RFC 6962 are tested with, first
// in the Certificate Transparency project.
var (
	referenceLeaves = []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"}
	referenceRoots  = []string{
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
)

func referenceLeaf(t *testing.T, i int) []byte {
	t.Helper()
	leaf, err := hex.DecodeString(referenceLeaves[i])
	if err != nil {
		t.Fatal(err)
	}
	return leaf
}

// hashes are a store of hashes in memory.
type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, i := range indexes {
		if i >= int64(len(h)) {
			return nil, errors.New("no such hash")
		}
		out = append(out, h[i])
	}
	return out, nil
}

// TestReferenceTree appends in transactions of each size, so that stored and
// fresh hashes meet in all ways.
func TestReferenceTree(t *testing.T) {
	for batch := 1; batch <= len(referenceLeaves); batch++ {
		var stored hashes
		var points []Checkpoint
		f := frontier{}
		for size := 0; size <= len(referenceLeaves); {
			l, err := NewLog("o", int64(size), stored)
			if err != nil {
				t.Fatal(err)
			}
			for range batch {
				c, err := l.Checkpoint()
				if err != nil {
					t.Fatal(err)
				}
				root, err := f.root()
				if err != nil || root != c.Root || hex.EncodeToString(c.Root[:]) != referenceRoots[size] {
					t.Fatalf("batches of %d: root of %d leaves = %x and %x, %v, want %s", batch, size, c.Root, root, err, referenceRoots[size])
				}
				points = append(points, c)
				prove(t, l, points)
				if size++; size > len(referenceLeaves) {
					break
				}
				if err := l.appendLeaf(referenceLeaf(t, size-1)); err != nil {
					t.Fatal(err)
				}
				if _, err := f.append(referenceLeaf(t, size-1)); err != nil {
					t.Fatal(err)
				}
			}
			_, fresh := l.Fresh()
			stored = append(stored, fresh...)
		}
	}
}

// prove tries all proofs within a log, and that none holds for something else.
func prove(t *testing.T, l *Log, points []Checkpoint) {
	t.Helper()
	now := points[len(points)-1]
	for i := range l.Size() {
		proof, err := l.ProveInclusion(i)
		if err != nil {
			t.Fatal(err)
		}
		if err := CheckInclusion(now, i, referenceLeaf(t, int(i)), proof); err != nil {
			t.Errorf("inclusion of %d in %d: %v", i, l.Size(), err)
		}
		if err := CheckInclusion(now, i, []byte("other"), proof); err == nil {
			t.Errorf("inclusion of %d in %d holds for another leaf", i, l.Size())
		}
		if err := CheckInclusion(now, i+1, referenceLeaf(t, int(i)), proof); err == nil {
			t.Errorf("inclusion of %d in %d holds for another index", i, l.Size())
		}
	}
	for _, old := range points {
		proof, err := l.ProveConsistency(old.Size)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(CheckConsistency(old, now, proof), l.Extends(old)); err != nil {
			t.Errorf("%d to %d: %v", old.Size, now.Size, err)
		}
		bad := old
		bad.Root[3]++
		if err := CheckConsistency(bad, now, proof); !errors.Is(err, ErrInconsistent) {
			t.Errorf("%d to %d holds for another root: %v", old.Size, now.Size, err)
		}
		if err := l.Extends(bad); !errors.Is(err, ErrInconsistent) {
			t.Errorf("%d extends another %d: %v", now.Size, old.Size, err)
		}
	}
}

func TestExtendsRefuses(t *testing.T) {
	l, err := NewLog("o", 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := l.appendLeaf([]byte("leaf")); err != nil {
			t.Fatal(err)
		}
	}
	c, err := l.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	longer, foreign := c, c
	longer.Size, foreign.Origin = 4, "p"
	for _, bad := range []Checkpoint{longer, foreign} {
		if err := l.Extends(bad); !errors.Is(err, ErrInconsistent) {
			t.Errorf("Extends(%v) = %v, want ErrInconsistent", bad, err)
		}
	}
	// A store that was changed behind the log's back is not signed.
	_, stored := l.Fresh()
	changed := slices.Clone(hashes(stored))
	changed[0][0]++
	if l, err = NewLog("o", 3, changed); err != nil {
		t.Fatal(err)
	}
	changed[2][0]++
	if err := l.Extends(c); !errors.Is(err, ErrInconsistent) {
		t.Errorf("Extends with changed hashes = %v, want ErrInconsistent", err)
	}
}

func TestLogErrors(t *testing.T) {
	if _, err := NewLog("o", 1, nil); err == nil {
		t.Error("NewLog without hashes has no error")
	}
	if _, err := NewLog("a b", 0, nil); err == nil {
		t.Error("NewLog with a bad origin has no error")
	}
	for name, stored := range map[string]tlog.HashReader{
		"no such hash": hashes{},
		"got 0":        tlog.HashReaderFunc(func([]int64) ([]tlog.Hash, error) { return nil, nil }),
	} {
		l, err := NewLog("o", 1, stored)
		if err != nil {
			t.Fatal(err)
		}
		e := Entry{Type: SignOff, Subject: "s", Actors: map[Role]int64{By: 1}, Strings: map[string]string{"head": strings.Repeat("a", 40), "domain": "d"}}
		e.At = e.At.AddDate(2000, 0, 0)
		if _, _, err := l.Append(e); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("Append = %v, want %q", err, name)
		}
		if _, fresh := l.Fresh(); l.Size() != 1 || len(fresh) != 0 {
			t.Errorf("after an error the log has %d entries and %d fresh hashes", l.Size(), len(fresh))
		}
		if _, err := l.Checkpoint(); err == nil {
			t.Error("Checkpoint has no error")
		}
		if _, err := l.ReadHashes([]int64{9}); err == nil {
			t.Error("ReadHashes beyond the end has no error")
		}
	}
}
