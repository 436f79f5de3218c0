// Package git reads repositories by the git command.
//
// It never changes the repository it reads, runs nothing that the repository
// or the user's configuration names (hooks, fsmonitor, filters, external diff
// and textconv programs), fetches nothing, and passes every revision as data.
// (git itself renews the time, never the content, of the files behind a split
// or sparse index when it reads them.)
// A tree is written out by this package, never by a checkout.
//
// # Design
//
// Two repositories take part. Names, history and the index are read in the
// user's own repository, by commands that need nothing else of it. Everything
// that handles content (trees, blobs, diffs) runs in a private, empty, bare
// repository, the scratch repository, which borrows the user's objects as an
// alternate. There no configuration and no attributes apply, so there is no
// driver to disarm; it knows no remote, so a partial clone is never completed
// behind the user's back; and what has to be written (the tree of uncommitted
// work) lands there and goes with [Repo.Close].
//
// Not included: fetching, refs that move, submodules, filters. A file that a
// clean filter changes (git-lfs, git-crypt) is seen as it lies on the disk.
package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// Limits bound what one repository may cost. They hold for every method of a
// Repo. A tree of a dozen objects can list 10^10 files, so whatever walks a
// tree counts its entries before it does anything else with them.
type Limits struct {
	Entries   int   // entries of one tree, of any kind
	FileBytes int64 // size of one blob; a larger one is left out and reported
	Bytes     int64 // all that one WriteTree writes
}

// DefaultLimits leave room for the largest public Go repositories, about
// 100,000 files, ten times over.
var DefaultLimits = Limits{Entries: 1_000_000, FileBytes: 4 << 20, Bytes: 2 << 30}

// A Repo is one repository. Its methods may be called concurrently.
type Repo struct {
	// Limits are DefaultLimits after Open. Change them before the first use.
	Limits Limits

	root      string // top of the work tree, "" when there is none
	gitDir    string // of this work tree
	dated     string // where DatedTags are, "" for refs/tags
	objects   string // the object directory that all work trees share
	sha256    bool   // object format
	scratch   string // private folder, holding the scratch repository
	mu        sync.Mutex
	countedOK map[string]bool // trees known to be within Limits.Entries
}

// Open finds the repository that holds dir, as git itself would: dir may be any
// folder of a work tree, a linked work tree, or a bare repository.
func Open(ctx context.Context, dir string) (*Repo, error) {
	r, err := discover(ctx, dir)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", dir, err)
	}
	if err := r.initScratch(ctx); err != nil {
		return nil, fmt.Errorf("open %s: %w", dir, errors.Join(err, r.Close()))
	}
	return r, nil
}

// discover asks git where things are, one question at a time: a path may hold
// a newline, so two answers in one output could not be told apart. Later
// commands name the git directory that was found here. git checks the owner of
// a repository (safe.directory) only where it discovers one, which is here.
func discover(ctx context.Context, dir string) (*Repo, error) {
	var firstErr error
	ask := func(question ...string) string {
		if firstErr != nil {
			return ""
		}
		args := append([]string{"rev-parse", "--path-format=absolute"}, question...)
		answer, err := command{dir: dir, args: args}.line(ctx)
		firstErr = err
		return answer
	}

	r := &Repo{Limits: DefaultLimits, countedOK: make(map[string]bool)}
	r.gitDir = ask("--absolute-git-dir")
	r.objects = ask("--git-path", "objects")
	if ask("--is-inside-work-tree") == "true" {
		r.root = ask("--show-toplevel")
	}
	switch format := ask("--show-object-format"); format {
	case "sha1", "":
	case "sha256":
		r.sha256 = true
	default:
		return nil, fmt.Errorf("object format %s is not supported", format)
	}
	if firstErr == nil {
		return r, nil
	}
	cmdErr, ran := errors.AsType[*commandError](firstErr)
	switch {
	case errors.Is(firstErr, exec.ErrNotFound):
		return nil, fmt.Errorf("%w; install git (https://git-scm.com)", firstErr)
	case ran && strings.Contains(cmdErr.stderr, "dubious ownership"):
		abs, err := filepath.Abs(dir)
		if err != nil {
			abs = dir
		}
		return nil, fmt.Errorf("%w; if you trust it, run: git config --global --add safe.directory %s", firstErr, abs)
	case ran && strings.Contains(cmdErr.stderr, "not a git repository"):
		return nil, fmt.Errorf("%w; name a folder of one by -C", firstErr)
	}
	return nil, firstErr
}

// Objects returns the folder of the repository's objects, which all its work
// trees share: what tells repositories apart.
func (r *Repo) Objects() string { return r.objects }

func (r *Repo) initScratch(ctx context.Context) error {
	scratch, err := os.MkdirTemp("", "barraiser-git-")
	if err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	r.scratch = scratch
	format := "sha1"
	if r.sha256 {
		format = "sha256"
	}
	_, err = command{
		dir:  scratch,
		env:  noConfig(),
		args: []string{"init", "--quiet", "--bare", "--template=", "--object-format=" + format, r.scratchDir()},
	}.line(ctx)
	return err
}

// Root is the top folder of the work tree, "" in a bare repository.
func (r *Repo) Root() string { return r.root }

// Close removes the scratch repository, and with it what WorkingTree made.
func (r *Repo) Close() error {
	if r.scratch == "" {
		return nil
	}
	return os.RemoveAll(r.scratch)
}

func (r *Repo) scratchDir() string { return filepath.Join(r.scratch, "repo.git") }

// here is a command that reads names, history or the index of the repository.
// Should git find an object to write, as it does to expand a sparse index, the
// object lands in the scratch repository.
func (r *Repo) here(args ...string) command {
	c := command{dir: r.gitDir, env: append(r.borrow(), "GIT_DIR="+r.gitDir), args: args}
	if r.root != "" {
		c.dir = r.root
		c.env = append(c.env, "GIT_WORK_TREE="+r.root)
	}
	return c
}

// content is a command that reads objects, those of the user and our own.
func (r *Repo) content(args ...string) command {
	c := r.write(args...)
	c.env = append(c.env, r.borrow()...)
	return c
}

// write is a command that writes objects to the scratch repository. It is not
// shown the user's objects: where one that is to be written already exists, git
// would touch the file that holds it, to keep it from being pruned.
func (r *Repo) write(args ...string) command {
	return command{dir: r.scratch, env: append(noConfig(), "GIT_DIR="+r.scratchDir()), args: args}
}

// borrow makes git write objects to the scratch repository and read those of
// the user beside them.
func (r *Repo) borrow() []string {
	return []string{
		"GIT_OBJECT_DIRECTORY=" + filepath.Join(r.scratchDir(), "objects"),
		"GIT_ALTERNATE_OBJECT_DIRECTORIES=" + quotePath(r.objects),
	}
}

// quotePath writes a path as git's list of alternates takes it: in C quotes, so
// that it may hold the list separator.
func quotePath(path string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(path) {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ':
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
