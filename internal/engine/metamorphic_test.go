package engine

import (
	"bytes"
	"fmt"
	"go/format"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/scripts/metamorph/rewrite"
)

// files are the files of a package, by name.
type files map[string]string

// transformation is a change to a package that changes no debt.
type transformation struct {
	name string
	base func(t *testing.T, f files) // nil: the package as it is
	head func(t *testing.T, f files)
	to   string // the package's folder at the head; empty: as at the base
	// renamed is the path at the base of a file of the head, for files that
	// git would pair.
	renamed map[string]string
	// apart says that git would pair no file.
	apart bool
}

// layout changes how each file is written.
func layout(kind string) func(t *testing.T, f files) {
	return func(t *testing.T, f files) {
		t.Helper()
		before := maps.Clone(f)
		for name, src := range f {
			out, err := rewrite.File(kind, []byte(src))
			if err != nil {
				t.Fatal(err)
			}
			f[name] = string(out)
		}
		if maps.Equal(before, f) {
			t.Errorf("%s leaves all as it was", kind)
		}
	}
}

// replace replaces words in all files of the package.
func replace(words ...string) func(t *testing.T, f files) {
	return func(_ *testing.T, f files) {
		for name, src := range f {
			f[name] = strings.NewReplacer(words...).Replace(src)
		}
	}
}

// cut takes the function with its doc comment out of a file.
func cut(t *testing.T, src, function string) (fn, rest string) {
	t.Helper()
	from := strings.Index(src, function)
	if from < 0 {
		t.Fatalf("there is no %q", function)
	}
	to := from + strings.Index(src[from:], "\n}\n") + len("\n}\n")
	for from > 0 && strings.HasPrefix(src[strings.LastIndex(src[:from-1], "\n")+1:], "//") {
		from = strings.LastIndex(src[:from-1], "\n") + 1
	}
	return src[from:to], src[:from] + src[to:]
}

func moveFunctions(to string, functions ...string) func(t *testing.T, f files) {
	return func(t *testing.T, f files) {
		t.Helper()
		for _, function := range functions {
			fn, rest := cut(t, f["debt.go"], function)
			f["debt.go"] = rest
			if f[to] == "" {
				f[to] = "package debt\n"
			}
			f[to] += "\n" + fn
		}
	}
}

var transformations = []transformation{
	{name: "blank", head: layout("blank")},
	{name: "unblank", base: layout("blank")},
	{name: "comments", head: layout("comments")},
	{name: "uncomment", base: layout("comments")},
	{name: "reorder", head: layout("reorder")},
	{name: "crlf", head: layout("crlf")},
	{name: "uncrlf", base: layout("crlf")},
	{name: "unformat", head: layout("unformat")},
	{name: "gofmt", base: layout("unformat"), head: func(t *testing.T, f files) {
		layout("unformat")(t, f)
		for name, src := range f {
			out, err := format.Source([]byte(src))
			if err != nil {
				t.Fatal(err)
			}
			f[name] = string(out)
		}
	}},
	{name: "file", head: func(_ *testing.T, f files) {
		f["other.go"], f["other_test.go"] = f["debt.go"], f["debt_test.go"]
		delete(f, "debt.go")
		delete(f, "debt_test.go")
	}, renamed: map[string]string{"other.go": "debt.go", "other_test.go": "debt_test.go"}},
	{name: "fileapart", head: func(_ *testing.T, f files) {
		f["other.go"] = f["debt.go"]
		delete(f, "debt.go")
	}, apart: true},
	{name: "move", head: moveFunctions("more.go", "func Hidden(", "func helper(")},
	{name: "split", head: moveFunctions("new.go", "func Hidden(", "func Long(", "func (s *Store[K]) copied(", "func E(")},
	{name: "rename", head: replace("Tangled", "Knotted", "helper", "servant", "Hidden", "Veiled", "State", "Mood", "Long", "Tall")},
	{name: "retype", head: replace("Store", "Depot", "lonely", "alone")},
	{name: "renameedit", head: replace("Tangled", "Knotted", "\t\ta--\n", "\t\tb += a\n\t\ta--\n")},
	{name: "folder", to: "elsewhere/folder", head: func(*testing.T, files) {}},
	{name: "folderclause", to: "elsewhere/clause", head: replace("package debt", "package clause")},
	{name: "folderapart", to: "elsewhere/apart", head: func(*testing.T, files) {}, apart: true},
}

// fixture reads testdata/metamorphic: the module's own files and the package.
func fixture(t *testing.T) (module []txtar.File, pkg files) {
	t.Helper()
	a, err := txtar.ParseFile("testdata/metamorphic/module.txtar")
	if err != nil {
		t.Fatal(err)
	}
	module = []txtar.File{{Name: "go.mod", Data: []byte("module ex.com/m\n\ngo 1.25\n")}}
	pkg = files{}
	for _, f := range a.Files {
		if strings.Contains(f.Name, "/") {
			module = append(module, f)
			continue
		}
		src := strings.Replace(string(f.Data), "\t// LONG FUNCTION\n", strings.Repeat("\t*n++\n", 130), 1)
		pkg[f.Name] = strings.Replace(src, "LONG TEXT\n", strings.Repeat("text\n", 950), 1)
	}
	return module, pkg
}

