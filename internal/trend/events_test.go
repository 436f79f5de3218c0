package trend

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/git"
	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
)

// branch makes commits, each with a file written (or removed, where there is no
// content) and perhaps tagged.
type branch struct {
	t   *testing.T
	dir string
}

func (b branch) git(day int, args ...string) {
	b.t.Helper()
	c := exec.Command("git", args...)
	at := time.Date(2026, 1, day, 12, 0, 0, 0, time.UTC).Format(time.RFC3339)
	c.Dir = b.dir
	c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull, "GIT_AUTHOR_DATE="+at, "GIT_COMMITTER_DATE="+at,
		"GIT_AUTHOR_NAME=Ann", "GIT_AUTHOR_EMAIL=ann@example.com", "GIT_COMMITTER_NAME=Ann", "GIT_COMMITTER_EMAIL=ann@example.com")
	if out, err := c.CombinedOutput(); err != nil {
		b.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func (b branch) commit(day int, file, content string, tags ...string) {
	b.t.Helper()
	name := filepath.Join(b.dir, file)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.git(day, "add", "--all")
	b.git(day, "commit", "-q", "-m", fmt.Sprint(day))
	for _, tag := range tags {
		b.git(day, "tag", tag)
	}
}

func TestEvents(t *testing.T) {
	b := branch{t, t.TempDir()}
	b.git(1, "init", "-q", "-b", "main")
	b.commit(1, "a.go", "package a\n", "v0.1.0")
	b.commit(3, "a.go", "package a // 3\n", "v1.0.0-rc.1", "nightly", "v2")
	b.commit(4, review.PolicyPath, "version: 1\n")
	b.commit(5, review.PolicyPath, "version: 1\n# words alone\n", "v1.0.0", "sub/v1.0.0")
	b.commit(6, review.PolicyPath, "version: 1\nmode: enforce\nmode: warn\n")
	b.commit(7, review.PolicyPath, "version: 1\nmode: warn\n")
	b.git(8, "tag", "-m", "made later", "v1.1.0")
	b.git(9, "switch", "-q", "-c", "other")
	b.commit(9, "a.go", "package a // 9\n", "v1.0.1") // not of main

	repo, err := git.Open(t.Context(), b.dir, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()
	on := func(day int) time.Time { return time.Date(2026, 1, day, 12, 0, 0, 0, time.UTC) }
	tip, err := repo.Resolve(t.Context(), "main")
	if err != nil {
		t.Fatal(err)
	}
	steps, err := repo.Steps(t.Context(), tip, on(2), "")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Events(t.Context(), repo, steps, on(2), nil, "")
	if err != nil {
		t.Fatal(err)
	}
	want := []debt.Event{
		{At: on(4), Kind: debt.ModeChanged, Name: "observe", Was: NoMode},
		{At: on(5), Kind: debt.Released, Name: "v1.0.0"},
		{At: on(6), Kind: debt.ModeChanged, Name: NoMode, Was: "observe"}, // the file does not hold
		{At: on(7), Kind: debt.ModeChanged, Name: "warn", Was: NoMode},
		{At: on(8), Kind: debt.Released, Name: "v1.1.0"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Events() (-want +got):\n%s", diff)
	}
	if got, err := Events(t.Context(), repo, nil, on(2), nil, ""); got != nil || err != nil {
		t.Errorf("Events(nothing) = %v, %v", got, err)
	}
}

// TestRisk: the newest quarter is held against the rest of the year, and what is
// older counts in neither.
func TestRisk(t *testing.T) {
	newest := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	year := func(added func(week int) int) (steps []git.Step) {
		for week := range 80 {
			for i := range 2 {
				at := newest.AddDate(0, 0, -7*week)
				steps = append(steps, git.Step{
					Commit: fmt.Sprint(week, i), When: at, Counted: week < 52, Authors: []string{"ann@example.com"},
					Files: []git.FileStat{{Path: fmt.Sprintf("f%d.go", i), Added: added(week)}},
				})
			}
		}
		return steps
	}
	larger := func(week int) int { return 10 + week%3 + map[bool]int{true: 40}[week < 13] }
	d, ok := Risk(year(larger))
	if !ok || d.Direction != impact.Rising || d.Recent != 26 || d.Earlier != 78 {
		t.Errorf("Risk() = %+v, %t, want rising, by 26 changes against 78", d, ok)
	}
	if d, ok := Risk(year(func(week int) int { return 10 + week%3 })); !ok || d.Direction != impact.Steady {
		t.Errorf("Risk() = %+v, %t of changes that are alike, want steady", d, ok)
	}
	if _, ok := Risk(year(larger)[:2*60]); ok {
		t.Error("Risk() says something of a branch of 60 weeks, whose first changes had nothing before them")
	}
	if _, ok := Risk(nil); ok {
		t.Error("Risk(nothing) says something")
	}
}

// TestRisks: each team is held against its own past, by the changes that touched its
// code, and of one with few changes nothing is said.
func TestRisks(t *testing.T) {
	newest := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	var steps []git.Step
	for week := range 80 {
		for i := range 4 {
			files := []git.FileStat{{Path: fmt.Sprintf("%s/f%d.go", []string{"pay", "ops"}[i%2], i), Added: 10 + week%3}}
			if i%2 == 0 && week < 13 {
				files[0].Added += 40
			}
			if week%20 == 0 {
				files = append(files, git.FileStat{Path: "rare/f.go", Added: 1}, git.FileStat{Path: "ops/notes.md", Added: 900})
			}
			at := newest.AddDate(0, 0, -7*week)
			steps = append(steps, git.Step{Commit: fmt.Sprint(week, i), When: at, Counted: week < 52, Authors: []string{"ann@example.com"}, Files: files})
		}
	}
	owners := debt.Owners{
		Team:  func(file string) string { return strings.Split(file, "/")[0] },
		Goals: func(file string) []string { return map[bool][]string{true: {"speed"}}[strings.HasPrefix(file, "pay/")] },
	}
	got := map[debt.Part]impact.Direction{}
	for part, d := range Risks(steps, owners) {
		got[part] = d.Direction
		if d.Recent+d.Earlier != 104 {
			t.Errorf("%v is judged by %d changes, want its own 104", part, d.Recent+d.Earlier)
		}
	}
	want := map[debt.Part]impact.Direction{
		{Division: debt.Teams, Name: "pay"}: impact.Rising, {Division: debt.Goals, Name: "speed"}: impact.Rising, {Division: debt.Teams, Name: "ops"}: impact.Steady,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Risks (-want +got):\n%s", diff)
	}
}
