// Package engine runs the checks over two source trees and joins what they
// measure.
//
// # DESIGN
//
// A job names two directories, the tree of the merge base and the tree of the
// head, as plain files or packed (packed.go). It is judged in a child
// process (Judge re-executes the program; Child is its other end), because
// go/types cannot be cancelled and a stack overflow in it cannot be recovered:
// the child may die, hang or flood, and the parent still answers. The child
// has no secret, an environment of its own, and never compiles or runs what it
// reads: types come from source, also those of the dependencies.
//
// The unit of work is a node: one package in one variant (its tests, a
// platform) with the nodes that it imports. A node's key is a hash of its
// files and its imports' keys, so a package that is equal on both sides, with
// equal dependencies, is one node and is worked on once.
//
//	listing  what `go list` says of one tree for one platform      list.go
//	node     one package variant, keyed by content                 graph.go
//	pair     the same package variant at base and head             affected.go
//	offer    what a package shows to its importers, by declaration interface.go
//	view     what an importer sees of that                         view.go, asks.go
//	run      parse, type-check, analyse one node                   run.go, typecheck.go
//	facts    what a node says to its importers; kept for modules   facts.go, cache.go
//	identity what findings are a function of; by it they are kept  follow.go, packages.go
//	measure  diagnostic or result → debt.Measure                   measure.go
//	program  both trees as a whole, by their syntax                program.go
//	coverage every changed file is judged or listed                coverage.go
//
// A pair is affected where its own files differ, or where what it names of the
// packages that it imports does: the declarations, those that these are made of,
// and the facts about them (view.go). Only affected pairs get all checks on both
// sides. The packages that they import get the fact analyzers only, because
// without the facts of dependencies many checks are wrong; all others are not
// even parsed.
//
// Facts live in memory beside the types that they are about. A node's syntax,
// types.Info and analysis results are dropped as soon as it is done.
package engine

import (
	"encoding/json"

	"github.com/barraiser/barraiser/internal/analyzers"
	"github.com/barraiser/barraiser/internal/debt"
)

// Job is what the child is asked to judge.
type Job struct {
	// Base and Head are directories that hold the two trees. Base is empty for
	// a scan: then Head alone is judged, every package of it.
	Base, Head string
	// Packed are the two trees, where they are not in those folders.
	Packed *Packed
	// Files are the Go files that differ.
	Files []debt.FileChange
	// Unread are files of the head that could not be written out (symbolic
	// links, odd names, …) and why.
	Unread map[string]string
	// Tags are the version tags in the history of the base, the newest first:
	// "v1.2.0", "sub/v0.3.1".
	Tags []string
	// Settings of the rules: what is no finding under them is not reported.
	Settings debt.Settings
	// ImpactOnly asks for Result.Impact alone: no check is run, and no test is
	// looked at.
	ImpactOnly bool
	// Follow is for a scan in a series: what it finds in a package is kept for the
	// next scan, as long as that must find the same. See follow.go.
	Follow bool
	// Since is for a scan: an earlier state, whose declarations are listed in
	// Result.Base.Symbols, and those of the head in Result.Head.Symbols.
	Since Since
	// Stated is what the repository states beside its code; its own base does,
	// for both trees.
	Stated analyzers.Stated
	// Raw asks for Result.Raw as well.
	Raw bool
	// Toolchain is the Go release that judges, "go1.26.8", set by Judge.
	Toolchain string
	// Program, Cache and Outbox are set by Judge: what names the program that
	// made an entry of the fact cache, where entries are read, and where new
	// ones are written.
	Program, Cache, Outbox string
	// Packages and PackagesOutbox are the same for the packages of the repository
	// itself. See packages.go.
	Packages, PackagesOutbox string
	// MaxMemory in bytes; 0: no limit.
	MaxMemory int64
}

// Result is what a judged job yields.
type Result struct {
	Base, Head debt.Side
	Coverage   debt.Coverage
	Impact     ImpactFacts // not of a scan
	// Excluded are the head's changed files that do not count, and why.
	Excluded map[string]string
	// Missing are modules ("path@version") that the analysis needs and that are not
	// in the module cache.
	Missing []string
	// NoPackages says that the tree holds no Go package at all.
	NoPackages bool
	// Lines are the code lines of the head's production code by file; for a scan only.
	Lines    map[string]int
	Packages int   // packages of the repository that were looked at, both sides counted once
	Reused   int   // of these, the ones equal on both sides or out of reach of the change
	Kept     int   // of these, the ones whose findings were kept from a job before
	Modules  int   // modules that the change touches
	Raw      []Raw // where the job asks for it
	Stats    Stats
	PeakMiB  int // peak resident memory of the child, set by the parent
}

// CodeLines are the code lines of the head's production code; for a scan only.
func (r *Result) CodeLines() (n int) {
	for _, lines := range r.Lines {
		n += lines
	}
	return n
}

// Progress is a sign of life of a running job.
type Progress struct {
	Phase string // "listing", "analysing"
	Done  int
	Total int // 0 where it is not known
}

// frame kinds of the child's standard output: one byte, the length as four
// bytes big-endian, JSON.
const (
	frameProgress = 'p'
	frameResult   = 'r'
	frameFailure  = 'f'
)

// maxFrame bounds one frame, and so what a hostile job can make the parent
// hold: the measures of 100,000 files fit.
const maxFrame = 512 << 20

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // unreachable: all frames are plain structs
	}
	return b
}
