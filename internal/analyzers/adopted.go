package analyzers

import (
	"maps"
	"slices"
	"strings"

	"github.com/polyfloyd/go-errorlint/errorlint"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/modernize"
	"golang.org/x/tools/go/analysis/suite/vet"
	"honnef.co/go/tools/analysis/facts/generated"
	"honnef.co/go/tools/analysis/lint"
	"honnef.co/go/tools/simple"
	"honnef.co/go/tools/staticcheck"
)

// vetAlready are the checks of staticcheck that say, at the same places, what
// a check of vet says. vet is kept, as the one that comes with Go and that
// most repositories run.
var vetAlready = map[string]string{
	"SA1014": "vet/unmarshal",        // no pointer to unmarshal into
	"SA1017": "vet/sigchanyzer",      // an unbuffered channel for signals
	"SA2000": "vet/waitgroup",        // Add inside the goroutine
	"SA2002": "vet/testinggoroutine", // FailNow in a goroutine
	"SA4018": "vet/assign",           // x = x
	"SA4021": "vet/appends",          // append without values
	"SA5009": "vet/printf",           // verbs and arguments
	"SA5010": "vet/ifaceassert",      // an impossible assertion between interfaces
	"SA9006": "vet/shift",            // a shift by the width or more
}

// partly are the checks of staticcheck that overlap with another one, mostly of
// vet, and each find what the other does not. Both are kept; where they meet,
// the other's is shown.
var partly = map[string]string{
	"SA1006": "vet/printf",         // a format that is not constant: vet from go 1.24 on
	"SA4000": "vet/bools",          // x || x, of all operators
	"SA4017": "vet/unusedresult",   // of known functions, of all pure ones
	"SA4031": "vet/nilfunc",        // a function, any value that is never nil
	"SA5001": "vet/httpresponse",   // a response's body, any Close
	"SA5008": "vet/structtag",      // the form of a tag, the options of JSON and XML
	"S1029":  "staticcheck/SA6003", // a range over runes: the copy, and the conversion
}

// vetChecks are cmd/vet's own.
func vetChecks() []Check {
	var list []Check
	for _, a := range vet.Suite {
		title, _, _ := strings.Cut(strings.TrimSpace(a.Doc), "\n")
		list = append(list, Check{
			Rule:     "vet/" + a.Name,
			Kind:     Package,
			Title:    title,
			Analyzer: a,
		})
	}
	return list
}

// modernizeChecks are those with which "go fix" brings code up to what the
// language version of its file offers; the analyzers look at the version
// themselves. Of the rest of x/tools' fix suite, buildtag, hostport and
// stringintconv are vet's, and inline is about uses of what is deprecated,
// which staticcheck/SA1019 finds.
func modernizeChecks() []Check {
	var list []Check
	for _, a := range modernize.Suite {
		title, _, _ := strings.Cut(strings.TrimSpace(a.Doc), "\n")
		list = append(list, Check{
			Rule:     "modernize/" + a.Name,
			Kind:     Package,
			Title:    title,
			Analyzer: a,
		})
	}
	return list
}

// staticcheckChecks are the checks of staticcheck for mistakes (SA), and those
// for what can be said more simply (S), that are on by default there. Its other
// families are about style (ST) and refactoring (QF).
func staticcheckChecks() []Check {
	return append(honnefChecks("staticcheck", staticcheck.Analyzers), honnefChecks("simple", simple.Analyzers)...)
}

func honnefChecks(family string, analyzers []*lint.Analyzer) []Check {
	var list []Check
	for _, c := range analyzers {
		name := c.Analyzer.Name
		if c.Doc.NonDefault || vetAlready[name] != "" {
			continue
		}
		list = append(list, Check{
			Rule:     family + "/" + name,
			Kind:     Package,
			Title:    c.Doc.Compile().Title,
			Analyzer: blindToGenerated(c.Analyzer),
			Yields:   partly[name],
		})
		if name == "SA1019" {
			check := &list[len(list)-1]
			// A package that uses a deprecated function thirty times has one
			// thing to mend.
			check.Counted = true
			check.Analyzer = tellingFixable(check.Analyzer)
		}
	}
	return list
}

// blindToGenerated returns a, without what tells it which files are generated.
// staticcheck believes a mark on any line of a file, and keeps findings there
// back; a comment would make them vanish. Generated code is left out after the
// analysis, by Generated.
//
// The analyzer is copied, since those of a library are not ours to change.
func blindToGenerated(a *analysis.Analyzer) *analysis.Analyzer {
	i := slices.Index(a.Requires, generated.Analyzer)
	if i < 0 {
		return a
	}
	return &analysis.Analyzer{
		Name: a.Name,
		Doc:  a.Doc,
		URL:  a.URL,
		Run: func(pass *analysis.Pass) (any, error) {
			own := *pass
			own.ResultOf = maps.Clone(pass.ResultOf)
			own.ResultOf[generated.Analyzer] = map[string]generated.Generator{}
			return a.Run(&own)
		},
		RunDespiteErrors: a.RunDespiteErrors,
		Requires:         slices.Delete(slices.Clone(a.Requires), i, i+1),
		ResultType:       a.ResultType,
		FactTypes:        a.FactTypes,
	}
}

// errorlintCheck compares and asserts errors as wrapping demands. Whether
// fmt.Errorf wraps is a matter of the API, and stays off as by default.
//
// NewAnalyzer fills tables that are global to its package and read by each
// run, so it must be called once and before any run.
func errorlintCheck() Check {
	return Check{
		Rule:     "errorlint",
		Kind:     Package,
		Title:    "Errors compared or asserted in a way that fails once they are wrapped",
		Analyzer: errorlint.NewAnalyzer(),
	}
}
