package analyzers

import (
	"go/ast"
	"go/token"
	"reflect"

	"golang.org/x/tools/go/analysis"
)

// identicalBranches finds branches of one if chain or switch that do the same
// and can be merged: two that follow each other, and any two of a switch over
// constants, whose order means nothing. It leaves out
//   - branches of one statement: to list them one by one reads as a table;
//   - an else if with a statement of its own before the condition;
//   - cases of a type switch that use its variable, since it has another type
//     in each;
//   - cases that fall through, and select, whose cases cannot be merged.
var identicalBranches = &analysis.Analyzer{
	Name:             "identicalbranches",
	Doc:              "find branches that do the same",
	Run:              runIdenticalBranches,
	RunDespiteErrors: true,
	Requires:         []*analysis.Analyzer{codeTokens},
	ResultType:       reflect.TypeFor[[]Measure](),
}

// branch is one way through an if chain or a switch.
type branch struct {
	node ast.Node // what is flagged
	body []ast.Stmt
	// constant says that its place among the branches means nothing.
	constant bool
	// apart says that it cannot be merged with the one before.
	apart bool
}

func runIdenticalBranches(pass *analysis.Pass) (any, error) {
	tokens := pass.ResultOf[codeTokens].(map[*ast.File]fileTokens)
	var list []Measure
	for _, f := range pass.Files {
		chained := map[*ast.IfStmt]bool{}
		ast.Inspect(f, func(n ast.Node) bool {
			var branches []branch
			switch n := n.(type) {
			case *ast.IfStmt:
				if !chained[n] {
					branches = ifBranches(n, chained)
				}
			case *ast.SwitchStmt:
				branches = caseBranches(pass, n.Body, n.Tag != nil, "")
			case *ast.TypeSwitchStmt:
				branches = caseBranches(pass, n.Body, false, boundName(n))
			}
			for _, b := range repeated(tokens[f], branches) {
				list = append(list, Measure{
					Rule:    "identical-branches",
					Pos:     b.node.Pos(),
					End:     b.node.End(),
					Message: "branch that does the same as one before it",
					Value:   1,
				})
			}
			return true
		})
	}
	return list, nil
}

// ifBranches are the branches of the chain that begins with n. Its other ifs go
// into chained.
func ifBranches(n *ast.IfStmt, chained map[*ast.IfStmt]bool) []branch {
	branches := []branch{{node: n.Body, body: n.Body.List}}
	for {
		switch next := n.Else.(type) {
		case *ast.IfStmt:
			chained[next] = true
			branches = append(branches, branch{node: next.Body, body: next.Body.List, apart: next.Init != nil})
			n = next
		case *ast.BlockStmt:
			return append(branches, branch{node: next, body: next.List})
		default:
			return branches
		}
	}
}

// caseBranches are the cases of a switch over values (tagged), conditions, or
// types, whose variable is bound; empty where it has none.
func caseBranches(pass *analysis.Pass, body *ast.BlockStmt, tagged bool, bound string) []branch {
	var branches []branch
	for _, s := range body.List {
		clause, ok := s.(*ast.CaseClause)
		if !ok {
			continue // unreachable: there are only case clauses in a switch
		}
		b := branch{node: clause, body: clause.Body, constant: tagged}
		for _, e := range clause.List {
			b.constant = b.constant && pass.TypesInfo != nil && pass.TypesInfo.Types[e].Value != nil
		}
		for _, s := range clause.Body {
			leaves, ok := s.(*ast.BranchStmt)
			b.apart = b.apart || ok && leaves.Tok == token.FALLTHROUGH || bound != "" && mentions(s, bound)
		}
		branches = append(branches, b)
	}
	return branches
}

// boundName is v in "switch v := x.(type)".
func boundName(n *ast.TypeSwitchStmt) string {
	if assign, ok := n.Assign.(*ast.AssignStmt); ok {
		if id, ok := assign.Lhs[0].(*ast.Ident); ok {
			return id.Name
		}
	}
	return ""
}

// repeated are the branches that can be merged with one before them, because
// they do the same.
func repeated(tokens fileTokens, branches []branch) []branch {
	var found []branch
	last := ""
	constants := map[string]bool{} // what the constant cases so far do
	for _, b := range branches {
		if countStatements(b.body...) < 2 {
			last = ""
			continue
		}
		code := tokens.text(nodes(b.body)...)
		if !b.apart && (code == last || b.constant && constants[code]) {
			found = append(found, b)
		}
		last = code
		if b.constant && !b.apart {
			constants[code] = true
		}
	}
	return found
}

func nodes(list []ast.Stmt) []ast.Node {
	out := make([]ast.Node, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}
