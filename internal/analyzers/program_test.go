package analyzers

import (
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/modfile"
	"golang.org/x/tools/txtar"
)

// treeOf makes a tree of an archive. Lines of its comment state the rest:
// "place DIR COMPONENT OWNER", "forbid FROM TO KEY", "owners", "experiment KEY
// LAST", "today DAY", "changed FILE", "platform FILE", "go RELEASE" and "known
// MODULE VERSION"; "-" is nothing. A file below cache is the newest go.mod of
// the module named by its path.
func treeOf(t *testing.T, a *txtar.Archive) *Tree {
	t.Helper()
	var out Tree
	out.Changed = map[string]bool{}
	out.Stated.Places, out.Stated.Experiments = map[string]Place{}, map[string]string{}
	platform, known := map[string]bool{}, map[string]KnownModule{}
	for line := range strings.Lines(string(a.Comment)) {
		f := strings.Fields(line)
		for i := range f {
			f[i] = strings.TrimPrefix(f[i], "-")
		}
		switch {
		case len(f) == 4 && f[0] == "place":
			out.Stated.Places[f[1]] = Place{f[2], f[3]}
		case len(f) == 4 && f[0] == "forbid":
			out.Stated.Forbidden = append(out.Stated.Forbidden, ForbiddenEdge{f[1], f[2], f[3]})
		case len(f) == 1 && f[0] == "owners":
			out.Stated.Owners = true
		case len(f) == 3 && f[0] == "experiment":
			out.Stated.Experiments[f[1]] = f[2]
		case len(f) == 2 && f[0] == "today":
			out.Stated.Today = f[1]
		case len(f) == 2 && f[0] == "changed":
			out.Changed[f[1]] = true
		case len(f) == 2 && f[0] == "platform":
			platform[f[1]] = true
		case len(f) == 2 && f[0] == "go":
			out.Toolchain = f[1]
		case len(f) == 3 && f[0] == "known":
			known[f[1]] = KnownModule{Released: !strings.Contains(f[2], "-")}
		}
	}
	packages := map[string]*ProgramPackage{}
	for _, f := range a.Files {
		dir := path.Dir(f.Name)
		switch {
		case strings.HasSuffix(f.Name, ".go") && !strings.HasSuffix(f.Name, "_test.go"):
			file, err := readProgramFile(f.Name, f.Data, out.Stated.Ended())
			if err != nil {
				t.Fatal(err)
			}
			file.Platform = platform[f.Name]
			if packages[dir] == nil {
				packages[dir] = &ProgramPackage{Path: path.Join("ex.com/m", dir), Dir: dir, Module: "ex.com/m"}
			}
			packages[dir].Files = append(packages[dir].Files, file)
		case path.Base(f.Name) == "go.mod":
			mod, err := modfile.Parse("go.mod", f.Data, nil)
			if err != nil {
				t.Fatal(err)
			}
			out.Modules = append(out.Modules, Module{Dir: dir, File: mod, Known: known})
		case strings.HasPrefix(f.Name, "cache/"):
			mod, err := modfile.ParseLax("go.mod", f.Data, nil)
			if err != nil {
				t.Fatal(err)
			}
			known[strings.TrimPrefix(f.Name, "cache/")] = KnownModule{Latest: mod}
		}
	}
	for _, p := range packages {
		out.Packages = append(out.Packages, *p)
	}
	out.sort()
	return &out
}

// TestProgram runs the program checks over each archive of testdata/program and
// compares what they find with its file "want".
func TestProgram(t *testing.T) {
	files, err := filepath.Glob("testdata/program/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	fired := map[string]bool{}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tree := treeOf(t, a)
			var b strings.Builder
			for _, c := range Checks() {
				if c.Program == nil {
					continue
				}
				for _, m := range c.Program(tree) {
					fired[m.Rule] = true
					fmt.Fprintf(&b, "%s %s:%d:%d %s %g %s\n", m.Rule, m.File, m.Line, m.Column, m.Symbol, m.Value, m.Message)
					if m.Rule != c.Rule || m.EndLine < m.Line || strings.HasPrefix(path.Base(m.File), "clean") {
						t.Errorf("the check %s yields %+v", c.Rule, m)
					}
				}
			}
			i := slices.IndexFunc(a.Files, func(f txtar.File) bool { return f.Name == "want" })
			if i < 0 {
				t.Fatal("the archive has no file want")
			}
			if *update {
				a.Files[i].Data = []byte(b.String())
				if err := os.WriteFile(file, txtar.Format(a), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(a.Files[i].Data), b.String()); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
	for _, c := range Checks() {
		if c.Program != nil && !fired[c.Rule] {
			t.Errorf("no archive has a finding of %s", c.Rule)
		}
	}
}

// TestClonesOfTheSame: code that says the same thing over and over costs no
// more to look through than other code.
func TestClonesOfTheSame(t *testing.T) {
	call := strings.Repeat("\tprintln(a, b, c)\n", 20_000)
	function := strings.Repeat("func f(a int) {\n\ta++\n\tif a > 1 {\n\t\tprintln(a)\n\t}\n}\n", 4_000)
	var a txtar.Archive
	for _, name := range []string{"a/a.go", "a/b.go", "b/a.go"} {
		a.Files = append(a.Files, txtar.File{Name: name, Data: []byte("package a\n\nfunc g(a, b, c int) {\n" + call + "}\n\n" + function)})
	}
	tree := treeOf(t, &a)
	begun := time.Now()
	tree.cloneClasses()
	if took := time.Since(begun); took > time.Minute { // some 50 ms on a machine that does nothing else
		t.Errorf("cloneClasses took %s", took)
	}
}

func FuzzProgramFile(f *testing.F) {
	for _, name := range []string{"clone.txtar", "clone-clean.txtar"} {
		a, err := txtar.ParseFile(filepath.Join("testdata", "program", name))
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			f.Add(file.Data)
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		var p ProgramPackage
		for _, name := range []string{"a.go", "b.go"} {
			file, err := readProgramFile(name, src, []string{"x"})
			if err != nil {
				return
			}
			p.Files = append(p.Files, file)
		}
		tree := NewTree([]ProgramPackage{p}, nil)
		for _, m := range clonesWithin(tree) {
			if m.Line < 1 || m.EndLine < m.Line || m.Value < 2 || m.Node == "" || m.Symbol == "" {
				t.Errorf("clone %+v", m)
			}
		}
	})
}

func readProgramFile(name string, src []byte, words []string) (*ProgramFile, error) {
	fset := token.NewFileSet()
	syntax, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	return NewProgramFile(name, src, fset, syntax, words), nil
}
