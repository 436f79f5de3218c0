package git

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// parseStats reads what diff-tree -z says of commits: the hash, then records as
// parseRawDiff reads them, then, where --numstat was asked for, records of
//
//	12<tab>3<tab>path
//
// in the same order; of a renamed file the path there is empty, and both its
// paths follow. It counts entries, of which one commit may have at most limit.
func parseStats(in io.Reader, limit int, visit func(commit string, files []FileStat) error) error {
	p := statParser{limit: limit, visit: visit}
	if err := records(in, p.record); err != nil {
		return err
	}
	if p.paths > 0 {
		return io.ErrUnexpectedEOF
	}
	return p.flush()
}

type statParser struct {
	limit  int
	visit  func(commit string, files []FileStat) error
	commit string
	files  []FileStat // of the commit
	paths  int        // how many of the last file's paths are still to come
	counts int        // how many of the files have their numbers
	skip   bool       // the paths to come are known already, from the raw records
}

func (p *statParser) record(record []byte) error {
	text := string(record)
	switch {
	case p.paths > 0:
		p.paths--
		if p.skip {
			return nil
		}
		if text == "" {
			return errors.New("change without a path")
		}
		f := &p.files[len(p.files)-1]
		f.OldPath, f.Path = f.Path, text
		return nil
	case validOID(text):
		if err := p.flush(); err != nil {
			return err
		}
		p.commit, p.files, p.counts = text, nil, 0
		return nil
	case p.commit == "":
		return fmt.Errorf("%q before the first commit", text)
	case strings.HasPrefix(text, ":"):
		c, err := parseRawChange(text)
		if err != nil {
			return err
		}
		if len(p.files) >= p.limit {
			return &TooLargeError{Tree: p.commit, What: "changed files in one commit", Limit: int64(p.limit)}
		}
		p.files = append(p.files, FileStat{})
		p.paths, p.skip = 1, false
		if c.Status == Renamed {
			p.paths = 2
		}
		return nil
	}
	return p.number(text)
}

// number reads the numbers of lines of the next file, which are a dash for what
// is no text.
func (p *statParser) number(text string) error {
	f := strings.SplitN(text, "\t", 3)
	if len(f) != 3 || p.counts >= len(p.files) {
		return fmt.Errorf("unexpected numbers of lines %q", text)
	}
	file := &p.files[p.counts]
	p.counts++
	for i, n := range []*int{&file.Added, &file.Deleted} {
		if f[i] == "-" {
			continue
		}
		v, err := strconv.ParseUint(f[i], 10, 31)
		if err != nil {
			return fmt.Errorf("unexpected numbers of lines %q", text)
		}
		*n = int(v)
	}
	if f[2] == "" {
		p.paths, p.skip = 2, true
	} else if f[2] != file.Path {
		return fmt.Errorf("numbers of lines of %q in the place of %q", f[2], file.Path)
	}
	return nil
}

func (p *statParser) flush() error {
	if p.commit == "" {
		return nil
	}
	return p.visit(p.commit, p.files)
}
