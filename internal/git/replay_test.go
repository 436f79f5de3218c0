package git

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lines is a file of numbered lines, with some replaced. An empty replacement
// deletes the line.
func lines(n int, replaced map[int]string) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		text, ok := replaced[i]
		switch {
		case !ok:
			b.WriteString("line " + string(rune('a'+i%26)) + strings.Repeat("i", i) + "\n")
		case text != "":
			b.WriteString(text + "\n")
		}
	}
	return b.String()
}

// Each case makes a base, a change on it that was signed off, and what became of
// the two. It returns the old head, the new base and the new head.
func TestReplay(t *testing.T) {
	t.Parallel()
	plain := lines(30, nil)
	mine := lines(30, map[int]string{5: "mine"})
	onBase := lines(30, map[int]string{25: "base"})
	both := lines(30, map[int]string{5: "mine", 25: "base"})
	block := "if err != nil {\n\treturn err\n}\n"
	twice := block + lines(20, nil) + block

	for _, test := range []struct {
		name  string
		start files
		steps func(f *fixture) (head, newBase, newHead string)
		clean bool
		why   string
	}{
		{"the same commit", files{"x.go": plain}, func(f *fixture) (string, string, string) {
			base := f.git("rev-parse", "HEAD")
			head := f.commit(files{"x.go": mine})
			return head, base, head
		}, true, ""},
		{"the same tree in another commit", files{"x.go": plain}, func(f *fixture) (string, string, string) {
			base := f.git("rev-parse", "HEAD")
			head := f.commit(files{"x.go": mine})
			f.git("commit", "--quiet", "--amend", "--message", "another message")
			return head, base, f.git("rev-parse", "HEAD")
		}, true, ""},
		{"rebased", files{"x.go": plain}, func(f *fixture) (string, string, string) {
			head := branch(f, files{"x.go": mine, "new.go": "n\n"})
			newBase := f.commit(files{"x.go": onBase, "other.go": "o\n"})
			f.git("checkout", "--quiet", "topic")
			f.git("rebase", "--quiet", "main")
			return head, newBase, f.git("rev-parse", "HEAD")
		}, true, ""},
		{"rebased with a conflict that was resolved", files{"x.go": plain}, func(f *fixture) (string, string, string) {
			head := branch(f, files{"x.go": mine})
			newBase := f.commit(files{"x.go": lines(30, map[int]string{5: "theirs"})})
			f.git("checkout", "--quiet", "-b", "again")
			return head, newBase, f.commit(files{"x.go": lines(30, map[int]string{5: "mine and theirs"})})
		}, false, `"x.go" was also changed on the base, and the two do not give what it is now`},
		{"rebased, and one more line", files{"x.go": plain}, func(f *fixture) (string, string, string) {
			head := branch(f, files{"x.go": mine})
			newBase := f.commit(files{"x.go": onBase})
			return head, newBase, f.commit(files{"x.go": both + "evil\n"})
		}, false, `"x.go" was also changed on the base, and the two do not give what it is now`},
		{"rebased, and one more file", files{"x.go": plain}, func(f *fixture) (string, string, string) {
			head := branch(f, files{"x.go": mine})
			newBase := f.commit(files{"x.go": onBase})
			return head, newBase, f.commit(files{"x.go": both, "evil.go": "e\n"})
		}, false, `"evil.go" was changed as well`},
		{"rebased, and one file less", files{"x.go": plain, "y.go": plain}, func(f *fixture) (string, string, string) {
			head := branch(f, files{"x.go": mine, "y.go": mine})
			newBase := f.commit(files{"z.go": "z\n"})
			return head, newBase, f.commit(files{"x.go": mine})
		}, false, `"y.go" was changed again`},
		{"the base merged in", files{"x.go": plain}, func(f *fixture) (string, string, string) {
			head := branch(f, files{"x.go": mine})
			newBase := f.commit(files{"x.go": onBase})
			f.git("checkout", "--quiet", "topic")
			f.git("merge", "--quiet", "--no-edit", "main")
			return head, newBase, f.git("rev-parse", "HEAD")
		}, true, ""},
		{"the base merged in, with an edit in the merge", files{"x.go": plain}, func(f *fixture) (string, string, string) {
			head := branch(f, files{"x.go": mine})
			newBase := f.commit(files{"x.go": onBase})
			f.git("checkout", "--quiet", "topic")
			f.git("merge", "--quiet", "--no-commit", "main")
			return head, newBase, f.commit(files{"x.go": lines(30, map[int]string{5: "mine", 15: "evil", 25: "base"})})
		}, false, `"x.go" was also changed on the base, and the two do not give what it is now`},
		{"the same lines deleted in another place", files{"x.go": twice}, func(f *fixture) (string, string, string) {
			base := f.git("rev-parse", "HEAD")
			head := branch(f, files{"x.go": strings.TrimPrefix(twice, block)})
			return head, base, f.commit(files{"x.go": strings.TrimSuffix(twice, block)})
		}, false, `"x.go" was changed again`},
		{"the file renamed on the base, and the change merged there", files{"x.go": plain}, func(f *fixture) (string, string, string) {
			head := branch(f, files{"x.go": mine})
			f.git("mv", "x.go", "moved.go")
			newBase := f.commit(nil)
			f.git("checkout", "--quiet", "topic")
			f.git("merge", "--quiet", "--no-edit", "main")
			if f.git("show", "HEAD:moved.go")+"\n" != mine {
				f.t.Fatal("git did not follow the rename: the test proves nothing")
			}
			return head, newBase, f.git("rev-parse", "HEAD")
		}, false, `"moved.go" was changed as well`},
		{"the change came to the base in another way", files{"x.go": plain}, func(f *fixture) (string, string, string) {
			head := branch(f, files{"x.go": mine})
			newBase := f.commit(files{"x.go": mine})
			return head, newBase, f.git("commit-tree", "-m", "m", "-p", newBase, newBase+"^{tree}")
		}, true, ""},
		{"made executable since", files{"x.sh": plain}, func(f *fixture) (string, string, string) {
			base := f.git("rev-parse", "HEAD")
			head := f.commit(files{"x.sh": mine})
			f.git("update-index", "--chmod=+x", "x.sh")
			f.git("commit", "--quiet", "--message", "m")
			return head, base, f.git("rev-parse", "HEAD")
		}, false, `"x.sh" was changed again`},
		{"nothing changed, then something", files{"x.go": plain}, func(f *fixture) (string, string, string) {
			base := f.git("rev-parse", "HEAD")
			head := f.commit(nil)
			return head, base, f.commit(files{"x.go": mine})
		}, false, `"x.go" was changed as well`},
		{"a binary file changed on both sides", files{"x.bin": "\x00" + plain}, func(f *fixture) (string, string, string) {
			head := branch(f, files{"x.bin": "\x00" + mine})
			newBase := f.commit(files{"x.bin": "\x00" + onBase})
			return head, newBase, f.commit(files{"x.bin": "\x00" + both})
		}, false, `"x.bin" was also changed on the base, and the two do not give what it is now`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			base := f.commit(test.start)
			head, newBase, newHead := test.steps(f)
			r := f.open()
			clean, why, err := r.Replay(t.Context(), base, head, newBase, newHead)
			if err != nil || clean != test.clean || why != test.why {
				t.Errorf("Replay() = %v, %q, %v, want %v, %q", clean, why, err, test.clean, test.why)
			}
			// What holds one way holds back: a force push to what was there before.
			back, _, err := r.Replay(t.Context(), newBase, newHead, base, head)
			if err != nil || test.clean && test.name != "the change came to the base in another way" && !back {
				t.Errorf("Replay() back = %v, %v", back, err)
			}
		})
	}
}

