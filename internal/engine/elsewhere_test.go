package engine

import (
	"path"
	"path/filepath"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// TestElsewhere: what is known of the machine's own platform is enough to say what
// the go command says of others, and of files alone; of a repository that is named,
// on all platforms.
func TestElsewhere(t *testing.T) {
	quietGo(t)
	toolchain, err := FindToolchain(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOMODCACHE", toolchain.ModCache)
	t.Setenv("GOROOT", toolchain.Root)
	a, err := txtar.ParseFile("testdata/listing/variants.txtar")
	if err != nil {
		t.Fatal(err)
	}
	small := job(t, a).Head
	others := []platform{
		{os: "windows", arch: "amd64"}, {os: "js", arch: "wasm"}, {os: "linux", arch: "386"}, {tags: []string{"special"}},
	}
	// Of programs for ios without cgo the go command says less.
	all := slices.DeleteFunc(slices.Clone(platforms), func(p platform) bool { return p.os == "ios" })
	for root, on := range map[string][]platform{small: append(others, all...), "../..": others[:2], *otherTree: all} {
		if root == "" {
			continue
		}
		t.Run(filepath.Base(root), func(t *testing.T) {
			eachUnit(t, root, func(s *session, u listUnit, patterns []string) {
				host := list(t.Context(), s.head.root, u.dir, platform{}, true, patterns)
				s.learn(s.knownName(s.head, u, platform{}), host)
				for _, p := range on {
					compareElsewhere(t, s, u, p, nil)
				}
				for _, rel := range alone(s, u) {
					compareElsewhere(t, s, u, platform{}, &group{alone: rel, files: map[string]map[string]bool{"head": {rel: true}}})
				}
			})
		})
	}
}

// alone lists the files of the unit that are programs of their own.
func alone(s *session, u listUnit) (out []string) {
	for _, rel := range s.head.files {
		src, err := s.head.read(rel)
		dir, ok := s.head.moduleOf(path.Dir(rel))
		if p, satisfied := satisfy(rel, src); err == nil && ok && slices.Contains(u.modules, dir) && satisfied && slices.Contains(p.tags, "ignore") {
			out = append(out, rel)
		}
	}
	return out
}

func compareElsewhere(t *testing.T, s *session, u listUnit, p platform, g *group) {
	t.Helper()
	k, to, why := s.knownOf(s.knownName(s.head, u, p), s.head, u, p)
	if k == nil || k.more == nil && !p.own() {
		t.Errorf("%s: nothing is known of %s: %s", u.dir, p, why)
		return
	}
	got, why := s.assemble(s.head, u, to, g, k)
	want := list(t.Context(), s.head.root, u.dir, p, true, g.patterns(s.head, u))
	if got == nil {
		if missing := want.missingModules(); len(missing) == 0 && *otherTree == "" {
			t.Errorf("%s on %s: %s", u.dir, p, why)
		}
		t.Logf("%s on %s is not put together: %s", u.dir, p, why)
		return
	}
	if diff := gocmp.Diff(lines(want), lines(got)); diff != "" {
		t.Errorf("listing of %s on %s (-go list +put together):\n%s", u.dir, p, diff)
	}
}
