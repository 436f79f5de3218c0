package git

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestContributors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	base := f.commitAs("before", 1, "base", files{"x.go": "package x\n"})
	f.commitAs("ann", 2, "Plain\n\nSigned-off-by: Sid <sid@example.com>\nReviewed-by: Rae <rae@example.com>", files{"x.go": "package y\n"})
	f.git("checkout", "--quiet", "-b", "nested", base)
	f.commitAs("ben", 3, "Squashed\n\nco-authored-by: Cat <CAT@example.com>\n\n* more\n\nCo-Authored-By : Dan <dan@example.com>\nCo-authored-by: gus@example.com\nCo-authored-by: Nameless\nCo-authored-by:\n",
		files{"y.go": "package x\n"})
	f.git("checkout", "--quiet", "main")
	f.as("eve", 4, "merge", "--quiet", "--no-ff", "--message", "Merge", "nested")
	f.git("-c", "user.name=Committer", "-c", "user.email=committer@example.com", "commit", "--quiet", "--allow-empty", "--author=Fay <fay@example.com>", "--message", "Applied")

	got, err := f.open().Contributors(t.Context(), base, f.git("rev-parse", "HEAD"))
	want := Contributors{
		Authors: []Person{
			{"Nameless", ""}, {"ann", "ann@example.com"}, {"ben", "ben@example.com"}, {"Cat", "cat@example.com"},
			{"Dan", "dan@example.com"}, {"eve", "eve@example.com"}, {"Fay", "fay@example.com"}, {"", "gus@example.com"},
		},
		Committers: []Person{{"Committer", "committer@example.com"}},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Contributors() = %v (-want +got):\n%s", err, diff)
	}
	if got, err := f.open().Contributors(t.Context(), base, base); err != nil || len(got.Authors)+len(got.Committers) != 0 {
		t.Errorf("Contributors(same, same) = %v, %v", got, err)
	}

	// A co-author behind more text than is read must not go unseen.
	long := "Long\n\n" + strings.Repeat("x\n", maxMessage/2) + "Co-authored-by: Hal <hal@example.com>\n"
	tree := f.git("rev-parse", "HEAD^{tree}")
	commit := f.gitIn(long, "commit-tree", "-p", base, tree)
	if got, err := f.open().Contributors(t.Context(), base, commit); err == nil {
		t.Errorf("Contributors(long message) = %v, want an error", got)
	}
}

// A changed line of a revert, one case each. The base is "ab", where b changed
// the file x.go; the names say what head is.
func TestRevertOf(t *testing.T) {
	t.Parallel()
	lines := func(s ...string) string { return strings.Join(s, "\n") + "\n" }
	f := newFixture(t)
	f.commitAs("ann", 1, "First", files{"x.go": lines("1", "2", "3", "4", "5", "6", "7", "8", "9"), "keep.go": "package x\n"})
	f.commitAs("ann", 2, "Change x (#1)", files{"x.go": lines("1", "two", "3", "4", "5", "6", "7", "8", "9"), "new.go": "package x\n"})
	target := f.git("rev-parse", "HEAD")
	f.git("checkout", "--quiet", "-b", "topic")
	f.commitAs("ben", 3, "On a topic", files{"t.go": "package x\n"})
	f.commitAs("ben", 3, "On a topic still", files{"t.go": "package x\n\nvar T int\n"})
	f.git("checkout", "--quiet", "main")
	f.as("eve", 4, "merge", "--quiet", "--no-ff", "--message", "Merge pull request #2 from ben/topic\n\nAdd T", "topic")
	merge := f.git("rev-parse", "HEAD")
	base := f.commitAs("cat", 5, "Elsewhere in the file", files{"x.go": lines("1", "two", "3", "4", "5", "6", "7", "8", "nine")})
	aside := f.commitAs("cat", 5, "Not on the base", files{"x.go": "other\n"})

	reverted := files{"x.go": lines("1", "2", "3", "4", "5", "6", "7", "8", "nine")}
	for _, test := range []struct {
		name, message string
		content       files
		removed       []string
		want          string
	}{
		{"clean", "Revert \"Change x\"\n\nThis reverts commit " + target + ".", reverted, []string{"new.go"}, target},
		{"abbreviated", "This reverts commit " + target[:9] + ", for now", reverted, []string{"new.go"}, target},
		{"by its title", "Revert \"Change x (#1)\" (#9)", reverted, []string{"new.go"}, target},
		{"merge", "This reverts commit " + merge + ", reversing\nchanges made to " + target + ".", nil, []string{"t.go"}, merge},
		{"merge by its title", "Revert \"Add T\"", nil, []string{"t.go"}, merge},
		{"without saying so", "Tidy up", reverted, []string{"new.go"}, ""},
		{"a file too few", "This reverts commit " + target + ".", reverted, nil, ""},
		{"a file too many", "This reverts commit " + target + ".", files{"x.go": reverted["x.go"], "keep.go": "package y\n"}, []string{"new.go"}, ""},
		{"a line too many", "This reverts commit " + target + ".", files{"x.go": reverted["x.go"] + "10\n"}, []string{"new.go"}, ""},
		{"later change gone too", "This reverts commit " + target + ".", files{"x.go": lines("1", "2", "3", "4", "5", "6", "7", "8", "9")}, []string{"new.go"}, ""},
		{"commit that the base has not", "This reverts commit " + aside + ".", reverted, []string{"new.go"}, ""},
		{"commit that nobody has", "This reverts commit " + strings.Repeat("1", 40) + ".", reverted, []string{"new.go"}, ""},
		{"other title", "Revert \"Change y\"", reverted, []string{"new.go"}, ""},
		{"nothing", "This reverts commit " + target + ".", nil, nil, ""},
		{"merge of which one commit stays", "This reverts commit " + merge + ".", files{"t.go": "package x\n"}, nil, ""},
	} {
		f.git("checkout", "--quiet", "--force", base)
		for _, name := range test.removed {
			f.remove(name)
		}
		head := f.commitAs("dan", 6, test.message, test.content)
		got, err := f.open().RevertOf(t.Context(), base, head)
		if err != nil || got != test.want {
			t.Errorf("%s: RevertOf() = %q, %v, want %q", test.name, got, err, test.want)
		}
	}
}

