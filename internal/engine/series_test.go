package engine

import (
	"testing"

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
