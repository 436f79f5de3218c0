package git

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWorkingTree(t *testing.T) {
	t.Parallel()
	committed := files{"a.go": "package a\n", "d/b.go": "package b\n", "d/c.go": "package c\n", "README": "old\n"}
	except := func(base files, change files, gone ...string) files {
		got := maps.Clone(base)
		maps.Copy(got, change)
		for _, name := range gone {
			delete(got, name)
		}
		return got
	}
	for _, test := range []struct {
		name    string
		prepare func(f *fixture) // after the commit
		want    files            // of a snapshot of Go files
	}{
		{"clean", func(f *fixture) {}, committed},
		{"modified", func(f *fixture) { f.write(files{"a.go": "package z\n"}) }, except(committed, files{"a.go": "package z\n"})},
		{"staged", func(f *fixture) {
			f.write(files{"a.go": "package z\n"})
			f.git("add", "a.go")
		}, except(committed, files{"a.go": "package z\n"})},
		{"staged and reverted", func(f *fixture) {
			f.write(files{"a.go": "package z\n"})
			f.git("add", "a.go")
			f.write(files{"a.go": "package a\n"})
		}, committed},
		{"deleted", func(f *fixture) {
			f.remove("a.go")
			f.remove("README")
		}, except(committed, nil, "a.go", "README")},
		{"folder deleted", func(f *fixture) { f.remove("d") }, except(committed, nil, "d/b.go", "d/c.go")},
		{"untracked", func(f *fixture) {
			f.write(files{"new.go": "package n\n", "n/ew.go": "package n\n", "notes": "not wanted\n", ".gitignore": "ignored.go\n", "ignored.go": "x"})
		}, except(committed, files{"new.go": "package n\n", "n/ew.go": "package n\n"})},
		{"not wanted", func(f *fixture) { f.write(files{"README": "new\n"}) }, committed},
		{"empty", func(f *fixture) { f.write(files{"a.go": ""}) }, except(committed, files{"a.go": ""})},
		{"odd names", func(f *fixture) {
			f.write(files{"a\n\t\"b.go": "package n\n", "ü.go": "package n\n", "-x.go": "package n\n", " .go": "package n\n"})
		}, except(committed, files{"a\n\t\"b.go": "package n\n", "ü.go": "package n\n", "-x.go": "package n\n", " .go": "package n\n"})},
		{"file became a folder", func(f *fixture) {
			f.remove("a.go")
			f.write(files{"a.go/x.go": "package x\n"})
		}, except(committed, files{"a.go/x.go": "package x\n"}, "a.go")},
		{"folder became a file", func(f *fixture) {
			f.remove("d")
			f.write(files{"d": "not wanted"})
		}, except(committed, nil, "d/b.go", "d/c.go")},
		{"folder became a link", func(f *fixture) {
			f.git("mv", "d", "e")
			f.git("commit", "--quiet", "--message", "m")
			f.git("mv", "e", "d")
			f.git("reset", "--quiet")
			if err := os.Rename(f.path("d"), f.path(".git/e")); err != nil {
				f.t.Fatal(err)
			}
			f.symlink(".git/e", "e")
		}, except(committed, nil, "d/b.go", "d/c.go")},
		{"file became a link", func(f *fixture) {
			f.remove("a.go")
			f.symlink("/etc/passwd", "a.go")
		}, except(committed, files{"a.go": "-> /etc/passwd"})},
		{"untracked link", func(f *fixture) { f.symlink("a.go", "l.go") }, except(committed, files{"l.go": "-> a.go"})},
		{"intent to add", func(f *fixture) {
			f.write(files{"new.go": "package n\n", "gone.go": "package n\n", "notes": "x"})
			f.git("add", "--intent-to-add", "new.go", "gone.go", "notes")
			f.remove("gone.go")
		}, except(committed, files{"new.go": "package n\n", "notes": ""})},
		{"assumed unchanged", func(f *fixture) {
			f.git("update-index", "--assume-unchanged", "a.go")
			f.write(files{"a.go": "package z\n"})
		}, committed},
		{"sparse", func(f *fixture) {
			f.git("sparse-checkout", "set", "--no-cone", "/a.go")
			f.write(files{"a.go": "package z\n"})
		}, except(committed, files{"a.go": "package z\n"})},
		{"sparse index", func(f *fixture) {
			f.git("sparse-checkout", "set", "--cone", "--sparse-index", "nothing")
			f.write(files{"a.go": "package z\n"})
			f.git("add", "a.go") // so that the index is a tree that git would write
		}, except(committed, files{"a.go": "package z\n"})},
		{"split index", func(f *fixture) {
			f.git("update-index", "--split-index")
			f.write(files{"a.go": "package z\n"})
		}, except(committed, files{"a.go": "package z\n"})},
		{"conflict", func(f *fixture) {
			f.git("checkout", "--quiet", "-b", "side")
			f.commit(files{"a.go": "package side\n", "README": "side\n"})
			f.git("checkout", "--quiet", "main")
			f.commit(files{"a.go": "package main\n", "README": "main\n"})
			plain(f.t, command{dir: f.dir, args: []string{"merge", "side"}})
			f.write(files{"a.go": "package solved\n", "README": "solved\n"})
		}, except(committed, files{"a.go": "package solved\n", "README": "solved\n"})},
		{"deleted on one side", func(f *fixture) {
			f.git("checkout", "--quiet", "-b", "side")
			f.remove("a.go")
			f.commit(nil)
			f.git("checkout", "--quiet", "main")
			f.commit(files{"a.go": "package main\n"})
			plain(f.t, command{dir: f.dir, args: []string{"merge", "side"}})
			f.remove("a.go")
		}, except(committed, nil, "a.go")},
		{"repository inside", func(f *fixture) {
			f.git("init", "--quiet", "inside.go")
			f.write(files{"inside.go/x.go": "package x\n"})
		}, committed},
		{"submodule", func(f *fixture) {
			head := f.git("rev-parse", "HEAD")
			f.git("update-index", "--add", "--cacheinfo", string(ModeSubmodule)+","+head+",sub.go")
		}, except(committed, files{"sub.go": "submodule"})},
		{"large", func(f *fixture) { f.write(files{"a.go": strings.Repeat("x", 5000)}) }, except(committed, files{"a.go": ""})}, // read() has no large blobs
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.commit(committed)
			test.prepare(f)
			times := !strings.HasSuffix(test.name, " index") // git itself renews these
			before := onDisk(t, f.dir, times)
			r := f.open()
			r.Limits.FileBytes = 4000
			tree, err := r.WorkingTree(t.Context(), goFiles)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, read(t, r, tree)); diff != "" {
				t.Errorf("WorkingTree() (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, onDisk(t, f.dir, times)); diff != "" {
				t.Errorf("the repository changed (-before +after):\n%s", diff)
			}
		})
	}
}

