package impact

import "slices"

// A Domain is a field of high-impact decisions with a pool of bar raisers.
type Domain string

const (
	Design             Domain = "design"
	Architecture       Domain = "architecture"
	CustomerExperience Domain = "customer-experience"
	Experiment         Domain = "experiment"
	Security           Domain = "security"
	Data               Domain = "data"
)

// A Trigger is a reason for which a change is sent to a bar raiser. Its name is
// stable: policies switch triggers off by it.
//
// A new one is a row in Triggers, testdata/NAME.txtar with a case that fires
// and a near miss, a row in docs/config.md, and go test -update in
// internal/review for the schema.
type Trigger struct {
	Name   string
	Domain Domain
	Title  string

	// fire returns what made the trigger fire; nothing where it did not.
	fire func(*comparison) []Evidence
}

// RiskScore is the trigger that is no fact of the change and only a rank: a bot's
// pull request is not sent for it.
const RiskScore = "risk-score"

// Triggers are all there are, by domain. The table is never written.
var Triggers = []Trigger{
	{"api-break", Design, "incompatible change of an API that others use", apiBreaks},
	{"exported-growth", Design, "15 or more new exported symbols", exportedGrowth},
	{"concurrency", Design, "new goroutine or lock in a package that much depends on", concurrency},
	{"shared-abstraction", Design, "new exported interface or generic type in a shared package", sharedAbstractions},
	{"debt-budget", Design, "net debt over the budget, or rising in a ratcheted component", debtBudget},
	{RiskScore, Design, "risk score among the highest tenth of the year's changes, with 50 or more added lines", riskScore},

	{"component-edge", Architecture, "new dependency between components", componentEdges},
	{"component-violation", Architecture, "dependency between components that the policy forbids", componentViolations},
	{"component-cycle", Architecture, "components that depend on each other in a circle", componentCycles},
	{"new-command", Architecture, "new main package", newCommands},
	{"new-dependency", Architecture, "new direct dependency", newDependencies},
	{"module-pin", Architecture, "replaced, forked or unreleased module", modulePins},
	{"package-moved", Architecture, "package moved from one component to another", movedPackages},
	{"policy-change", Architecture, "change of this policy", policyChanges},

	{"http-route", CustomerExperience, "HTTP route added, changed or removed", routes},
	{"command-line", CustomerExperience, "flag or command added, changed or removed", commandLine},
	{"template", CustomerExperience, "template changed", templateFile.fire},
	{"translation", CustomerExperience, "translation changed", translationFile.fire},
	{"openapi", CustomerExperience, "OpenAPI description changed", openAPIFile.fire},
	{"user-message", CustomerExperience, "status or message that users see changed", messages},
	{"config-default", CustomerExperience, "default of an exported configuration changed", defaults},

	{"flag-call", Experiment, "call of a flag SDK added or removed", flagCalls},
	{"flag-change", Experiment, "key, variant, allocation or exposure changed", flagChanges},

	{"sensitive-import", Security, "new import of crypto, os/exec, unsafe, plugin or cgo", sensitiveImports},
	{"sensitive-path", Security, "authentication, session or TLS code changed", sensitivePaths},
	{"tls-verify", Security, "verification of TLS certificates switched off", tlsVerify},
	{"nosec", Security, "new #nosec", nosec},
	{"workflow", Security, "workflow with more rights, or image made otherwise", workflows},

	{"migration", Data, "database migration", migrationFile.fire},
	{"proto", Data, ".proto file changed", protoFile.fire},
	{"wire-format", Data, "field of a serialised struct changed or removed", wireFormat},
	{"destructive-sql", Data, "SQL that deletes or drops", destructiveSQL},
	{"retention", Data, "retention constant changed", retention},
	{"personal-data", Data, "new field named for personal data", personalData},
}

// Domains are all there are, in the order of the table.
func Domains() []Domain {
	var all []Domain
	for _, t := range Triggers {
		if !slices.Contains(all, t.Domain) {
			all = append(all, t.Domain)
		}
	}
	return all
}
