package git

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// A catFile is a git that answers questions about objects for as long as the Repo
// is open: to start one costs more than most questions do. Who asks has it alone.
// After an error it is of no more use.
type catFile struct {
	cmd    *exec.Cmd
	in     *os.File
	out    *bufio.Reader
	pipe   *os.File // what out reads
	stderr *capped
	kill   context.CancelFunc
}

// idleReaders is how many are kept for the next question. A review asks from two
// places at once; who asks from more starts some more often.
const idleReaders = 2

// The questions: of what kind and size an object is, and the same with its content.
const (
	askInfo     = "info"
	askContents = "contents"
)

// An object is the answer to a question.
type object struct {
	oid  string // or the name that was asked for, where there is no such object
	kind string // "blob", "tree", "commit", "tag"; "" where it is missing
	size int64  // in bytes; 0 where it is missing
}

// ask has objects described: by their full hashes, which may be followed by a peeling
// such as "^{tree}". It calls visit for each, in the order of names, and with the
// content where that was asked for, of which visit reads all or returns an error.
func (r *Repo) ask(ctx context.Context, question string, names []string, visit func(o object, content io.Reader) error) error {
	if len(names) == 0 {
		return nil
	}
	for _, name := range names {
		oid, peel, peeled := strings.Cut(name, "^")
		if !validOID(oid) || peeled && peel != "{tree}" && peel != "{commit}" {
			return fmt.Errorf("read object %q: not an object name", name)
		}
	}
	c, err := r.reader(ctx)
	if err != nil {
		return err
	}
	if err := c.ask(ctx, question, names, visit); err != nil {
		return c.failed(ctx, err)
	}
	r.rest(c)
	return nil
}

// reader takes one that rests, or starts one.
func (r *Repo) reader(ctx context.Context) (*catFile, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if last := len(r.readers) - 1; last >= 0 {
		c := r.readers[last]
		r.readers = r.readers[:last]
		return c, nil
	}
	return r.content("cat-file", "--batch-command", "--buffer").startCatFile(ctx)
}

// rest puts one back.
func (r *Repo) rest(c *catFile) {
	r.mu.Lock()
	full := r.closed || len(r.readers) == idleReaders
	if !full {
		r.readers = append(r.readers, c)
	}
	r.mu.Unlock()
	if full {
		_ = c.end() // it has answered all that it was asked
	}
}

// endReaders ends those that rest. One that is at work is ended when it would rest.
func (r *Repo) endReaders() {
	r.mu.Lock()
	readers := r.readers
	r.readers, r.closed = nil, true
	r.mu.Unlock()
	for _, c := range readers {
		_ = c.end()
	}
}

// startCatFile starts a git that is not ended by what ends ctx, since others may ask it
// later.
func (c command) startCatFile(ctx context.Context) (*catFile, error) {
	inner, kill := context.WithCancel(context.WithoutCancel(ctx))
	cmd, stderr := c.prepare(inner)
	asked, in, inErr := os.Pipe()
	pipe, out, outErr := os.Pipe()
	err := errors.Join(inErr, outErr)
	if err == nil {
		cmd.Stdin, cmd.Stdout = asked, out
		if err = ctx.Err(); err == nil {
			err = cmd.Start()
		}
	}
	for _, f := range []*os.File{asked, out} { // git has its own
		f.Close()
	}
	if err != nil {
		kill()
		in.Close()
		pipe.Close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("git %s: %w", c.args[0], err)
	}
	return &catFile{cmd: cmd, in: in, out: bufio.NewReaderSize(pipe, 64<<10), pipe: pipe, stderr: stderr, kill: kill}, nil
}

// ask asks all, and is ended with git by what ends ctx.
func (c *catFile) ask(ctx context.Context, question string, names []string, visit func(object, io.Reader) error) error {
	stop := context.AfterFunc(ctx, c.kill)
	err := c.converse(question, names, visit)
	if !stop() && err == nil { // it has all answers, and answers no more
		err = ctx.Err()
	}
	return err
}

