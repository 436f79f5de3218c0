package git

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestResolve(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	first := f.commit(files{"x.go": "package x\n"})
	f.git("tag", "--annotate", "--message", "t", "v1.0.0")
	second := f.commit(files{"x.go": "package y\n"})
	f.git("branch", "feature/a")
	f.git("replace", first, second) // what is published counts
	r := f.open()

	for rev, want := range map[string]string{
		"HEAD": second, "HEAD~1": first, "v1.0.0": first, "main": second, "feature/a": second,
		first: first, first[:10]: first, "main@{0}": second,
	} {
		if got, err := r.Resolve(t.Context(), rev); err != nil || got != want {
			t.Errorf("Resolve(%q) = %s, %v, want %s", rev, got, err, want)
		}
	}
	output := filepath.Join(t.TempDir(), "x")
	for _, rev := range []string{
		"", "nothing", "--output=" + output, "-h", "--all", "^HEAD", "HEAD~1..HEAD", "HEAD:x.go", "HEAD^{tree}",
		"a\x00b", "a\nb", "HEAD --all", strings.Repeat("1", 40), "HEAD^{commit", "--git-dir", "@{upstream}",
	} {
		got, err := r.Resolve(t.Context(), rev)
		if err == nil {
			t.Errorf("Resolve(%q) = %s, want an error", rev, got)
		}
		if unknown, ok := errors.AsType[*UnknownRevisionError](err); ok && unknown.Rev != rev {
			t.Errorf("Resolve(%q) says %v", rev, err)
		}
	}
	if _, err := r.Resolve(t.Context(), "nothing"); err == nil ||
		err.Error() != `"nothing" names no commit of this repository; if it is on the remote, git fetch brings it` {
		t.Errorf("Resolve(nothing) = %v", err)
	}
	if _, err := os.Stat(output); err == nil {
		t.Error("a revision was taken as an option")
	}
	if got, err := r.TreeOf(t.Context(), first); err != nil || got != f.git("--no-replace-objects", "rev-parse", first+"^{tree}") {
		t.Errorf("TreeOf() = %s, %v", got, err)
	}
}

func TestDefaultBranch(t *testing.T) {
	t.Parallel()
	type setup struct {
		name    string
		remotes []string
		refs    []string          // all at the one commit
		symrefs map[string]string // as git clone records HEAD
		want    string            // "": an error
	}
	for _, test := range []setup{
		{name: "cloned", remotes: []string{"origin"}, refs: []string{"refs/remotes/origin/develop", "refs/remotes/origin/main"},
			symrefs: map[string]string{"refs/remotes/origin/HEAD": "refs/remotes/origin/develop"}, want: "origin/develop"},
		{name: "head points nowhere", remotes: []string{"origin"}, refs: []string{"refs/remotes/origin/master"},
			symrefs: map[string]string{"refs/remotes/origin/HEAD": "refs/remotes/origin/gone"}, want: "origin/master"},
		{name: "only remote", remotes: []string{"forge"}, refs: []string{"refs/remotes/forge/trunk"},
			symrefs: map[string]string{"refs/remotes/forge/HEAD": "refs/remotes/forge/trunk"}, want: "forge/trunk"},
		{name: "origin before upstream", remotes: []string{"origin", "upstream"},
			refs: []string{"refs/remotes/origin/main", "refs/remotes/upstream/main"}, want: "origin/main"},
		{name: "upstream", remotes: []string{"mine", "upstream"}, refs: []string{"refs/remotes/mine/main", "refs/remotes/upstream/main"}, want: "upstream/main"},
		{name: "no likely remote", remotes: []string{"a", "b"}, refs: []string{"refs/remotes/a/main", "refs/heads/main"}, want: "main"},
		{name: "main before master", remotes: []string{"origin"}, refs: []string{"refs/remotes/origin/main", "refs/remotes/origin/master"}, want: "origin/main"},
		{name: "remote before local", remotes: []string{"origin"}, refs: []string{"refs/remotes/origin/master", "refs/heads/main"}, want: "origin/master"},
		{name: "local", refs: []string{"refs/heads/master"}, want: "master"},
		{name: "longer names", remotes: []string{"origin"}, refs: []string{"refs/remotes/origin/main/x", "refs/heads/main/x"}},
		{name: "ambiguous", remotes: []string{"origin"}, refs: []string{"refs/remotes/origin/main", "refs/tags/origin/main"}, want: "remotes/origin/main"},
		{name: "none"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, "--initial-branch=work")
			f.commit(nil)
			for _, remote := range test.remotes {
				f.git("remote", "add", remote, "https://example.com/"+remote)
			}
			for _, ref := range test.refs {
				f.git("update-ref", ref, "HEAD")
			}
			for name, target := range test.symrefs {
				f.git("symbolic-ref", name, target)
			}
			got, err := f.open().DefaultBranch(t.Context())
			if got != test.want || (err == nil) != (test.want != "") {
				t.Errorf("DefaultBranch() = %q, %v, want %q", got, err, test.want)
			}
			if err != nil && !strings.Contains(err.Error(), "--base") {
				t.Errorf("error %q does not say what to do", err)
			}
		})
	}
}

