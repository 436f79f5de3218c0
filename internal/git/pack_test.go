package git

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPackTrees: packed are the files that would be written, and those that two
// trees share are packed once.
func TestPackTrees(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	shared, old := f.blob(strings.Repeat("shared ", 100)), f.blob("package old\n")
	empty, big := f.blob(""), f.blob(strings.Repeat("x", 1<<10+1))
	base := f.mktree(
		treeEntry(ModeFile, shared, "s.go"), treeEntry(ModeFile, old, "a.go"), treeEntry(ModeFile, old, "unwanted.txt"),
	)
	head := f.mktree(
		treeEntry("040000", f.mktree(treeEntry(ModeFile, shared, "s.go")), "d"), treeEntry(ModeFile, empty, "a.go"),
		treeEntry(ModeSymlink, old, "link.go"), treeEntry(ModeFile, big, "big.go"),
		treeEntry(ModeFile, old, "twice.go"), treeEntry(ModeFile, shared, "twice.go"),
	)
	r := f.open()
	r.Limits.FileBytes = 1 << 10
	var out bytes.Buffer
	packed, written, err := r.PackTrees(t.Context(), []string{base, head}, &out, goFiles)
	if err != nil {
		t.Fatal(err)
	}
	want := []files{
		{"s.go": strings.Repeat("shared ", 100), "a.go": "package old\n"},
		{"d/s.go": strings.Repeat("shared ", 100), "a.go": "", "twice.go": "package old\n"},
	}
	for i, list := range packed {
		got := files{}
		for _, p := range list {
			got[p.Path] = string(out.Bytes()[p.At : p.At+p.Size])
		}
		if diff := cmp.Diff(want[i], got); diff != "" {
			t.Errorf("tree %d (-want +got):\n%s", i, diff)
		}
		if written[i].Files != len(want[i]) {
			t.Errorf("tree %d: %d files, want %d", i, written[i].Files, len(want[i]))
		}
	}
	skipped := []Skipped{{"big.go", "larger than 1 KiB"}, {"link.go", "symbolic link"}, {"twice.go", sameName}}
	if diff := cmp.Diff(skipped, written[1].Skipped); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
	if n := strings.Count(out.String(), "shared "); n != 100 {
		t.Errorf("the shared content was packed %d times, want once", n/100)
	}

	full := errors.New("no room")
	if _, _, err := r.PackTrees(t.Context(), []string{base, head}, failingWriter{full}, goFiles); !errors.Is(err, full) {
		t.Errorf("PackTrees to a full disk = %v, want %v", err, full)
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }
