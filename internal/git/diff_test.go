package git

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	long := strings.Repeat("a line that is long enough\n", 10)
	a, b, link := f.blob(long), f.blob(long+"one more\n"), f.blob("target")
	commit := f.commit(nil)
	r := f.open()
	for _, test := range []struct {
		name      string
		base, new []string
		want      []Change
	}{
		{name: "same", base: []string{treeEntry(ModeFile, a, "x")}, new: []string{treeEntry(ModeFile, a, "x")}},
		{name: "added", new: []string{treeEntry(ModeFile, a, "x y\n")},
			want: []Change{{Status: Added, NewPath: "x y\n", NewMode: ModeFile, NewOID: a}}},
		{name: "deleted", base: []string{treeEntry(ModeExecutable, a, "x")},
			want: []Change{{Status: Deleted, OldPath: "x", OldMode: ModeExecutable, OldOID: a}}},
		{name: "modified", base: []string{treeEntry(ModeFile, a, "x")}, new: []string{treeEntry(ModeFile, b, "x")},
			want: []Change{{Status: Modified, OldPath: "x", NewPath: "x", OldMode: ModeFile, NewMode: ModeFile, OldOID: a, NewOID: b}}},
		{name: "mode", base: []string{treeEntry(ModeFile, a, "x")}, new: []string{treeEntry(ModeExecutable, a, "x")},
			want: []Change{{Status: Modified, OldPath: "x", NewPath: "x", OldMode: ModeFile, NewMode: ModeExecutable, OldOID: a, NewOID: a}}},
		{name: "kind", base: []string{treeEntry(ModeFile, a, "x")}, new: []string{treeEntry(ModeSymlink, link, "x")},
			want: []Change{{Status: Modified, OldPath: "x", NewPath: "x", OldMode: ModeFile, NewMode: ModeSymlink, OldOID: a, NewOID: link}}},
		{name: "renamed", base: []string{treeEntry(ModeFile, a, "x")}, new: []string{treeEntry(ModeFile, a, "y")},
			want: []Change{{Status: Renamed, OldPath: "x", NewPath: "y", OldMode: ModeFile, NewMode: ModeFile, OldOID: a, NewOID: a, Similarity: 100}}},
		{name: "renamed and modified", base: []string{treeEntry(ModeFile, a, "x")}, new: []string{treeEntry(ModeFile, b, "y")},
			want: []Change{{Status: Renamed, OldPath: "x", NewPath: "y", OldMode: ModeFile, NewMode: ModeFile, OldOID: a, NewOID: b, Similarity: 96}}},
		{name: "copied", base: []string{treeEntry(ModeFile, a, "x")}, new: []string{treeEntry(ModeFile, a, "x"), treeEntry(ModeFile, a, "y")},
			want: []Change{{Status: Added, NewPath: "y", NewMode: ModeFile, NewOID: a}}},
		{name: "submodule", new: []string{treeEntry(ModeSubmodule, commit, "s")},
			want: []Change{{Status: Added, NewPath: "s", NewMode: ModeSubmodule, NewOID: commit}}},
	} {
		got, err := r.Diff(t.Context(), f.mktree(test.base...), f.mktree(test.new...))
		if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("%s: Diff() = %v (-want +got):\n%s", test.name, err, diff)
		}
	}
	if _, err := r.Diff(t.Context(), "--output=x", f.mktree()); err == nil {
		t.Error("Diff(--output=x) has no error")
	}
}

func TestHunks(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	lines := func(from, to int) string {
		var b strings.Builder
		for i := from; i <= to; i++ {
			fmt.Fprintf(&b, "line %d\n", i)
		}
		return b.String()
	}
	r := f.open()
	r.Limits.FileBytes = 10_000
	for _, test := range []struct {
		name     string
		old, new string
		oldMode  Mode // ModeFile where empty
		want     []Hunk
	}{
		{name: "same", old: "a\n", new: "a\n"},
		{name: "one line", old: lines(1, 9), new: lines(1, 4) + "five\n" + lines(6, 9), want: []Hunk{{5, 1, 5, 1}}},
		{name: "two places", old: lines(1, 9), new: "one\n" + lines(2, 7) + "eight\nand a half\n" + lines(9, 9), want: []Hunk{{1, 1, 1, 1}, {8, 1, 8, 2}}},
		{name: "added at the top", old: lines(2, 3), new: lines(1, 3), want: []Hunk{{0, 0, 1, 1}}},
		{name: "added at the end", old: lines(1, 3), new: lines(1, 5), want: []Hunk{{3, 0, 4, 2}}},
		{name: "deleted", old: lines(1, 5), new: lines(1, 1) + lines(4, 5), want: []Hunk{{2, 2, 1, 0}}},
		{name: "to nothing", old: lines(1, 3), new: "", want: []Hunk{{1, 3, 0, 0}}},
		{name: "from nothing", old: "", new: lines(1, 3), want: []Hunk{{0, 0, 1, 3}}},
		{name: "no newline at the end", old: "a\nb", new: "a\nb\n", want: []Hunk{{2, 1, 2, 1}}},
		{name: "NUL", old: "a\x00\nb\n", new: "a\x00\nc\n", want: []Hunk{{2, 1, 2, 1}}},
		{name: "lines that look like headers", old: "x\n-- a/x\n@@ -1 +1 @@\n", new: "x\n++ b/x\n@@ -7 +7 @@\ndiff --git a/9 b/9\n", want: []Hunk{{2, 2, 2, 3}}},
		{name: "carriage returns", old: "a\r\nb\r\n", new: "a\r\nc\r\n", want: []Hunk{{2, 1, 2, 1}}},
		{name: "long lines", old: strings.Repeat("x", 9000) + "\nb\n", new: strings.Repeat("y", 9000) + "\nb\n", want: []Hunk{{1, 1, 1, 1}}},
		{name: "too large", old: "a\n", new: strings.Repeat("x", 10_001)},
		{name: "was a link", old: "target", oldMode: ModeSymlink, new: "a\nb\n", want: []Hunk{{0, 0, 1, 2}}},
		{name: "was a submodule", old: "", oldMode: ModeSubmodule, new: "a\nb\n", want: []Hunk{{0, 0, 1, 2}}},
	} {
		c := Change{Status: Renamed, OldPath: "\n@@ -1 +1 @@\n", NewPath: "y", OldMode: ModeFile, NewMode: ModeFile, OldOID: f.blob(test.old), NewOID: f.blob(test.new)}
		if test.oldMode != "" {
			c.OldMode = test.oldMode
		}
		got, err := r.Hunks(t.Context(), []Change{{}, c})
		if diff := cmp.Diff([][]Hunk{nil, test.want}, got); err != nil || diff != "" {
			t.Errorf("%s: Hunks() = %v (-want +got):\n%s", test.name, err, diff)
		}
	}

	absent := strings.Repeat("1", 40)
	_, err := r.Hunks(t.Context(), []Change{{Status: Added, NewPath: "x.go", NewMode: ModeFile, NewOID: absent}})
	if missing, ok := errors.AsType[*MissingError](err); !ok || *missing != (MissingError{OID: absent, Path: "x.go"}) {
		t.Errorf("Hunks(absent) = %v", err)
	}
}

// The hunks of each file arrive at its index, whatever the number of files.
func TestHunksOfManyFiles(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	blobs := []string{f.blob(""), f.blob("a\n"), f.blob("a\na\n"), f.blob("a\na\na\n")}
	r := f.open()
	var changes []Change
	var want [][]Hunk
	for i := range 1200 {
		n := i%3 + 1
		changes = append(changes, Change{Status: Modified, OldMode: ModeFile, NewMode: ModeFile, OldOID: blobs[0], NewOID: blobs[n]})
		want = append(want, []Hunk{{0, 0, 1, n}})
	}
	got, err := r.Hunks(t.Context(), changes)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Hunks() = %v (-want +got):\n%s", err, diff)
	}
}

func FuzzParseRawDiff(f *testing.F) {
	a, b, zero := strings.Repeat("a", 40), strings.Repeat("b", 40), strings.Repeat("0", 40)
	for _, seed := range []string{
		"",
		":100644 100755 " + a + " " + b + " M\x00x.go\x00",
		":000000 100644 " + zero + " " + b + " A\x00x\ny\x00",
		":100644 000000 " + a + " " + zero + " D\x00x\x00",
		":100644 120000 " + a + " " + b + " T\x00x\x00",
		":100644 100644 " + a + " " + b + " R086\x00x\x00y\x00:100644 100644 " + a + " " + b + " M\x00z\x00",
		":100644 100644 " + a + " " + b + " R086\x00x\x00",
		":100644 100644 " + a + " " + b + " R101\x00x\x00y\x00",
		":100644 100644 " + a + " " + b + " C100\x00x\x00y\x00",
		":100644 100644 " + a + " " + b + " M\x00",
		":100644 100644 " + a + " " + b + " M\x00\x00",
		":100644 100644 " + a + " " + b + " \x00x\x00",
		"x\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		changes, err := parseRawDiff(bytes.NewReader(in))
		if err != nil {
			return
		}
		for _, c := range changes {
			old, new := c.OldPath != "", c.NewPath != ""
			if old != (c.Status != Added) || new != (c.Status != Deleted) || old != validOID(c.OldOID) || new != validOID(c.NewOID) {
				t.Errorf("parseRawDiff(%q) has change %+v", in, c)
			}
		}
	})
}

func FuzzParseHunks(f *testing.F) {
	for _, seed := range []string{
		"", "diff --git a/0 b/0\nindex a..b 100644\n--- a/0\n+++ b/0\n@@ -1,2 +3 @@ func f()\n-a\n-b\n+c\n\\ No newline at end of file\n",
		"@@ -1 +1 @@\n", "diff --git a/x b/x\n", "diff --git a/0 b/0\n@@ -1,2\n", "diff --git a/0 b/0\n@@ -1 +1 @", "diff --git a/-1 b/-1\n",
		"diff --git a/0 b/0\n@@ -1 +99999999999999999999 @@\n", "diff --git a/7 b/7\n@@ -0,0 +1 @@",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		_ = parseHunks(bufio.NewReaderSize(bytes.NewReader(in), 16), func(file int, h Hunk, _ string) error {
			if file < 0 || min(h.OldStart, h.OldLines, h.NewStart, h.NewLines) < 0 {
				t.Errorf("parseHunks(%q) has hunk %+v of file %d", in, h, file)
			}
			return nil
		})
	})
}
