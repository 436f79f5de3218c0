package mutableglobal

import (
	"errors"
	"flag"
	"sync"
	"sync/atomic"
)

var (
	parsed   string
	verbose  = flag.Bool("v", false, "")
	read     = []int{1, 2}
	number   atomic.Int64
	mu       sync.Mutex
	resets   config
	swapped  = 1
	computed = func() int { initial = 3; return 1 }()
	initial  int
)

// ErrGone is a sentinel, though something sets it.
var ErrGone error

var errOld error

var _ = 1

func init() { initial = 2 }

func sentinels() {
	ErrGone = errors.New("gone")
	errOld = ErrGone
}

func reads() int {
	number.Add(1)
	number = atomic.Int64{}
	mu.Lock()
	defer mu.Unlock()
	resets.reset()
	p := &read[0]
	_ = p
	_ = read[0]
	return read[0] + *verboseCount()
}

func verboseCount() *int {
	n := len(read)
	return &n
}

// Locals, parameters, results and fields may have a variable's name.
func shadows(read []int) (parsed string) {
	read[0] = 1
	parsed = "x"
	initial, verbose := 1, true
	initial++
	_, _ = initial, verbose
	{
		var resets config
		resets.name = "x"
	}
	for swapped := range read {
		swapped++
	}
	return
}

type holder struct{ swapped int }

func (h *holder) set() { h.swapped = 1 }

func generic[T any](swapped T) T {
	var zero T
	swapped = zero
	return swapped
}

func results() *config { return &resets }

func byCall() { results().name = "" }
