package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/build"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// target is a platform with the build tags that the go command sets for it.
type target struct {
	platform
	tools    []string // of the architecture, and of experiments: "goexperiment.regabiargs", "amd64.v1"
	releases []string // "go1.1" and so on
}

func (p platform) goos() string {
	if p.os != "" {
		return p.os
	}
	return runtime.GOOS
}

// target returns the tags that go list would set. The go command is asked for those
// of another platform; that takes some 20 milliseconds.
func (s *session) target(p platform) (target, error) {
	t := target{platform: p, tools: build.Default.ToolTags, releases: releasesUpTo(s.job.Toolchain)}
	if p.os == "" && p.arch == "" {
		return t, nil
	}
	ask, _ := s.toolTags.LoadOrStore(p.os+"/"+p.arch, sync.OnceValues(func() ([]string, error) {
		h := sha256.New()
		put(h, "tool tags", s.job.Program, s.job.Toolchain, runtime.Version(), os.Getenv("GOROOT"), p.os, p.arch)
		name := hex.EncodeToString(h.Sum(nil))
		if kept, ok := s.read(name); ok {
			return strings.Fields(string(kept)), nil
		}
		cmd := exec.CommandContext(s.ctx, "go", "list", "-find", "-f", `{{join context.ToolTags " "}}`, "unsafe")
		cmd.Dir = os.TempDir()
		cmd.Env = append(slices.Clone(os.Environ()), "PWD="+cmd.Dir, "GO111MODULE=off", "GOWORK=off", "GOOS="+p.os, "GOARCH="+p.arch)
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("ask for the build tags of %s: %w", p, err)
		}
		s.write(name, out)
		return strings.Fields(string(out)), nil
	}))
	var err error
	t.tools, err = ask.(func() ([]string, error))()
	return t, err
}

// context is what go/build picks files with, from folders of this machine.
func (t target) context() *build.Context {
	return &build.Context{
		GOOS: t.goos(), GOARCH: t.goarch(), CgoEnabled: t.cgo, Compiler: "gc",
		BuildTags: t.tags, ToolTags: t.tools, ReleaseTags: t.releases,
	}
}

// releasesUpTo lists the build tags of the Go releases that a toolchain
// satisfies.
func releasesUpTo(toolchain string) (tags []string) {
	minor, err := strconv.Atoi(minorOf(toolchain))
	if err != nil {
		return build.Default.ReleaseTags
	}
	for n := 1; n <= minor; n++ {
		tags = append(tags, "go1."+strconv.Itoa(n))
	}
	return tags
}

// minorOf returns "26" of "go1.26.8".
func minorOf(toolchain string) string {
	minor, _, _ := strings.Cut(strings.TrimPrefix(toolchain, "go1."), ".")
	minor, _, _ = strings.Cut(minor, "rc")
	minor, _, _ = strings.Cut(minor, "-")
	return minor
}
