package engine

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestKnownName: what is known of a module goes by what it is made of, and not by other
// modules of the repository.
func TestKnownName(t *testing.T) {
	t.Parallel()
	base := map[string]string{
		"go.mod":             "module example.com/m\n\ngo 1.24\n",
		"alone/go.mod":       "module example.com/m/alone\n\ngo 1.24\n",
		"within/go.mod":      "module example.com/m/within\n\ngo 1.24\n\nreplace example.com/m => ../\n",
		"within/deep/go.mod": "module example.com/m/within/deep\n\ngo 1.24\n",
	}
	names := func(changes map[string]string) map[string]string {
		dir := t.TempDir()
		for _, files := range []map[string]string{base, changes} {
			for rel, text := range files {
				name := filepath.Join(dir, filepath.FromSlash(rel))
				if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		}
		tree := openTree("head", dir, nil)
		if tree.err != nil {
			t.Fatal(tree.err)
		}
		out := map[string]string{}
		for _, u := range tree.units() {
			out[u.dir] = (&session{}).knownName(tree, u, platform{})
		}
		return out
	}
	before := names(nil)
	for _, tt := range []struct {
		name, file, text string
		want             map[string]bool // those that are other ones
	}{
		{"the root moves a module", "go.mod", base["go.mod"] + "\nrequire example.com/dep v1.0.0\n", map[string]bool{".": true, "within": true}},
		{"its checksums", "go.sum", "example.com/dep v1.0.0 h1:x\n", map[string]bool{".": true, "within": true}},
		{"a module that replaces", "within/go.mod", base["within/go.mod"] + "\nrequire example.com/dep v1.0.0\n", map[string]bool{"within": true}},
		{"one more module", "alone/new/go.mod", "module example.com/m/alone/new\n", map[string]bool{".": true, "alone": true, "within": true, "within/deep": true, "alone/new": true}},
		{"a workspace", "go.work", "go 1.24\n\nuse (\n\t.\n\t./alone\n)\n", map[string]bool{".": true, "within": true, "within/deep": true}},
		{"a file that is none of theirs", "README.md", "Changed.\n", map[string]bool{}},
	} {
		after, other := names(map[string]string{tt.file: tt.text}), map[string]bool{}
		for dir, name := range after {
			if name != before[dir] {
				other[dir] = true
			}
		}
		if diff := cmp.Diff(tt.want, other); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
