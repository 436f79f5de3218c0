package git

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTree(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	blob := f.blob("package x\n")
	commit := f.commit(nil)
	sub := f.mktree(treeEntry(ModeExecutable, blob, "run\nme"))
	tree := f.mktree(treeEntry(ModeFile, blob, "x\t.go"), treeEntry("040000", sub, "d"), treeEntry(ModeSymlink, blob, "l"), treeEntry(ModeSubmodule, commit, "s"))
	r := f.open()
	got, err := r.Tree(t.Context(), tree)
	want := []Entry{{"d/run\nme", ModeExecutable, blob}, {"l", ModeSymlink, blob}, {"s", ModeSubmodule, commit}, {"x\t.go", ModeFile, blob}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Tree() = %v (-want +got):\n%s", err, diff)
	}
	for _, bad := range []string{strings.Repeat("1", 40), blob, "--help", ""} {
		if _, err := r.Tree(t.Context(), bad); err == nil || !strings.HasPrefix(err.Error(), "list tree "+short(bad)+": git ls-tree: ") {
			t.Errorf("Tree(%q) = %v", bad, err)
		}
	}
}

func TestReadFile(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	blob, empty, long := f.blob("version: 1\n"), f.blob(""), f.blob(strings.Repeat("x", 100))
	dir := f.mktree(treeEntry(ModeFile, blob, "x.yml"), treeEntry(ModeFile, blob, "*.yml"), treeEntry(ModeSymlink, blob, "l.yml"))
	tree := f.mktree(
		treeEntry("040000", dir, ".github"), treeEntry(ModeFile, empty, "empty"), treeEntry(ModeFile, long, "long"),
		treeEntry(ModeFile, blob, "--help"), treeEntry(ModeSymlink, f.blob(".github"), "link"),
		treeEntry(ModeFile, strings.Repeat("1", 40), "missing"))
	r := f.open()
	r.Limits.FileBytes = 99
	for path, want := range map[string]string{".github/x.yml": "version: 1\n", ".github/*.yml": "version: 1\n", "empty": "", "--help": "version: 1\n"} {
		if got, err := r.ReadFile(t.Context(), tree, path); err != nil || string(got) != want {
			t.Errorf("ReadFile(%s) = %q, %v, want %q", path, got, err, want)
		}
	}
	for _, path := range []string{"x.yml", ".github/y.yml", ".github/?.yml", "link/x.yml", ".github/"} {
		if got, err := r.ReadFile(t.Context(), tree, path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("ReadFile(%s) = %q, %v, want fs.ErrNotExist", path, got, err)
		}
	}
	for path, want := range map[string]string{".github": "not a regular file", ".github/l.yml": "not a regular file", "long": "100 bytes, more than 99", "missing": "cannot be read"} {
		if got, err := r.ReadFile(t.Context(), tree, path); err == nil || errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), want) {
			t.Errorf("ReadFile(%s) = %q, %v, want %s", path, got, err, want)
		}
	}
	if _, err := r.ReadFile(t.Context(), "--help", "x"); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("ReadFile of no tree = %v", err)
	}
}

// A repository of eleven objects that lists 10^10 files.
func TestTreeBomb(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	mode, oid := ModeFile, f.blob("package x\n")
	empty := f.mktree()
	for range 10 {
		var entries []string
		for _, name := range "abcdefghij" {
			entries = append(entries, treeEntry(mode, oid, string(name)))
		}
		mode, oid = "040000", f.mktree(entries...)
	}
	r := f.open()
	r.Limits.Entries = 5000
	_, errTree := r.Tree(t.Context(), oid)
	_, errDiff := r.Diff(t.Context(), empty, oid)
	_, errWrite := r.WriteTree(t.Context(), oid, t.TempDir(), nil)
	for what, err := range map[string]error{"Tree": errTree, "Diff": errDiff, "WriteTree": errWrite} {
		tooLarge, ok := errors.AsType[*TooLargeError](err)
		if want := (TooLargeError{Tree: oid, What: "files", Limit: 5000}); !ok || *tooLarge != want {
			t.Errorf("%s() = %v, want %v", what, err, &want)
		}
	}
}

