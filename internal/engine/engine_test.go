package engine

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/barraiser/barraiser/internal/analyzers"
	"github.com/barraiser/barraiser/internal/debt"
	"github.com/barraiser/barraiser/internal/sandbox"
)

var update = flag.Bool("update", false, "rewrite the want files of testdata")

// The test binary is also the child that Judge starts: a real one, or one that
// misbehaves.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "child" {
		misbehave(os.Args[2])
	}
	os.Exit(m.Run())
}

// job lays a txtar archive out as the two trees of a job. Files lie under
// base/ and head/; a line "rename OLD NEW" in the comment pairs two paths, and
// "tag NAME" and "unread PATH REASON" fill in the fields of the same name,
// "place FOLDER NAME" and "forbid FROM TO" the component and owner of a folder
// and a forbidden edge.
func job(t *testing.T, a *txtar.Archive) Job {
	t.Helper()
	dir := t.TempDir()
	j := Job{Base: filepath.Join(dir, "base"), Head: filepath.Join(dir, "head"), Unread: map[string]string{}}
	renamed := map[string]string{}
	for line := range strings.Lines(string(a.Comment)) {
		switch f := strings.Fields(line); {
		case len(f) == 3 && f[0] == "rename":
			renamed[f[2]] = f[1]
		case len(f) == 2 && f[0] == "tag":
			j.Tags = append(j.Tags, f[1])
		case len(f) == 3 && f[0] == "place":
			if j.Stated.Places == nil {
				j.Stated.Places = map[string]analyzers.Place{}
			}
			j.Stated.Places[f[1]] = analyzers.Place{Component: f[2], Owner: f[2]}
		case len(f) == 3 && f[0] == "forbid":
			j.Stated.Forbidden = append(j.Stated.Forbidden, analyzers.ForbiddenEdge{From: f[1], To: f[2], Key: "components." + f[1] + ".not"})
		case len(f) >= 3 && f[0] == "unread":
			j.Unread[f[1]] = strings.Join(f[2:], " ")
		}
	}
	sides := map[string]map[string]string{"base": {}, "head": {}}
	for _, f := range a.Files {
		side, rel, _ := strings.Cut(f.Name, "/")
		if sides[side] == nil {
			continue // the want file
		}
		name := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
		sides[side][rel] = string(f.Data)
	}
	j.Files = differences(sides["base"], sides["head"], renamed)
	for rel := range j.Unread {
		if strings.HasSuffix(rel, ".go") {
			j.Files = append(j.Files, debt.FileChange{New: rel})
		}
	}
	return j
}

func differences(base, head, renamed map[string]string) []debt.FileChange {
	var out []debt.FileChange
	gone := maps.Clone(base)
	for _, rel := range slices.Sorted(maps.Keys(head)) {
		old := rel
		if r := renamed[rel]; r != "" {
			old = r
		}
		src, there := base[old]
		delete(gone, old)
		if !strings.HasSuffix(rel, ".go") || there && old == rel && src == head[rel] {
			continue
		}
		if !there {
			old = ""
		}
		out = append(out, debt.FileChange{Old: old, New: rel})
	}
	for _, rel := range slices.Sorted(maps.Keys(gone)) {
		if strings.HasSuffix(rel, ".go") {
			out = append(out, debt.FileChange{Old: rel})
		}
	}
	return out
}

// judgeFor runs a job in a real child.
func judgeFor(t *testing.T, j Job) *Result {
	t.Helper()
	res, err := Judge(t.Context(), j, testOptions(t, "judge"))
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func testOptions(t *testing.T, child string) Options {
	t.Helper()
	toolchain, err := FindToolchain(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return Options{
		Toolchain: toolchain, Scratch: t.TempDir(), Timeout: 30 * time.Minute, Command: []string{self, "child", child},
		Sandbox: sandboxHere(),
	}
}

// sandboxHere is the sandbox of this machine, in which all tests of this package judge.
var sandboxHere = sync.OnceValue(sandbox.Find)

// TestJudge judges each archive of testdata and compares all that the result
// says with the archive's file "want".
func TestJudge(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := render(judgeFor(t, job(t, a)))
			i := slices.IndexFunc(a.Files, func(f txtar.File) bool { return f.Name == "want" })
			if i < 0 {
				t.Fatal("the archive has no file want")
			}
			if *update {
				a.Files[i].Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(a), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(a.Files[i].Data), got); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
		})
	}
}

