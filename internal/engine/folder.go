package engine

import (
	"bytes"
	"errors"
	"go/build"
	"io"
	"io/fs"
	"path"
	"time"
)

// folder is what the go command reads of the Go files of one folder: names,
// package clauses, imports and build constraints, for one platform.
type folder struct {
	name                                  string // of the package
	files, ignored, tests, outerTests     []string
	imports, testImports, outerTestImport []string
	empty                                 bool   // no file is built
	odd                                   string // why only the go command can say what this is; "" where we can
}

// scan reads a folder of the tree: once for all platforms where no file of it bears
// a build constraint, else once for each.
func (t *tree) scan(dir string, to target) *folder {
	key := to.String() + " " + dir
	if f, ok := t.folders.Load(key); ok {
		return f.(*folder)
	}
	var f *folder
	switch {
	case t.twin != nil && !t.touchedFolder(dir) && len(t.twin.goFiles(dir)) == len(t.goFiles(dir)):
		f = t.twin.scan(dir, to)
	case !to.own() && !to.cgo && t.portable(dir):
		f = t.scan(dir, target{releases: to.releases})
	default:
		f = t.scanFolder(dir, to)
	}
	t.folders.Store(key, f)
	return f
}

// portable reports whether no Go file of the folder bears a build constraint.
func (t *tree) portable(dir string) bool {
	known, ok := t.portables.Load(dir)
	if !ok {
		known = portable(t.goFiles(dir), func(name string) ([]byte, error) { return t.read(path.Join(dir, name)) })
		t.portables.Store(dir, known)
	}
	return known.(bool)
}

// touchedFolder reports whether a Go file of the folder differs between the
// trees.
func (t *tree) touchedFolder(dir string) bool {
	for rel := range t.touched {
		if rel != "" && path.Dir(rel) == dir {
			return true
		}
	}
	return false
}

// goFiles lists the names of the Go files of a folder.
func (t *tree) goFiles(dir string) []string {
	t.byFolderOnce.Do(func() {
		t.byFolder = map[string][]string{}
		for _, rel := range t.files {
			t.byFolder[path.Dir(rel)] = append(t.byFolder[path.Dir(rel)], path.Base(rel))
		}
	})
	return t.byFolder[dir]
}

// scanFolder asks go/build, which the go command's own reading follows, and
// gives it the tree's files.
func (t *tree) scanFolder(dir string, to target) *folder {
	ctx := to.context()
	ctx.JoinPath = path.Join
	ctx.SplitPathList = func(string) []string { return nil }
	ctx.IsAbsPath = func(string) bool { return true }
	ctx.IsDir = func(string) bool { return true }
	ctx.HasSubdir = func(string, string) (string, bool) { return "", false }
	ctx.ReadDir = func(string) (infos []fs.FileInfo, err error) {
		for _, name := range t.goFiles(dir) {
			infos = append(infos, plainFile(name))
		}
		return infos, nil
	}
	ctx.OpenFile = func(name string) (io.ReadCloser, error) {
		src, err := t.read(path.Join(dir, path.Base(name)))
		return io.NopCloser(bytes.NewReader(src)), err
	}
	pkg, err := ctx.ImportDir("/"+dir, 0)
	f := &folder{
		name: pkg.Name, files: pkg.GoFiles, ignored: pkg.IgnoredGoFiles, tests: pkg.TestGoFiles, outerTests: pkg.XTestGoFiles,
		imports: pkg.Imports, testImports: pkg.TestImports, outerTestImport: pkg.XTestImports,
	}
	var none *build.NoGoError
	switch {
	case errors.As(err, &none):
		f.empty = true
	case err != nil:
		f.odd = firstLine(err.Error(), "")
	case len(pkg.InvalidGoFiles) > 0 || len(pkg.CgoFiles) > 0:
		f.odd = "a file of it does not parse, or imports \"C\""
	}
	return f
}

// plainFile is the name of a regular file, as fs.FileInfo.
type plainFile string

func (f plainFile) Name() string     { return string(f) }
func (plainFile) Size() int64        { return 0 }
func (plainFile) Mode() fs.FileMode  { return 0o444 }
func (plainFile) ModTime() time.Time { return time.Time{} }
func (plainFile) IsDir() bool        { return false }
func (plainFile) Sys() any           { return nil }
