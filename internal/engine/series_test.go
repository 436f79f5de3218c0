package engine

import (
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/barraiser/barraiser/internal/debt"
)

// TestSeries: a job in a series is judged as it is alone, whatever was judged
// before it, also where the head of one job is the base of the next.
func TestSeries(t *testing.T) {
	t.Parallel()
	files := []string{"api", "foreign", "modules", "coverage"}
	var jobs []Job
	for _, file := range files {
		a, err := txtar.ParseFile("testdata/" + file + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		j := job(t, a)
		jobs = append(jobs, j, backwards(j), j)
	}
	o := testOptions(t, "judge")
	for _, j := range jobs {
		o.Trees = append(o.Trees, j.Base, j.Head)
	}
	s, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i, j := range jobs {
		got, err := s.Judge(t.Context(), j)
		if err != nil {
			t.Fatalf("job %d: %v", i, err)
		}
		alone := judgeFor(t, j)
		if diff := cmp.Diff(render(alone), render(got)); diff != "" {
			t.Errorf("%s, job %d (-alone +in the series):\n%s", files[i/3], i%3, diff)
		}
		if diff := cmp.Diff(alone.Impact, got.Impact); diff != "" {
			t.Errorf("%s, job %d: impact (-alone +in the series):\n%s", files[i/3], i%3, diff)
		}
	}
}

// TestSeriesForgets: what neither of two jobs imports is gone in the next, and so is
// the job before the last, or a year of them would be held at its end.
func TestSeriesForgets(t *testing.T) {
	t.Parallel()
	var alive atomic.Int64
	var last *session
	l := laboratory{cache: t.TempDir()}
	for i, want := range []bool{true, true, false} { // a job holds what the one before it had
		dir := t.TempDir()
		src := "package p\n"
		if i == 0 {
			src += "\nimport _ \"encoding/csv\"\n"
		}
		for name, content := range map[string]string{"go.mod": "module ex.com/m\n\ngo 1.24\n", "p.go": src, "p_windows.go": "package p\n"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		last, _, _ = l.judge(t, Job{Head: dir}, last)
		alive.Add(1)
		runtime.AddCleanup(last, func(int) { alive.Add(-1) }, 0)
		got := slices.ContainsFunc(slices.Collect(maps.Values(last.byKey)), func(n *node) bool { return n.path == "encoding/csv" })
		if got != want {
			t.Errorf("job %d: encoding/csv is there: %t, want %t", i, got, want)
		}
	}
	for tries := 0; alive.Load() > 1; tries++ {
		if tries == 1000 {
			t.Errorf("%d sessions are held, want the last one", alive.Load())
			break
		}
		runtime.GC()
		time.Sleep(10 * time.Millisecond) // cleanups run some time after the collection
	}
	runtime.KeepAlive(last)
}

// backwards swaps base and head.
func backwards(j Job) Job {
	var files []debt.FileChange
	for _, f := range j.Files {
		if _, unread := j.Unread[f.New]; !unread {
			files = append(files, debt.FileChange{Old: f.New, New: f.Old})
		}
	}
	j.Base, j.Head, j.Files, j.Unread = j.Head, j.Base, files, nil
	return j
}
