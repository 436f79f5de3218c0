package impact

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNewHistory(t *testing.T) {
	test := func(path string) bool { return strings.HasSuffix(path, "_test.go") }
	// The newest first; the numbers are worked out by hand.
	steps := []Step{
		{Commit: "7", Authors: []string{"ann"}, Ranked: true, Files: []StepFile{{Path: "c.go", Added: 5}, {Path: "b.go", Added: 1}}},
		{Commit: "6", Authors: []string{"fay"}, Ranked: true},
		{Commit: "5", Authors: []string{"eve"}, Ranked: true, Files: []StepFile{{Path: "a_test.go", Added: 90}}},
		{Commit: "4", Authors: []string{"ben"}, Ranked: true, Files: []StepFile{{Path: "c.go", OldPath: "a.go", Added: 2}, {Path: "a_test.go", Added: 9}}},
		{Commit: "3", Authors: []string{"cat", "dan"}, Ranked: true, Files: []StepFile{{Path: "a.go", Added: 3}, {Path: "b.go", Added: 4}}},
		{Commit: "2", Authors: []string{"ann"}, Files: []StepFile{{Path: "a.go"}, {Path: "b.go"}}},
		{Commit: "1", Authors: []string{"ann"}, Files: []StepFile{{Path: "a.go"}, {Path: "a_test.go"}}},
	}
	want := History{Changes: []PastChange{
		// c.go was a.go: steps 1, 2, 3, 4; b.go: 2, 3. Ann, Ben, Cat, Dan.
		{Commit: "7", LinesAdded: 6, Files: 2, PriorChanges: 4, PriorAuthors: 4},
		{Commit: "6"},
		{Commit: "5"},
		{Commit: "4", LinesAdded: 2, Files: 1, PriorChanges: 3, PriorAuthors: 3},
		{Commit: "3", LinesAdded: 7, Files: 2, PriorChanges: 2, PriorAuthors: 1},
	}}
	got, priors := NewHistory(steps, test)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("NewHistory() (-want +got):\n%s", diff)
	}
	for _, tt := range []struct {
		name  string
		files []File
		want  PastChange
	}{
		{"nothing", nil, PastChange{}},
		{"edited", []File{{Old: "c.go", New: "c.go", Added: 8}}, PastChange{LinesAdded: 8, Files: 1, PriorChanges: 5, PriorAuthors: 4}},
		{"renamed", []File{{Old: "b.go", New: "d.go", Added: 1}}, PastChange{LinesAdded: 1, Files: 1, PriorChanges: 3, PriorAuthors: 3}},
		{"deleted", []File{{Old: "b.go", Deleted: 7}}, PastChange{Files: 1, PriorChanges: 3, PriorAuthors: 3}},
		{"added", []File{{New: "new.go", Added: 20}}, PastChange{LinesAdded: 20, Files: 1}},
		{"where a file was once", []File{{New: "a.go", Added: 20}}, PastChange{LinesAdded: 20, Files: 1}},
		{"two, each step once", []File{{Old: "b.go", New: "b.go"}, {Old: "c.go", New: "c.go"}}, PastChange{Files: 2, PriorChanges: 5, PriorAuthors: 4}},
		{"uncounted", []File{{Old: "c.go", New: "c.go", Added: 8, Uncounted: true}}, PastChange{}},
	} {
		if got := priors.Of(tt.files); got != tt.want {
			t.Errorf("%s: Of() = %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

// A step is measured as the change that it was before it went in.
func TestHistoryMeasuresAsOfDoes(t *testing.T) {
	var steps []Step
	for i := range 60 {
		s := Step{Commit: fmt.Sprint(i), Authors: []string{fmt.Sprint(i % 7)}, Ranked: true}
		for j := range i%4 + 1 {
			s.Files = append(s.Files, StepFile{Path: fmt.Sprint((i + j) % 11), Added: i})
		}
		steps = append([]Step{s}, steps...)
	}
	counted := func(string) bool { return false }
	all, _ := NewHistory(steps, counted)
	for i, s := range steps {
		_, before := NewHistory(steps[i+1:], counted)
		var files []File
		for _, f := range s.Files {
			files = append(files, File{Old: f.Path, New: f.Path, Added: f.Added})
		}
		got := before.Of(files)
		got.Commit = s.Commit
		if got != all.Changes[i] {
			t.Errorf("Of(step %s) = %+v, in the history %+v", s.Commit, got, all.Changes[i])
		}
	}
}
