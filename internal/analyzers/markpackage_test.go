package analyzers

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/txtar"
)

// markPackage is one folder of an archive.
type markPackage struct {
	fset  *token.FileSet
	files []*ast.File
	info  *types.Info
	errs  []error
	clean bool // it has near misses
}

func (p *markPackage) line(m Mark) string {
	at := p.fset.Position(m.Pos)
	symbol := m.Symbol
	if symbol != "" {
		symbol = " " + symbol
	}
	line := fmt.Sprintf("%s:%d %s%s: %s", at.Filename, at.Line, m.Kind, symbol, m.Key)
	if m.Value != "" {
		line += " = " + m.Value
	}
	return line
}

// markPackages type-checks the folders of an archive, in order.
func markPackages(t testing.TB, a *txtar.Archive) []*markPackage {
	t.Helper()
	imp := stubs(t)
	byDir := map[string][]*ast.File{}
	clean := map[string]bool{}
	for _, f := range a.Files {
		if !strings.HasSuffix(f.Name, ".go") {
			continue
		}
		syntax, err := parser.ParseFile(imp.fset, f.Name, f.Data, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		dir := path.Dir(f.Name)
		byDir[dir] = append(byDir[dir], syntax)
		clean[dir] = clean[dir] || path.Base(f.Name) == "clean.go"
	}
	var list []*markPackage
	for _, dir := range slices.Sorted(maps.Keys(byDir)) {
		p := checkMarks(imp.fset, imp, byDir[dir])
		p.clean = clean[dir]
		list = append(list, p)
	}
	return list
}

func checkMarks(fset *token.FileSet, imp types.Importer, files []*ast.File) *markPackage {
	p := &markPackage{fset: fset, files: files, info: markInfo()}
	config := types.Config{Importer: imp, Error: func(err error) { p.errs = append(p.errs, err) }}
	_, _ = config.Check("example.com/p", fset, files, p.info) // errors went to config.Error
	return p
}

// markInfo has no more maps than Marks asks for.
func markInfo() *types.Info {
	return &types.Info{
		Types:      map[ast.Expr]types.TypeAndValue{},
		Defs:       map[*ast.Ident]types.Object{},
		Uses:       map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
}

// stubImporter imports the packages of testdata/marks/stubs, and what they and
// the cases need of the standard library. The zero value imports nothing.
type stubImporter struct {
	fset  *token.FileSet
	files map[string][]*ast.File // of the stubs, by import path
	done  map[string]*types.Package
}

func (s stubImporter) Import(path string) (*types.Package, error) {
	if p := s.done[path]; p != nil {
		return p, nil
	}
	if s.files[path] == nil {
		return nil, errors.New("not found")
	}
	config := types.Config{Importer: s}
	p, err := config.Check(path, s.fset, s.files[path], nil)
	if err != nil {
		return nil, err
	}
	s.done[path] = p
	return p, nil
}

var stdOfStubs = []string{
	"context", "crypto/md5", "crypto/tls", "embed", "errors", "flag", "fmt", "net/http", "os", "strings", "sync", "time",
}

var loadStubs = sync.OnceValues(func() (stubImporter, error) {
	s := stubImporter{fset: token.NewFileSet(), files: map[string][]*ast.File{}, done: map[string]*types.Package{}}
	std, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedTypes, Fset: s.fset}, stdOfStubs...)
	if err != nil {
		return s, err
	}
	for _, p := range std {
		s.done[p.PkgPath] = p.Types
	}
	archives, err := filepath.Glob("testdata/marks/stubs/*.txtar")
	if err != nil {
		return s, err
	}
	for _, archive := range archives {
		a, err := txtar.ParseFile(archive)
		if err != nil {
			return s, err
		}
		for _, f := range a.Files {
			syntax, err := parser.ParseFile(s.fset, f.Name, f.Data, parser.SkipObjectResolution)
			if err != nil {
				return s, err
			}
			s.files[path.Dir(f.Name)] = append(s.files[path.Dir(f.Name)], syntax)
		}
	}
	return s, nil
})

func stubs(t testing.TB) stubImporter {
	t.Helper()
	s, err := loadStubs()
	if err != nil {
		t.Fatal(err)
	}
	return s
}
