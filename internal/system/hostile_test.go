package system_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// A hostile repository: what a change adds to an honest one, and what the program
// may say of it. docs/security.md lists them all.
type hostile struct {
	id, what string
	files    map[string]string // of the head; LINK, MODULE and GIANT below are no plain content
	base     map[string]string // of the base, beside the honest ones
	// exits are the codes that are right; none: any verdict is. A verdict is 0
	// (within the bar), 1 (needs a sign-off) or 3 (incomplete). Code that was not
	// read is 3.
	exits []int
	// says must be in the report, never must not. OUT stands for the folder of
	// what is planted.
	says, never []string
	make        func(t *testing.T, w *surroundings, repo string) // more of the head, in the work tree
	env         []string
	format      string // of the report; none: json
	bounded     bool   // it may take all the time that hostileTime gives
	within      bool   // run in the repository, on its work tree
}

// What files can be beside text.
const (
	link   = "LINK "   // a symbolic link to what follows
	module = "MODULE " // a submodule
)

var (
	verdicts   = []int{0, 1, 3}
	incomplete = []int{3}
)

// honest is the repository that all changes are to.
var honest = map[string]string{
	"go.mod": "module example.com/m\n\ngo 1.24\n",
	"a.go":   "// Package m is one.\npackage m\n\n// A is one.\nfunc A() int { return 1 }\n",
}

// flaw is code with a finding, to see whether it was read.
const flaw = "func flawed(a []int) { a[0] = a[0] }\n"

// secretText is in everything that is planted to be read.
const secretText = "s3cr3t-that-nobody-may-see"

// TestHostile has the built program review each hostile repository, in surroundings
// full of secrets and traps. Whatever comes of it: the program ends with a verdict
// in its time, never passes what it did not read, shows no secret, runs nothing that
// was planted, connects to nobody, changes nothing, and leaves nothing behind. And
// the honest repository is judged rightly afterwards, with the same cache.
func TestHostile(t *testing.T) {
	t.Parallel()
	program, err := build()
	must(t, err)
	w := newSurroundings(t, program)
	seen := map[string]bool{}
	t.Run("repositories", func(t *testing.T) {
		for _, h := range all() {
			if seen[h.id] {
				t.Fatalf("%s is there twice", h.id)
			}
			seen[h.id] = true
			t.Run(h.id, func(t *testing.T) {
				t.Parallel()
				w.review(t, h)
			})
		}
	})
	w.untouched(t)
	h := hostile{id: "honest", files: map[string]string{"a.go": honest["a.go"] + flaw}, exits: []int{0}, says: []string{`"vet/assign"`, `"analysed": 1`}}
	w.review(t, h)
	if n := w.calls.Load(); n > 0 {
		t.Errorf("%d connections were made", n)
	}
}

func all() []hostile { return slices.Concat(reading, executing, exhausting, evading) }

// TestHostileDocumented holds that docs/security.md lists all of them: 64.
func TestHostileDocumented(t *testing.T) {
	name := filepath.Join("..", "..", "docs", "security.md")
	text, err := os.ReadFile(name)
	must(t, err)
	const begin, end = "<!-- hostile: go test ./internal/system -run HostileDocumented -update-docs -->\n", "<!-- /hostile -->\n"
	before, rest, ok := strings.Cut(string(text), begin)
	table, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no place for the hostile repositories: %q … %q", name, begin, end)
	}
	want := "| | What it tries | Right is |\n|---|---|---|\n"
	for i, h := range all() {
		if id := fmt.Sprintf("H%02d", i+1); h.id != id {
			t.Errorf("%s stands where %s should", h.id, id)
		}
		right := "any verdict"
		if slices.Equal(h.exits, incomplete) {
			right = "incomplete"
		} else if h.exits != nil {
			var codes []string
			for _, code := range h.exits {
				codes = append(codes, outcomes[code])
			}
			right = strings.Join(codes, " or ")
		}
		want += "| " + h.id + " | " + h.what + " | " + right + " |\n"
	}
	if n := len(all()); n != 64 {
		t.Errorf("there are %d, not 64", n)
	}
	if table == want {
		return
	}
	if !*updateDocs {
		t.Fatalf("%s lists others than the tests; run go test ./internal/system -run HostileDocumented -update-docs", name)
	}
	must(t, os.WriteFile(name, []byte(before+begin+want+end+after), 0o644))
}

// outcomes are what exit codes say.
var outcomes = map[int]string{0: "within the bar", 1: "needs a sign-off", 2: "refused", 3: "incomplete"}

var updateDocs = flag.Bool("update-docs", false, "write the table of hostile repositories into docs/security.md")