// render writes a result as lines, without what differs from run to run.
func render(r *Result) string {
	var b strings.Builder
	for _, side := range []struct {
		name string
		debt.Side
	}{{"base", r.Base}, {"head", r.Head}} {
		var lines []string
		for _, m := range side.Measures {
			line := fmt.Sprintf("%s %s:%d %s %s %q %g", side.name, m.File, m.Line, m.Rule, m.Symbol, m.Message, m.Value)
			if m.HiddenBy != "" {
				line += " hidden by " + m.HiddenBy
			}
			if m.Fixable {
				line += " fixable"
			}
			if m.Reasonless {
				line += " reasonless"
			}
			lines = append(lines, line)
		}
		slices.Sort(lines)
		for _, l := range lines {
			fmt.Fprintln(&b, l)
		}
	}
	c := r.Coverage
	fmt.Fprintf(&b, "changed %d analysed %d\n", c.Changed, c.Analysed)
	for _, s := range c.Skipped {
		fmt.Fprintf(&b, "skipped %s: %s expected=%t\n", s.File, s.Reason, s.Expected)
	}
	for _, p := range c.Broken {
		fmt.Fprintf(&b, "broken %s %s: %s\n", p.Package, p.Side, p.Error)
	}
	for _, l := range c.Lost {
		fmt.Fprintf(&b, "lost %s %s %s: %s\n", l.Analyzer, l.Package, l.Side, l.Error)
	}
	for _, m := range r.Missing {
		fmt.Fprintf(&b, "missing %s\n", m)
	}
	fmt.Fprintf(&b, "packages %d reused %d\n", r.Packages, r.Reused)
	return b.String()
}

// misbehave is a child that does what a hostile job might make it do.
func misbehave(how string) {
	switch how {
	case "judge":
		os.Exit(Child(os.Stdin, os.Stdout))
	case "panic", "endless", "hoard":
		os.Exit(child(os.Stdin, os.Stdout, trapped(how)))
	case "exit":
		os.Exit(7)
	case "silent":
		os.Exit(0)
	case "hang":
		time.Sleep(time.Hour)
	case "pry":
		pry()
	case "overflow":
		var dive func(int) int
		dive = func(n int) int { return dive(n+1) + 1 }
		dive(0)
	case "flood":
		for {
			if _, err := os.Stdout.Write(make([]byte, 1<<20)); err != nil {
				os.Exit(1)
			}
		}
	case "giant":
		_, _ = os.Stdout.Write([]byte{frameResult, 0xff, 0xff, 0xff, 0xff})
		time.Sleep(time.Hour)
	case "cut":
		_, _ = os.Stdout.Write([]byte{frameResult, 0, 0, 1, 0, '{'})
	case "allocate":
		grow := []byte{1}
		for {
			grow = append(grow, grow...) // written, so resident
		}
	case "leave":
		// What it started goes on writing after it has ended.
		for range 4 {
			if err := exec.Command(os.Args[0], "child", "write").Start(); err != nil {
				os.Exit(8)
			}
		}
		time.Sleep(50 * time.Millisecond)
		os.Exit(7)
	case "write":
		for i := 0; ; i++ {
			_ = os.MkdirAll(filepath.Join(os.Getenv("GOCACHE"), strconv.Itoa(i%100), strconv.Itoa(i)), 0o700)
		}
	}
	os.Exit(9)
}

