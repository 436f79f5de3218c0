package engine

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// TestKin: a package that is the same text in another version of its module has what
// was made of it taken over where that holds, and made anew where not.
func TestKin(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/workspace/kin.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	writeOut(t, archive, dir)
	base, head := filepath.Join(dir, "base"), filepath.Join(dir, "head")
	o, _, _ := downloaded(t, head, base)
	quietGo(t)
	t.Setenv("GOMODCACHE", o.Toolchain.ModCache)

	l := laboratory{cache: t.TempDir()}
	_, _, _ = l.judge(t, Job{Head: base}, nil)
	change, _, _ := l.judge(t, Job{Base: base, Head: head}, nil)
	scan, _, _ := laboratory{}.judge(t, Job{Head: head}, nil)
	lent := map[string]bool{}
	for id, n := range change.listings["."].nodes {
		if name, ok := strings.CutPrefix(id, "example.com/kin/"); ok {
			lent[name] = n.kin != nil && n.offering == n.kin.offering
			if diff := cmp.Diff(scan.offerOf(scan.listings["."].nodes[id]), change.offerOf(n)); diff != "" {
				t.Errorf("%s offers something else (-made +lent):\n%s", name, diff)
			}
		}
	}
	want := map[string]bool{
		"below": false, // its own text is another
		"same":  true, "calls": true,
		"ends": false, "wide": false, // they name what changed
		"narrow": true, "shows": false, "method": false, // at second hand
	}
	if diff := cmp.Diff(want, lent); diff != "" {
		t.Errorf("lent (-want +got):\n%s", diff)
	}
}
