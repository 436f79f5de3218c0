package engine

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/analyzers"
	"github.com/barraiser/barraiser/internal/debt"
)

// # Random edits
//
// A module of a few packages is edited at random, and each step is judged as a
// change, with all that the engine does to spare work. What it says of the
// packages that it judged must be what a scan of the head says that knows of
// nothing before; and of those that it did not judge, scans of base and head
// must say the same.

// editedModule is a module to edit.
type editedModule struct {
	goVersion string
	packages  []*editedPackage // each may import those before it
	undo      func()           // the last edit of a body or a signature
}

type editedPackage struct {
	funcs   []*editedFunc
	imports []int
	takes   int // by bit, which functions of its imports it does not name
	tests   bool
	gone    bool
}

type editedFunc struct {
	name       string
	kind       int // of kinds
	deprecated bool
	body       int
	signature  int
}

// kinds are functions with facts that importers see, and findings of their own.
var kinds = []func(f *editedFunc) string{
	func(f *editedFunc) string { // a wrapper of printf, or not
		call := []string{"fmt.Sprintf(format, args...)", "len(args)"}[f.body%2]
		return fmt.Sprintf("func %s(format string, args ...any) { _ = %s }", f.name, call)
	},
	func(f *editedFunc) string { // returns, or does not
		return fmt.Sprintf("func %s() { %s }", f.name, []string{`panic("x")`, `log.Fatal("x")`, `log.Print("x")`}[f.body%3])
	},
	func(f *editedFunc) string { // its signature
		return fmt.Sprintf("func %s(%s) error { return errors.New(%q) }", f.name, []string{"", "a int", "a ...string"}[f.signature%3], fmt.Sprint(f.body))
	},
	func(f *editedFunc) string { // a type with a field more or less, which holds a lock or not
		return fmt.Sprintf("type %s struct { %s; hidden int; %s }", f.name, []string{"mu sync.Mutex", "mu int"}[f.body%2], []string{"A int", "A, B int", ""}[f.signature%3])
	},
	func(f *editedFunc) string { // a type with other methods, of which some are asked for
		more := []string{"func (%[1]s) Less() {}", "func (%[1]s) String() string { return \"\" }", "func (%[1]s) Do(int) {}", "func (%[1]s) Do() {}"}
		return fmt.Sprintf("type %[1]s struct{ hidden int }\n\nfunc (%[1]s) First() {}\n\n"+more[f.signature%4], f.name)
	},
}

func (f *editedFunc) use(pkg string) string {
	switch f.kind {
	case 4:
		return fmt.Sprintf("type e%[1]s struct{ %[1]s.%[2]s }; _ = e%[1]s{}; fmt.Printf(\"%%s\", %[1]s.%[2]s{}); _, _ = any(%[1]s.%[2]s{}).(interface{ Do() })", pkg, f.name)
	case 0:
		return fmt.Sprintf("%s.%s(\"%%d\", \"x\")", pkg, f.name)
	case 1:
		return fmt.Sprintf("if v == nil { %s.%s() }; _ = *v", pkg, f.name)
	case 2:
		return fmt.Sprintf("_ = %s.%s", pkg, f.name)
	}
	return fmt.Sprintf("var a%[1]s%[2]s %[1]s.%[2]s; b%[1]s%[2]s := a%[1]s%[2]s; _ = &b%[1]s%[2]s", pkg, f.name)
}

func (m *editedModule) files() map[string]string {
	out := map[string]string{"go.mod": "module ex.com/m\n\ngo " + m.goVersion + "\n"}
	for i, p := range m.packages {
		if p.gone {
			continue
		}
		var b strings.Builder
		fmt.Fprintf(&b, "package p%d\n\nimport (\n\t\"errors\"\n\t\"fmt\"\n\t\"log\"\n\t\"sync\"\n", i)
		for _, j := range p.imports {
			fmt.Fprintf(&b, "\t\"ex.com/m/p%d\"\n", j)
		}
		b.WriteString(")\n\nvar _, _, _, _ = errors.New, fmt.Sprint, log.Print, sync.OnceFunc\n\n")
		for _, f := range p.funcs {
			if f.deprecated {
				fmt.Fprintf(&b, "// %s is old.\n//\n// Deprecated: use another.\n", f.name)
			}
			b.WriteString(kinds[f.kind](f) + "\n\n")
		}
		b.WriteString("func use(v *int) {\n")
		for _, j := range p.imports {
			fmt.Fprintf(&b, "\t_ = p%d.Const\n", j)
			for k, f := range m.packages[j].funcs {
				if p.takes>>((j*5+k)%8)&1 == 0 {
					fmt.Fprintf(&b, "\t{ %s }\n", f.use(fmt.Sprintf("p%d", j)))
				}
			}
		}
		b.WriteString("}\n\nconst Const = 1\n\nfunc init() { use(nil) }\n")
		out[fmt.Sprintf("p%d/p.go", i)] = b.String()
		if p.tests {
			out[fmt.Sprintf("p%d/p_test.go", i)] = fmt.Sprintf("package p%d\n\nfunc init() { fmt.Printf(\"%%d\\n\", \"in a test\") }\n\nimport \"fmt\"\n", i)
			if i%2 == 0 {
				out[fmt.Sprintf("p%d/p_test.go", i)] = fmt.Sprintf("package p%d_test\n\nimport _ \"ex.com/m/p%d\"\n", i, i)
			}
		}
	}
	return out
}

