package engine

import (
	"errors"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/mod/modfile"
)

// workspace returns the modules that the tree's go.work uses, as directories
// relative to the root, or nil where there is no go.work that stays inside the
// tree.
func workspace(read func(rel string) ([]byte, error)) []string {
	data, err := read("go.work")
	if err != nil {
		return nil
	}
	f, err := modfile.ParseWork("go.work", data, nil)
	if err != nil {
		return nil
	}
	var dirs []string
	for _, u := range f.Use {
		if !filepath.IsLocal(filepath.FromSlash(u.Path)) {
			return nil
		}
		dirs = append(dirs, filepath.ToSlash(filepath.Clean(u.Path)))
	}
	for _, r := range f.Replace {
		if outside(".", r.New.Path, r.New.Version) {
			return nil
		}
	}
	return dirs
}

// ownWorkspace writes the tree's workspace to a folder of its own, since the go
// command adds to go.work.sum the checksums that the modules' own go.sum files
// lack, and the tree may be read-only. Repositories like Prometheus commit no
// go.work.sum. A vendored workspace stays where its vendor folder lies; the go
// command writes no sums there.
func ownWorkspace(root string) (file string, done func(), err error) {
	if vendored(readIn(root), ".") {
		return filepath.Join(root, "go.work"), func() {}, nil
	}
	data, err := os.ReadFile(filepath.Join(root, "go.work"))
	if err != nil {
		return "", nil, err
	}
	f, err := modfile.ParseWork("go.work", data, nil)
	if err != nil {
		return "", nil, err
	}
	var uses []*modfile.Use
	within := func(dir string) string { return filepath.ToSlash(filepath.Join(root, filepath.FromSlash(dir))) }
	for _, dir := range workspace(readIn(root)) {
		uses = append(uses, &modfile.Use{Path: within(dir)})
	}
	f.SetUse(uses)
	for _, r := range slices.Clone(f.Replace) {
		if r.New.Version == "" && modfile.IsDirectoryPath(r.New.Path) {
			err = errors.Join(err, f.AddReplace(r.Old.Path, r.Old.Version, within(r.New.Path), ""))
		}
	}
	f.Cleanup()
	dir, errDir := os.MkdirTemp("", "workspace-")
	if err = errors.Join(err, errDir); err != nil {
		return "", nil, err
	}
	file, done = filepath.Join(dir, "go.work"), func() { _ = os.RemoveAll(dir) }
	err = os.WriteFile(file, modfile.Format(f.Syntax), 0o600)
	if sums, errSums := readIn(root)("go.work.sum"); errSums == nil {
		err = errors.Join(err, os.WriteFile(file+".sum", sums, 0o600))
	}
	if err != nil {
		done()
		return "", nil, err
	}
	return file, done, nil
}
