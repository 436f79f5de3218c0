//go:build unix && !solaris && !illumos && !aix

package process_test

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/barraiser/barraiser/internal/process"
)

// family starts a shell with a child that outlives it if it can, and returns the
// child's number.
func family(t *testing.T, ctx context.Context, script string) (cmd *exec.Cmd, child int) {
	t.Helper()
	cmd = exec.CommandContext(ctx, "sh", "-c", script)
	process.Group(cmd)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if child, err = strconv.Atoi(strings.TrimSpace(line)); err != nil {
		t.Fatal(err)
	}
	return cmd, child
}

// gone waits until a process does not run any more. It may be dead and uncollected.
func gone(t *testing.T, pid int) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if syscall.Kill(pid, 0) != nil {
			return
		}
		if stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat"); err == nil && strings.Contains(string(stat), ") Z") {
			return
		}
	}
	t.Errorf("process %d runs on", pid)
}

// TestGroup: a command that is cancelled takes with it what it started.
func TestGroup(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cmd, child := family(t, ctx, "sleep 600 & echo $!; wait")
	cancel()
	if err := cmd.Wait(); err == nil {
		t.Error("Wait() = nil of a command that was killed")
	}
	gone(t, child)
}

// TestEnd: what a command left behind when it ended by itself is gone after End, which
// does not wait for the dead.
func TestEnd(t *testing.T) {
	cmd, child := family(t, t.Context(), "sleep 600 >/dev/null 2>&1 & echo $!")
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(child, 0); err != nil {
		t.Fatalf("the child ended with its parent: %v", err)
	}
	process.End(cmd)
	gone(t, child)
}

func TestLock(t *testing.T) {
	name := filepath.Join(t.TempDir(), "lock")
	open := func() *os.File {
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	one, two := open(), open()
	defer two.Close()
	if err := process.Lock(one); err != nil {
		t.Fatal(err)
	}
	if err := process.Lock(two); !errors.Is(err, process.ErrLocked) {
		t.Errorf("Lock() of a locked file = %v, want %v", err, process.ErrLocked)
	}
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	if err := process.Lock(two); err != nil {
		t.Errorf("Lock() of a file that was closed = %v", err)
	}
}
