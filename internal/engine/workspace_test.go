package engine

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/goproxytest"
	"golang.org/x/tools/txtar"
)

// TestWorkspaceSums judges a workspace without a go.work.sum, of which the go
// command wants checksums that no go.sum has: a workspace's module graph is
// whole, a module's own is pruned.
func TestWorkspaceSums(t *testing.T) {
	t.Parallel()
	archive, err := txtar.ParseFile("testdata/workspace/sums.txtar")
	if err != nil {
		t.Fatal(err)
	}
	tree := t.TempDir()
	writeOut(t, archive, tree)
	o, modules, proxy := downloaded(t, tree)
	cmd := exec.Command("go", "list", "-deps", "./a", "./b")
	cmd.Dir = modules
	cmd.Env = append(os.Environ(), "GOMODCACHE="+o.Toolchain.ModCache, "GOPROXY="+proxy, "GOSUMDB=off", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	if _, err := os.Stat(filepath.Join(modules, "go.work.sum")); err != nil {
		t.Fatalf("the workspace wants no checksums of its own: the test shows nothing: %v", err)
	}
	res, err := Judge(t.Context(), Job{Head: tree}, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Coverage.Skipped) > 0 || len(res.Coverage.Broken) > 0 || res.Packages != 2 {
		t.Errorf("Judge: %d packages, want 2; skipped %v, broken %v", res.Packages, res.Coverage.Skipped, res.Coverage.Broken)
	}
}

// writeOut writes the files of an archive below a folder.
func writeOut(t *testing.T, a *txtar.Archive, dir string) {
	t.Helper()
	for _, f := range a.Files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o400); err != nil {
			t.Fatal(err)
		}
	}
}

// downloaded fetches what a tree requires, and what others do, from the modules in
// testdata/proxy. It returns options to judge the tree with, a copy of the tree, in
// which the go command may write, and the address of the modules.
func downloaded(t *testing.T, tree string, others ...string) (o Options, modules, proxy string) {
	t.Helper()
	server, err := goproxytest.NewServer("testdata/proxy", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	o = testOptions(t, "judge")
	o.Trees = []string{tree}
	o.Toolchain.ModCache = filepath.Join(t.TempDir(), "mod")
	t.Cleanup(func() { writable(t, o.Toolchain.ModCache) })
	for _, tree := range append(others, tree) {
		modules = t.TempDir()
		if err := os.CopyFS(modules, os.DirFS(tree)); err != nil {
			t.Fatal(err)
		}
		failures, err := Download(t.Context(), modules, DownloadOptions{Toolchain: o.Toolchain, Scratch: t.TempDir(), Proxy: server.URL, Timeout: 10 * time.Minute})
		if err != nil || len(failures) > 0 {
			t.Fatalf("Download = %v, %v", failures, err)
		}
	}
	return o, modules, server.URL
}
