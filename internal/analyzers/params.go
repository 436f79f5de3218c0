package analyzers

import (
	"reflect"

	"golang.org/x/tools/go/analysis"
)

// params counts the parameters of each function: every name, a nameless one
// once, the receiver not.
var params = &analysis.Analyzer{
	Name:             "params",
	Doc:              "count the parameters of functions",
	Run:              runParams,
	RunDespiteErrors: true,
	ResultType:       reflect.TypeFor[[]Measure](),
}

func runParams(pass *analysis.Pass) (any, error) {
	var list []Measure
	for _, decl := range functions(pass.Files) {
		n := decl.Type.Params.NumFields()
		if n == 0 {
			continue
		}
		list = append(list, Measure{
			Rule:    "params",
			Pos:     decl.Pos(),
			End:     decl.Type.End(),
			Message: plural(n, "parameter"),
			Value:   float64(n),
		})
	}
	return list, nil
}
