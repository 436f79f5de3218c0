package engine

import (
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// # Listing without the go command
//
// `go list` reads three things: the module files, which say where each package
// outside of the repository lies; those packages, which do not change while the
// module files do not; and the names, imports and build constraints of the
// repository's own files. The first two are kept from an earlier run (known.go),
// the third is read from the trees, which are in memory anyway (folder.go), and
// the test variants follow from all of it.
//
// What is put together here must be what `go list` would say, and TestAssemble
// compares the two. So nothing is guessed: where anything is out of the
// ordinary (an import that nobody knows, a cycle, a broken file) there is a
// reason and no listing, and the go command is asked.

// assembly is a listing being made.
type assembly struct {
	s      *session
	t      *tree
	target target
	known  *known
	l      *listing
	own    map[string]*ownPackage // by import path
	state  map[string]visit
	why    string // why there can be no listing
}

// ownPackage is a package of the repository.
type ownPackage struct {
	*folder
	path   string
	dir    string // relative to the tree
	module *listedModule
	asked  bool // a pattern names it: its tests count
}

type visit int

const (
	entered visit = iota + 1
	left
)

// assemble makes the listing of the unit's packages that the group names, or of all
// without a group. It returns why it cannot.
func (s *session) assemble(t *tree, u listUnit, to target, g *group, k *known) (*listing, string) {
	a := &assembly{
		s: s, t: t, known: k, target: to, own: map[string]*ownPackage{}, state: map[string]visit{},
		l: &listing{root: t.root, platform: to.platform, pkgs: map[string]*listed{}, nodes: map[string]*node{}},
	}
	switch {
	case g == nil:
		a.addFolders(u.folders(t))
	case g.alone != "":
		a.addAlone(g.alone)
	default:
		a.addFolders(g.folders(t, u))
	}
	if a.why != "" {
		return nil, a.why
	}
	return a.l, ""
}

// addFolders adds the packages in the folders, with their tests.
func (a *assembly) addFolders(folders []string) {
	var asked []*ownPackage
	for _, dir := range folders {
		if f := a.t.scan(dir, a.target); f.empty && f.odd == "" {
			continue
		}
		pkg := a.ownPackage(dir)
		if pkg == nil {
			return
		}
		pkg.asked = true
		asked = append(asked, pkg)
	}
	for _, pkg := range asked {
		a.addPlain(pkg)
	}
	if !a.s.job.ImpactOnly {
		for _, pkg := range asked {
			a.addTests(pkg)
		}
	}
}

// addAlone adds a package of one file, whatever its build constraint says.
func (a *assembly) addAlone(rel string) {
	src, err := a.t.read(rel)
	if err != nil {
		a.refuse("%s could not be read", rel)
		return
	}
	f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.ImportsOnly)
	if err != nil || strings.HasSuffix(rel, "_test.go") {
		a.refuse("%s does not parse, or is a test", rel)
		return
	}
	var imports []string
	for _, spec := range f.Imports {
		imp, err := strconv.Unquote(spec.Path.Value)
		if err != nil || imp == "C" {
			a.refuse("%s imports %s", rel, spec.Path.Value)
			return
		}
		imports = append(imports, imp)
	}
	slices.Sort(imports)
	imports = slices.Compact(imports)
	a.addImports(imports, a.s.packageOf(a.t, rel, f.Name.Name))
	name := filepath.FromSlash(rel)
	a.l.pkgs[fileArguments] = &listed{
		ImportPath: fileArguments, Dir: filepath.Dir(filepath.Join(a.t.root, name)), Name: f.Name.Name,
		GoFiles: []string{filepath.Base(name)}, Imports: imports,
	}
}

// folders lists the folders of the unit in which a pattern with "..." finds
// packages.
func (u listUnit) folders(t *tree) []string {
	var out []string
	t.goFiles("") // made
	for _, dir := range slices.Sorted(maps.Keys(t.byFolder)) {
		module, ok := t.moduleOf(dir)
		if !ok || !slices.Contains(u.modules, module) || !t.has(module) {
			continue
		}
		below := strings.TrimPrefix(strings.TrimPrefix(dir, module), "/")
		if dir == module {
			below = ""
		}
		hidden := slices.ContainsFunc(strings.Split(below, "/"), func(part string) bool {
			return strings.HasPrefix(part, ".") || strings.HasPrefix(part, "_") || part == "testdata"
		})
		if !hidden {
			out = append(out, dir)
		}
	}
	return out
}

