package signoff

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestMutants holds that each bug of testdata/mutants can be planted still.
// scripts/mutate-signoff plants them, and says what finds them.
func TestMutants(t *testing.T) {
	names, err := filepath.Glob(filepath.Join("testdata", "mutants", "*.txtar"))
	if err != nil || len(names) < 16 {
		t.Fatalf("%d mutants: %v", len(names), err)
	}
	invariants := map[string]bool{}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		number, _, _ := strings.Cut(strings.TrimPrefix(string(archive.Comment), "invariant "), ":")
		invariants[number] = true
		for f := archive.Files; len(f) >= 3; f = f[3:] {
			source, err := os.ReadFile(f[0].Name)
			if err != nil {
				t.Fatal(err)
			}
			old := strings.TrimSuffix(string(f[1].Data), "\n")
			if n := strings.Count(string(source), old); n != 1 || f[1].Name != "old" || f[2].Name != "new" {
				t.Errorf("%s: %s holds the old text %d times", name, f[0].Name, n)
			}
		}
	}
	if len(invariants) != 17 {
		t.Errorf("there are bugs for %d of the 17 invariants", len(invariants))
	}
}
