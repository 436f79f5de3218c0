package git

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// plain runs git as a user would, without our settings. Failing is allowed.
func plain(t *testing.T, c command) {
	t.Helper()
	cmd := exec.Command("git", c.args...)
	cmd.Dir = c.dir
	_ = cmd.Run()
}

func TestRunCancelled(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.commit(files{"x": strings.Repeat("x\n", 1_000_000)}) // more than the pipes hold
	ctx, cancel := context.WithCancel(t.Context())
	var cancelled time.Time
	err := command{dir: f.dir, args: []string{"cat-file", "blob", "HEAD:x"}}.run(ctx, func(out *bufio.Reader) error {
		if _, err := out.ReadByte(); err != nil {
			return err
		}
		cancelled = time.Now()
		cancel()
		<-time.After(waitDelay / 20) // git is killed while nobody reads
		_, err := io.Copy(io.Discard, out)
		return err
	})
	if took := time.Since(cancelled); err != context.Canceled || took > strayDelay {
		t.Errorf("run() = %v after %v, want %v at once", err, took, context.Canceled)
	}
}

// TestRunSlowReader: what git wrote before it ended is read to its end, however
// long that takes.
func TestRunSlowReader(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.commit(files{"x": strings.Repeat("x\n", 15_000)}) // less than a pipe holds: git ends at once
	read := 0
	err := command{dir: f.dir, args: []string{"cat-file", "blob", "HEAD:x"}}.run(t.Context(), func(out *bufio.Reader) error {
		<-time.After(waitDelay + waitDelay/2)
		n, err := io.Copy(io.Discard, out)
		read = int(n)
		return err
	})
	if err != nil || read != 30_000 {
		t.Errorf("run() = %v with %d bytes, want 30000", err, read)
	}
}

func TestRunErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.commit(files{"x": strings.Repeat("x\n", 100_000)})
	stop := errors.New("enough")
	for _, test := range []struct {
		name string
		run  func() error
		want string
	}{
		{"git fails", func() error {
			_, err := command{dir: f.dir, args: []string{"cat-file", "blob", "nothing"}}.line(t.Context())
			return err
		}, "git cat-file: Not a valid object name nothing"},
		{"reader stops", func() error {
			return command{dir: f.dir, args: []string{"cat-file", "blob", "HEAD:x"}}.run(t.Context(), func(*bufio.Reader) error { return stop })
		}, "enough"},
		{"reader misses the end", func() error {
			return command{dir: f.dir, args: []string{"cat-file", "blob", "nothing"}}.run(t.Context(), func(out *bufio.Reader) error {
				_, err := io.ReadFull(out, make([]byte, 9))
				return errors.Join(err, io.ErrUnexpectedEOF)
			})
		}, "git cat-file: Not a valid object name nothing"},
		{"long output", func() error {
			_, err := command{dir: f.dir, args: []string{"cat-file", "blob", "HEAD:x"}}.line(t.Context())
			return err
		}, "more than 65536 bytes of output"},
		{"silent failure", func() error {
			_, err := command{dir: f.dir, args: []string{"cat-file", "-e", strings.Repeat("1", 40)}}.line(t.Context())
			return err
		}, "git cat-file: exit status 1"},
	} {
		if err := test.run(); err == nil || err.Error() != test.want {
			t.Errorf("%s: error %q, want %q", test.name, err, test.want)
		}
	}
}

func TestNoGit(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := Open(t.Context(), t.TempDir(), t.TempDir()); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("Open() = %v, want %v", err, exec.ErrNotFound)
	}
}

func TestFirstComplaint(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ stderr, want string }{
		{"", ""},
		{"fatal: bad\nmore\n", "bad"},
		{"warning: odd\nerror: file is empty\nfatal: loose object is corrupt\n", "loose object is corrupt"},
		{"hint: try\nerror: file is empty\n", "file is empty"},
		{"something\n", "something"},
	} {
		if got := firstComplaint(test.stderr); got != test.want {
			t.Errorf("firstComplaint(%q) = %q, want %q", test.stderr, got, test.want)
		}
	}
}

func TestCapped(t *testing.T) {
	t.Parallel()
	c := &capped{limit: 5}
	for _, s := range []string{"abc", "def", "ghi"} {
		if n, err := c.Write([]byte(s)); n != 3 || err != nil {
			t.Errorf("Write(%q) = %d, %v", s, n, err)
		}
	}
	if c.String() != "abcde" {
		t.Errorf("kept %q, want abcde", c.String())
	}
}

func TestRecords(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		in   string
		want []string
		err  error
	}{
		{"", nil, nil},
		{"a\x00\x00b\nc\x00", []string{"a", "", "b\nc"}, nil},
		{"a\x00b", []string{"a"}, io.ErrUnexpectedEOF},
		{strings.Repeat("a", maxRecord+1) + "\x00", nil, errLongRecord},
	} {
		var got []string
		err := records(strings.NewReader(test.in), func(r []byte) error {
			got = append(got, string(r))
			return nil
		})
		if !errors.Is(err, test.err) || !cmp.Equal(got, test.want) {
			t.Errorf("records(%.20q) = %q, %v, want %q, %v", test.in, got, err, test.want, test.err)
		}
	}
}
