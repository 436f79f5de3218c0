package analyzers

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"slices"

	"golang.org/x/tools/go/analysis"
)

// boolOperators counts the && and || of each condition that has to be worked
// out, through parentheses and negations. What stands in a call's arguments or
// in a function literal is a condition of its own.
//
// What reads as a list need not be worked out, however long it is:
//   - a condition that holds only && or only ||, such as the fields that two
//     values must agree on, is left out;
//   - comparisons of one operand with several others, its range or the set of
//     its values, are one part: c >= 'a' && c <= 'z', op == "+" || op == "-";
//   - a comparison that guards the part after it belongs to that part:
//     p != nil && p.ok, id == 0 || known(id).
var boolOperators = &analysis.Analyzer{
	Name:             "booloperators",
	Doc:              "count the boolean operators of conditions",
	Run:              runBoolOperators,
	RunDespiteErrors: true,
	ResultType:       reflect.TypeFor[[]Measure](),
}

func runBoolOperators(pass *analysis.Pass) (any, error) {
	var list []Measure
	for _, f := range pass.Files {
		inner := map[ast.Expr]bool{} // parts of a condition that was counted
		ast.Inspect(f, func(n ast.Node) bool {
			e, ok := n.(*ast.BinaryExpr)
			if !ok || !isLogical(e) || inner[e] {
				return true
			}
			ands, ors := countLogical(e, inner)
			if ands == 0 || ors == 0 {
				return true
			}
			list = append(list, Measure{
				Rule:    "bool-operators",
				Pos:     e.Pos(),
				End:     e.End(),
				Message: "condition with " + plural(ands+ors, "boolean operator"),
				Value:   float64(ands + ors),
			})
			return true
		})
	}
	return list, nil
}

func isLogical(e *ast.BinaryExpr) bool { return e.Op == token.LAND || e.Op == token.LOR }

// countLogical counts the operators of the condition e, and puts its parts into
// seen.
func countLogical(e ast.Expr, seen map[ast.Expr]bool) (ands, ors int) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return countLogical(e.X, seen)
	case *ast.UnaryExpr:
		if e.Op == token.NOT {
			return countLogical(e.X, seen)
		}
	case *ast.BinaryExpr:
		if !isLogical(e) {
			return 0, 0
		}
		seen[e] = true
		ands, ors = countLogical(e.X, seen)
		a, o := countLogical(e.Y, seen)
		ands, ors = ands+a, ors+o
		switch {
		case len(compared(e)) > 0:
			return 0, 0
		case guards(e):
			return ands, ors
		case e.Op == token.LAND:
			return ands + 1, ors
		default:
			return ands, ors + 1
		}
	}
	return 0, 0
}

// compared are the operands, as written, that each comparison of e has on one
// of its sides; none where a part of e is no comparison.
func compared(e ast.Expr) []string {
	b, ok := ast.Unparen(e).(*ast.BinaryExpr)
	if !ok {
		return nil
	}
	switch b.Op {
	case token.LAND, token.LOR:
		right := compared(b.Y)
		return slices.DeleteFunc(compared(b.X), func(s string) bool { return !slices.Contains(right, s) })
	case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
		return slices.DeleteFunc([]string{operand(b.X), operand(b.Y)}, func(s string) bool { return s == "" })
	}
	return nil
}

// operand is how the expression reads, and for its length how it reads itself;
// empty for a literal and nil, which many things are compared with.
func operand(e ast.Expr) string {
	e = ast.Unparen(e)
	if call, ok := lenCall(e); ok {
		e = ast.Unparen(call.Args[0])
	}
	if isLiteral(e) {
		return ""
	}
	return types.ExprString(e)
}

func lenCall(e ast.Expr) (call *ast.CallExpr, ok bool) {
	call, ok = ast.Unparen(e).(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return nil, false
	}
	fun, ok := call.Fun.(*ast.Ident)
	return call, ok && fun.Name == "len"
}

func isLiteral(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.BasicLit:
		return true
	case *ast.Ident:
		return e.Name == "nil"
	}
	return false
}

// guards reports whether the part before the operator of e compares something
// that the part after it uses with nil, a literal or a length.
func guards(e *ast.BinaryExpr) bool {
	before, ok := ast.Unparen(e.X).(*ast.BinaryExpr)
	for ok && before.Op == e.Op {
		before, ok = ast.Unparen(before.Y).(*ast.BinaryExpr)
	}
	if !ok || isLogical(before) {
		return false
	}
	_, length := lenCall(before.Y)
	if !length && !isLiteral(before.X) && !isLiteral(before.Y) {
		return false
	}
	guarded := compared(before)
	found := false
	ast.Inspect(e.Y, func(n ast.Node) bool {
		x, ok := n.(ast.Expr)
		found = found || ok && slices.Contains(guarded, types.ExprString(x))
		return !found
	})
	return found
}
