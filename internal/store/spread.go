package store

import (
	"runtime"
	"sync"
)

// worthSpreading is how many rows are decoded in about the time that it takes to
// have another processor do it.
const worthSpreading = 100

// spread calls f for each index below n, on all processors where there are many, and
// returns the error of the lowest index that has one.
func spread(n int, f func(i int) error) error {
	parts := max(1, min(runtime.GOMAXPROCS(0), n/worthSpreading))
	errs := make([]error, parts)
	var all sync.WaitGroup
	for part := range parts {
		all.Go(func() {
			for i := part * n / parts; i < (part+1)*n/parts && errs[part] == nil; i++ {
				errs[part] = f(i)
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