// converse writes all questions before it reads the first answer: git keeps them in
// mind until it is told to answer, so neither waits for the other.
func (c *catFile) converse(question string, names []string, visit func(object, io.Reader) error) error {
	var questions bytes.Buffer
	for _, name := range names {
		fmt.Fprintf(&questions, "%s %s\n", question, name)
	}
	questions.WriteString("flush\n")
	// A git that died does not read; how it died is what counts.
	_, _ = c.in.Write(questions.Bytes())
	for _, name := range names {
		line, err := c.out.ReadSlice('\n')
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		o, err := parseObjectHeader(line)
		if err != nil {
			return err
		}
		if o.oid != name && validOID(name) {
			return fmt.Errorf("answer for %s to the question for %s", o.oid, name)
		}
		withContent := question == askContents && o.kind != ""
		if err := visit(o, c.out); err != nil {
			return err
		}
		if withContent {
			if end, err := c.out.ReadByte(); err != nil || end != '\n' {
				return fmt.Errorf("read object %s: %w", name, io.ErrUnexpectedEOF)
			}
		}
	}
	return nil
}

// failed ends a git after an error, and says what the error is: ctx.Err() where ctx
// is done, that of git where its answer broke off, else err.
func (c *catFile) failed(ctx context.Context, err error) error {
	brokenOff := errors.Is(err, io.ErrUnexpectedEOF)
	if !brokenOff {
		c.kill() // it may have much to say yet
	}
	waitErr := c.end()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case brokenOff && waitErr != nil:
		err := failure("cat-file", c.stderr, waitErr)
		if strings.Contains(err.stderr, "unknown option `batch-command'") {
			return fmt.Errorf("git 2.36 or newer is needed: %w", err)
		}
		return err
	}
	return err
}

// end ends a git by the end of the questions, and waits for it.
func (c *catFile) end() error {
	defer c.kill()
	c.in.Close()
	c.pipe.Close()
	patience := time.AfterFunc(waitDelay, c.kill)
	defer patience.Stop()
	return c.cmd.Wait()
}

// parseObjectHeader reads "<oid> <kind> <size>\n" or "<name> missing\n".
func parseObjectHeader(line []byte) (object, error) {
	f := strings.Split(string(bytes.TrimSuffix(line, []byte("\n"))), " ")
	switch {
	case len(f) == 2 && f[1] == "missing":
		if oid, _, _ := strings.Cut(f[0], "^"); validOID(oid) {
			return object{oid: f[0]}, nil
		}
	case len(f) == 3 && validOID(f[0]) && f[1] != "":
		if size, err := strconv.ParseInt(f[2], 10, 64); err == nil && size >= 0 {
			return object{oid: f[0], kind: f[1], size: size}, nil
		}
	}
	return object{}, fmt.Errorf("unexpected object header %q", line)
}

// peel returns the hash of the commit or the tree that an object is or leads to, ""
// where that is not here.
func (r *Repo) peel(ctx context.Context, oid, kind string) (found string, err error) {
	err = r.ask(ctx, askInfo, []string{oid + "^{" + kind + "}"}, func(o object, _ io.Reader) error {
		if o.kind == kind {
			found = o.oid
		}
		return nil
	})
	return found, err
}

// blobs asks for blobs. The size is -1 for a missing one.
func (r *Repo) blobs(ctx context.Context, question string, oids []string, visit func(oid string, size int64, content io.Reader) error) error {
	return r.ask(ctx, question, oids, func(o object, content io.Reader) error {
		switch o.kind {
		case "":
			o.size = -1
		case "blob":
		default:
			return fmt.Errorf("object %s is a %s and not a blob", o.oid, o.kind)
		}
		return visit(o.oid, o.size, content)
	})
}

// sizes returns the size of each blob, without reading it, and nothing for one
// that is not there.
func (r *Repo) sizes(ctx context.Context, oids []string) (map[string]int64, error) {
	sizes := make(map[string]int64, len(oids))
	err := r.blobs(ctx, askInfo, distinct(oids), func(oid string, size int64, _ io.Reader) error {
		if size >= 0 {
			sizes[oid] = size
		}
		return nil
	})
	return sizes, err
}

// contents reads blobs that are there and within the limit.
func (r *Repo) contents(ctx context.Context, oids []string, visit func(oid string, content []byte) error) error {
	err := r.blobs(ctx, askContents, oids, func(oid string, size int64, in io.Reader) error {
		if size < 0 || size > r.Limits.FileBytes {
			return fmt.Errorf("blob %s changed while it was read", oid)
		}
		content := make([]byte, size)
		if _, err := io.ReadFull(in, content); err != nil {
			return fmt.Errorf("read blob %s: %w", oid, io.ErrUnexpectedEOF)
		}
		return visit(oid, content)
	})
	if _, failed := errors.AsType[*commandError](err); failed { // it had just found them all
		return fmt.Errorf("%w; the repository may be damaged: git fsck tells more", err)
	}
	return err
}
