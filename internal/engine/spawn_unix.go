//go:build unix

package engine

import (
	"os"
	"runtime"
	"syscall"
)

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
