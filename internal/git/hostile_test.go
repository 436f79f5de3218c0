package git

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A trap is a program that leaves a mark when it runs.
func trap(t *testing.T) (program string, sprung func() string) {
	t.Helper()
	dir := realTempDir(t)
	program, mark := filepath.Join(dir, "trap"), filepath.Join(dir, "mark")
	script := fmt.Sprintf("#!/bin/sh\necho \"$0 $*\" >>'%s'\nexit 1\n", mark)
	if err := os.WriteFile(program, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return program, func() string {
		b, _ := os.ReadFile(mark) // absent: not sprung
		return string(b)
	}
}

var hooks = []string{
	"applypatch-msg", "commit-msg", "fsmonitor-watchman", "post-checkout", "post-commit", "post-index-change", "post-merge",
	"post-rewrite", "pre-auto-gc", "pre-commit", "pre-push", "prepare-commit-msg", "reference-transaction", "update",
}

// arm sets every trap that a configuration can set.
func (f *fixture) arm(program string) {
	f.t.Helper()
	for _, kv := range [][2]string{
		{"core.fsmonitor", program},
		{"core.hooksPath", filepath.Dir(program)},
		{"core.pager", program},
		{"core.editor", program},
		{"core.sshCommand", program},
		{"core.alternateRefsCommand", program},
		{"core.splitIndex", "true"},
		{"core.untrackedCache", "true"},
		{"diff.external", program},
		{"diff.evil.command", program},
		{"diff.evil.textconv", program},
		{"diff.evil.binary", "true"},
		{"filter.evil.clean", program},
		{"filter.evil.smudge", program},
		{"filter.evil.process", program},
		{"filter.evil.required", "true"},
		{"merge.evil.driver", program},
		{"credential.helper", program},
		{"gpg.program", program},
		{"log.showSignature", "true"},
		{"pager.ls-tree", "true"},
		{"alias.ls-tree", "!" + program},
		{"trace2.eventTarget", filepath.Dir(program)},
		{"protocol.allow", "always"},
		{"protocol.ext.allow", "always"},
		{"remote.origin.url", "ext::" + program},
		{"remote.origin.uploadpack", program},
		{"remote.origin.promisor", "true"},
		{"extensions.partialClone", "origin"},
	} {
		f.git("config", kv[0], kv[1])
	}
	f.git("config", "core.repositoryFormatVersion", "1")
	for _, hook := range hooks {
		if err := os.Symlink(program, filepath.Join(filepath.Dir(program), hook)); err != nil {
			f.t.Fatal(err)
		}
	}
	f.write(files{".git/info/attributes": "* filter=evil diff=evil merge=evil\n"})
}

// useAll calls every method that starts a git, and returns what it was told.
func useAll(t *testing.T, r *Repo, base, head string) (changes []Change, hunks [][]Hunk, written Written) {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := r.DefaultBranch(ctx)
	must(err)
	_, err = r.Tags(ctx, head, "")
	must(err)
	base, err = r.MergeBase(ctx, base, head)
	must(err)
	baseTree, err := r.TreeOf(ctx, base)
	must(err)
	headTree := ""
	if r.Root() == "" {
		headTree, err = r.TreeOf(ctx, head)
	} else {
		headTree, err = r.WorkingTree(ctx, goFiles)
	}
	must(err)
	changes, err = r.Diff(ctx, baseTree, headTree)
	must(err)
	var goChanges []Change
	for _, c := range changes {
		if goFiles(c.OldPath) || goFiles(c.NewPath) {
			goChanges = append(goChanges, c)
		}
	}
	hunks, err = r.Hunks(ctx, goChanges)
	must(err)
	_, err = r.WriteTree(ctx, baseTree, t.TempDir(), goFiles)
	must(err)
	written, err = r.WriteTree(ctx, headTree, t.TempDir(), goFiles)
	must(err)
	return goChanges, hunks, written
}

func goFiles(path string) bool { return strings.HasSuffix(path, ".go") }

func TestNothingRunsAndNothingChanges(t *testing.T) {
	t.Parallel()
	program, sprung := trap(t)
	f := newFixture(t)
	attributes := "* filter=evil diff=evil merge=evil\n*.go binary\n"
	base := f.commit(files{
		"x.go": "package x\n\nvar A = 1\n", "old.go": "package x\n\n// Moved is long enough\n// to be recognised.\nvar M = 1\n",
		"big.txt": strings.Repeat("text\n", 1000), ".gitattributes": attributes,
	})
	f.remove("old.go")
	head := f.commit(files{"new.go": "package x\n\n// Moved is long enough\n// to be recognised.\nvar M = 2\n"})
	f.arm(program)
	f.write(files{"x.go": "package x\n\nvar A = 2\n", "untracked.go": "package x\n", "big.txt": "less\n"})

	before := onDisk(t, f.dir, true)
	r := f.open()
	changes, hunks, written := useAll(t, r, base, head)
	if got := sprung(); got != "" {
		t.Errorf("a program of the repository ran: %s", got)
	}
	if diff := cmp.Diff(before, onDisk(t, f.dir, true)); diff != "" {
		t.Errorf("the repository changed (-before +after):\n%s", diff)
	}
	if len(changes) != 3 || changes[0].Status != Renamed || changes[1].Status != Added || changes[2].Status != Modified {
		t.Errorf("changes = %+v", changes)
	}
	if diff := cmp.Diff([][]Hunk{{{5, 1, 5, 1}}, {{0, 0, 1, 1}}, {{3, 1, 3, 1}}}, hunks); diff != "" {
		t.Errorf("hunks (-want +got):\n%s", diff)
	}
	if written.Files != 3 || written.Skipped != nil {
		t.Errorf("written = %+v", written)
	}

	// The traps work: a plain git falls into them. (In a repository without
	// them this test would prove nothing.)
	for _, args := range [][]string{{"status"}, {"diff"}, {"add", "x.go"}} {
		before := sprung()
		cmd := command{dir: f.dir, args: args}
		plain(t, cmd)
		if sprung() == before {
			t.Errorf("plain git %s ran no trap", args[0])
		}
	}
}

// Inherited variables that point git elsewhere have no effect, and the user's
// configuration has none on what is compared.
func TestInheritedVariables(t *testing.T) {
	program, sprung := trap(t)
	f := newFixture(t)
	base := f.commit(files{"x.go": "package x\n"})
	config := f.path(".git/user-config")
	f.git("config", "--file", config, "core.bigFileThreshold", "1")
	f.git("config", "--file", config, "diff.external", program)
	f.git("config", "--file", config, "core.fsmonitor", program)
	for name, value := range map[string]string{
		"GIT_CONFIG_GLOBAL":                config,
		"GIT_DIR":                          "/nowhere",
		"GIT_WORK_TREE":                    "/nowhere",
		"GIT_INDEX_FILE":                   "/nowhere",
		"GIT_OBJECT_DIRECTORY":             "/nowhere",
		"GIT_ALTERNATE_OBJECT_DIRECTORIES": "/nowhere",
		"GIT_EXTERNAL_DIFF":                program,
		"GIT_PAGER":                        program,
		"GIT_CONFIG_COUNT":                 "1",
		"GIT_CONFIG_KEY_0":                 "core.fsmonitor",
		"GIT_CONFIG_VALUE_0":               program,
		"GIT_CONFIG_PARAMETERS":            "'core.fsmonitor'='" + program + "'",
		"GIT_NAMESPACE":                    "other",
		"GIT_LITERAL_PATHSPECS":            "0",
		"GIT_TRACE":                        f.path("trace"),
	} {
		t.Setenv(name, value)
	}
	f.write(files{"x.go": "package y\n"})
	changes, hunks, _ := useAll(t, f.open(), base, base)
	if len(changes) != 1 || changes[0].NewPath != "x.go" || !cmp.Equal(hunks, [][]Hunk{{{1, 1, 1, 1}}}) {
		t.Errorf("changes = %+v, hunks = %v", changes, hunks)
	}
	if got := sprung(); got != "" {
		t.Errorf("a program of the environment ran: %s", got)
	}
	if _, err := os.Stat(f.path("trace")); err == nil {
		t.Error("git wrote a trace")
	}
}

func TestEnviron(t *testing.T) {
	t.Parallel()
	set := map[string]string{"PATH": "/bin", "HOME": "/home/a", "GIT_DIR": "x", "LD_PRELOAD": "x", "GIT_CONFIG_GLOBAL": "/c", "LC_ALL": "de_DE"}
	lookup := func(name string) (string, bool) {
		value, ok := set[name]
		return value, ok
	}
	want := append([]string{"PATH=/bin", "HOME=/home/a", "GIT_CONFIG_GLOBAL=/c"}, fixed...)
	if diff := cmp.Diff(append(want, "GIT_DIR=y"), environ(lookup, []string{"GIT_DIR=y"})); diff != "" {
		t.Errorf("environ (-want +got):\n%s", diff)
	}
}
