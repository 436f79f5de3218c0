package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// outlive is the attempt that only the parent can see succeed.
const outlive = "outlive its end"

// report is what a process that tried to escape says.
type report struct {
	Escaped []string
	Failed  string // of what it must be able to do, empty: nothing
}

// runAttempts is the process that tries to escape.
func runAttempts(text string) int {
	var o surroundings
	var r report
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return 1
	}
	inside := filepath.Join(o.Scratch, "inside")
	err := os.WriteFile(inside, nil, 0o600)
	if err == nil {
		_, err = os.ReadFile(inside)
	}
	if err != nil {
		r.Failed = "write and read in its own folder: " + err.Error()
	}
	// The first of the two is what the one that stays reads, the second what it
	// holds open.
	if err := stay(o.Program, os.NewFile(3, "until"), os.NewFile(4, "sign")); err != nil {
		r.Failed = "run its own program: " + err.Error()
	}
	for _, a := range attempts {
		if a.try(o) == nil {
			r.Escaped = append(r.Escaped, a.name)
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
		return 1
	}
	return 0
}

// Escapes has a process in this sandbox try to escape, and names what it came to;
// nothing is named where the sandbox holds. Whatever it aims at was made for that
// and is removed. An error says that it could not be tried, or that a process in
// the sandbox cannot do what it must.
func (s Sandbox) Escapes(ctx context.Context) (escaped []string, err error) {
	dir, err := os.MkdirTemp("", "sandbox-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	program, err := ownProgram()
	if err != nil {
		return nil, err
	}
	o := surroundings{
		Scratch: filepath.Join(dir, "scratch"), Folder: filepath.Join(dir, "outside"), Secret: filepath.Join(dir, "outside", "secret"),
		Unix: filepath.Join(dir, "outside", "socket"), Parent: os.Getpid(), Program: program,
	}
	err = errors.Join(os.Mkdir(o.Scratch, 0o700), os.Mkdir(o.Folder, 0o700))
	for _, name := range []string{"secret", "full", "removable", "movable"} {
		err = errors.Join(err, os.WriteFile(filepath.Join(o.Folder, name), []byte(name), 0o600))
	}
	if err != nil {
		return nil, err
	}
	for _, address := range []unix.Sockaddr{loopback(0), &unix.SockaddrUnix{Name: o.Unix}} {
		at, stop, err := listen(address)
		if err != nil {
			return nil, fmt.Errorf("listen for attempts to connect: %w", err)
		}
		defer stop()
		if tcp, ok := at.(*unix.SockaddrInet4); ok {
			o.Port = tcp.Port
		}
	}
	return s.attempt(ctx, o)
}

// attempt starts the process, ends it and what it started, and looks whether all
// of it is gone.
func (s Sandbox) attempt(ctx context.Context, o surroundings) (escaped []string, err error) {
	until, release, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	sign, held, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, until.Close(), release.Close())
	}
	defer func() { err = errors.Join(err, release.Close(), sign.Close()) }() // what stayed ends with the first

	text, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, o.Program)
	cmd.Args = []string{attemptName, string(text)}
	cmd.Dir, cmd.Env = o.Scratch, []string{"TMPDIR=" + o.Scratch}
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = &stdout, &stderr, []*os.File{until, held}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = 5 * time.Second
	if err = s.Confine(cmd, Bounds{Write: []string{o.Scratch}}); err == nil {
		err = cmd.Run()
	}
	err = errors.Join(err, until.Close(), held.Close())
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // nobody may be left
	}
	var r report
	if err == nil {
		err = json.Unmarshal(stdout.Bytes(), &r)
	}
	if err == nil && r.Failed != "" {
		err = errors.New(r.Failed)
	}
	if err != nil {
		return nil, fmt.Errorf("try the sandbox (%s): %w%s", s, err, after(stderr.String()))
	}
	there, err := answers(release, sign)
	if there {
		r.Escaped = append(r.Escaped, outlive)
	}
	return r.Escaped, err
}

// answers reports whether the process that was to stay is still there: it sends
// back what it is sent. Where nobody holds the pipes any more, they end. What was
// killed does neither for a moment.
func answers(to, from *os.File) (bool, error) {
	if _, err := to.Write([]byte("?")); err != nil && !errors.Is(err, syscall.EPIPE) {
		return false, err
	}
	if err := from.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		return false, err
	}
	n, err := from.Read(make([]byte, 1))
	if errors.Is(err, io.EOF) || errors.Is(err, os.ErrDeadlineExceeded) {
		return err != io.EOF, nil
	}
	return n > 0, err
}

func after(said string) string {
	if said = strings.TrimSpace(said); said == "" {
		return ""
	}
	return ": " + said
}
