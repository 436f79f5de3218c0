package analyzers

import (
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/analysis/suite/vet"
	"golang.org/x/tools/go/packages"
	"honnef.co/go/tools/simple"
	"honnef.co/go/tools/staticcheck"
)

// thresholds are the values from which the tests of a measuring check expect
// its measures, by rule; 1 where none is given.
var thresholds = map[string]float64{
	"bool-operators":  4,
	"cognitive":       3,
	"file-lines":      6,
	"func-lines":      6,
	"interface-width": 4,
	"nesting":         3,
	"params":          3,
	"struct-fields":   5,
	"switch-cases":    3,
}

// TestAll runs each analyzer of ours over its testdata, and fails for one that
// has none, or that lacks either a finding or a clean case.
func TestAll(t *testing.T) {
	ran := map[*analysis.Analyzer]bool{}
	for _, c := range Checks() {
		if !c.Own || c.Kind != Package || ran[c.Analyzer] {
			continue
		}
		ran[c.Analyzer] = true
		t.Run(c.Analyzer.Name, func(t *testing.T) {
			t.Parallel()
			requireCases(t, filepath.Join("testdata", "src", c.Analyzer.Name))
			analysistest.Run(t, analysistest.TestData(), reporting(c.Analyzer), c.Analyzer.Name)
		})
	}
}

// requireCases asks for a file with findings and a clean.go without.
func requireCases(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var wants, clean bool
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		has := strings.Contains(string(src), "// want ")
		wants = wants || has
		clean = clean || !has && filepath.Base(name) == "clean.go"
	}
	if !wants || !clean {
		t.Fatalf("%s: a file with // want: %v, a clean.go without: %v; want both", dir, wants, clean)
	}
}

// reporting reports the measures of a, as "rule: message".
func reporting(a *analysis.Analyzer) *analysis.Analyzer {
	return &analysis.Analyzer{
		Name:     a.Name + "reported",
		Doc:      a.Doc,
		Requires: []*analysis.Analyzer{a},
		Run: func(pass *analysis.Pass) (any, error) {
			for _, m := range pass.ResultOf[a].([]Measure) {
				if m.Value >= cmp.Or(thresholds[m.Rule], 1) {
					pass.Report(analysis.Diagnostic{Pos: m.Pos, End: m.End, Message: m.Rule + ": " + m.Message})
				}
			}
			return nil, nil
		},
	}
}

func TestChecks(t *testing.T) {
	list := Checks()
	if !slices.IsSortedFunc(list, func(a, b Check) int { return strings.Compare(a.Rule, b.Rule) }) {
		t.Error("Checks() is not sorted by rule")
	}
	rules := map[string]Check{}
	for _, c := range list {
		if _, twice := rules[c.Rule]; twice {
			t.Errorf("rule %s is there twice", c.Rule)
		}
		rules[c.Rule] = c
		if c.Title == "" || strings.ContainsAny(c.Title, "\n`") {
			t.Errorf("%s: title %q, want one plain line", c.Rule, c.Title)
		}
		if (c.Analyzer != nil) != (c.Kind == Package) {
			t.Errorf("%s: kind %s, analyzer %v", c.Rule, c.Kind, c.Analyzer)
		}
		if (c.Program != nil) != (c.Kind == Program) && c.Rule != UntestedExport { // that one takes types as well
			t.Errorf("%s: kind %s, program check: %t", c.Rule, c.Kind, c.Program != nil)
		}
		if c.Syntactic && c.Analyzer != nil && !c.Analyzer.RunDespiteErrors {
			t.Errorf("%s: syntactic, but does not run despite errors", c.Rule)
		}
	}
	for _, c := range list {
		if c.Yields != "" && rules[c.Yields].Rule == "" {
			t.Errorf("%s yields to %s, which is not there", c.Rule, c.Yields)
		}
	}
	if !rules["staticcheck/SA1019"].Counted {
		t.Error("staticcheck/SA1019 is not counted")
	}

	list[0].Rule = "changed"
	if Checks()[0].Rule == "changed" {
		t.Error("Checks() returns its own table")
	}
}

func TestAnalyzers(t *testing.T) {
	all := closure()
	if err := analysis.Validate(all); err != nil {
		t.Error(err)
	}
	names := map[string]bool{}
	for _, a := range all {
		// honnef.co/go/tools holds a copy of an internal package of x/tools. It
		// has no facts, by which a name would matter.
		if names[a.Name] && a.Name != "typeindex" {
			t.Errorf("two analyzers of the name %s", a.Name)
		}
		names[a.Name] = true
	}
	for name, why := range map[string]string{
		"buildssa":    "staticcheck's IR is built already",
		"isgenerated": "its mark counts on any line",
	} {
		if names[name] {
			t.Errorf("the analyzer %s is required: %s", name, why)
		}
	}
}

