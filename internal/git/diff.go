package git

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// A Status is what happened to a file, in git's letters.
type Status string

const (
	Added    Status = "A"
	Modified Status = "M" // content, mode or kind: a file that became a symbolic link is modified
	Deleted  Status = "D"
	Renamed  Status = "R" // and possibly modified
)

// A Change is the difference between two trees in one file. The fields of the
// side on which the file does not exist are empty.
type Change struct {
	Status           Status
	OldPath, NewPath string
	OldMode, NewMode Mode
	OldOID, NewOID   string
	Similarity       int // of a renamed file's two contents, in percent
}

// renames asks for renames from half-similar content on, git's default, and
// gives up looking (beyond equal content) at a thousand candidates a side, the
// default as well: given, so that no version of git judges otherwise.
var renames = []string{"-M50%", "-l1000"}

// exactRenames need no content.
var exactRenames = []string{"-M100%"}

// Diff returns all changes from one tree to another, in the order of paths. In
// a partial clone without the content that it takes to compare added with
// deleted files, only those renames are found that changed nothing.
func (r *Repo) Diff(ctx context.Context, baseTree, headTree string) ([]Change, error) {
	// git holds all changes in memory before it prints the first one.
	for _, tree := range []string{baseTree, headTree} {
		if err := r.count(ctx, tree); err != nil {
			return nil, err
		}
	}
	changes, err := r.diffTree(ctx, baseTree, headTree, renames)
	if _, failed := errors.AsType[*commandError](err); failed && r.promisor(ctx) != "" {
		changes, err = r.diffTree(ctx, baseTree, headTree, exactRenames)
	}
	if err != nil {
		return nil, fmt.Errorf("compare trees %s and %s: %w", short(baseTree), short(headTree), r.explain(ctx, err))
	}
	return changes, nil
}

func (r *Repo) diffTree(ctx context.Context, baseTree, headTree string, renames []string) (changes []Change, err error) {
	args := append([]string{"diff-tree", "-r", "-z", "--raw", "--no-abbrev"}, renames...)
	args = append(args, "--end-of-options", baseTree, headTree)
	err = r.content(args...).run(ctx, func(out *bufio.Reader) error {
		changes, err = parseRawDiff(out)
		return err
	})
	return changes, err
}

// parseRawDiff reads the output of diff-tree --raw -z: records of
//
//	:100644 100644 <old oid> <new oid> R086
//
// each followed by its path, and for a rename by a second one.
func parseRawDiff(in io.Reader) ([]Change, error) {
	var changes []Change
	var change *Change // whose paths come next
	err := records(in, func(record []byte) error {
		if change == nil {
			c, err := parseRawChange(string(record))
			change = &c
			return err
		}
		path := string(record)
		switch {
		case path == "":
			return errors.New("change without a path")
		case change.Status == Renamed && change.OldPath == "":
			change.OldPath = path
			return nil
		case change.Status == Modified:
			change.OldPath, change.NewPath = path, path
		case change.Status == Deleted:
			change.OldPath = path
		default:
			change.NewPath = path
		}
		changes = append(changes, *change)
		change = nil
		return nil
	})
	if err == nil && change != nil {
		err = io.ErrUnexpectedEOF
	}
	return changes, err
}

func parseRawChange(record string) (Change, error) {
	bad := fmt.Errorf("unexpected change %q", record)
	rest, ok := strings.CutPrefix(record, ":")
	f := strings.Split(rest, " ")
	if !ok || len(f) != 5 || f[4] == "" {
		return Change{}, bad
	}
	for i := range 2 {
		if !validMode(f[i]) || !validOID(f[2+i]) {
			return Change{}, bad
		}
	}
	c := Change{OldMode: Mode(f[0]), NewMode: Mode(f[1]), OldOID: f[2], NewOID: f[3]}
	switch letter, score := f[4][:1], f[4][1:]; letter {
	case "A":
		c.Status, c.OldMode, c.OldOID = Added, "", ""
	case "D":
		c.Status, c.NewMode, c.NewOID = Deleted, "", ""
	case "M", "T":
		c.Status = Modified
	case "R":
		n, err := strconv.Atoi(score)
		if err != nil || n < 0 || n > 100 {
			return Change{}, bad
		}
		c.Status, c.Similarity = Renamed, n
	default:
		return Change{}, bad
	}
	return c, nil
}

// A Hunk is a run of lines that were replaced. Lines count from 1. Where a side
// has no lines, its start is the line after which they were removed or added, 0
// at the top of the file.
type Hunk struct {
	OldStart, OldLines int
	NewStart, NewLines int
}

