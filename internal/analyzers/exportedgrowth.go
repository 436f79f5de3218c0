package analyzers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
)

// Export is an exported declaration of a file. Methods and fields are none: a
// method may be there for an interface, a field for an encoding, and neither
// shows in who names it.
type Export struct {
	Name                  string
	File                  string // relative to the repository
	Line, Column, EndLine int
	// of is the type that a constant or variable is declared with; empty where
	// it is not named.
	of string
}

// FileExports are the exported declarations of a file, and the exported names
// that they, and the methods in it, need others for: parameters, results,
// fields, the types of variables.
type FileExports struct {
	Name    string // of the package clause
	Exports []Export
	needs   map[string][]string // name → by which declarations
}

// ReadExports parses a file for its exported declarations.
func ReadExports(rel string, src []byte) (FileExports, error) {
	fset := token.NewFileSet()
	syntax, err := parser.ParseFile(fset, "", src, parser.SkipObjectResolution)
	if err != nil {
		return FileExports{}, err
	}
	out := FileExports{Name: syntax.Name.Name, needs: map[string][]string{}}
	add := func(name *ast.Ident, of string, n ast.Node) {
		if name.IsExported() {
			at := fset.PositionFor(name.Pos(), false)
			out.Exports = append(out.Exports, Export{name.Name, rel, at.Line, at.Column, lineOf(fset, n.End()), of})
		}
	}
	need := func(by string, n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && id.IsExported() && id.Name != by {
				out.needs[id.Name] = append(out.needs[id.Name], by)
			}
			_, body := n.(*ast.BlockStmt)
			return !body
		})
	}
	for _, decl := range syntax.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Recv == nil {
				add(decl.Name, "", decl)
			}
			if decl.Name.IsExported() {
				need(decl.Name.Name, decl.Type)
			}
		case *ast.GenDecl:
			last := ""
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					add(spec.Name, "", spec)
					if spec.Name.IsExported() {
						need(spec.Name.Name, spec.Type)
					}
				case *ast.ValueSpec:
					last = declaredType(decl.Tok, spec, last)
					for _, name := range spec.Names {
						add(name, last, spec)
						if name.IsExported() && spec.Type != nil && decl.Tok == token.VAR {
							need(name.Name, spec.Type)
						}
					}
				}
			}
		}
	}
	return out, nil
}

// declaredType names the type of a spec. A constant without type and value has
// that of the one before it.
func declaredType(tok token.Token, spec *ast.ValueSpec, before string) string {
	if id, ok := spec.Type.(*ast.Ident); ok {
		return id.Name
	}
	if tok == token.CONST && spec.Type == nil && len(spec.Values) == 0 {
		return before
	}
	return ""
}

// Unshared returns the exported declarations that are on this side of a package
// only and that need not be exported for all that is known. here and there are
// the files of the package on this side and on the other, named what other
// packages of the repository name of it on this side. It says nothing of
//
//   - a type that something else which is exported mentions, or of which a
//     value is named,
//   - a value of an exported type of the package that is no such declaration
//     itself: one more of a set.
func Unshared(here, there []FileExports, named map[string]bool) []Export {
	old, used := map[string]bool{}, map[string]bool{} // used: types by a value of theirs
	for _, f := range there {
		for _, e := range f.Exports {
			old[e.Name] = true
		}
	}
	for _, f := range here {
		for _, e := range f.Exports {
			used[e.of] = used[e.of] || named[e.Name]
		}
	}
	var alone []Export
	for _, f := range here {
		for _, e := range f.Exports {
			if !old[e.Name] && !named[e.Name] && !used[e.Name] && !slices.ContainsFunc(here, func(f FileExports) bool { return len(f.needs[e.Name]) > 0 }) {
				alone = append(alone, e)
			}
		}
	}
	grown := map[string]bool{}
	for _, e := range alone {
		grown[e.Name] = true
	}
	return slices.DeleteFunc(alone, func(e Export) bool { return token.IsExported(e.of) && !grown[e.of] })
}

// NamesOf returns what a file names of the package with the import path, nil
// where it does not import it.
func NamesOf(src []byte, path string) []string {
	syntax, _ := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	if syntax == nil {
		return nil
	}
	imported, everything := "", false
	for _, spec := range syntax.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err != nil || p != path {
			continue
		}
		switch {
		case spec.Name == nil:
			imported = "*" // the package's own name, which its path need not end in
		case spec.Name.Name == ".":
			everything = true
		default:
			imported = spec.Name.Name
		}
	}
	if imported == "" && !everything {
		return nil
	}
	var names []string
	ast.Inspect(syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if id, ok := n.X.(*ast.Ident); ok && (imported == "*" || id.Name == imported) {
				names = append(names, n.Sel.Name)
			}
		case *ast.Ident:
			if everything {
				names = append(names, n.Name)
			}
		}
		return true
	})
	return names
}
