package git

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// written reads back a folder, and checks that it holds nothing but folders and
// plain files.
func written(t *testing.T, dir string) files {
	t.Helper()
	got := files{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o111 != 0 || !info.Mode().IsRegular() {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		content, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		got[filepath.ToSlash(rel)] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestWriteTree(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a, b := f.blob("package a\n"), f.blob("package b\n")
	big, fits := f.blob(strings.Repeat("x", 1<<10+1)), f.blob(strings.Repeat("x", 1<<10))
	secret, commit := f.blob("/etc/passwd"), f.commit(nil)
	inside := func(name string) string { return f.mktree(treeEntry(ModeFile, a, name)) }
	long := strings.Repeat("n", 256)
	deep := inside("x.go")
	for range 200 {
		deep = f.mktree(treeEntry("040000", deep, "folder"))
	}

	for _, test := range []struct {
		name    string
		tree    []string
		want    files
		skipped []Skipped
	}{
		{"files", []string{
			treeEntry(ModeFile, a, "x.go"), treeEntry(ModeExecutable, b, "run"), treeEntry("040000", inside("x.go"), "d"), treeEntry("100664", a, "old.go"),
		}, files{"x.go": "package a\n", "run": "package b\n", "d/x.go": "package a\n", "old.go": "package a\n"}, nil},
		{"strange and good names", []string{
			treeEntry(ModeFile, a, "a b.go"), treeEntry(ModeFile, a, "größe.go"), treeEntry(ModeFile, a, "-rf"), treeEntry(ModeFile, a, "..."),
			treeEntry(ModeFile, a, ".gitignore"), treeEntry(ModeFile, a, "git"), treeEntry(ModeFile, a, long[:255]),
		}, files{"a b.go": "package a\n", "größe.go": "package a\n", "-rf": "package a\n", "...": "package a\n", ".gitignore": "package a\n",
			"git": "package a\n", long[:255]: "package a\n"}, nil},
		{"no regular file", []string{
			treeEntry(ModeSymlink, secret, "go.mod"), treeEntry(ModeSubmodule, commit, "sub"),
		}, files{}, []Skipped{{"go.mod", "symbolic link"}, {"sub", "submodule"}}},
		{"a link under a folder", []string{
			treeEntry(ModeSymlink, secret, "d"), treeEntry("040000", inside("x.go"), "d"),
		}, files{"d/x.go": "package a\n"}, []Skipped{{"d", "symbolic link"}}},
		{"repositories", []string{
			treeEntry("040000", inside("config"), ".git"), treeEntry("040000", inside("hgrc"), ".Hg"), treeEntry("040000", inside("x"), ".SVN"),
			treeEntry("040000", inside("x"), "GIT~1"), treeEntry(ModeFile, a, ".bzr"), treeEntry(ModeFile, a, ".fossil"),
		}, files{}, []Skipped{
			{".Hg/hgrc", "inside of a folder named as a repository"}, {".SVN/x", "inside of a folder named as a repository"},
			{".bzr", "inside of a folder named as a repository"}, {".fossil", "inside of a folder named as a repository"},
			{".git/config", "inside of a folder named as a repository"}, {"GIT~1/x", "inside of a folder named as a repository"},
		}},
		{"odd names", []string{
			treeEntry("040000", inside("up.go"), ".."), treeEntry("040000", inside("here.go"), "."), treeEntry(ModeFile, a, `a\b.go`),
			treeEntry(ModeFile, a, "a\nb.go"), treeEntry(ModeFile, a, "a\x1b[31m.go"), treeEntry(ModeFile, a, "a\xff.go"), treeEntry(ModeFile, a, "a\u202eog.b"),
			treeEntry(ModeFile, a, ".g\u200cit"), treeEntry(ModeFile, a, "\u00a0.go"),
		}, files{}, []Skipped{
			{"../up.go", "odd name"}, {"./here.go", "odd name"}, {".g\u200cit", "odd name"}, {"a\nb.go", "odd name"}, {"a\x1b[31m.go", "odd name"},
			{`a\b.go`, "odd name"}, {"a\u202eog.b", "odd name"}, {"a\xff.go", "odd name"}, {"\u00a0.go", "odd name"},
		}},
		{"long names", []string{
			treeEntry(ModeFile, a, long), treeEntry("040000", deep, "d"),
		}, files{}, []Skipped{{"d/" + strings.Repeat("folder/", 200) + "x.go", "name too long"}, {long, "name too long"}}},
		{"names twice", []string{
			treeEntry(ModeFile, a, "x.go"), treeEntry(ModeFile, b, "x.go"), treeEntry("040000", inside("y.go"), "x.go"),
		}, files{"x.go": "package a\n"}, []Skipped{
			{"x.go", "name that this file system cannot tell from another"}, {"x.go/y.go", "name that this file system cannot tell from another"},
		}},
		{"large", []string{
			treeEntry(ModeFile, big, "big.go"), treeEntry(ModeFile, fits, "fits.go"),
		}, files{"fits.go": strings.Repeat("x", 1<<10)}, []Skipped{{"big.go", "larger than 1 KiB"}}},
		{"nothing", nil, files{}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := f.open()
			r.Limits.FileBytes = 1 << 10
			dir := t.TempDir()
			got, err := r.WriteTree(t.Context(), f.mktree(test.tree...), dir, nil)
			if err != nil {
				t.Fatal(err)
			}
			want := Written{Files: len(test.want), Skipped: test.skipped}
			for _, content := range test.want {
				want.Bytes += int64(len(content))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("WriteTree() (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.want, written(t, dir)); diff != "" {
				t.Errorf("on disk (-want +got):\n%s", diff)
			}
		})
	}
}

// What is not wanted is neither written nor recorded, nor needed.
func TestWriteTreeWant(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	absent := strings.Repeat("1", 40)
	tree := f.mktree(treeEntry(ModeFile, f.blob("package x\n"), "x.go"), treeEntry(ModeFile, absent, "x.bin"), treeEntry(ModeSymlink, absent, "l"))
	r := f.open()
	dir := t.TempDir()
	got, err := r.WriteTree(t.Context(), tree, dir, goFiles)
	if diff := cmp.Diff(Written{Files: 1, Bytes: 10}, got); err != nil || diff != "" {
		t.Errorf("WriteTree() = %v (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff(files{"x.go": "package x\n"}, written(t, dir)); diff != "" {
		t.Errorf("on disk (-want +got):\n%s", diff)
	}
}

// These failures are found before the first file is written.
func TestWriteTreeRefuses(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a, absent := f.blob("package a\n"), strings.Repeat("1", 40)
	commit := f.commit(nil)
	entries := []string{treeEntry(ModeFile, a, "a.go"), treeEntry(ModeFile, a, "b.go")}
	two := f.mktree(entries...)
	raw, err := hex.DecodeString(commit)
	if err != nil {
		t.Fatal(err)
	}
	notBlob := f.gitIn("100644 a.go\x00"+string(raw), "hash-object", "-t", "tree", "-w", "--stdin", "--literally")
	r := f.open()
	r.Limits.Bytes = 20
	r.Limits.Entries = 4
	for _, test := range []struct {
		name, tree string
		want       string
	}{
		{"bytes", f.mktree(append(entries, treeEntry(ModeFile, a, "c.go"))...), "is too large: more than 20 bytes"},
		{"entries", f.mktree(treeEntry("040000", two, "a"), treeEntry("040000", two, "b"), treeEntry("040000", two, "c")), "is too large: more than 4 files"},
		{"missing", f.mktree(append(entries, treeEntry(ModeFile, absent, "z.go"))...), `"z.go": its content (blob 111111111111) cannot be read: the repository is damaged; git fsck tells more`},
		{"no blob", notBlob, "object " + commit + " is a commit and not a blob"},
		{"no tree", absent, "git ls-tree: "},
	} {
		dir := t.TempDir()
		if _, err := r.WriteTree(t.Context(), test.tree, dir, nil); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: WriteTree() = %v, want %s", test.name, err, test.want)
		}
		if got := written(t, dir); len(got) != 0 {
			t.Errorf("%s: WriteTree() wrote %v", test.name, paths(got))
		}
	}

	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := r.WriteTree(t.Context(), two, full, nil); err == nil || !strings.HasSuffix(err.Error(), " is not empty") {
		t.Errorf("WriteTree(full) = %v", err)
	}
	if _, err := r.WriteTree(t.Context(), two, filepath.Join(full, "missing"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("WriteTree(missing) = %v", err)
	}
}

// A folder that appeared beside us, as one that differs only in case would on
// a file system that knows no case.
func TestWriterClash(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	w := &writer{root: root, made: map[string]bool{".": true}}
	if err := errors.Join(w.write("a/b/x", nil), w.write("a/b/y", nil), os.Mkdir(filepath.Join(dir, "A"), 0o755)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"A/x", "a/b/x", "a/b", "a/b/x/y"} {
		if err := w.write(name, nil); err != errClash {
			t.Errorf("write(%q) = %v, want %v", name, err, errClash)
		}
	}
}
