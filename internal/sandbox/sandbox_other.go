//go:build !linux

package sandbox

import (
	"context"
	"os/exec"
	"runtime"
)

// FailurePrefix begins what a launcher says on standard error where it fails.
const FailurePrefix = "sandbox: "

// Find finds nothing: all the layers are Linux's.
func Find() Sandbox {
	s := Sandbox{Missing: map[Layer]string{}}
	for _, l := range AllLayers {
		s.Missing[l] = "there is no such thing on " + runtime.GOOS
	}
	return s
}

// Confine leaves the command as it is.
func (s Sandbox) Confine(*exec.Cmd, Bounds) error { return nil }

// Escapes reports all that a process may try, untried: nothing is in its way.
func (s Sandbox) Escapes(context.Context) ([]string, error) {
	return []string{"everything: there is no sandbox on " + runtime.GOOS}, nil
}
