//go:build !unix

package process

import "os/exec"

// Group does nothing: without groups a command is ended alone, and what it started
// ends by its closed pipes.
func Group(*exec.Cmd) {}

// Kill kills a command that was started.
func Kill(cmd *exec.Cmd) error { return cmd.Process.Kill() }

// End does nothing.
func End(*exec.Cmd) {}
