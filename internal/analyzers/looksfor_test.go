package analyzers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLooksFor reads the sources of all checks for the methods that they look up
// by name. Those looked up by a name that is not a literal are listed here by
// file, with why they are no matter: a new one has to be read.
func TestLooksFor(t *testing.T) {
	t.Parallel()
	const (
		asked   = "those of an interface, which counts by itself"
		written = "a name in the code that is checked"
		own     = "types of the package itself; those that it embeds count wholly"
		std     = "types of the standard library"
		ssa     = "to make code for it, not to say anything"
	)
	computed := map[string]string{
		"github.com/barraiser/barraiser/internal/analyzers/errcheck.go":                    "Write, RemoteAddr",
		"github.com/polyfloyd/go-errorlint/errorlint/lint.go":                              "Error",
		"golang.org/x/tools/go/analysis/passes/modernize/embedlit.go":                      written,
		"golang.org/x/tools/go/analysis/passes/printf/printf.go":                           asked,
		"golang.org/x/tools/go/analysis/passes/tests/tests.go":                             "what the name of an example is made of, which counts as written",
		"honnef.co/go/tools/go/ir/builder.go":                                              ssa,
		"honnef.co/go/tools/go/ir/func.go":                                                 ssa,
		"honnef.co/go/tools/go/ir/irutil/visit.go":                                         ssa,
		"honnef.co/go/tools/go/ir/methods.go":                                              ssa,
		"honnef.co/go/tools/go/ir/print.go":                                                ssa,
		"honnef.co/go/tools/go/ir/source.go":                                               ssa,
		"honnef.co/go/tools/go/ir/util.go":                                                 ssa,
		"golang.org/x/tools/go/types/typeutil/methodsetcache.go":                           "who calls it is listed",
		"golang.org/x/tools/go/types/typeutil/ui.go":                                       "for st1006 and st1016: " + own,
		"honnef.co/go/tools/go/types/typeutil/upstream.go":                                 "for st1006 and st1016: " + own,
		"golang.org/x/tools/internal/analysis/intconv/intconv.go":                          "whether there is any, which counts with the type",
		"golang.org/x/tools/internal/typesinternal/toonew.go":                              std,
		"golang.org/x/tools/internal/typesinternal/typeindex/typeindex.go":                 std,
		"honnef.co/go/tools/internal/xtools-internal/typesinternal/typeindex/typeindex.go": std,
		"honnef.co/go/tools/simple/s1025/s1025.go":                                         "String, Error, Format",
		"honnef.co/go/tools/simple/s1038/s1038.go":                                         "Errorf, Fatalf, Logf, Panicf, Printf, Skipf",
		"honnef.co/go/tools/staticcheck/sa5009/sa5009.go":                                  "String, Error, Format",
		"honnef.co/go/tools/staticcheck/sa5010/sa5010.go":                                  asked,
		"honnef.co/go/tools/staticcheck/sa9005/sa9005.go":                                  "MarshalJSON, MarshalText, MarshalXML",
		"honnef.co/go/tools/unused/implements.go":                                          asked,
		"honnef.co/go/tools/unused/unused.go":                                              own,
	}
	out, err := exec.Command("go", "list", "-deps", "-f", `{{range .GoFiles}}{{$.ImportPath}} {{$.Dir}}/{{.}}{{"\n"}}{{end}}`, ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	literals, others := map[string]bool{}, map[string]bool{}
	for line := range strings.Lines(string(out)) {
		pkg, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		if !slices.ContainsFunc([]string{"golang.org/x/tools/go/", "golang.org/x/tools/internal/", "honnef.co/", "github.com/"}, func(p string) bool { return strings.HasPrefix(pkg, p) }) {
			continue
		}
		name := pkg + "/" + filepath.Base(file)
		syntax, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			switch {
			case sel.Sel.Name == "LookupFieldOrMethod" && len(call.Args) == 4, sel.Sel.Name == "Lookup" && len(call.Args) == 2:
				if lit, ok := call.Args[len(call.Args)-1].(*ast.BasicLit); ok {
					method, _ := strconv.Unquote(lit.Value)
					literals[method] = true
				} else {
					others[name] = true
				}
			case sel.Sel.Name == "NewMethodSet" || sel.Sel.Name == "MethodSet" || sel.Sel.Name == "IntuitiveMethodSet":
				others[name] = true
			}
			return true
		})
	}
	for name := range literals {
		if !LooksFor(name) {
			t.Errorf("a check looks for methods %s", name)
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(computed)), slices.Sorted(maps.Keys(others))); diff != "" {
		t.Errorf("files that look for methods of computed names (-want +got):\n%s", diff)
	}
}
