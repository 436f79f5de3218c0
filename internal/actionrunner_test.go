package internal_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// runner is a machine that runs one step.
type runner struct {
	t    *testing.T
	repo string
	env  map[string]string
	temp string
}

// newRunner has a repository whose branch main holds the files.
func newRunner(t *testing.T, files map[string]string) *runner {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the script is for bash")
	}
	dir, err := filepath.Abs(actionDir)
	if err != nil {
		t.Fatal(err)
	}
	r := &runner{t: t, repo: t.TempDir(), temp: t.TempDir()}
	// What action.yml makes of its defaults, and what the runner sets.
	r.env = map[string]string{
		"INPUT_WORKING_DIRECTORY": r.repo, "DEFAULT_BRANCH": "main", "INPUT_BASE": "", "INPUT_BUDGET": "",
		"INPUT_SARIF": "", "INPUT_VERSION": "", "PULL_REQUEST_BASE": "", "MERGE_GROUP_BASE": "", "PUSH_BEFORE": "",
		"GITHUB_EVENT_NAME": "push", "GITHUB_ACTION_PATH": dir, "RUNNER_TEMP": r.temp,
		"GITHUB_OUTPUT": filepath.Join(r.temp, "output"), "GITHUB_STEP_SUMMARY": filepath.Join(r.temp, "summary"),
		"GOPROXY": "off", // nothing that is tested needs a module
	}
	inputs := readAction(t).Inputs
	r.env["INPUT_FAIL_ON"] = inputs["fail-on"].Default
	r.env["INPUT_DOWNLOAD_MODULES"] = inputs["download-modules"].Default
	r.git("init", "--quiet", "--initial-branch=main")
	r.commit(files)
	return r
}

func (r *runner) git(args ...string) string {
	r.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = r.repo
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=Gopher", "GIT_AUTHOR_EMAIL=gopher@example.com", "GIT_COMMITTER_NAME=Gopher", "GIT_COMMITTER_EMAIL=gopher@example.com")
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// commit writes files and commits them; it returns the hash.
func (r *runner) commit(files map[string]string) string {
	r.t.Helper()
	for name, content := range files {
		name = filepath.Join(r.repo, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			r.t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
			r.t.Fatal(err)
		}
	}
	r.git("add", "--all")
	r.git("commit", "--quiet", "--message=change")
	return r.git("rev-parse", "HEAD")
}

// result is what a step leaves behind.
type result struct {
	ok       bool
	log      string
	commands []string // what the runner took for a command
	outputs  map[string]string
	summary  string
}

// run runs the script, with some of the environment changed.
func (r *runner) run(env map[string]string) result {
	r.t.Helper()
	cmd := exec.Command(filepath.Join(actionDir, "review.sh"))
	cmd.Env = os.Environ()
	for _, set := range []map[string]string{r.env, env} {
		for name, value := range set {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	out, err := cmd.CombinedOutput()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		r.t.Fatal(err)
	}
	res := result{ok: err == nil, log: string(out), commands: obey(string(out)), outputs: map[string]string{}}
	for line := range strings.Lines(r.take("output")) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		res.outputs[name] = value
	}
	res.summary = r.take("summary")
	return res
}

// take reads a file of the runner's and removes it; empty where it is not there.
func (r *runner) take(name string) string {
	name = filepath.Join(r.temp, name)
	data, err := os.ReadFile(name)
	if err == nil {
		err = os.Remove(name)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		r.t.Fatal(err)
	}
	return string(data)
}

// obey reads a log as the runner does: its commands, in the old form and in the
// new one, but for those after ::stop-commands::TOKEN and before ::TOKEN::.
func obey(log string) (commands []string) {
	token := ""
	for line := range strings.Lines(log) {
		line = strings.TrimSpace(line)
		switch {
		case token != "":
			if line == "::"+token+"::" {
				token = ""
			}
		case strings.HasPrefix(line, "::stop-commands::"):
			token = strings.TrimPrefix(line, "::stop-commands::")
		case strings.HasPrefix(line, "::"), strings.Contains(line, "##["):
			commands = append(commands, line)
		}
	}
	return commands
}