// TestAdopted checks the lists of overlaps against the suites: a name that is
// gone there must go here.
func TestAdopted(t *testing.T) {
	var sa, all []string
	for _, c := range staticcheck.Analyzers {
		sa = append(sa, c.Analyzer.Name)
		all = append(all, "staticcheck/"+c.Analyzer.Name)
	}
	simplifications := slices.Clone(sa)
	for _, c := range simple.Analyzers {
		simplifications = append(simplifications, c.Analyzer.Name)
	}
	for _, a := range vet.Suite {
		all = append(all, "vet/"+a.Name)
	}
	for _, overlaps := range []map[string]string{vetAlready, partly} {
		for name, kept := range overlaps {
			if !slices.Contains(simplifications, name) || !slices.Contains(all, kept) {
				t.Errorf("%s or %s is not in its suite", name, kept)
			}
		}
	}
	if got, want := len(honnefChecks("staticcheck", staticcheck.Analyzers)), len(sa)-len(vetAlready)-1; got != want {
		t.Errorf("%d checks of staticcheck, want %d: all but those of vet and SA9003, which is off by default", got, want)
	}
}

// TestVetAlready shows the overlaps: in the testdata both analyzers report, at
// each line that names the check of staticcheck.
func TestVetAlready(t *testing.T) {
	var list []*analysis.Analyzer
	for _, a := range vet.Suite {
		if slices.Contains(slices.Collect(maps.Values(vetAlready)), "vet/"+a.Name) {
			list = append(list, a)
		}
	}
	for _, c := range staticcheck.Analyzers {
		if vetAlready[c.Analyzer.Name] != "" {
			list = append(list, c.Analyzer)
		}
	}
	reported := reportedMarks(t, list, "vetalready")
	for name, kept := range vetAlready {
		if !reported[name+" "+name] || !reported[strings.TrimPrefix(kept, "vet/")+" "+name] {
			t.Errorf("%s and %s do not both report at the line marked %s", name, kept, name)
		}
	}
}

// reportedMarks runs the analyzers over a package of testdata and returns each
// "analyzer mark" for which the analyzer reports on a line that ends in
// "// mark".
func reportedMarks(t *testing.T, list []*analysis.Analyzer, pkg string) map[string]bool {
	t.Helper()
	config := &packages.Config{
		Mode:  packages.LoadAllSyntax,
		Tests: true,
		Dir:   filepath.Join(analysistest.TestData(), "src", pkg),
		Env:   append(os.Environ(), "GO111MODULE=off", "GOPATH="+analysistest.TestData(), "GOFLAGS="),
	}
	pkgs, err := packages.Load(config, ".")
	if err != nil {
		t.Fatal(err)
	}
	graph, err := checker.Analyze(list, pkgs, nil)
	if err != nil {
		t.Fatal(err)
	}
	marks := map[string]bool{}
	for _, root := range graph.Roots {
		if root.Err != nil {
			t.Errorf("%s: %v", root, root.Err)
		}
		for _, d := range root.Diagnostics {
			at := root.Package.Fset.Position(d.Pos)
			src, err := os.ReadFile(at.Filename)
			if err != nil {
				t.Fatal(err)
			}
			line := strings.Split(string(src), "\n")[at.Line-1]
			if _, mark, ok := strings.Cut(line, "// "); ok {
				marks[root.Analyzer.Name+" "+mark] = true
			}
		}
	}
	return marks
}

func TestFacts(t *testing.T) {
	list := Facts()
	var names []string
	for _, a := range list {
		names = append(names, a.Name)
		for _, r := range a.Requires {
			if !slices.Contains(list, r) {
				t.Errorf("%s requires %s, which is not there", a.Name, r.Name)
			}
		}
	}
	for _, want := range []string{"printf", "fact_deprecated", "fact_purity", "buildir"} {
		if !slices.Contains(names, want) {
			t.Errorf("Facts() = %v, want %s among them", names, want)
		}
	}
	for _, a := range closure() {
		if len(a.FactTypes) > 0 && !slices.Contains(list, a) {
			t.Errorf("%s has facts and is not there", a.Name)
		}
	}
	if slices.Contains(names, "SA1019") {
		t.Error("SA1019 is there, which only reads facts")
	}
}