func TestMergeBase(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	fork := f.commit(nil)
	f.commit(nil)
	f.git("branch", "feature", fork)
	f.git("checkout", "--quiet", "feature")
	f.git("commit", "--quiet", "--allow-empty", "--message", "on the branch")
	f.git("checkout", "--quiet", "--orphan", "unrelated")
	f.git("commit", "--quiet", "--allow-empty", "--message", "another beginning")
	r := f.open()

	if got, err := r.MergeBase(t.Context(), "main", "feature"); err != nil || got != fork {
		t.Errorf("MergeBase(main, feature) = %s, %v, want %s", got, err, fork)
	}
	if got, err := r.MergeBase(t.Context(), fork, fork); err != nil || got != fork {
		t.Errorf("MergeBase(same, same) = %s, %v, want %s", got, err, fork)
	}
	if got, err := r.MergeBase(t.Context(), strings.Repeat("1", 40), strings.Repeat("1", 40)); err == nil {
		t.Errorf("MergeBase(absent, absent) = %s, want an error", got)
	}
	_, err := r.MergeBase(t.Context(), "main", "unrelated")
	want := &NoMergeBaseError{A: "main", B: "unrelated"}
	if none, ok := errors.AsType[*NoMergeBaseError](err); !ok || *none != *want {
		t.Errorf("MergeBase(main, unrelated) = %v", err)
	}
	for _, rev := range []string{strings.Repeat("1", 40), "--all", "nothing", ""} {
		_, err := r.MergeBase(t.Context(), "main", rev)
		if err == nil || !strings.HasPrefix(err.Error(), "find the merge base of main and") {
			t.Errorf("MergeBase(main, %q) = %v", rev, err)
		}
	}
}

func TestResolveShallow(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	first := f.commit(nil)
	f.commit(nil)
	clone := f.clone("shallow", "--depth=1")
	for _, rev := range []string{"HEAD~1", first} {
		_, err := clone.open().Resolve(t.Context(), rev)
		want := strconv.Quote(rev) + " names no commit of this shallow clone; if it is on the remote, git fetch --unshallow brings it"
		if err == nil || err.Error() != want {
			t.Errorf("Resolve(%s) = %v, want %s", rev, err, want)
		}
	}
	clone.git("fetch", "--quiet", "--unshallow")
	if got, err := clone.open().Resolve(t.Context(), "HEAD~1"); got != first || err != nil {
		t.Errorf("Resolve(HEAD~1) = %s, %v, want %s", got, err, first)
	}
}

