package engine

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"
)

// known is what a run of `go list` taught of a unit that stays true for as long
// as its module files are the same.
type known struct {
	modules map[string]listedModule // those in the tree, by folder; without Dir
	deps    map[string]*listed      // packages outside of the tree, without variants
	more    *elsewhere              // finds those that are not there yet; may be nil
	found   bool                    // it did
	job     int                     // the last one of a series that asked
}

// dep returns a package from outside of the tree; nil where it is not known.
func (k *known) dep(importPath string) *listed {
	p := k.deps[importPath]
	if p == nil && k.more != nil {
		if p = k.more.find(importPath); p != nil {
			k.deps[importPath], k.found = p, true
		}
	}
	return p
}

// keptKnown is known as it is kept.
type keptKnown struct {
	Modules map[string]listedModule
	Deps    []*listed
}

// knownName names what is known of a unit: by its module files, by those of the modules
// in the tree that it replaces dependencies by, and by all that decides where packages
// lie and which files are built. Of the other modules it is where they begin that
// counts; in a workspace, all that they say.
func (s *session) knownName(t *tree, u listUnit, p platform) string {
	h := sha256.New()
	put := func(words ...string) { put(h, words...) }
	put("listing", s.job.Program, s.job.Toolchain, runtime.Version(), os.Getenv("GOROOT"), os.Getenv("GOMODCACHE"), p.String(), u.dir)
	put(u.modules...)
	all := slices.Sorted(maps.Keys(t.modules))
	put(all...)
	about := all
	if len(workspace(t.read)) == 0 {
		about = slices.Clone(u.modules)
		for _, dir := range u.modules {
			about = append(about, t.needs(dir)...)
		}
	}
	files := []string{"go.work", "go.work.sum"}
	for _, dir := range about {
		files = append(files, path.Join(dir, "go.mod"), path.Join(dir, "go.sum"))
	}
	for _, name := range files {
		data, err := t.read(name)
		put(name, fmt.Sprint(err == nil), string(data))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// assembles reports whether listings of this kind may be put together by us:
// the build tags that the go command sets must be those of this program, cgo
// adds imports of its own, and vendor folders have rules of their own.
func (s *session) assembles(t *tree, u listUnit, p platform) bool {
	if p.cgo || vendored(t.read, u.dir) || minorOf(s.job.Toolchain) != minorOf(runtime.Version()) {
		return false
	}
	for _, dir := range u.modules {
		if t.ignoresFolders(dir) {
			return false
		}
	}
	return true
}

// recallKnown returns what is known under a name, from this process or from the
// cache.
func (s *session) recallKnown(name string) *known {
	s.mu.Lock()
	k, ok := s.known[name]
	if ok {
		k.job = s.number
	}
	s.mu.Unlock()
	if ok {
		return k
	}
	data, ok := s.read(name)
	if !ok {
		return nil
	}
	var kept keptKnown
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&kept); err != nil {
		return nil
	}
	k = &known{modules: kept.Modules, deps: map[string]*listed{}}
	there := map[string]bool{}
	for _, p := range kept.Deps {
		if p.Module != nil && !there[p.Module.Dir] {
			if _, err := os.Stat(p.Module.Dir); err != nil {
				return nil // somebody cleaned the module cache
			}
			there[p.Module.Dir] = true
		}
		k.deps[p.ImportPath] = p
	}
	s.setKnown(name, k)
	return k
}

func (s *session) setKnown(name string, k *known) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k.job = s.number
	s.known[name] = k
}

// learn keeps what a listing of the go command's taught, beside what was known.
// One with errors about packages outside of the tree teaches nothing: what is
// missing may be there the next time.
func (s *session) learn(name string, l *listing) {
	if l.err != nil || len(l.missingModules()) > 0 {
		return
	}
	k := &known{modules: map[string]listedModule{}, deps: map[string]*listed{}}
	if before := s.recallKnown(name); before != nil {
		maps.Copy(k.modules, before.modules)
		maps.Copy(k.deps, before.deps)
	}
	for id, p := range l.pkgs {
		rel, inside := relative(p.Dir, l.root)
		switch {
		case inside && p.Module != nil:
			dir, ok := relative(p.Module.Dir, l.root)
			if !ok || !strings.HasPrefix(rel+"/", strings.TrimPrefix(dir+"/", "./")) {
				return
			}
			m := *p.Module
			m.Dir = ""
			k.modules[dir] = m
		case inside || p.testMain() || strings.Contains(id, " ") || p.Dir == "":
		case p.Error != nil && !harmless(p.Error.Err):
			return
		default:
			k.deps[id] = p
		}
	}
	s.keepKnown(name, k)
}

func (s *session) keepKnown(name string, k *known) {
	s.setKnown(name, k)
	kept := keptKnown{Modules: k.modules}
	for _, id := range slices.Sorted(maps.Keys(k.deps)) {
		kept.Deps = append(kept.Deps, k.deps[id])
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(kept); err == nil {
		s.write(name, b.Bytes())
	}
}
