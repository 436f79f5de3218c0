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
//
// Who is in the group is asked of all processes of the machine, which takes
// hundreds of system calls; so that is done once a second, and in between the
// group's first process, which does the work, is asked alone.
func watchGroup(group int, ended <-chan struct{}, report func(resident int64)) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for n := 1; ; n++ {
		select {
		case <-ended:
			return
		case <-tick.C:
			if n%10 == 0 {
				report(residentOfGroup(group))
			} else {
				resident, _ := residentOf(strconv.Itoa(group))
				report(resident)
			}
		}
	}
}

func residentOfGroup(group int) (total int64) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is well-formed
	for _, file := range stats {
		if resident, pgrp := residentOf(filepath.Base(filepath.Dir(file))); pgrp == strconv.Itoa(group) {
			total += resident
		}
	}
	return total
}

// residentOf returns the resident size of a process in bytes, and its group;
// nothing of one that ended meanwhile.
func residentOf(pid string) (resident int64, group string) {
	data, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return 0, ""
	}
	// pid (comm) state ppid pgrp … rss is the 24th field; comm may hold anything.
	fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
	if len(fields) < 22 {
		return 0, ""
	}
	pages, _ := strconv.ParseInt(string(fields[21]), 10, 64) // the kernel wrote it
	return pages * int64(os.Getpagesize()), string(fields[2])
}
