package engine

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// watchesMemory says that a child's memory is watched from outside.
const watchesMemory = true

// watchGroup reports the resident size of the processes of a group, in bytes,
// until ended is closed. The child watches itself as well; from outside one
// sees also what it started, and a child that does not get to run its watch.
func watchGroup(group int, ended <-chan struct{}, report func(resident int64)) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return
		case <-tick.C:
			report(residentOf(group))
		}
	}
}

func residentOf(group int) (total int64) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is well-formed
	for _, file := range stats {
		data, err := os.ReadFile(file)
		if err != nil {
			continue // ended meanwhile
		}
		// pid (comm) state ppid pgrp … rss is the 24th field; comm may hold anything.
		fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
		if len(fields) < 22 || string(fields[2]) != strconv.Itoa(group) {
			continue
		}
		if pages, err := strconv.ParseInt(string(fields[21]), 10, 64); err == nil {
			total += pages * int64(os.Getpagesize())
		}
	}
	return total
}
