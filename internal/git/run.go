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
	"strings"
	"sync/atomic"
	"time"

	"github.com/barraiser/barraiser/internal/process"
)

// settings override what the configuration of the repository and of the user
// could say about programs to run and files to read. Most of them are a second
// lock: the commands that would look are not used, or run in the scratch
// repository.
var settings = []string{
	"core.hooksPath=" + os.DevNull,
	"core.fsmonitor=false",
	"core.attributesFile=" + os.DevNull,
	"submodule.recurse=false",
	"protocol.allow=never",
}

// inherited are the variables that git gets from us; all others, GIT_DIR,
// GIT_INDEX_FILE, GIT_EXTERNAL_DIFF and GIT_CONFIG_COUNT among them, are
// dropped: they are set in hooks and would point git elsewhere than at the
// folder that was asked for. The user's configuration files stay, because
// safe.directory and core.excludesFile live there.
var inherited = []string{
	"PATH", "HOME", "XDG_CONFIG_HOME",
	"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM",
	"GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM",
	"SUDO_UID", // git lets root read a repository of the user behind sudo
	"TMPDIR", "TMP", "TEMP", "SYSTEMROOT", "USERPROFILE", "HOMEDRIVE", "HOMEPATH",
}

// fixed is the rest of git's environment. An allow-list of no protocol stops a
// lazy fetch also where git is too old to know GIT_NO_LAZY_FETCH, and, unlike
// protocol.allow, wins over a configured protocol.file.allow.
var fixed = []string{
	"LC_ALL=C",
	"GIT_OPTIONAL_LOCKS=0",
	"GIT_TERMINAL_PROMPT=0",
	"GIT_NO_LAZY_FETCH=1",
	"GIT_ALLOW_PROTOCOL=none",
	"GIT_NO_REPLACE_OBJECTS=1", // review what is published, not a local stand-in
	"GIT_ATTR_NOSYSTEM=1",
}

// noConfig hides every configuration file outside of the repository.
func noConfig() []string {
	return []string{"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull}
}

const (
	// waitDelay is how long a killed git may keep its pipes open.
	waitDelay = time.Second
	// strayDelay is how long somebody else may, after git has ended by itself.
	strayDelay = 10 * time.Second
	// maxStderr is ample for the one line that becomes our error.
	maxStderr = 4 << 10
	// maxLine is more than any path; it bounds answers of one line.
	maxLine = 64 << 10
)

// A command is one run of git. Every git process of this package is one.
type command struct {
	dir   string   // folder to run in
	env   []string // in addition to inherited and fixed
	stdin string   // a string, since exec would wait for a reader that blocks
	args  []string // the subcommand and its arguments
}

// A commandError is a git that ran and failed.
type commandError struct {
	name   string // the subcommand
	code   int    // exit status, -1 when killed by a signal
	stderr string
	err    error
}

func (e *commandError) Error() string {
	reason := firstComplaint(e.stderr)
	if reason == "" {
		reason = e.err.Error()
	}
	return "git " + e.name + ": " + reason
}

func (e *commandError) Unwrap() error { return e.err }

// firstComplaint is the first line of stderr that is more than a warning.
func firstComplaint(stderr string) string {
	first := ""
	for line := range strings.Lines(stderr) {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, "fatal: "); ok {
			return rest
		}
		if first == "" && !strings.HasPrefix(line, "warning: ") && !strings.HasPrefix(line, "hint: ") {
			first = strings.TrimPrefix(line, "error: ")
		}
	}
	return first
}

// prepare is a git that was not started yet, and what it will have to say for itself.
// It dies with ctx.
func (c command) prepare(ctx context.Context) (*exec.Cmd, *capped) {
	args := []string{"--no-pager", "--no-optional-locks", "--literal-pathspecs"}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	cmd := exec.CommandContext(ctx, "git", append(args, c.args...)...)
	cmd.Dir = c.dir
	cmd.Env = environ(os.LookupEnv, c.env)
	cmd.WaitDelay = waitDelay
	process.Group(cmd) // a fetch is several processes, and one of them would wait for the network
	stderr := &capped{limit: maxStderr}
	cmd.Stderr = stderr
	return cmd, stderr
}

// failure is the error of a git that ended with one.
func failure(name string, stderr *capped, waitErr error) *commandError {
	code := -1
	if exit, ok := errors.AsType[*exec.ExitError](waitErr); ok {
		code = exit.ExitCode()
	}
	return &commandError{name: name, code: code, stderr: stderr.String(), err: waitErr}
}

