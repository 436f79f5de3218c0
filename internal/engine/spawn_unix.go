//go:build unix

package engine

import (
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// ownGroup puts the child at the head of a process group, so that what it
// starts can be ended with it.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

func killGroup(cmd *exec.Cmd) error {
	return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
}

// endGroup kills the group and waits until it is gone: what is killed is still
// in its last system call, and may make a file by it. The wait has an end,
// since a group is also not gone where nobody collects its dead.
func endGroup(cmd *exec.Cmd) {
	for end := time.Now().Add(500 * time.Millisecond); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if killGroup(cmd) != nil {
			return
		}
	}
}

// peakOf returns the largest resident size of the ended process, in bytes.
func peakOf(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(usage.Maxrss) // bytes there, KiB elsewhere
	}
	return int64(usage.Maxrss) << 10
}

func systemEnv() []string { return nil }