// The message of a shallow clone names the command that mends it.
func TestMergeBaseShallow(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	fork := f.commit(nil)
	f.git("branch", "feature")
	main := f.commit(nil)
	f.git("checkout", "--quiet", "feature")
	f.git("commit", "--quiet", "--allow-empty", "--message", "on the branch")
	feature := f.git("rev-parse", "HEAD")
	clone := f.clone("shallow", "--depth=1", "--no-single-branch")
	r := clone.open()

	_, err := r.MergeBase(t.Context(), main, feature)
	none, ok := errors.AsType[*NoMergeBaseError](err)
	if !ok || !none.Shallow {
		t.Fatalf("MergeBase() = %v, want a shallow clone", err)
	}
	_, mend, ok := strings.Cut(err.Error(), "run: git ")
	if !ok || mend != "fetch --unshallow origin" {
		t.Fatalf("MergeBase() = %v", err)
	}
	clone.git(strings.Fields(mend)...)
	if got, err := r.MergeBase(t.Context(), main, feature); err != nil || got != fork {
		t.Errorf("MergeBase() = %s, %v after %s, want %s", got, err, mend, fork)
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.commit(nil)
	f.git("tag", "v0.9.0")
	f.git("-c", "user.name=T", "-c", "user.email=t@example.com", "tag", "--annotate", "--message", "made now, long after the commits", "sub/v1.0.0")
	head := f.commit(nil)
	f.commit(nil)
	f.git("tag", "v2.0.0") // not in the past of head
	r := f.open()
	cache := t.TempDir()
	for _, folder := range []string{"", cache, cache} {
		got, err := r.Tags(t.Context(), head, folder)
		if diff := cmp.Diff([]string{"sub/v1.0.0", "v0.9.0"}, got); err != nil || diff != "" {
			t.Errorf("Tags() = %v, the newest first (-want +got):\n%s", err, diff)
		}
	}
	dated, err := r.DatedTags(t.Context(), head, cache)
	if err != nil || len(dated) != 2 || dated[1].At.IsZero() || dated[0].At.Before(dated[1].At) {
		t.Errorf("DatedTags() = %v, %v, want both with their times", dated, err)
	}
	f.git("tag", "--delete", "v0.9.0")
	if got, err := r.Tags(t.Context(), head, cache); err != nil || len(got) != 1 {
		t.Errorf("Tags() = %v, %v once one of them is gone", got, err)
	}
	if _, err := r.Tags(t.Context(), "nothing", cache); err == nil || !strings.HasPrefix(err.Error(), "list the tags of nothing: git ") {
		t.Errorf("Tags(nothing) = %v", err)
	}
}

// TestTagsSince: what is found from a kept answer on is what the whole history says.
func TestTagsSince(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	annotate := func(name, what string) { f.git("tag", "--annotate", "--message", "m", name, what) }
	base := f.commit(files{"x": "x"})
	f.git("tag", "v1.0.0")
	f.git("checkout", "--quiet", "-b", "side")
	f.commit(files{"side": "s"})
	annotate("on-side", "HEAD")
	annotate("of-on-side", "on-side") // a tag of a tag
	f.commit(files{"side": "not merged"})
	annotate("unmerged", "HEAD")
	f.git("checkout", "--quiet", "main")
	f.git("merge", "--quiet", "--no-ff", "--message", "m", "side~1")
	f.git("tag", "v1.1.0")
	f.git("tag", "blob", "HEAD:x")
	f.git("tag", "late", base) // on a commit of the kept answer, as all that is in it
	head := f.commit(nil)

	cache := t.TempDir()
	if got, err := f.open().Tags(t.Context(), base, cache); err != nil || len(got) != 2 {
		t.Fatalf("Tags(base) = %v, %v, want 2", got, err)
	}
	want, err := f.open().DatedTags(t.Context(), head, "")
	if err != nil || len(want) != 5 {
		t.Fatalf("DatedTags(head) = %v, %v, want 5", want, err)
	}
	for range 2 {
		got, err := f.open().DatedTags(t.Context(), head, cache)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("DatedTags(head) after those of base: %v (-whole +since):\n%s", err, diff)
		}
	}
}

func TestNoCommits(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	r := f.open()
	if _, err := r.Resolve(t.Context(), "HEAD"); err == nil {
		t.Error("Resolve(HEAD) has no error")
	}
	if _, err := r.DefaultBranch(t.Context()); err == nil {
		t.Error("DefaultBranch() has no error")
	}
	empty, err := r.WorkingTree(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	f.write(files{"x.go": "package x\n"})
	tree, err := r.WorkingTree(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	changes, err := r.Diff(t.Context(), empty, tree)
	if err != nil || len(changes) != 1 || changes[0].Status != Added || changes[0].NewPath != "x.go" {
		t.Errorf("Diff() = %+v, %v", changes, err)
	}
}
