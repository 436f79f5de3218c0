package git

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMain gives all git processes, ours and those of the fixtures, a user of
// their own.
func TestMain(m *testing.M) {
	os.Exit(func() int {
		home, err := os.MkdirTemp("", "git-test-home-")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(home)
		config := "[user]\n\tname = A\n\temail = a@example.com\n[init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n" +
			"[protocol \"file\"]\n\tallow = always\n[advice]\n\tdetachedHead = false\n"
		if err := os.WriteFile(filepath.Join(home, ".gitconfig"), []byte(config), 0o600); err != nil {
			panic(err)
		}
		for _, v := range os.Environ() {
			if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "GIT_") {
				os.Unsetenv(name)
			}
		}
		os.Setenv("HOME", home)
		os.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "xdg"))
		os.Setenv("GIT_CONFIG_NOSYSTEM", "1")
		return m.Run()
	}())
}

// A fixture is a real repository.
type fixture struct {
	t   *testing.T
	dir string
}

// files are contents by path.
type files map[string]string

func newFixture(t *testing.T, initArgs ...string) *fixture {
	t.Helper()
	f := &fixture{t: t, dir: filepath.Join(realTempDir(t), "repo")}
	if err := os.Mkdir(f.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	f.git(append([]string{"init", "--quiet", "--template="}, initArgs...)...)
	return f
}

// realTempDir has no symbolic link in its path, like the paths that git prints.
func realTempDir(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func (f *fixture) git(args ...string) string {
	f.t.Helper()
	return f.gitIn("", args...)
}

func (f *fixture) gitIn(stdin string, args ...string) string {
	f.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = f.dir
	cmd.Stdin = strings.NewReader(stdin)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		f.t.Fatalf("git %q: %v\n%s", args, err, stderr.String())
	}
	return strings.TrimSuffix(string(out), "\n")
}

func (f *fixture) path(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

func (f *fixture) write(content files) {
	f.t.Helper()
	for name, text := range content {
		if err := os.MkdirAll(filepath.Dir(f.path(name)), 0o755); err != nil {
			f.t.Fatal(err)
		}
		if err := os.WriteFile(f.path(name), []byte(text), 0o644); err != nil {
			f.t.Fatal(err)
		}
	}
}

func (f *fixture) remove(name string) {
	f.t.Helper()
	if err := os.RemoveAll(f.path(name)); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) symlink(target, name string) {
	f.t.Helper()
	if err := os.Symlink(target, f.path(name)); err != nil {
		f.t.Fatal(err)
	}
}

// commit writes the files, commits all that is in the work tree, and returns
// the commit.
func (f *fixture) commit(content files) string {
	f.t.Helper()
	f.write(content)
	f.git("add", "--all")
	f.git("commit", "--quiet", "--allow-empty", "--message", "m")
	return f.git("rev-parse", "HEAD")
}

// clone makes a second repository beside this one.
func (f *fixture) clone(name string, args ...string) *fixture {
	f.t.Helper()
	c := &fixture{t: f.t, dir: filepath.Join(filepath.Dir(f.dir), name)}
	f.git(append([]string{"clone", "--quiet", "--template=", "file://" + f.dir, c.dir}, args...)...)
	return c
}

// treeEntry is a line for mktree.
func treeEntry(mode Mode, oid, name string) string {
	kind := "blob"
	switch mode {
	case "040000":
		kind = "tree"
	case ModeSubmodule:
		kind = "commit"
	}
	return fmt.Sprintf("%s %s %s\t%s\x00", mode, kind, oid, name)
}

func (f *fixture) mktree(entries ...string) string {
	f.t.Helper()
	return f.gitIn(strings.Join(entries, ""), "mktree", "--missing", "-z")
}

func (f *fixture) blob(content string) string {
	f.t.Helper()
	return f.gitIn(content, "hash-object", "-w", "--stdin")
}

func (f *fixture) open() *Repo {
	f.t.Helper()
	return openDir(f.t, f.dir)
}

func openDir(t *testing.T, dir string) *Repo {
	t.Helper()
	r, err := Open(t.Context(), dir, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// read returns the content of all files of a tree, for comparison; that of a
// symbolic link is its target after an arrow, that of a submodule "submodule".
func read(t *testing.T, r *Repo, tree string) files {
	t.Helper()
	entries, err := r.Tree(t.Context(), tree)
	if err != nil {
		t.Fatal(err)
	}
	got, oids := files{}, []string{}
	for _, e := range entries {
		if e.Mode == ModeSubmodule {
			got[e.Path] = "submodule"
			continue
		}
		oids = append(oids, e.OID)
	}
	content := map[string]string{}
	if err := r.Blobs(t.Context(), oids, func(b Blob) error {
		content[b.OID] = string(b.Content)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		switch e.Mode {
		case ModeSubmodule:
		case ModeSymlink:
			got[e.Path] = "-> " + content[e.OID]
		default:
			got[e.Path] = content[e.OID]
		}
	}
	return got
}

// onDisk returns the content of all files below a folder with their modes, and
// their times where that is asked: what must not change.
func onDisk(t *testing.T, dir string, times bool) map[string]string {
	t.Helper()
	got := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		var content []byte
		if info.Mode().IsRegular() {
			if content, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		state := fmt.Sprintf("%s %q", info.Mode(), content)
		if times {
			state = info.ModTime().String() + " " + state
		}
		rel, err := filepath.Rel(dir, path)
		got[rel] = state
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func paths(f files) []string { return slices.Sorted(maps.Keys(f)) }

func TestOpen(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.commit(files{"a/b/x.go": "package b\n"})
	f.git("worktree", "add", "--quiet", "../linked")
	f.git("clone", "--quiet", "--bare", ".", "../bare.git")
	f.git("--git-dir=../bare.git", "worktree", "add", "--quiet", "../of-bare", "main")
	parent := filepath.Dir(f.dir)
	odd := filepath.Join(parent, "a\nb:\"c\\ ")
	f.git("clone", "--quiet", "--local", ".", odd)

	for _, test := range []struct{ name, dir, root string }{
		{"top", f.dir, f.dir},
		{"folder", f.path("a/b"), f.dir},
		{"linked work tree", filepath.Join(parent, "linked", "a"), filepath.Join(parent, "linked")},
		{"bare", filepath.Join(parent, "bare.git"), ""},
		{"work tree of a bare repository", filepath.Join(parent, "of-bare"), filepath.Join(parent, "of-bare")},
		{"inside of the git directory", f.path(".git/objects"), ""},
		{"odd path", odd, odd},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := openDir(t, test.dir)
			if r.Root() != test.root {
				t.Errorf("Root() = %q, want %q", r.Root(), test.root)
			}
			commit, err := r.Resolve(t.Context(), "HEAD")
			if err != nil {
				t.Fatal(err)
			}
			tree, err := r.TreeOf(t.Context(), commit)
			if err != nil {
				t.Fatal(err)
			}
			want := files{"a/b/x.go": "package b\n"}
			if diff := cmp.Diff(want, read(t, r, tree)); diff != "" {
				t.Errorf("tree (-want +got):\n%s", diff)
			}
			working, err := r.WorkingTree(t.Context(), nil)
			if test.root == "" {
				if err == nil {
					t.Errorf("WorkingTree() = %s, want an error", working)
				}
				return
			}
			if err != nil || working != tree {
				t.Errorf("WorkingTree() = %s, %v, want %s", working, err, tree)
			}
		})
	}
}

func TestOpenErrors(t *testing.T) {
	t.Parallel()
	none := realTempDir(t)
	if _, err := Open(t.Context(), none, t.TempDir()); err == nil || !strings.Contains(err.Error(), "git rev-parse: not a git repository") {
		t.Errorf("Open(no repository) = %v", err)
	}
	if _, err := Open(t.Context(), filepath.Join(none, "missing"), t.TempDir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open(no folder) = %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, newFixture(t).dir, t.TempDir()); !errors.Is(err, context.Canceled) {
		t.Errorf("Open(cancelled) = %v", err)
	}
}

// The owner of a repository is checked by git; the way out is told by us.
func TestOpenForeignRepository(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can make a repository that belongs to someone else")
	}
	f := newFixture(t)
	for _, dir := range []string{f.dir, f.path(".git")} {
		if err := os.Chown(dir, 12345, -1); err != nil {
			t.Fatal(err)
		}
	}
	_, err := Open(t.Context(), f.dir, t.TempDir())
	if want := "git config --global --add safe.directory " + f.dir; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("Open() = %v, want ... %s", err, want)
	}
}

func TestCloseRemovesScratch(t *testing.T) {
	t.Parallel()
	r, err := Open(t.Context(), newFixture(t).dir, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(r.scratch); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("scratch folder after Close: %v", err)
	}
}
