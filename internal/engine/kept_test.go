package engine

import (
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// TestKeptResult: an entry is believed where it is whole, and has the name.
func TestKeptResult(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	name, err := ResultName(Toolchain{Version: "go1.26"}, "base", "head")
	if err != nil {
		t.Fatal(err)
	}
	for _, parts := range [][]string{{"base", "head2"}, {"basehead"}, {"base", "head", ""}} {
		if other, err := ResultName(Toolchain{Version: "go1.26"}, parts...); err != nil || other == name {
			t.Errorf("ResultName(%q) = %s, %v, the name of another", parts, other, err)
		}
	}
	want := &Result{Lines: map[string]int{"a.go": 7}, Packages: 2}
	var both sync.WaitGroup // two processes may write one entry
	for range 8 {
		both.Go(func() {
			if err := KeepResult(cache, name, want); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if got, ok := KeptResult(cache, name); !ok || got.Lines["a.go"] != 7 || got.Packages != 2 {
		t.Errorf("KeptResult = %+v, %t, want what was kept", got, ok)
	}
	file := entryPath(cache, name)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		for what, data := range map[string][]byte{"cut": whole[:i], "changed": changed(whole, i)} {
			if err := os.WriteFile(file, data, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, ok := KeptResult(cache, name); ok {
				t.Fatalf("an entry that was %s at byte %d is believed", what, i)
			}
		}
	}
	lacking := &Result{Missing: []string{"ex.com/m@v1.0.0"}}
	if err := KeepResult(cache, name, lacking); err != nil {
		t.Fatal(err)
	}
	if _, ok := KeptResult(cache, name); ok {
		t.Error("a result that lacks a module is kept")
	}
	if n, bytes, err := CacheSize(cache); err != nil || n != 1 || bytes == 0 {
		t.Errorf("CacheSize = %d, %d, %v, want one entry", n, bytes, err)
	}
}

func changed(data []byte, at int) []byte {
	out := []byte(strings.Clone(string(data)))
	out[at] ^= 1
	return out
}

// TestProgram: the program is named by what the linker says of it, so that nobody
// has to hash it all, whether or not C code is linked in (with -race, it is).
func TestProgram(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	want, err := exec.Command("go", "tool", "buildid", self).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Program(); err != nil || got != strings.TrimSpace(string(want)) {
		t.Errorf("Program() = %q, %v, want %q", got, err, want)
	}
}
