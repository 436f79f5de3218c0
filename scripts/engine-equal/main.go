// Engine-equal holds the engine against x/tools' own driver, checker, which
// keeps all facts of all packages in memory and reuses nothing: on a repository,
// at two revisions, for all package checks.
//
//	go run ./scripts/engine-equal REPO BASE HEAD
//
// Run it from the root of this project. REPO is only read. It prints the number
// of diagnostics by analyzer, and fails where the engine says anything else
// cold, warm, or judging HEAD as a change of BASE, where one of the two was judged
// before; and where "unused" is not what the staticcheck command says.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/barraiser/barraiser/internal/analyzers"
	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/engine"
)

// said is one diagnostic.
type said struct {
	pkg, analyzer, file string
	line, column        int
	message             string
}

func main() {
	log.SetFlags(0)
	if len(os.Args) == 2 && os.Args[1] == engine.ChildCommand {
		out := os.Stdout
		os.Stdout = os.Stderr
		os.Exit(engine.Child(os.Stdin, out))
	}
	if len(os.Args) != 4 {
		log.Fatal("usage: go run ./scripts/engine-equal REPO BASE HEAD")
	}
	dir, err := os.MkdirTemp("", "engine-equal-")
	if err != nil {
		log.Fatal(err)
	}
	equal, err := compare(context.Background(), dir, os.Args[1], os.Args[2], os.Args[3])
	if err := errors.Join(err, os.RemoveAll(dir)); err != nil {
		log.Fatal(err)
	}
	if !equal {
		os.Exit(1)
	}
}

func compare(ctx context.Context, dir, repo, base, head string) (equal bool, err error) {
	for name, rev := range map[string]string{"base": base, "head": head} {
		if err := extract(repo, rev, filepath.Join(dir, name)); err != nil {
			return false, err
		}
	}
	out, err := exec.Command("git", "-C", repo, "diff", "--name-only", "--no-renames", base, head, "--", "*.go").Output()
	if err != nil {
		return false, fmt.Errorf("git diff: %w", err)
	}
	job := engine.Job{Base: filepath.Join(dir, "base"), Head: filepath.Join(dir, "head"), Raw: true}
	for file := range strings.Lines(string(out)) {
		change := debt.FileChange{Old: strings.TrimSpace(file), New: strings.TrimSpace(file)}
		if _, err := os.Stat(filepath.Join(job.Base, change.Old)); err != nil {
			change.Old = ""
		}
		if _, err := os.Stat(filepath.Join(job.Head, change.New)); err != nil {
			change.New = ""
		}
		job.Files = append(job.Files, change)
	}

	want, looked, err := check(job.Head)
	if err != nil {
		return false, err
	}
	e := judge{ctx: ctx, dir: dir}
	scan := func(side string) (map[said]bool, error) {
		res, err := e.judge(engine.Job{Head: filepath.Join(dir, side), Raw: true})
		if err != nil {
			return nil, err
		}
		return rawOf(res, "head"), nil
	}
	runs := map[string]map[said]bool{}
	var atBase map[said]bool
	withBase := ""
	if atBase, err = scan("base"); err == nil {
		withBase = e.cache
		e.cache = ""
		runs["cold"], err = scan("head")
	}
	if err == nil {
		runs["warm"], err = scan("head")
	}
	if err != nil {
		return false, err
	}
	for name, cache := range map[string]string{"change, head kept": e.cache, "change, base kept": withBase} {
		e.cache = cache
		res, err := e.judge(job)
		if err != nil {
			return false, err
		}
		runs[name] = together(name, res, atBase)
	}
	return report(want, looked, runs) && unusedEqual(job.Head, runs["cold"]), nil
}

// extract writes a revision out, with all its files.
func extract(repo, rev, to string) error {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	archive := exec.Command("git", "-C", repo, "archive", "--format=tar", rev)
	untar := exec.Command("tar", "-x", "-C", to)
	var err error
	if untar.Stdin, err = archive.StdoutPipe(); err != nil {
		return err
	}
	if err := untar.Start(); err != nil {
		return err
	}
	return errors.Join(archive.Run(), untar.Wait())
}

// roots are the analyzers of all package checks.
func roots() []*analysis.Analyzer {
	seen := map[*analysis.Analyzer]bool{}
	for _, c := range analyzers.Checks() {
		if c.Analyzer != nil {
			seen[c.Analyzer] = true
		}
	}
	return slices.SortedFunc(maps.Keys(seen), func(a, b *analysis.Analyzer) int { return cmp.Compare(a.Name, b.Name) })
}