// run starts git and hands its output to read, which returns at the end of the
// output, or earlier with an error, upon which git is killed. The error is
// ctx.Err() where ctx is done, else that of read, else that of git.
func (c command) run(ctx context.Context, read func(*bufio.Reader) error) error {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()

	cmd, stderr := c.prepare(inner)
	cmd.Stdin = strings.NewReader(c.stdin)
	// A pipe of our own: Wait would close one of its own, or give up on it, while
	// what git wrote before it ended is still being read.
	out, in, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("git %s: %w", c.args[0], err)
	}
	defer out.Close()
	cmd.Stdout = in
	err = cmd.Start()
	in.Close() // git has its own
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("git %s: %w", c.args[0], err)
	}
	exited := make(chan error, 1)
	rest := &remains{pipe: out}
	go func() {
		err := cmd.Wait()
		rest.gitEnded(inner.Err() != nil)
		exited <- err
	}()
	readErr := read(bufio.NewReaderSize(rest, 64<<10))
	if readErr != nil {
		cancel()
	}
	out.Close()
	waitErr := <-exited

	if ctx.Err() != nil {
		return ctx.Err()
	}
	// An answer that breaks off is the consequence of git's own failure.
	brokenOff := errors.Is(readErr, io.ErrUnexpectedEOF) && waitErr != nil
	if readErr != nil && !brokenOff || waitErr == nil {
		return readErr
	}
	return failure(c.args[0], stderr, waitErr)
}

// remains reads the output of a git that may have ended. What it wrote can be read
// in any time; but where a stray process holds the other end, nobody waits longer
// than strayDelay for more, and to have waited is an error.
type remains struct {
	pipe  *os.File
	ended atomic.Bool
}

func (r *remains) Read(b []byte) (int, error) {
	if r.ended.Load() {
		r.hurry()
	}
	n, err := r.pipe.Read(b)
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, os.ErrClosed) {
		err = errors.New("the output does not end with git")
	}
	return n, err
}

func (r *remains) hurry() {
	if r.pipe.SetReadDeadline(time.Now().Add(strayDelay)) != nil { // pipes have none on some systems
		time.AfterFunc(strayDelay, func() { r.pipe.Close() })
	}
}

// gitEnded ends a read that waits, at once where nobody wants its result.
func (r *remains) gitEnded(cancelled bool) {
	if cancelled {
		r.pipe.Close()
		return
	}
	r.ended.Store(true)
	r.hurry()
}

// text is the whole output, which must not exceed max bytes.
func (c command) text(ctx context.Context, max int64) (string, error) {
	var b strings.Builder
	err := c.run(ctx, func(out *bufio.Reader) error {
		n, err := io.Copy(&b, io.LimitReader(out, max+1))
		if err == nil && n > max {
			err = fmt.Errorf("more than %d bytes of output", max)
		}
		return err
	})
	return b.String(), err
}

// line is an output of one line, without its end.
func (c command) line(ctx context.Context) (string, error) {
	s, err := c.text(ctx, maxLine)
	return strings.TrimSuffix(s, "\n"), err
}

// environ is the complete environment of git.
func environ(lookup func(string) (string, bool), more []string) []string {
	var env []string
	for _, name := range inherited {
		if value, ok := lookup(name); ok {
			env = append(env, name+"="+value)
		}
	}
	env = append(env, fixed...)
	return append(env, more...)
}

// capped keeps the first bytes written to it.
type capped struct {
	bytes.Buffer
	limit int
}

func (c *capped) Write(p []byte) (int, error) {
	room := max(0, c.limit-c.Len())
	c.Buffer.Write(p[:min(room, len(p))])
	return len(p), nil
}

// maxRecord bounds one NUL-terminated record: git itself has no bound on the
// length of a path.
const maxRecord = 1 << 20

var errLongRecord = fmt.Errorf("a name of more than %d bytes", maxRecord)

// records calls visit for each NUL-terminated record of r. The record is only
// valid during the call.
func records(r io.Reader, visit func(record []byte) error) error {
	scanner := bufio.NewScanner(r)
	scanner.Buffer(make([]byte, 64<<10), maxRecord)
	scanner.Split(func(data []byte, atEOF bool) (int, []byte, error) {
		if i := bytes.IndexByte(data, 0); i >= 0 {
			return i + 1, data[:i], nil
		}
		if atEOF && len(data) > 0 {
			return 0, nil, io.ErrUnexpectedEOF
		}
		return 0, nil, nil
	})
	for scanner.Scan() {
		if err := visit(scanner.Bytes()); err != nil {
			return err
		}
	}
	if err := scanner.Err(); err != bufio.ErrTooLong {
		return err
	}
	return errLongRecord
}
