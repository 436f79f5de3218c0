package internal_test

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// The action is what others run, in a place where no test of theirs or ours can
// look. So its script is run here, on real repositories, in an environment like
// that of a runner.

const actionDir = "../.github/actions/review"

// step is a step of a job or of a composite action.
type step struct {
	ID, Uses, Run, Shell string
	With, Env            map[string]string
}

type action struct {
	Name, Description string

	Inputs  map[string]struct{ Description, Default string }
	Outputs map[string]struct{ Description, Value string }
	Runs    struct {
		Using string
		Steps []step
	}
}

type workflow struct {
	On          any
	Permissions any
	Jobs        map[string]struct {
		Permissions map[string]string
		Steps       []step
	}
}

var (
	pinned     = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40}$`)
	expression = regexp.MustCompile(`^\$\{\{ ([\w.-]+) \}\}$`)
)

func readAction(t *testing.T) (a action) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(actionDir, "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalWithOptions(data, &a, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	return a
}

// TestAction: the script gets what it wants, and all of it by the environment.
func TestAction(t *testing.T) {
	a := readAction(t)
	script, err := os.ReadFile(filepath.Join(actionDir, "review.sh"))
	if err != nil {
		t.Fatal(err)
	}
	if a.Runs.Using != "composite" {
		t.Errorf("runs.using is %q", a.Runs.Using)
	}
	checkSteps(t, "action.yml", a.Runs.Steps)
	used := map[string]bool{}
	for _, s := range a.Runs.Steps {
		for name, value := range s.With {
			if m := expression.FindStringSubmatch(value); m != nil {
				used[m[1]] = true
			} else if strings.Contains(value, "${{") {
				t.Errorf("%s: %s", name, value)
			}
		}
		for name, value := range s.Env {
			m := expression.FindStringSubmatch(value)
			if m == nil {
				t.Errorf("%s is %q, want one expression", name, value)
				continue
			}
			used[m[1]] = true
			if !strings.Contains(string(script), "$"+name) && !strings.Contains(string(script), "${"+name) {
				t.Errorf("the script does not use %s", name)
			}
		}
	}
	for name, in := range a.Inputs {
		if !used["inputs."+name] || in.Description == "" {
			t.Errorf("input %s: used %v, description %q", name, used["inputs."+name], in.Description)
		}
	}
	for name, out := range a.Outputs {
		if out.Value != "${{ steps.review.outputs."+name+" }}" || !strings.Contains(string(script), "output "+name+" ") {
			t.Errorf("output %s: %+v", name, out)
		}
	}
	for _, name := range regexp.MustCompile(`INPUT_\w+`).FindAllString(string(script), -1) {
		if !slices.ContainsFunc(a.Runs.Steps, func(s step) bool { return s.Env[name] != "" }) {
			t.Errorf("the script wants %s, which no step sets", name)
		}
	}
}

// checkSteps: others' actions are pinned by commit, and no expression is written
// into a script.
func checkSteps(t *testing.T, where string, steps []step) {
	t.Helper()
	for _, s := range steps {
		if s.Uses != "" && !pinned.MatchString(s.Uses) && !strings.HasSuffix(s.Uses, "/.github/actions/review@COMMIT") {
			t.Errorf("%s: %s is not pinned by commit", where, s.Uses)
		}
		if strings.Contains(s.Run, "${{") {
			t.Errorf("%s: an expression in the script %s", where, s.Run)
		}
		if s.Run != "" && where == "action.yml" && s.Shell != "bash" {
			t.Errorf("%s: shell %q", where, s.Shell)
		}
	}
}

// TestWorkflows holds the workflows of the project, and the one that
// docs/ci.md shows, to what they tell others.
func TestWorkflows(t *testing.T) {
	workflows := map[string]string{}
	files, err := filepath.Glob("../.github/workflows/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, "../docs/ci.md") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		workflows[file] = string(data)
		if _, example, ok := strings.Cut(string(data), "```yaml\n"); ok {
			workflows[file], _, _ = strings.Cut(example, "```")
		}
	}
	inputs := readAction(t).Inputs
	for file, text := range workflows {
		var w workflow
		if err := yaml.Unmarshal([]byte(text), &w); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		if strings.Contains(text, "pull_request_target") || w.On == nil || len(w.Jobs) == 0 {
			t.Errorf("%s: on %v, %d jobs", file, w.On, len(w.Jobs))
		}
		if none, ok := w.Permissions.(map[string]any); !ok || len(none) > 0 {
			t.Errorf("%s: permissions of all jobs are %v, want none", file, w.Permissions)
		}
		for name, job := range w.Jobs {
			checkSteps(t, file, job.Steps)
			for permission, access := range job.Permissions {
				if access == "write" && permission != "security-events" {
					t.Errorf("%s: job %s may write %s", file, name, permission)
				}
			}
			for _, s := range job.Steps {
				for in := range s.With {
					if _, ok := inputs[in]; !ok && strings.Contains(s.Uses, "/.github/actions/review@") {
						t.Errorf("%s: the action has no input %s", file, in)
					}
				}
			}
		}
	}
}

