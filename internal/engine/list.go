package engine

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/version"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// platform is what build constraints are answered with.
type platform struct {
	os, arch string   // empty: the machine's own
	tags     []string // sorted
	cgo      bool     // files that import "C" are of the package; they are type-checked with FakeImportC
}

// own reports whether it is the machine's, as it is.
func (p platform) own() bool { return p.os == "" && p.arch == "" && len(p.tags) == 0 && !p.cgo }

func (p platform) String() string {
	s := p.os + "/" + p.arch
	if len(p.tags) > 0 {
		s += " tags " + strings.Join(p.tags, ",")
	}
	if p.cgo {
		s += " cgo"
	}
	return s
}

// listed is what `go list -json` says of one package.
type listed struct {
	ImportPath     string
	Dir            string
	Name           string
	ForTest        string
	Standard       bool
	DepOnly        bool
	GoFiles        []string
	CgoFiles       []string
	IgnoredGoFiles []string
	Imports        []string
	ImportMap      map[string]string
	Module         *listedModule
	Error          *listError
}

type listError struct{ Err string }

type listedModule struct {
	Path      string
	Version   string
	GoVersion string
	Dir       string
	Main      bool
}

// language is the Go release whose language the module is written in. The patch
// release that go.mod may name as well asks for a toolchain and says nothing
// about the code.
func (m *listedModule) language() string {
	if lang := version.Lang("go" + m.GoVersion); lang != "" {
		return strings.TrimPrefix(lang, "go")
	}
	return m.GoVersion
}

const listFields = "ImportPath,Dir,Name,ForTest,Standard,DepOnly,GoFiles,CgoFiles,IgnoredGoFiles,Imports,ImportMap,Module,Error"

// listing is one tree, or a part of it, as `go list` sees it on one platform.
type listing struct {
	root     string // the tree
	platform platform
	pkgs     map[string]*listed    // by ImportPath, which names the variant: "p [p.test]"
	nodes    map[string]*node      // filled by session.node
	host     *listing              // of another platform: the same unit and side on the machine's own
	want     func(rel string) bool // whether findings in a folder of the tree are asked for
	owns     func(rel string) bool // whether a folder is of a module of this listing; nil: all are
	err      error                 // the command failed as a whole
	stderr   string                // of the command, its beginning
}

// list runs `go list` in root/dir for the patterns, their tests if asked, and
// everything they import.
func list(ctx context.Context, root, dir string, p platform, tests bool, patterns []string) *listing {
	l := &listing{root: root, platform: p, pkgs: map[string]*listed{}, nodes: map[string]*node{}}
	cmd := exec.CommandContext(ctx, "go", listArgs(root, dir, p, tests, patterns)...)
	cmd.Dir = filepath.Join(root, dir)
	env, done, err := listEnv(root, dir, p)
	if err != nil {
		l.err = fmt.Errorf("go list: %w", err)
		return l
	}
	defer done()
	cmd.Env = env
	var stderr bytes.Buffer
	cmd.Stderr = &capped{w: &stderr, left: 64 << 10}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		l.err = fmt.Errorf("go list: %w", err)
		return l
	}
	dec := json.NewDecoder(out)
	for {
		var pkg listed
		if err := dec.Decode(&pkg); err != nil {
			if !errors.Is(err, io.EOF) {
				l.err = fmt.Errorf("read go list: %w", err)
			}
			break
		}
		l.pkgs[pkg.ImportPath] = &pkg
	}
	_, _ = io.Copy(io.Discard, out)
	err = cmd.Wait()
	l.stderr = stderr.String()
	if err != nil && l.err == nil {
		l.err = fmt.Errorf("go list: %s", firstLine(downloadRE.ReplaceAllString(l.stderr, ""), err.Error()))
	}
	return l
}

func listArgs(root, dir string, p platform, tests bool, patterns []string) []string {
	args := []string{"list", "-e", "-deps", "-json=" + listFields}
	if tests {
		args = append(args, "-test")
	}
	if len(p.tags) > 0 {
		args = append(args, "-tags="+strings.Join(p.tags, ","))
	}
	if vendored(readIn(root), dir) {
		args = append(args, "-mod=vendor")
	}
	return append(append(args, "--"), patterns...)
}

