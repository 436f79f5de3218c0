package engine

import (
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/barraiser/barraiser/internal/debt"
)

// TestImportedBack: a module that imports the repository in turn is another after
// each change to what it imports, and nothing that was kept is lost by it.
func TestImportedBack(t *testing.T) {
	t.Parallel()
	archive, err := txtar.ParseFile("testdata/workspace/back.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	writeOut(t, archive, dir)
	base, head := filepath.Join(dir, "base"), filepath.Join(dir, "head")
	o, _, _ := downloaded(t, head)
	o.Cache, o.Packages = t.TempDir(), filepath.Join(t.TempDir(), "repository")
	judge := func(j Job) Stats {
		o.Trees, o.Scratch = []string{j.Base, j.Head}, t.TempDir()
		if j.Base == "" {
			o.Trees = o.Trees[1:]
		}
		res, err := Judge(t.Context(), j, o)
		if err != nil {
			t.Fatal(err)
		}
		if len(res.Coverage.Broken) > 0 || len(res.Missing) > 0 {
			t.Fatalf("Judge: broken %v, missing %v", res.Coverage.Broken, res.Missing)
		}
		return res.Stats
	}
	if first := judge(Job{Head: base}); first.Judged != 3 {
		t.Fatalf("of the base %d packages were judged, want 3", first.Judged)
	}
	change := judge(Job{Base: base, Head: head, Files: []debt.FileChange{{Old: "leaf/leaf.go", New: "leaf/leaf.go"}}})
	if change.Typed != 1 || change.Judged != 1 || change.Kept != 1 || change.Pruned != 2 {
		t.Errorf("of the change %d packages were typed, %d judged, %d kept, %d pruned, want 1, 1, 1 and 2", change.Typed, change.Judged, change.Kept, change.Pruned)
	}
}
