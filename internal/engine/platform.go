package engine

import (
	"go/build/constraint"
	"go/parser"
	"go/token"
	"path"
	"runtime"
	"slices"
	"strings"
)

// platforms are what a build constraint is tried with, the likeliest first.
// They are the first-class ports and the ones that Go files are most often
// kept apart for (`go tool dist list`).
var platforms = []platform{
	{os: "linux", arch: "amd64"}, {os: "windows", arch: "amd64"}, {os: "darwin", arch: "arm64"},
	{os: "linux", arch: "arm64"}, {os: "linux", arch: "386"}, {os: "linux", arch: "arm"},
	{os: "freebsd", arch: "amd64"}, {os: "openbsd", arch: "amd64"}, {os: "netbsd", arch: "amd64"},
	{os: "solaris", arch: "amd64"}, {os: "aix", arch: "ppc64"}, {os: "dragonfly", arch: "amd64"},
	{os: "js", arch: "wasm"}, {os: "wasip1", arch: "wasm"}, {os: "plan9", arch: "amd64"},
	{os: "illumos", arch: "amd64"}, {os: "android", arch: "arm64"}, {os: "ios", arch: "arm64"},
	{os: "darwin", arch: "amd64"}, {os: "windows", arch: "386"}, {os: "windows", arch: "arm64"},
	{os: "linux", arch: "ppc64le"}, {os: "linux", arch: "ppc64"}, {os: "linux", arch: "s390x"},
	{os: "linux", arch: "riscv64"}, {os: "linux", arch: "loong64"}, {os: "linux", arch: "mips"},
	{os: "linux", arch: "mipsle"}, {os: "linux", arch: "mips64"}, {os: "linux", arch: "mips64le"},
	{os: "freebsd", arch: "arm64"}, {os: "freebsd", arch: "386"}, {os: "freebsd", arch: "arm"},
}

// maxTags bounds the search: 2^maxTags settings are tried for each platform.
const maxTags = 6

// satisfy finds a platform on which the file is built: the machine's own with
// other tags where that is enough, and without cgo where it does without. ok is
// false where there is none, as for a constraint that contradicts itself.
func satisfy(name string, src []byte) (p platform, ok bool) {
	expr, cgo := header(src)
	if p, ok := satisfyWith(name, expr, cgo); ok || cgo {
		return p, ok
	}
	// Some files are only of the package where cgo is on, without using it.
	return satisfyWith(name, expr, true)
}

func satisfyWith(name string, expr constraint.Expr, cgo bool) (p platform, ok bool) {
	fixedOS, fixedArch := nameConstraint(path.Base(name))
	tags := customTags(expr)
	if len(tags) > maxTags {
		tags = tags[:maxTags]
	}
	own := platform{os: runtime.GOOS, arch: runtime.GOARCH}
	for _, p := range slices.Concat([]platform{own}, platforms) {
		if fixedOS != "" && !matchOS(p.os, fixedOS) || fixedArch != "" && fixedArch != p.arch {
			continue
		}
		for set := range 1 << len(tags) {
			var on []string
			for i, t := range tags {
				if set>>i&1 == 1 {
					on = append(on, t)
				}
			}
			if expr == nil || expr.Eval(func(t string) bool { return p.has(t, on, cgo) }) {
				if p.os == own.os && p.arch == own.arch {
					p.os, p.arch = "", ""
				}
				p.tags, p.cgo = on, cgo
				return p, true
			}
		}
	}
	return platform{}, false
}

// header reads a file's build constraint and whether it imports "C".
func header(src []byte) (expr constraint.Expr, cgo bool) {
	f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.ImportsOnly|parser.ParseComments)
	if f == nil || err != nil {
		return nil, false
	}
	for _, imp := range f.Imports {
		cgo = cgo || imp.Path.Value == `"C"`
	}
	for _, group := range f.Comments {
		if group.Pos() > f.Package {
			break
		}
		for _, c := range group.List {
			if constraint.IsGoBuild(c.Text) {
				if e, err := constraint.Parse(c.Text); err == nil {
					expr = e
				}
			}
		}
	}
	return expr, cgo
}

// has answers a build tag as the go command does.
func (p platform) has(tag string, on []string, cgo bool) bool {
	switch {
	case tag == p.arch || matchOS(p.os, tag):
		return true
	case tag == "gc":
		return true
	case tag == "cgo":
		return cgo
	case tag == "unix":
		return unixes[p.os]
	case strings.HasPrefix(tag, "go1."):
		return slices.Contains(releaseTags(), tag)
	}
	return slices.Contains(on, tag)
}

func matchOS(os, tag string) bool {
	return os == tag || tag == "linux" && os == "android" || tag == "darwin" && os == "ios" || tag == "solaris" && os == "illumos"
}

// customTags lists the tags of an expression that no platform answers.
func customTags(expr constraint.Expr) []string {
	seen := map[string]bool{}
	var walk func(constraint.Expr)
	walk = func(e constraint.Expr) {
		switch e := e.(type) {
		case *constraint.TagExpr:
			if !knownTag(e.Tag) {
				seen[e.Tag] = true
			}
		case *constraint.NotExpr:
			walk(e.X)
		case *constraint.AndExpr:
			walk(e.X)
			walk(e.Y)
		case *constraint.OrExpr:
			walk(e.X)
			walk(e.Y)
		}
	}
	if expr != nil {
		walk(expr)
	}
	var tags []string
	for t := range seen {
		tags = append(tags, t)
	}
	slices.Sort(tags)
	return tags
}

// nameConstraint reads the constraint in a file's name: name_GOOS_GOARCH.go,
// name_GOOS.go, name_GOARCH.go, each with or without _test.
func nameConstraint(base string) (os, arch string) {
	name, _, _ := strings.Cut(base, ".") // also of name_windows.pb.go
	parts := strings.Split(strings.TrimSuffix(name, "_test"), "_")
	if len(parts) < 2 {
		return "", ""
	}
	last, before := parts[len(parts)-1], ""
	if len(parts) > 2 {
		before = parts[len(parts)-2]
	}
	switch {
	case knownArch[last] && knownOS[before]:
		return before, last
	case knownArch[last]:
		return "", last
	case knownOS[last]:
		return last, ""
	}
	return "", ""
}

func knownTag(t string) bool {
	return knownOS[t] || knownArch[t] || t == "unix" || t == "gc" || t == "gccgo" || t == "cgo" || strings.HasPrefix(t, "go1.")
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// From internal/syslist of the Go distribution.
var (
	knownOS   = set("aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris wasip1 windows zos")
	unixes    = set("aix android darwin dragonfly freebsd hurd illumos ios linux netbsd openbsd solaris")
	knownArch = set("386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm")
)
