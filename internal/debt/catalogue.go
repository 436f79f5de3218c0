package debt

import (
	"slices"
	"strings"
)

// CatalogueVersion names this set of rules and prices. A stored trend point
// carries it, so that a changed price is never taken for changed code.
const CatalogueVersion = "1"

// suppression is the one rule whose price is not a function of its value:
// see own.
const suppression = "suppression"

// Catalogue holds all rules in the order in which people read them. It is
// never written.
//
// The minutes are expert guesses, as everywhere: for one method of complexity
// 30 SonarQube charges about 30 minutes and CISQ 120. "Corpus" is 31 public Go
// repositories (2.25 million lines, 85,179 functions); "ours" has no source
// but us and waits for calibration.
var Catalogue = slices.Concat(structureRules, behaviourRules, []Rule{
	{
		ID: "self-admitted/todo", Kind: "package",
		Title: "TODO without an issue",
		Why:   "Whoever comes by has to find out whether it is still to be done, and nobody is asked to do it.",
		Base:  15, Source: "ours, after studies of self-admitted debt; SonarSource charges 0",
		Default: "on", Since: "1", Aliases: []string{"godox"},
	},
	{
		ID: "self-admitted/fixme", Kind: "package",
		Title: "FIXME, HACK or XXX",
		Why:   "The author knew that it is wrong, and whoever relies on the code later does not.",
		Base:  30, Source: "ours, after studies of self-admitted debt; SonarSource charges 0",
		Default: "on", Since: "1", Aliases: []string{"godox"},
	},
	{
		ID: "self-admitted/linked", Kind: "package",
		Title: "Open work that is linked to an issue",
		Why:   "Whoever reads the code has to read the issue too, to know what to expect of it.",
		Base:  5, Source: "ours, after studies of self-admitted debt; SonarSource charges 0",
		Default: "on", Since: "1", Aliases: []string{"godox"},
	},
	{
		ID: suppression, Kind: "package",
		Title: "Silenced finding",
		Why:   "The finding is still there, and without a reason the next reader cannot tell whether it may be.",
		Base:  5, Source: "ours",
		Default: "on", Since: "1", Aliases: []string{"nolintlint"},
	},
	{
		ID: "mutable-global", Kind: "package",
		Title: "Package variable that functions write",
		Why:   "Whoever tests or calls the package has to know who wrote the variable last.",
		Unit:  "writer", Base: 20, PerUnit: 10,
		Source:  "ours",
		Default: "on", Since: "1", Aliases: []string{"gochecknoglobals"},
	},
	{
		ID: "api-break", Kind: "change",
		Title: "Incompatible change of an exported API",
		Why:   "Every package that uses it has to be changed before it can take the next version.",
		Unit:  "dependant", Base: 30, PerUnit: 10,
		Source:  "ours",
		Default: "on", Since: "1",
	},
	{
		ID: "errcheck", Kind: "package",
		Title: "Ignored error",
		Why:   "Whoever looks for the failure later finds no trace of it.",
		Base:  5, Source: "ours",
		Default: "on", Since: "1",
	},
	{
		ID: "errorlint", Kind: "package",
		Title: "Error compared or cast without unwrapping",
		Why:   "Whoever wraps the error further down breaks this place without noticing.",
		Base:  5, Source: "ours",
		Default: "on", Since: "1", Aliases: []string{"go-errorlint"},
	},
	{
		ID: "unused", Kind: "package",
		Title: "Unused code",
		Why:   "Whoever changes the package keeps it compiling, and reads it, for nobody.",
		Base:  5, Source: "ours",
		Default: "on", Since: "1", Aliases: []string{"U1000", "staticcheck/U1000"},
	},
	{
		ID: "staticcheck/SA1019", Kind: "package",
		Title: "Use of something deprecated",
		Why:   "Whoever upgrades the dependency has to replace it first, and then in a hurry.",
		Unit:  "use", Base: 10, PerUnit: 5, Free: 1, Fixed: 2,
		Source:  "ours; go fix replaces uses of what is marked //go:fix inline",
		Default: "on", Since: "1", Aliases: []string{"SA1019"},
	},
	{
		ID: "staticcheck", Kind: "package", Family: true,
		Title: "Likely mistake (staticcheck)",
		Why:   "The code does not do what it says, and whoever trusts it pays for the search.",
		Base:  10, Source: "ours",
		Default: "on", Since: "1",
	},
	{
		ID: "simple", Kind: "package", Family: true,
		Title: "Code that can be said more simply (staticcheck)",
		Why:   "Whoever reads it looks for a reason that is not there.",
		Base:  2, Source: "ours",
		Default: "on", Since: "1", Aliases: []string{"gosimple"},
	},
	{
		ID: "vet", Kind: "package", Family: true,
		Title: "Likely mistake (go vet)",
		Why:   "The code does not do what it says, and whoever trusts it pays for the search.",
		Base:  10, Source: "ours",
		Default: "on", Since: "1", Aliases: []string{"govet"},
	},
	{
		ID: "modernize", Kind: "package", Family: true,
		Title: "Code that the language has outgrown",
		Why:   "Whoever reads it finds two ways of saying one thing, and follows the older one in new code.",
		Base:  1, PackageCap: 30,
		Source:  "ours: one run of go fix mends a package",
		Default: "on", Since: "1",
	},
}, programRules)

// Lookup finds the row of a rule by its id or an alias; for a check without a
// row of its own, its family's row under the id that was asked for. One name
// of another linter may stand for several rows: then it is the first.
func Lookup(rule string) (Rule, bool) {
	for _, r := range Catalogue {
		if r.ID == rule {
			return r, true
		}
	}
	for _, r := range Catalogue {
		if slices.Contains(r.Aliases, rule) {
			return r, true
		}
	}
	if family, name, ok := strings.Cut(rule, "/"); ok && name != "" {
		for _, r := range Catalogue {
			if r.Family && r.ID == family {
				r.ID = rule
				return r, true
			}
		}
	}
	return Rule{}, false
}

// IsFamily reports whether rules go by "name/…", so that a policy may speak of all
// of them at once. Not every family has a row of its own: those of mod cost
// different things.
func IsFamily(name string) bool {
	return slices.ContainsFunc(Catalogue, func(r Rule) bool {
		family, _, ok := strings.Cut(r.ID, "/")
		return ok && family == name || r.Family && r.ID == name
	})
}

// own is the price of a measure by its rule. A suppression costs only where
// nobody said why it is there: what it hides keeps its own price, on both
// sides, so that hiding a finding repays nothing. What a command mends costs the
// same however often it is there.
func own(r Rule, m Measure) (minutes float64, finding bool) {
	if r.ID == suppression && !m.Reasonless {
		return 0, true
	}
	minutes, finding = r.Price(m.Value)
	if m.Fixable && r.Fixed > 0 {
		minutes = min(minutes, r.Fixed)
	}
	return minutes, finding
}