// Long names cost as much as many files.
func TestTreeOfLongNames(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	blob := f.blob("x")
	var entries []string
	for _, c := range "abcdefghij" {
		entries = append(entries, treeEntry(ModeFile, blob, strings.Repeat(string(c), 1000)))
	}
	r := f.open()
	r.Limits.Entries = 20
	if got, err := r.Tree(t.Context(), f.mktree(entries...)); err == nil {
		t.Errorf("Tree() = %d entries, want an error", len(got))
	}
}

func TestBlobs(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	small, big, empty := f.blob("\x00small\n\n"), f.blob(strings.Repeat("x", 101)), f.blob("")
	limit := f.blob(strings.Repeat("x", 100))
	commit := f.commit(nil)
	r := f.open()
	r.Limits.FileBytes = 100

	var got []Blob
	collect := func(b Blob) error {
		got = append(got, b)
		return nil
	}
	if err := r.Blobs(t.Context(), []string{small, big, empty, small, limit}, collect); err != nil {
		t.Fatal(err)
	}
	want := []Blob{{big, 101, nil}, {small, 8, []byte("\x00small\n\n")}, {empty, 0, []byte{}}, {limit, 100, bytes.Repeat([]byte("x"), 100)}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Blobs (-want +got):\n%s", diff)
	}

	got = nil
	absent := strings.Repeat("1", 40)
	err := r.Blobs(t.Context(), []string{small, absent, strings.Repeat("2", 40)}, collect)
	missing, ok := errors.AsType[*MissingError](err)
	if !ok || *missing != (MissingError{OID: absent, More: 1}) || got != nil {
		t.Errorf("Blobs(absent) = %v after %v", err, got)
	}
	if want := "blob 111111111111 and 1 others cannot be read: the repository is damaged; git fsck tells more"; ok && err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
	for bad, want := range map[string]string{
		commit:     "object " + commit + " is a commit and not a blob",
		"HEAD":     `read object "HEAD": not an object name`,
		"a\nb":     `read object "a\nb": not an object name`,
		small[:10]: `read object "` + small[:10] + `": not an object name`,
	} {
		if err := r.Blobs(t.Context(), []string{bad}, collect); err == nil || err.Error() != want {
			t.Errorf("Blobs(%q) = %v, want %s", bad, err, want)
		}
	}
	stop := errors.New("enough")
	if err := r.Blobs(t.Context(), []string{small, empty}, func(Blob) error { return stop }); err != stop {
		t.Errorf("Blobs() = %v, want the error of visit", err)
	}
	if err := r.Blobs(t.Context(), nil, collect); err != nil || got != nil {
		t.Errorf("Blobs(nothing) = %v, %v", got, err)
	}
}

// The list of blobs and their content both exceed what pipes hold.
func TestBlobsMany(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var script strings.Builder
	const n = 5000
	for i := range n {
		content := strings.Repeat("x", i)
		script.WriteString("blob\ndata <<E O F\n" + content + "\nE O F\n")
	}
	f.gitIn(script.String(), "fast-import", "--quiet", "--export-marks="+f.path("marks"))
	var oids []string
	for line := range strings.Lines(f.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)")) {
		oids = append(oids, strings.TrimSpace(line))
	}
	var got []string
	err := f.open().Blobs(t.Context(), oids, func(b Blob) error {
		got = append(got, b.OID)
		return nil
	})
	if err != nil || len(got) != n || !cmp.Equal(got, oids) {
		t.Errorf("Blobs() = %d blobs, %v, want %d in order", len(got), err, n)
	}
}

