package engine

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"go/types"
	"hash"
	"reflect"
	"slices"
	"strings"
)

// reachable returns what importers of the package can reach of it, and all that
// fields and methods, exported or not, mention.
func reachable(pkg *types.Package) map[types.Object]string {
	w := newAPIWriter(pkg)
	w.all = true
	w.walk()
	return w.seen
}

// apiWriter writes the declarations of a package, without positions, each into a
// hash of its own.
type apiWriter struct {
	pkg   *types.Package
	queue []types.Object
	seen  map[types.Object]string // all that importers can reach, and by which declaration
	decls map[string]*declText
	asked map[string]bool // methods that interfaces of the package ask for
	all   bool            // take fields and methods in that are not exported

	// What is being written.
	decl *declText
	name string // "F", "T", "T.M"
	*memberText
	resolve bool // write for an alias what it stands for
}

type declText struct {
	*memberText
	methods map[string]*memberText
	embeds  []mention
}

type memberText struct {
	text      hash.Hash
	mentions  []mention // in the order of the text, each once
	mentioned map[mention]bool
	asks      []string
}

func newMemberText() *memberText {
	return &memberText{text: sha256.New(), mentioned: map[mention]bool{}}
}

func newAPIWriter(pkg *types.Package) *apiWriter {
	w := &apiWriter{pkg: pkg, seen: map[types.Object]string{}, decls: map[string]*declText{}, asked: map[string]bool{}}
	scope := pkg.Scope()
	for _, name := range scope.Names() {
		if i, ok := scope.Lookup(name).Type().Underlying().(*types.Interface); ok {
			for m := range i.Methods() {
				w.asked[m.Name()] = true
			}
		}
	}
	return w
}

// walk declares what the exported declarations reach.
func (w *apiWriter) walk() {
	for _, name := range w.pkg.Scope().Names() {
		if obj := w.pkg.Scope().Lookup(name); obj.Exported() {
			w.queued(obj)
		}
	}
	for len(w.queue) > 0 {
		obj := w.queue[0]
		w.queue = w.queue[1:]
		w.begin(obj.Name())
		w.declare(obj)
	}
}

// begin turns to the declaration of a name. Two have one name where importers
// can reach a type that a function declares; then both count as one.
func (w *apiWriter) begin(name string) {
	if w.decls[name] == nil {
		w.decls[name] = &declText{memberText: newMemberText(), methods: map[string]*memberText{}}
	}
	w.decl, w.name = w.decls[name], name
	w.memberText = w.decl.memberText
}

// beginMethod turns to a method of the declared type.
func (w *apiWriter) beginMethod(name string) {
	if w.decl.methods[name] == nil {
		w.decl.methods[name] = newMemberText()
	}
	w.name, _, _ = strings.Cut(w.name, ".")
	w.name += "." + name
	w.memberText = w.decl.methods[name]
}

// interfaces hashes the interfaces among what was walked, by their methods.
func (w *apiWriter) interfaces() string {
	w.memberText, w.resolve = newMemberText(), true
	scope := w.pkg.Scope()
	for _, name := range scope.Names() {
		tn, ok := scope.Lookup(name).(*types.TypeName)
		if _, reached := w.seen[tn]; !ok || !reached {
			continue
		}
		if i, ok := tn.Type().Underlying().(*types.Interface); ok {
			w.put("interface", name)
			for m := range i.Methods() {
				w.put(m.Name())
				w.typ(m.Type())
			}
		}
	}
	return sum(w.text)
}

func (w *apiWriter) put(words ...string) { put(w.text, words...) }

// reach notes a declaration that the one being written is made of, and queues
// it where it is of this package.
func (w *apiWriter) reach(obj types.Object) {
	if obj.Pkg() == nil {
		return // predeclared
	}
	if m := (mention{obj.Pkg().Path(), obj.Name()}); !w.mentioned[m] {
		w.mentioned[m] = true
		w.mentions = append(w.mentions, m)
	}
	if obj.Pkg() == w.pkg {
		w.queued(obj)
	}
}

func (w *apiWriter) queued(obj types.Object) {
	if _, known := w.seen[obj]; !known {
		w.seen[obj] = obj.Name()
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
		w.embeds(t)
	case *types.Named:
		w.typeParams(t.TypeParams())
		w.typ(t.Underlying())
		w.twins(tn)
		methods := slices.SortedFunc(t.Methods(), func(a, b *types.Func) int {
			return bytes.Compare([]byte(a.Name()), []byte(b.Name()))
		})
		for _, m := range methods {
			if m.Exported() {
				w.put("has methods")
				break
			}
		}
		for _, m := range methods {
			if !m.Exported() && (w.all || w.asked[m.Name()]) { // nobody else can name it
				w.method(m)
			}
		}
		for _, m := range methods {
			if m.Exported() {
				w.beginMethod(m.Name())
				w.method(m)
			}
		}
	default:
		w.typ(t)
	}
}

func (w *apiWriter) method(m *types.Func) {
	w.seen[m] = w.name
	w.put("method", m.Name())
	w.typ(m.Type())
	w.typ(m.Signature().Recv().Type())
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
		if w.resolve {
			w.typ(types.Unalias(t))
			return
		}
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
			w.seen[m] = w.name
			w.put(m.Name())
			w.asks = append(w.asks, m.Name())
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
			w.seen[f] = w.name
			w.put("field", f.Name(), fmt.Sprint(f.Embedded()), t.Tag(i))
			w.typ(f.Type())
			if f.Embedded() {
				w.embeds(f.Type())
			}
			continue
		}
		hidden = true
		comparable = comparable && types.Comparable(f.Type())
		w.locks(f.Type(), 0)
	}
	w.put(fmt.Sprint("hidden ", hidden, comparable))
}

// embeds notes a type all of whose methods are those of the declared one.
func (w *apiWriter) embeds(t types.Type) {
	if tn := declared(t); tn != nil && tn.Pkg() != nil {
		w.decl.embeds = append(w.decl.embeds, mention{tn.Pkg().Path(), tn.Name()})
	}
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
