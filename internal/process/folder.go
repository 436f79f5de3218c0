package process

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A Folder is one process's own, for what it writes and removes. With it lies a file
// of the same name and .lock behind it, which is locked while the process lives: a
// process that was killed could not remove what it wrote, so the next one does.
type Folder struct {
	Dir  string   // absolute
	lock *os.File // nil: it has none
}

const (
	folderPrefix = "process-"
	lockSuffix   = ".lock"
)

// OwnFolder makes a folder for this process below parent, which is made where it is
// missing. It does not remove what others left, see [Bury]. Where a system has no such
// locks it makes none, and the error is errors.ErrUnsupported. Close it.
func OwnFolder(parent string) (_ *Folder, err error) {
	if parent, err = filepath.Abs(parent); err != nil {
		return nil, fmt.Errorf("make a folder for this process: %w", err)
	}
	if err = os.MkdirAll(parent, 0o700); err != nil {
		return nil, fmt.Errorf("make a folder for this process: %w", err)
	}
	f := new(Folder)
	if f.Dir, err = os.MkdirTemp(parent, folderPrefix); err != nil {
		return nil, fmt.Errorf("make a folder for this process: %w", err)
	}
	// The lock comes last, and only what has one is removed: nobody takes a folder
	// for that of a dead process between these two.
	if f.lock, err = os.CreateTemp(parent, "lock-"); err != nil {
		return nil, errors.Join(fmt.Errorf("make a folder for this process: %w", err), os.Remove(f.Dir))
	}
	if err = Lock(f.lock); err == nil {
		err = os.Rename(f.lock.Name(), f.Dir+lockSuffix)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock the folder of this process: %w", err), f.lock.Close(), os.Remove(f.lock.Name()), os.Remove(f.Dir))
	}
	return f, nil
}

// TempFolder makes a folder without a lock in the system's temporary one, which is the
// system's to sweep. Close it.
func TempFolder() (*Folder, error) {
	dir, err := os.MkdirTemp("", "barraiser-")
	if err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	return &Folder{Dir: dir}, nil
}

// Close removes the folder.
func (f *Folder) Close() error {
	if f.lock == nil {
		return removeAll(f.Dir)
	}
	return errors.Join(removeAll(f.Dir), os.Remove(f.Dir+lockSuffix), f.lock.Close())
}

// Bury removes the folders below parent whose processes are dead. What a child of one
// still writes to may have to wait for the next time.
func Bury(parent string) error {
	entries, err := os.ReadDir(parent)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	errs := []error{err}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), folderPrefix) && strings.HasSuffix(e.Name(), lockSuffix) {
			errs = append(errs, bury(filepath.Join(parent, e.Name())))
		}
	}
	return errors.Join(errs...)
}

func bury(name string) error {
	lock, err := os.OpenFile(name, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // another process was first
	}
	if err != nil {
		return err
	}
	defer lock.Close()
	switch err := Lock(lock); {
	case errors.Is(err, ErrLocked):
		return nil // it lives
	case err != nil:
		return err
	}
	if err := removeAll(strings.TrimSuffix(name, lockSuffix)); err != nil {
		return err
	}
	if err := os.Remove(name); !errors.Is(err, fs.ErrNotExist) { // its owner may have been about to
		return err
	}
	return nil
}

// removeAll removes a folder in which the go command made some read-only.
func removeAll(dir string) error {
	if os.RemoveAll(dir) == nil {
		return nil
	}
	_ = filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if e != nil && e.IsDir() {
			_ = os.Chmod(name, 0o700) // before it is read; what cannot be is named below
		}
		return nil
	})
	return os.RemoveAll(dir)
}
