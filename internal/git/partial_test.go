package git

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A partial clone without the blobs of anything but Go files at the head.
func partialClone(t *testing.T) (clone *fixture, base, head string) {
	t.Helper()
	f := newFixture(t)
	f.git("config", "uploadpack.allowFilter", "true")
	long := strings.Repeat("a line that is long enough\n", 10)
	base = f.commit(files{"x.go": "package x\n", "data/a.bin": long, "other.bin": "x\n", "same.bin": "as ever\n"})
	f.remove("data/a.bin")
	f.remove("other.bin")
	head = f.commit(files{"x.go": "package x\n\nvar A = 1\n", "data/b.bin": long + "one more\n", "moved/other.bin": "x\n"})
	clone = f.clone("partial", "--filter=blob:none", "--no-checkout")
	clone.git("sparse-checkout", "set", "--no-cone", "*.go")
	clone.git("checkout", "--quiet", "main")
	return clone, base, head
}

func TestPartialClone(t *testing.T) {
	t.Parallel()
	clone, base, head := partialClone(t)
	// The old version of the Go file is fetched by hand, the rest stays away.
	clone.git("cat-file", "-e", base+":x.go")
	program, sprung := trap(t)
	clone.git("config", "remote.origin.uploadpack", program)

	before := onDisk(t, clone.dir, true)
	r := clone.open()
	useAll(t, r, base, head)

	baseTree, _ := r.TreeOf(t.Context(), base)
	headTree, _ := r.TreeOf(t.Context(), head)
	changes, err := r.Diff(t.Context(), baseTree, headTree)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range changes {
		got = append(got, string(c.Status)+" "+c.OldPath+" "+c.NewPath)
	}
	// An exact rename is known by its hashes, one with changes is not.
	want := []string{"D data/a.bin ", "A  data/b.bin", "R other.bin moved/other.bin", "M x.go x.go"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Diff() (-want +got):\n%s", diff)
	}
	hunks, err := r.Hunks(t.Context(), changes[3:])
	if diff := cmp.Diff([][]Hunk{{{1, 0, 2, 2}}}, hunks); err != nil || diff != "" {
		t.Errorf("Hunks() = %v (-want +got):\n%s", err, diff)
	}

	if diff := cmp.Diff(before, onDisk(t, clone.dir, true)); diff != "" {
		t.Errorf("the clone changed (-before +after):\n%s", diff)
	}
	if got := sprung(); got != "" {
		t.Errorf("something was fetched: %s", got)
	}
	plain(t, command{dir: clone.dir, args: []string{"cat-file", "-e", base + ":same.bin"}})
	if sprung() == "" {
		t.Error("a plain git did not fetch either: the test proves nothing")
	}
}

// The message names the command that brings the content.
func TestPartialCloneMissing(t *testing.T) {
	t.Parallel()
	clone, base, _ := partialClone(t)
	r := clone.open()
	tree, err := r.TreeOf(t.Context(), base)
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.WriteTree(t.Context(), tree, t.TempDir(), nil)
	missing, ok := errors.AsType[*MissingError](err)
	if !ok || missing.Path != "data/a.bin" || missing.More == 0 || missing.Remote != "origin" {
		t.Fatalf("WriteTree() = %v", err)
	}
	_, mend, ok := strings.Cut(err.Error(), "run: git ")
	if !ok {
		t.Fatalf("WriteTree() = %v", err)
	}
	clone.git(strings.Fields(mend)...)
	if written, err := r.WriteTree(t.Context(), tree, t.TempDir(), nil); err != nil || written.Files != 4 {
		t.Errorf("WriteTree() = %+v, %v after git %s", written, err, mend)
	}
}

func TestTreelessClone(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.git("config", "uploadpack.allowFilter", "true")
	base := f.commit(files{"x.go": "package x\n"})
	f.commit(files{"x.go": "package y\n"})
	clone := f.clone("treeless", "--filter=tree:0", "--no-checkout")
	r := clone.open()
	_, err := r.TreeOf(t.Context(), base)
	if err == nil || !strings.Contains(err.Error(), "partial clone; to complete it, run: git fetch --refetch --no-filter origin") {
		t.Errorf("TreeOf() = %v", err)
	}
}
