package engine

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/barraiser/barraiser/internal/analyzers"
	"github.com/barraiser/barraiser/internal/debt"
)

// planted is a finding that a file of the head must have.
type planted struct {
	rule, symbol string
	line         int
	minutes      float64
}

// sides splits a source into its two sides; see testdata/planted.
func plantedSides(src string) (base, head string) {
	var b, h strings.Builder
	for line := range strings.Lines(src) {
		switch {
		case strings.HasPrefix(line, "+"):
			h.WriteString(line[1:])
		case strings.HasPrefix(line, "-"):
			b.WriteString(line[1:])
		default:
			b.WriteString(line)
			h.WriteString(line)
		}
	}
	return b.String(), h.String()
}

// longCases are the limits of lengths and of numbers, which nobody wants to
// read.
func longCases() []txtar.File {
	file := func(name string, parts ...string) txtar.File {
		return txtar.File{Name: name, Data: []byte(strings.Join(parts, ""))}
	}
	lines := func(n int) string { return strings.Repeat("func init() {}\n", n) }
	cases := []txtar.File{
		// func, brace and 129 statements are 131 lines of code, 130 at the base.
		file("funclines/a.go", "# func-lines F 3 20\npackage a\n\nfunc F(n *int) {\n", strings.Repeat("\t*n++\n", 128), "+\t*n++\n}\n"),
		file("filelines/a.go", "# file-lines - 1 60\npackage a\n", lines(949), "+func init() {}\n"),
		file("switchcases/a.go", "# switch-cases F 4 30\npackage a\n\nfunc F(n int) int {\n\tswitch n {\n",
			numbered(30, "\tcase %[1]d:\n\t\tn += %[1]d\n\t\treturn n * n\n"), "+\tcase 30:\n+\t\tn--\n+\t\treturn n\n\t}\n\treturn n\n}\n"),
		// 3001 lines and 131 exported symbols.
		file("godpackage/a.go", "# god-package - 1 180\npackage a\n", numbered(131, "var V%d int\n"), lines(18), "+func init() {}\n"),
		file("godpackage/b.go", "package a\n", lines(949)),
		file("godpackage/c.go", "package a\n", lines(949)),
		file("godpackage/d.go", "package a\n", lines(949)),
		file("fanout/a.go", "# package-fan-out - 1 60\npackage a\n\nimport (\n", numbered(53, "\t_ \"ex.com/m/fanout/p%d\"\n"), "+\t_ \"ex.com/m/fanout/p53\"\n)\n"),
	}
	for i := range 54 {
		cases = append(cases, file(fmt.Sprintf("fanout/p%d/p.go", i), fmt.Sprintf("package p%d\n", i)))
	}
	return cases
}

