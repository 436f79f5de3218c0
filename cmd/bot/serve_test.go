package main

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestLedgerKey: processes that start at once come to one key, which stays.
func TestLedgerKey(t *testing.T) {
	c := serveConfig{appID: 7, webURL: "https://github.example/", data: t.TempDir()}
	var keys sync.Map
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			key, err := ledgerKey(c)
			if err != nil {
				t.Error(err)
				return
			}
			keys.Store(key.Public(), true)
		})
	}
	all.Wait()
	n := 0
	keys.Range(func(public, _ any) bool {
		n++
		text, err := os.ReadFile(filepath.Join(c.data, "ledger.pub"))
		if err != nil || strings.TrimSpace(string(text)) != public {
			t.Errorf("ledger.pub = %q, %v, want %q", text, err, public)
		}
		return true
	})
	if n != 1 {
		t.Errorf("%d keys", n)
	}
	left, err := filepath.Glob(filepath.Join(c.data, "*"))
	if err != nil || len(left) != 2 {
		t.Errorf("left in the folder: %v", left)
	}
	info, err := os.Stat(filepath.Join(c.data, "ledger.key"))
	if err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("mode of the key = %v, %v", info.Mode(), err)
	}
}
