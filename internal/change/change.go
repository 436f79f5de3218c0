// Package change reads a change out of a repository and has its code judged: what
// differs between two trees, who made it, what was before, and what the checks
// find on both sides. It joins internal/git and internal/engine to the
// review.Snapshot on which review.Decide decides, for one run of bot review and
// for the server alike.
//
// It judges nothing itself, and keeps nothing.
package change

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/git"
)

// Change is the difference of two trees.
type Change struct {
	Files []git.Change
	Hunks [][]git.Hunk // of each file
	// Go are the Go files among them, and Relevant says that there is anything
	// that the analysis reads.
	Go       []debt.FileChange
	Relevant bool
}

// Read compares two trees.
func Read(ctx context.Context, repo *git.Repo, base, head string) (*Change, error) {
	files, err := repo.Diff(ctx, base, head)
	if err != nil {
		return nil, err
	}
	hunks, err := hunksOf(ctx, repo, files)
	if err != nil {
		return nil, err
	}
	c := &Change{Files: files, Hunks: hunks}
	for i, f := range files {
		c.Relevant = c.Relevant || Wanted(f.OldPath) || Wanted(f.NewPath)
		// A rename into or out of .go is a deletion or an addition to us.
		g := debt.FileChange{Old: goFile(f.OldPath), New: goFile(f.NewPath)}
		if g.Old == "" && g.New == "" {
			continue
		}
		if g.Old == f.OldPath && g.New == f.NewPath {
			for _, h := range hunks[i] {
				g.Hunks = append(g.Hunks, debt.Hunk(h))
			}
		}
		c.Go = append(c.Go, g)
	}
	return c, nil
}

// hunksOf compares the content of files. A partial clone may lack that of files
// which the analysis does not read: they have no hunks then.
func hunksOf(ctx context.Context, repo *git.Repo, files []git.Change) ([][]git.Hunk, error) {
	hunks, err := repo.Hunks(ctx, files)
	if _, partial := errors.AsType[*git.MissingError](err); !partial {
		return hunks, err
	}
	var at []int
	var needed []git.Change
	for i, f := range files {
		if Wanted(f.OldPath) || Wanted(f.NewPath) {
			at, needed = append(at, i), append(needed, f)
		}
	}
	some, err := repo.Hunks(ctx, needed)
	hunks = make([][]git.Hunk, len(files))
	for i, h := range some {
		hunks[at[i]] = h
	}
	return hunks, err
}

// goFile is the path if it is one of a Go file, else empty.
func goFile(path string) string {
	if strings.HasSuffix(path, ".go") {
		return path
	}
	return ""
}

// Paths are all paths that the changed files have on the two sides, sorted.
func (c *Change) Paths() []string {
	var out []string
	for _, f := range c.Files {
		for _, p := range []string{f.OldPath, f.NewPath} {
			if p != "" {
				out = append(out, p)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Wanted reports whether the analysis reads a file. Nothing else is read, so a
// partial clone need not hold it.
func Wanted(file string) bool {
	switch path.Base(file) {
	case "go.mod", "go.sum", "go.work", "go.work.sum":
		return true
	case "modules.txt":
		return path.Base(path.Dir(file)) == "vendor"
	}
	return strings.HasSuffix(file, ".go")
}
