package main

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/barraiser/barraiser/internal/git"
	"github.com/barraiser/barraiser/internal/process"
)

// ownScratch makes the folder for what a command writes and removes, and removes those
// of commands that were killed. It lies in the cache; without one, or where none can
// be made there, in the system's temporary folder.
func ownScratch(cache string) (*process.Folder, error) {
	if cache != "" {
		all := filepath.Join(cache, "scratch")
		if own, err := process.OwnFolder(all); err == nil {
			_ = process.Bury(all) // what cannot be removed yet is left for the next command
			return own, nil
		}
	}
	return process.TempFolder()
}

// openRepository finds the repository that holds dir, and makes a folder for what is
// written while it is read. Both are to be closed.
func openRepository(ctx context.Context, dir, cache string) (*git.Repo, *process.Folder, error) {
	scratch, err := ownScratch(cache)
	if err != nil {
		return nil, nil, err
	}
	repo, err := git.Open(ctx, dir, scratch.Dir)
	if err != nil {
		return nil, nil, usage(errors.Join(err, scratch.Close()))
	}
	return repo, scratch, nil
}
