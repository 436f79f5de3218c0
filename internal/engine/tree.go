package engine

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/mod/modfile"
)

// tree is one side of the job.
type tree struct {
	side string // "base" or "head"
	root string // "" where the job has no such side
	err  error  // a part of it cannot be read: nothing may be said of the rest

	packed  *packedTree // nil: the tree is a folder
	writing sync.Once
	unready error // why the packed tree could not be written out

	modules map[string]error // directories with a go.mod, and why one is refused
	files   []string         // .go files, relative

	judged  map[string]bool   // files that the checks saw, with types
	broken  map[string]string // files of packages that do not type-check, and why
	foreign map[string]bool   // broken files that only another platform builds
	dirErr  map[string]string // folders that go list could not make a package of

	described sync.Map // folder of a module → *listedModule: see module

	// Sources are read once: twin is the tree that holds the same content in all
	// Go files but the touched ones.
	twin    *tree
	touched map[string]bool
	sources sync.Map // .go file → source text
	hashes  sync.Map // .go file → contentHash
	folders sync.Map // folder and platform → *folder: see scan

	portables sync.Map // folder → bool: see portable

	byFolderOnce sync.Once
	byFolder     map[string][]string // names of the Go files
}

func openTree(side, root string, packed *packedTree) *tree {
	t := &tree{
		side: side, root: root, packed: packed, modules: map[string]error{},
		judged: map[string]bool{}, broken: map[string]string{}, dirErr: map[string]string{},
		foreign: map[string]bool{},
	}
	if root == "" {
		return t
	}
	if packed != nil {
		for _, rel := range slices.Sorted(maps.Keys(packed.files)) {
			t.add(rel)
		}
		return t
	}
	t.err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return nil
		}
		t.add(filepath.ToSlash(rel))
		return nil
	})
	return t
}

// add takes a file in.
func (t *tree) add(rel string) {
	switch {
	case strings.HasSuffix(rel, ".go"):
		t.files = append(t.files, rel)
	case path.Base(rel) == "go.mod" && exclusionByPath(rel) == "":
		t.modules[path.Dir(rel)] = checkModule(t.read, path.Dir(rel))
	}
}

// folder makes sure that the tree lies in its folder, where the go command can
// see it.
func (t *tree) folder() error {
	t.writing.Do(func() {
		if t.packed != nil {
			t.unready = t.packed.writeOut(t.root)
		}
	})
	return t.unready
}

func (t *tree) owns(dir string) bool {
	_, ok := t.rel(dir)
	return ok
}

// read returns a file's content, which must not be changed. Go files stay in
// memory, for the many who read them.
func (t *tree) read(rel string) ([]byte, error) {
	if !strings.HasSuffix(rel, ".go") {
		return t.readAnew(rel)
	}
	if t.shares(rel) {
		if src, err := t.twin.read(rel); err == nil {
			return src, nil
		}
	}
	if src, ok := t.sources.Load(rel); ok {
		return src.([]byte), nil
	}
	src, err := t.readAnew(rel)
	if err == nil {
		t.sources.Store(rel, src)
	}
	return src, err
}

func (t *tree) readAnew(rel string) ([]byte, error) {
	if t.packed != nil {
		return t.packed.read(rel)
	}
	return readIn(t.root)(rel)
}

// readIn reads files of a folder.
func readIn(root string) func(rel string) ([]byte, error) {
	return func(rel string) ([]byte, error) { return os.ReadFile(filepath.Join(root, filepath.FromSlash(rel))) }
}

// shares reports whether the twin has a Go file with the same content at the
// path, if this tree has one.
func (t *tree) shares(rel string) bool { return t.twin != nil && !t.touched[rel] }

// moduleOf returns the folder of the nearest go.mod at or above the folder.
func (t *tree) moduleOf(dir string) (string, bool) {
	for {
		if _, ok := t.modules[dir]; ok {
			return dir, true
		}
		if dir == "." {
			return "", false
		}
		dir = path.Dir(dir)
	}
}

// unit is a run of go list: a module, or a workspace with all its modules.
type listUnit struct {
	dir     string   // where go list runs: the module, or the root for a workspace
	modules []string // the folders of its modules
}

// units groups the tree's modules.
func (t *tree) units() []listUnit {
	var units []listUnit
	inWorkspace := map[string]bool{}
	if used := workspace(t.read); len(used) > 0 {
		u := listUnit{dir: "."}
		for _, dir := range used {
			if err, ok := t.modules[dir]; ok && err == nil {
				u.modules = append(u.modules, dir)
				inWorkspace[dir] = true
			}
		}
		units = append(units, u)
	}
	for _, dir := range slices.Sorted(maps.Keys(t.modules)) {
		if !inWorkspace[dir] && t.modules[dir] == nil {
			units = append(units, listUnit{dir: dir, modules: []string{dir}})
		}
	}
	return units
}

// needs returns the folders of the modules that the module in dir replaces a
// dependency by.
func (t *tree) needs(dir string) []string {
	data, err := t.read(path.Join(dir, "go.mod"))
	if err != nil {
		return nil
	}
	f, err := modfile.Parse("go.mod", data, nil)
	if err != nil {
		return nil
	}
	var dirs []string
	for _, r := range f.Replace {
		if r.New.Version == "" && modfile.IsDirectoryPath(r.New.Path) {
			dirs = append(dirs, path.Join(dir, filepath.ToSlash(r.New.Path)))
		}
	}
	return dirs
}

// ignoresFolders reports whether the module's go.mod takes folders out of it.
func (t *tree) ignoresFolders(dir string) bool {
	data, err := t.read(path.Join(dir, "go.mod"))
	if err != nil {
		return false
	}
	f, err := modfile.Parse("go.mod", data, nil)
	return err != nil || len(f.Ignore) > 0
}

// patterns are all packages of the unit's modules that the tree has.
func (u listUnit) patterns(t *tree) []string {
	var out []string
	for _, dir := range u.modules {
		if t.has(dir) {
			out = append(out, u.pattern(dir)+"/...")
		}
	}
	return out
}

// pattern names a folder or file of the tree as go list wants it in the unit.
func (u listUnit) pattern(rel string) string {
	if u.dir != "." {
		rel = strings.TrimPrefix(strings.TrimPrefix(rel, u.dir), "/")
	}
	if rel == "" || rel == "." {
		return "."
	}
	return "./" + rel
}

// has reports whether the tree has a usable module in the folder.
func (t *tree) has(module string) bool {
	err, ok := t.modules[module]
	return ok && err == nil
}

func (t *tree) hasFileIn(dir string) bool {
	return slices.ContainsFunc(t.files, func(f string) bool { return path.Dir(f) == dir })
}

// rel returns an absolute folder relative to the tree.
func (t *tree) rel(dir string) (string, bool) { return relative(dir, t.root) }

// relative returns a folder inside of the root relative to it, with forward
// slashes.
func relative(dir, root string) (string, bool) {
	rest, ok := cutDir(dir, root)
	if !ok || root == "" {
		return "", false
	}
	return path.Clean("./" + filepath.ToSlash(rest)), true
}

// cutDir cuts a leading folder off a path; what is left begins with a
// separator or is empty.
func cutDir(name, dir string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(name, dir)
	return rest, ok && (rest == "" || rest[0] == filepath.Separator)
}
