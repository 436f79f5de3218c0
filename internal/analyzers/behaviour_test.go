package analyzers

import (
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
)

// TestOfProgram runs checks that ask less of the packages of a program over
// such packages.
func TestOfProgram(t *testing.T) {
	for _, a := range []*analysis.Analyzer{initEffect, libraryPanic, unjoinedGoroutine} {
		t.Run(a.Name, func(t *testing.T) {
			analysistest.Run(t, analysistest.TestData(), reporting(a), a.Name+"/program")
		})
	}
	// What parses the command line is a program in whatever folder.
	analysistest.Run(t, analysistest.TestData(), reporting(libraryPanic), libraryPanic.Name+"/arguments")
}

func TestProductionNames(t *testing.T) {
	for name, want := range map[string]bool{
		"testutil": true, "httptest": true, "teststorage": true, "mocks": true, "fake": true, "e2e": true,
		"analyzers": false, "promql": false, "fakery": false, "mocking": false,
	} {
		if got := testFolder.MatchString(name); got != want {
			t.Errorf("the folder %s is for tests: %t, want %t", name, got, want)
		}
	}
	for name, want := range map[string]bool{
		"server_mock.go": true, "mock_server.go": true, "fakes.go": true, "client_stub.go": true, "testutil.go": true,
		"server.go": false, "stubborn.go": false, "mockery.go": false,
	} {
		if got := helperFile.MatchString(name); got != want {
			t.Errorf("the file %s is for tests: %t, want %t", name, got, want)
		}
	}
}
