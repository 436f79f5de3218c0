package git

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
)

// A tracked file is an entry of the user's index.
type tracked struct {
	Entry
	// kept: the entry holds whatever is on the disk. Either it is outside of a
	// sparse checkout, and its absence is no deletion, or the user told git to
	// assume that it is unchanged.
	kept bool
	// unmerged: the index has several versions of it; Entry is one of them.
	unmerged bool
}

// index lists the user's index.
func (r *Repo) index(ctx context.Context) ([]tracked, error) {
	var files []tracked
	err := r.here("ls-files", "-z", "--stage", "-v", "--full-name").run(ctx, func(out *bufio.Reader) error {
		return parseIndex(out, func(f tracked) error {
			if last := len(files) - 1; f.unmerged && last >= 0 && files[last].Path == f.Path {
				return nil // a further version
			}
			files = append(files, f)
			return r.checkEntries(len(files))
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read the index: %w", err)
	}
	return files, nil
}

// untracked lists the files that git would show as untracked: not in the index
// and not ignored.
func (r *Repo) untracked(ctx context.Context) ([]string, error) {
	var paths []string
	err := r.here("ls-files", "-z", "--others", "--exclude-standard", "--full-name").run(ctx, func(out *bufio.Reader) error {
		return records(out, func(record []byte) error {
			if name := string(record); !strings.HasSuffix(name, "/") { // a repository inside of this one
				paths = append(paths, name)
			}
			return r.checkEntries(len(paths))
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list untracked files: %w", err)
	}
	return paths, nil
}

func (r *Repo) checkEntries(n int) error {
	if n > r.Limits.Entries {
		return &TooLargeError{What: "files", Limit: int64(r.Limits.Entries)}
	}
	return nil
}

// parseIndex reads the output of ls-files --stage -v -z:
// "H 100644 <oid> 0\tpath\x00", where the tag is S for skip-worktree and a
// small letter for assume-unchanged, and the stage is not 0 while unmerged.
func parseIndex(in io.Reader, visit func(tracked) error) error {
	return records(in, func(record []byte) error {
		meta, path, ok := strings.Cut(string(record), "\t")
		f := strings.Split(meta, " ")
		if !ok || path == "" || len(f) != 4 || len(f[0]) != 1 || !validMode(f[1]) || !validOID(f[2]) ||
			len(f[3]) != 1 || f[3] < "0" || f[3] > "3" {
			return fmt.Errorf("unexpected index entry %q", record)
		}
		return visit(tracked{
			Entry:    Entry{Path: path, Mode: Mode(f[1]), OID: f[2]},
			kept:     f[0] == "S" || f[0] >= "a",
			unmerged: f[3] != "0",
		})
	})
}
