package git

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// A disk tells what is at a path of a work tree. It lists each folder once,
// which for a large repository is ten times cheaper than a look at each file,
// and it does not see files behind a folder that was replaced by a symbolic
// link: to git, these are deleted.
type disk struct {
	root    *os.Root
	folders map[string]folder
}

// A folder has the kinds (fs.FileMode.Type) of what is in it. It is nil where
// there is no such folder.
type folder map[string]fs.FileMode

// absent is a kind that no file has.
const absent = fs.ModeType

// kind returns the type of a slash-separated path, 0 for a regular file.
func (d *disk) kind(name string) (fs.FileMode, error) {
	dir, base := path.Split(name)
	f, err := d.list(path.Clean(dir))
	if err != nil || f == nil {
		return absent, err
	}
	if kind, ok := f[base]; ok {
		return kind, nil
	}
	// The file system may know the name in another spelling (upper case,
	// another encoding of an accent) than the one that it lists.
	info, err := d.root.Lstat(filepath.FromSlash(name))
	if errors.Is(err, fs.ErrNotExist) {
		return absent, nil
	}
	if err != nil {
		return absent, err
	}
	return info.Mode().Type(), nil
}

func (d *disk) list(dir string) (folder, error) {
	if f, ok := d.folders[dir]; ok {
		return f, nil
	}
	f, err := d.read(dir)
	if err != nil {
		return nil, err
	}
	d.folders[dir] = f
	return f, nil
}

func (d *disk) read(dir string) (folder, error) {
	if dir != "." {
		kind, err := d.kind(dir)
		if err != nil || kind != fs.ModeDir {
			return nil, err
		}
	}
	open, err := d.root.Open(filepath.FromSlash(dir))
	if err != nil {
		return nil, err
	}
	defer open.Close()
	entries, err := open.ReadDir(-1)
	if err != nil {
		return nil, err
	}
	f := make(folder, len(entries))
	for _, e := range entries {
		f[e.Name()] = e.Type()
	}
	return f, nil
}
