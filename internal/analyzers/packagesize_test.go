package analyzers

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"
)

// TestPackageSize runs over packages that need a folder of their own: a program,
// and one of which each file may be bound to a platform.
func TestPackageSize(t *testing.T) {
	t.Parallel()
	analysistest.Run(t, analysistest.TestData(), reporting(packageSize), "packagesize/program", "packagesize/bound")
}