const (
	clean  = "// Package a is small.\npackage a\n\nfunc fail() error { return nil }\n\n// Use checks the error.\nfunc Use() error { return fail() }\n"
	dirty  = "package a\n\n// Drop loses errors.\nfunc Drop() {\n\tfail()\n\tfail()\n}\n"
	broken = "package a\n\nvar x = nowhere\n"
)

func goModule(more map[string]string) map[string]string {
	files := map[string]string{"go.mod": "module example.com/a\n\ngo 1.26\n", "a.go": clean}
	for name, content := range more {
		files[name] = content
	}
	return files
}

// TestActionPullRequest runs the action on what GitHub checks out for a pull
// request, a merge into a base that has moved on since the event.
func TestActionPullRequest(t *testing.T) {
	r := newRunner(t, goModule(nil))
	event := r.git("rev-parse", "HEAD")
	r.git("switch", "--quiet", "--create", "topic")
	r.commit(map[string]string{"dirty.go": dirty})
	r.git("switch", "--quiet", "main")
	r.commit(map[string]string{"others.go": strings.ReplaceAll(dirty, "Drop", "Others")})
	r.git("merge", "--quiet", "--no-edit", "topic")
	pull := map[string]string{
		"GITHUB_EVENT_NAME": "pull_request", "PULL_REQUEST_BASE": event, "GITHUB_SHA": r.git("rev-parse", "HEAD"),
		"INPUT_SARIF": filepath.Join(r.temp, "out.sarif"),
	}
	for _, tt := range []struct {
		budget, failOn string
		ok             bool
		outcome        string
	}{
		{"", "sign-off", true, "clear"},
		{"9m", "sign-off", false, "sign-off-needed"},
		{"9m", "incomplete", true, "sign-off-needed"},
	} {
		pull["INPUT_BUDGET"], pull["INPUT_FAIL_ON"] = tt.budget, tt.failOn
		got := r.run(pull)
		if got.ok != tt.ok || got.outputs["outcome"] != tt.outcome {
			t.Fatalf("budget %q, fail-on %s: succeeded %v, outputs %v\n%s", tt.budget, tt.failOn, got.ok, got.outputs, got.log)
		}
		wantErrors := 0
		if tt.outcome != "clear" {
			wantErrors = 1
		}
		if n := count(got.commands, "::error "); n != wantErrors || len(got.commands) != 3 {
			t.Errorf("commands %q, want %d errors of 3", got.commands, wantErrors)
		}
		if !strings.HasPrefix(got.summary, "### ") || strings.Contains(got.log+got.summary, "others.go") {
			t.Errorf("summary %q\nlog %s", got.summary, got.log)
		}
		var report struct {
			Findings []struct{ File string }
			Debt     struct{ Net float64 }
		}
		readJSON(t, got.outputs["report"], &report)
		if len(report.Findings) != 2 || report.Debt.Net <= 0 {
			t.Errorf("report %+v", report)
		}
		var sarif struct{ Runs []struct{ Results []any } }
		readJSON(t, got.outputs["sarif"], &sarif)
		if len(sarif.Runs) != 1 || len(sarif.Runs[0].Results) != len(report.Findings) {
			t.Errorf("%d results in SARIF, %d findings", len(sarif.Runs[0].Results), len(report.Findings))
		}
	}
}