// edit changes one thing. Some edits break importers, which refer to what is
// gone.
func (m *editedModule) edit(r *rand.Rand) string {
	i := r.IntN(len(m.packages))
	for j, p := range m.packages {
		if p.gone { // not for long: what imports it says nothing
			p.gone = false
			return fmt.Sprintf("p%d is back", j)
		}
	}
	p := m.packages[i]
	f := p.funcs[r.IntN(len(p.funcs))]
	switch r.IntN(12) {
	case 11:
		if m.undo != nil {
			m.undo()
			m.undo = nil
		}
		return "the last edit undone"
	case 9:
		p.funcs = append(p.funcs, &editedFunc{name: fmt.Sprintf("G%d", r.IntN(1000)), kind: r.IntN(len(kinds)), body: r.IntN(3)})
		return fmt.Sprintf("a function more in p%d", i)
	case 10:
		p.takes = r.IntN(256)
		return fmt.Sprintf("what p%d names", i)
	case 0, 1:
		f.body++
		m.undo = func() { f.body-- }
		return fmt.Sprintf("body of p%d.%s", i, f.name)
	case 2:
		f.signature++
		m.undo = func() { f.signature-- }
		return fmt.Sprintf("signature of p%d.%s", i, f.name)
	case 3:
		f.deprecated = !f.deprecated
		return fmt.Sprintf("comment of p%d.%s", i, f.name)
	case 4:
		f.name += "x"
		return fmt.Sprintf("name of p%d.%s", i, f.name)
	case 5:
		if len(p.funcs) > 1 {
			p.funcs = slices.Delete(p.funcs, 0, 1)
		}
		return fmt.Sprintf("a function less in p%d", i)
	case 6:
		p.tests = !p.tests
		return fmt.Sprintf("tests of p%d", i)
	case 7:
		m.goVersion = []string{"1.21.3", "1.21.5", "1.22.0", "1.22", "1.23", "1.24"}[r.IntN(6)]
		return "go.mod"
	}
	p.gone = true
	return fmt.Sprintf("p%d is gone", i)
}

// write lays the module out in a folder of its own.
func (m *editedModule) write(t *testing.T) (string, map[string]string) {
	t.Helper()
	root, files := t.TempDir(), m.files()
	for name, src := range files {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(src), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return root, files
}

// laboratory judges within this process and keeps what is known of packages from
// outside in a cache, and of the module's own in another; "": not.
type laboratory struct{ cache, packages string }

// judge judges and returns what was found in each package of the head that was
// looked at, by its id, and the ids of those that were not.
func (l laboratory) judge(t *testing.T, job Job, last *session) (s *session, found map[string]string, spared []string) {
	t.Helper()
	job.Toolchain = runtime.Version()
	if job.Base != "" && last == nil { // in a series, the head's folder tells the next job what it has listed
		job = packJob(t, job, t.TempDir())
	}
	if l.cache != "" {
		job.Program, job.Cache, job.Outbox = "laboratory", l.cache, t.TempDir()
	}
	if l.packages != "" {
		job.Packages, job.PackagesOutbox = l.packages, t.TempDir()
	}
	s, err := newSession(t.Context(), job, analyzers.Checks(), func(Progress) {})
	if err != nil {
		t.Fatal(err)
	}
	s.inherit(last)
	res, err := s.judge()
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Missing) > 0 || len(s.lost) > 0 {
		t.Fatalf("missing %v, lost %v", res.Missing, s.lost)
	}
	for outbox, cache := range map[string]string{job.Outbox: job.Cache, job.PackagesOutbox: job.Packages} {
		if cache != "" {
			if _, err := adopt(outbox, cache); err != nil {
				t.Fatal(err)
			}
		}
	}
	found = map[string]string{}
	for id, n := range s.listings["."].nodes {
		switch {
		case !n.wanted || !s.listings["."].counts(s.listings["."].pkgs[id]):
		case n.mode != full:
			spared = append(spared, id)
		case n.run.found == nil:
			found[id] = "broken: " + strings.Join(n.run.errs, "; ")
		default:
			var lines []string
			for _, m := range n.run.found.measures {
				lines = append(lines, fmt.Sprintf("%+v", m))
			}
			slices.Sort(lines)
			found[id] = strings.Join(lines, "\n")
		}
	}
	return s, found, spared
}