// scope is what the other driver looked at. Nothing is compared of packages that do
// not type-check, of other modules of the repository, and of files that only another
// platform or other tags build.
type scope struct {
	packages, files map[string]bool
}

func (sc scope) holds(s said) bool {
	return sc.packages[s.pkg] && (s.file == "" || sc.files[s.file])
}

// check is the other driver: every package from source, all facts.
func check(dir string) (map[said]bool, scope, error) {
	cfg := &packages.Config{Mode: packages.LoadAllSyntax | packages.NeedModule, Dir: dir, Tests: true, Env: append(os.Environ(), "CGO_ENABLED=0", "GOPROXY=off", "GOTOOLCHAIN=local")}
	loaded, err := packages.Load(cfg, "./...")
	if err != nil {
		return nil, scope{}, fmt.Errorf("load %s: %w", dir, err)
	}
	variants := map[string]bool{}
	for _, p := range loaded {
		variants[p.ID] = true
	}
	looked := scope{packages: map[string]bool{}, files: map[string]bool{}}
	var judged []*packages.Package
	for _, p := range loaded {
		switch {
		case strings.HasSuffix(p.ID, ".test") && p.Name == "main" || variants[p.PkgPath+" ["+p.PkgPath+".test]"] && p.ID == p.PkgPath:
		case p.IllTyped || len(p.Errors) > 0:
		default:
			judged = append(judged, p)
			looked.packages[p.PkgPath] = true
			for _, name := range p.GoFiles {
				if file, err := filepath.Rel(dir, name); err == nil {
					looked.files[filepath.ToSlash(file)] = true
				}
			}
		}
	}
	graph, err := checker.Analyze(roots(), judged, nil)
	if err != nil {
		return nil, scope{}, fmt.Errorf("analyse %s: %w", dir, err)
	}
	want := map[said]bool{}
	for _, act := range graph.Roots {
		if act.Err != nil {
			return nil, scope{}, fmt.Errorf("%s of %s: %w", act.Analyzer.Name, act.Package.ID, act.Err)
		}
		add := func(m analyzers.Measure) {
			p := act.Package.Fset.PositionFor(m.Pos, false)
			file, err := filepath.Rel(dir, p.Filename)
			if err != nil {
				file = ""
			}
			message := strings.ReplaceAll(m.Message, dir+"/", "")
			want[said{act.Package.PkgPath, act.Analyzer.Name, filepath.ToSlash(file), p.Line, p.Column, message}] = true
		}
		for _, d := range act.Diagnostics {
			add(analyzers.Measure{Pos: d.Pos, Message: d.Message})
		}
		own, _ := act.Result.([]analyzers.Measure)
		for _, m := range own {
			add(m)
		}
	}
	return want, looked, nil
}

// judge runs jobs one after the other, with one cache.
type judge struct {
	ctx   context.Context
	dir   string
	cache string
	runs  int
}

func (e *judge) judge(job engine.Job) (*engine.Result, error) {
	toolchain, err := engine.FindToolchain(e.ctx)
	if err != nil {
		return nil, err
	}
	e.runs++
	scratch := filepath.Join(e.dir, fmt.Sprint("scratch", e.runs))
	if e.cache == "" {
		e.cache = filepath.Join(e.dir, fmt.Sprint("cache", e.runs))
	}
	if err := os.Mkdir(scratch, 0o700); err != nil {
		return nil, err
	}
	return engine.Judge(e.ctx, job, engine.Options{Toolchain: toolchain, Scratch: scratch, Cache: e.cache, Packages: e.cache + "-packages"})
}

func rawOf(res *engine.Result, side string) map[said]bool {
	out := map[said]bool{}
	for _, r := range res.Raw {
		if r.Side == side {
			out[said{r.Package, r.Analyzer, r.File, r.Line, r.Column, r.Message}] = true
		}
	}
	return out
}

// together is what was said of the packages that the change made the engine
// judge, and of the others what was said at the base.
func together(name string, res *engine.Result, atBase map[said]bool) map[said]bool {
	judged := map[string]bool{}
	for _, r := range res.Stats.Unreused {
		judged[r.Package] = true
	}
	out := rawOf(res, "head")
	for s := range atBase {
		if !judged[s.pkg] {
			out[s] = true
		}
	}
	fmt.Printf("%s: of the change %d packages are to be judged, and %d findings were kept; %d are spared\n", name, len(judged), res.Stats.Kept, res.Stats.Pruned)
	return out
}

