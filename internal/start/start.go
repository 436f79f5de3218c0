// Package start lets the program begin with less work.
//
// Packages of analyzers make some 8 MB of tables and documentation before main, all of
// which stays. The collector begins at 4 MB, so it looked through them twice while more
// came: 9 of the 35 ms of processor time that a start took, and a review starts the
// program twice (two cores of 2026). So until main the heap may grow to five times of
// what is live.
//
// It is a package of its own, which imports little and whose path comes before those of
// the analyzers, since Go initializes what is ready in the order of paths.
package start

import (
	"os"
	"runtime/debug"
)

const (
	beforeMain = 400 // percent
	usual      = 100 // percent; Go's own default
)

// given is whether who started the program said how much it may grow.
var given = os.Getenv("GOGC") != ""

func init() {
	if !given {
		debug.SetGCPercent(beforeMain)
	}
}

// Done begins main: the heap grows as Go lets it.
func Done() {
	if !given {
		debug.SetGCPercent(usual)
	}
}
