package engine

import (
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/barraiser/barraiser/internal/analyzers"
)

// modules reads the module files of both sides. One that does not parse on the
// one side is left out on both.
func (s *session) modules() (base, head []analyzers.Module) {
	files := map[*tree]map[string]*modfile.File{s.base: {}, s.head: {}}
	bad := map[string]bool{}
	for t, byDir := range files {
		for dir := range t.modules {
			data, err := t.read(path.Join(dir, "go.mod"))
			if err != nil {
				bad[dir] = true
				continue
			}
			f, err := modfile.Parse("go.mod", data, nil)
			if err != nil || f.Module == nil {
				bad[dir] = true
				continue
			}
			byDir[dir] = f
		}
	}
	known := map[string]analyzers.KnownModule{}
	of := func(t *tree) (out []analyzers.Module) {
		for _, dir := range slices.Sorted(maps.Keys(files[t])) {
			if bad[dir] {
				continue
			}
			m := analyzers.Module{Dir: dir, File: files[t][dir], Known: map[string]analyzers.KnownModule{}}
			for _, r := range m.File.Require {
				if r.Indirect {
					continue
				}
				if _, ok := known[r.Mod.Path]; !ok {
					known[r.Mod.Path] = cachedModule(os.Getenv("GOMODCACHE"), r.Mod.Path)
				}
				m.Known[r.Mod.Path] = known[r.Mod.Path]
			}
			out = append(out, m)
		}
		return out
	}
	return of(s.base), of(s.head)
}

// maxModFile bounds what is read of one file of the module cache.
const maxModFile = 16 << 20 // as the go command does

// cachedModule looks a module up in the module cache: which versions of it are
// there or were listed, and what the newest of them says.
func cachedModule(cache, modulePath string) analyzers.KnownModule {
	escaped, err := module.EscapePath(modulePath)
	if err != nil || cache == "" {
		return analyzers.KnownModule{}
	}
	dir := filepath.Join(cache, "cache", "download", filepath.FromSlash(escaped), "@v")
	var all, withFile []string
	add := func(to *[]string, escaped string) {
		v, err := module.UnescapeVersion(escaped)
		if err == nil && semver.IsValid(v) && !module.IsPseudoVersion(v) {
			*to = append(*to, v)
		}
	}
	if list, err := readSome(filepath.Join(dir, "list")); err == nil {
		for v := range strings.FieldsSeq(string(list)) {
			add(&all, v)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return analyzers.KnownModule{} // not in the cache
	}
	for _, e := range entries {
		if v, ok := strings.CutSuffix(e.Name(), ".mod"); ok {
			add(&all, v)
			add(&withFile, v)
		}
	}
	released := func(v string) bool { return semver.Prerelease(v) == "" }
	known := analyzers.KnownModule{Released: slices.ContainsFunc(all, released)}
	if slices.ContainsFunc(withFile, released) { // releases go before pre-releases
		withFile = slices.DeleteFunc(withFile, func(v string) bool { return !released(v) })
	}
	if len(withFile) == 0 {
		return known
	}
	latest := slices.MaxFunc(withFile, semver.Compare)
	if name, err := module.EscapeVersion(latest); err == nil {
		if data, err := readSome(filepath.Join(dir, name+".mod")); err == nil {
			known.Latest, _ = modfile.ParseLax(latest+".mod", data, nil) // nil where it does not parse: not known
		}
	}
	return known
}

func readSome(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxModFile))
}