// report prints the counts and the differences.
func report(want map[said]bool, looked scope, runs map[string]map[said]bool) bool {
	left, leftFiles := map[string]bool{}, map[string]bool{}
	for _, run := range runs {
		for s := range run {
			if looked.holds(s) {
				continue
			}
			delete(run, s)
			if looked.packages[s.pkg] {
				leftFiles[s.file] = true
			} else {
				left[s.pkg] = true
			}
		}
	}
	count := map[string]int{}
	for s := range want {
		count[s.analyzer]++
	}
	for _, name := range slices.Sorted(maps.Keys(count)) {
		fmt.Printf("%6d %s\n", count[name], name)
	}
	fmt.Printf("%d diagnostics of %d analyzers in %d packages; left out are %d packages that the other driver does not look at, and %d files\n", len(want), len(count), len(looked.packages), len(left), len(leftFiles))
	equal := true
	for _, name := range slices.Sorted(maps.Keys(runs)) {
		differences := 0
		say := func(sign string, s said) {
			if differences++; differences <= 20 {
				fmt.Printf("%s %s %s %s:%d:%d %s %s\n", name, sign, s.pkg, s.file, s.line, s.column, s.analyzer, s.message)
			}
		}
		for s := range want {
			if !runs[name][s] {
				say("-", s)
			}
		}
		for s := range runs[name] {
			if !want[s] {
				say("+", s)
			}
		}
		fmt.Printf("%s: %d differences\n", name, differences)
		equal = equal && differences == 0
	}
	return equal
}

// unusedEqual compares with the staticcheck command, at the version of go.mod.
// What this project hides otherwise, in generated files and by comments, is
// reported by one of the two only, and counted apart.
func unusedEqual(dir string, got map[said]bool) bool {
	bin := filepath.Join(filepath.Dir(dir), "staticcheck")
	if out, err := exec.Command("go", "build", "-o", bin, "honnef.co/go/tools/cmd/staticcheck").CombinedOutput(); err != nil {
		fmt.Printf("unused is not compared: build staticcheck: %v\n%s", err, out)
		return false
	}
	cmd := exec.Command(bin, "-checks", "U1000", "-f", "json", "./...")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "CGO_ENABLED=0", "GOPROXY=off", "GOTOOLCHAIN=local")
	out, _ := cmd.Output() // it exits 1 where it finds anything
	type place struct {
		file string
		line int
	}
	theirs, ours := map[place]bool{}, map[place]bool{}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var d struct {
			Code     string
			Location struct {
				File string
				Line int
			}
		}
		if dec.Decode(&d) != nil {
			break
		}
		if rel, err := filepath.Rel(dir, d.Location.File); err == nil && d.Code == "U1000" {
			theirs[place{filepath.ToSlash(rel), d.Location.Line}] = true
		}
	}
	for s := range got {
		if s.analyzer == "unused" {
			ours[place{s.file, s.line}] = true
		}
	}
	missed, more := 0, 0
	for p := range theirs {
		if !ours[p] {
			missed++
			fmt.Printf("unused - %s:%d\n", p.file, p.line)
		}
	}
	for p := range ours {
		if src, err := os.ReadFile(filepath.Join(dir, p.file)); !theirs[p] && err == nil && !analyzers.Generated(src) && !silenced(src, p.line) {
			more++
			fmt.Printf("unused + %s:%d\n", p.file, p.line)
		}
	}
	fmt.Printf("unused: staticcheck says %d; %d of them are missing here, %d more are said outside of generated and silenced code\n", len(theirs), missed, more)
	return missed == 0 && more == 0
}

// silenced reports whether the comment above a line has staticcheck take the
// declaration for used; the engine counts what a comment hides, too.
func silenced(src []byte, line int) bool {
	lines := strings.Split(string(src), "\n")
	for i := line - 2; i >= 0 && i < len(lines) && strings.HasPrefix(strings.TrimSpace(lines[i]), "//"); i-- {
		if strings.HasPrefix(strings.TrimSpace(lines[i]), "//lint:ignore U1000") {
			return true
		}
	}
	return false
}
