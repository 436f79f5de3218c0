package git

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The releases of a mirror are those of the remote on commits that it has: no other
// tags, and nothing that only they lead to. Reviews do not see them.
func TestFetchReleases(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	annotated := func(name string) {
		f.git("-c", "user.name=T", "-c", "user.email=t@example.com", "tag", "--force", "--annotate", "--message", "x", name)
	}
	f.commit(files{"x.go": "package x\n"})
	f.git("tag", "v0.9.0")
	f.git("tag", "nightly")
	f.git("tag", "v1.0.0-rc.1")
	f.git("tag", "sub/v1.0.0")
	head := f.commit(files{"x.go": "package x\n\nvar A = 1\n"})
	annotated("v1.0.0")
	away := f.commit(files{"x.go": "package x\n\nvar B = 1\n"})
	f.git("tag", "v2.0.0") // not on what the mirror has
	h := serveGit(t, f)
	m := openMirror(t, t.TempDir(), h.address())
	if err := m.Fetch(t.Context(), []string{head}, withToken); err != nil {
		t.Fatal(err)
	}
	r := mirrorRepo(t, m)
	releases := func() (names []string) {
		t.Helper()
		if err := m.FetchReleases(t.Context(), withToken); err != nil {
			t.Fatal(err)
		}
		tags, err := r.DatedTags(t.Context(), head, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, tag := range tags {
			if tag.At.IsZero() {
				t.Errorf("%s has no time", tag.Name)
			}
			names = append(names, tag.Name)
		}
		slices.Sort(names)
		return names
	}
	if diff := cmp.Diff([]string{"v0.9.0", "v1.0.0"}, releases()); diff != "" {
		t.Errorf("the releases (-want +got):\n%s", diff)
	}
	if _, err := r.TreeOf(t.Context(), away); err == nil {
		t.Error("a commit came along that only a tag leads to")
	}
	if tags, err := r.Tags(t.Context(), head, ""); err != nil || len(tags) > 0 {
		t.Errorf("Tags() = %q, %v", tags, err)
	}
	fetched := h.fetches.Load()
	if releases(); h.fetches.Load() > fetched+1 { // the listing is one
		t.Errorf("%d requests for what is there", h.fetches.Load()-fetched)
	}

	// A tag that goes, and one that is another.
	f.git("tag", "--delete", "v0.9.0")
	f.git("checkout", "--quiet", head)
	annotated("v2.0.0")
	if diff := cmp.Diff([]string{"v1.0.0", "v2.0.0"}, releases()); diff != "" {
		t.Errorf("the releases later (-want +got):\n%s", diff)
	}

	h.Close()
	if err := m.FetchReleases(t.Context(), withToken); err == nil || !strings.HasPrefix(err.Error(), "fetch releases: ") {
		t.Errorf("FetchReleases() without the remote = %v", err)
	}
}
