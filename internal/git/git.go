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
// To start a git takes longer than most answers. So objects are asked of one that
// stays, see catFile; what was asked of the same two trees or commits is remembered;
// and paths and pairs of commits come in lists.
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

	root    string // top of the work tree, "" when there is none
	gitDir  string // of this work tree
	dated   string // where DatedTags are, "" for refs/tags
	objects string // the object directory that all work trees share
	sha256  bool   // object format
	scratch string // private folder, holding the scratch repository
	shallow string // the file that lists where a shallow clone is cut off

	mu        sync.Mutex
	countedOK map[string]bool // trees known to be within Limits.Entries
	listings  []listing       // of the trees that were walked last
	lastSaid  *said           // of the commits that were read last
	readers   []*catFile      // that rest
	closed    bool
}

// Open finds the repository that holds dir, as git itself would: dir may be any
// folder of a work tree, a linked work tree, or a bare repository. The scratch
// repository lies below scratch, "" for the system's temporary folder: where it stays
// when this process is killed, for the caller to remove.
func Open(ctx context.Context, dir, scratch string) (*Repo, error) {
	r, err := discover(ctx, dir)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", dir, err)
	}
	if err := r.initScratch(scratch); err != nil {
		return nil, fmt.Errorf("open %s: %w", dir, errors.Join(err, r.Close()))
	}
	return r, nil
}

// whereabouts are the questions about where things are. The last has no answer
// outside of a work tree.
var whereabouts = []string{
	"--absolute-git-dir", "--git-path=objects", "--git-path=shallow", "--show-object-format", "--is-inside-work-tree", "--show-toplevel",
}

// discover asks git where things are. Later commands name the git directory that was
// found here. git checks the owner of a repository (safe.directory) only where it
// discovers one, which is here.
func discover(ctx context.Context, dir string) (*Repo, error) {
	answers, firstErr := askWhereabouts(ctx, dir)
	r := &Repo{Limits: DefaultLimits, countedOK: make(map[string]bool)}
	if firstErr == nil {
		r.gitDir, r.objects, r.shallow, r.root = answers[0], answers[1], answers[2], answers[5]
		switch format := answers[3]; format {
		case "sha1":
		case "sha256":
			r.sha256 = true
		default:
			return nil, fmt.Errorf("object format %s is not supported", format)
		}
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

// askWhereabouts returns the answers to the whereabouts, and no top of a work tree
// where there is none.
//
// All are asked at once. A path may hold a newline, and then the answers cannot be
// told apart: there are more lines than questions, and each is asked for itself.
func askWhereabouts(ctx context.Context, dir string) ([]string, error) {
	ask := func(questions ...string) (string, error) {
		args := []string{"rev-parse", "--path-format=absolute"}
		for _, q := range questions {
			option, value, ok := strings.Cut(q, "=")
			if args = append(args, option); ok {
				args = append(args, value)
			}
		}
		return command{dir: dir, args: args}.line(ctx)
	}
	last := len(whereabouts) - 1
	text, err := ask(whereabouts...)
	answers := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	switch _, failed := errors.AsType[*commandError](err); {
	case failed && len(answers) == last && answers[last-1] == "false":
		return append(answers, ""), nil
	case failed && len(answers) < last || err != nil && !failed:
		return nil, err
	case !failed && len(answers) == len(whereabouts):
		return answers, nil
	}
	answers = make([]string, len(whereabouts))
	for i, q := range whereabouts {
		if i == last && answers[last-1] == "false" {
			break
		}
		if answers[i], err = ask(q); err != nil {
			return nil, err
		}
	}
	return answers, nil
}

// Objects returns the folder of the repository's objects, which all its work
// trees share: what tells repositories apart.
func (r *Repo) Objects() string { return r.objects }

// initScratch makes the scratch repository: what gitrepository-layout(5) says git
// knows one by, and no more. The folder below which it lies may be relative.
func (r *Repo) initScratch(below string) error {
	scratch, err := os.MkdirTemp(below, "barraiser-git-")
	if err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	r.scratch = scratch // at once: Close removes it
	if r.scratch, err = filepath.Abs(scratch); err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	config := "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
	if r.sha256 {
		config = "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = sha256\n"
	}
	for _, folder := range []string{"objects", "refs"} {
		err = errors.Join(err, os.MkdirAll(filepath.Join(r.scratchDir(), folder), 0o700))
	}
	for name, content := range map[string]string{"HEAD": "ref: refs/heads/main\n", "config": config} {
		err = errors.Join(err, os.WriteFile(filepath.Join(r.scratchDir(), name), []byte(content), 0o600))
	}
	if err != nil {
		return fmt.Errorf("make a scratch repository: %w", err)
	}
	return nil
}

// Root is the top folder of the work tree, "" in a bare repository.
func (r *Repo) Root() string { return r.root }

// Close removes the scratch repository, and with it what WorkingTree made.
func (r *Repo) Close() error {
	r.endReaders()
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
