package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// # Packed trees
//
// The trees of a job come as folders of files, or packed: all files of both in
// one, and where each of them lies in it. Packed, they are read from there, and
// written out only where the go command has to be asked, which knows folders
// only.

// Packed are the trees of a job in one file. Job.Base and Job.Head then name
// folders that do not exist yet. All three lie in Options.Scratch, where the child
// may write.
type Packed struct {
	File       string
	Base, Head []PackedFile
}

// PackedFile is a file of a packed tree: Size bytes from At on. The path is
// relative to the tree and plain: local, and without links on the way.
type PackedFile struct {
	Path     string
	At, Size int64
}

// packedTree is one side of what is packed.
type packedTree struct {
	content *os.File
	files   map[string]PackedFile
}

// openPacked opens what is packed; base and head are nil where nothing is.
func openPacked(p *Packed) (base, head *packedTree, err error) {
	if p == nil {
		return nil, nil, nil
	}
	f, err := os.Open(p.File)
	if err != nil {
		return nil, nil, fmt.Errorf("open the packed trees: %w", err)
	}
	of := func(files []PackedFile) *packedTree {
		t := &packedTree{content: f, files: make(map[string]PackedFile, len(files))}
		for _, file := range files {
			t.files[file.Path] = file
		}
		return t
	}
	return of(p.Base), of(p.Head), nil
}

// read returns the content of a file; the error is as of os.ReadFile.
func (p *packedTree) read(rel string) ([]byte, error) {
	f, ok := p.files[path.Clean(rel)]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: rel, Err: fs.ErrNotExist}
	}
	data := make([]byte, f.Size)
	if _, err := p.content.ReadAt(data, f.At); err != nil && f.Size > 0 {
		return nil, &fs.PathError{Op: "read", Path: rel, Err: err}
	}
	return data, nil
}

// writeOut writes the tree into a new folder, for the go command.
func (p *packedTree) writeOut(dir string) (err error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return fmt.Errorf("write the tree out: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("write the tree out: %w", err)
	}
	defer root.Close()
	made := map[string]bool{".": true}
	for rel := range p.files {
		data, err := p.read(rel)
		if err != nil {
			return fmt.Errorf("write the tree out: %w", err)
		}
		name := filepath.FromSlash(rel)
		if dir := filepath.Dir(name); !made[dir] {
			if err := root.MkdirAll(dir, 0o700); err != nil {
				return fmt.Errorf("write the tree out: %w", err)
			}
			made[dir] = true
		}
		f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue // a file system that cannot tell two names apart; the coverage will say so
		}
		if err == nil {
			_, err = f.Write(data)
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			return fmt.Errorf("write the tree out: %w", err)
		}
	}
	return nil
}
