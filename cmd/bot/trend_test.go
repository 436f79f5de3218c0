package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTrendCache(t *testing.T) {
	c := trendCache{dir: filepath.Join(t.TempDir(), "new"), base: "b"}
	type entry struct{ Text string }
	var got entry
	if c.has(stateEntry, "1") || c.recall(stateEntry, "1", &got) {
		t.Fatal("an empty cache has an entry")
	}
	c.keep(stateEntry, "1", entry{"one"})
	if !c.has(stateEntry, "1") || !c.recall(stateEntry, "1", &got) || got.Text != "one" {
		t.Fatalf("recalled %q, want one", got.Text)
	}
	other := c
	other.base = "another policy"
	if c.has(stepEntry, "1") || other.has(stateEntry, "1") {
		t.Error("an entry serves another kind, or another policy")
	}
	file := c.file(stateEntry, "1")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, spoilt := range map[string][]byte{
		"cut":   data[:len(data)-5],
		"bit":   append(append([]byte(nil), data[:len(data)-6]...), append([]byte{data[len(data)-6] ^ 1}, data[len(data)-5:]...)...),
		"other": []byte("no gzip"), "empty": nil,
	} {
		if err := os.WriteFile(file, spoilt, 0o600); err != nil {
			t.Fatal(err)
		}
		if c.recall(stateEntry, "1", &entry{}) {
			t.Errorf("%s: believed", name)
		}
	}
	c.keep(stateEntry, "2", entry{"two"})
	c.prune(0)
	if c.has(stateEntry, "1") || c.has(stateEntry, "2") {
		t.Error("prune(0) left something")
	}
	none := trendCache{}
	none.keep(stateEntry, "1", entry{"one"})
	if none.has(stateEntry, "1") || none.recall(stateEntry, "1", &got) {
		t.Error("without a folder, something was kept")
	}
}