// numbered is the format for each number below n, one after the other.
func numbered(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// statedCases are what the cases of program checks need beside the code. All
// other folders have an owner.
func statedCases(files []txtar.File) analyzers.Stated {
	s := analyzers.Stated{
		Owners: true, Places: map[string]analyzers.Place{},
		Forbidden:   []analyzers.ForbiddenEdge{{From: "low", To: "top", Key: "components.low.not"}},
		Experiments: map[string]string{"old-checkout": "2020-01-31"}, Today: "2020-02-01",
	}
	for _, f := range files {
		s.Places[path.Dir(f.Name)] = analyzers.Place{Owner: "ann"}
	}
	s.Places["unowned"] = analyzers.Place{}
	s.Places["across/b"] = analyzers.Place{Owner: "bob"}
	for dir, component := range map[string]string{
		"layer/low": "low", "layer/top": "top",
		"circle/one": "one", "circle/one/sub": "one", "circle/two": "two", "circle/two/sub": "two",
	} {
		s.Places[dir] = analyzers.Place{Component: component, Owner: "ann"}
	}
	return s
}

// plantedCache is a module cache that knows one deprecated module.
func plantedCache(t *testing.T) string {
	t.Helper()
	cache := t.TempDir()
	dir := filepath.Join(cache, "cache", "download", "ex.com", "deprecated", "@v")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	mod := "// Deprecated: use ex.com/new.\nmodule ex.com/deprecated\n"
	if err := os.WriteFile(filepath.Join(dir, "v1.0.0.mod"), []byte(mod), 0o666); err != nil {
		t.Fatal(err)
	}
	return cache
}

// TestPlanted: one planted violation of a rule gives exactly that finding, and
// the tree without it has none.
func TestPlanted(t *testing.T) {
	t.Parallel()
	cases, err := txtar.ParseFile("testdata/planted/planted.txtar")
	if err != nil {
		t.Fatal(err)
	}
	mod := []byte("module ex.com/m\n\ngo 1.25\n")
	trees := &txtar.Archive{
		Comment: []byte("tag v1.0.0\n"), // the API is promised
		Files:   []txtar.File{{Name: "base/go.mod", Data: mod}, {Name: "head/go.mod", Data: mod}},
	}
	var want, got []string
	total := 0.0
	for _, f := range append(cases.Files, longCases()...) {
		src := string(f.Data)
		if first, rest, _ := strings.Cut(src, "\n"); strings.HasPrefix(first, "# ") {
			src = rest
			var p planted
			if _, err := fmt.Sscanf(first, "# %s %s %d %g", &p.rule, &p.symbol, &p.line, &p.minutes); err != nil {
				t.Fatalf("%s: %q: %v", f.Name, first, err)
			}
			total += p.minutes
			want = append(want, fmt.Sprintf("%s new %s %s %s:%d %g", path.Dir(f.Name), p.rule, p.symbol, f.Name, p.line, p.minutes))
		}
		base, head := plantedSides(src)
		for side, text := range map[string]string{"base": base, "head": head} {
			if text != "" {
				trees.Files = append(trees.Files, txtar.File{Name: side + "/" + f.Name, Data: []byte(text)})
			}
		}
	}
	j := job(t, trees)
	j.Stated = statedCases(slices.Concat(cases.Files, longCases()))
	o := testOptions(t, "judge")
	o.Toolchain.ModCache = plantedCache(t)
	res, err := Judge(t.Context(), j, o)
	if err != nil {
		t.Fatal(err)
	}
	// Only one of the cases has tests; in all others nothing is tested.
	elsewhere := func(m debt.Measure) bool {
		return m.Rule == analyzers.UntestedExport && m.Package != "ex.com/m/untested"
	}
	res.Base.Measures = slices.DeleteFunc(res.Base.Measures, elsewhere)
	res.Head.Measures = slices.DeleteFunc(res.Head.Measures, elsewhere)
	for _, m := range res.Base.Measures {
		t.Errorf("the base has %s in %s:%d: %s", m.Rule, m.File, m.Line, m.Message)
	}
	if c := res.Coverage; c.Analysed != c.Changed || len(c.Broken)+len(c.Lost) > 0 {
		t.Errorf("coverage = %+v, want all files analysed", c)
	}
	d := debt.Compare(debt.Comparison{Base: res.Base, Head: res.Head, Files: j.Files, Excluded: res.Excluded})
	for _, f := range d.Findings {
		symbol := f.Symbol
		if symbol == "" {
			symbol = "-"
		}
		dir := strings.TrimPrefix(f.Package, "ex.com/m/")
		if f.Package == "" { // go.mod, or components
			dir = path.Dir(f.File)
		}
		got = append(got, fmt.Sprintf("%s %s %s %s %s:%d %g", dir, f.Status, f.Rule, symbol, f.File, f.Line, f.Minutes))
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if got := d.Introduced + d.Tests.Introduced; got != total || d.Repaid+d.Tests.Repaid != 0 {
		t.Errorf("introduced %g, repaid %g; want %g, 0", got, d.Repaid+d.Tests.Repaid, total)
	}
}

// TestPlantedRules: every rule with a row of its own is planted, and of each
// family ten checks.
func TestPlantedRules(t *testing.T) {
	t.Parallel()
	cases, err := txtar.ParseFile("testdata/planted/planted.txtar")
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, f := range append(cases.Files, longCases()...) {
		if rest, ok := strings.CutPrefix(string(f.Data), "# "); ok {
			rule, _, _ := strings.Cut(rest, " ")
			family, _, _ := strings.Cut(rule, "/")
			count[rule]++
			count[family]++
		}
	}
	for _, r := range debt.Catalogue {
		if least := map[bool]int{true: 10, false: 1}[r.Family]; count[r.ID] < least {
			t.Errorf("%s is planted %d times, want at least %d", r.ID, count[r.ID], least)
		}
	}
}
