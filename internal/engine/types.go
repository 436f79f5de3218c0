package engine

import (
	"bytes"
	"errors"
	"fmt"
	"go/types"

	"golang.org/x/tools/go/gcexportdata"
)

// # Kept types
//
// The types of a package outside of the repository are made from source once,
// written as export data, by us and not by a compiler, and read back from then
// on, which costs a twentieth. Also the process that made them reads them back:
// so the types are the same whether they were kept or not, and the syntax and
// the bodies that hang on the first ones are free.
//
// A package is read when all that it imports is there and whole, so reading one
// adds nothing to another, and many may be read while others are in use.

// exportTypes writes the unit's types; an error where they cannot be written so
// that the same comes back.
func (s *session) exportTypes(u *unit) (data []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("write types of %s: %v", u.node.path, p)
		}
	}()
	if name := ambiguous(u); name != "" {
		return nil, fmt.Errorf("write types of %s: two types are called %s", u.node.path, name)
	}
	var b bytes.Buffer
	if err := gcexportdata.Write(&b, s.fset, u.pkg); err != nil {
		return nil, fmt.Errorf("write types of %s: %w", u.node.path, err)
	}
	return b.Bytes(), nil
}

// ambiguous returns the name of a type within a function that importers can
// reach, and whose name something else has: export data knows one name once.
func ambiguous(u *unit) string {
	locals := map[*types.TypeName]bool{}
	taken := map[string]int{}
	for _, obj := range u.info.Defs {
		if tn, ok := obj.(*types.TypeName); ok && tn.Parent() != u.pkg.Scope() {
			if _, isParam := tn.Type().(*types.TypeParam); !isParam {
				locals[tn] = true
				taken[tn.Name()]++
			}
		}
	}
	suspects := false
	for tn := range locals {
		suspects = suspects || taken[tn.Name()] > 1 || u.pkg.Scope().Lookup(tn.Name()) != nil
	}
	if !suspects {
		return ""
	}
	for obj := range reachable(u.pkg) {
		if tn, ok := obj.(*types.TypeName); ok && locals[tn] {
			return tn.Name()
		}
	}
	return ""
}

// loadTypes reads kept types. The nodes below must be done.
func (s *session) loadTypes(n *node, data []byte) (pkg *types.Package, err error) {
	defer func() {
		if p := recover(); p != nil {
			pkg, err = nil, fmt.Errorf("read types of %s: %v", n.path, p)
		}
	}()
	imports := map[string]*types.Package{"unsafe": types.Unsafe}
	if !n.gather(imports, map[*node]bool{n: true}) {
		return nil, fmt.Errorf("read types of %s: what it imports has none", n.path)
	}
	there := len(imports)
	pkg, err = gcexportdata.Read(bytes.NewReader(data), s.fset, imports, n.path)
	if err != nil {
		return nil, fmt.Errorf("read types of %s: %w", n.path, err)
	}
	if len(imports) != there+1 {
		return nil, errors.New("read types of " + n.path + ": they mention packages that it does not import")
	}
	return pkg, nil
}

// gather collects the packages of all nodes below; false where one has none.
func (n *node) gather(into map[string]*types.Package, seen map[*node]bool) bool {
	for _, dep := range n.imports {
		if seen[dep] {
			continue
		}
		seen[dep] = true
		if dep.run.pkg == nil || !dep.gather(into, seen) {
			return false
		}
		into[dep.path] = dep.run.pkg
	}
	return true
}
