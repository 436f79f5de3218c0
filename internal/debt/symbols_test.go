package debt

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// decl reads "pkg.Name file:line words…" or "pkg.Name file:line !out words…".
func decl(t *testing.T, line string) Symbol {
	t.Helper()
	fields := strings.Fields(line)
	s := Symbol{}
	s.Package, s.Name, _ = strings.Cut(fields[0], ".")
	file, at, _ := strings.Cut(fields[1], ":")
	s.File = file
	if _, err := fmt.Sscan(at, &s.Line); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	s.EndLine = s.Line + 9
	words := fields[2:]
	if len(words) > 0 && strings.HasPrefix(words[0], "!") {
		s.Out, words = words[0][1:], words[1:]
	}
	for _, w := range words {
		s.Tokens = append(s.Tokens, uint32(hashTokens([]uint32{uint32(len(w)), uint32(w[0]), uint32(w[len(w)-1])})))
	}
	return s
}

func decls(t *testing.T, text string) []Symbol {
	t.Helper()
	var list []Symbol
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, decl(t, line))
		}
	}
	return list
}

func TestPairSymbols(t *testing.T) {
	const ten = " a b c d e f g h i j"
	for _, test := range []struct {
		name       string
		base, head string
		files      []FileChange
		want       []string
	}{
		{
			name: "the same name in the same package, whatever it does",
			base: "p.F a.go:1" + ten, head: "p.F b.go:1 x y z",
			want: []string{"p.F a.go:1 → p.F b.go:1"},
		},
		{
			name: "renamed, word for word",
			base: "p.F a.go:1 x y", head: "p.G a.go:1 x y",
			want: []string{"p.F a.go:1 → p.G a.go:1"},
		},
		{
			name: "renamed and edited a little",
			base: "p.F a.go:1" + ten, head: "p.G a.go:1 a b c d e f g h X Y",
			want: []string{"p.F a.go:1 → p.G a.go:1"},
		},
		{
			name: "edited too much to be the same",
			base: "p.F a.go:1" + ten, head: "p.G a.go:1 a b c d e f g X Y Z",
		},
		{
			name: "too small to be recognised by likeness",
			base: "p.F a.go:1 a b c d e", head: "p.G a.go:1 a b c d X",
		},
		{
			name: "the likest first",
			base: "p.F a.go:1" + ten, head: "p.G a.go:1 a b c d e f g h X Y\np.H a.go:20 a b c d e f g h i X",
			want: []string{"p.F a.go:1 → p.H a.go:20"},
		},
		{
			name: "of two that are as like, the one in the same package",
			base: "p.F p/a.go:1" + ten, head: "o.G o/a.go:1 a b c d e f g h i X\np.G p/a.go:1 a b c d e f g h i X",
			want: []string{"p.F p/a.go:1 → p.G p/a.go:1"},
		},
		{
			name: "moved to another package, with half of its tokens",
			base: "p.F p/a.go:1" + ten, head: "q.F q/a.go:1 a b c d e V W X Y Z",
			want: []string{"p.F p/a.go:1 → q.F q/a.go:1"},
		},
		{
			name: "the same name for something else",
			base: "p.F p/a.go:1" + ten, head: "q.F q/a.go:1 a b c d U V W X Y Z",
		},
		{
			name: "the same name twice: no telling which",
			base: "p.F p/a.go:1 a b c d e f", head: "q.F q/a.go:1 a b c d e X\nr.F r/a.go:1 a b c d e Y",
		},
		{
			name: "everyone has a main",
			base: "p.main p/a.go:1", head: "q.main q/a.go:1",
		},
		{
			name: "a package that moved with its files",
			base: "p.init p/a.go:1 a b", head: "q.init q/a.go:1 x y",
			files: []FileChange{{Old: "p/a.go", New: "q/a.go"}},
			want:  []string{"p.init p/a.go:1 → q.init q/a.go:1"},
		},
		{
			name: "several of one name: the tokens first, then the file",
			base: "p.init a.go:1 a b\np.init b.go:1 c d\np._ b.go:30 e",
			head: "p.init a.go:1 c d\np.init b.go:1 a X\np._ b.go:50 e",
			want: []string{"p.init a.go:1 → p.init b.go:1", "p.init b.go:1 → p.init a.go:1", "p._ b.go:30 → p._ b.go:50"},
		},
		{
			name: "methods go with their type, small as they are",
			base: "p.T a.go:1 struct x int\np.T.Get a.go:20 a b c", head: "p.U a.go:1 struct x int\np.U.Get a.go:20 a b X",
			want: []string{"p.T a.go:1 → p.U a.go:1", "p.T.Get a.go:20 → p.U.Get a.go:20"},
		},
		{
			name: "methods go with their type, however like another one they are",
			base: "p.T a.go:1 struct x int\np.T.Get a.go:20" + ten,
			head: "p.U a.go:1 struct x int\np.U.Get a.go:20 a b c d e f g h X Y\np.U.Put a.go:30 a b c d e f g h i X",
			want: []string{"p.T a.go:1 → p.U a.go:1", "p.T.Get a.go:20 → p.U.Get a.go:20"},
		},
		{
			name: "methods go with a type that is edited, too",
			base: "p.T a.go:1" + ten + "\np.T.Get a.go:20 a b c", head: "p.U a.go:1 a b c d e f g h i X\np.U.Get a.go:20 a b X",
			want: []string{"p.T a.go:1 → p.U a.go:1", "p.T.Get a.go:20 → p.U.Get a.go:20"},
		},
		{
			name: "of two that are as like, the one that kept its name",
			base: "p.F p/a.go:1" + ten, head: "p.G p/a.go:1 a b c d e f g h i X\nq.F q/a.go:1 a b c d e f g h i X",
			want: []string{"p.F p/a.go:1 → q.F q/a.go:1"},
		},
		{
			name: "the same name, and no tokens to tell",
			base: "p.F p/a.go:1", head: "q.F q/a.go:1",
			want: []string{"p.F p/a.go:1 → q.F q/a.go:1"},
		},
		{
			name: "production code goes to production code",
			base: "p.F a.go:1" + ten, head: "q.F gen.go:1 !generated" + ten + "\nr.F z.go:1" + ten,
			want: []string{"p.F a.go:1 → r.F z.go:1"},
		},
		{
			name: "but to generated code where there is no other",
			base: "p.F a.go:1" + ten, head: "p.F gen.go:1 !generated" + ten,
			want: []string{"p.F a.go:1 → p.F gen.go:1"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			for range 3 {
				bases, heads := decls(t, test.base), decls(t, test.head)
				rand.Shuffle(len(bases), func(i, j int) { bases[i], bases[j] = bases[j], bases[i] })
				rand.Shuffle(len(heads), func(i, j int) { heads[i], heads[j] = heads[j], heads[i] })
				base, head := newSymbols(bases), newSymbols(heads)
				pairSymbols(base, head, newPaths(test.files))
				var got []string
				for i, j := range base.pair {
					if j >= 0 {
						b, h := base.all[i], head.all[j]
						got = append(got, fmt.Sprintf("%s.%s %s:%d → %s.%s %s:%d", b.Package, b.Name, b.File, b.Line, h.Package, h.Name, h.File, h.Line))
					}
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("pairs (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// The index finds what comparing each with each finds.
func TestSimilarIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var base, head []Symbol
	for i := range 200 {
		tokens := make([]uint32, 10+r.IntN(60))
		for j := range tokens {
			tokens[j] = uint32(r.IntN(1000))
		}
		base = append(base, Symbol{Name: fmt.Sprint("b", i), File: "a.go", Line: i, Tokens: tokens})
		edited := slices.Clone(tokens)
		for range r.IntN(len(tokens)/3 + 1) {
			edited[r.IntN(len(edited))] = uint32(r.IntN(1000))
		}
		head = append(head, Symbol{Name: fmt.Sprint("h", i), File: "a.go", Line: i, Tokens: edited})
	}
	b, h := newSymbols(base), newSymbols(head)
	want := make(map[likeness]bool)
	for i := range b.all {
		for j := range h.all {
			if s := share(sorted(b.all[i].Tokens), sorted(h.all[j].Tokens)); s >= renameSimilarity {
				want[likeness{i, j, s}] = true
			}
		}
	}
	got := make(map[likeness]bool)
	for _, l := range similar(b, h) {
		got[l] = true
	}
	if len(want) < 100 {
		t.Fatalf("only %d like pairs: the test is too weak", len(want))
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(likeness{})); diff != "" {
		t.Errorf("similar (-brute force +index):\n%s", diff)
	}
}
