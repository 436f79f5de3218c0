package engine

import (
	"bytes"
	"errors"
	"go/build"
	"go/version"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// # Listings of other platforms
//
// Where a package lies hangs on the module files; which of its files are built
// hangs on the platform. So what the go command said for the machine's own
// platform says where the packages of another one lie, but for those that only the
// other one needs: of these, the modules that go.mod requires are looked through.
// go/build picks the files. The go command, which takes more than a second for it
// where many packages are imported, is asked where anything is out of the ordinary.
// TestElsewhere compares the two.

// elsewhere finds packages from outside of the repository as a platform builds them.
type elsewhere struct {
	portable *sync.Map // see sameEverywhere
	target   target
	host     *known // of the machine's own platform, for the same module files
	std      string // folder of the standard library
	required []listedModule
}

// elsewhere returns nil where nothing is known of the standard library.
func (s *session) elsewhere(t *tree, u listUnit, to target, host *known) *elsewhere {
	for _, dep := range host.deps {
		if dep.Standard {
			std := strings.TrimSuffix(dep.Dir, filepath.FromSlash("/"+dep.ImportPath))
			return &elsewhere{portable: s.portables, target: to, host: host, std: std, required: requiredModules(t, u)}
		}
	}
	return nil
}

// find returns the package; nil where only the go command can say what it is.
func (e *elsewhere) find(importPath string) *listed {
	of := e.host.deps[importPath]
	if of == nil {
		of = e.locate(importPath)
	}
	if of == nil || of.Dir == "" || of.Error == nil && e.sameEverywhere(of) {
		return of
	}
	pkg, err := e.target.context().ImportDir(of.Dir, 0)
	if none, ok := errors.AsType[*build.NoGoError](err); ok && len(pkg.IgnoredGoFiles) > 0 {
		return &listed{
			ImportPath: importPath, Dir: of.Dir, Name: pkg.Name, Standard: of.Standard, DepOnly: true, Module: of.Module,
			Error: &listError{Err: "build constraints exclude all Go files in " + none.Dir},
		}
	}
	if err != nil || len(pkg.InvalidGoFiles)+len(pkg.CgoFiles) > 0 || pkg.Name == "main" {
		return nil
	}
	found := &listed{
		ImportPath: importPath, Dir: of.Dir, Name: pkg.Name, Standard: of.Standard, DepOnly: true, Module: of.Module,
		GoFiles: pkg.GoFiles, IgnoredGoFiles: pkg.IgnoredGoFiles, Imports: pkg.Imports,
	}
	if !of.Standard && slices.ContainsFunc(found.Imports, func(imp string) bool { return !mayImport(importPath, imp) }) {
		return nil
	}
	if of.Standard {
		e.mapVendored(found)
	}
	return found
}

// sameEverywhere reports whether the files of a package are the same on each
// platform.
func (e *elsewhere) sameEverywhere(p *listed) bool {
	if len(p.IgnoredGoFiles) > 0 || len(p.GoFiles) == 0 {
		return false
	}
	known, ok := e.portable.Load(p.Dir)
	if !ok {
		known = portable(p.GoFiles, func(name string) ([]byte, error) { return os.ReadFile(filepath.Join(p.Dir, name)) })
		e.portable.Store(p.Dir, known)
	}
	return known.(bool)
}

// portable reports whether no file bears a build constraint. It may say no where
// the words are found in another place than a constraint's.
func portable(names []string, read func(name string) ([]byte, error)) bool {
	return !slices.ContainsFunc(names, func(name string) bool {
		if os, arch := nameConstraint(name); os != "" || arch != "" {
			return true
		}
		src, err := read(name)
		return err != nil || bytes.Contains(src, []byte("//go:build")) || bytes.Contains(src, []byte("+build"))
	})
}

// mapVendored points the imports of a package of the standard library to the
// copies that it has of packages from outside of it.
func (e *elsewhere) mapVendored(p *listed) {
	for i, imp := range p.Imports {
		if first, _, _ := strings.Cut(imp, "/"); !strings.Contains(first, ".") {
			continue
		}
		if p.ImportMap == nil {
			p.ImportMap = map[string]string{}
		}
		p.ImportMap[imp] = "vendor/" + imp
		p.Imports[i] = p.ImportMap[imp]
	}
	slices.Sort(p.Imports)
}

// within reports whether an import path is the other one or lies below it.
func within(importPath, parent string) bool {
	return importPath == parent || strings.HasPrefix(importPath, parent+"/")
}

// locate says where a package lies that the machine's own platform does not need.
func (e *elsewhere) locate(importPath string) *listed {
	first, _, _ := strings.Cut(importPath, "/")
	if !strings.Contains(first, ".") {
		dir := filepath.Join(e.std, filepath.FromSlash(importPath))
		return e.at(dir, &listed{ImportPath: importPath, Dir: dir, Standard: true})
	}
	for _, m := range e.host.modules {
		if within(importPath, m.Path) {
			return nil // a module of the repository
		}
	}
	var found *listed
	for _, m := range e.modules() {
		if !within(importPath, m.Path) {
			continue
		}
		dir := filepath.Join(m.Dir, filepath.FromSlash(strings.TrimPrefix(importPath, m.Path)))
		in := e.at(dir, &listed{ImportPath: importPath, Dir: dir, Module: &m})
		if in != nil && found != nil {
			return nil // which of the two, the go command knows
		}
		if in != nil {
			found = in
		}
	}
	return found
}

// at returns the package if there are Go files in the folder.
func (e *elsewhere) at(dir string, p *listed) *listed {
	entries, err := os.ReadDir(dir)
	if err != nil || !slices.ContainsFunc(entries, func(f os.DirEntry) bool { return strings.HasSuffix(f.Name(), ".go") }) {
		return nil
	}
	return p
}

// modules are those that packages may lie in: the ones that the machine's own
// platform uses, and what go.mod requires beside them.
func (e *elsewhere) modules() []listedModule {
	byPath := map[string]listedModule{}
	for _, m := range e.required {
		byPath[m.Path] = m
	}
	for _, dep := range e.host.deps {
		if dep.Module != nil {
			byPath[dep.Module.Path] = *dep.Module
		}
	}
	var out []listedModule
	for _, m := range byPath {
		out = append(out, m)
	}
	return out
}

// requiredModules lists what go.mod requires and the module cache has. From Go 1.17
// on, that is each module of which a package is needed on any platform, in the
// version that is chosen (https://go.dev/ref/mod#graph-pruning). A workspace
// chooses among several go.mod files, and a replaced module lies where another
// does: of those, only what the go command said is known.
func requiredModules(t *tree, u listUnit) (out []listedModule) {
	if len(u.modules) != 1 {
		return nil
	}
	data, err := t.read(path.Join(u.dir, "go.mod"))
	if err != nil {
		return nil
	}
	f, err := modfile.Parse("go.mod", data, nil)
	if err != nil || f.Go == nil || version.Compare("go"+f.Go.Version, "go1.17") < 0 {
		return nil
	}
	sums, err := t.read(path.Join(u.dir, "go.sum"))
	if err != nil {
		return nil
	}
	sums = append([]byte("\n"), sums...)
	for _, r := range f.Require {
		replaced := slices.ContainsFunc(f.Replace, func(by *modfile.Replace) bool { return by.Old.Path == r.Mod.Path })
		sum := "\n" + r.Mod.Path + " " + r.Mod.Version + " h1:"
		if replaced || !bytes.Contains(sums, []byte(sum)) {
			continue
		}
		if m, err := inCache(os.Getenv("GOMODCACHE"), r.Mod); err == nil {
			out = append(out, m)
		}
	}
	return out
}

// inCache describes a module as go list does, from the module cache.
func inCache(cache string, of module.Version) (listedModule, error) {
	p, errPath := module.EscapePath(of.Path)
	v, errVersion := module.EscapeVersion(of.Version)
	if err := errors.Join(errPath, errVersion); err != nil {
		return listedModule{}, err
	}
	m := listedModule{Path: of.Path, Version: of.Version, Dir: filepath.Join(cache, filepath.FromSlash(p)+"@"+v)}
	data, err := readSome(filepath.Join(cache, "cache", "download", filepath.FromSlash(p), "@v", v+".mod"))
	if err != nil {
		return listedModule{}, err
	}
	f, err := modfile.ParseLax("go.mod", data, nil)
	if err != nil {
		return listedModule{}, err
	}
	if f.Go != nil {
		m.GoVersion = f.Go.Version
	}
	return m, nil
}
