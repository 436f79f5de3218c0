package engine

import (
	"fmt"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
	"time"
)

// The heap may grow to twice of what is live. Three times spares a scan of cli/cli
// no time that could be measured (50.1 seconds of processor and 51.1) and takes
// half as much memory again (783 MiB and 522); 1.6 times costs a fifth of its time
// (62.7 s, 433 MiB).
//
// While little is live, to collect is to look at the same things again and again:
// then the heap may grow to the room that a job has, up to five times of what is
// live. A scan of caddy takes 58 and 60 seconds of processor and 419 and 460 MiB
// with a room of 128 MiB, 46 and 50 seconds and 436 and 480 MiB with one of 320,
// and 49 and 53 seconds and 488 and 494 MiB with one of 384 (two runs of each). A
// review gains nothing that could be measured, and takes 60 MiB more.
//
// Much is live only while a few very large packages are worked on side by side, such
// as those of cloud providers in rclone. Then the heap grows by no more than growth,
// and not to twice.
//
// A series of scans holds the packages of all platforms all along, and looks at them
// again with each collection: a year of go-libp2p took 298 seconds of processor and
// 1,300 MiB with a room of 640 MiB, and 257 seconds and 1,700 MiB with this one.
type room struct {
	heap   int64 // bytes that it may grow to, whatever is live
	growth int64 // bytes
}

var (
	scanRoom   = room{heap: 320 << 20, growth: 256 << 20}
	seriesRoom = room{heap: 1536 << 20, growth: 1024 << 20}
	reviewRoom = room{heap: 128 << 20, growth: 256 << 20}
)

const (
	gcPercent    = 100
	maxGCPercent = 400
	minGCPercent = 25
)

func roomFor(job Job) *room {
	switch {
	case job.Follow:
		r := seriesRoom.within(job.MaxMemory)
		return &r
	case job.Base == "":
		return &scanRoom
	}
	return &reviewRoom
}

// within is the room where all of the memory is limited, 0: it is not. More than this
// part of the limit would be in the way of what a large package needs for a moment.
func (r room) within(limit int64) room {
	if limit > 0 {
		r.heap, r.growth = min(r.heap, limit*3/8), min(r.growth, limit/4)
	}
	return r
}

// percent is how much the heap may grow before it is collected again, in percent of
// what was live the last time.
func (r room) percent(live int64) int {
	if live == 0 { // nothing was collected yet
		return maxGCPercent
	}
	percent := min(max(100*r.heap/live-100, gcPercent), maxGCPercent)
	return int(min(percent, max(100*r.growth/live, minGCPercent)))
}

// memory is what the process may use, in bytes.
type memory struct {
	limit atomic.Int64 // of all, the program and its stacks too; 0: none
	room  atomic.Pointer[room]
}

// watch sets the collector to what is live, and ends the process when it passes
// its limit. The parent watches too, from outside; this one also works where
// there is no /proc.
func (m *memory) watch(w *frames) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	percent := maxGCPercent
	for range time.Tick(50 * time.Millisecond) {
		metrics.Read(live)
		if p := m.room.Load().percent(int64(live[0].Value.Uint64())); p != percent {
			percent = p
			debug.SetGCPercent(p)
		}
		m.bound(w)
	}
}

// bound ends the process if it is past its limit.
func (m *memory) bound(w *frames) {
	held := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(held)
	limit, used := m.limit.Load(), held[0].Value.Uint64()-held[1].Value.Uint64()
	if limit > 0 && used > uint64(limit) {
		w.send(frameFailure, failure{Reason: memoryReason(limit)})
		os.Exit(1)
	}
}

func memoryReason(limit int64) string {
	return fmt.Sprintf("the analysis needed more memory than --max-memory allows (%d MiB)", limit>>20)
}
