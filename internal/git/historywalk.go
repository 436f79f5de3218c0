package git

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// A commit is what rev-list tells of one.
type commit struct {
	hash              string
	parents           []string
	when              time.Time // it was committed; zero where the commit says nonsense
	author, committer Person
	message           string // at most maxMessage bytes of it, "" where it was not asked for
	cut               bool   // the message is longer
}

// The fields of a commit, each of which ends with a NUL, which none can hold.
const (
	commitFormat  = "%H%x00%P%x00%ct%x00%an%x00%ae%x00%cn%x00%ce%x00"
	messageFormat = "%B%x00"
)

// revList calls visit for each commit that rev-list names, in its order.
func (r *Repo) revList(ctx context.Context, messages bool, visit func(commit) error, args ...string) error {
	return r.revListCommand(messages, args...).run(ctx, func(out *bufio.Reader) error {
		return parseCommits(out, messages, visit)
	})
}

func (r *Repo) revListCommand(messages bool, args ...string) command {
	format := commitFormat
	if messages {
		format += messageFormat
	}
	return r.here(append([]string{"rev-list", "--no-commit-header", "--encoding=UTF-8", "--format=" + format}, args...)...)
}

// parseCommits reads commits in commitFormat, each of which begins a line.
func parseCommits(in *bufio.Reader, messages bool, visit func(commit) error) error {
	for {
		if next, err := in.Peek(1); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		} else if next[0] == '\n' {
			in.Discard(1) // it is in the buffer
			continue
		}
		c, err := parseCommit(in, messages)
		if err != nil {
			return err
		}
		if err := visit(c); err != nil {
			return err
		}
	}
}

func parseCommit(in *bufio.Reader, messages bool) (commit, error) {
	var c commit
	var parents, when string
	for _, field := range []*string{&c.hash, &parents, &when, &c.author.Name, &c.author.Email, &c.committer.Name, &c.committer.Email} {
		text, cut, err := readField(in, maxRecord)
		if err != nil {
			return commit{}, err
		}
		if cut {
			return commit{}, fmt.Errorf("a commit with a line of more than %d bytes", maxRecord)
		}
		*field = text
	}
	if messages {
		var err error
		if c.message, c.cut, err = readField(in, maxMessage); err != nil {
			return commit{}, err
		}
	}
	c.parents = strings.Fields(parents)
	for _, oid := range append([]string{c.hash}, c.parents...) {
		if !validOID(oid) {
			return commit{}, fmt.Errorf("unexpected commit %q", oid)
		}
	}
	// Years past 9999 cannot be written in JSON, and no commit is of one.
	if seconds, err := strconv.ParseInt(when, 10, 64); err == nil && seconds > 0 && seconds < 1<<37 {
		c.when = time.Unix(seconds, 0).UTC()
	}
	return c, nil
}

// readField reads up to the next NUL, and of that at most limit bytes.
func readField(in *bufio.Reader, limit int) (text string, cut bool, err error) {
	var b strings.Builder
	for {
		part, err := in.ReadSlice(0)
		full := err == nil
		if full {
			part = part[:len(part)-1]
		}
		room := limit - b.Len()
		cut = cut || len(part) > room
		b.Write(part[:min(len(part), room)])
		switch {
		case full:
			return b.String(), cut, nil
		case err == io.EOF:
			return "", false, io.ErrUnexpectedEOF
		case err != bufio.ErrBufferFull:
			return "", false, err
		}
	}
}
