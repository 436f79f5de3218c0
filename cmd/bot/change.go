package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/git"
	"github.com/barraiser/barraiser/internal/impact"
	"github.com/barraiser/barraiser/internal/review"
)

// change is the difference of two trees.
type change struct {
	files []git.Change
	hunks [][]git.Hunk // of each file
	// goFiles are the Go files among them, and relevant says that there is
	// anything that the analysis reads.
	goFiles  []debt.FileChange
	relevant bool
}

func readChange(ctx context.Context, repo *git.Repo, base, head string) (*change, error) {
	files, err := repo.Diff(ctx, base, head)
	if err != nil {
		return nil, err
	}
	hunks, err := hunksOf(ctx, repo, files)
	if err != nil {
		return nil, err
	}
	c := &change{files: files, hunks: hunks}
	for i, f := range files {
		c.relevant = c.relevant || wanted(f.OldPath) || wanted(f.NewPath)
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
		c.goFiles = append(c.goFiles, g)
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
		if wanted(f.OldPath) || wanted(f.NewPath) {
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

// paths are all paths that the changed files have on the two sides, sorted.
func (c *change) paths() []string {
	var out []string
	for _, f := range c.files {
		for _, p := range []string{f.OldPath, f.NewPath} {
			if p != "" {
				out = append(out, p)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// impactFiles describes the files for internal/impact, with the texts that it
// compares.
func (c *change) impactFiles(ctx context.Context, repo *git.Repo) ([]impact.File, error) {
	out := make([]impact.File, len(c.files))
	wants := map[string][]textOf{}
	for i, f := range c.files {
		file := &out[i]
		file.Old, file.New = f.OldPath, f.NewPath
		for _, h := range c.hunks[i] {
			file.Added += h.NewLines
			file.Deleted += h.OldLines
		}
		file.Uncounted = impact.Uncounted(cmp.Or(f.NewPath, f.OldPath))
		if !(impact.Reads(f.OldPath) || impact.Reads(f.NewPath)) {
			continue
		}
		for _, side := range []struct {
			mode git.Mode
			oid  string
			text *string
		}{{f.OldMode, f.OldOID, &file.OldText}, {f.NewMode, f.NewOID, &file.NewText}} {
			switch {
			case side.oid == "":
			case side.mode.Regular():
				wants[side.oid] = append(wants[side.oid], textOf{file, side.text})
			default:
				file.Unread = "it is no regular file"
			}
		}
	}
	err := repo.Blobs(ctx, slices.Sorted(maps.Keys(wants)), func(b git.Blob) error {
		for _, w := range wants[b.OID] {
			w.take(b)
		}
		return nil
	})
	if missing, partial := errors.AsType[*git.MissingError](err); partial {
		for _, all := range wants {
			for _, w := range all {
				w.file.Unread = missing.Error()
			}
		}
		err = nil
	}
	return out, err
}

// textOf is a text that a file lacks.
type textOf struct {
	file *impact.File
	text *string
}

func (w textOf) take(b git.Blob) {
	switch {
	case b.Content == nil && b.Size > 0:
		w.file.Unread = fmt.Sprintf("it has %d bytes", b.Size)
	case bytes.IndexByte(b.Content, 0) >= 0:
		w.file.Unread = "it is binary"
	default:
		*w.text = string(b.Content)
	}
}

// lastYear is the time in which changes are ranked, before the base.
const lastYear = 365 * 24 * time.Hour

// history measures the changes of the year before a commit. It is nil for a
// shallow clone, of which nobody knows what was before.
func (a *analysis) history(ctx context.Context, commit string) (*impact.History, *impact.Priors, error) {
	shallow, err := a.repo.Shallow(ctx)
	if err != nil || shallow {
		return nil, nil, err
	}
	when, err := a.repo.When(ctx, commit)
	if err != nil {
		return nil, nil, err
	}
	steps, err := a.repo.Steps(ctx, commit, when.Add(-lastYear), a.cacheFolder("history"))
	if err != nil {
		return nil, nil, err
	}
	h, priors := impact.NewHistory(impactSteps(steps), impact.Uncounted)
	return &h, priors, nil
}

func impactSteps(steps []git.Step) []impact.Step {
	out := make([]impact.Step, len(steps))
	for i, s := range steps {
		out[i] = impact.Step{Commit: s.Commit, Authors: s.Authors, Ranked: s.Counted}
		for _, f := range s.Files {
			out[i].Files = append(out[i].Files, impact.StepFile{Path: f.Path, OldPath: f.OldPath, Added: f.Added})
		}
	}
	return out
}

// involved are the people behind the commits between two, as the commits say.
func involved(ctx context.Context, repo *git.Repo, base, head string) (review.Involved, error) {
	var in review.Involved
	who, err := repo.Contributors(ctx, base, head)
	if err != nil {
		return in, err
	}
	for _, p := range who.Authors {
		in.Authors = append(in.Authors, review.Identity{Name: p.Name, Email: p.Email})
	}
	for _, p := range who.Committers {
		in.Others = append(in.Others, review.Identity{Name: p.Name, Email: p.Email})
	}
	return in, nil
}

// cacheFolder is a folder of one kind in the cache; empty where there is none.
func (a *analysis) cacheFolder(kind string) string {
	if a.cache == "" {
		return ""
	}
	return filepath.Join(a.cache, kind)
}
