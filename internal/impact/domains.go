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
type Trigger struct {
	Name   string
	Domain Domain
	Title  string
}

// Triggers are all there are, by domain. The table is never written.
var Triggers = []Trigger{
	{"api-break", Design, "incompatible change of an API that others use"},
	{"exported-growth", Design, "15 or more new exported symbols"},
	{"concurrency", Design, "new goroutine or lock in a package that much depends on"},
	{"shared-abstraction", Design, "new exported interface or generic type in a shared package"},
	{"debt-budget", Design, "net debt over the budget, or rising in a ratcheted component"},

	{"component-edge", Architecture, "new dependency between components"},
	{"component-violation", Architecture, "dependency between components that the policy forbids"},
	{"component-cycle", Architecture, "components that depend on each other in a circle"},
	{"new-command", Architecture, "new main package"},
	{"new-dependency", Architecture, "new direct dependency"},
	{"module-pin", Architecture, "replaced, forked or unreleased module"},
	{"package-moved", Architecture, "package moved from one component to another"},
	{"policy-change", Architecture, "change of this policy"},

	{"http-route", CustomerExperience, "HTTP route added, changed or removed"},
	{"command-line", CustomerExperience, "flag or command added, changed or removed"},
	{"template", CustomerExperience, "template changed"},
	{"translation", CustomerExperience, "translation changed"},
	{"openapi", CustomerExperience, "OpenAPI description changed"},
	{"user-message", CustomerExperience, "status or message that users see changed"},
	{"config-default", CustomerExperience, "default of an exported configuration changed"},

	{"flag-call", Experiment, "call of a flag SDK added or removed"},
	{"flag-change", Experiment, "key, variant, allocation or exposure changed"},

	{"sensitive-import", Security, "new import of crypto, os/exec, unsafe, plugin or cgo"},
	{"sensitive-path", Security, "authentication, session or TLS code changed"},
	{"tls-verify", Security, "verification of TLS certificates switched off"},
	{"nosec", Security, "new #nosec"},
	{"workflow", Security, "workflow or Dockerfile changed"},

	{"migration", Data, "database migration"},
	{"proto", Data, ".proto file changed"},
	{"wire-format", Data, "tag or type of a serialised struct changed"},
	{"destructive-sql", Data, "SQL that deletes or drops"},
	{"retention", Data, "retention constant changed"},
	{"personal-data", Data, "field named for personal data"},
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
