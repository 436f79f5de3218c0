package git

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// WorkingTree returns a tree of what is in the work tree now: all that a commit
// of everything would hold, untracked files included and ignored ones not. The
// tree is in the scratch repository, and known to the other methods of this
// Repo only.
//
// Only files that want selects (all, where it is nil) are read. Of the others,
// those that were added are left out and those that were changed are taken as
// unchanged; deleted ones are deleted. Line ends that a checkout converted
// (core.autocrlf) are no change. Modes are those of the index.
func (r *Repo) WorkingTree(ctx context.Context, want func(path string) bool) (tree string, err error) {
	if r.root == "" {
		return "", errors.New("read the working tree: this repository has none")
	}
	if want == nil {
		want = func(string) bool { return true }
	}
	root, err := os.OpenRoot(r.root)
	if err != nil {
		return "", fmt.Errorf("read the working tree: %w", err)
	}
	defer root.Close()
	staging, err := os.MkdirTemp(r.scratch, "stage-")
	if err != nil {
		return "", fmt.Errorf("read the working tree: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(staging)) }()

	s := &snapshot{repo: r, disk: disk{root: root, folders: make(map[string]folder)}, staging: staging}
	tree, err = s.take(ctx, want)
	if err != nil {
		return "", fmt.Errorf("read the working tree: %w", err)
	}
	return tree, nil
}

// A snapshot is one run of WorkingTree.
type snapshot struct {
	repo    *Repo
	disk    disk
	staging string // folder for the content of changed files, and for the index

	entries []Entry
	// staged are the indexes of entries whose content lies in the staging
	// folder, under that number, and whose OID is not known yet.
	staged []int
	// converted are files with CRLF that differ from their version in the
	// index; whether the line ends are part of the change depends on it.
	converted map[string][]convertedFile // by the OID in the index
}

type convertedFile struct {
	entry   int
	content []byte
}

func (s *snapshot) take(ctx context.Context, want func(string) bool) (tree string, err error) {
	index, err := s.repo.index(ctx)
	if err != nil {
		return "", err
	}
	added, err := s.repo.untracked(ctx)
	if err != nil {
		return "", err
	}
	s.converted = make(map[string][]convertedFile)
	for _, f := range index {
		if f.kept || f.Mode == ModeSubmodule {
			s.entries = append(s.entries, f.Entry)
			continue
		}
		// A version of a conflict says nothing about the file on the disk.
		if f.unmerged {
			f.OID = ""
		}
		if err := s.add(ctx, f.Entry, f.unmerged || want(f.Path)); err != nil {
			return "", err
		}
	}
	for _, path := range added {
		if want(path) {
			if err := s.add(ctx, Entry{Path: path, Mode: ModeFile}, true); err != nil {
				return "", err
			}
		}
	}
	if err := s.settleLineEnds(ctx); err != nil {
		return "", err
	}
	if err := s.storeStaged(ctx); err != nil {
		return "", err
	}
	return s.writeTree(ctx)
}

// add takes a file into the snapshot as it is on the disk; e is what the index
// has, with an empty OID where that is nothing. A file that is gone, or became
// a folder or a device, is left out.
func (s *snapshot) add(ctx context.Context, e Entry, read bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	kind, err := s.disk.kind(e.Path)
	switch {
	case err != nil:
		return err
	case kind == fs.ModeSymlink && read:
		err = s.addLink(e)
	case kind == 0 && read:
		err = s.addFile(e)
	case kind == fs.ModeSymlink || kind == 0:
		s.entries = append(s.entries, e)
	}
	if errors.Is(err, fs.ErrNotExist) { // deleted since the folder was listed
		return nil
	}
	return err
}

func (s *snapshot) addLink(e Entry) error {
	target, err := s.disk.root.Readlink(filepath.FromSlash(e.Path))
	if err != nil {
		return err
	}
	content := []byte(filepath.ToSlash(target))
	e.Mode = ModeSymlink
	if s.repo.blobID(content) == e.OID {
		s.entries = append(s.entries, e)
		return nil
	}
	return s.stage(e, bytes.NewReader(content))
}

func (s *snapshot) addFile(e Entry) error {
	f, err := s.disk.root.Open(filepath.FromSlash(e.Path))
	if err != nil {
		return err
	}
	defer f.Close()
	limit := s.repo.Limits.FileBytes
	content, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return err
	}
	if int64(len(content)) > limit {
		// It will be skipped as too large when written out, so it must be in
		// the tree, but not in memory.
		return s.stage(asRegular(e), io.MultiReader(bytes.NewReader(content), f))
	}
	// Where the system has no symbolic links, git checks them out as files:
	// such an entry keeps its mode while it is unchanged.
	if e.OID != "" && (s.repo.blobID(content) == e.OID || s.repo.blobID(toLF(content)) == e.OID) {
		s.entries = append(s.entries, e)
		return nil
	}
	if e.OID != "" && e.Mode.Regular() && hasCRLF(content) {
		s.converted[e.OID] = append(s.converted[e.OID], convertedFile{len(s.entries), content})
		s.entries = append(s.entries, e)
		return nil
	}
	return s.stage(asRegular(e), bytes.NewReader(content))
}

func asRegular(e Entry) Entry {
	if !e.Mode.Regular() {
		e.Mode = ModeFile
	}
	return e
}

func hasCRLF(content []byte) bool { return bytes.Contains(content, []byte("\r\n")) }

func toLF(content []byte) []byte { return bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n")) }

// stage puts content aside for storeStaged. Its entry gets its OID there.
func (s *snapshot) stage(e Entry, content io.Reader) error {
	s.entries = append(s.entries, e)
	return s.stageContent(len(s.entries)-1, content)
}

func (s *snapshot) stageContent(entry int, content io.Reader) error {
	f, err := os.Create(filepath.Join(s.staging, strconv.Itoa(entry)))
	if err != nil {
		return err
	}
	s.staged = append(s.staged, entry)
	_, err = io.Copy(f, content)
	return errors.Join(err, f.Close())
}

// settleLineEnds decides on the line ends of changed files as git does: they
// are converted where the version in the index has no CRLF. Otherwise a file
// edited under core.autocrlf would be changed in each of its lines.
func (s *snapshot) settleLineEnds(ctx context.Context) error {
	var oids []string
	for oid := range s.converted {
		oids = append(oids, oid)
	}
	sizes, err := s.repo.sizes(ctx, oids)
	if err != nil {
		return err
	}
	indexHasCRLF := make(map[string]bool)
	var readable []string
	for _, oid := range oids {
		if size, ok := sizes[oid]; ok && size <= s.repo.Limits.FileBytes {
			readable = append(readable, oid)
		}
	}
	err = s.repo.contents(ctx, readable, func(oid string, content []byte) error {
		indexHasCRLF[oid] = hasCRLF(content)
		return nil
	})
	if err != nil {
		return err
	}
	for oid, files := range s.converted {
		for _, f := range files {
			if !indexHasCRLF[oid] {
				f.content = toLF(f.content)
			}
			if err := s.stageContent(f.entry, bytes.NewReader(f.content)); err != nil {
				return err
			}
		}
	}
	return nil
}

// storeStaged makes blobs of the staged files.
func (s *snapshot) storeStaged(ctx context.Context) error {
	if len(s.staged) == 0 {
		return nil
	}
	var names strings.Builder
	for _, entry := range s.staged {
		fmt.Fprintln(&names, entry)
	}
	c := s.repo.write("hash-object", "-w", "--no-filters", "--stdin-paths")
	c.dir = s.staging
	c.stdin = names.String()
	out, err := c.text(ctx, int64(len(s.staged))*65)
	if err != nil {
		return err
	}
	oids := strings.Fields(out)
	if len(oids) != len(s.staged) {
		return fmt.Errorf("git hash-object: %d answers to %d files", len(oids), len(s.staged))
	}
	for i, entry := range s.staged {
		s.entries[entry].OID = oids[i]
	}
	return nil
}

// writeTree makes a tree of the entries by way of an index of our own. The
// blobs need not be there: most are in the user's repository, which commands
// that write do not see, and some are in nobody's, in a partial clone.
func (s *snapshot) writeTree(ctx context.Context) (string, error) {
	var list strings.Builder
	for _, e := range s.entries {
		fmt.Fprintf(&list, "%s %s\t%s\x00", e.Mode, e.OID, e.Path)
	}
	index := "GIT_INDEX_FILE=" + filepath.Join(s.staging, "index")
	update := s.repo.write("update-index", "-z", "--index-info")
	update.env = append(update.env, index)
	update.stdin = list.String()
	if _, err := update.line(ctx); err != nil {
		return "", err
	}
	write := s.repo.write("write-tree", "--missing-ok")
	write.env = append(write.env, index)
	return write.line(ctx)
}

// blobID is the name that git gives to content.
func (r *Repo) blobID(content []byte) string {
	var h hash.Hash
	if r.sha256 {
		h = sha256.New()
	} else {
		h = sha1.New()
	}
	fmt.Fprintf(h, "blob %d\x00", len(content))
	h.Write(content)
	return hex.EncodeToString(h.Sum(nil))
}