func (a *assembly) refuse(format string, args ...any) {
	if a.why == "" {
		a.why = fmt.Sprintf(format, args...)
	}
}

// ownPackage makes the package in a folder of the tree; nil, with a reason,
// where it is out of the ordinary.
func (a *assembly) ownPackage(dir string) *ownPackage {
	moduleDir, _ := a.t.moduleOf(dir)
	module, ok := a.known.modules[moduleDir]
	if !ok {
		a.refuse("the module in %s is new", moduleDir)
		return nil
	}
	if slices.Contains(strings.Split(dir, "/"), "vendor") {
		a.refuse("%s is a vendor folder", dir)
		return nil
	}
	importPath := path.Join(module.Path, strings.TrimPrefix(dir, moduleDir))
	if moduleDir == "." {
		importPath = path.Join(module.Path, dir)
	}
	if pkg := a.own[importPath]; pkg != nil {
		return pkg
	}
	f := a.t.scan(dir, a.target)
	if f.odd != "" {
		a.refuse("%s: %s", dir, f.odd)
		return nil
	}
	at := module
	at.Dir = filepath.Join(a.t.root, filepath.FromSlash(moduleDir))
	pkg := &ownPackage{folder: f, path: importPath, dir: dir, module: &at}
	a.own[importPath] = pkg
	return pkg
}

// find returns the package of the repository with the import path, nil for one
// of elsewhere. ok is false, with a reason, where nobody knows it.
func (a *assembly) find(importPath, importer string) (own *ownPackage, ok bool) {
	if !mayImport(importer, importPath) {
		a.refuse("%s may not import %s", importer, importPath)
		return nil, false
	}
	best, dir := "", ""
	for moduleDir, m := range a.known.modules {
		if (importPath == m.Path || strings.HasPrefix(importPath, m.Path+"/")) && len(m.Path) > len(best) {
			candidate := path.Join(moduleDir, strings.TrimPrefix(importPath, m.Path))
			if owner, in := a.t.moduleOf(candidate); in && owner == moduleDir && len(a.t.goFiles(candidate)) > 0 {
				best, dir = m.Path, candidate
			}
		}
	}
	outside := a.known.deps[importPath] != nil || best == "" && a.known.dep(importPath) != nil
	switch {
	case best == "" && outside:
		return nil, true
	case best == "":
		a.refuse("%s, which %s imports, is new", importPath, importer)
		return nil, false
	case outside:
		a.refuse("%s lies in two modules", importPath)
		return nil, false
	}
	own = a.ownPackage(dir)
	if own == nil {
		return nil, false
	}
	if len(own.files) == 0 || own.name == "main" && importer != own.path {
		a.refuse("%s cannot import %s", importer, importPath)
		return nil, false
	}
	return own, true
}

// mayImport reports whether an import is not internal to others.
func mayImport(importer, importPath string) bool {
	i := internalAt(importPath)
	return i < 0 || within(importer, strings.TrimSuffix(importPath[:i], "/"))
}

// internalAt returns where the last element "internal" of a path begins, or -1.
func internalAt(importPath string) int {
	switch {
	case importPath == "internal" || strings.HasPrefix(importPath, "internal/") && !strings.Contains(importPath, "/internal"):
		return 0
	case strings.HasSuffix(importPath, "/internal"):
		return len(importPath) - len("internal")
	}
	if i := strings.LastIndex(importPath, "/internal/"); i >= 0 {
		return i + 1
	}
	return -1
}

// addPlain adds the package without its tests, and all that it imports.
func (a *assembly) addPlain(p *ownPackage) {
	switch a.state[p.path] {
	case left:
		return
	case entered:
		a.refuse("%s is in an import cycle", p.path)
		return
	}
	a.state[p.path] = entered
	a.addImports(p.imports, p.path)
	a.state[p.path] = left
	a.l.pkgs[p.path] = &listed{
		ImportPath: p.path, Dir: a.dir(p), Name: p.name, Module: p.module,
		GoFiles: p.files, IgnoredGoFiles: p.ignored, Imports: p.imports,
	}
}

