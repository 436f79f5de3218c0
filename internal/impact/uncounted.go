package impact

import (
	"path"
	"slices"
	"strings"
)

// Uncounted reports whether the lines of a file are no work on production code:
// tests, what is generated, vendored or testdata, lists that a tool keeps, and
// texts about the program. It goes by the path alone, since the history of a
// repository is measured without the content of its files.
func Uncounted(file string) bool {
	name := strings.ToLower(path.Base(file))
	if strings.HasSuffix(name, "_test.go") || slices.Contains(keptByTools, name) {
		return true
	}
	if slices.Contains(asides, path.Ext(name)) || slices.ContainsFunc(generatedEnds, func(end string) bool { return strings.HasSuffix(name, end) }) {
		return true
	}
	if slices.ContainsFunc(generatedBegins, func(begin string) bool { return strings.HasPrefix(name, begin) }) {
		return true
	}
	return aside(file)
}

var (
	// Kept by the tools whose names they bear.
	keptByTools = []string{
		"go.sum", "go.work.sum", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "cargo.lock",
		"poetry.lock", "gemfile.lock", "flake.lock", "modules.txt",
	}
	// Texts and pictures.
	asides = []string{".md", ".txt", ".rst", ".adoc", ".svg", ".png", ".jpg", ".gif", ".ico", ".pdf", ".lock"}
	// Names by which generators of Go code go: protoc and its plugins,
	// controller-gen, mockgen, mockery, stringer, wire, sqlc, moq.
	generatedEnds   = []string{".pb.go", ".pb.gw.go", ".pb.validate.go", ".gen.go", "_gen.go", "_generated.go", ".generated.go", "_string.go", "_mock.go", "_moq.go", ".sql.go", ".min.js", ".min.css", ".map"}
	generatedBegins = []string{"zz_generated", "mock_", "wire_gen"}
)
