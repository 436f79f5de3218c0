package analyzers

import (
	"go/types"
	"strings"
)

// ReachNames lists what Untested may look up in a reach about a package: its
// functions, its types and their methods, as "F", "T" and "T.M".
func ReachNames(pkg *types.Package) []string {
	var names []string
	scope := pkg.Scope()
	for _, name := range scope.Names() {
		switch obj := scope.Lookup(name).(type) {
		case *types.Func:
			names = append(names, name)
		case *types.TypeName:
			named, ok := types.Unalias(obj.Type()).(*types.Named)
			if !ok || obj.IsAlias() {
				continue
			}
			names = append(names, name)
			for m := range named.Methods() {
				names = append(names, name+"."+m.Name())
			}
		}
	}
	return names
}

// Answers says of each of the names of a package whether the reach holds it, in
// a digit each. Where two reaches answer alike, Untested says of the package the
// same by both.
func (r Reach) Answers(pkg string, names []string) string {
	var b strings.Builder
	for _, name := range names {
		m := mention{pkg, name}
		if _, method, ok := strings.Cut(name, "."); ok {
			m = mention{"", method}
		}
		if r[m] {
			b.WriteByte('1')
		} else {
			b.WriteByte('0')
		}
	}
	return b.String()
}
