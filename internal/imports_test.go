// Package internal_test holds the architecture: who may import whom, and which
// modules of others are in the program, and why.
package internal_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/barraiser/barraiser"

// mayImport says what each package may import beside the standard library: our
// packages by their folder, others by their path or a leading part of it.
var mayImport = map[string][]string{
	"internal/analyzers": {
		"golang.org/x/tools", "golang.org/x/mod", "golang.org/x/exp/apidiff",
		"honnef.co/go/tools", "github.com/uudashr/gocognit", "github.com/kisielk/errcheck", "github.com/polyfloyd/go-errorlint",
	},
	"internal/debt":    {},
	"internal/impact":  {"golang.org/x/mod"},
	"internal/review":  {"internal/debt", "internal/impact", "internal/description", "github.com/goccy/go-yaml", "github.com/bmatcuk/doublestar/v4", "github.com/hmarr/codeowners"},
	"internal/crash":   {}, // names of moments, at which only a build for tests dies
	"internal/process": {}, // what each system does in its way about processes
	"internal/sandbox": {"golang.org/x/sys"},
	"internal/start":   {}, // begins before the analyzers are initialised
	"internal/engine":  {"internal/crash", "internal/process", "internal/sandbox", "internal/analyzers", "internal/debt", "internal/impact", "golang.org/x/tools", "golang.org/x/mod"},
	"internal/git":     {"internal/crash", "internal/process"},
	"internal/change":  {"internal/sandbox", "internal/git", "internal/engine", "internal/analyzers", "internal/review", "internal/debt", "internal/impact"},
	"internal/trend":   {"internal/sandbox", "internal/change", "internal/git", "internal/engine", "internal/review", "internal/debt", "internal/impact", "golang.org/x/mod/semver"},
	"internal/ledger":  {"golang.org/x/mod/sumdb"},
	"internal/signoff": {"internal/review", "internal/impact"},
	"internal/store":   {"internal/crash", "internal/signoff", "internal/review", "internal/debt", "internal/impact", "golang.org/x/mod/sumdb/tlog", "modernc.org/sqlite", "github.com/jackc/pgx/v5", "github.com/pressly/goose/v3"},
	"internal/queue":   {"internal/crash", "internal/store", "internal/signoff", "github.com/riverqueue/river"},
	"internal/github":  {"internal/crash", "internal/signoff", "internal/review", "github.com/google/go-github/v60", "github.com/bradleyfalzon/ghinstallation/v2", "golang.org/x/time/rate"},

	"internal/description":                {},
	"internal/slack":                      {"internal/crash", "internal/store", "internal/report", "internal/signoff", "internal/review", "github.com/slack-go/slack", "golang.org/x/time/rate"},
	"internal/system":                     {},
	"internal/slack/slacktest":            {},
	"internal/store/storetest":            {"internal/store"},
	"internal/github/githubtest":          {"internal/github/githubtest/paths", "github.com/yuin/goldmark"},
	"internal/github/githubtest/paths":    {},
	"internal/github/payloadtest":         {},
	"internal/github/githubtest/contract": {"internal/github/githubtest/paths", "github.com/getkin/kin-openapi"},
	"internal/web":                        {"internal/store", "internal/report", "internal/signoff", "internal/review", "internal/ledger", "internal/description", "internal/debt", "internal/impact"},

	"internal/bot": {
		"internal/crash", "internal/sandbox", "internal/change", "internal/trend", "internal/engine", "internal/git", "internal/github", "internal/ledger", "internal/report", "internal/review",
		"internal/signoff", "internal/store", "internal/debt", "internal/impact",
	},
	"internal/report":        {"internal/signoff", "internal/review", "internal/description", "internal/debt", "internal/impact", "gonum.org/v1/plot"},
	"cmd/bot":                {"internal", "github.com/spf13/cobra", "golang.org/x/term", "github.com/prometheus/client_golang"},
	"scripts/load":           {"internal/github/githubtest", "modernc.org/sqlite"},
	"scripts/pages-load":     {"internal/bot", "internal/debt", "internal/impact", "internal/review", "internal/signoff", "internal/store", "internal/store/storetest", "internal/web"},
	"scripts/engine-equal":   {"internal/engine", "internal/analyzers", "internal/debt", "golang.org/x/tools"},
	"scripts/mergerow":       {},
	"scripts/mutate-signoff": {},
	"scripts/openapi-trim":   {},
	"scripts/reverts":        {"internal/change", "internal/git", "internal/impact"},

	"scripts/metamorph":         {"scripts/metamorph/rewrite"},
	"scripts/metamorph/rewrite": {},
}

