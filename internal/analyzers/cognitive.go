package analyzers

import (
	"fmt"
	"reflect"

	"github.com/uudashr/gocognit"
	"golang.org/x/tools/go/analysis"
)

// cognitive measures the cognitive complexity of each function (SonarSource
// 2018, as gocognit counts it).
//
// It scans function by function rather than by gocognit's own analyzer or
// ComplexityStats: those leave out what carries //gocognit:ignore, and a
// suppression must go through the one suppressor.
var cognitive = &analysis.Analyzer{
	Name:             "cognitive",
	Doc:              "measure the cognitive complexity of functions",
	Run:              runCognitive,
	RunDespiteErrors: true,
	ResultType:       reflect.TypeFor[[]Measure](),
}

func runCognitive(pass *analysis.Pass) (any, error) {
	info := pass.TypesInfo
	if info != nil && len(info.Defs) == 0 {
		info = nil // a package without types: let gocognit resolve calls by name
	}
	recursive := gocognit.RecursiveFuncs(pass.Files, info)
	var list []Measure
	for _, decl := range functions(pass.Files) {
		n := gocognit.ScanComplexityWithRecursion(decl, recursive[decl], false).Complexity
		if n == 0 {
			continue
		}
		list = append(list, Measure{
			Rule:    "cognitive",
			Pos:     decl.Pos(),
			End:     decl.End(),
			Message: fmt.Sprintf("cognitive complexity %d", n),
			Value:   float64(n),
		})
	}
	return list, nil
}