func (a *assembly) dir(p *ownPackage) string {
	return filepath.Join(a.t.root, filepath.FromSlash(p.dir))
}

func (a *assembly) addImports(imports []string, importer string) {
	for _, imp := range imports {
		if imp == "unsafe" || a.why != "" {
			continue
		}
		own, ok := a.find(imp, importer)
		switch {
		case !ok:
		case own != nil:
			a.addPlain(own)
		default:
			a.addOutside(imp)
		}
	}
}

// addOutside adds a package of elsewhere and all that it imports. One that
// imports the repository in turn is left to the go command.
func (a *assembly) addOutside(importPath string) {
	if a.state[importPath] != 0 {
		return
	}
	a.state[importPath] = left
	p := a.known.dep(importPath)
	if p == nil {
		a.refuse("%s, of elsewhere, is not known", importPath)
		return
	}
	a.l.pkgs[importPath] = p
	for _, imp := range p.Imports {
		if imp != "unsafe" && imp != "C" {
			a.addOutside(imp)
		}
	}
}

// addTests adds the variants that the package's tests make: the package with
// its inner tests, the outer tests, and a copy of each package that they import
// and that imports the package in turn.
func (a *assembly) addTests(p *ownPackage) {
	if len(p.tests)+len(p.outerTests) == 0 || a.why != "" {
		return
	}
	a.addImports(p.testImports, p.path)
	a.addImports(slices.DeleteFunc(slices.Clone(p.outerTestImport), func(imp string) bool { return imp == p.path }), p.path)
	if a.why != "" {
		return
	}
	variant := " [" + p.path + ".test]"
	copied := map[string]bool{} // packages that reach p
	hasCopy := len(p.tests) > 0 || p.name == "main"
	if hasCopy {
		known := map[string]bool{p.path: true}
		for _, imp := range slices.Concat(p.testImports, p.outerTestImport) {
			a.reaches(imp, known)
		}
		for q, does := range known {
			if does && q != p.path {
				copied[q] = true
			}
		}
	}
	renamed := func(imports []string) []string {
		var out []string
		for _, imp := range imports {
			if hasCopy && (imp == p.path || copied[imp]) {
				imp += variant
			}
			out = append(out, imp)
		}
		return out
	}
	for q := range copied {
		twin := *a.l.pkgs[q]
		twin.ImportPath, twin.ForTest, twin.Imports = q+variant, p.path, renamed(twin.Imports)
		a.l.pkgs[twin.ImportPath] = &twin
	}
	if hasCopy {
		plain := *a.l.pkgs[p.path]
		plain.ImportPath, plain.ForTest = p.path+variant, p.path
		plain.GoFiles = slices.Concat(p.files, p.tests)
		plain.Imports = slices.Concat(p.testImports, p.imports)
		for _, imp := range plain.Imports {
			if imp == p.path || copied[imp] {
				a.refuse("the tests of %s make an import cycle", p.path)
			}
		}
		a.l.pkgs[plain.ImportPath] = &plain
	}
	if len(p.outerTests) > 0 {
		id := p.path + "_test" + variant
		a.l.pkgs[id] = &listed{
			ImportPath: id, Dir: a.dir(p), Name: p.name + "_test", ForTest: p.path, Module: p.module,
			GoFiles: p.outerTests, Imports: renamed(p.outerTestImport),
		}
	}
}

// reaches reports whether a package imports, directly or not, one that is known
// to.
func (a *assembly) reaches(importPath string, known map[string]bool) bool {
	if does, ok := known[importPath]; ok {
		return does
	}
	known[importPath] = false
	p := a.own[importPath]
	if p == nil { // what lies elsewhere does not import the repository: see addOutside
		return false
	}
	for _, imp := range p.imports {
		if a.reaches(imp, known) {
			known[importPath] = true
		}
	}
	return known[importPath]
}
