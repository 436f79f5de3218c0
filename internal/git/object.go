package git

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// A Mode is the kind of a tree entry, in git's six octal digits.
type Mode string

const (
	ModeFile       Mode = "100644"
	ModeExecutable Mode = "100755"
	ModeSymlink    Mode = "120000"
	ModeSubmodule  Mode = "160000"

	modeTree Mode = "040000" // which no listing of all files holds
)

// Regular reports whether the entry is a file with content. Old repositories
// hold further modes of that kind, such as 100664.
func (m Mode) Regular() bool { return strings.HasPrefix(string(m), "100") }

// validMode reports whether s has the form of a mode; what kinds there are is
// for git to say.
func validMode(s string) bool { return len(s) == 6 && strings.Trim(s, "01234567") == "" }

// An Entry is a file, a symbolic link or a submodule in a tree. Its path is
// slash-separated, from the top of the tree, and as hostile as its author.
type Entry struct {
	Path string
	Mode Mode
	OID  string
}

// A TooLargeError is a tree that exceeds one of the Limits.
type TooLargeError struct {
	Tree  string // its hash, "" for the working tree
	What  string // what there is too much of, in plain words
	Limit int64
}

func (e *TooLargeError) Error() string {
	tree := "the working tree"
	if e.Tree != "" {
		tree = "tree " + short(e.Tree)
	}
	return fmt.Sprintf("%s is too large: more than %d %s", tree, e.Limit, e.What)
}

// A MissingError is content that is needed and not in the repository.
type MissingError struct {
	OID    string
	Kind   string // "tree", or "" for a blob
	Path   string // where it is needed, "" when only the hash is known
	More   int    // as many others are missing as well
	Remote string // the remote that has it, "" when this is no partial clone
}

func (e *MissingError) Error() string {
	s := cmp.Or(e.Kind, "blob") + " " + short(e.OID)
	if e.Path != "" {
		s = fmt.Sprintf("%q: its content (%s)", e.Path, s)
	}
	if e.More > 0 {
		s += fmt.Sprintf(" and %d others", e.More)
	}
	if e.Remote == "" {
		return s + " cannot be read: the repository is damaged; git fsck tells more"
	}
	return s + " cannot be found in this partial clone; run: " + completePartialClone(e.Remote)
}

func completePartialClone(remote string) string {
	return "git fetch --refetch --no-filter " + remote
}

// promisor returns the remote of a partial clone, "" in a complete one.
func (r *Repo) promisor(ctx context.Context) string {
	// The exit status is 1 where nothing matches, and any other failure leaves
	// only a message without its hint.
	out, _ := r.here("config", "-z", "--get-regexp", `^remote\..*\.promisor$`).text(ctx, maxLine)
	key, _, _ := strings.Cut(out, "\n")
	return strings.TrimSuffix(strings.TrimPrefix(key, "remote."), ".promisor")
}

// explain adds to an error of git what the user of a partial clone can do.
func (r *Repo) explain(ctx context.Context, err error) error {
	if _, ok := errors.AsType[*commandError](err); !ok {
		return err
	}
	if remote := r.promisor(ctx); remote != "" {
		return fmt.Errorf("%w (this is a partial clone; to complete it, run: %s)", err, completePartialClone(remote))
	}
	return err
}

// Tree lists a tree with all folders below it, in git's order.
func (r *Repo) Tree(ctx context.Context, tree string) ([]Entry, error) {
	var entries []Entry
	err := r.walk(ctx, tree, func(e Entry) { entries = append(entries, e) })
	return entries, err
}

// bytesPerEntry bounds names, which must not cost what many entries may not. The
// average path of a real repository has 60 bytes.
const bytesPerEntry = 256

// A listing is a tree that was walked.
type listing struct {
	tree    string
	entries []Entry
}

// What is kept of the trees that were walked last: both sides of a change, which are
// asked for again, where they are of the common size.
const (
	keptListings = 2
	keptEntries  = 1 << 16
)

