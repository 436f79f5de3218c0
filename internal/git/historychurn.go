package git

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Touch is one commit that changed one declaration of a Go file.
type Touch struct {
	Commit string
	When   time.Time
	Author string // e-mail address in lower case
	// Path is where the file is now, as far as its renames tell; hostile.
	Path string
	// Symbol is the declaration, "Func", "Type.Method", "Type" or the name of a
	// variable or constant; "" for the file as a whole, which each commit touches
	// once that touches anything in it.
	Symbol string
}

// Touches returns what the commits since then changed in the declarations of Go
// files, as they can be reached from the commit tip: the newest first. Left out
// are merges, which bring what others wrote, commits of bots, changes of white
// space alone, comments between declarations, deleted files, and what is below
// a folder named vendor or testdata. cache is a folder that keeps the result for
// the next run, "" for none.
//
// Declarations are told as git does it in the header of a hunk: by the last
// line before it that begins one. That is right for code as gofmt writes it,
// where nothing else begins at the start of a line.
func (r *Repo) Touches(ctx context.Context, tip string, since time.Time, cache string) ([]Touch, error) {
	touches, err := r.touches(ctx, tip, since, cache)
	if err != nil {
		return nil, fmt.Errorf("read what changed before %s: %w", short(tip), r.explain(ctx, err))
	}
	return touches, nil
}

// An edit is what a commit did to a Go file.
type edit struct {
	Path    string
	OldPath string // of a renamed file, else ""
	Symbols []string
	pair    Change // whose hunks have the symbols, until they are read
}

func (r *Repo) touches(ctx context.Context, tip string, since time.Time, cache string) ([]Touch, error) {
	edge, err := r.shallowEdge()
	if err != nil {
		return nil, err
	}
	var commits []commit
	err = r.revList(ctx, false, func(c commit) error {
		if !strings.Contains(edge, c.hash) {
			commits = append(commits, c)
		}
		return nil
	}, "--no-merges", "--topo-order", "--max-age="+strconv.FormatInt(max(0, since.Unix()), 10), "--end-of-options", tip)
	if err != nil {
		return nil, err
	}

	// Edits by their commit do not depend on the tip under which they are kept.
	kept := historyCache{dir: cache, kind: "touches", edge: edge}
	known := make(map[string][]edit)
	from, err := recallNearest(ctx, r, kept, tip, 0, &known)
	if err != nil {
		return nil, err
	}
	var todo []string
	for _, c := range commits {
		if _, ok := known[c.hash]; !ok {
			todo = append(todo, c.hash)
		}
	}
	if len(todo) > 0 {
		if err := r.readEdits(ctx, todo, known); err != nil {
			return nil, err
		}
	}
	if len(todo) > 0 || from != tip {
		window := make(map[string][]edit, len(commits)) // what has left it is let go
		for _, c := range commits {
			window[c.hash] = known[c.hash]
		}
		kept.keep(tip, window)
	}
	return follow(commits, known), nil
}

// follow lists the touches of commits, given the newest first, under the paths
// that the files have now.
func follow(commits []commit, edits map[string][]edit) []Touch {
	var touches []Touch
	now := make(map[string]string) // by the path that the file had at this time
	for _, c := range commits {
		for _, e := range edits[c.hash] {
			file := e.Path
			if to, ok := now[file]; ok {
				file = to
			}
			if e.OldPath != "" {
				now[e.OldPath] = file
			}
			if len(e.Symbols) == 0 || bot(c.author) {
				continue
			}
			t := Touch{Commit: c.hash, When: c.when, Author: strings.ToLower(c.author.Email), Path: file}
			for _, t.Symbol = range e.Symbols {
				touches = append(touches, t)
			}
		}
	}
	return touches
}

// bot tells the accounts of GitHub Apps, which GitHub names so.
func bot(p Person) bool {
	return strings.HasSuffix(p.Name, "[bot]") || strings.Contains(p.Email, "[bot]@")
}

// readEdits adds the edits of commits to known, of each at least none.
func (r *Repo) readEdits(ctx context.Context, commits []string, known map[string][]edit) error {
	c := r.diffCommits(strings.Join(commits, "\n")+"\n", append([]string{"--raw"}, renames...)...)
	for _, hash := range commits {
		known[hash] = nil
	}
	err := c.run(ctx, func(out *bufio.Reader) error {
		return parseEdits(out, r.Limits.Entries, func(hash string, e edit) { known[hash] = append(known[hash], e) })
	})
	if err != nil {
		return err
	}
	var pairs []Change
	var of []*edit
	for _, hash := range commits {
		for i := range known[hash] {
			e := &known[hash][i]
			pairs, of = append(pairs, e.pair), append(of, e)
		}
	}
	if len(pairs) == 0 {
		return nil
	}
	symbols, err := r.changedSymbols(ctx, pairs)
	if err != nil {
		return err
	}
	for i, e := range of {
		e.Symbols = symbols[i]
	}
	return nil
}

// parseEdits reads the commits and raw records of diff-tree --stdin -z.
func parseEdits(in io.Reader, limit int, visit func(commit string, e edit)) error {
	var hash string
	var change *Change // whose paths come next
	entries := 0
	err := records(in, func(record []byte) error {
		text := string(record)
		if change == nil {
			if validOID(text) {
				hash, entries = text, 0
				return nil
			}
			if entries++; entries > limit {
				return &TooLargeError{Tree: hash, What: "changed files in one commit", Limit: int64(limit)}
			}
			c, err := parseRawChange(text)
			if err == nil && hash == "" {
				err = fmt.Errorf("%q before the first commit", text)
			}
			change = &c
			return err
		}
		if text == "" {
			return errors.New("change without a path")
		}
		if change.Status == Renamed && change.OldPath == "" {
			change.OldPath = text
			return nil
		}
		if change.Status != Deleted && churned(text) {
			visit(hash, edit{Path: text, OldPath: change.OldPath, pair: *change})
		}
		change = nil
		return nil
	})
	if err == nil && change != nil {
		return io.ErrUnexpectedEOF
	}
	return err
}

// churned reports whether a file is Go that people of the repository wrote.
func churned(file string) bool {
	if path.Ext(file) != ".go" {
		return false
	}
	for element := range strings.SplitSeq(path.Dir(file), "/") {
		if element == "vendor" || element == "testdata" {
			return false
		}
	}
	return true
}

// declarationLine is an extended regular expression for the line that begins a
// declaration; git shows the group in the header of a hunk.
const declarationLine = `^((func|type|var|const)[ (].*)`

// changedSymbols returns the declarations that each change touched, at its
// index, as Hunks returns hunks: "" first, where it touched any line of code.
func (r *Repo) changedSymbols(ctx context.Context, changes []Change) ([][]string, error) {
	symbols := make([][]string, len(changes))
	c, err := r.patch(ctx, changes, "--ignore-all-space", "--ignore-blank-lines")
	if err != nil {
		return nil, err
	}
	// The driver of all files without attributes.
	c.env = append(c.env, "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=diff.default.xfuncname", "GIT_CONFIG_VALUE_0="+declarationLine)
	err = c.run(ctx, func(out *bufio.Reader) error {
		return parseTouched(out, func(file int, symbol string) error {
			if file >= len(symbols) {
				return fmt.Errorf("hunk of file %d of %d", file, len(symbols))
			}
			if !slices.Contains(symbols[file], symbol) {
				symbols[file] = append(symbols[file], symbol)
			}
			return nil
		})
	})
	return symbols, err
}
