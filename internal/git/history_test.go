package git

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// day is a time in the histories of these tests.
func day(n int) time.Time { return time.Date(2026, 1, n, 12, 0, 0, 0, time.UTC) }

// as runs git as somebody, at a day.
func (f *fixture) as(who string, n int, args ...string) string {
	f.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = f.dir
	when := day(n).Format(time.RFC3339)
	cmd.Env = append(os.Environ(),
		"GIT_AUTHOR_NAME="+who, "GIT_AUTHOR_EMAIL="+who+"@Example.com", "GIT_AUTHOR_DATE="+when,
		"GIT_COMMITTER_NAME="+who, "GIT_COMMITTER_EMAIL="+who+"@Example.com", "GIT_COMMITTER_DATE="+when)
	out, err := cmd.CombinedOutput()
	if err != nil {
		f.t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// commitAs commits all that is in the work tree, beside what is written.
func (f *fixture) commitAs(who string, n int, message string, content files) string {
	f.t.Helper()
	f.write(content)
	f.git("add", "--all")
	f.as(who, n, "commit", "--quiet", "--allow-empty", "--message", message)
	return f.git("rev-parse", "HEAD")
}

// history is a branch of five steps: two commits, a merge of three commits of
// two people, one that renames, and a merge that brought nothing.
func history(t *testing.T) (f *fixture, commits []string) {
	f = newFixture(t)
	add := func(commit string) { commits = append([]string{commit}, commits...) }
	long := "package x\n\nfunc F() {\n\tone()\n\ttwo()\n\tthree()\n}\n"
	add(f.commitAs("ann", 1, "First\n\nWith a body", files{"x.go": long, "data.bin": "\x00\x01"}))
	add(f.commitAs("ben", 2, "Second", files{"x.go": strings.Replace(long, "two()", "two(2)", 1)}))

	f.git("checkout", "--quiet", "-b", "topic")
	f.commitAs("cat", 3, "On the topic", files{"y.go": "package x\n"})
	f.git("checkout", "--quiet", "-b", "nested")
	f.commitAs("dan", 4, "Nested", files{"z.go": "package x\n\nvar Z int\n"})
	f.git("checkout", "--quiet", "topic")
	f.commitAs("cat", 4, "Meanwhile", files{"y.go": "package x\n\nvar Y int\n"})
	f.as("eve", 5, "merge", "--quiet", "--no-ff", "--message", "Merge nested", "nested")
	f.git("checkout", "--quiet", "main")
	f.as("eve", 6, "merge", "--quiet", "--no-ff", "--message", "Merge pull request #1 from cat/topic\n\nThe topic", "topic")
	add(f.git("rev-parse", "HEAD"))

	f.remove("x.go")
	add(f.commitAs("ann", 7, "Rename", files{"moved.go": strings.Replace(long, "two()", "two(3)", 1)}))
	empty := f.as("fay", 8, "commit-tree", "-p", "HEAD", "-p", "topic", "-m", "Nothing new", "HEAD^{tree}")
	f.git("reset", "--quiet", "--hard", empty)
	add(empty)
	return f, commits
}

func TestSteps(t *testing.T) {
	t.Parallel()
	f, c := history(t)
	want := []Step{
		{Commit: c[0], Parent: c[1], When: day(8), Authors: []string{"fay@example.com"}, Counted: true, Message: "Nothing new\n"},
		{Commit: c[1], Parent: c[2], When: day(7), Authors: []string{"ann@example.com"}, Counted: true, Message: "Rename\n",
			Files: []FileStat{{"moved.go", "x.go", 1, 1}}},
		{Commit: c[2], Parent: c[3], When: day(6), Authors: []string{"cat@example.com", "dan@example.com"}, Counted: true,
			Message: "Merge pull request #1 from cat/topic\n\nThe topic\n", Files: []FileStat{{"y.go", "", 3, 0}, {"z.go", "", 3, 0}}},
		{Commit: c[3], Parent: c[4], When: day(2), Authors: []string{"ben@example.com"}, Files: []FileStat{{Path: "x.go"}}},
		{Commit: c[4], When: day(1), Authors: []string{"ann@example.com"}, Files: []FileStat{{Path: "data.bin"}, {Path: "x.go"}}},
	}
	got, err := f.open().Steps(t.Context(), c[0], day(6), "")
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Steps() = %v (-want +got):\n%s", err, diff)
	}
	if s := got[2].Subject(); s != "Merge pull request #1 from cat/topic" {
		t.Errorf("Subject() = %q", s)
	}
}

// However a history comes out of the cache, it is the one that is read without.
func TestStepsFromCache(t *testing.T) {
	t.Parallel()
	f, c := history(t)
	r := f.open()
	steps := func(cache, tip string, since time.Time) []Step {
		t.Helper()
		s, err := r.Steps(t.Context(), tip, since, cache)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	corrupt := func(t *testing.T, cache string, change func([]byte) []byte) {
		entries, err := filepath.Glob(filepath.Join(cache, "*"))
		if err != nil || len(entries) == 0 {
			t.Fatalf("%d entries, %v", len(entries), err)
		}
		for _, e := range entries {
			data, err := os.ReadFile(e)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(e, change(data), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, test := range []struct {
		name string
		// before is the tip of the run before, and since when it counted.
		before string
		since  time.Time
		change func([]byte) []byte
	}{
		{name: "the same", before: c[0], since: day(2)},
		{name: "an older tip", before: c[2], since: day(2)},
		{name: "the root", before: c[4], since: day(1)},
		{name: "counted more", before: c[0], since: day(1)},
		{name: "counted less", before: c[1], since: day(7)},
		{name: "nothing counted", before: c[1], since: day(20)},
		{name: "one bit flipped", before: c[1], since: day(2), change: func(b []byte) []byte { b[len(b)/2] ^= 1; return b }},
		{name: "cut", before: c[1], since: day(2), change: func(b []byte) []byte { return b[:len(b)-1] }},
		{name: "empty", before: c[0], since: day(2), change: func([]byte) []byte { return nil }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cache := filepath.Join(t.TempDir(), "made", "when needed")
			steps(cache, test.before, test.since)
			if test.change != nil {
				corrupt(t, cache, test.change)
			}
			want := steps("", c[0], day(2))
			for range 2 { // the second finds what the first has kept
				got := steps(cache, c[0], day(2))
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("Steps() with a cache (-without +with):\n%s", diff)
				}
			}
		})
	}
}

// A kept entry is used: nothing else shows that the cache has a point.
func TestCacheIsRead(t *testing.T) {
	t.Parallel()
	f, c := history(t)
	r := f.open()
	cache := t.TempDir()
	h := historyCache{dir: cache, kind: "steps"}
	planted := []keptStep{{Plain: Step{Commit: c[3], Authors: []string{"planted"}}, Seen: true}}
	h.keep(c[3], planted)
	got, err := r.Steps(t.Context(), c[0], day(1), cache)
	if err != nil || len(got) != 4 || got[3].Authors[0] != "planted" || got[2].Authors[0] != "cat@example.com" {
		t.Errorf("Steps() = %+v, %v, want the planted step at the end", got, err)
	}
	// An entry of another history is not believed.
	other := t.TempDir()
	h.dir = other
	h.keep(c[2], planted)
	if got, err := r.Steps(t.Context(), c[0], day(1), other); err != nil || len(got) != 5 {
		t.Errorf("Steps() = %d steps, %v, want 5", len(got), err)
	}
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	h := historyCache{dir: t.TempDir(), kind: "test"}
	for i := range 4 {
		h.keep(fmt.Sprint(i), strings.Repeat("x", 1000))
		if err := os.Chtimes(h.file(fmt.Sprint(i)), day(1+i), day(1+i)); err != nil {
			t.Fatal(err)
		}
	}
	kept := filepath.Join(h.dir, "not ours")
	if err := os.WriteFile(kept, make([]byte, 5000), 0o600); err != nil {
		t.Fatal(err)
	}
	h.prune(2500)
	for i, want := range []bool{false, false, true, true} {
		var s string
		if got := h.recall(fmt.Sprint(i), &s); got != want {
			t.Errorf("recall(%d) = %t, want %t", i, got, want)
		}
	}
	if _, err := os.Stat(kept); err != nil {
		t.Error(err)
	}
}

func TestStepsOfShallowClone(t *testing.T) {
	t.Parallel()
	f, c := history(t)
	clone := f.clone("shallow", "--depth=3")
	r := clone.open()
	cache := t.TempDir()
	got, err := r.Steps(t.Context(), c[0], day(1), cache)
	if err != nil || len(got) != 2 || got[1].Commit != c[1] || len(got[1].Files) != 1 {
		t.Errorf("Steps() = %+v, %v, want the two steps whose parents are there", got, err)
	}
	if shallow, err := r.Shallow(); !shallow || err != nil {
		t.Errorf("Shallow() = %t, %v", shallow, err)
	}
	// What was cut is not taken from the cache for the whole, nor the reverse.
	clone.git("fetch", "--quiet", "--unshallow")
	got, err = clone.open().Steps(t.Context(), c[0], day(1), cache)
	if err != nil || len(got) != 5 {
		t.Errorf("Steps() = %d steps, %v, want 5", len(got), err)
	}
	if shallow, err := clone.open().Shallow(); shallow || err != nil {
		t.Errorf("Shallow() = %t, %v", shallow, err)
	}
}

func TestHistoryErrors(t *testing.T) {
	t.Parallel()
	clone, base, head := partialClone(t)
	r := clone.open()
	_, err := r.Steps(t.Context(), head, time.Time{}, "")
	if err == nil || !strings.Contains(err.Error(), "git fetch --refetch --no-filter origin") {
		t.Errorf("Steps() in a partial clone = %v, want what completes it", err)
	}
	_, err = r.Touches(t.Context(), head, time.Time{}, "")
	if err == nil || !strings.Contains(err.Error(), "git fetch --refetch --no-filter origin") {
		t.Errorf("Touches() in a partial clone = %v, want what completes it", err)
	}
	if _, err := r.Contributors(t.Context(), base, strings.Repeat("1", 40)); err == nil {
		t.Error("Authors(absent) = nil, want an error")
	}

	f, c := history(t)
	full := f.open()
	full.Limits.Entries = 1
	if _, err := full.Steps(t.Context(), c[0], day(20), ""); err == nil || !strings.Contains(err.Error(), "more than 1 changed files in one commit") {
		t.Errorf("Steps() over the limit = %v", err)
	}
	if _, err := full.Touches(t.Context(), c[0], day(1), ""); err == nil || !strings.Contains(err.Error(), "more than 1 changed files in one commit") {
		t.Errorf("Touches() over the limit = %v", err)
	}
	if _, err := full.RevertOf(t.Context(), c[1], c[1]); err != nil {
		t.Errorf("RevertOf(same, same) = %v", err)
	}
}

// Nothing that the repository names runs, and nothing in it changes.
func TestHistoryIsReadOnly(t *testing.T) {
	t.Parallel()
	f, c := history(t)
	program, sprung := trap(t)
	f.as("gil", 9, "revert", "--no-edit", c[1])
	revert := f.git("rev-parse", "HEAD")
	plain, err := f.open().Touches(t.Context(), revert, day(1), "")
	if err != nil {
		t.Fatal(err)
	}
	f.arm(program)
	before := onDisk(t, f.dir, true)
	r := f.open()
	steps, err := r.Steps(t.Context(), revert, day(1), t.TempDir())
	if err != nil || len(steps) != 6 || steps[2].Files[0] != (FileStat{"moved.go", "x.go", 1, 1}) {
		t.Errorf("Steps() = %+v, %v", steps, err)
	}
	touches, err := r.Touches(t.Context(), revert, day(1), t.TempDir())
	if diff := cmp.Diff(plain, touches); err != nil || diff != "" {
		t.Errorf("Touches() = %v (-without traps +with):\n%s", err, diff)
	}
	if got, err := r.RevertOf(t.Context(), c[0], revert); err != nil || got != c[1] {
		t.Errorf("RevertOf() = %s, %v, want %s", got, err, c[1])
	}
	if _, err := r.Contributors(t.Context(), c[2], revert); err != nil {
		t.Error(err)
	}
	if got := sprung(); got != "" {
		t.Errorf("a program of the repository ran: %s", got)
	}
	if diff := cmp.Diff(before, onDisk(t, f.dir, true)); diff != "" {
		t.Errorf("the repository changed (-before +after):\n%s", diff)
	}
}

func TestParseCommits(t *testing.T) {
	t.Parallel()
	a, b := strings.Repeat("a", 40), strings.Repeat("b", 40)
	rest := "n\x00e\x00cn\x00ce\x00"
	for _, test := range []struct {
		name, in string
		want     []commit
		fails    bool
	}{
		{name: "none", in: ""},
		{name: "two", in: a + "\x00" + b + " " + b + "\x007\x00" + rest + "m\n\x00\n" + b + "\x00\x00\x00" + rest + "\x00\n", want: []commit{
			{hash: a, parents: []string{b, b}, when: time.Unix(7, 0).UTC(), author: Person{"n", "e"}, committer: Person{"cn", "ce"}, message: "m\n"},
			{hash: b, parents: []string{}, author: Person{"n", "e"}, committer: Person{"cn", "ce"}},
		}},
		{name: "long message", in: a + "\x00\x007\x00" + rest + strings.Repeat("m", maxMessage+1) + "\x00\n", want: []commit{
			{hash: a, parents: []string{}, when: time.Unix(7, 0).UTC(), author: Person{"n", "e"}, committer: Person{"cn", "ce"}, message: strings.Repeat("m", maxMessage), cut: true},
		}},
		{name: "no time of this world", in: a + "\x00\x0099999999999999\x00" + rest + "\x00\n", want: []commit{
			{hash: a, parents: []string{}, author: Person{"n", "e"}, committer: Person{"cn", "ce"}},
		}},
		{name: "no hash", in: "x\x00\x007\x00" + rest + "\x00\n", fails: true},
		{name: "broken off", in: a + "\x00\x007\x00n", fails: true},
		{name: "broken off in the message", in: a + "\x00\x007\x00" + rest + "m", fails: true},
		{name: "long name", in: a + "\x00\x007\x00" + strings.Repeat("n", maxRecord+1) + "\x00", fails: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got []commit
			err := parseCommits(bufio.NewReaderSize(strings.NewReader(test.in), 16), true, func(c commit) error {
				got = append(got, c)
				return nil
			})
			if (err != nil) != test.fails {
				t.Errorf("parseCommits() = %v, want error: %t", err, test.fails)
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(commit{})); diff != "" {
				t.Errorf("parseCommits() (-want +got):\n%.2000s", diff)
			}
		})
	}
}

func FuzzParseStats(f *testing.F) {
	a, b := strings.Repeat("a", 40), strings.Repeat("b", 40)
	raw := ":100644 100644 " + a + " " + b
	for _, seed := range []string{
		"",
		a + "\x00" + raw + " M\x00x\x00" + "1\t2\tx\x00" + b + "\x00",
		a + "\x00" + raw + " R086\x00x\x00y\x00" + raw + " M\x00z\x00" + "1\t2\t\x00x\x00y\x00-\t-\tz\x00",
		a + "\x00" + raw + " M\x00x\x00" + "1\t2\ty\x00",
		a + "\x00" + "1\t2\ty\x00",
		raw + " M\x00x\x00",
		a + "\x00" + raw + " R086\x00x\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		const limit = 3
		err := parseStats(bytes.NewReader(in), limit, func(commit string, files []FileStat) error {
			if !validOID(commit) || len(files) > limit {
				t.Errorf("parseStats(%q) has %d files of %q", in, len(files), commit)
			}
			for _, f := range files {
				if f.Path == "" || min(f.Added, f.Deleted) < 0 {
					t.Errorf("parseStats(%q) has file %+v", in, f)
				}
			}
			return nil
		})
		_ = err
		_ = parseEdits(bytes.NewReader(in), limit, func(commit string, e edit) {
			if !validOID(commit) || !churned(e.Path) {
				t.Errorf("parseEdits(%q) has edit %+v of %q", in, e, commit)
			}
		})
	})
}

func FuzzParseCommits(f *testing.F) {
	a := strings.Repeat("a", 40)
	for _, seed := range []string{
		"", a + "\x00" + a + "\x007\x00n\x00e\x00cn\x00ce\x00m\n\nCo-authored-by: B <b@example.com>\n\x00\n", a + "\x00\x00x\x00\x00\x00\x00\x00\x00\n", "\n\n" + a,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		_ = parseCommits(bufio.NewReaderSize(bytes.NewReader(in), 16), true, func(c commit) error {
			if !validOID(c.hash) || c.when.Year() > 9999 || len(c.message) > maxMessage {
				t.Errorf("parseCommits(%q) has commit %+v", in, c)
			}
			for p := range coAuthors(c.message) {
				if p == (Person{}) || strings.ContainsAny(p.Name+p.Email, "\n") {
					t.Errorf("coAuthors(%q) has %+v", c.message, p)
				}
			}
			return nil
		})
	})
}