// walk calls visit for each entry of a tree. It ends with a *TooLargeError as
// soon as the tree is known to exceed the limit.
func (r *Repo) walk(ctx context.Context, tree string, visit func(Entry)) error {
	if kept, ok := r.listed(tree); ok {
		for _, e := range kept {
			visit(e)
		}
		return nil
	}
	entries, pathBytes := 0, 0
	var keep []Entry
	err := r.content("ls-tree", "-r", "-z", "--full-tree", "--end-of-options", tree).run(ctx, func(out *bufio.Reader) error {
		return parseTree(out, func(e Entry) error {
			entries++
			pathBytes += len(e.Path)
			if entries > r.Limits.Entries || pathBytes/bytesPerEntry > r.Limits.Entries {
				return &TooLargeError{Tree: tree, What: "files", Limit: int64(r.Limits.Entries)}
			}
			if entries <= keptEntries {
				keep = append(keep, e)
			}
			visit(e)
			return nil
		})
	})
	if err != nil {
		return fmt.Errorf("list tree %s: %w", short(tree), r.explain(ctx, err))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.countedOK[tree] = true
	if entries <= keptEntries && pathBytes/bytesPerEntry <= keptEntries && validOID(tree) {
		r.listings = append(r.listings[max(0, len(r.listings)+1-keptListings):], listing{tree, keep})
	}
	return nil
}

// listed is a tree of those that were walked last.
func (r *Repo) listed(tree string) ([]Entry, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.listings {
		if l.tree == tree {
			return l.entries, true
		}
	}
	return nil, false
}

// count makes sure that a tree is within the limit on entries.
func (r *Repo) count(ctx context.Context, tree string) error {
	r.mu.Lock()
	ok := r.countedOK[tree]
	r.mu.Unlock()
	if ok {
		return nil
	}
	return r.walk(ctx, tree, func(Entry) {})
}

// parseTree reads the output of ls-tree -z: "100644 blob <oid>\tpath\x00".
func parseTree(in io.Reader, visit func(Entry) error) error {
	return records(in, func(record []byte) error {
		meta, path, ok := strings.Cut(string(record), "\t")
		f := strings.Split(meta, " ")
		if !ok || path == "" || len(f) != 3 || !validMode(f[0]) || !validOID(f[2]) {
			return fmt.Errorf("unexpected tree entry %q", record)
		}
		return visit(Entry{Path: path, Mode: Mode(f[0]), OID: f[2]})
	})
}

// ReadFile returns the content of one file of a tree. The error is
// fs.ErrNotExist where the tree has no file of that path; a symbolic link, a
// folder and a file over Limits.FileBytes have errors of their own.
func (r *Repo) ReadFile(ctx context.Context, tree, path string) ([]byte, error) {
	content, err := r.readFile(ctx, tree, path)
	if err != nil {
		return nil, fmt.Errorf("read %s of tree %s: %w", path, short(tree), err)
	}
	return content, nil
}

func (r *Repo) readFile(ctx context.Context, tree, path string) (content []byte, err error) {
	// Only the trees on the way are read.
	entry := Entry{OID: tree, Mode: modeTree}
	for name := range strings.SplitSeq(path, "/") {
		if entry.Mode != modeTree {
			return nil, fs.ErrNotExist
		}
		folder, err := r.folder(ctx, entry.OID)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(folder, func(e Entry) bool { return e.Path == name })
		if at < 0 {
			return nil, fs.ErrNotExist
		}
		entry = folder[at]
	}
	if !entry.Mode.Regular() {
		return nil, errors.New("it is not a regular file")
	}
	err = r.Blobs(ctx, []string{entry.OID}, func(b Blob) error {
		if b.Content == nil && b.Size > 0 {
			return fmt.Errorf("it has %d bytes, more than %d", b.Size, r.Limits.FileBytes)
		}
		content = b.Content
		return nil
	})
	return content, err
}

// folder lists one tree, without what is below its folders.
func (r *Repo) folder(ctx context.Context, tree string) (entries []Entry, err error) {
	var found object
	keep := func(o object, _ io.Reader) error {
		found = o
		return nil
	}
	if err := r.ask(ctx, askInfo, []string{tree}, keep); err != nil {
		return nil, err
	}
	switch {
	case found.kind == "":
		return nil, &MissingError{OID: tree, Kind: "tree", Remote: r.promisor(ctx)}
	case found.kind != "tree":
		return nil, fmt.Errorf("object %s is a %s and not a tree", tree, found.kind)
	case found.size > bytesPerEntry*int64(r.Limits.Entries):
		return nil, &TooLargeError{Tree: tree, What: "files", Limit: int64(r.Limits.Entries)}
	}
	err = r.ask(ctx, askContents, []string{tree}, func(o object, in io.Reader) error {
		if o.kind != "tree" {
			return fmt.Errorf("tree %s changed while it was read", tree)
		}
		raw := make([]byte, o.size)
		if _, err := io.ReadFull(in, raw); err != nil {
			return fmt.Errorf("read tree %s: %w", tree, io.ErrUnexpectedEOF)
		}
		entries, err = parseFolder(raw, len(tree)/2)
		return err
	})
	return entries, err
}

// parseFolder reads a tree as git stores it: "100644 name\x00" and the bytes of the
// hash, of which there are so many.
func parseFolder(raw []byte, hash int) (entries []Entry, err error) {
	for len(raw) > 0 {
		head, rest, ok := bytes.Cut(raw, []byte{0})
		mode, name, named := strings.Cut(string(head), " ")
		mode = strings.TrimLeft(mode, "0") // as old tools wrote it
		mode = strings.Repeat("0", max(0, 6-len(mode))) + mode
		if !ok || !named || name == "" || !validMode(mode) || len(rest) < hash {
			return nil, fmt.Errorf("unexpected tree entry %q", head)
		}
		entries = append(entries, Entry{Path: name, Mode: Mode(mode), OID: hex.EncodeToString(rest[:hash])})
		raw = rest[hash:]
	}
	return entries, nil
}

// A Blob is the content of a file.
type Blob struct {
	OID     string
	Size    int64
	Content []byte // nil where Size is over Limits.FileBytes
}

// Blobs calls visit once for each distinct blob among oids: first for those
// that are over the limit, then for the others, in the order of oids. Before
// the first call it makes sure that all are there, else it returns a
// *MissingError. An error of visit ends the iteration and is returned.
func (r *Repo) Blobs(ctx context.Context, oids []string, visit func(Blob) error) error {
	sizes, err := r.sizes(ctx, oids)
	if err != nil {
		return err
	}
	var read []string
	for _, oid := range distinct(oids) {
		switch size, ok := sizes[oid]; {
		case !ok:
			return r.missing(ctx, oids, sizes)
		case size > r.Limits.FileBytes:
			if err := visit(Blob{OID: oid, Size: size}); err != nil {
				return err
			}
		default:
			read = append(read, oid)
		}
	}
	return r.contents(ctx, read, func(oid string, content []byte) error {
		return visit(Blob{OID: oid, Size: int64(len(content)), Content: content})
	})
}

func distinct(oids []string) []string {
	seen := make(map[string]bool, len(oids))
	return slices.DeleteFunc(slices.Clone(oids), func(oid string) bool {
		was := seen[oid]
		seen[oid] = true
		return was
	})
}

// missing is the error for those oids that have no size.
func (r *Repo) missing(ctx context.Context, oids []string, sizes map[string]int64) error {
	absent := slices.DeleteFunc(distinct(oids), func(oid string) bool {
		_, ok := sizes[oid]
		return ok
	})
	return &MissingError{OID: absent[0], More: len(absent) - 1, Remote: r.promisor(ctx)}
}
