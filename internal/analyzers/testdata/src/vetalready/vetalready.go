package vetalready

import (
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"sync"
)

func format() {
	fmt.Printf("%d %s", 1) // SA5009
}

func unmarshal(b []byte) {
	var v map[string]int
	json.Unmarshal(b, v) // SA1014
}

func signals() {
	c := make(chan os.Signal)
	signal.Notify(c, os.Interrupt) // SA1017
}

func group() {
	var wg sync.WaitGroup
	go func() {
		wg.Add(1) // SA2000
		wg.Done()
	}()
	wg.Wait()
}

func assign(x int, list []int) []int {
	x = x               // SA4018
	list = append(list) // SA4021
	return list
}

type reads interface{ Read() }

type alsoReads interface{ Read() int }

func assert(r reads) {
	_ = r.(alsoReads) // SA5010
}

func shift(x int32) int32 {
	return x << 32 // SA9006
}