// TestMetamorphic: what says the same as before, in other words, changes no
// debt. Each transformation has a package of its own in one module.
func TestMetamorphic(t *testing.T) {
	t.Parallel()
	module, pkg := fixture(t)
	var trees txtar.Archive
	put := func(name, data string) {
		trees.Files = append(trees.Files, txtar.File{Name: name, Data: []byte(data)})
	}
	for _, f := range module {
		put("base/"+f.Name, string(f.Data))
		put("head/"+f.Name, string(f.Data))
	}
	for _, tr := range transformations {
		base, head := maps.Clone(pkg), maps.Clone(pkg)
		if tr.base != nil {
			tr.base(t, base)
		}
		if tr.head != nil {
			tr.head(t, head)
		}
		to := tr.to
		if to == "" {
			to = tr.name
		}
		for name, src := range base {
			put("base/"+tr.name+"/"+name, src)
		}
		for name, src := range head {
			old := name
			if r := tr.renamed[name]; r != "" {
				old = r
			}
			// Where git pairs no files, a metric of a file has nothing to follow.
			apart := tr.apart && name != "text.go"
			if !apart && (old != name || to != tr.name) {
				trees.Comment = fmt.Appendf(trees.Comment, "rename %s/%s %s/%s\n", tr.name, old, to, name)
			}
			put("head/"+to+"/"+name, src)
		}
	}
	j := job(t, &trees)
	res := judgeFor(t, j)
	if c := res.Coverage; c.Analysed != c.Changed || len(c.Broken)+len(c.Lost) > 0 {
		t.Fatalf("coverage = %+v, want all files analysed", c)
	}
	for _, tr := range transformations {
		t.Run(tr.name, func(t *testing.T) {
			checkLaden(t, only(res.Base, tr.name).Measures)
			for _, withHunks := range []bool{false, true} {
				c := debt.Comparison{Base: only(res.Base, tr.name), Head: only(res.Head, tr.name, tr.to), Excluded: res.Excluded}
				for _, f := range j.Files {
					if inFolder(f.Old, tr.name) || inFolder(f.New, tr.name) || inFolder(f.New, tr.to) {
						if withHunks && f.Old != "" && f.New != "" {
							f.Hunks = hunksOf(t, filepath.Join(j.Base, f.Old), filepath.Join(j.Head, f.New))
						}
						c.Files = append(c.Files, f)
					}
				}
				checkNothing(t, fmt.Sprintf("with hunks: %t: ", withHunks), debt.Compare(c))
			}
		})
	}
	d := debt.Compare(debt.Comparison{Base: res.Base, Head: res.Head, Files: j.Files, Excluded: res.Excluded})
	checkNothing(t, "all together: ", d)
}

func inFolder(name, folder string) bool { return folder != "" && strings.HasPrefix(name, folder+"/") }

// only is the part of a side that lies in the folders.
func only(s debt.Side, folders ...string) debt.Side {
	in := func(file string) bool {
		return slices.ContainsFunc(folders, func(f string) bool { return inFolder(file, f) })
	}
	s.Measures = slices.DeleteFunc(slices.Clone(s.Measures), func(m debt.Measure) bool { return !in(m.File) })
	s.Symbols = slices.DeleteFunc(slices.Clone(s.Symbols), func(sym debt.Symbol) bool { return !in(sym.File) })
	return s
}

// checkLaden holds that a package has the debt that the test is about.
func checkLaden(t *testing.T, measures []debt.Measure) {
	t.Helper()
	has := map[string]int{}
	for _, m := range measures {
		has[m.Rule]++
	}
	for rule, n := range map[string]int{
		"cognitive": 2, "func-lines": 1, "file-lines": 1, "nesting": 2, "params": 1,
		"self-admitted/todo": 4, "self-admitted/fixme": 3, "self-admitted/linked": 1, "suppression": 4,
		"mutable-global": 2, "errcheck": 11, "errorlint": 2, "unused": 4, "staticcheck/SA1019": 1,
		"staticcheck/SA4000": 1, "staticcheck/SA4003": 1, "staticcheck/SA2001": 1, "staticcheck/SA5002": 1,
		"vet/appends": 1, "vet/copylocks": 1, "vet/shift": 1,
		"interface-width": 1, "struct-fields": 1, "bool-operators": 1, "identical-functions": 1, "identical-branches": 1,
		"init-effect": 2, "context-misuse": 3, "unjoined-goroutine": 1, "library-panic": 1, "skipped-test": 1,
		"modernize/any": 1, "modernize/rangeint": 1, "modernize/mapsloop": 1, "modernize/stringsseq": 1, "modernize/minmax": 1,
		"modernize/stringscutprefix": 1, "modernize/waitgroupgo": 1, "modernize/reflecttypefor": 1, "modernize/slicescontains": 1, "modernize/omitzero": 1,
	} {
		if has[rule] < n {
			t.Errorf("the package has %d of %s, want at least %d", has[rule], rule, n)
		}
	}
}

