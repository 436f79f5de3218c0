package engine

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/types"
	"hash"
	"maps"
	"reflect"
	"slices"

	"golang.org/x/tools/go/types/objectpath"
)

// interfaceOf hashes what importers of the node can see: its API and the facts
// about it, and the interfaces of all packages that the API mentions.
//
// The API is what can be reached from the exported declarations. A field that
// is not exported counts only for what it does to the whole struct (can it be
// compared, does it hold a lock), and a method that is not exported only where
// an interface of the package asks for it. So a change inside a type leaves
// its importers alone.
func (s *session) interfaceOf(n *node) string {
	n.ifaceOnce.Do(func() { n.run.iface = s.hashInterface(n) })
	return n.run.iface
}

func (s *session) hashInterface(n *node) string {
	if n.run.pkg == nil {
		return "unknown " + n.key
	}
	w := walkAPI(n.run.pkg)
	for _, line := range n.factLines(w.seen) {
		w.put("fact", line)
	}
	w.put("errors", fmt.Sprint(len(n.run.errs))) // an ill package's API may look complete and not be

	deps := map[string]string{}
	for p := range w.mentioned {
		switch dep := s.owner(p); {
		case dep == nil:
		case s.keepsPackages() && !dep.inTree:
			deps[dep.path] = dep.key
		case s.keepsPackages():
			deps[dep.path] = s.interfaceSeen(dep)
		case dep.same: // on both sides, so that its key will do
			deps[dep.path] = "equal " + dep.key
		default:
			deps[dep.path] = s.interfaceOf(dep)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(deps)) {
		w.put(path, deps[path])
	}
	return hex.EncodeToString(w.Sum(nil))
}

// walkAPI hashes all that can be reached from the exported declarations.
func walkAPI(pkg *types.Package) *apiWriter {
	w := &apiWriter{
		Hash: sha256.New(), pkg: pkg,
		seen: map[types.Object]bool{}, mentioned: map[*types.Package]bool{}, asked: map[string]bool{},
	}
	scope := w.pkg.Scope()
	for _, name := range scope.Names() {
		if i, ok := scope.Lookup(name).Type().Underlying().(*types.Interface); ok {
			for m := range i.Methods() {
				w.asked[m.Name()] = true
			}
		}
	}
	w.walk()
	return w
}

// walk declares what the exported declarations reach.
func (w *apiWriter) walk() {
	for _, name := range w.pkg.Scope().Names() {
		if obj := w.pkg.Scope().Lookup(name); obj.Exported() {
			w.reach(obj)
		}
	}
	for len(w.queue) > 0 {
		obj := w.queue[0]
		w.queue = w.queue[1:]
		w.declare(obj)
	}
}

// reachable returns what importers of the package can reach of it, and all that
// fields and methods, exported or not, mention.
func reachable(pkg *types.Package) map[types.Object]bool {
	w := &apiWriter{
		Hash: sha256.New(), pkg: pkg, all: true,
		seen: map[types.Object]bool{}, mentioned: map[*types.Package]bool{}, asked: map[string]bool{},
	}
	w.walk()
	return w.seen
}

// apiWriter writes declarations into a hash, without positions.
type apiWriter struct {
	hash.Hash
	pkg       *types.Package
	queue     []types.Object
	seen      map[types.Object]bool // all that importers can reach
	mentioned map[*types.Package]bool
	asked     map[string]bool // methods that interfaces of the package ask for
	all       bool            // take fields and methods in that are not exported
}

func (w *apiWriter) put(words ...string) {
	for _, word := range words {
		fmt.Fprintf(w, "%d:%s", len(word), word)
	}
}

// reach queues a declaration of this package, and notes the package of others.
func (w *apiWriter) reach(obj types.Object) {
	switch {
	case obj.Pkg() == nil: // predeclared
	case obj.Pkg() != w.pkg:
		w.mentioned[obj.Pkg()] = true
	case !w.seen[obj]:
		w.seen[obj] = true
		w.queue = append(w.queue, obj)
	}
}

func (w *apiWriter) declare(obj types.Object) {
	w.put("declare", reflect.TypeOf(obj).String(), obj.Name())
	switch obj := obj.(type) {
	case *types.Const:
		w.put(obj.Val().ExactString())
	case *types.TypeName:
		w.declareType(obj)
		return
	}
	w.typ(obj.Type())
}

func (w *apiWriter) declareType(tn *types.TypeName) {
	w.put(reflect.TypeOf(tn.Type()).String()) // an alias is not the type that it could be
	switch t := tn.Type().(type) {
	case *types.Alias:
		w.typeParams(t.TypeParams())
		w.typ(t.Rhs())
	case *types.Named:
		w.typeParams(t.TypeParams())
		w.typ(t.Underlying())
		w.twins(tn)
		methods := slices.SortedFunc(t.Methods(), func(a, b *types.Func) int {
			return bytes.Compare([]byte(a.Name()), []byte(b.Name()))
		})
		for _, m := range methods {
			if m.Exported() || w.all || w.asked[m.Name()] {
				w.seen[m] = true
				w.put("method", m.Name())
				w.typ(m.Type())
				w.typ(m.Signature().Recv().Type())
			}
		}
	default:
		w.typ(t)
	}
}

func (w *apiWriter) typeParams(list *types.TypeParamList) {
	for p := range list.TypeParams() {
		w.put("type parameter", p.Obj().Name())
		w.typ(p.Constraint())
	}
}

// typ writes a type. Declared types are written by name, and their
// declarations queued.
func (w *apiWriter) typ(t types.Type) {
	w.put(reflect.TypeOf(t).String())
	switch t := t.(type) {
	case *types.Basic:
		w.put(t.Name())
	case *types.Alias:
		w.named(t.Obj(), t.TypeArgs())
	case *types.Named:
		w.named(t.Obj(), t.TypeArgs())
	case *types.TypeParam:
		w.put(fmt.Sprint(t.Index()), t.Obj().Name())
	case *types.Array:
		w.put(fmt.Sprint(t.Len()))
		w.typ(t.Elem())
	case *types.Chan:
		w.put(fmt.Sprint(t.Dir()))
		w.typ(t.Elem())
	case *types.Map:
		w.typ(t.Key())
		w.typ(t.Elem())
	case interface{ Elem() types.Type }: // pointer, slice
		w.typ(t.Elem())
	case *types.Tuple:
		for v := range t.Variables() {
			w.typ(v.Type())
		}
	case *types.Signature:
		w.put(fmt.Sprint(t.Variadic()))
		w.typeParams(t.TypeParams())
		w.typ(t.Params())
		w.typ(t.Results())
	case *types.Struct:
		w.structure(t)
	case *types.Interface:
		for m := range t.ExplicitMethods() {
			w.seen[m] = true
			w.put(m.Name())
			w.typ(m.Type())
		}
		for e := range t.EmbeddedTypes() {
			w.typ(e)
		}
	case *types.Union:
		for term := range t.Terms() {
			w.put(fmt.Sprint(term.Tilde()))
			w.typ(term.Type())
		}
	}
}

func (w *apiWriter) named(tn *types.TypeName, args *types.TypeList) {
	if tn.Pkg() != nil {
		w.put(tn.Pkg().Path())
	}
	w.put(tn.Name())
	w.reach(tn)
	for a := range args.Types() {
		w.typ(a)
	}
}

func (w *apiWriter) structure(t *types.Struct) {
	hidden, comparable := false, true
	for i := range t.NumFields() {
		f := t.Field(i)
		if f.Exported() || f.Embedded() || w.all {
			w.seen[f] = true
			w.put("field", f.Name(), fmt.Sprint(f.Embedded()), t.Tag(i))
			w.typ(f.Type())
			continue
		}
		hidden = true
		comparable = comparable && types.Comparable(f.Type())
		w.locks(f.Type(), 0)
	}
	w.put(fmt.Sprint("hidden ", hidden, comparable))
}

// twins writes which other types of the package have the same underlying struct
// type, hidden fields included: importers may convert one into the other.
func (w *apiWriter) twins(tn *types.TypeName) {
	s, ok := tn.Type().Underlying().(*types.Struct)
	if !ok {
		return
	}
	scope := w.pkg.Scope()
	for _, name := range scope.Names() {
		other, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || other == tn {
			continue
		}
		if o, ok := other.Type().Underlying().(*types.Struct); ok && o.NumFields() == s.NumFields() && types.IdenticalIgnoreTags(o, s) {
			w.put("twin", name)
		}
	}
}

// locks writes the types on the way to a lock that a value holds: go vet says
// in importers which way a lock is copied.
func (w *apiWriter) locks(t types.Type, depth int) {
	if depth > 10 {
		return
	}
	set := types.NewMethodSet(types.NewPointer(t))
	if set.Lookup(nil, "Lock") != nil && set.Lookup(nil, "Unlock") != nil {
		w.put("lock", types.TypeString(t, (*types.Package).Path))
	}
	switch u := t.Underlying().(type) {
	case *types.Array:
		w.locks(u.Elem(), depth+1)
	case *types.Struct:
		for f := range u.Fields() {
			w.locks(f.Type(), depth+1)
		}
	}
}

// factLines writes the node's facts about what importers can see, in a fixed
// order.
func (n *node) factLines(seen map[types.Object]bool) []string {
	var enc objectpath.Encoder
	var lines []string
	for k, fact := range n.run.objFacts {
		if !seen[k.obj] {
			continue
		}
		lines = append(lines, fmt.Sprintf("%s %s %s", nameOf(&enc, k.obj), k.typ, factText(fact)))
	}
	for typ, fact := range n.run.pkgFacts {
		lines = append(lines, fmt.Sprintf(". %s %s", typ, factText(fact)))
	}
	slices.Sort(lines)
	return lines
}

// nameOf names an object within its package. A method goes by its name, since
// its path counts the methods in the order of the source.
func nameOf(enc *objectpath.Encoder, obj types.Object) string {
	if recv := receiver(obj); recv != nil {
		return recv.Name() + "." + obj.Name()
	}
	path, err := enc.For(obj)
	if err != nil {
		return obj.Name()
	}
	return string(path)
}
