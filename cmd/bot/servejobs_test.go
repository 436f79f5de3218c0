package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
)

// TestJobs starts a process after one that was killed and beside one that lives,
// and ends it after that one was killed as well.
func TestJobs(t *testing.T) {
	jobs, log := t.TempDir(), slog.New(slog.DiscardHandler)
	var dirs []string
	var locks []*os.File
	for range 2 {
		dir, lock, err := ownJobs(log, jobs)
		if err != nil {
			t.Fatal(err)
		}
		sealed := filepath.Join(dir, "job", "sealed")
		if err := os.MkdirAll(sealed, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(sealed, "file"), nil, 0o400); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(sealed, 0o500); err != nil { // as the go command leaves them
			t.Fatal(err)
		}
		dirs, locks = append(dirs, dir), append(locks, lock)
	}
	if err := locks[0].Close(); err != nil { // what the end of a process does
		t.Fatal(err)
	}
	dir, lock, err := ownJobs(log, jobs)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dirs[0]); !os.IsNotExist(err) {
		t.Errorf("the folder of the dead process: %v, want that it is gone", err)
	}
	if _, err := os.Stat(filepath.Join(dirs[1], "job")); err != nil {
		t.Errorf("the folder of the process that lives: %v", err)
	}
	if err := locks[1].Close(); err != nil {
		t.Fatal(err)
	}
	if err := leaveJobs(dir, lock); err != nil {
		t.Error(err)
	}
	left, err := os.ReadDir(jobs)
	if err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}
