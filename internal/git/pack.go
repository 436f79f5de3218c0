package git

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A Packed file lies in what PackTrees wrote: Size bytes from At on.
type Packed struct {
	Path     string
	At, Size int64
}

// PackTrees writes the content of those files of some trees that want selects to
// one stream, what they have in common once, and says where each file of each
// tree lies. It takes the files that WriteTree would write, and says the same of
// the others, except that upper and lower case do not clash here. What is written
// is of no use after an error.
//
// A tree in thousands of files costs more than what a change of a few files
// takes to judge; most of that is the file system's part.
func (r *Repo) PackTrees(ctx context.Context, trees []string, to io.Writer, want func(path string) bool) (files [][]Packed, written []Written, err error) {
	files, written = make([][]Packed, len(trees)), make([]Written, len(trees))
	listed := make([][]Entry, len(trees))
	var oids []string
	for i, tree := range trees {
		listed[i], err = r.wanted(ctx, tree, want, &written[i])
		if err != nil {
			return nil, nil, err
		}
		for _, e := range listed[i] {
			oids = append(oids, e.OID)
		}
	}
	type place struct{ at, size int64 }
	places := map[string]place{}
	end := int64(0)
	out := bufio.NewWriterSize(to, 1<<16)
	err = r.contents(ctx, distinct(oids), func(oid string, content []byte) error {
		places[oid] = place{end, int64(len(content))}
		end += int64(len(content))
		_, err := out.Write(content)
		return err
	})
	if err = errors.Join(err, out.Flush()); err != nil {
		return nil, nil, fmt.Errorf("pack tree %s: %w", short(trees[0]), err)
	}
	for i, entries := range listed {
		seen := make(map[string]bool, len(entries))
		for _, e := range entries {
			if seen[e.Path] {
				written[i].skip(e.Path, sameName)
				continue
			}
			seen[e.Path] = true
			p := places[e.OID]
			files[i] = append(files[i], Packed{e.Path, p.at, p.size})
			written[i].Files++
			written[i].Bytes += p.size
		}
		slices.SortStableFunc(written[i].Skipped, func(a, b Skipped) int { return strings.Compare(a.Path, b.Path) })
	}
	return files, written, nil
}

// wanted lists the files of a tree that are to be written and can be, and
// records the others.
func (r *Repo) wanted(ctx context.Context, tree string, want func(path string) bool, written *Written) (files []Entry, err error) {
	err = r.walk(ctx, tree, func(e Entry) {
		if want != nil && !want(e.Path) {
			return
		}
		if reason := unwritable(e); reason != "" {
			written.skip(e.Path, reason)
			return
		}
		files = append(files, e)
	})
	if err != nil {
		return nil, err
	}
	if files, err = r.affordable(ctx, tree, files, written); err != nil {
		return nil, err
	}
	slices.SortFunc(written.Skipped, func(a, b Skipped) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}
