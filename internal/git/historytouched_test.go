package git

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTouched compares two trees: bodies that changed, also in a file that moved,
// and not vendored code, other files, what was deleted, or comments alone.
func TestTouched(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	source := "package x\n\n// F does.\nfunc F() {\n\tone()\n}\n\ntype T struct{ a int }\n\nfunc (t *T) M() {\n\ttwo()\n}\n" + strings.Repeat("// Long enough to be told after a move.\n", 20)
	from := f.commit(files{"x.go": source, "moved.go": source, "gone.go": source, "words.go": source, "vendor/v/v.go": source, "x.txt": source})
	f.remove("moved.go")
	f.remove("gone.go")
	edited := strings.NewReplacer("one()", "uno()", "two()", "duo()").Replace(source)
	to := f.commit(files{
		"x.go": strings.Replace(source, "one()", "uno()", 1), "sub/moved.go": edited, "vendor/v/v.go": edited, "x.txt": edited,
		"words.go": strings.Replace(source, "F does.", "F is.", 1), "new.go": "package x\n\nfunc N() {\n\tthree()\n}\n",
	})
	repo := f.open()
	var trees [2]string
	for i, commit := range []string{from, to} {
		tree, err := repo.TreeOf(t.Context(), commit)
		if err != nil {
			t.Fatal(err)
		}
		trees[i] = tree
	}
	got, err := repo.Touched(t.Context(), trees[0], trees[1])
	want := []TouchedFile{
		{Path: "new.go", Symbols: []string{"N"}},
		{Path: "sub/moved.go", OldPath: "moved.go", Symbols: []string{"F", "T.M"}},
		{Path: "words.go"},
		{Path: "x.go", Symbols: []string{"F"}},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Touched: %v (-want +got):\n%s", err, diff)
	}
	if got, err := repo.Touched(t.Context(), trees[0], trees[0]); err != nil || got != nil {
		t.Errorf("Touched of one tree = %v, %v", got, err)
	}
}