// inTests is what tests may import beside that.
var inTests = []string{
	"github.com/google/go-cmp", "github.com/rogpeppe/go-internal", "github.com/santhosh-tekuri/jsonschema/v6",
	"github.com/google/go-github/v60", "github.com/bradleyfalzon/ghinstallation/v2",
	"golang.org/x/tools/go/analysis/analysistest", "golang.org/x/tools/txtar", "scripts/metamorph/rewrite", module,
}

// testsMay is what the tests of single packages import beside that: what they run
// against.
var testsMay = map[string][]string{
	"internal/bot":               {"internal/queue", "internal/github/githubtest", "internal/github/payloadtest", "internal/slack", "internal/slack/slacktest", "internal/store/storetest"},
	"internal/github":            {"internal/git", "internal/github/githubtest", "internal/github/payloadtest"},
	"internal/github/githubtest": {"internal/github/githubtest/contract"},
	"internal/queue":             {"internal/report", "internal/review", "internal/slack", "internal/slack/slacktest", "internal/store/storetest"},
	"internal/signoff":           {"internal/description"},
	"internal/slack":             {"internal/debt", "internal/impact"},
	"internal/system":            {"internal/github/githubtest", "internal/slack/slacktest", "internal/store/storetest", "modernc.org/sqlite"},
	"internal/store":             {"internal/store/storetest"},
	"internal/web":               {"internal/github", "golang.org/x/mod/sumdb", "github.com/chromedp"},
}

// pure packages take time, chance and content as values.
var pure = []string{"internal/analyzers", "internal/debt", "internal/impact", "internal/description", "internal/review", "internal/ledger", "internal/signoff", "scripts/metamorph/rewrite"}

var impure = []string{"context", "os", "net", "database/sql", "log/slog", "math/rand", "math/rand/v2"}

// modules are the direct dependencies, each with the reason for which it is
// here.
var modules = map[string]string{
	"github.com/bradleyfalzon/ghinstallation/v2":               "GitHub: tokens of an App; v2.10.0 is the release on go-github v60 (Apache-2.0)",
	"github.com/chromedp/cdproto":                              "tests: the commands of Chromium (MIT)",
	"github.com/chromedp/chromedp":                             "tests: the pages in a real browser (MIT)",
	"github.com/getkin/kin-openapi":                            "tests: requests and answers against GitHub's own description (MIT)",
	"github.com/google/go-github/v60":                          "GitHub: its API (BSD-3)",
	"github.com/jackc/pgx/v5":                                  "store: PostgreSQL (MIT)",
	"github.com/pressly/goose/v3":                              "store: migrations (MIT)",
	"github.com/prometheus/client_golang":                      "server: metrics (Apache-2.0)",
	"github.com/riverqueue/river":                              "queue: durable jobs in the store's database (MPL-2.0)",
	"github.com/riverqueue/river/riverdriver":                  "queue: what both drivers implement (MPL-2.0)",
	"github.com/riverqueue/river/riverdriver/riverdatabasesql": "queue: River on PostgreSQL by database/sql (MPL-2.0)",
	"github.com/riverqueue/river/riverdriver/riversqlite":      "queue: River on SQLite (MPL-2.0)",
	"github.com/riverqueue/river/rivertype":                    "queue: River's types (MPL-2.0)",
	"github.com/slack-go/slack":                                "Slack: its API and the signatures of what it sends (BSD-2)",
	"golang.org/x/time":                                        "GitHub: how fast content is made (BSD-3)",
	"gonum.org/v1/plot":                                        "reports: charts as SVG and PNG (BSD-3)",
	"modernc.org/sqlite":                                       "store: SQLite without cgo (BSD-3)",
	"github.com/bmatcuk/doublestar/v4":                         "policy: path globs with ** (MIT)",
	"github.com/goccy/go-yaml":                                 "policy: YAML with the place of each value (MIT)",
	"github.com/google/go-cmp":                                 "tests: readable differences",
	"github.com/hmarr/codeowners":                              "CODEOWNERS: patterns and owners (MIT)",
	"github.com/kisielk/errcheck":                              "analysis: errors that are dropped (MIT)",
	"github.com/polyfloyd/go-errorlint":                        "analysis: errors compared past their wrapping (MIT)",
	"github.com/rogpeppe/go-internal":                          "tests: the program as scripts (BSD-3)",
	"github.com/santhosh-tekuri/jsonschema/v6":                 "tests: reports against their schemas (Apache-2.0)",
	"github.com/spf13/cobra":                                   "command line: help, completion (Apache-2.0)",
	"github.com/uudashr/gocognit":                              "analysis: cognitive complexity (MIT)",
	"github.com/yuin/goldmark":                                 "simulated GitHub: comments and checks as people see them (MIT)",
	"golang.org/x/exp":                                         "analysis: apidiff, API compatibility (BSD-3)",
	"golang.org/x/mod":                                         "go.mod and go.work; the ledger: Merkle tree and signed notes (BSD-3)",
	"golang.org/x/sys":                                         "sandbox: Landlock, seccomp and limits of Linux (BSD-3)",
	"golang.org/x/term":                                        "is this a terminal, and how wide (BSD-3)",
	"golang.org/x/tools":                                       "go/analysis and the vet suite (BSD-3)",
	"honnef.co/go/tools":                                       "analysis: staticcheck and unused (MIT)",
}