// surroundings are what lies around a repository that is reviewed.
type surroundings struct {
	program string
	out     string // folder of what is planted
	bin     string // programs that leave a mark, first on PATH
	marks   string // folder of the marks
	home    string
	cache   string
	address string // on which somebody listens
	calls   atomic.Int64
	before  string // what is planted, as it was
}

func newSurroundings(t *testing.T, program string) *surroundings {
	t.Helper()
	dir := t.TempDir()
	w := &surroundings{
		program: program, out: filepath.Join(dir, "out"), bin: filepath.Join(dir, "bin"), marks: filepath.Join(dir, "marks"),
		home: filepath.Join(dir, "home"), cache: filepath.Join(dir, "cache"),
	}
	must(t, os.MkdirAll(w.marks, 0o777))
	for name, text := range map[string]string{
		"out/key.pem":                    secretText + "\n",
		"out/tenant/go.mod":              "module example.com/tenant\n\ngo 1.24\n",
		"out/tenant/tenant.go":           "package tenant\n\n// Key is a secret.\nconst Key = \"" + secretText + "\"\n",
		"out/go.work":                    "go 1.24\n\nuse ./tenant\n",
		"home/.netrc":                    "machine example.com login x password " + secretText + "\n",
		"home/.config/go/telemetry/mode": "off", // or each go command of the user's writes there
		"home/.config/go/env":            "GOFLAGS=-toolexec=" + filepath.Join(w.bin, "toolexec") + "\n",
	} {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777))
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
	}
	must(t, os.MkdirAll(w.bin, 0o777))
	for _, name := range traps {
		must(t, os.WriteFile(filepath.Join(w.bin, name), []byte(w.trap()), 0o777))
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { must(t, l.Close()) })
	w.address = l.Addr().String()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			w.calls.Add(1)
			_ = c.Close() // it was made: that is enough
		}
	}()
	w.before = digest(t, w.out, w.home, w.bin)
	return w
}

// traps are programs that something in a repository may name or bring about.
var traps = []string{
	"cc", "gcc", "clang", "g++", "pkg-config", "swig", "hg", "svn", "bzr", "fossil", "ssh", "curl", "evil", "toolexec",
	"gopackagesdriver", "golangci-lint", "staticcheck", "git-lfs", "git-remote-evil",
}

func (w *surroundings) trap() string {
	return fmt.Sprintf("#!/bin/sh\necho \"$0 $*\" >>'%s/ran'\n", w.marks)
}

// untouched finds what was run, and what was changed outside.
func (w *surroundings) untouched(t *testing.T) {
	t.Helper()
	if ran, err := os.ReadFile(filepath.Join(w.marks, "ran")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("planted programs ran: %v\n%s", err, ran)
	}
	if diff := gocmp.Diff(w.before, digest(t, w.out, w.home, w.bin)); diff != "" {
		t.Errorf("what was planted is not as it was (-before +after):\n%s", diff)
	}
}

// digest are the names below folders with hashes of their contents.
func digest(t *testing.T, dirs ...string) string {
	t.Helper()
	var h strings.Builder
	for _, dir := range dirs {
		must(t, filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			data, err := os.ReadFile(name)
			fmt.Fprintf(&h, "%s %x\n", name, sha256.Sum256(data))
			return err
		}))
	}
	return h.String()
}

func (w *surroundings) fill(s string) string {
	return strings.NewReplacer("{{OUT}}", w.out, "{{BIN}}", w.bin, "{{ADDRESS}}", w.address).Replace(s)
}

// What one review may take of a repository that would like to have the machine for
// itself. The others have time, since this machine may be busy with other things.
const (
	hostileTime   = "3s"
	hostileMemory = "400MiB"
)

