package system_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// exhausting are repositories that would like to have the machine for themselves.
// Where a limit ends the judgement, the change is incomplete; where the code turns
// out to be cheap for us, any verdict is right.
var exhausting = []hostile{
	{id: "H30", what: "structs that double", files: doubling("type T0 struct{ a, b int }\n", "type T%d struct{ a, b T%d }\n", 60, "var x T60\n")},
	{id: "H31", what: "generics that double", files: doubling("type G[P any] struct{ a, b P }\ntype T0 = G[int]\n", "type T%d = G[G[T%d]]\n", 60, "var x T60\n")},
	{id: "H32", what: "aliases that double, in a message", exits: incomplete, files: doubling("type T0 = struct{ a, b int }\n", "type T%d = struct{ a, b T%d }\n", 40, "var x T40\nvar _ int = x\n")},
	{id: "H33", what: "constant strings that double", files: doubling("const s0 = \"0123456789\"\n", "const s%[1]d = s%[2]d + s%[2]d\n", 40, "const n = len(s40)\n")},
	{id: "H34", what: "interfaces that double", files: doubling("type I0 interface{ M() }\n", "type I%[1]d interface{ I%[2]d; N%[1]d() interface{ I%[2]d } }\n", 40, "var x I40\n")},
	{id: "H35", what: "a chain of 50,000 structs", files: doubling("type T0 struct{}\n", "type T%d struct{ a T%d }\n", 50_000, "var x T50000\n")},
	{id: "H36", what: "a chain of 50,000 initialisers", files: doubling("var v0 = 1\n", "var v%d = v%d + 1\n", 50_000, "")},
	{id: "H37", what: "50,000 labels and gotos", files: map[string]string{"b.go": "package m\n\nfunc f(n int) {\n" + numbered(50_000, "L%[1]d:\n\tif n == %[1]d {\n\t\tgoto L%[1]d\n\t}\n") + "}\n"}},
	{id: "H38", what: "300,000 requires", files: map[string]string{"go.mod": honest["go.mod"] + "\nrequire (\n" + numbered(300_000, "\texample.com/m%d v1.0.0\n") + ")\n", "a.go": honest["a.go"] + flaw}},
	{id: "H39", what: "go.mod and a Go file are links to endless devices", exits: incomplete, files: map[string]string{"go.mod": link + "/dev/zero", "b.go": link + "/dev/urandom"}},
	{id: "H40", what: "a FIFO in the work tree", within: true, files: map[string]string{"a.go": honest["a.go"] + flaw}, make: plantFIFO},
	{id: "H41", what: "a Go file is a link to the own environment", exits: incomplete, says: []string{"b.go"}, files: map[string]string{"b.go": link + "/proc/self/environ", "c.go": link + "/dev/stdin"}},
	{id: "H42", what: "ten objects that list ten thousand million files", exits: []int{2, 3}, make: plantBomb},
	{id: "H43", what: "a Go file of 70 MB", exits: incomplete, says: []string{"b.go"}, files: map[string]string{"b.go": "package m\n\n" + strings.Repeat("// "+strings.Repeat("x", 97)+"\n", 700_000)}},
	{id: "H44", what: "500 packages, and one 200 folders deep", files: many(500, map[string]string{strings.Repeat("d/", 200) + "x.go": "package d\n\n" + flaw})},
	{id: "H45", what: "100,000 parentheses", exits: incomplete, says: []string{"b.go"}, files: map[string]string{"b.go": "package m\n\nvar x = " + strings.Repeat("(", 100_000) + "1" + strings.Repeat(")", 100_000) + "\n"}},
	{id: "H46", what: "modules that require one another without end", exits: incomplete, files: map[string]string{
		"go.mod":       honest["go.mod"] + "\nrequire example.com/bomb v1.0.0\n\nreplace example.com/bomb => ./bomb0\n",
		"b.go":         "package m\n\nimport _ \"example.com/bomb\"\n",
		"bomb0/go.mod": "module example.com/bomb\n\ngo 1.24\n\nrequire (\n" + numbered(3000, "\texample.com/bomb%d v1.0.0\n") + ")\n", "bomb0/b.go": "package bomb\n\nimport _ \"example.com/bomb1\"\n",
	}},
	{id: "H47", what: "a go.sum of 30 MB", files: map[string]string{"go.sum": numbered(300_000, "example.com/m%d v1.0.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"), "a.go": honest["a.go"] + flaw}},
	// What an analyzer that misbehaves can do is tried with analyzers that do, in
	// internal/engine. Here is code on which the adopted ones have had trouble.
	{id: "H48", what: "a function that calls itself in all ways", files: map[string]string{"b.go": "package m\n\nfunc f(g func(func(int)) func()) func() {\n\treturn g(func(int) { f(g)(); defer f(g); go f(func(func(int)) func() { return f(g) }) })\n}\n"}},
	{id: "H49", what: "20,000 branches and as many closures", files: map[string]string{"b.go": "package m\n\nfunc f(n int) (r int) {\n" + numbered(20_000, "\tif n > %[1]d {\n\t\tdefer func() { r += n * %[1]d }()\n\t}\n") + "\treturn r\n}\n"}},
	{id: "H50", what: "a comment of 10 MB in one line", files: map[string]string{"b.go": "package m\n\n// " + strings.Repeat("x", 10<<20) + "\n" + flaw}},
}

