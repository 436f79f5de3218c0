package engine

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/barraiser/barraiser/internal/analyzers"
)

// TestPlatformsLetGo: a scan of files for several platforms judges them all and ends
// with the packages of the last one, and a series of scans with those of all.
func TestPlatformsLetGo(t *testing.T) {
	t.Parallel()
	others := []platform{{os: "aix", arch: "ppc64"}, {os: "plan9", arch: "amd64"}, {os: "windows", arch: "amd64"}}
	dir := t.TempDir()
	files := map[string]string{"go.mod": "module ex.com/m\n\ngo 1.24\n"}
	for _, p := range others {
		if p.os == runtime.GOOS {
			t.Skip("a file of the test is one of this platform")
		}
		files["p_"+p.os+".go"] = "package p\n\nimport \"syscall\"\n\nvar Sink = syscall.O_RDONLY\n"
	}
	for name, src := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(src), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, series := range []bool{false, true} {
		job := Job{Head: dir, Toolchain: runtime.Version(), Program: "platforms", Outbox: t.TempDir(), Follow: series}
		s, err := newSession(t.Context(), job, analyzers.Checks(), func(Progress) {})
		if err != nil {
			t.Fatal(err)
		}
		res, err := s.judge()
		if err != nil {
			t.Fatal(err)
		}
		if c := res.Coverage; c.Analysed != len(others) || len(c.Skipped)+len(c.Broken) > 0 {
			t.Errorf("not judged: %+v", c)
		}
		var listed []string
		for _, l := range res.Stats.Listings {
			listed = append(listed, l.Platform)
		}
		if want := []string{"", "aix/ppc64", "plan9/amd64", "windows/amd64"}; !slices.Equal(listed, want) {
			t.Errorf("listed for %q, want %q", listed, want)
		}
		left := map[string]bool{}
		for _, n := range s.byKey {
			if n.path == "syscall" {
				left[n.platform.os] = true
			}
		}
		if want := map[bool]int{false: 1, true: len(others)}[series]; len(left) != want || !left["windows"] {
			t.Errorf("series %t: syscall is left of %v, want %d, windows last", series, left, want)
		}
	}
}
