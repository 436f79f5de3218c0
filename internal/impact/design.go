package impact

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// shared is the number of packages of the repository that import a package
// from which on others than its authors decide with it.
const shared = 3

// apiBreaks are incompatible changes that others have to follow: packages of
// this repository, or of any where the module promises its API. A symbol that
// two use is mended where it is broken, whoever else imports the package.
func apiBreaks(c *comparison) []Evidence {
	var out []Evidence
	for _, b := range c.Breaks {
		promised := b.Stable && !c.base.ofProgram(b.Package)
		if !promised && (b.Importers < shared || implemented(b)) || aside(b.File) || testOnly(b.Package) {
			continue
		}
		what := code(c.packageName(b.Package))
		if b.Symbol != "" {
			what = code(c.packageName(b.Package) + "." + b.Symbol)
		}
		whom := plural(b.Importers, "package here uses it", "packages here use it")
		if promised {
			whom += "; the module promises its API"
		}
		out = append(out, Evidence{Text: fmt.Sprintf("%s changed incompatibly (%s); %s", what, clip(b.how()), whom), File: b.File, Line: b.Line})
	}
	return out
}

// implemented reports whether an interface got a method: that breaks those who
// implement it, and in a repository that builds they are mended. The many who
// only call it notice nothing.
func implemented(b Break) bool { return strings.HasSuffix(b.Message, ": added") }

// how is what happened, without the symbol where the message begins with it:
// "(*T).M: removed" is of T.M.
func (b Break) how() string {
	subject, how, ok := strings.Cut(b.Message, ": ")
	if ok && strings.NewReplacer("(*", "", ")", "").Replace(subject) == b.Symbol {
		return how
	}
	return b.Message
}

// growth is the number of new exported symbols from which on a change is one
// of the API's shape.
const growth = 15

// exportedGrowth counts what others can use from now on, by package. Methods
// come with their types: one idea, however many methods it takes.
func exportedGrowth(c *comparison) []Evidence {
	count := map[string]int{}
	first := map[string]Mark{}
	total := 0
	for _, m := range c.marks.added {
		if m.Kind != Export || m.Value == "method" || aside(m.File) || testOnly(m.Package) {
			continue
		}
		if count[m.Package] == 0 {
			first[m.Package] = m
		}
		count[m.Package]++
		total++
	}
	if total < growth {
		return nil
	}
	var out []Evidence
	for _, pkg := range slices.Sorted(maps.Keys(count)) {
		out = append(out, c.at(first[pkg], "%s in %s", plural(count[pkg], "new exported symbol", "new exported symbols"), code(c.dir(pkg))))
	}
	return out
}

// testOnly reports whether a package is there for tests by its name, such as
// httptest. A few other words end like it.
func testOnly(pkg string) bool {
	name := path.Base(pkg)
	return aside(pkg+"/x") || strings.HasSuffix(name, "test") && !slices.Contains([]string{"latest", "attest", "contest"}, name)
}

// A goroutine or lock is everybody's business where the package is in a fifth
// of a repository, unless that has so few packages that any would be.
const (
	wideBlast    = .20
	manyPackages = 10
)

func concurrency(c *comparison) []Evidence {
	var out []Evidence
	for _, m := range c.marks.added {
		if m.Kind != Goroutine && m.Kind != Lock || aside(m.File) || len(c.head.packages) < manyPackages {
			continue
		}
		n := len(c.head.dependants(m.Package))
		if float64(n) < wideBlast*float64(len(c.head.packages)) {
			continue
		}
		what := "new goroutine in " + code(c.name(m))
		if m.Kind == Lock {
			what = "new lock " + code(c.name(m))
		}
		out = append(out, c.at(m, "%s; %s of %s depend on the package", what, thousands(n), plural(len(c.head.packages), "package", "packages")))
	}
	return out
}

// sharedAbstractions are what others will have to implement or instantiate.
func sharedAbstractions(c *comparison) []Evidence {
	var out []Evidence
	note := func(m Mark) {
		n := len(c.head.importers[m.Package])
		if m.Kind == Export && (m.Value == "interface" || m.Value == "generic") && n >= shared && !aside(m.File) && !testOnly(m.Package) {
			out = append(out, c.at(m, "new %s %s in a package that %d others import", m.Value, code(c.name(m)), n))
		}
	}
	for _, m := range c.marks.added {
		note(m)
	}
	for _, ch := range c.marks.changed {
		if ch.old.Value == "type" { // a struct that became one
			note(ch.new)
		}
	}
	return out
}

func debtBudget(c *comparison) []Evidence {
	var out []Evidence
	for _, why := range c.DebtOver {
		out = append(out, Evidence{Text: why})
	}
	return out
}