// branch commits a change on a branch "topic", and goes back to main.
func branch(f *fixture, content files) string {
	f.t.Helper()
	f.git("checkout", "--quiet", "-b", "topic")
	head := f.commit(content)
	f.git("checkout", "--quiet", "main")
	return head
}

func TestReplayUnknown(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	base := f.commit(files{"x.go": "package x\n"})
	_, _, err := f.open().Replay(t.Context(), base, base, base, strings.Repeat("a", 40))
	if err == nil {
		t.Error("Replay() of an unknown commit succeeded")
	}
}

func TestCommitsBetween(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	start := f.commit(files{"x.go": "1\n"})
	side := branch(f, files{"y.go": "1\n"})
	first := f.commit(files{"x.go": "2\n"})
	f.git("merge", "--quiet", "--no-edit", "topic")
	merge := f.git("rev-parse", "HEAD")
	last := f.commit(files{"x.go": "3\n"})
	r := f.open()

	for _, test := range []struct {
		after, upTo string
		want        []string
	}{
		{start, last, []string{first, merge, last}},
		{merge, last, []string{last}},
		{last, last, nil},
		{last, start, nil},
		{side, last, []string{first, merge, last}}, // forced elsewhere
	} {
		got, err := r.CommitsBetween(t.Context(), test.after, test.upTo, 10)
		if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
			t.Errorf("CommitsBetween(%.7s, %.7s) = %v (-want +got):\n%s", test.after, test.upTo, err, diff)
		}
	}
	if got, err := r.CommitsBetween(t.Context(), start, last, 2); !errors.Is(err, ErrManyCommits) {
		t.Errorf("CommitsBetween() of three, with two at most = %v, %v", got, err)
	}
}