func TestCorruptRepository(t *testing.T) {
	t.Parallel()
	for _, keep := range []int64{0, 30} {
		f := newFixture(t)
		commit := f.commit(files{"x.go": strings.Repeat("package x // and much more\n", 100) + f.dir})
		blob := f.git("rev-parse", commit+":x.go")
		object := f.path(".git/objects/" + blob[:2] + "/" + blob[2:])
		if err := errors.Join(os.Chmod(object, 0o644), os.Truncate(object, keep)); err != nil {
			t.Fatal(err)
		}
		r := f.open()
		tree, err := r.TreeOf(t.Context(), commit)
		if err != nil {
			t.Fatal(err)
		}
		_, err = r.WriteTree(t.Context(), tree, t.TempDir(), nil)
		if err == nil || !strings.HasSuffix(err.Error(), "git fsck tells more") {
			t.Errorf("WriteTree() with %d bytes of a blob = %v", keep, err)
		}
		if err := os.Remove(f.path(".git/objects/" + tree[:2] + "/" + tree[2:])); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Diff(t.Context(), tree, tree); err == nil {
			t.Error("Diff() without a tree has no error")
		}
	}
}

func FuzzParseTree(f *testing.F) {
	oid := strings.Repeat("a", 40)
	for _, seed := range []string{
		"", "100644 blob " + oid + "\tx.go\x00", "160000 commit " + oid + "\ta\tb\nc\x00", "100644 blob " + oid + "\tx.go",
		"100644 blob " + oid + "\t\x00", "\x00", "100644 blob\x00", "1006444 blob " + oid + "\tx\x00", "100644 blob " + oid + " 1\tx\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var b bytes.Buffer
		err := parseTree(bytes.NewReader(in), func(e Entry) error {
			if e.Path == "" || !validOID(e.OID) || !validMode(string(e.Mode)) {
				t.Errorf("parseTree(%q) has entry %+v", in, e)
			}
			kind, _, _ := strings.Cut(string(in[b.Len()+len("100644 "):]), " ")
			b.WriteString(string(e.Mode) + " " + kind + " " + e.OID + "\t" + e.Path + "\x00")
			return nil
		})
		if err == nil && !bytes.Equal(b.Bytes(), in) {
			t.Errorf("parseTree(%q) lost something: %q", in, b.Bytes())
		}
	})
}

func FuzzParseIndex(f *testing.F) {
	oid := strings.Repeat("a", 40)
	for _, seed := range []string{
		"", "H 100644 " + oid + " 0\tx.go\x00", "S 100755 " + oid + " 0\ta\tb\x00", "M 100644 " + oid + " 2\tx\x00", "h 120000 " + oid + " 0\tx\x00",
		"H 100644 " + oid + " 4\tx\x00", "100644 " + oid + " 0\tx\x00", "H 100644 " + oid + " 0\t\x00", " 100644 " + oid + " 0\tx\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		_ = parseIndex(bytes.NewReader(in), func(e tracked) error {
			if e.Path == "" || !validOID(e.OID) || !validMode(string(e.Mode)) {
				t.Errorf("parseIndex(%q) has entry %+v", in, e)
			}
			return nil
		})
	})
}

func FuzzParseObjectHeader(f *testing.F) {
	oid := strings.Repeat("a", 40)
	for _, seed := range []string{oid + " blob 12\n", oid + " missing\n", oid + " tree 5\n", "x missing\n", oid + " blob -1\n", oid + " blob 9999999999999999999\n", "\n", ""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		o, err := parseObjectHeader(in)
		if oid, _, _ := strings.Cut(o.oid, "^"); err == nil && (!validOID(oid) || o.size < 0) {
			t.Errorf("parseObjectHeader(%q) = %+v", in, o)
		}
	})
}

func TestRecordsStop(t *testing.T) {
	t.Parallel()
	stop := errors.New("enough")
	if err := records(strings.NewReader("a\x00b\x00"), func([]byte) error { return stop }); err != stop {
		t.Errorf("records() = %v, want %v", err, stop)
	}
	failing := io.MultiReader(strings.NewReader("a\x00"), errReader{stop})
	if err := records(failing, func([]byte) error { return nil }); err != stop {
		t.Errorf("records(failing reader) = %v, want %v", err, stop)
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }
