package git

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestOneReader: all questions go to one git, but for those that are asked while it
// is at work, and after an error the next one is as good.
func TestOneReader(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	tree := f.git("rev-parse", f.commit(files{"a/x.go": "package a\n", "y": strings.Repeat("y\n", 100_000)})+"^{tree}")
	r := f.open()
	read := func() *catFile {
		t.Helper()
		if got, err := r.ReadFile(t.Context(), tree, "a/x.go"); err != nil || string(got) != "package a\n" {
			t.Fatalf("ReadFile() = %q, %v", got, err)
		}
		if len(r.readers) != 1 {
			t.Fatalf("%d readers rest after one question, want 1", len(r.readers))
		}
		return r.readers[0]
	}
	first := read()
	if read() != first {
		t.Error("the second question went to another git")
	}
	if later := f.blob("written after the first question"); r.Blobs(t.Context(), []string{later}, func(Blob) error { return nil }) != nil || read() != first {
		t.Error("what was written meanwhile is not found by the same git")
	}

	stop := errors.New("enough")
	large := f.git("rev-parse", tree+":y")
	if err := r.Blobs(t.Context(), []string{large}, func(Blob) error { return stop }); err != stop {
		t.Errorf("Blobs() = %v, want the error of visit", err)
	}
	second := read()
	if second == first {
		t.Error("a git whose answer nobody read was asked again")
	}
	ctx, cancel := context.WithCancel(t.Context())
	err := r.Blobs(ctx, []string{large}, func(Blob) error {
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Blobs() = %v, want %v", err, context.Canceled)
	}
	third := read()
	if third == second {
		t.Error("a git that was cancelled was asked again")
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	for i, c := range []*catFile{first, second, third} {
		if c.cmd.ProcessState == nil {
			t.Errorf("git %d runs after Close", i+1)
		}
	}
}

// TestReadersAtOnce: who asks has the git alone, and no more than some rest.
func TestReadersAtOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	blob := f.blob("x")
	r := f.open()
	const n = idleReaders + 2
	var begun, done sync.WaitGroup
	begun.Add(n)
	for range n {
		done.Go(func() {
			err := r.Blobs(t.Context(), []string{blob}, func(b Blob) error {
				begun.Done()
				begun.Wait() // for all to be in the middle of it
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	if len(r.readers) != idleReaders {
		t.Errorf("%d readers rest, want %d", len(r.readers), idleReaders)
	}
}

// TestReaderDies: what git says when it dies is the error.
func TestReaderDies(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c, err := command{dir: f.dir, args: []string{"cat-file", "--batch-nothing"}}.startCatFile(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = c.ask(t.Context(), askInfo, []string{f.blob("x")}, func(object, io.Reader) error { return nil })
	if err = c.failed(t.Context(), err); err == nil || !strings.Contains(err.Error(), "git cat-file: unknown option `batch-nothing'") {
		t.Errorf("ask() = %v, want what git said", err)
	}
}

func TestParseFolder(t *testing.T) {
	t.Parallel()
	hash := string(make([]byte, 20))
	oid := strings.Repeat("0", 40)
	for _, test := range []struct {
		in   string
		want []Entry
	}{
		{"", nil},
		{"100644 a b\x00" + hash + "40000 c\x00" + hash, []Entry{{"a b", ModeFile, oid}, {"c", modeTree, oid}}},
		{"040000 c\x00" + hash, []Entry{{"c", modeTree, oid}}}, // of an old tool
	} {
		if got, err := parseFolder([]byte(test.in), 20); err != nil || !cmp.Equal(got, test.want) {
			t.Errorf("parseFolder(%q) = %v, %v, want %v", test.in, got, err, test.want)
		}
	}
	for _, bad := range []string{"100644", "100644 a", "100644 a\x00", "100644 a\x00" + hash[1:], "100644 \x00" + hash, " a\x00" + hash + "1", "100648 a\x00" + hash, "1006440 a\x00" + hash} {
		if got, err := parseFolder([]byte(bad), 20); err == nil {
			t.Errorf("parseFolder(%q) = %v, want an error", bad, got)
		}
	}
}

// TestOutsideOfFolders: what is below a submodule or a file is not there, also where
// the submodule's commit is not.
func TestOutsideOfFolders(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	tree := f.mktree(treeEntry(ModeSubmodule, strings.Repeat("1", 40), "sub"), treeEntry(ModeFile, f.blob("x"), "file"))
	r := f.open()
	for _, path := range []string{"sub/x", "file/x", "none/x", ""} {
		if got, err := r.ReadFile(t.Context(), tree, path); err == nil || !strings.Contains(err.Error(), "file does not exist") {
			t.Errorf("ReadFile(%q) = %q, %v, want that it does not exist", path, got, err)
		}
	}
	if _, err := r.ReadFile(t.Context(), strings.Repeat("2", 40), "x"); err == nil || !strings.Contains(err.Error(), "tree 222222222222 cannot be read") {
		t.Errorf("ReadFile() of an absent tree = %v", err)
	}
}
