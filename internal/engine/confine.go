package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/barraiser/barraiser/internal/sandbox"
)

// confine gives the child what it needs and no more: it reads the toolchain, the
// modules, the facts and the trees of its jobs, writes in its scratch folder, and
// runs the go command.
func confine(cmd *exec.Cmd, o Options) error {
	b := sandbox.Bounds{
		Read:     append(toolchainFolders(o.Toolchain.Root), o.Trees...),
		Write:    []string{o.Scratch},
		Programs: []string{o.Toolchain.Bin},
	}
	if o.Toolchain.ModCache != "" {
		b.Read = append(b.Read, o.Toolchain.ModCache)
	}
	for _, cache := range []string{o.Cache, o.Packages} {
		if cache == "" {
			continue
		}
		// What does not exist when the child starts can never be read by it.
		if err := os.MkdirAll(cache, 0o700); err != nil {
			return fmt.Errorf("use the cache: %w", err)
		}
		b.Read = append(b.Read, cache)
	}
	if err := o.Sandbox.Confine(cmd, b); err != nil {
		return fmt.Errorf("confine the judge: %w", err)
	}
	return nil
}

// readable refuses a job whose trees the child could not read: it would find
// nothing in them to complain of.
func (o Options) readable(job Job) error {
	files, places := []string{job.Base, job.Head}, o.Trees
	if job.Packed != nil {
		files, places = append(files, job.Packed.File), []string{o.Scratch}
	}
	for _, tree := range files {
		within := func(dir string) bool {
			rel, err := filepath.Rel(dir, tree)
			return err == nil && filepath.IsLocal(rel)
		}
		if tree != "" && !slices.ContainsFunc(places, within) {
			return fmt.Errorf("judge %s: it lies in none of the folders of Options.Trees, or packed in Options.Scratch", tree)
		}
	}
	return nil
}

// toolchainFolders are GOROOT and the folders that distributions put elsewhere and
// link to from there.
func toolchainFolders(root string) []string {
	out := []string{root}
	for _, name := range []string{"bin", "src", "pkg", "lib", "api", "misc", "test"} {
		path := filepath.Join(root, name)
		if real, err := filepath.EvalSymlinks(path); err == nil && real != path {
			out = append(out, real)
		}
	}
	return out
}

// TrySandbox has a module of two packages judged within a sandbox. An error means
// that on this machine the child does not come to what it needs. Dir is an empty
// folder, which the caller removes.
func TrySandbox(ctx context.Context, s sandbox.Sandbox, t Toolchain, dir string) error {
	return trySandbox(ctx, Options{Toolchain: t, Sandbox: s}, dir)
}

func trySandbox(ctx context.Context, o Options, dir string) error {
	tree, scratch := filepath.Join(dir, "tree"), filepath.Join(dir, "scratch")
	err := errors.Join(os.MkdirAll(filepath.Join(tree, "inner"), 0o700), os.Mkdir(scratch, 0o700))
	for name, text := range map[string]string{
		"go.mod":         "module example.com/m\n\ngo 1.21\n",
		"m.go":           "// Package m is judged to see that anything can be.\npackage m\n\nimport \"example.com/m/inner\"\n\n// F is there to be found.\nfunc F() int { return inner.N }\n",
		"inner/inner.go": "// Package inner is imported.\npackage inner\n\nimport \"unsafe\"\n\n// N is a size.\nconst N = int(unsafe.Sizeof(0))\n",
	} {
		err = errors.Join(err, os.WriteFile(filepath.Join(tree, name), []byte(text), 0o600))
	}
	if err != nil {
		return err
	}
	o.Scratch, o.Timeout = scratch, time.Minute
	res, err := Judge(ctx, Job{Head: tree}, o)
	switch {
	case err != nil:
		return err
	case res.Packages != 2 || len(res.Coverage.Skipped) > 0 || len(res.Coverage.Broken) > 0:
		return fmt.Errorf("a module of 2 packages was judged wrongly: %d packages, %v, %v", res.Packages, res.Coverage.Skipped, res.Coverage.Broken)
	}
	return nil
}