func checkNothing(t *testing.T, what string, d debt.Delta) {
	t.Helper()
	if d.Introduced != 0 || d.Repaid != 0 || d.Tests.Introduced != 0 || d.Tests.Repaid != 0 {
		t.Errorf("%sintroduced %g, repaid %g, in tests %g, %g; want 0", what, d.Introduced, d.Repaid, d.Tests.Introduced, d.Tests.Repaid)
	}
	for _, f := range d.Findings {
		if f.Status != debt.Unchanged && f.Status != debt.Moved {
			t.Errorf("%s%s %s %s:%d %s: %s (%g min)", what, f.Status, f.Rule, f.File, f.Line, f.Symbol, f.Message, f.Minutes)
		}
		if f.Note != "" {
			t.Errorf("%s%s %s:%d: note %q", what, f.Rule, f.File, f.Line, f.Note)
		}
	}
}

// hunksOf are the hunks between two files, by their longest common
// subsequence of lines.
func hunksOf(t *testing.T, oldFile, newFile string) []debt.Hunk {
	t.Helper()
	read := func(name string) [][]byte {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.SplitAfter(data, []byte("\n"))
	}
	a, b := read(oldFile), read(newFile)
	for len(a) > 0 && len(b) > 0 && bytes.Equal(a[len(a)-1], b[len(b)-1]) {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	same := 0
	for same < min(len(a), len(b)) && bytes.Equal(a[same], b[same]) {
		same++
	}
	a, b = a[same:], b[same:]
	common := make([][]int, len(a)+1) // of a[i:] and b[j:]
	for i := len(a); i >= 0; i-- {
		common[i] = make([]int, len(b)+1)
		for j := len(b) - 1; j >= 0 && i < len(a); j-- {
			common[i][j] = max(common[i+1][j], common[i][j+1])
			if bytes.Equal(a[i], b[j]) {
				common[i][j] = common[i+1][j+1] + 1
			}
		}
	}
	var hunks []debt.Hunk
	for i, j := 0, 0; i < len(a) || j < len(b); {
		if i < len(a) && j < len(b) && bytes.Equal(a[i], b[j]) {
			i, j = i+1, j+1
			continue
		}
		fromI, fromJ := i, j
		for (i < len(a) || j < len(b)) && (i == len(a) || j == len(b) || !bytes.Equal(a[i], b[j])) {
			if j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1] {
				i++
			} else {
				j++
			}
		}
		h := debt.Hunk{OldStart: same + fromI + 1, OldLines: i - fromI, NewStart: same + fromJ + 1, NewLines: j - fromJ}
		if h.OldLines == 0 {
			h.OldStart-- // it lies after the line that it names
		}
		if h.NewLines == 0 {
			h.NewStart--
		}
		hunks = append(hunks, h)
	}
	return hunks
}

// TestAdditive: what a change does to the debt is the same in one step as in
// two, and nothing for a change that changes nothing.
func TestAdditive(t *testing.T) {
	t.Parallel()
	a, err := txtar.ParseFile("testdata/metamorphic/steps.txtar")
	if err != nil {
		t.Fatal(err)
	}
	states := map[string]files{}
	for _, f := range a.Files {
		state, rel, _ := strings.Cut(f.Name, "/")
		if states[state] == nil {
			states[state] = files{"go.mod": "module ex.com/m\n\ngo 1.25\n"}
		}
		states[state][rel] = string(f.Data)
	}
	delta := func(from, to string) debt.Delta {
		var trees txtar.Archive
		for side, state := range map[string]string{"base": from, "head": to} {
			for rel, src := range states[state] {
				trees.Files = append(trees.Files, txtar.File{Name: side + "/" + rel, Data: []byte(src)})
			}
		}
		j := job(t, &trees)
		res := judgeFor(t, j)
		if len(res.Coverage.Broken)+len(res.Coverage.Lost) > 0 {
			t.Fatalf("%s→%s: coverage = %+v", from, to, res.Coverage)
		}
		return debt.Compare(debt.Comparison{Base: res.Base, Head: res.Head, Files: j.Files, Excluded: res.Excluded})
	}
	ab, bc, ac, ca := delta("A", "B"), delta("B", "C"), delta("A", "C"), delta("C", "A")
	for name, d := range map[string]debt.Delta{"A→B": ab, "B→C": bc, "A→C": ac} {
		if d.Introduced == 0 || d.Repaid == 0 {
			t.Errorf("%s introduces %g and repays %g, want both", name, d.Introduced, d.Repaid)
		}
	}
	near := func(name string, got, want float64) {
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("%s = %g, want %g", name, got, want)
		}
	}
	near("net of A→C", ac.Net, ab.Net+bc.Net)
	near("net of A→C→A", ac.Net+ca.Net, 0)
	near("net in tests of A→C", ac.Tests.Introduced-ac.Tests.Repaid,
		ab.Tests.Introduced-ab.Tests.Repaid+bc.Tests.Introduced-bc.Tests.Repaid)
	checkNothing(t, "A→A: ", delta("A", "A"))
}