type listedPackage struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

func packages(t *testing.T) map[string]listedPackage {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", module+"/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	pkgs := map[string]listedPackage{}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p listedPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		pkgs[strings.TrimPrefix(p.ImportPath, module+"/")] = p
	}
}

func TestImports(t *testing.T) {
	for name, p := range packages(t) {
		allowed, ok := mayImport[name]
		if !ok {
			if name != "internal" {
				t.Errorf("%s has no row in the import table", name)
			}
			continue
		}
		for _, imp := range p.Imports {
			if !permitted(imp, allowed) {
				t.Errorf("%s imports %s, which the import table does not allow", name, imp)
			}
			if slices.Contains(pure, name) && slices.Contains(impure, imp) {
				t.Errorf("%s is pure and imports %s", name, imp)
			}
		}
		for _, imp := range slices.Concat(p.TestImports, p.XTestImports) {
			if !permitted(imp, slices.Concat(allowed, inTests, testsMay[name], []string{name})) {
				t.Errorf("the tests of %s import %s, which the import table does not allow", name, imp)
			}
		}
		if slices.Contains(p.Imports, "testing") && name != "internal/github/githubtest/contract" { // it is for tests alone
			t.Errorf("%s imports testing outside of its tests", name)
		}
	}
}

// TestLauncherBeginsEarly: what package net is initialised after is nearly the whole
// program, and the launcher of the sandbox would wait for all of it.
func TestLauncherBeginsEarly(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", module+"/internal/sandbox")
	cmd.Env = append(os.Environ(), "GOOS=linux", "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	deps := strings.Fields(string(out))
	if !slices.Contains(deps, "golang.org/x/sys/unix") {
		t.Fatalf("dependencies %q without those that it has", deps)
	}
	for _, d := range deps {
		if d == "net" || strings.HasPrefix(d, "vendor/") {
			t.Errorf("internal/sandbox depends on %s", d)
		}
	}
}

func permitted(imp string, allowed []string) bool {
	if first, _, _ := strings.Cut(imp, "/"); !strings.Contains(first, ".") {
		return true // the standard library
	}
	imp = strings.TrimPrefix(imp, module+"/")
	return slices.ContainsFunc(allowed, func(a string) bool { return imp == a || strings.HasPrefix(imp, a+"/") })
}

func TestModules(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{if not (or .Main .Indirect)}}{{.Path}}{{end}}", "all").Output()
	if err != nil {
		t.Fatalf("go list -m: %v", err)
	}
	direct := strings.Fields(string(out))
	for _, m := range direct {
		if modules[m] == "" {
			t.Errorf("module %s is not in the allow-list; say there why it is needed", m)
		}
	}
	for m := range modules {
		if !slices.Contains(direct, m) {
			t.Errorf("module %s is in the allow-list and not needed", m)
		}
	}
}
