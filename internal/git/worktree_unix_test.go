//go:build unix

package git

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A pipe in place of a file must not be opened: nobody writes to it.
func TestWorkingTreePipe(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.commit(files{"a.go": "package a\n", "b.go": "package b\n"})
	f.remove("a.go")
	for _, name := range []string{"a.go", "new.go"} {
		if err := syscall.Mkfifo(f.path(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := f.open()
	tree, err := r.WorkingTree(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(files{"b.go": "package b\n"}, read(t, r, tree)); diff != "" {
		t.Errorf("WorkingTree() (-want +got):\n%s", diff)
	}
}

// TestWorkingTreeUnreadable: a file that may not be read is an error. Root may
// read everything, so as root the test is another user's.
func TestWorkingTreeUnreadable(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		asNobody(t, t.Name())
		return
	}
	f := newFixture(t)
	f.commit(files{"a.go": "package a\n"})
	if err := os.Chmod(f.path("a.go"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := f.open().WorkingTree(t.Context(), nil); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("WorkingTree() = %v, want %v", err, fs.ErrPermission)
	}
}

// asNobody runs one test of this binary as a user who is not root.
func asNobody(t *testing.T, test string) {
	t.Helper()
	const nobody = 65534
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "nobody-") // t.TempDir lies in a folder of root's
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	binary := filepath.Join(dir, "git.test")
	// A process that another test starts meanwhile would hold the file open for
	// writing for a moment, and what is so open cannot be run.
	syscall.ForkLock.RLock()
	err = os.WriteFile(binary, self, 0o755)
	syscall.ForkLock.RUnlock()
	if err := errors.Join(err, os.Chmod(dir, 0o777)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "-test.v", "-test.run=^"+test+"$")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+dir, "TMPDIR="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: "+test) {
		t.Errorf("%s as nobody: %v\n%s", test, err, out)
	}
}
