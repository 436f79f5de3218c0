package engine

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/analyzers"
)

// foreignFile rests on facts of packages that have the same files everywhere: that
// all of io/ioutil is deprecated, that log.Fatalf never returns, and that Logger.Panicf
// formats.
const foreignFile = `package p

import (
	"io/ioutil"
	"log"
	"os"
)

func read(f *os.File, old *int) int {
	if old == nil {
		log.Fatalf("no %s", f.Name())
	}
	if _, err := ioutil.ReadAll(f); err != nil {
		log.Default().Panicf("%d", err.Error())
	}
	return *old
}
`

// TestTwins: what is said of a file for another platform is the same whether the
// facts about what it imports are those of this platform, or were kept, or were
// made for the other one, where nothing here needs the packages.
func TestTwins(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the file of the test is one of this platform")
	}
	cache := t.TempDir()
	files := func(here string) map[string]string {
		return map[string]string{"p_windows.go": foreignFile, "q/q.go": here}
	}
	here := files("package q\n\nimport (\n\t_ \"io/ioutil\"\n\t_ \"log\"\n)\n")
	first, twins := scanForeign(t, cache, here)
	if twins < 5 {
		t.Errorf("%d packages have a twin, want io/ioutil, log and what they import", twins)
	}
	kept, _ := scanForeign(t, cache, here)
	own, twins := scanForeign(t, t.TempDir(), files("package q\n"))
	if twins > 0 {
		t.Errorf("%d packages have a twin that nothing needs", twins)
	}
	if diff := cmp.Diff(own, first); diff != "" {
		t.Errorf("-facts of the other platform +facts of this one:\n%s", diff)
	}
	if diff := cmp.Diff(own, kept); diff != "" {
		t.Errorf("-facts of the other platform +kept ones:\n%s", diff)
	}
	want := []string{"library-panic", "library-panic", "staticcheck/SA1019", "unused", "vet/printf"}
	if !slices.Equal(own, want) { // no SA5011, since log.Fatalf does not return
		t.Errorf("found %v, want %v", own, want)
	}
}

// TestTwinsOfTheRepository: what is said of a file for Windows rests on what the
// functions of the repository do there, also where one in between has the same text
// everywhere.
func TestTwinsOfTheRepository(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the file of the test is one of this platform")
	}
	const prints, counts = "{ fmt.Printf(format, args...) }", "{ fmt.Print(len(args)) }"
	cache := t.TempDir() // of what lies outside of the repository
	logf := func(body string) string {
		return "package d\n\nimport \"fmt\"\n\nfunc Logf(format string, args ...any) " + body + "\n"
	}
	for _, test := range []struct {
		name        string
		here, there string
		wrong       bool
	}{
		{"prints everywhere", prints, prints, true},
		{"prints there", counts, prints, true},
		{"prints here", prints, counts, false},
		{"prints nowhere", counts, counts, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			rules, twins := scanForeign(t, cache, map[string]string{
				"d/d_other.go":   "//go:build !windows\n\n" + logf(test.here),
				"d/d_windows.go": logf(test.there),
				"between/b.go":   "package between\n\nimport \"ex.com/m/d\"\n\nfunc Logf(format string, args ...any) { d.Logf(format, args...) }\n",
				"p_windows.go":   "package p\n\nimport \"ex.com/m/between\"\n\nfunc init() { between.Logf(\"%d\", \"one\") }\n",
			})
			if twins == 0 {
				t.Error("no package has a twin")
			}
			if got := slices.Contains(rules, "vet/printf"); got != test.wrong {
				t.Errorf("found %v; vet/printf among them: %t, want %t", rules, got, test.wrong)
			}
		})
	}
}

// scanForeign scans a module, and says which rules find something in p_windows.go, and
// how many packages have twins.
func scanForeign(t *testing.T, cache string, files map[string]string) (rules []string, twins int) {
	t.Helper()
	dir := t.TempDir()
	files["go.mod"] = "module ex.com/m\n\ngo 1.24\n"
	for name, src := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(src), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	job := Job{Head: dir, Toolchain: runtime.Version(), Program: "twins", Cache: cache, Outbox: t.TempDir()}
	s, err := newSession(t.Context(), job, analyzers.Checks(), func(Progress) {})
	if err != nil {
		t.Fatal(err)
	}
	res, err := s.judge()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := adopt(job.Outbox, cache); err != nil {
		t.Fatal(err)
	}
	if c := res.Coverage; len(c.Skipped)+len(c.Broken)+len(c.Lost) > 0 {
		t.Fatalf("not judged: %+v", c)
	}
	for _, m := range res.Head.Measures {
		if m.File == "p_windows.go" {
			rules = append(rules, m.Rule)
		}
	}
	for _, n := range s.byKey {
		if n.twin != nil {
			twins++
		}
	}
	slices.Sort(rules)
	return rules, twins
}