// vendored reports whether the module (or, at the root of a workspace, the
// workspace) in a folder of a tree keeps its dependencies in a vendor folder.
func vendored(read func(rel string) ([]byte, error), dir string) bool {
	_, err := read(path.Join(dir, "vendor", "modules.txt"))
	return err == nil
}

// listEnv is the environment of go list; done removes what it points to.
func listEnv(root, dir string, p platform) (env []string, done func(), err error) {
	env = slices.DeleteFunc(os.Environ(), func(kv string) bool {
		k, _, _ := strings.Cut(kv, "=")
		return k == "GOWORK" || k == "CGO_ENABLED" || k == "PWD"
	})
	env = append(env, "PWD="+filepath.Join(root, dir))
	if p.os != "" {
		env = append(env, "GOOS="+p.os, "GOARCH="+p.arch)
	}
	if p.cgo {
		env = append(env, "CGO_ENABLED=1")
	} else {
		env = append(env, "CGO_ENABLED=0")
	}
	work, done := "off", func() {}
	if dir == "." && workspace(readIn(root)) != nil {
		if work, done, err = ownWorkspace(root); err != nil {
			return nil, nil, err
		}
	}
	return append(env, "GOWORK="+work), done, nil
}

// outside reports whether a replacement of the module in dir points to a
// folder outside of the tree.
func outside(dir, path, version string) bool {
	if version != "" || !modfile.IsDirectoryPath(path) {
		return false
	}
	return filepath.IsAbs(path) || !filepath.IsLocal(filepath.Join(filepath.FromSlash(dir), filepath.FromSlash(path)))
}

// checkModule refuses a module file that would lead out of the tree.
func checkModule(read func(rel string) ([]byte, error), dir string) error {
	data, err := read(path.Join(dir, "go.mod"))
	if err != nil {
		return errors.New("go.mod could not be read")
	}
	f, err := modfile.Parse("go.mod", data, nil)
	if err != nil {
		return fmt.Errorf("go.mod: %s", firstLine(err.Error(), ""))
	}
	for _, r := range f.Replace {
		if outside(dir, r.New.Path, r.New.Version) {
			return fmt.Errorf("go.mod replaces %s by a folder outside of the repository", r.Old.Path)
		}
	}
	return nil
}

// missingRE finds the module that the go command says it has not got, with
// GOPROXY=off.
var missingRE = regexp.MustCompile(`([^\s:]+@v[^\s:]+): (?:module lookup disabled by GOPROXY=off|reading )`)

// downloadRE finds the module that the go command would like to download: of
// one that is required, its error does not give the name.
var downloadRE = regexp.MustCompile(`(?m)^go: downloading (\S+) (v\S+)$`)

// missingModules collects the modules named in a listing's errors as absent
// from the module cache.
func (l *listing) missingModules() []string {
	var out []string
	add := func(msg string) {
		for _, m := range missingRE.FindAllStringSubmatch(msg, -1) {
			out = append(out, m[1])
		}
	}
	if l.err != nil {
		add(l.err.Error())
	}
	for _, m := range downloadRE.FindAllStringSubmatch(l.stderr, -1) {
		out = append(out, m[1]+"@"+m[2])
	}
	for _, p := range l.pkgs {
		if p.Error != nil {
			add(p.Error.Err)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// capped passes on the first bytes only.
type capped struct {
	w    io.Writer
	left int
}

func (c *capped) Write(b []byte) (int, error) {
	n := min(len(b), c.left)
	c.left -= n
	if _, err := c.w.Write(b[:n]); err != nil {
		return 0, err
	}
	return len(b), nil
}

// firstLine is the first line of a message of the go command's, and the next
// one as well where that is the command to run: "to add:\n\tgo get …".
func firstLine(s, otherwise string) string {
	first := ""
	for line := range strings.Lines(s) {
		switch line = strings.TrimSpace(line); {
		case line == "" || strings.HasPrefix(line, "#"):
		case first != "":
			return first + " " + line
		case strings.HasSuffix(line, ":"):
			first = line
		default:
			return line
		}
	}
	return cmp.Or(first, otherwise)
}
