package analyzers

import (
	"go/ast"
	"reflect"

	"golang.org/x/tools/go/analysis"
)

// funcLines counts the code lines of each function, from func to the closing
// brace.
var funcLines = &analysis.Analyzer{
	Name:             "funclines",
	Doc:              "count the code lines of functions",
	Run:              runFuncLines,
	RunDespiteErrors: true,
	Requires:         []*analysis.Analyzer{codeLines},
	ResultType:       reflect.TypeFor[[]Measure](),
}

func runFuncLines(pass *analysis.Pass) (any, error) {
	index := pass.ResultOf[codeLines].(map[*ast.File]lineIndex)
	var list []Measure
	for i, decl := range functions(pass.Files) {
		n := index[pass.Files[i]].between(lineOf(pass.Fset, decl.Pos()), lineOf(pass.Fset, decl.Body.Rbrace))
		list = append(list, Measure{
			Rule:    "func-lines",
			Pos:     decl.Pos(),
			End:     decl.End(),
			Message: plural(n, "line") + " of code",
			Value:   float64(n),
		})
	}
	return list, nil
}
