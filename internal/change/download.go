package change

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/barraiser/barraiser/internal/engine"
	"github.com/barraiser/barraiser/internal/git"
)

// downloads is how long the modules of one tree may take.
const downloads = 5 * time.Minute

// Download brings the modules that a tree asks for into the module cache. Only its
// module files are written out, into folders of their own in dir, and removed. What
// cannot be had is in failures: the analysis will name the packages that lack it.
func Download(ctx context.Context, repo *git.Repo, tree, dir string, t engine.Toolchain, proxy string) (failures []string, err error) {
	own, err := os.MkdirTemp(dir, "modules-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(own)) }()
	files, scratch := filepath.Join(own, "files"), filepath.Join(own, "scratch")
	for _, folder := range []string{files, scratch} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			return nil, err
		}
	}
	if _, err := repo.WriteTree(ctx, tree, files, moduleFile); err != nil {
		return nil, fmt.Errorf("write module files: %w", err)
	}
	failures, err = engine.Download(ctx, files, engine.DownloadOptions{Toolchain: t, Scratch: scratch, Proxy: proxy, Timeout: downloads})
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return append(failures, "downloading took too long"), nil
	}
	return failures, err
}

// moduleFile reports whether a file says which modules are needed.
func moduleFile(path string) bool {
	switch filepath.Base(path) {
	case "go.mod", "go.sum", "go.work", "go.work.sum":
		return true
	}
	return false
}