// tally shows that a run was not in vain.
type tally struct{ judged, kept, spared, findings, broken int }

func (l laboratory) run(t *testing.T, seed uint64, steps int, sum *tally) {
	r := rand.New(rand.NewPCG(seed, 0))
	m := &editedModule{goVersion: "1.24"}
	for i := range 5 {
		p := &editedPackage{tests: r.IntN(2) == 0, takes: r.IntN(256)}
		for k := range kinds {
			p.funcs = append(p.funcs, &editedFunc{name: fmt.Sprintf("F%d", k), kind: k, body: r.IntN(3)})
		}
		for j := range i {
			if r.IntN(2) == 0 {
				p.imports = append(p.imports, j)
			}
		}
		m.packages = append(m.packages, p)
	}
	base, baseFiles := m.write(t)
	alone := laboratory{cache: l.cache} // knows no package of the module
	_, atBase, _ := alone.judge(t, Job{Head: base}, nil)
	_, filling, _ := l.judge(t, Job{Head: base}, nil)
	if diff := cmp.Diff(atBase, filling); diff != "" {
		t.Errorf("seed %d: the first scan (-without +with kept packages):\n%s", seed, diff)
	}
	var last *session
	for step := range steps {
		what := m.edit(r)
		if maps.Equal(m.files(), baseFiles) {
			continue
		}
		head, headFiles := m.write(t)
		_, atHead, _ := alone.judge(t, Job{Head: head}, nil)
		var changes []debt.FileChange
		changes = append(changes, differences(baseFiles, headFiles, nil)...)
		s, found, spared := l.judge(t, Job{Base: base, Head: head, Files: changes}, last)
		name := fmt.Sprintf("seed %d, step %d, %s", seed, step, what)
		for id, got := range found {
			if diff := cmp.Diff(atHead[id], got); diff != "" {
				t.Errorf("%s: %s (-scan +change):\n%s", name, id, diff)
			}
			sum.findings += strings.Count(got, "Rule:")
			if s.keepsPackages() && s.keeps(s.listings["."].nodes[id]) {
				sum.kept++
			}
			if strings.HasPrefix(got, "broken") {
				sum.broken++
			}
		}
		for _, id := range spared {
			if diff := cmp.Diff(atHead[id], atBase[id]); diff != "" {
				t.Errorf("%s: %s was not judged, and differs (-base +head):\n%s", name, id, diff)
			}
		}
		if len(found)+len(spared) != len(atHead) {
			t.Errorf("%s: %d packages judged and %d spared, want %d together", name, len(found), len(spared), len(atHead))
		}
		sum.judged, sum.spared = sum.judged+len(found), sum.spared+len(spared)
		base, baseFiles, atBase, last = head, headFiles, atHead, s
		if r.IntN(2) == 0 {
			last = nil // a process of its own
		}
	}
	if seed%4 == 0 { // from scratch altogether, which takes its time
		_, scratch, _ := (laboratory{}).judge(t, Job{Head: base}, nil)
		if diff := cmp.Diff(scratch, atBase); diff != "" {
			t.Errorf("seed %d: the last step (-without +with a cache):\n%s", seed, diff)
		}
	}
}

func quietGo(t interface{ Setenv(key, value string) }) {
	for k, v := range map[string]string{"GOPROXY": "off", "GOFLAGS": "-mod=readonly -buildvcs=false", "GOENV": "off", "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"} {
		t.Setenv(k, v)
	}
}

// TestRandomEdits follows a few chains of edits.
func TestRandomEdits(t *testing.T) {
	quietGo(t)
	l := laboratory{cache: t.TempDir(), packages: t.TempDir()}
	var sum tally
	for seed := range uint64(2) {
		l.run(t, seed, 8, &sum)
	}
	if sum.judged < 10 || sum.spared < 10 || sum.findings < 20 || sum.broken == 0 || sum.kept == 0 {
		t.Errorf("the edits tried too little: %+v", sum)
	}
	t.Logf("%+v", sum)
}

// FuzzEdits follows one chain of edits for each seed.
func FuzzEdits(f *testing.F) {
	quietGo(f)
	l := laboratory{cache: f.TempDir(), packages: f.TempDir()}
	f.Add(uint64(100))
	f.Fuzz(func(t *testing.T, seed uint64) { l.run(t, seed, 4, &tally{}) })
}
