//go:build !unix

package engine

import "os"

func peakOf(*os.ProcessState) int64 { return 0 }

// systemEnv is what a Windows process cannot start without.
func systemEnv() []string { return []string{"SystemRoot=" + os.Getenv("SystemRoot")} }
