package git

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// RevertOf returns the one earlier change that base..head takes back exactly,
// "" where it is no such clean revert. The base is a commit that head contains,
// the merge base; the earlier change is a commit that the base contains.
//
// Messages only say where to look. The proof is in the trees: what that commit
// did to its first parent, undone at the base, gives the tree of head. Where
// two changes touched the same lines since, so that undoing takes a decision,
// or the base has moved the file elsewhere, it is not clean.
func (r *Repo) RevertOf(ctx context.Context, base, head string) (commit string, err error) {
	candidates, err := r.reverted(ctx, base, head)
	if err != nil {
		return "", fmt.Errorf("find what %s reverts: %w", short(head), r.explain(ctx, err))
	}
	for _, c := range candidates {
		undone, err := r.undoes(ctx, c, base, head)
		if err != nil {
			return "", fmt.Errorf("compare %s with the revert of %s: %w", short(head), short(c), r.explain(ctx, err))
		}
		if undone {
			return c, nil
		}
	}
	return "", nil
}

var (
	// revertsCommit is what git revert writes, and GitHub's button after it.
	revertsCommit = regexp.MustCompile(`\bThis reverts commit ([0-9a-f]{7,64})\b`)
	// revertsTitle is a subject of the same, which a squashed merge may leave
	// alone of the message; GitHub adds a number to it.
	revertsTitle = regexp.MustCompile(`^Revert "(.+)"(?: \(#\d+\))?$`)
)

// maxReverted is how many candidates are tried: a clean revert names one, and a
// hostile message may name many.
const maxReverted = 8

// hearReverts notes what a message says that the commit takes back.
func (s *said) hearReverts(c commit) {
	for _, m := range revertsCommit.FindAllStringSubmatch(c.message, -1) {
		s.reverted = append(s.reverted, m[1])
	}
	subject, _, _ := strings.Cut(c.message, "\n")
	if m := revertsTitle.FindStringSubmatch(subject); m != nil {
		s.revertedTitles = append(s.revertedTitles, m[1])
	}
}

// reverted lists commits of the base that messages of base..head name.
func (r *Repo) reverted(ctx context.Context, base, head string) ([]string, error) {
	s, err := r.commitsSay(ctx, base, head)
	if err != nil {
		return nil, err
	}
	names, titles := s.reverted, s.revertedTitles
	var found []string
	for _, name := range distinct(names) {
		if len(found) == maxReverted {
			return found, nil
		}
		commit, err := r.Resolve(ctx, name)
		if _, unknown := errors.AsType[*UnknownRevisionError](err); unknown {
			continue
		}
		if err != nil {
			return nil, err
		}
		if on, err := r.contains(ctx, base, commit); err != nil {
			return nil, err
		} else if on && !slices.Contains(found, commit) {
			found = append(found, commit)
		}
	}
	if len(found) > 0 || len(titles) == 0 {
		return found, nil
	}
	return r.titled(ctx, base, titles)
}

// titled lists the steps of the base whose subject is one of titles, the newest
// first.
func (r *Repo) titled(ctx context.Context, base string, titles []string) ([]string, error) {
	var found []string
	enough := errors.New("enough")
	err := r.revList(ctx, true, func(c commit) error {
		subject, rest, _ := strings.Cut(c.message, "\n")
		// Of a merge by GitHub, the title is the first line of the body.
		body, _, _ := strings.Cut(strings.TrimLeft(rest, "\n"), "\n")
		if slices.Contains(titles, subject) || len(c.parents) > 1 && slices.Contains(titles, body) {
			found = append(found, c.hash)
		}
		if len(found) == maxReverted {
			return enough
		}
		return nil
	}, "--first-parent", "--end-of-options", base)
	if err == enough {
		err = nil
	}
	return found, err
}

// contains reports whether a commit is another one or an ancestor of it.
func (r *Repo) contains(ctx context.Context, commit, ancestor string) (bool, error) {
	_, err := r.here("merge-base", "--is-ancestor", ancestor, commit).line(ctx)
	if cmdErr, ok := errors.AsType[*commandError](err); ok && cmdErr.code == 1 {
		return false, nil
	}
	return err == nil, err
}

