package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/barraiser/barraiser/internal/report"
)

// TestMain makes the test binary the program as well: under the name bot it is
// main. The judge is the same file under the same name, re-executed.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"bot": main})
}

// TestScripts runs the program as people do. A script holds the files of a
// repository as they are at first (repo/) and what is put into it later; the
// commands of its own are those of scriptCommands.
func TestScripts(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the scripts use signals, links and shell scripts")
	}
	testscript.Run(t, testscript.Params{
		Dir:                filepath.Join("testdata", "script"),
		Setup:              prepare,
		Cmds:               scriptCommands,
		RequireUniqueNames: true,
	})
}

var scriptCommands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"exits":     exits,
	"interrupt": interrupt,
	"dies":      dies,
	"commit":    commit,
	"schema":    schema,
}

// prepare gives a script a home of its own, in which there is no module and no
// setting but git's identity, and fixed dates.
func prepare(env *testscript.Env) error {
	home := filepath.Join(env.WorkDir, "home")
	for name, content := range map[string]string{
		".gitconfig": "[user]\nname = Gopher\nemail = gopher@example.com\n[init]\ndefaultBranch = main\n[protocol \"file\"]\nallow = always\n",
		// The go command of the user counts its calls in the home folder.
		".config/go/telemetry/mode": "off",
		// What must never be in an output. Scripts point at it.
		"secret": secret + "\n",
	} {
		name = filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
			return err
		}
	}
	for name, value := range map[string]string{
		"HOME":               home,
		"GIT_CONFIG_GLOBAL":  filepath.Join(home, ".gitconfig"),
		"GOMODCACHE":         filepath.Join(home, "mod"),
		"GOCACHE":            filepath.Join(home, "cache"),
		"GOTOOLCHAIN":        "local",
		"GIT_AUTHOR_DATE":    "2026-01-02T03:04:05Z",
		"GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z",
		"GORACE":             "atexit_sleep_ms=0", // a second otherwise
	} {
		env.Setenv(name, value)
	}
	return errors.Join(os.MkdirAll(filepath.Join(home, "mod"), 0o777), os.MkdirAll(filepath.Join(home, ".cache"), 0o777))
}

// scriptEnv are the variables that the program needs of a script's.
var scriptEnv = []string{"PATH", "HOME", "TMPDIR", "GIT_CONFIG_GLOBAL", "GOMODCACHE", "GOCACHE", "GOTOOLCHAIN", "GORACE"}

const secret = "the-secret-that-nobody-may-see"

// "exits CODE PROGRAM ARG…" runs the program and wants the exit code. It holds
// each run against what is promised of all: nothing is left in the temporary
// folder; no file is changed, but in out/; an error is one line, and only
// there where the report does not say all; no secret is in an output.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARG…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	before := snapshot(ts)
	err = ts.Exec(args[1], args[2:]...)
	code := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
	promises(ts, before, code, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
}

// progressLine is what stands on standard error while all is well.
var progressLine = regexp.MustCompile(`^bot: (history|judging|listing|analysing) \([0-9.ms]+\)$|^Completion ended with directive: `)

