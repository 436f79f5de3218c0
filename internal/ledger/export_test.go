package ledger_test

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"os/exec"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/barraiser/barraiser/internal/ledger"
)

func exported(t testing.TB, leaves [][]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if n, err := ledger.WriteLeaves(&out, each(leaves)); err != nil || n != int64(len(leaves)) {
		t.Fatalf("WriteLeaves = %d, %v", n, err)
	}
	return out.Bytes()
}

// TestExport: what is exported verifies as what is in the store.
func TestExport(t *testing.T) {
	p := publish(t)
	file, notes := exported(t, p.leaves), ledger.JoinNotes(append(p.stored, p.older))
	split, err := ledger.SplitNotes(notes)
	if err != nil || len(split) != 3 {
		t.Fatalf("SplitNotes = %d notes, %v", len(split), err)
	}
	r, err := ledger.Verify(ledger.ReadLeaves(iotest.OneByteReader(bytes.NewReader(file))), ledger.Evidence{Origin: origin, Keys: []string{p.key}, Stored: split})
	if err != nil || !r.OK() || r.Signed != 1000 {
		t.Errorf("Verify of the export = %+v, %v", r, err)
	}
	if err := secondVerify(file, split, p.key); err != nil {
		t.Errorf("the second verifier of the export: %v", err)
	}
}

// TestExportByShell: the command of the documentation gives the hash of a leaf.
func TestExportByShell(t *testing.T) {
	b := newBook(t)
	b.fill(50)
	cmd := exec.Command("sh", "-c", `cat >ledger.jsonl; (printf '\000'; sed -n 43p ledger.jsonl | tr -d '\n') | sha256sum`)
	cmd.Dir = t.TempDir()
	cmd.Stdin = bytes.NewReader(exported(t, b.leaves))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	h := tlog.RecordHash(b.leaves[42])
	if want := ledger.Digest(h).String() + "  -\n"; string(out) != want {
		t.Errorf("sha256sum = %s, want %s", out, want)
	}
}

func TestReadLeavesRefuses(t *testing.T) {
	for file, want := range map[string]string{
		"a\n\nb\n": "line 2: an empty line",
		"\n":       "line 1: an empty line",
		"a\nb":     "line 2: the last line does not end",
		"a\r\n":    "line 1: a line break within",
		strings.Repeat("a", ledger.MaxLeaf+1) + "\n": "line 1: a line of more than",
		strings.Repeat("a", 3*ledger.MaxLeaf):        "line 1: a line of more than",
	} {
		var last error
		for leaf, err := range ledger.ReadLeaves(strings.NewReader(file)) {
			if last != nil {
				t.Errorf("%.20q: %q after an error", file, leaf)
			}
			last = err
		}
		if last == nil || !strings.Contains(last.Error(), want) {
			t.Errorf("ReadLeaves(%.20q) = %v, want %q", file, last, want)
		}
	}
	longest := strings.Repeat("a", ledger.MaxLeaf)
	for leaf, err := range ledger.ReadLeaves(strings.NewReader(longest + "\n")) {
		if err != nil || string(leaf) != longest {
			t.Errorf("the longest line: %v", err)
		}
	}
	lost := errors.New("disk on fire")
	for _, err := range ledger.ReadLeaves(iotest.ErrReader(lost)) {
		if !errors.Is(err, lost) {
			t.Errorf("ReadLeaves = %v, want %v", err, lost)
		}
	}
}

func TestWriteLeavesErrors(t *testing.T) {
	lost := errors.New("disk on fire")
	for name, leaves := range map[string]iter.Seq2[[]byte, error]{
		"export entry 1: a line break": each([][]byte{[]byte("a"), []byte("b\nc")}),
		"export entry 0: an empty":     each([][]byte{{}}),
		"export entry 0: disk":         func(yield func([]byte, error) bool) { yield(nil, lost) },
	} {
		if _, err := ledger.WriteLeaves(io.Discard, leaves); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("WriteLeaves = %v, want %q", err, name)
		}
	}
	r, w := io.Pipe()
	r.CloseWithError(lost)
	if _, err := ledger.WriteLeaves(w, each([][]byte{[]byte("a")})); !errors.Is(err, lost) {
		t.Errorf("WriteLeaves to a broken pipe = %v", err)
	}
}

func TestSplitNotesRefuses(t *testing.T) {
	b := newBook(t)
	b.fill(3)
	one := string(b.sign(newKey(t, 1)))
	if notes, err := ledger.SplitNotes(nil); err != nil || len(notes) != 0 {
		t.Errorf("SplitNotes of an empty file = %q, %v", notes, err)
	}
	for _, bad := range []string{one + "\n", "\n" + one, one[:len(one)-1], one + one[:40], strings.Replace(one, "— ", "- ", 1), strings.Replace(one, "\n\n", "\n", 1)} {
		if notes, err := ledger.SplitNotes([]byte(bad)); err == nil {
			t.Errorf("SplitNotes(%q) = %q, want an error", bad, notes)
		}
	}
}

// FuzzExport: what is read is written as it was.
func FuzzExport(f *testing.F) {
	b := newBook(f)
	b.fill(10)
	f.Add(exported(f, b.leaves))
	f.Add([]byte("a\nb"))
	f.Fuzz(func(t *testing.T, file []byte) {
		var again bytes.Buffer
		if _, err := ledger.WriteLeaves(&again, ledger.ReadLeaves(bytes.NewReader(file))); err == nil && !bytes.Equal(again.Bytes(), file) {
			t.Errorf("reading and writing %q = %q", file, again.Bytes())
		}
	})
}
