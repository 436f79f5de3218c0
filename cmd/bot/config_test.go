package main

import (
	"errors"
	"io/fs"
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/barraiser/barraiser/internal/review"
)

// TestConfigScripts runs what reads and writes the policy. It differs from
// TestScripts in that errors have excerpts, and that a file may be written.
func TestConfigScripts(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the scripts use links")
	}
	cmds := maps.Clone(scriptCommands)
	cmds["code"] = code
	testscript.Run(t, testscript.Params{
		Dir:                filepath.Join("testdata", "config"),
		Setup:              prepare,
		Cmds:               cmds,
		RequireUniqueNames: true,
	})
}

// "code CODE PROGRAM ARG…" runs the program and wants the exit code.
func code(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code CODE PROGRAM ARG…")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if want, err := strconv.Atoi(args[0]); err != nil || got != want {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}

func TestProposal(t *testing.T) {
	owners, problems := review.ParseCodeowners(review.File{Content: []byte(`* @acme/platform
/internal/pay/ @jo-b @acme/payments
/internal/pay/secret.go @acme/security
/pkg/pay @acme/payments
/cmd/ @beta/payments
/odd* docs@acme.org
`)})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	files := []string{
		"main.go", "README.md", "vendor/x/x.go", "testdata/a.go", "pkg/testdata/a.go", ".hidden/a.go", "_old/a.go",
		"docs/x.md", "onlytest/x_test.go", "internal/pay/a.go", "internal/pay/b/c.go", "internal/web/a.go", "pkg/pay/a.go",
		"cmd/bot/main.go", "cmd/tool/main.go", "odd name/a.go", "true/a.go", "7/a.go", "br[ck/a.go", "internal/doc.go",
	}
	p := newProposal(files, owners)
	want := proposal{
		components: []proposedComponent{
			{"7", "7/**", "@acme/platform"}, {"cmd", "cmd/**", "@beta/payments"}, {"internal", "internal/**", "@acme/platform"},
			{"pay", "internal/pay/**", "@jo-b @acme/payments"}, {"web", "internal/web/**", "@acme/platform"},
			{"odd-name", "odd name/**", "docs@acme.org"}, {"pkg-pay", "pkg/pay/**", "@acme/payments"}, {"true", "true/**", "@acme/platform"},
		},
		teams: []proposedTeam{
			{"payments", "@acme/payments", []string{"internal/pay/**", "pkg/pay/**"}},
			{"platform", "@acme/platform", []string{"7/**", "internal/**", "internal/web/**", "true/**"}},
			{"beta-payments", "@beta/payments", []string{"cmd/**"}},
		},
	}
	if diff := cmp.Diff(want, p, cmp.AllowUnexported(proposal{})); diff != "" {
		t.Errorf("newProposal (-want +got):\n%s", diff)
	}
	checkProposal(t, p)
	checkProposal(t, proposal{})

	// Too many folders are taken together.
	var many []string
	for i := range 100 {
		many = append(many, "internal/p"+strconv.Itoa(i)+"/a.go")
	}
	if p := newProposal(many, review.Codeowners{}); len(p.components) != 1 || p.components[0].Glob != "internal/**" {
		t.Errorf("of many folders: %v", p)
	}
}

// TestProposalExamples: what stands in the proposed file as a comment holds where
// somebody takes the comment marks away, all of them at once.
func TestProposalExamples(t *testing.T) {
	example := regexp.MustCompile(`(?m)^# ( *[a-z0-9-]+:.*)$`)
	_, body, _ := strings.Cut(string(proposal{}.file()), "mode: observe\n")
	file := "version: 1\n" + example.ReplaceAllString(body, "$1")
	policy, problems := review.ParsePolicy(nil, &review.File{Name: "f", Content: []byte(file)})
	for _, p := range problems {
		t.Errorf("%s\n%s", p, file)
	}
	if len(policy.Components) != 2 || len(policy.People) != 1 || len(policy.Domains) != 2 {
		t.Errorf("the examples make %+v", policy)
	}
}

// checkProposal wants a policy that holds, and that finds its own components.
func checkProposal(t *testing.T, p proposal) {
	t.Helper()
	policy, problems := review.ParsePolicy(nil, &review.File{Name: "f", Content: p.file()})
	if len(problems) > 0 || len(policy.Components) != len(p.components) || len(policy.Teams) != len(p.teams) {
		t.Errorf("%v\n%s", problems, p.file())
	}
	for _, c := range p.components {
		if got := policy.ComponentOf(strings.TrimSuffix(c.Glob, "**") + "a.go"); got != c.Name {
			t.Errorf("ComponentOf(%s) = %q, want %q", c.Glob, got, c.Name)
		}
	}
}

func FuzzProposal(f *testing.F) {
	f.Add("internal/pay/a.go\ncmd/x.go", "* @a/b\n")
	f.Add("a/x.go", "/ @jo\n")
	f.Add("a\"b/x.go\né/y.go\n-/z.go\n#/a.go", "/a @jo\n")
	f.Fuzz(func(t *testing.T, files, owners string) {
		rules, _ := review.ParseCodeowners(review.File{Content: []byte(owners)})
		paths := slices.DeleteFunc(strings.Split(files, "\n"), func(f string) bool { return !fs.ValidPath(f) }) // git has no others
		p := newProposal(paths, rules)
		if _, problems := review.ParsePolicy(nil, &review.File{Name: "f", Content: p.file()}); len(problems) > 0 {
			t.Errorf("%v\n%s", problems, p.file())
		}
	})
}
