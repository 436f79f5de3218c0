package engine

import (
	"fmt"
	"go/build"
	"go/parser"
	"go/token"
	"slices"
	"strings"

	"github.com/barraiser/barraiser/internal/analyzers"
	"github.com/barraiser/barraiser/internal/debt"
)

// shape is what go list reads of a file: the package clause, the imports and
// the build constraint. A file that does not parse has a shape of its own.
func shape(src []byte) string {
	f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		return string(src)
	}
	parts := []string{f.Name.Name}
	for _, imp := range f.Imports {
		parts = append(parts, imp.Path.Value)
	}
	slices.Sort(parts[1:])
	expr, _ := header(src)
	return fmt.Sprint(parts, expr)
}

func releaseTags() []string { return build.Default.ReleaseTags }

// symbols lists the declarations of the changed files of one side, also of
// those that do not count: a finding may have moved into one.
func (s *session) symbols(t *tree) []debt.Symbol {
	if s.job.Base == "" {
		return nil
	}
	var out []debt.Symbol
	for _, rel := range s.wantedFiles(t) {
		out = append(out, s.declared(t, rel)...)
	}
	return out
}

// declared lists the declarations of one file.
func (s *session) declared(t *tree, rel string) (out []debt.Symbol) {
	src, err := t.read(rel)
	if err != nil {
		return nil // not written out: named in the coverage
	}
	src = withoutLineDirectives(src)
	fset := token.NewFileSet()
	f, _ := parser.ParseFile(fset, rel, src, parser.ParseComments|parser.SkipObjectResolution)
	if f == nil {
		return nil
	}
	kind := exclusionByPath(rel)
	switch {
	case kind != "":
	case s.generated(t, rel, src):
		kind = generatedCode
	case strings.HasSuffix(rel, "_test.go"):
		kind = "test"
	}
	for _, d := range analyzers.Symbols(fset, f, src) {
		out = append(out, debt.Symbol{
			Package: s.packageOf(t, rel, f.Name.Name), Name: d.Name, File: rel,
			Line: d.Line, EndLine: d.EndLine, Tokens: d.Tokens, Out: kind,
		})
	}
	return out
}
