package analyzers

import (
	"go/ast"
	"reflect"

	"golang.org/x/tools/go/analysis"
)

// nesting measures the deepest level of control structures in each function.
// The function's body is level 0.
//
// A function literal is no level of its own, and does not start again at 0
// either: "t.Run(name, func…" and "go func…" are indentation and not a
// condition to keep in mind, but the conditions around them are still in
// force inside.
var nesting = &analysis.Analyzer{
	Name:             "nesting",
	Doc:              "measure how deep control structures are nested",
	Run:              runNesting,
	RunDespiteErrors: true,
	ResultType:       reflect.TypeFor[[]Measure](),
}

func runNesting(pass *analysis.Pass) (any, error) {
	var list []Measure
	for _, decl := range functions(pass.Files) {
		v := nestingVisitor{deepest: new(int)}
		ast.Walk(v, decl.Body)
		n := *v.deepest
		if n == 0 {
			continue
		}
		list = append(list, Measure{
			Rule:    "nesting",
			Pos:     decl.Pos(),
			End:     decl.End(),
			Message: "nesting " + plural(n, "level") + " deep",
			Value:   float64(n),
		})
	}
	return list, nil
}

type nestingVisitor struct {
	level   int
	deepest *int
	// chained is the if statement that continues an else, and so is on the
	// level of the one before.
	chained *ast.IfStmt
}

func (v nestingVisitor) Visit(n ast.Node) ast.Visitor {
	switch n := n.(type) {
	case *ast.IfStmt:
		if n != v.chained {
			v = v.deeper()
		}
		v.chained, _ = n.Else.(*ast.IfStmt)
		return v
	case *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
		return v.deeper()
	}
	return v
}

func (v nestingVisitor) deeper() nestingVisitor {
	v.level++
	*v.deepest = max(*v.deepest, v.level)
	return v
}
