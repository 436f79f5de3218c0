package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/process"
)

// The folder of jobs holds one folder for each process of a server, with a file of
// the same name and .lock behind it that is locked while the process lives: a
// process that was killed could not remove what its judgements wrote.

const lockSuffix = ".lock"

// ownJobs makes the folder of this process, and removes those of processes that
// are dead. The file is to stay open until this one ends.
func ownJobs(log *slog.Logger, jobs string) (dir string, lock *os.File, err error) {
	if dir, err = os.MkdirTemp(jobs, "process-"); err != nil {
		return "", nil, fmt.Errorf("make the folder of jobs: %w", err)
	}
	// The lock comes last, and only what has one is removed: nobody takes a folder
	// for that of a dead process between these two.
	if lock, err = os.CreateTemp(jobs, "lock-"); err != nil {
		return "", nil, fmt.Errorf("make the folder of jobs: %w", err)
	}
	if err = process.Lock(lock); err == nil {
		err = os.Rename(lock.Name(), dir+lockSuffix)
	}
	if err != nil {
		return "", nil, errors.Join(fmt.Errorf("lock the folder of jobs: %w", err), lock.Close())
	}
	if err := buryJobs(jobs); err != nil {
		log.Info("what dead processes left is removed later", "error", err)
	}
	return dir, lock, nil
}

// keepBurying removes what dead processes left, now and then: the judgement of a
// process that was killed may still write while the next one starts, and with
// several processes one may be killed at any time.
func keepBurying(ctx context.Context, log *slog.Logger, jobs string, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := buryJobs(jobs); err != nil {
				log.Warn("remove what dead processes left", "error", err)
			}
		}
	}
}

// buryJobs removes the folders whose locks nobody holds.
func buryJobs(jobs string) error {
	locks, err := filepath.Glob(filepath.Join(jobs, "process-*"+lockSuffix))
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range locks {
		errs = append(errs, bury(name))
	}
	return errors.Join(errs...)
}

func bury(name string) error {
	lock, err := os.OpenFile(name, os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil // another process was first
	}
	if err != nil {
		return err
	}
	defer lock.Close()
	switch err := process.Lock(lock); {
	case errors.Is(err, process.ErrLocked):
		return nil // it lives
	case err != nil:
		return err
	}
	if err := removeAll(strings.TrimSuffix(name, lockSuffix)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.Remove(name)
}

// leaveJobs removes the folder of this process, and those of dead ones.
func leaveJobs(dir string, lock *os.File) error {
	return errors.Join(removeAll(dir), os.Remove(dir+lockSuffix), lock.Close(), buryJobs(filepath.Dir(dir)))
}
