package process

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestFolder begins after a process that was killed and beside one that lives, and
// ends after that one was killed as well.
func TestFolder(t *testing.T) {
	parent := filepath.Join(t.TempDir(), "made", "where", "missing")
	var others []*Folder
	for range 2 {
		other := own(t, parent)
		sealed := filepath.Join(other.Dir, "job", "sealed")
		if err := os.MkdirAll(sealed, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(sealed, "file"), nil, 0o400); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(sealed, 0o500); err != nil { // as the go command leaves them
			t.Fatal(err)
		}
		others = append(others, other)
	}
	die(t, others[0])
	mine := own(t, parent)
	sweep(t, parent)
	if _, err := os.Stat(others[0].Dir); !os.IsNotExist(err) {
		t.Errorf("the folder of the dead process: %v, want that it is gone", err)
	}
	if _, err := os.Stat(filepath.Join(others[1].Dir, "job")); err != nil {
		t.Errorf("the folder of the process that lives: %v", err)
	}
	if _, err := os.Stat(mine.Dir); err != nil {
		t.Errorf("the folder of this process: %v", err)
	}
	die(t, others[1])
	if err := mine.Close(); err != nil {
		t.Error(err)
	}
	sweep(t, parent)
	left, err := os.ReadDir(parent)
	if err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// TestFolderOfOthers leaves alone what no process of ours made.
func TestFolderOfOthers(t *testing.T) {
	parent := t.TempDir()
	for _, name := range []string{"process-1", "other.lock", "lock-1"} {
		if err := os.WriteFile(filepath.Join(parent, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sweep(t, parent)
	if left, err := os.ReadDir(parent); err != nil || len(left) != 3 {
		t.Errorf("left: %v, %v; want all three", left, err)
	}
	sweep(t, filepath.Join(parent, "missing"))
}

func TestFolderNowhere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if f, err := OwnFolder(file); err == nil {
		t.Errorf("OwnFolder(a file) = %v, want an error", f)
	}
}

func TestTempFolder(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	f, err := TempFolder()
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(f.Dir); !os.IsNotExist(err) {
		t.Errorf("after Close: %v, want that it is gone", err)
	}
}

// own makes a folder, or skips the test where the system has no locks.
func own(t *testing.T, parent string) *Folder {
	t.Helper()
	f, err := OwnFolder(parent)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// die does what the end of a process does to its folder: the lock is gone, no more.
func die(t *testing.T, f *Folder) {
	t.Helper()
	if err := f.lock.Close(); err != nil {
		t.Fatal(err)
	}
}

func sweep(t *testing.T, parent string) {
	t.Helper()
	if err := Bury(parent); err != nil {
		t.Error(err)
	}
}
