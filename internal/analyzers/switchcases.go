package analyzers

import (
	"go/ast"
	"reflect"

	"golang.org/x/tools/go/analysis"
)

// switchCases counts the cases of each switch, type switch and select; the
// default is none.
//
// A case of at most one simple statement is a row of a table, such as one of
// http.StatusText or a call of the kind's own function. Nothing is hidden in
// it, and a map in its place would be no shorter: it is not counted.
var switchCases = &analysis.Analyzer{
	Name:             "switchcases",
	Doc:              "count the cases of switches",
	Run:              runSwitchCases,
	RunDespiteErrors: true,
	ResultType:       reflect.TypeFor[[]Measure](),
}

func runSwitchCases(pass *analysis.Pass) (any, error) {
	var list []Measure
	for _, f := range pass.Files {
		ast.Inspect(f, func(n ast.Node) bool {
			body, keyword := switchBody(n)
			if body == nil {
				return true
			}
			if count := countCases(body); count > 0 {
				list = append(list, Measure{
					Rule:    "switch-cases",
					Pos:     n.Pos(),
					End:     n.End(),
					Message: keyword + " with " + plural(count, "case") + " of more than one statement",
					Value:   float64(count),
				})
			}
			return true
		})
	}
	return list, nil
}

func switchBody(n ast.Node) (body *ast.BlockStmt, keyword string) {
	switch n := n.(type) {
	case *ast.SwitchStmt:
		return n.Body, "switch"
	case *ast.TypeSwitchStmt:
		return n.Body, "type switch"
	case *ast.SelectStmt:
		return n.Body, "select"
	}
	return nil, ""
}

func countCases(body *ast.BlockStmt) int {
	n := 0
	for _, s := range body.List {
		switch s := s.(type) {
		case *ast.CaseClause:
			if s.List != nil && countStatements(s.Body...) > 1 {
				n++
			}
		case *ast.CommClause:
			if s.Comm != nil && countStatements(s.Body...) > 1 {
				n++
			}
		}
	}
	return n
}
