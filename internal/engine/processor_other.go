//go:build !unix

package engine

// processorSeconds is not known here.
func processorSeconds() float64 { return 0 }