func count(lines []string, prefix string) (n int) {
	for _, l := range lines {
		if strings.HasPrefix(l, prefix) {
			n++
		}
	}
	return n
}

func readJSON(t *testing.T, file string, v any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(data, v)
	}
	if err != nil {
		t.Errorf("%v", err)
	}
}

// TestActionIncomplete: unknown fails the step unless that is not wanted.
func TestActionIncomplete(t *testing.T) {
	r := newRunner(t, goModule(nil))
	r.env["PUSH_BEFORE"] = r.git("rev-parse", "HEAD")
	// Names that are commands where they begin a line, or stand in it.
	r.commit(map[string]string{"broken.go": broken, "##[error]x.go": clean, "::error::x.go": clean})
	for failOn, ok := range map[string]bool{"incomplete": false, "never": true} {
		got := r.run(map[string]string{"INPUT_FAIL_ON": failOn})
		if got.ok != ok || got.outputs["outcome"] != "incomplete" ||
			count(got.commands, "::error ") != 1 || count(got.commands, "::error ")+count(got.commands, "::warning ") != len(got.commands) {
			t.Errorf("fail-on %s: succeeded %v, outputs %v\n%s", failOn, got.ok, got.outputs, got.log)
		}
	}
}

// TestActionRefuses: what cannot be judged is one error that says what to do,
// and never a success.
func TestActionRefuses(t *testing.T) {
	r := newRunner(t, goModule(nil))
	pwned := filepath.Join(r.temp, "pwned")
	shallow := filepath.Join(t.TempDir(), "clone")
	before := r.git("rev-parse", "HEAD")
	r.commit(map[string]string{"dirty.go": dirty})
	r.git("clone", "--quiet", "--depth=1", "file://"+r.repo, shallow)
	for name, tt := range map[string]struct {
		env  map[string]string
		want string
	}{
		"shallow":         {map[string]string{"INPUT_WORKING_DIRECTORY": shallow, "PUSH_BEFORE": before}, "fetch-depth: 0"},
		"no repository":   {map[string]string{"INPUT_WORKING_DIRECTORY": r.temp}, "actions/checkout"},
		"fail-on":         {map[string]string{"INPUT_FAIL_ON": "always"}, "use sign-off, incomplete or never"},
		"download":        {map[string]string{"INPUT_DOWNLOAD_MODULES": "yes"}, "use true or false"},
		"two lines":       {map[string]string{"INPUT_SARIF": "a\noutcome=clear"}, "line break"},
		"target":          {map[string]string{"GITHUB_EVENT_NAME": "pull_request_target"}, "use pull_request"},
		"base":            {map[string]string{"INPUT_BASE": "gone\n::warning::x"}, "There is no revision 'gone%0A::warning::x'"},
		"base, an option": {map[string]string{"INPUT_BASE": "--output=" + pwned}, "There is no revision"},
		"budget":          {map[string]string{"INPUT_BUDGET": "$(touch " + pwned + ")"}, "exit code 2"},
	} {
		t.Run(name, func(t *testing.T) {
			got := r.run(tt.env)
			if got.ok || got.outputs["outcome"] != "error" || len(got.commands) != 1 || !strings.Contains(cmp.Or(got.commands...), tt.want) {
				t.Errorf("succeeded %v, outputs %v, want an error about %q\n%s", got.ok, got.outputs, tt.want, got.log)
			}
		})
	}
	if _, err := os.Stat(pwned); err == nil {
		t.Error("an input was run")
	}
}

// TestActionWithoutGo: there is nothing to judge, and nobody has to act.
func TestActionWithoutGo(t *testing.T) {
	r := newRunner(t, map[string]string{"README.md": "x", "go.mod": "module example.com/a\n"})
	r.git("switch", "--quiet", "--create", "topic")
	r.commit(map[string]string{"go.mod": "module example.com/b\n"})
	got := r.run(map[string]string{"PUSH_BEFORE": strings.Repeat("0", 40)})
	if !got.ok || got.outputs["outcome"] != "no-go-packages" || count(got.commands, "::notice ") != 1 {
		t.Errorf("succeeded %v, outputs %v\n%s", got.ok, got.outputs, got.log)
	}
}
