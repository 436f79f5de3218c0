package analyzers

import (
	"go/ast"
	"reflect"

	"golang.org/x/tools/go/analysis"
)

// fileLines counts the code lines of each file. The position is the package
// clause, which belongs to no symbol.
var fileLines = &analysis.Analyzer{
	Name:             "filelines",
	Doc:              "count the code lines of files",
	Run:              runFileLines,
	RunDespiteErrors: true,
	Requires:         []*analysis.Analyzer{codeLines},
	ResultType:       reflect.TypeFor[[]Measure](),
}

func runFileLines(pass *analysis.Pass) (any, error) {
	index := pass.ResultOf[codeLines].(map[*ast.File]lineIndex)
	var list []Measure
	for _, f := range pass.Files {
		n := index[f].between(1, len(index[f])-1)
		list = append(list, Measure{
			Rule:    "file-lines",
			Pos:     f.Package,
			End:     f.Name.End(),
			Message: plural(n, "line") + " of code",
			Value:   float64(n),
		})
	}
	return list, nil
}
