// Package impact says how much a change can affect others: in which domains,
// by which triggers, with what evidence, and how it ranks among the
// repository's other changes.
//
// It is pure: no I/O, no clock. Impact is not debt: a clean change may have
// much of it, and nothing here is in minutes. internal/engine makes the marks
// of both trees, internal/git the history; this package compares.
//
// The invariant: every trigger that fires says by what, so that a person can
// check it in the diff.
package impact

// A Mark is one fact of a tree that others may rely on, or that those who
// guard a domain want to hear of: a route, a flag of the command line, an
// import, the tag of a field. Marks are of production code only: no tests, no
// generated, vendored or testdata files.
//
// A change is seen in the difference of two sides' marks. Kind and Key say
// which fact it is, across moves between files and packages; Value what may
// differ while it is still the same fact.
type Mark struct {
	Kind    Kind
	Key     string
	Value   string
	Package string // import path
	Symbol  string // enclosing declaration, as debt.Measure.Symbol; empty outside of any
	File    string // relative to the repository, forward slashes
	Line    int    // from 1
}

// Kind is what a mark is a fact about. internal/analyzers makes marks of the
// same names; a test there holds the two together.
type Kind string

// The kinds of mark, with what their key and value are.
const (
	Import        Kind = "import"         // path; ""
	Export        Kind = "export"         // "Func", "Type", "Type.Method", "Var"; "func", "method", "type", "interface", "generic", "var", "const"
	Goroutine     Kind = "goroutine"      // enclosing declaration; ""
	Lock          Kind = "lock"           // "Type.field" or variable; its type, "sync.Mutex"
	Route         Kind = "route"          // "GET /users/{id}", or "/users" where no method is said; ""
	CommandFlag   Kind = "command-flag"   // name of the flag; "type default"
	Command       Kind = "command"        // name of the command; ""
	Message       Kind = "message"        // "404 not found", the text of an answer; ""
	Default       Kind = "default"        // "Type.Field", "DefaultX"; the value's source
	FlagCall      Kind = "flag-call"      // "sdk key", e.g. "openfeature checkout-v2"; the default or variant's source
	InsecureTLS   Kind = "insecure-tls"   // enclosing declaration; ""
	NoSec         Kind = "nosec"          // the comment; ""
	SQL           Kind = "sql"            // destructive statement, white space folded; its verb, "DROP TABLE"
	Field         Kind = "field"          // "Type.Field" of a serialised struct; "type `tags`"
	RetentionTerm Kind = "retention-term" // name of the constant or variable; the value's source
)

// Package is a package of the repository, without its tests.
type Package struct {
	Path    string
	Dir     string   // relative to the repository, "." for its root
	Name    string   // "main" is a command
	Module  string   // path of the module
	Imports []string // of the repository's own packages, sorted; no test-only ones
}

// Side is one tree. Marks are complete for the packages that the change
// touches, and missing for all others, which are equal on both sides.
type Side struct {
	Marks    []Mark
	Packages []Package
}

// Break is an incompatible change of an exported symbol.
type Break struct {
	Package string
	Symbol  string
	Message string
	File    string
	Line    int
	// Importers counts the packages of the repository that import the package
	// and name the symbol, or that import it at all where the package as a whole
	// is gone. Tests are left out.
	Importers int
	// Stable says that the module promises its API: others may rely on it.
	Stable bool
}

// File is one changed file of any kind.
type File struct {
	Old, New string // path at the base and at the head; empty for an added or deleted file
	// Added and Deleted are numbers of lines; 0 for a binary file.
	Added, Deleted int
	// OldText and NewText are there for files that Reads names.
	OldText, NewText string
	// Unread says why a file that Reads names has no text: too large, binary.
	Unread string
	// Uncounted says that the file is generated, vendored, testdata or a test,
	// so that its lines are not a person's work on production code.
	Uncounted bool
}
