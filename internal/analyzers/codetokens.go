package analyzers

import (
	"go/ast"
	"go/token"
	"path"
	"reflect"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// codeTokens lexes each file once, for the checks that compare code.
var codeTokens = &analysis.Analyzer{
	Name:             "codetokens",
	Doc:              "lex each file",
	Run:              runCodeTokens,
	RunDespiteErrors: true,
	ResultType:       reflect.TypeFor[map[*ast.File]fileTokens](),
}

// fileTokens are the normalised tokens of one file.
type fileTokens struct {
	file    *token.File
	list    []lexeme
	imports map[string]string // the name of an imported package → its path
}

func runCodeTokens(pass *analysis.Pass) (any, error) {
	files := make(map[*ast.File]fileTokens, len(pass.Files))
	for _, f := range pass.Files {
		file := pass.Fset.File(f.FileStart)
		src, err := pass.ReadFile(file.Name())
		if err != nil {
			return nil, err
		}
		files[f] = fileTokens{file: file, list: normalised(src), imports: importNames(f)}
	}
	return files, nil
}

// importNames leads from the names by which f knows packages to their paths.
// Without a name in the source it is the last part of the path: not always the
// package's name, but then no two files mean different paths by one name.
func importNames(f *ast.File) map[string]string {
	names := map[string]string{}
	for _, spec := range f.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		name := path.Base(imported)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = imported
	}
	return names
}

// text is the code of the nodes, one after the other, in a form that is equal
// where the code says the same: formatting and comments are gone, and a
// package's name is its path.
func (t fileTokens) text(nodes ...ast.Node) string {
	var b strings.Builder
	for _, n := range nodes {
		from, to := t.file.Offset(n.Pos()), t.file.Offset(n.End())
		i := sort.Search(len(t.list), func(i int) bool { return t.list[i].offset >= from })
		for ; i < len(t.list) && t.list[i].offset < to; i++ {
			l := t.list[i]
			if imported, ok := t.imports[l.text]; ok && l.tok == token.IDENT {
				b.WriteString(imported)
			} else {
				b.WriteString(l.text)
			}
			b.WriteByte(0)
		}
		b.WriteByte(0)
	}
	return b.String()
}

// countStatements is the number of statements, nested ones included and blocks
// not.
func countStatements(list ...ast.Stmt) int {
	n := 0
	for _, s := range list {
		ast.Inspect(s, func(node ast.Node) bool {
			switch node.(type) {
			case *ast.BlockStmt:
			case ast.Stmt:
				n++
			}
			return true
		})
	}
	return n
}

// mentions reports whether the name stands anywhere in n.
func mentions(n ast.Node, name string) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && id.Name == name
		return !found
	})
	return found
}
