//go:build !unix

package engine

import (
	"os"
	"os/exec"
)

// Without process groups the child is ended alone; what it started (only ever
// go list) ends by its closed pipe.
func ownGroup(*exec.Cmd) {}

func killGroup(cmd *exec.Cmd) error { return cmd.Process.Kill() }

func endGroup(*exec.Cmd) {}

func peakOf(*os.ProcessState) int64 { return 0 }

// systemEnv is what a Windows process cannot start without.
func systemEnv() []string { return []string{"SystemRoot=" + os.Getenv("SystemRoot")} }