func promises(ts *testscript.TestScript, before map[string]string, code int, stdout, stderr string) {
	left, err := os.ReadDir(ts.Getenv("TMPDIR"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		ts.Fatalf("%v", err)
	}
	for _, e := range left {
		ts.Fatalf("left in the temporary folder: %s", e.Name())
	}
	after := snapshot(ts)
	for name := range after {
		if before[name] != after[name] {
			ts.Fatalf("changed: %s", name)
		}
	}
	for name := range before {
		if _, ok := after[name]; !ok {
			ts.Fatalf("removed: %s", name)
		}
	}

	var messages []string
	for line := range strings.Lines(stderr) {
		if line = strings.TrimSuffix(line, "\n"); !progressLine.MatchString(line) {
			messages = append(messages, line)
		}
	}
	said := code == exitOK || code == exitSignOff || code == exitIncomplete // by the report
	if said && len(messages) > 0 || !said && len(messages) != 1 {
		ts.Fatalf("with exit code %d, on standard error: %q", code, messages)
	}
	for _, m := range messages {
		if !strings.HasPrefix(m, "bot: ") || m != report.EscapeTerminal(m) {
			ts.Fatalf("on standard error: %q", m)
		}
	}
	outputs, _ := filepath.Glob(filepath.Join(ts.MkAbs("$WORK"), "out", "*")) // the pattern is well-formed
	all := stdout + stderr
	for _, name := range outputs {
		all += ts.ReadFile(name)
	}
	for _, planted := range []string{secret, "root:x:0"} {
		if strings.Contains(all, planted) {
			ts.Fatalf("an output holds %q", planted)
		}
	}
	if strings.ContainsAny(stdout, "\x1b\x07\u202e") && ts.Getenv("CLICOLOR_FORCE") == "" {
		ts.Fatalf("control characters on standard output: %q", stdout)
	}
}

// snapshot is all that the script has on the disk: the repositories with all
// of .git, the home, and the time of each change. Not what bot was asked to
// write (out), nor the temporary folder and the caches.
func snapshot(ts *testscript.TestScript) map[string]string {
	work := ts.Getenv("WORK")
	seen := map[string]string{}
	ts.Check(filepath.WalkDir(work, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(work, name)
		if err != nil {
			return err
		}
		if rel == ".tmp" || rel == "out" || rel == filepath.Join("home", ".cache") {
			return filepath.SkipDir
		}
		// The go command locks a module by a file in the cache before it finds
		// that it may not download it.
		if strings.HasPrefix(rel, filepath.Join("home", "mod")) && (d.IsDir() || filepath.Ext(rel) == ".lock") {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		seen[rel] = fmt.Sprint(info.Mode(), info.ModTime())
		if info.Mode().IsRegular() {
			content, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			seen[rel] += " " + string(content)
		}
		return nil
	}))
	return seen
}

// "interrupt PHASE PROGRAM ARG…" runs the program and interrupts it when it
// says on standard error that it is in the phase. It must then end, and say so.
func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: interrupt PHASE PROGRAM ARG…")
	}
	before := snapshot(ts)
	state, stdout, stderr, took := signalIn(ts, args[0], os.Interrupt, args[1:])
	switch {
	case state.ExitCode() != exitCancelled:
		ts.Fatalf("ended by %s, want exit code %d", state, exitCancelled)
	case took > time.Minute: // a second at most, on a machine that does nothing else
		ts.Fatalf("ended %s after the interrupt", took)
	}
	promises(ts, before, exitCancelled, stdout, stderr)
}

// "dies PHASE PROGRAM ARG…" runs the program and kills it when it says on standard
// error that it is in the phase.
func dies(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: dies PHASE PROGRAM ARG…")
	}
	if state, _, _, _ := signalIn(ts, args[0], os.Kill, args[1:]); state.ExitCode() != -1 {
		ts.Fatalf("ended by %s, want the kill", state)
	}
}

// signalIn runs a program, sends it the signal in the phase, and says how it ended
// and how long that took.
func signalIn(ts *testscript.TestScript, phase string, signal os.Signal, args []string) (state *os.ProcessState, stdout, stderr string, took time.Duration) {
	program, err := exec.LookPath(args[0]) // PATH is the test's own
	ts.Check(err)
	cmd := exec.Command(program, args[1:]...)
	cmd.Dir = ts.MkAbs(".")
	for _, name := range scriptEnv {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	var out, messages strings.Builder
	cmd.Stdout = &out
	progress, err := cmd.StderrPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	var sent time.Time
	lines := bufio.NewScanner(progress)
	for lines.Scan() {
		fmt.Fprintln(&messages, lines.Text())
		if sent.IsZero() && strings.HasPrefix(lines.Text(), "bot: "+phase+" (") {
			sent = time.Now()
			ts.Check(cmd.Process.Signal(signal))
		}
	}
	_ = cmd.Wait() // how it ended is looked at
	took = time.Since(sent)
	fmt.Fprint(ts.Stdout(), out.String())
	fmt.Fprint(ts.Stderr(), messages.String())
	if sent.IsZero() {
		ts.Fatalf("there was no phase %q", phase)
	}
	return cmd.ProcessState, out.String(), messages.String(), took
}

// "commit MESSAGE" commits all that is in the current folder's repository,
// which it makes where there is none.
func commit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: commit MESSAGE")
	}
	if _, err := os.Stat(ts.MkAbs(".git")); errors.Is(err, fs.ErrNotExist) {
		ts.Check(ts.Exec("git", "init", "--quiet"))
	}
	ts.Check(ts.Exec("git", "add", "--all"))
	ts.Check(ts.Exec("git", "commit", "--quiet", "--allow-empty", "-m", args[0]))
}

// "schema review|scan|hotspots|simulation FILE" holds a JSON report against its schema.
func schema(ts *testscript.TestScript, neg bool, args []string) {
	schemas := map[string][]byte{"review": report.ReviewSchema, "scan": report.ScanSchema, "hotspots": report.HotspotsSchema, "simulation": report.SimulationSchema, "trend": report.TrendSchema}
	if neg || len(args) != 2 || schemas[args[0]] == nil {
		ts.Fatalf("usage: schema review|scan|hotspots|simulation FILE")
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemas[args[0]]))
	ts.Check(err)
	c := jsonschema.NewCompiler()
	ts.Check(c.AddResource("schema.json", doc))
	s, err := c.Compile("schema.json")
	ts.Check(err)
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(ts.ReadFile(args[1])))
	ts.Check(err)
	ts.Check(s.Validate(v))
}
