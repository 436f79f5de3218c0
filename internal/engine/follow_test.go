package engine

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// TestFollow: a scan that follows others says what it says alone, and most of
// it is not found anew.
func TestFollow(t *testing.T) {
	t.Parallel()
	a, err := txtar.ParseFile("testdata/follow/ten.txtar")
	if err != nil {
		t.Fatal(err)
	}
	jobs := states(t, a)
	if len(jobs) != 10 {
		t.Fatalf("%d states, want 10", len(jobs))
	}
	results, kept := compareFollowing(t, jobs)
	if kept < 20 {
		t.Errorf("%d packages were kept, want 20 at least", kept)
	}
	// What this is about happens: what no test reaches comes and goes with a test
	// of the package alone, and a call to api.Logf is judged by api's fact.
	var untested, printf string
	for _, res := range results {
		rules := map[string]bool{}
		for _, m := range res.Head.Measures {
			rules[m.Rule] = true
		}
		untested += map[bool]string{true: "x", false: "."}[rules["untested-export"]]
		printf += map[bool]string{true: "x", false: "."}[rules["vet/printf"]]
	}
	if want := "......x..."; untested != want {
		t.Errorf("untested-export in the states %s, want %s", untested, want)
	}
	if want := "xx........"; printf != want {
		t.Errorf("vet/printf in the states %s, want %s", printf, want)
	}
}

// TestFollowRepository does the same with ten of the last fifty changes of a
// repository: BARRAISER_FOLLOW=DIR go test -run TestFollowRepository. It takes
// minutes, so it runs only where it is asked for.
func TestFollowRepository(t *testing.T) {
	repo := os.Getenv("BARRAISER_FOLLOW")
	if repo == "" {
		t.Skip("BARRAISER_FOLLOW names no repository")
	}
	git := func(args ...string) string {
		out, err := exec.Command("git", append([]string{"-C", repo}, args...)...).Output()
		if err != nil {
			t.Fatalf("git %s: %v", args[0], err)
		}
		return string(out)
	}
	chain := strings.Fields(git("rev-list", "--first-parent", "--max-count=50", "HEAD"))
	slices.Reverse(chain)
	var jobs []Job
	for i := range 10 {
		commit := chain[(i+1)*len(chain)/10-1]
		dir := t.TempDir()
		if out, err := exec.Command("sh", "-c", `git -C "$0" archive "$1" | tar -x -C "$2"`, repo, commit, dir).CombinedOutput(); err != nil {
			t.Fatalf("write %s: %s", commit, out)
		}
		jobs = append(jobs, Job{Head: dir, Follow: true})
	}
	compareFollowing(t, jobs)
}

// compareFollowing judges the jobs in a series and each alone.
func compareFollowing(t *testing.T, jobs []Job) (results []*Result, kept int) {
	t.Helper()
	cache := t.TempDir()
	o := testOptions(t, "judge")
	o.Cache = cache
	for _, j := range jobs {
		o.Trees = append(o.Trees, j.Head)
	}
	s, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	looked := 0
	for i, j := range jobs {
		got, err := s.Judge(t.Context(), j)
		if err != nil {
			t.Fatalf("state %d: %v", i, err)
		}
		results = append(results, got)
		kept += got.Kept
		looked += got.Packages
		j.Follow = false
		fresh := testOptions(t, "judge")
		fresh.Cache = cache
		alone, err := Judge(t.Context(), j, fresh)
		if err != nil {
			t.Fatalf("state %d, alone: %v", i, err)
		}
		if len(alone.Head.Measures) == 0 || alone.Kept > 0 {
			t.Fatalf("state %d, alone: %d measures, %d packages kept", i, len(alone.Head.Measures), alone.Kept)
		}
		if diff := cmp.Diff(render(alone), render(got)); diff != "" {
			t.Errorf("state %d (-alone +following):\n%s", i, diff)
		}
		if diff := cmp.Diff(alone.Lines, got.Lines); diff != "" {
			t.Errorf("state %d, lines (-alone +following):\n%s", i, diff)
		}
		t.Logf("state %d: %d of %d packages kept, %d measures", i, got.Kept, got.Packages, len(got.Head.Measures))
	}
	t.Logf("%d of %d packages kept", kept, looked)
	return results, kept
}

// states writes each state of the archive out.
func states(t *testing.T, a *txtar.Archive) []Job {
	t.Helper()
	writes, deletes := map[int]map[string][]byte{}, map[int][]string{}
	last := 0
	for line := range strings.Lines(string(a.Comment)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "delete" {
			n, err := strconv.Atoi(f[1])
			if err != nil {
				t.Fatal(err)
			}
			deletes[n] = append(deletes[n], f[2])
			last = max(last, n)
		}
	}
	for _, f := range a.Files {
		state, rel, _ := strings.Cut(f.Name, "/")
		n, err := strconv.Atoi(state)
		if err != nil {
			t.Fatal(err)
		}
		if writes[n] == nil {
			writes[n] = map[string][]byte{}
		}
		writes[n][rel] = f.Data
		last = max(last, n)
	}
	var jobs []Job
	now := map[string][]byte{}
	for n := range last + 1 {
		maps.Copy(now, writes[n])
		for _, rel := range deletes[n] {
			delete(now, rel)
		}
		dir := filepath.Join(t.TempDir(), fmt.Sprint(n))
		for rel, data := range now {
			name := filepath.Join(dir, filepath.FromSlash(rel))
			if err := os.MkdirAll(filepath.Join(dir, filepath.FromSlash(path.Dir(rel))), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, data, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		jobs = append(jobs, Job{Head: dir, Follow: true})
	}
	return jobs
}

// TestFollowDependency: where a module moves to another version, what names of it what
// stays is kept.
func TestFollowDependency(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/follow/dependency.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	before, after := filepath.Join(dir, "before"), filepath.Join(dir, "after")
	writeOut(t, archive, dir)
	if err := os.CopyFS(after, os.DirFS(before)); err != nil {
		t.Fatal(err)
	}
	moved := `module example.com/main

go 1.21

require example.com/kin v1.1.0
`
	sums := `example.com/kin v1.1.0 h1:f7NzifdEY6G+c1YnC0TCuivupecPl0VMl1VupKzC9SU=
example.com/kin v1.1.0/go.mod h1:1lQWv2YRUaq4L5cfeXGLlAR7iv57HlnJR7nHgXYUGCg=
`
	for name, data := range map[string]string{"go.mod": moved, "go.sum": sums} {
		if err := os.WriteFile(filepath.Join(after, name), []byte(data), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	o, _, _ := downloaded(t, after, before)
	quietGo(t)
	t.Setenv("GOMODCACHE", o.Toolchain.ModCache)

	s, _, _ := laboratory{}.judge(t, Job{Head: before, Follow: true}, nil)
	s, _, _ = laboratory{}.judge(t, Job{Head: after, Follow: true}, s)
	kept := map[string]bool{}
	for id, n := range s.listings["."].nodes {
		if name, ok := strings.CutPrefix(id, "example.com/main/"); ok {
			kept[name] = s.keeps(n)
		}
	}
	want := map[string]bool{
		"stays": true, "narrow": true, "above": true,
		"ends": false, "wide": false, "method": false,
	}
	if diff := cmp.Diff(want, kept); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
}
