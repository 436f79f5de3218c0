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
	here := "package q\n\nimport (\n\t_ \"io/ioutil\"\n\t_ \"log\"\n)\n"
	first, twins := scanForeign(t, cache, here)
	if twins < 5 {
		t.Errorf("%d packages have a twin, want io/ioutil, log and what they import", twins)
	}
	kept, _ := scanForeign(t, cache, here)
	own, twins := scanForeign(t, t.TempDir(), "package q\n")
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

// scanForeign scans foreignFile as one for Windows, with a package beside it, and says
// which rules find something in it, and how many packages have twins.
func scanForeign(t *testing.T, cache, here string) (rules []string, twins int) {
	t.Helper()
	dir := t.TempDir()
	for name, src := range map[string]string{"go.mod": "module ex.com/m\n\ngo 1.24\n", "q/q.go": here, "p_windows.go": foreignFile} {
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