// review reviews a repository and holds what must be true of each.
func (w *surroundings) review(t *testing.T, h hostile) {
	t.Helper()
	repo, tmp := t.TempDir(), t.TempDir()
	w.commit(t, repo, h)
	// Where the program makes its private folder, a go.work waits above it.
	must(t, os.WriteFile(filepath.Join(tmp, "go.work"), []byte("go 1.24\n\nuse "+w.out+"/tenant\n"), 0o666))
	limit := "5m"
	if h.bounded || slices.ContainsFunc(exhausting, func(e hostile) bool { return e.id == h.id }) {
		limit = hostileTime
	}
	args := []string{"review", "-C", repo, "--base", "base", "--format", cmp.Or(h.format, "json"), "--cache", w.cache, "--timeout", limit, "--max-memory", hostileMemory}
	if !h.within {
		args = append(args, "--head", "head")
	}
	ctx, stop := context.WithTimeout(t.Context(), 2*patience)
	defer stop()
	cmd := exec.CommandContext(ctx, w.program, args...)
	cmd.Env = []string{
		"PATH=" + w.bin + string(filepath.ListSeparator) + os.Getenv("PATH"), "HOME=" + w.home, "TMPDIR=" + tmp, "GOMODCACHE=" + w.cache + "/modules",
		"GOPROXY=http://" + w.address, "GONOSUMDB=*", "GIT_CONFIG_NOSYSTEM=1", "PLANTED=" + secretText, "GITHUB_TOKEN=" + secretText, "GIT_TERMINAL_PROMPT=0",
	}
	if h.within {
		cmd.Dir = repo
	}
	for _, kv := range h.env {
		cmd.Env = append(cmd.Env, strings.ReplaceAll(w.fill(kv), "{{REPO}}", repo))
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if exit, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited || exited && !exit.Exited() {
		t.Fatalf("%s: %v\n%s", h.what, err, stderr.String())
	}
	said := stdout.String() + stderr.String()
	code, right := cmd.ProcessState.ExitCode(), h.exits
	if right == nil {
		right = verdicts
	}
	if !slices.Contains(right, code) {
		t.Errorf("%s: exit code %d, want one of %v\n%s", h.what, code, right, shortened(said))
	}
	for _, text := range h.says {
		if !strings.Contains(said, w.fill(text)) {
			t.Errorf("%s: the report does not say %q\n%s", h.what, text, shortened(said))
		}
	}
	for _, text := range append([]string{secretText, "root:x:0"}, h.never...) {
		if strings.Contains(said, w.fill(text)) {
			t.Errorf("%s: %q is in the report", h.what, text)
		}
	}
	left, err := os.ReadDir(tmp)
	must(t, err)
	if len(left) != 1 {
		t.Errorf("%s: left behind: %v", h.what, left)
	}
	if pids := workingIn(t, tmp); len(pids) > 0 {
		t.Errorf("%s: processes are left: %v", h.what, pids)
	}
}

func shortened(s string) string { return s[:min(len(s), 4000)] }

// workingIn lists the processes whose environment names a folder.
func workingIn(t *testing.T, dir string) (pids []string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		return nil
	}
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	must(t, err)
	for _, f := range files {
		if env, err := os.ReadFile(f); err == nil && bytes.Contains(env, []byte(dir)) { // those of others cannot be read
			pids = append(pids, filepath.Base(filepath.Dir(f)))
		}
	}
	return pids
}

// commit makes the repository with the branches base and head. It is written by
// fast-import, which takes what no work tree could hold.
func (w *surroundings) commit(t *testing.T, repo string, h hostile) {
	t.Helper()
	git := func(stdin string, args ...string) string {
		cmd := exec.Command("git", args...)
		cmd.Dir = repo
		cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull)
		cmd.Stdin = strings.NewReader(stdin)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %s: %v\n%s", args[0], err, shortened(string(out)))
		}
		return string(out)
	}
	git("", "init", "-q", "-b", "main")
	var in strings.Builder
	write := func(branch, from string, files map[string]string) {
		fmt.Fprintf(&in, "commit refs/heads/%s\ncommitter Ann <ann@example.com> 1700000000 +0000\ndata 5\nwork\n%s\n", branch, from)
		for name, text := range files {
			text = w.fill(text)
			mode := "100644"
			if rest, ok := strings.CutPrefix(text, link); ok {
				mode, text = "120000", rest
			}
			if rest, ok := strings.CutPrefix(text, module); ok {
				fmt.Fprintf(&in, "M 160000 %s %s\n", rest, quoted(name))
				continue
			}
			fmt.Fprintf(&in, "M %s inline %s\ndata %d\n%s\n", mode, quoted(name), len(text), text)
		}
	}
	base := map[string]string{}
	for _, files := range []map[string]string{honest, h.base} {
		for name, text := range files {
			base[name] = text
		}
	}
	write("base", "", base)
	write("head", "from refs/heads/base", h.files)
	git(in.String(), "fast-import", "--quiet")
	if h.within || h.make != nil {
		git("", "-c", "core.symlinks=true", "checkout", "-q", "head")
	}
	if h.make != nil {
		h.make(t, w, repo)
	}
}

var plainName = regexp.MustCompile(`^[\w./-]+$`)

func quoted(name string) string {
	if plainName.MatchString(name) {
		return name
	}
	var out strings.Builder
	out.WriteByte('"')
	for i := range len(name) {
		fmt.Fprintf(&out, "\\%03o", name[i])
	}
	return out.String() + "\""
}
