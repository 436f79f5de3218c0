package analyzers

import (
	"go/ast"
	"reflect"
	"regexp"

	"golang.org/x/tools/go/analysis"
)

// identicalFunctions finds functions of one package that have the same
// parameters, results and body, comments and formatting aside. The later one
// is reported, with the name of the first. Up to two statements are too little
// to share (mostly wrappers that an interface asks for, of which half were not
// worth a word in what we read), and what two methods do with receivers of
// different types is not the same, however it reads.
//
// The body is the flagged node and not the function: which of the two comes
// later depends on the order in the file, and so the finding is known again
// when that changes.
//
// The methods of a test double are left out: that several of them answer alike
// is by chance, and those of github.com/stretchr/testify find out the names of
// their callers.
var identicalFunctions = &analysis.Analyzer{
	Name:             "identicalfunctions",
	Doc:              "find functions that stand in a package twice",
	Run:              runIdenticalFunctions,
	RunDespiteErrors: true,
	Requires:         []*analysis.Analyzer{codeTokens},
	ResultType:       reflect.TypeFor[[]Measure](),
}

var testDouble = regexp.MustCompile(`(?i)^[^.]*(mock|fake|stub)[^.]*\.`)

func runIdenticalFunctions(pass *analysis.Pass) (any, error) {
	tokens := pass.ResultOf[codeTokens].(map[*ast.File]fileTokens)
	first := map[string]string{} // what a function does → the symbol that does it
	var list []Measure
	for i, decl := range functions(pass.Files) {
		if countStatements(decl.Body) < 3 || decl.Recv != nil && testDouble.MatchString(funcSymbol(decl)) {
			continue
		}
		code := functionText(tokens[pass.Files[i]], decl)
		twin, ok := first[code]
		if !ok {
			first[code] = funcSymbol(decl)
			continue
		}
		list = append(list, Measure{
			Rule:    "identical-functions",
			Pos:     decl.Body.Pos(),
			End:     decl.Body.End(),
			Message: "same parameters, results and body as " + twin,
			Value:   1,
		})
	}
	return list, nil
}

// functionText is the code of the function without its name, and without its
// receiver where the body does not use that.
func functionText(tokens fileTokens, decl *ast.FuncDecl) string {
	nodes := []ast.Node{decl.Type.Params, decl.Body}
	if decl.Type.TypeParams != nil {
		nodes = append(nodes, decl.Type.TypeParams)
	}
	if decl.Type.Results != nil {
		nodes = append(nodes, decl.Type.Results)
	}
	if decl.Recv != nil && len(decl.Recv.List[0].Names) > 0 && mentions(decl.Body, decl.Recv.List[0].Names[0].Name) {
		nodes = append(nodes, decl.Recv)
	}
	return tokens.text(nodes...)
}
