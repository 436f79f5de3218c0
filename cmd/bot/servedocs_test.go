package main

import (
	"cmp"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var updateDocs = flag.Bool("update-docs", false, "write the table of settings into docs/server.md")

// TestSettingsDocumented holds that docs/server.md has the settings as they are.
func TestSettingsDocumented(t *testing.T) {
	name := filepath.Join("..", "..", "docs", "server.md")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- settings: go test ./cmd/bot -run SettingsDocumented -update-docs -->\n", "<!-- /settings -->\n"
	before, rest, ok := strings.Cut(string(text), begin)
	table, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no place for the settings: %q … %q", name, begin, end)
	}
	want := settingsTable()
	if table == want {
		return
	}
	if !*updateDocs {
		t.Fatalf("the settings in %s are others than those of the program; run go test ./cmd/bot -run SettingsDocumented -update-docs", name)
	}
	if err := os.WriteFile(name, []byte(before+begin+want+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

func settingsTable() string {
	var out strings.Builder
	out.WriteString("| Variable | Flag | Default | |\n|---|---|---|---|\n")
	for _, s := range settings {
		flag, ifUnset := "`--"+s.flag()+"`", cmp.Or(s.ifUnset, " ")
		if s.secret {
			flag = "none: secret"
		}
		if ifUnset != " " {
			ifUnset = "`" + ifUnset + "`"
		}
		if slices.Contains(required, s.env) {
			ifUnset = "required"
		}
		out.WriteString("| `" + s.variable() + "` | " + flag + " | " + ifUnset + " | " + strings.ReplaceAll(s.what, "`", "") + " |\n")
	}
	return out.String()
}
