package analyzers

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the want files of testdata")

// TestMarks makes the marks of each archive of testdata/marks. An archive by
// the name of a kind lists the marks of that kind, any other all of them. Its
// clean.go holds near misses, and must have none.
func TestMarks(t *testing.T) {
	kinds := slices.Collect(func(yield func(string) bool) {
		for _, k := range MarkKinds() {
			if !yield(k.Name) {
				return
			}
		}
	})
	tested := map[string]bool{}
	for _, file := range markArchives(t) {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		tested[name] = true
		t.Run(name, func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			isKind := slices.Contains(kinds, name)
			var lines []string
			var near bool
			for _, p := range markPackages(t, a) {
				if isKind && len(p.errs) > 0 {
					t.Errorf("the testdata does not type-check: %v", p.errs[0])
				}
				for _, m := range Marks(p.files, p.info) {
					if isKind && m.Kind != name {
						continue
					}
					line := p.line(m)
					lines = append(lines, line)
					if strings.Contains(line, "clean.go:") {
						t.Errorf("a near miss is marked: %s", line)
					}
				}
				near = near || p.clean
			}
			if isKind && (len(lines) == 0 || !near) {
				t.Errorf("%d marks, a clean.go: %t; want both", len(lines), near)
			}
			compareMarks(t, file, a, strings.Join(lines, "\n")+"\n")
		})
	}
	for _, kind := range kinds {
		if !tested[kind] {
			t.Errorf("the kind %s has no archive", kind)
		}
	}
}