// undoes reports whether head is base without what commit did.
func (r *Repo) undoes(ctx context.Context, commit, base, head string) (bool, error) {
	from, err := r.TreeOf(ctx, commit)
	if err != nil {
		return false, err
	}
	parents, err := r.here("rev-list", "--parents", "--max-count=1", "--end-of-options", commit).line(ctx)
	if err != nil {
		return false, err
	}
	to := r.emptyTree()
	if f := strings.Fields(parents); len(f) > 1 {
		if to, err = r.TreeOf(ctx, f[1]); err != nil {
			return false, err
		}
	}
	baseTree, err := r.TreeOf(ctx, base)
	if err != nil {
		return false, err
	}
	headTree, err := r.TreeOf(ctx, head)
	if err != nil {
		return false, err
	}
	return r.mergesTo(ctx, merge{from: from, ours: baseTree, theirs: to}, headTree)
}

// A merge is of three trees: what theirs did to from is to be done to ours.
type merge struct{ from, ours, theirs string }

// mergesTo reports whether a merge is clean and gives exactly the tree want.
//
// It goes file by file, where git would also guess at renames, on which no
// proof should stand; and it writes no object, where git merge-tree would touch
// those of the user that it makes again.
func (r *Repo) mergesTo(ctx context.Context, m merge, want string) (bool, error) {
	done, err := r.byPath(ctx, m.ours, want)
	if err != nil {
		return false, err
	}
	wanted, err := r.byPath(ctx, m.from, m.theirs)
	if err != nil || len(wanted) == 0 {
		return false, err
	}
	for path := range done {
		if _, ok := wanted[path]; !ok {
			return false, nil
		}
	}
	moved, err := r.byPath(ctx, m.from, m.ours)
	if err != nil {
		return false, err
	}
	for path, theirs := range wanted {
		from, to := theirs.sides()
		ours := from
		if c, ok := moved[path]; ok {
			_, ours = c.sides()
		}
		result := ours
		if c, ok := done[path]; ok {
			_, result = c.sides()
		}
		clean, err := r.fileMergesTo(ctx, from, ours, to, result)
		if err != nil || !clean {
			return false, err
		}
	}
	return true, nil
}

// byPath compares two trees without renames.
func (r *Repo) byPath(ctx context.Context, from, to string) (map[string]Change, error) {
	for _, tree := range []string{from, to} {
		if err := r.count(ctx, tree); err != nil {
			return nil, err
		}
	}
	changes, err := r.diffTree(ctx, from, to, []string{"--no-renames"})
	if err != nil {
		return nil, err
	}
	byPath := make(map[string]Change, len(changes))
	for _, c := range changes {
		byPath[cmp.Or(c.OldPath, c.NewPath)] = c
	}
	return byPath, nil
}

// A version is a file at one time, the zero version none.
type version struct {
	mode Mode
	oid  string
}

func (c Change) sides() (before, after version) {
	return version{c.OldMode, c.OldOID}, version{c.NewMode, c.NewOID}
}

// fileMergesTo is mergesTo for one file.
func (r *Repo) fileMergesTo(ctx context.Context, from, ours, theirs, want version) (bool, error) {
	switch {
	case ours == from:
		return want == theirs, nil
	case ours == theirs:
		return want == ours, nil
	case !from.mode.Regular() || ours.mode != from.mode || theirs.mode != from.mode || want.mode != from.mode:
		return false, nil
	}
	content := make(map[string][]byte)
	err := r.Blobs(ctx, []string{from.oid, ours.oid, theirs.oid}, func(b Blob) error {
		if b.Content == nil && b.Size > 0 {
			return &TooLargeError{Tree: b.OID, What: "bytes in a file", Limit: r.Limits.FileBytes}
		}
		content[b.OID] = b.Content
		return nil
	})
	if _, large := errors.AsType[*TooLargeError](err); large {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	merged, clean, err := r.mergeFile(ctx, content[from.oid], content[ours.oid], content[theirs.oid])
	return clean && r.blobID(merged) == want.oid, err
}

// mergeFile merges three contents as git does.
func (r *Repo) mergeFile(ctx context.Context, from, ours, theirs []byte) (merged []byte, clean bool, err error) {
	dir, err := os.MkdirTemp(r.scratch, "merge-")
	if err != nil {
		return nil, false, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	for name, content := range map[string][]byte{"ours": ours, "from": from, "theirs": theirs} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return nil, false, err
		}
	}
	c := r.write("merge-file", "--stdout", "--quiet", "ours", "from", "theirs")
	c.dir = dir
	text, err := c.text(ctx, 3*r.Limits.FileBytes)
	// The exit status is the number of conflicts, 255 for what is no text.
	if cmdErr, ok := errors.AsType[*commandError](err); ok && cmdErr.code > 0 {
		return nil, false, nil
	}
	return []byte(text), err == nil, err
}
