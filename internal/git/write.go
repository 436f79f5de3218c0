package git

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/barraiser/barraiser/internal/crash"
)

// A Skipped file was wanted and could not be written out.
type Skipped struct {
	Path   string // as hostile as its author
	Reason string // in plain words
}

// Written is what WriteTree did.
type Written struct {
	Files   int
	Bytes   int64
	Skipped []Skipped // in the order of paths
}

// WriteTree writes those files of a tree that want selects (all, where it is
// nil) below dir, an existing empty folder. It writes regular files only, none
// of them executable, without following a symbolic link and without leaving
// dir. Whatever else is wanted is recorded as skipped.
//
// Nothing is written where the tree exceeds the Limits (*TooLargeError) or
// wanted content is not in the repository (*MissingError). After any other
// error dir may hold some of the files.
func (r *Repo) WriteTree(ctx context.Context, tree, dir string, want func(path string) bool) (Written, error) {
	root, err := emptyRoot(dir)
	if err != nil {
		return Written{}, fmt.Errorf("write tree %s: %w", short(tree), err)
	}
	defer root.Close()

	var written Written
	files, err := r.wanted(ctx, tree, want, &written)
	if err != nil {
		return Written{}, err
	}

	paths := make(map[string][]string) // by content
	oids := make([]string, 0, len(files))
	for _, f := range files {
		paths[f.OID] = append(paths[f.OID], f.Path)
		oids = append(oids, f.OID)
	}
	w := &writer{root: root, made: map[string]bool{".": true}}
	err = r.contents(ctx, distinct(oids), func(oid string, content []byte) error {
		for _, name := range paths[oid] {
			switch err := w.write(name, content); {
			case errors.Is(err, errClash):
				written.skip(name, sameName)
			case err != nil:
				return fmt.Errorf("write %q: %w", name, err)
			default:
				crash.At("half-written tree")
				written.Files++
				written.Bytes += int64(len(content))
			}
		}
		return nil
	})
	if err != nil {
		return Written{}, fmt.Errorf("write tree %s: %w", short(tree), err)
	}
	slices.SortFunc(written.Skipped, func(a, b Skipped) int { return strings.Compare(a.Path, b.Path) })
	return written, nil
}

func (w *Written) skip(path, reason string) {
	w.Skipped = append(w.Skipped, Skipped{path, reason})
}

const sameName = "name that this file system cannot tell from another"

// emptyRoot opens dir, in which we must be alone: what we did not make, we
// could not tell from a clash of names.
func emptyRoot(dir string) (*os.Root, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	f, err := root.Open(".")
	if err == nil {
		_, err = f.Readdirnames(1)
		f.Close()
	}
	if err == io.EOF {
		return root, nil
	}
	root.Close()
	if err == nil {
		err = fmt.Errorf("%s is not empty", dir)
	}
	return nil, err
}

// affordable skips the files that are too large, and makes sure that the rest
// is there and not too much.
func (r *Repo) affordable(ctx context.Context, tree string, files []Entry, written *Written) ([]Entry, error) {
	oids := make([]string, 0, len(files))
	for _, f := range files {
		oids = append(oids, f.OID)
	}
	sizes, err := r.sizes(ctx, oids)
	if err != nil {
		return nil, fmt.Errorf("write tree %s: %w", short(tree), err)
	}
	var total int64
	var keep []Entry
	for _, f := range files {
		size, ok := sizes[f.OID]
		if !ok {
			missing := r.missing(ctx, oids, sizes).(*MissingError)
			missing.Path = f.Path
			return nil, missing
		}
		if size > r.Limits.FileBytes {
			written.skip(f.Path, "larger than "+byteSize(r.Limits.FileBytes))
			continue
		}
		if total += size; total > r.Limits.Bytes {
			return nil, &TooLargeError{Tree: tree, What: "bytes", Limit: r.Limits.Bytes}
		}
		keep = append(keep, f)
	}
	return keep, nil
}

func byteSize(n int64) string {
	switch {
	case n > 0 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n > 0 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", n>>10)
	default:
		return fmt.Sprintf("%d bytes", n)
	}
}

const (
	maxName = 255  // bytes of one path element, the limit of most file systems
	maxPath = 1024 // bytes of a path, so that with dir before it tools can open it
)

// repositories are folders by which a tool recognises a repository and reads
// its configuration. The last is .git by its short name on Windows.
var repositories = []string{".git", ".hg", ".svn", ".bzr", ".fossil", "git~1"}

// unwritable tells why an entry is not written out, "" where it may be.
func unwritable(e Entry) string {
	switch {
	case e.Mode == ModeSymlink:
		return "symbolic link"
	case e.Mode == ModeSubmodule:
		return "submodule"
	case !e.Mode.Regular():
		return "not a regular file"
	case len(e.Path) > maxPath:
		return "name too long"
	// ValidPath: relative, no empty element, no "." or "..", valid UTF-8.
	// IsLocal: none of the device names of Windows either, on Windows.
	case !fs.ValidPath(e.Path) || !filepath.IsLocal(filepath.FromSlash(e.Path)) || strings.Contains(e.Path, `\`):
		return "odd name"
	// Also refuses what is printed as nothing or turns the text around.
	case strings.ContainsFunc(e.Path, func(c rune) bool { return !unicode.IsPrint(c) }):
		return "odd name"
	}
	for element := range strings.SplitSeq(e.Path, "/") {
		if len(element) > maxName {
			return "name too long"
		}
		for _, name := range repositories {
			if strings.EqualFold(element, name) {
				return "inside of a folder named as a repository"
			}
		}
	}
	return ""
}

// errClash is a name that is already taken: where upper and lower case or two
// encodings of a letter are one to the file system, or where a malformed tree
// has one name twice.
var errClash = errors.New("name clash")

// A writer creates files in a folder that held none.
type writer struct {
	root *os.Root
	made map[string]bool // the folders created
}

func (w *writer) write(name string, content []byte) error {
	if err := w.mkdir(path.Dir(name)); err != nil {
		return err
	}
	f, err := w.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return asClash(err)
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}

// mkdir creates a folder and those above it. One that exists and was not
// created under this very spelling is a clash: two folders would become one.
func (w *writer) mkdir(dir string) error {
	if w.made[dir] {
		return nil
	}
	if err := w.mkdir(path.Dir(dir)); err != nil {
		return err
	}
	if err := w.root.Mkdir(dir, 0o755); err != nil {
		return asClash(err)
	}
	w.made[dir] = true
	return nil
}

func asClash(err error) error {
	if errors.Is(err, fs.ErrExist) {
		return errClash
	}
	return err
}