func compareMarks(t *testing.T, file string, a *txtar.Archive, got string) {
	t.Helper()
	i := slices.IndexFunc(a.Files, func(f txtar.File) bool { return f.Name == "want" })
	if i < 0 {
		t.Fatal("the archive has no file want")
	}
	if *update {
		a.Files[i].Data = []byte(got)
		if err := os.WriteFile(file, txtar.Format(a), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(a.Files[i].Data), got); diff != "" {
		t.Errorf("marks (-want +got; go test -update rewrites it):\n%s", diff)
	}
}

// TestMarksLayout holds that marks are of what the code says and not of how it
// is laid out, and that they do not depend on the order of files.
func TestMarksLayout(t *testing.T) {
	for _, file := range markArchives(t) {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want := markBag(t, a)
		slices.Reverse(a.Files)
		for i, f := range a.Files {
			if !strings.HasSuffix(f.Name, ".go") {
				continue
			}
			syntax, err := parser.ParseFile(token.NewFileSet(), f.Name, f.Data, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if err := printer.Fprint(&b, token.NewFileSet(), syntax); err != nil { // no line is kept
				t.Fatal(err)
			}
			a.Files[i].Data = b.Bytes()
		}
		got := markBag(t, a)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s laid out anew (-as it was +anew):\n%s", file, diff)
		}
	}
}

// markBag are the marks of an archive without their places, sorted. Comments
// do not survive the printing without lines, so nosec is left out.
func markBag(t *testing.T, a *txtar.Archive) []string {
	var bag []string
	for _, p := range markPackages(t, a) {
		for _, m := range Marks(p.files, p.info) {
			if m.Kind != "nosec" {
				bag = append(bag, fmt.Sprintf("%s %s: %s = %s", m.Kind, m.Symbol, m.Key, m.Value))
			}
		}
	}
	slices.Sort(bag)
	return bag
}

// TestMarksWithoutTypes holds that what needs no types is there without any,
// and that no other mark differs.
func TestMarksWithoutTypes(t *testing.T) {
	for _, file := range markArchives(t) {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range markPackages(t, a) {
			with := map[string]int{}
			for _, m := range Marks(p.files, p.info) {
				with[m.Kind]++
			}
			without := map[string]int{}
			for _, m := range Marks(p.files, markInfo()) {
				without[m.Kind]++
			}
			for kind, n := range without {
				if n > with[kind] {
					t.Errorf("%s: %d marks of kind %s without types, %d with them", file, n, kind, with[kind])
				}
			}
			for _, kind := range []string{"import", "export", "field", "nosec"} {
				if without[kind] != with[kind] {
					t.Errorf("%s: %d marks of kind %s without types, want %d", file, without[kind], kind, with[kind])
				}
			}
		}
	}
}

func TestMarkKinds(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range MarkKinds() {
		if seen[k.Name] {
			t.Errorf("the kind %s is there twice", k.Name)
		}
		seen[k.Name] = true
		if k.Doc == "" || strings.Contains(k.Doc, "\n") {
			t.Errorf("%s: doc %q, want one line", k.Name, k.Doc)
		}
	}
}

func TestShortenMark(t *testing.T) {
	long := strings.Repeat("é", maxMark)
	got := shortenMark("x" + long)
	if len(got) > maxMark+25 || !strings.HasPrefix(got, "xéé") || !strings.Contains(got, unknownPart) {
		t.Errorf("shortenMark of %d bytes = %q, want about %d", len(long)+1, got, maxMark)
	}
	if got == shortenMark("x"+long+"!") {
		t.Error("two long texts that differ are the same when shortened")
	}
	if got := shortenMark("short"); got != "short" {
		t.Errorf("shortenMark(short) = %q", got)
	}
}

func TestWords(t *testing.T) {
	for name, want := range map[string][]string{
		"TTL":            {"ttl"},
		"maxTTLSeconds":  {"max", "ttl", "seconds"},
		"Remaining_TTL":  {"remaining", "ttl"},
		"__keep_for":     {"keep", "for"},
		"HTTPMaxAge":     {"http", "max", "age"},
		"throttle":       {"throttle"},
		"Ünicode":        {"ünicode"},
		"retention15Day": {"retention15", "day"},
		"_":              nil,
	} {
		if got := words(name); !slices.Equal(got, want) {
			t.Errorf("words(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestFlagType(t *testing.T) {
	for name, want := range map[string]string{
		"Bool": "bool", "BoolP": "bool", "BoolVar": "bool", "StringVarP": "string", "StringArray": "stringarray",
		"Var": "value", "VarP": "value", "VarPF": "value", "IP": "ip", "IPP": "ip", "IPNetVarP": "ipnet",
		"StringEnumFlag": "stringenum", "TextVar": "text", "": "value",
	} {
		if got := flagType(name); got != want {
			t.Errorf("flagType(%q) = %q, want %q", name, got, want)
		}
	}
}

// FuzzMarks feeds code that need not even parse: there is never a panic, and
// each mark has a key, a place and a kind of the table.
func FuzzMarks(f *testing.F) {
	for _, file := range markArchives(f) {
		a, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, src := range a.Files {
			if strings.HasSuffix(src.Name, ".go") {
				f.Add(string(src.Data))
			}
		}
	}
	f.Add("package p; var Default = T{a: 1, b}; func (T) _() { x, y := 1; go f; z.Flag().Default(1) }")
	f.Add("package p; type T struct { *sync.Mutex; []int `json:\"\\xff` ; A, _ int `json`}")
	kinds := map[string]bool{}
	for _, k := range MarkKinds() {
		kinds[k.Name] = true
	}
	f.Fuzz(func(t *testing.T, src string) {
		fset := token.NewFileSet()
		syntax, _ := parser.ParseFile(fset, "p.go", src, parser.ParseComments|parser.SkipObjectResolution)
		if syntax == nil {
			return
		}
		p := checkMarks(fset, stubImporter{}, []*ast.File{syntax})
		for _, m := range Marks(p.files, p.info) {
			if m.Key == "" || !m.Pos.IsValid() || !kinds[m.Kind] {
				t.Errorf("mark %+v, want a key, a position and a known kind", m)
			}
		}
	})
}

func markArchives(t testing.TB) []string {
	files, err := filepath.Glob("testdata/marks/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	return files
}