// A conflict, a file that is no text, a mode and the first commit of all.
func TestRevertOfOdd(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	root := f.commitAs("ann", 1, "First", files{"a": "1\n", "b": "\x00old", "c": "1\n2\n3\n4\n5\n"})
	target := f.commitAs("ann", 2, "Target", files{"a": "2\n", "b": "\x00new", "c": "1\ntwo\n3\n4\n5\n"})
	base := f.commitAs("ben", 3, "Over it", files{"a": "3\n"})
	revert := func(commit string, change func()) string {
		f.git("checkout", "--quiet", "--force", base)
		change()
		return f.commitAs("dan", 4, "This reverts commit "+commit+".", nil)
	}
	for _, test := range []struct {
		name, commit string
		change       func()
		want         string
	}{
		{"conflict", target, func() { f.write(files{"a": "1\n", "b": "\x00old", "c": "1\n2\n3\n4\n5\n"}) }, ""},
		{"root", root, func() { f.remove("a"); f.remove("b"); f.remove("c") }, ""},
	} {
		if got, err := f.open().RevertOf(t.Context(), base, revert(test.commit, test.change)); err != nil || got != test.want {
			t.Errorf("%s: RevertOf() = %q, %v, want %q", test.name, got, err, test.want)
		}
	}
	base = target
	head := revert(target, func() { f.write(files{"a": "1\n", "b": "\x00old", "c": "1\n2\n3\n4\n5\n"}) })
	if got, err := f.open().RevertOf(t.Context(), base, head); err != nil || got != target {
		t.Errorf("no text: RevertOf() = %q, %v, want %q", got, err, target)
	}
	base = root
	head = revert(root, func() { f.remove("a"); f.remove("b"); f.remove("c") })
	if got, err := f.open().RevertOf(t.Context(), base, head); err != nil || got != root {
		t.Errorf("the first commit: RevertOf() = %q, %v, want %q", got, err, root)
	}
}

func TestMergeFile(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.commit(files{"x": "x\n"})
	r := f.open()
	for _, test := range []struct {
		name, from, ours, theirs, want string
		clean                          bool
	}{
		{"both", "1\n2\n3\n4\n5\n", "one\n2\n3\n4\n5\n", "1\n2\n3\n4\nfive\n", "one\n2\n3\n4\nfive\n", true},
		{"conflict", "1\n", "2\n", "3\n", "", false},
		{"no text", "\x001", "\x002", "\x003", "", false},
	} {
		got, clean, err := r.mergeFile(t.Context(), []byte(test.from), []byte(test.ours), []byte(test.theirs))
		if err != nil || clean != test.clean || clean && string(got) != test.want {
			t.Errorf("%s: mergeFile() = %q, %t, %v, want %q, %t", test.name, got, clean, err, test.want, test.clean)
		}
	}
}

func TestCoAuthorsStops(t *testing.T) {
	for p := range coAuthors("Co-authored-by: A <a@x>\nCo-authored-by: B <b@x>\n") {
		if p.Name != "A" {
			t.Errorf("coAuthors() goes on to %v", p)
		}
		break
	}
	if got := slices.Collect(coAuthors("no trailer\nCo-authored-by: <>\n")); len(got) != 0 {
		t.Errorf("coAuthors() = %v, want none", got)
	}
}
