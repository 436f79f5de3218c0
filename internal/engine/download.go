package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/modfile"

	"github.com/barraiser/barraiser/internal/process"
)

// DownloadOptions are what Download may take and where it asks.
type DownloadOptions struct {
	Toolchain Toolchain // ModCache is where the modules go
	// Scratch is an empty folder for the go command's HOME and caches; the caller
	// removes it.
	Scratch string
	// Proxy is the GOPROXY. "direct" in it is refused: it would have git ask any
	// host that a module's path names.
	Proxy   string
	Timeout time.Duration // for all of it; 0: none
}

// What a tree may ask for: a go.mod of 300,000 lines costs its author nothing.
const (
	maxModuleFiles = 300
	maxModuleBytes = 1 << 20
	maxRequires    = 4_000
)

// Download brings the modules that a tree asks for into the module cache. It is
// the one step with network, and it has no code: tree is a folder that holds
// nothing but go.mod, go.sum, go.work and go.work.sum files.
//
// What cannot be had is in failures, one sentence each: the analysis will say
// which packages lack it. The checksums of the tree's go.sum are held against
// what comes; the checksum database is not asked, since the proxy is the
// operator's choice and the names of private modules are nobody else's business.
func Download(ctx context.Context, tree string, o DownloadOptions) (failures []string, err error) {
	if err := checkProxy(o.Proxy); err != nil {
		return nil, err
	}
	if o.Timeout > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, o.Timeout)
		defer stop()
	}
	dirs, err := moduleDirs(tree)
	if err != nil {
		return nil, err
	}
	env, err := childEnv(Options{Toolchain: o.Toolchain, Scratch: o.Scratch})
	if err != nil {
		return nil, err
	}
	env = slices.DeleteFunc(env, func(kv string) bool {
		return strings.HasPrefix(kv, "GOPROXY=") || strings.HasPrefix(kv, "GOWORK=") || strings.HasPrefix(kv, "GOFLAGS=")
	})
	// Without -mod=mod the go command refuses a go.sum that lacks a line.
	env = append(env, "GOPROXY="+o.Proxy, "GOFLAGS=-mod=mod")
	fail := func(dir, why string) { failures = append(failures, fmt.Sprintf("modules of %s: %s", dir, why)) }
	for _, dir := range dirs {
		if why := refuses(tree, dir); why != "" {
			fail(dir, why)
			continue
		}
		if why := download(ctx, filepath.Join(tree, dir), append(env, "GOWORK=off"), o.Toolchain); why != "" {
			fail(dir, why)
		}
	}
	if workspace(readIn(tree)) != nil { // it may need later versions than each module alone
		work := filepath.Join(tree, "go.work")
		env := append(slices.DeleteFunc(env, func(kv string) bool { return strings.HasPrefix(kv, "GOFLAGS=") }), "GOWORK="+work)
		if why := download(ctx, tree, env, o.Toolchain); why != "" {
			fail("go.work", why)
		}
	}
	return failures, ctx.Err()
}

func checkProxy(proxy string) error {
	for entry := range strings.FieldsFuncSeq(proxy, func(r rune) bool { return r == ',' || r == '|' }) {
		if entry == "direct" {
			return errors.New(`the module proxy may not be "direct": the go command would fetch from whatever host a module names`)
		}
	}
	return nil
}

// moduleDirs lists the folders with a go.mod, relative to the tree and sorted.
func moduleDirs(tree string) ([]string, error) {
	var dirs []string
	err := filepath.WalkDir(tree, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() != "go.mod" {
			return err
		}
		dir, err := filepath.Rel(tree, filepath.Dir(name))
		dirs = append(dirs, filepath.ToSlash(dir))
		return err
	})
	if err == nil && len(dirs) > maxModuleFiles {
		err = fmt.Errorf("there are %d go.mod files, more than the %d whose modules are downloaded", len(dirs), maxModuleFiles)
	}
	slices.Sort(dirs)
	return dirs, err
}

// refuses says why nothing is downloaded for a module; empty: it is.
func refuses(tree, dir string) string {
	info, err := os.Lstat(filepath.Join(tree, dir, "go.mod"))
	if err != nil {
		return "go.mod cannot be read"
	}
	if info.Size() > maxModuleBytes {
		return fmt.Sprintf("go.mod has %d bytes", info.Size())
	}
	if err := checkModule(readIn(tree), dir); err != nil {
		return err.Error()
	}
	data, err := os.ReadFile(filepath.Join(tree, dir, "go.mod"))
	if err != nil {
		return "go.mod cannot be read"
	}
	f, err := modfile.ParseLax("go.mod", data, nil)
	if err == nil && len(f.Require) > maxRequires {
		return fmt.Sprintf("go.mod requires %d modules, more than %d", len(f.Require), maxRequires)
	}
	return ""
}

// download runs the go command in one folder and says why it failed.
func download(ctx context.Context, dir string, env []string, t Toolchain) string {
	cmd := exec.CommandContext(ctx, filepath.Join(t.Bin, "go"), "mod", "download")
	cmd.Dir = dir
	cmd.Env = append(slices.Clone(env), "PWD="+dir)
	var stderr bytes.Buffer
	cmd.Stderr = &capped{w: &stderr, left: 64 << 10}
	cmd.WaitDelay = 5 * time.Second
	process.Group(cmd)
	err := cmd.Run()
	switch {
	case err == nil:
		return ""
	case ctx.Err() != nil:
		return "it took too long"
	}
	return strings.TrimPrefix(firstLine(stderr.String(), err.Error()), "go: ")
}