// With nothing left out, the tree is the one that git itself would commit.
func TestWorkingTreeAsCommitted(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"sha1", "sha256"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, "--object-format="+format)
			f.commit(files{"a": "1\n", "b": "2\n", "d/c": "3\n", "run": "#!/bin/sh\n"})
			f.git("update-index", "--chmod=+x", "run")
			f.write(files{"a": "9\n", "new/x": "4\n", "run": "#!/bin/bash\n"})
			f.remove("b")
			f.symlink("a", "link")
			r := f.open()
			got, err := r.WorkingTree(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			f.git("config", "core.fileMode", "false") // the mode in the index counts
			f.git("add", "--all")
			if want := f.git("write-tree"); got != want {
				t.Errorf("WorkingTree() = %s, want %s", got, want)
			}
		})
	}
}

func TestWorkingTreeLineEnds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, index, disk, want string }{
		{"converted by the checkout", "a\nb\n", "a\r\nb\r\n", "a\nb\n"},
		{"partly converted", "a\nb\n", "a\r\nb\n", "a\nb\n"},
		{"converted and edited", "a\nb\n", "a\r\nc\r\n", "a\nc\n"},
		{"CRLF in the index", "a\r\nb\r\n", "a\r\nb\r\n", "a\r\nb\r\n"},
		{"CRLF in the index, edited", "a\r\nb\r\n", "a\r\nc\r\n", "a\r\nc\r\n"},
		{"CRLF in the index, removed", "a\r\nb\r\n", "a\nb\n", "a\nb\n"},
		{"lone CR", "a\nb\n", "a\rb\n", "a\rb\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.commit(files{"x.go": test.index, "same.go": test.index})
			f.write(files{"x.go": test.disk, "same.go": test.disk})
			r := f.open()
			tree, err := r.WorkingTree(t.Context(), goFiles)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(files{"x.go": test.want, "same.go": test.want}, read(t, r, tree)); diff != "" {
				t.Errorf("WorkingTree() (-want +got):\n%s", diff)
			}
		})
	}
}

// The objects of a repository may themselves be borrowed.
func TestWorkingTreeAlternates(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.commit(files{"a.go": "package a\n", "b.go": "package b\n"})
	shared := &fixture{t: t, dir: filepath.Join(filepath.Dir(f.dir), `"sha:red`)}
	f.git("clone", "--quiet", "--shared", ".", shared.dir)
	shared.write(files{"a.go": "package z\n"})
	r := shared.open()
	tree, err := r.WorkingTree(t.Context(), goFiles)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(files{"a.go": "package z\n", "b.go": "package b\n"}, read(t, r, tree)); diff != "" {
		t.Errorf("WorkingTree() (-want +got):\n%s", diff)
	}
}

func TestWorkingTreeErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.commit(files{"a.go": "package a\n", "b.go": "package b\n"})

	r := f.open()
	r.Limits.Entries = 1
	_, err := r.WorkingTree(t.Context(), nil)
	if tooLarge, ok := errors.AsType[*TooLargeError](err); !ok || tooLarge.Error() != "the working tree is too large: more than 1 files" {
		t.Errorf("WorkingTree() of two files = %v", err)
	}

	f.write(files{".git/index": "broken"})
	if _, err := f.open().WorkingTree(t.Context(), nil); err == nil || !strings.HasPrefix(err.Error(), "read the working tree: read the index: git ls-files: ") {
		t.Errorf("WorkingTree() with a broken index = %v", err)
	}

	r = f.open()
	f.remove(".")
	if _, err := r.WorkingTree(t.Context(), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("WorkingTree() of a removed folder = %v", err)
	}
}
