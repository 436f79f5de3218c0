package analyzers

import (
	"fmt"
	"go/ast"
	"go/token"
	"reflect"
	"slices"

	"golang.org/x/tools/go/analysis"
	"honnef.co/go/tools/analysis/facts/directives"
	"honnef.co/go/tools/analysis/facts/generated"
	"honnef.co/go/tools/analysis/lint"
	honnef "honnef.co/go/tools/unused"
)

// unused reports what nothing uses, as staticcheck's U1000 does.
//
// It runs honnef's analyzer by hand instead of requiring it, in order to hand
// it other inputs:
//
//   - A file set without //line directives: they would move an object. Nor has
//     it gaps between the constants of a declaration: see withoutGaps.
//   - No generated files. Theirs are told by a mark on any line of the file,
//     and all that such a file declares passes as used; whether a mark is to be
//     believed is decided elsewhere.
//   - No //lint:ignore directives, because what one hides must be found to be
//     shown as hidden. But what only an ignored object uses is not reported,
//     there being nothing to mend: hence the second run, where there are any.
var unused = &analysis.Analyzer{
	Name:       "unused",
	Doc:        "find constants, variables, functions, types and fields that nothing uses",
	Run:        runUnused,
	ResultType: reflect.TypeFor[[]Measure](),
}

func runUnused(pass *analysis.Pass) (any, error) {
	files := newPlainFiles(pass)
	dense := withoutGaps(pass)
	all, err := findUnused(pass, dense, nil)
	if err != nil {
		return nil, err
	}
	ignores := lint.ParseDirectives(pass.Files, pass.Fset)
	if len(ignores) > 0 {
		others, err := findUnused(pass, dense, ignores)
		if err != nil {
			return nil, err
		}
		hidden := hiddenLines(pass)
		for pos := range all {
			_, stays := others[pos]
			if line := files.line(pos); !stays && !hidden[line] {
				delete(all, pos)
			}
		}
	}
	list := make([]Measure, 0, len(all))
	for pos, obj := range all {
		list = append(list, Measure{
			Rule:    "unused",
			Pos:     pos,
			End:     pos + token.Pos(len(obj.ShortName)),
			Message: fmt.Sprintf("%s %s is unused", obj.Kind, obj.Name),
			Value:   1,
		})
	}
	slices.SortFunc(list, func(a, b Measure) int { return int(a.Pos) - int(b.Pos) })
	return list, nil
}

// withoutGaps are the files of a pass with each constant of a group on the line
// after the one before. One used constant of a group makes all of it used, but
// honnef's analyzer takes a blank line or a comment for the end of a group, and
// whoever put one in would add findings.
func withoutGaps(pass *analysis.Pass) plainFiles {
	p := newPlainFiles(pass)
	for i, f := range pass.Files {
		file := p.files[i]
		starts := slices.Clone(file.Lines())
		ast.Inspect(f, func(n ast.Node) bool {
			group, ok := n.(*ast.GenDecl)
			if !ok || group.Tok != token.CONST {
				return true
			}
			for j := range len(group.Specs) - 1 {
				from, to := file.Offset(group.Specs[j].End()), file.Offset(group.Specs[j+1].Pos())
				a, _ := slices.BinarySearch(starts, from+1)
				b, _ := slices.BinarySearch(starts, to+1)
				starts = slices.Replace(starts, a, b, to)
			}
			return false
		})
		file.SetLines(starts)
	}
	return p
}

// findUnused runs honnef's analyzer. An object that it holds both for used and
// for unused is used: one declaration may be several objects to the type
// checker, as the variable of a type switch is.
func findUnused(pass *analysis.Pass, files plainFiles, ignores []lint.Directive) (map[token.Pos]honnef.Object, error) {
	own := *pass
	own.Fset = files.fset
	own.ResultOf = map[*analysis.Analyzer]any{
		directives.Analyzer: ignores,
		generated.Analyzer:  map[string]generated.Generator{},
	}
	res, err := honnef.Analyzer.Analyzer.Run(&own)
	if err != nil {
		return nil, err
	}
	result := res.(honnef.Result)
	found := map[token.Pos]honnef.Object{}
	for _, obj := range result.Unused {
		if pos := files.pos(obj.Position); pos.IsValid() {
			found[pos] = obj
		}
	}
	for _, obj := range result.Used {
		delete(found, files.pos(obj.Position))
	}
	return found, nil
}

// fileLine is a line of a file of the package.
type fileLine struct{ file, line int }

// hiddenLines are the lines on which a suppression of staticcheck's own style
// covers this rule.
func hiddenLines(pass *analysis.Pass) map[fileLine]bool {
	lines := map[fileLine]bool{}
	for i, f := range pass.Files {
		for _, s := range Suppressions(pass.Fset, f) {
			if s.Style == "nolint" {
				continue // honnef's analyzer does not know it
			}
			for line := s.FromLine; line <= s.ToLine; line++ {
				if s.Covers("unused", line) {
					lines[fileLine{i, line}] = true
				}
			}
		}
	}
	return lines
}