// doubling is a file of declarations, each of which names the one before.
func doubling(first, each string, n int, last string) map[string]string {
	var b strings.Builder
	b.WriteString("package m\n\n" + first)
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, each, i, i-1)
	}
	return map[string]string{"b.go": b.String() + last}
}

func numbered(n int, each string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, each, i)
	}
	return b.String()
}

// many are packages of a file each, beside other files.
func many(n int, others map[string]string) map[string]string {
	files := maps.Clone(others)
	for i := range n {
		files[fmt.Sprintf("p%d/p.go", i)] = fmt.Sprintf("package p%d\n", i)
	}
	return files
}

// plantPrograms puts programs of the names that we run into the work tree.
func plantPrograms(t *testing.T, w *surroundings, repo string) {
	t.Helper()
	for _, name := range []string{"git", "go", "gofmt", "sh", "ssh"} {
		must(t, os.WriteFile(filepath.Join(repo, name), []byte(w.trap()), 0o777))
	}
}

func plantFIFO(t *testing.T, _ *surroundings, repo string) {
	t.Helper()
	if out, err := exec.Command("mkfifo", filepath.Join(repo, "fifo.go")).CombinedOutput(); err != nil {
		t.Skipf("there are no FIFOs here: %v\n%s", err, out)
	}
}

// plantBomb makes a head in which each of ten trees holds the next ten times.
func plantBomb(t *testing.T, _ *surroundings, repo string) {
	t.Helper()
	git := func(stdin string, args ...string) string {
		cmd := exec.Command("git", args...)
		cmd.Dir, cmd.Stdin = repo, strings.NewReader(stdin)
		cmd.Env = append(os.Environ(), "GIT_AUTHOR_NAME=Ann", "GIT_AUTHOR_EMAIL=ann@example.com", "GIT_COMMITTER_NAME=Ann", "GIT_COMMITTER_EMAIL=ann@example.com")
		out, err := cmd.Output()
		must(t, err)
		return strings.TrimSpace(string(out))
	}
	id, kind, name := git("package m\n", "hash-object", "-w", "--stdin"), "100644 blob", "%d.go"
	for range 10 {
		var tree strings.Builder
		for i := range 10 {
			fmt.Fprintf(&tree, "%s %s\t"+name+"\n", kind, id, i)
		}
		id, kind, name = git(tree.String(), "mktree"), "040000 tree", "%d"
	}
	git("", "update-ref", "refs/heads/head", git("", "commit-tree", "-p", "base", "-m", "bomb", id))
}
