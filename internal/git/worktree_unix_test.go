//go:build unix

package git

import (
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
