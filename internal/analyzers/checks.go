package analyzers

import (
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// table is built once: the analyzers' identity is how a driver tells that two
// checks share one, and errorlint's may not be made twice.
var table = buildTable()

// Checks returns all checks, sorted by rule. Rules may share an analyzer. The
// slice is the caller's.
func Checks() []Check { return slices.Clone(table) }

func buildTable() []Check {
	list := slices.Concat(ownChecks(), vetChecks(), modernizeChecks(), staticcheckChecks(), []Check{errorlintCheck()})
	slices.SortFunc(list, func(a, b Check) int { return strings.Compare(a.Rule, b.Rule) })
	return list
}

func ownChecks() []Check {
	list := []Check{
		{Rule: "bool-operators", Title: "Condition of many parts", Analyzer: boolOperators, Syntactic: true},
		{Rule: "cognitive", Title: "Function that is hard to follow", Analyzer: cognitive, Syntactic: true},
		{Rule: "context-misuse", Title: "Context that is stored, hidden or not handed on", Analyzer: contextMisuse},
		{Rule: "errcheck", Title: "Error that is not checked", Analyzer: unchecked, Yields: "vet/unusedresult"},
		{Rule: "file-lines", Title: "Long file", Analyzer: fileLines, Syntactic: true},
		{Rule: "func-lines", Title: "Long function", Analyzer: funcLines, Syntactic: true},
		{Rule: "god-package", Title: "Long package that does many jobs", Analyzer: packageSize, Syntactic: true},
		{Rule: "identical-branches", Title: "Branches that do the same", Analyzer: identicalBranches, Syntactic: true},
		{Rule: "identical-functions", Title: "Function that is there twice", Analyzer: identicalFunctions, Syntactic: true},
		{Rule: "init-effect", Title: "Side effect of an import", Analyzer: initEffect},
		{Rule: "interface-width", Title: "Exported interface with many methods", Analyzer: interfaceWidth},
		{Rule: "library-panic", Title: "Library that panics on an error or ends the program", Analyzer: libraryPanic},
		{Rule: "mutable-global", Title: "Package variable that functions write", Analyzer: mutableGlobal},
		{Rule: "nesting", Title: "Deeply nested control structures", Analyzer: nesting, Syntactic: true},
		{Rule: "package-fan-out", Title: "Package that imports many others", Analyzer: packageSize, Syntactic: true},
		{Rule: "params", Title: "Function with many parameters", Analyzer: params, Syntactic: true},
		{Rule: "self-admitted/fixme", Title: "Comment that admits a fault: FIXME, HACK, XXX", Analyzer: selfAdmitted, Syntactic: true},
		{Rule: "self-admitted/linked", Title: "Comment that admits open work and names its issue", Analyzer: selfAdmitted, Syntactic: true},
		{Rule: "self-admitted/todo", Title: "Comment that admits open work: TODO", Analyzer: selfAdmitted, Syntactic: true},
		{Rule: "skipped-test", Title: "Test that is always skipped", Analyzer: skippedTest},
		{Rule: "struct-fields", Title: "Struct with many fields", Analyzer: structFields, Syntactic: true},
		{Rule: "switch-cases", Title: "Switch with many cases", Analyzer: switchCases, Syntactic: true},
		{Rule: "unjoined-goroutine", Title: "Goroutine that nobody can wait for", Analyzer: unjoinedGoroutine},
		{Rule: "unused", Title: "Code that nothing uses", Analyzer: unused},

		{Rule: "clone", Title: "Code that stands in several places", Kind: Program, Program: clonesWithin},
		{Rule: "clone-across", Title: "Code that stands with several owners", Kind: Program, Program: clonesAcross},
		{Rule: "component-cycle", Title: "Components that depend on each other in a circle", Kind: Program, Program: componentCycles},
		{Rule: "layer", Title: "Import between components that the policy forbids", Kind: Program, Program: forbidden},
		{Rule: "mod/go-directive", Title: "Language of a Go release that is no longer maintained", Kind: Program, Program: goDirectives},
		{Rule: "mod/pseudo-version", Title: "Dependency on a commit between releases", Kind: Program, Program: pseudoVersions},
		{Rule: "mod/replace-fork", Title: "Module that is replaced by a fork", Kind: Program, Program: forks},
		{Rule: "mod/replace-local", Title: "Module that is replaced by a folder", Kind: Program, Program: localReplaces},
		{Rule: "mod/retracted", Title: "Retracted or deprecated module", Kind: Program, Program: retracted},
		{Rule: "stable-dependency", Title: "Stable package that imports an unstable one", Kind: Program, Program: unstableImports},
		{Rule: "stale-flag", Title: "Key of an experiment that has ended", Kind: Program, Program: staleFlags},
		{Rule: "unowned", Title: "Package without an owner", Kind: Program, Program: unowned},

		// No analyzers: APIBreak, Unshared and Suppressions. A suppression counts where it
		// is new, and so takes both sides.
		// No analyzer: it takes the tests of the whole tree, see Reach.
		{Rule: UntestedExport, Title: "Exported function that no test reaches", Kind: Program},
		{Rule: "api-break", Title: "Incompatible change of an exported symbol", Kind: Change},
		{Rule: "exported-growth", Title: "New exported symbol that nobody names", Kind: Change},
		{Rule: "suppression", Title: "Comment that silences a linter", Kind: Change, Syntactic: true},
	}
	for i := range list {
		list[i].Own = true
		if list[i].Kind == "" {
			list[i].Kind = Package
		}
	}
	return list
}

// Facts returns the analyzers that must run on dependencies, sorted by name:
// those that export facts, and what they require.
func Facts() []*analysis.Analyzer {
	needed := map[*analysis.Analyzer]bool{}
	var need func(a *analysis.Analyzer)
	need = func(a *analysis.Analyzer) {
		if !needed[a] {
			needed[a] = true
			for _, r := range a.Requires {
				need(r)
			}
		}
	}
	for _, a := range closure() {
		if len(a.FactTypes) > 0 {
			need(a)
		}
	}
	var list []*analysis.Analyzer
	for a := range needed {
		list = append(list, a)
	}
	return sortAnalyzers(list)
}

// closure returns the analyzers of all checks and what they require, sorted by
// name.
func closure() []*analysis.Analyzer {
	seen := map[*analysis.Analyzer]bool{}
	var list []*analysis.Analyzer
	var visit func(a *analysis.Analyzer)
	visit = func(a *analysis.Analyzer) {
		if a == nil || seen[a] {
			return
		}
		seen[a] = true
		list = append(list, a)
		for _, r := range a.Requires {
			visit(r)
		}
	}
	for _, c := range table {
		visit(c.Analyzer)
	}
	return sortAnalyzers(list)
}

func sortAnalyzers(list []*analysis.Analyzer) []*analysis.Analyzer {
	slices.SortFunc(list, func(a, b *analysis.Analyzer) int { return strings.Compare(a.Name, b.Name) })
	return list
}
