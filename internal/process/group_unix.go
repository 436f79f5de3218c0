//go:build unix

package process

import (
	"os/exec"
	"syscall"
	"time"
)

// Group puts a command that was not started at the head of a group of its own, so that
// what it starts is killed with it: by its context, or by Kill. Who interrupts a
// program at a terminal does not reach such a group.
func Group(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	if cmd.Cancel != nil { // it has a context
		cmd.Cancel = func() error { return Kill(cmd) }
	}
}

// Kill kills the group of a command that was started. The error says that there is
// none any more.
func Kill(cmd *exec.Cmd) error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// How long End waits: what is killed dies when it is given a processor, which on a
// machine with more to do than it can takes seconds.
const (
	lingering = 10 * time.Second
	atOnce    = 50 * time.Millisecond
)

// End kills what a command that was waited for left of its group, and returns once it
// is gone: what is killed is still in its last system call, and may make a file by it.
// The dead whom nobody collects count as gone.
func End(cmd *exec.Cmd) {
	began := time.Now()
	for pause := time.Millisecond; time.Since(began) < lingering; time.Sleep(pause) {
		if Kill(cmd) != nil {
			return
		}
		if time.Since(began) > atOnce {
			if allDead(cmd.Process.Pid) {
				return
			}
			pause = 20 * time.Millisecond
		}
	}
}
