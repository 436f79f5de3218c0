package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/types"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// check parses and type-checks the node. Where the facts about it are at hand, no
// analyzer will look at it: what its types do not hang on is left out, and what the
// type checker found where is not noted.
func (s *session) check(n *node, onlyTypes bool) *unit {
	u := &unit{node: n, sources: map[string][]byte{}, results: map[*analysis.Analyzer]any{}}
	mode := parser.ParseComments
	if onlyTypes {
		mode = 0
	}
	if n.mode == factsOnly { // some checks need the objects that the parser resolves, no facts do
		mode |= parser.SkipObjectResolution
	}
	for _, name := range slices.Concat(n.files, n.cgoFiles) {
		src, err := s.readFile(name)
		if err != nil {
			u.errs = append(u.errs, types.Error{Fset: s.fset, Msg: "could not be read: " + errors.Unwrap(err).Error()})
			continue
		}
		src = withoutLineDirectives(src)
		if onlyTypes {
			src = withoutBodies(src)
		}
		f, err := parser.ParseFile(s.fset, name, src, mode)
		if err != nil {
			u.errs = append(u.errs, types.Error{Fset: s.fset, Msg: firstLine(err.Error(), "")})
		}
		if f == nil {
			continue
		}
		if n.inTree {
			s.ownFile(s.fset.File(f.FileStart))
		}
		u.files = append(u.files, f)
		u.names = append(u.names, name)
		u.sources[name] = src
	}
	u.info = &types.Info{Defs: map[*ast.Ident]types.Object{}} // see ambiguous
	if !onlyTypes {
		u.info.Types = map[ast.Expr]types.TypeAndValue{}
		u.info.Uses = map[*ast.Ident]types.Object{}
		u.info.Implicits = map[ast.Node]types.Object{}
		u.info.Instances = map[*ast.Ident]types.Instance{}
		u.info.Scopes = map[ast.Node]*types.Scope{}
		u.info.Selections = map[*ast.SelectorExpr]*types.Selection{}
		u.info.FileVersions = map[*ast.File]string{}
	}
	cfg := &types.Config{
		Importer:         importer{s, n},
		Sizes:            types.SizesFor("gc", n.platform.goarch()),
		IgnoreFuncBodies: onlyTypes,
		FakeImportC:      n.platform.cgo,
		Error: func(err error) {
			var te types.Error
			if errors.As(err, &te) {
				u.errs = append(u.errs, te)
			}
		},
	}
	if n.module != nil && n.module.GoVersion != "" {
		cfg.GoVersion = "go" + n.module.language()
	}
	u.pkg = types.NewPackage(n.path, n.name)
	s.owners.Store(u.pkg, n)
	checker := types.NewChecker(cfg, s.fset, u.pkg, u.info)
	func() {
		defer func() {
			if p := recover(); p != nil {
				u.errs = append(u.errs, types.Error{Fset: s.fset, Msg: fmt.Sprintf("the type checker panicked: %v", p)})
			}
		}()
		_ = checker.Files(u.files) // errors went to cfg.Error
	}()
	if len(u.errs) == 0 && n.listErr != "" {
		u.errs = append(u.errs, types.Error{Fset: s.fset, Msg: firstLine(n.listErr, "")})
	}
	s.catch(u)
	return u
}

// catch passes on to a package that one which it imports has no whole types:
// what the checks said of it would be made of holes, and some panic over them. A
// package from outside is taken for whole, whatever the type checker says, as
// long as it lacks nothing: somebody released it.
func (s *session) catch(u *unit) {
	n := u.node
	n.run.ill = len(u.errs) > 0 && (n.inTree || len(n.badDeps) > 0)
	for _, src := range slices.Sorted(maps.Keys(n.imports)) {
		if n.imports[src].run.ill {
			n.run.ill = true
			if len(u.errs) == 0 {
				u.errs = append(u.errs, types.Error{Fset: s.fset, Msg: "it imports " + src + ", which does not type-check"})
			}
		}
	}
}

// harmless reports whether an error of `go list` is about something that types
// do not need.
func harmless(msg string) bool {
	return strings.Contains(msg, "no matching files found") || // go:embed: only Go files are written out
		strings.Contains(msg, "requires external (cgo) linking") || // of a program for a phone
		strings.Contains(msg, "build constraints exclude all Go files")
}

func (p platform) goarch() string {
	if p.arch != "" {
		return p.arch
	}
	return runtime.GOARCH
}

// withoutLineDirectives blunts //line comments, which would make positions lie
// about file and line, without moving a byte.
func withoutLineDirectives(src []byte) []byte {
	for _, mark := range []string{"//line ", "/*line "} {
		if bytes.Contains(src, []byte(mark)) {
			src = bytes.ReplaceAll(src, []byte(mark), []byte(mark[:2]+"Line "))
		}
	}
	return src
}

// describe renders a type error with the path relative to the tree.
func (s *session) describe(n *node, err types.Error) string {
	msg := firstLine(s.relative(n, err.Msg), "")
	if !err.Pos.IsValid() {
		return msg
	}
	p := s.fset.PositionFor(err.Pos, false)
	return fmt.Sprintf("%s:%d: %s", n.fileRel(p.Filename), p.Line, msg)
}

// relative takes the tree's own directory out of a message.
func (s *session) relative(n *node, msg string) string {
	if n.inTree {
		root := n.dir
		if n.rel != "." {
			root = strings.TrimSuffix(root, string(filepath.Separator)+filepath.FromSlash(n.rel))
		}
		msg = strings.ReplaceAll(msg, root+string(filepath.Separator), "")
		msg = strings.ReplaceAll(msg, root, ".")
	}
	return msg
}

// importer answers the type checker from the nodes that a node imports.
type importer struct {
	s *session
	n *node
}

func (i importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	dep, ok := i.n.imports[path]
	if !ok {
		if why := i.n.badDeps[path]; why != "" {
			return nil, errors.New(firstLine(why, ""))
		}
		return nil, errors.New("not found")
	}
	if dep.run.pkg == nil {
		return nil, context.Canceled // unreachable but for a cancelled job
	}
	return dep.run.pkg, nil
}
