package impact

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// isModuleFile: the modules of tools and tests decide nothing about the product.
func isModuleFile(file string) bool {
	name := path.Base(file)
	return (name == "go.mod" || name == "go.work") && !workshop(file)
}

// A manifest is what a go.mod or go.work asks for.
type manifest struct {
	requires []require // direct and indirect ones
	replaces []replacement
}

type require struct {
	module.Version
	indirect bool
	line     int
}

type replacement struct {
	old, new module.Version // a new one without a version is a folder
	line     int
}

// readManifest reads a go.mod or go.work, by its name. No text is no manifest.
func readManifest(file, text string) (manifest, error) {
	var m manifest
	if text == "" {
		return m, nil
	}
	var replaces []*modfile.Replace
	if path.Base(file) == "go.work" {
		w, err := modfile.ParseWork(file, []byte(text), nil)
		if err != nil {
			return manifest{}, err
		}
		replaces = w.Replace
	} else {
		f, err := modfile.Parse(file, []byte(text), nil)
		if err != nil {
			return manifest{}, err
		}
		for _, r := range f.Require {
			m.requires = append(m.requires, require{r.Mod, r.Indirect, r.Syntax.Start.Line})
		}
		replaces = f.Replace
	}
	for _, r := range replaces {
		m.replaces = append(m.replaces, replacement{r.Old, r.New, r.Syntax.Start.Line})
	}
	return m, nil
}

// A manifestPair is one changed go.mod or go.work.
type manifestPair struct {
	file     File
	old, new manifest
	err      error
}

func (c *comparison) readManifests() {
	for _, f := range c.of(isModuleFile) {
		p := manifestPair{file: f}
		if f.unread() == "" && f.OldText != f.NewText {
			var err error
			p.old, p.err = readManifest(f.Old, f.OldText)
			if p.new, err = readManifest(f.New, f.NewText); p.err == nil {
				p.err = err
			}
		}
		c.manifests = append(c.manifests, p)
	}
}

// cannotRead is the evidence of a pair that cannot be compared. The go command
// does not take such a file either; still nobody may say that it is harmless.
func (p manifestPair) cannotRead() (Evidence, bool) {
	f := p.file
	if p.err != nil {
		f.Unread = "it does not parse"
	}
	return notRead(f), f.unread() != ""
}

// newDependencies are modules that production code of the change imports and
// that the base did not require. Another major version of a module is an
// upgrade, a module that was there for others is trusted already, and one of
// the repository itself is no dependency.
func newDependencies(c *comparison) []Evidence {
	known := map[string]bool{}
	for _, p := range c.manifests {
		for _, r := range p.old.requires {
			known[withoutMajor(r.Path)] = true
		}
	}
	var out []Evidence
	for _, p := range c.manifests {
		if e, unknown := p.cannotRead(); unknown {
			out = append(out, e)
			continue
		}
		for _, r := range p.new.requires {
			if r.indirect || known[withoutMajor(r.Path)] || c.ownModule(r.Path) {
				continue
			}
			importer, ok := c.importerOf(r.Path)
			if !ok {
				continue // of tests and tools, or of nothing yet
			}
			known[withoutMajor(r.Path)] = true
			out = append(out, Evidence{
				Text: "new direct dependency " + code(r.Path) + " " + r.Version.Version + ", imported by " + code(c.dir(importer)),
				File: p.file.New, Line: r.line, Key: r.Path,
			})
		}
	}
	return out
}

// withoutMajor is the path of a module without what says its major version.
func withoutMajor(modpath string) string {
	if prefix, _, ok := module.SplitPathVersion(modpath); ok {
		return prefix
	}
	return modpath
}

// ownModule reports whether a module has packages of the repository.
func (c *comparison) ownModule(modpath string) bool {
	return slices.ContainsFunc(c.Head.Packages, func(p Package) bool { return within(p.Path, modpath) })
}

// importerOf returns the first package at the head with production code that
// imports a module.
func (c *comparison) importerOf(modpath string) (pkg string, ok bool) {
	for _, m := range c.Head.Marks {
		if m.Kind == Import && within(m.Key, modpath) && !aside(m.File) && (!ok || m.Package < pkg) {
			pkg, ok = m.Package, true
		}
	}
	return pkg, ok
}

// within reports whether a package path lies in a module path.
func within(pkg, modpath string) bool {
	return pkg == modpath || strings.HasPrefix(pkg, modpath+"/")
}

// modulePins are new replaces, and direct dependencies that left their releases
// for a commit.
func modulePins(c *comparison) []Evidence {
	var out []Evidence
	for _, p := range c.manifests {
		if e, unknown := p.cannotRead(); unknown {
			out = append(out, e)
			continue
		}
		for _, r := range p.new.replaces {
			if p.replaced(r) || p.inRepository(r) {
				continue
			}
			with := cmp.Or(strings.TrimSpace(r.new.Path+" "+r.new.Version), "nothing")
			out = append(out, Evidence{Text: code(r.old.Path) + " is replaced by " + code(with), File: p.file.New, Line: r.line})
		}
		for _, r := range p.new.requires {
			if before, left := p.leftReleases(r); left && !c.ownModule(r.Path) {
				out = append(out, Evidence{
					Text: code(r.Path) + " is pinned to the commit of " + code(r.Version.Version) + " instead of release " + before,
					File: p.file.New, Line: r.line,
				})
			}
		}
	}
	return out
}

// replaced reports whether the base had the replacement, with any version.
func (p manifestPair) replaced(r replacement) bool {
	return slices.ContainsFunc(p.old.replaces, func(o replacement) bool {
		return o.old.Path == r.old.Path && o.new.Path == r.new.Path && (o.new.Version == "") == (r.new.Version == "")
	})
}

// inRepository reports whether a replacement is a folder of the repository, as
// those with several modules have it for each other.
func (p manifestPair) inRepository(r replacement) bool {
	if r.new.Version != "" || path.IsAbs(r.new.Path) {
		return false
	}
	dir := path.Join(path.Dir(p.file.New), r.new.Path)
	return dir != ".." && !strings.HasPrefix(dir, "../")
}

// leftReleases reports whether a direct dependency is at a commit now, and was
// at a release or, by its version, comes after one. Where a module has no
// releases there is nothing else to require.
func (p manifestPair) leftReleases(r require) (release string, left bool) {
	if r.indirect || !module.IsPseudoVersion(r.Version.Version) {
		return "", false
	}
	for _, o := range p.old.requires {
		if o.Path == r.Path {
			return o.Version.Version, !module.IsPseudoVersion(o.Version.Version)
		}
	}
	base, err := module.PseudoVersionBase(r.Version.Version)
	return base, err == nil && base != ""
}