// Hunks returns the hunks of each change, at its index. There are none where
// the content is equal, is not that of regular files, or is larger than
// Limits.FileBytes. Content is compared as text, whatever it is: attributes
// cannot hide a file by calling it binary.
//
// The changes are laid into two trees of our own, under numbers in place of
// paths, and those are compared. So one process does for any number of files,
// renamed ones too, and no path has to be told from the text of a patch.
func (r *Repo) Hunks(ctx context.Context, changes []Change) ([][]Hunk, error) {
	hunks := make([][]Hunk, len(changes))
	c, err := r.patch(ctx, changes)
	if err != nil {
		return nil, fmt.Errorf("compare files: %w", err)
	}
	err = c.run(ctx, func(out *bufio.Reader) error {
		return parseHunks(out, func(file int, h Hunk, _ string) error {
			if file >= len(hunks) {
				return fmt.Errorf("hunk of file %d of %d", file, len(hunks))
			}
			hunks[file] = append(hunks[file], h)
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("compare files: %w", err)
	}
	return hunks, nil
}

// A textPair is what Hunks compares: the blobs before and after, "" for none.
type textPair [2]string

func (r *Repo) textPairs(ctx context.Context, changes []Change) ([]textPair, error) {
	pairs := make([]textPair, len(changes))
	var oids []string
	for i, c := range changes {
		if c.OldMode.Regular() {
			pairs[i][0] = c.OldOID
		}
		if c.NewMode.Regular() {
			pairs[i][1] = c.NewOID
		}
		if pairs[i][0] == pairs[i][1] {
			pairs[i] = textPair{}
		}
		for _, oid := range pairs[i] {
			if oid != "" {
				oids = append(oids, oid)
			}
		}
	}
	sizes, err := r.sizes(ctx, oids)
	if err != nil {
		return nil, err
	}
	for i, pair := range pairs {
		for side, oid := range pair {
			if oid == "" {
				continue
			}
			size, ok := sizes[oid]
			if !ok {
				missing := r.missing(ctx, []string{oid}, nil).(*MissingError)
				missing.Path = [2]string{changes[i].OldPath, changes[i].NewPath}[side]
				return nil, missing
			}
			if size > r.Limits.FileBytes {
				pairs[i] = textPair{}
			}
		}
	}
	return pairs, nil
}

// numberedTrees writes the trees of both sides of all pairs.
func (r *Repo) numberedTrees(ctx context.Context, pairs []textPair) (old, new string, err error) {
	var list strings.Builder
	for side := range 2 {
		for i, pair := range pairs {
			if pair[side] != "" {
				fmt.Fprintf(&list, "%s blob %s\t%d\x00", ModeFile, pair[side], i)
			}
		}
		list.WriteByte(0) // the end of a tree
	}
	c := r.write("mktree", "--missing", "--batch", "-z")
	c.stdin = list.String()
	out, err := c.line(ctx)
	if err != nil {
		return "", "", err
	}
	old, new, ok := strings.Cut(out, "\n")
	if !ok || !validOID(old) || !validOID(new) {
		return "", "", fmt.Errorf("git mktree: %q for two trees", out)
	}
	return old, new, nil
}

// patch is the command that prints how the files differ, for parseHunks: without
// context, each file under its index in changes.
func (r *Repo) patch(ctx context.Context, changes []Change, options ...string) (command, error) {
	pairs, err := r.textPairs(ctx, changes)
	if err != nil {
		return command{}, err
	}
	old, new, err := r.numberedTrees(ctx, pairs)
	if err != nil {
		return command{}, err
	}
	args := append([]string{"diff-tree", "-p", "-U0", "--inter-hunk-context=0", "--text", "--no-renames", "--no-color",
		"--no-ext-diff", "--no-textconv", "--diff-algorithm=histogram", "--indent-heuristic"}, options...)
	return r.content(append(args, "--end-of-options", old, new)...), nil
}

// parseHunks reads a patch without context over files that have numbers for
// names, and calls visit for each hunk with what its first line says behind the
// numbers of lines. The lines of the files themselves begin with a plus, a minus or
// a backslash; visit may read those of its hunk.
func parseHunks(in *bufio.Reader, visit func(file int, h Hunk, header string) error) error {
	file := -1
	for {
		line, err := lineStart(in)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if names, ok := strings.CutPrefix(line, "diff --git a/"); ok {
			name, _, _ := strings.Cut(names, " ")
			if file, err = strconv.Atoi(name); err != nil || file < 0 {
				return fmt.Errorf("unexpected file %q", line)
			}
		}
		if strings.HasPrefix(line, "@@ ") {
			h, err := parseHunk(line)
			if err != nil {
				return err
			}
			if file < 0 {
				return fmt.Errorf("hunk %q before the first file", line)
			}
			_, header, _ := strings.Cut(line[len("@@"):], "@@ ")
			if err := visit(file, h, strings.TrimSuffix(header, "\n")); err != nil {
				return err
			}
		}
	}
}

// lineStart reads a line and returns its beginning, which is all that a header
// needs; a line of source may have megabytes.
func lineStart(in *bufio.Reader) (string, error) {
	line, err := in.ReadSlice('\n')
	start := string(line[:min(len(line), 256)])
	for err == bufio.ErrBufferFull {
		_, err = in.ReadSlice('\n')
	}
	if err == io.EOF && start != "" {
		return start, nil
	}
	return start, err
}

// parseHunk reads "@@ -1,2 +3 @@ the function"; a count of one is left out.
func parseHunk(line string) (Hunk, error) {
	bad := fmt.Errorf("unexpected hunk %q", line)
	f := strings.SplitN(line, " ", 5)
	if len(f) < 4 || f[0] != "@@" || strings.TrimSpace(f[3]) != "@@" {
		return Hunk{}, bad
	}
	var h Hunk
	for _, side := range []struct {
		text, sign   string
		start, lines *int
	}{{f[1], "-", &h.OldStart, &h.OldLines}, {f[2], "+", &h.NewStart, &h.NewLines}} {
		text, ok := strings.CutPrefix(side.text, side.sign)
		start, lines, counted := strings.Cut(text, ",")
		if !counted {
			lines = "1"
		}
		a, errA := strconv.ParseUint(start, 10, 31)
		b, errB := strconv.ParseUint(lines, 10, 31)
		if !ok || errA != nil || errB != nil {
			return Hunk{}, bad
		}
		*side.start, *side.lines = int(a), int(b)
	}
	return h, nil
}
