package debt

// behaviourRules are about what code does when it runs, and what its tests
// leave out.
var behaviourRules = []Rule{
	{
		ID: "init-effect", Kind: "package",
		Title: "Side effect of an import",
		Why:   "Whoever imports the package, even for a test, gets the effect too, in an order that nobody chose and with no error to handle.",
		Base:  20, Source: "ours",
		Default: "on", Since: "1", Aliases: []string{"gochecknoinits"},
	},
	{
		ID: "context-misuse", Kind: "package",
		Title: "Context that is not handed on",
		Why:   "Whoever cancels or sets a deadline further up finds that the work goes on, and has to search the calls for where it was lost.",
		Base:  15, Source: "ours, after the documentation of package context",
		Default: "on", Since: "1", Aliases: []string{"containedctx", "contextcheck"},
	},
	{
		ID: "unjoined-goroutine", Kind: "package",
		Title: "Goroutine that nobody can wait for",
		Why:   "Whoever writes a test or a shutdown cannot tell when its work is done, and meets it as a leak or a flaky test.",
		Base:  30, Source: "ours",
		Default: "on", Since: "1",
	},
	{
		ID: "library-panic", Kind: "package",
		Title: "Library that panics on an error or ends the program",
		Why:   "Whoever calls the package has no error to handle: a request that fails takes the whole program with it.",
		Base:  15, Source: "ours; listed, since too few of those in public programs were worth mending: docs/findings.md",
		Default: Listed, Since: "1",
	},
	{
		ID: "untested-export", Kind: "program",
		Title: "Exported function that no test reaches",
		Why:   "Whoever changes it learns from its callers whether it still works.",
		Unit:  "point", Base: 20, PerUnit: 1, Threshold: 3, Most: 120, Metric: true,
		Source:  "ours; in three repositories most of those up to 3 points were getters and wrappers",
		Default: "on", Since: "1",
	},
	{
		ID: "skipped-test", Kind: "package",
		Title: "Test that is always skipped",
		Why:   "Whoever changes the code believes that it is tested, and whoever changes the test cannot tell whether it still holds.",
		Base:  15, Source: "ours",
		Default: "on", Since: "1",
	},
}