func TestChildMisbehaves(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		how, want string
		timeout   time.Duration
	}{
		{how: "exit", want: "the analysis died: exit status 7"},
		{how: "silent", want: "the analysis ended without a result"},
		{how: "hang", want: "longer than --timeout allows (1s)", timeout: time.Second},
		{how: "silent", want: "longer than --timeout allows (1ns)", timeout: 1}, // over before it began
		{how: "overflow", want: "stack"},
		{how: "flood", want: "something else than frames"},
		{how: "giant", want: "wrote more than it may"},
		{how: "cut", want: "the analysis ended within its answer"},
		{how: "allocate", want: "more memory than --max-memory allows (512 MiB)"},
	} {
		t.Run(tt.how, func(t *testing.T) {
			t.Parallel()
			if tt.how == "allocate" && !watchesMemory {
				t.Skip("the parent cannot watch the memory of a child here")
			}
			o := testOptions(t, tt.how)
			if tt.timeout != 0 {
				o.Timeout = tt.timeout
			}
			j := Job{Head: t.TempDir(), MaxMemory: 512 << 20}
			if tt.how == "overflow" {
				j.MaxMemory = 0 // the stack may grow to 1 GB
			}
			_, err := Judge(t.Context(), j, o)
			if _, ok := errors.AsType[*Failure](err); !ok || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Judge of a child that does %q = %v, want a failure with %q", tt.how, err, tt.want)
			}
		})
	}
}

// TestNothingOutlivesJudge: what the child leaves running is over, so that the
// caller can remove the scratch folder.
func TestNothingOutlivesJudge(t *testing.T) {
	t.Parallel()
	for range 3 {
		o := testOptions(t, "leave")
		if _, err := Judge(t.Context(), Job{Head: t.TempDir()}, o); err == nil || err.Error() != "the analysis died: exit status 7" {
			t.Fatalf("Judge = %v, want a failure", err)
		}
		if err := os.RemoveAll(o.Scratch); err != nil {
			t.Error(err)
		}
	}
}

// TestCancel: a cancelled review ends at once, and not with the child's work.
func TestCancel(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	begun := time.Now()
	_, err := Judge(ctx, Job{Head: t.TempDir()}, testOptions(t, "hang"))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Judge of a cancelled job = %v, want %v", err, context.Canceled)
	}
	if took := time.Since(begun); took > time.Minute { // of the hour that the child sleeps
		t.Errorf("a cancelled job took %v to end", took)
	}
}

// TestChildEnvironment holds the child's whole environment: nothing of the
// parent's may reach it.
func TestChildEnvironment(t *testing.T) {
	t.Setenv("GITHUB_TOKEN", "secret")
	t.Setenv("GOFLAGS", "-toolexec=evil")
	scratch := t.TempDir()
	env, err := childEnv(Options{Scratch: scratch, Toolchain: Toolchain{Bin: "/go/bin", Root: "/go", ModCache: "/mod"}})
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "linux" {
		// The variable GOTELEMETRY sets nothing; without this file, the go command
		// leaves a process that we cannot end.
		cmd := exec.Command("go", "telemetry")
		cmd.Env = slices.DeleteFunc(slices.Clone(env), func(kv string) bool { return strings.HasPrefix(kv, "PATH=") || strings.HasPrefix(kv, "GOROOT=") })
		if mode, err := cmd.Output(); err != nil || string(mode) != "off\n" {
			t.Errorf("go telemetry = %q, %v, want off", mode, err)
		}
	}
	for i := range env {
		env[i] = strings.ReplaceAll(env[i], scratch, "SCRATCH")
	}
	slices.Sort(env)
	want := []string{
		"CGO_ENABLED=0",
		"GIT_CONFIG_GLOBAL=" + os.DevNull,
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_TERMINAL_PROMPT=0",
		"GOAUTH=off",
		"GOCACHE=SCRATCH/gocache",
		"GOENV=off",
		"GOFLAGS=-mod=readonly -buildvcs=false",
		fmt.Sprintf("GOMAXPROCS=%d", runtime.GOMAXPROCS(0)),
		"GOMODCACHE=/mod",
		"GOPACKAGESDRIVER=off",
		"GOPROXY=off",
		"GOROOT=/go",
		"GOSUMDB=off",
		"GOTELEMETRY=off",
		"GOTMPDIR=SCRATCH/gotmp",
		"GOTOOLCHAIN=local",
		"GOVCS=*:off",
		"GOWORK=off",
		"HOME=SCRATCH/home",
		"LC_ALL=C",
		"PATH=/go/bin",
		"TMPDIR=SCRATCH/tmp",
	}
	if diff := cmp.Diff(append(want, systemEnv()...), env); diff != "" {
		t.Errorf("environment of the child (-want +got):\n%s", diff)
	}
}
