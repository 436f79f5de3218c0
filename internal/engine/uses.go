package engine

import (
	"go/ast"
	"go/types"
)

// uses lists what the unit names of other packages of the repository, as
// "path.Func", "path.Type", "path.Type.Method" and "path.Type.Field". It is
// made also of a package that does not type-check, as far as that goes.
func (s *session) uses(u *unit) map[string]bool {
	l := useList{s: s, u: u, used: map[string]bool{}}
	for _, obj := range u.info.Uses {
		if v, ok := obj.(*types.Var); ok && v.IsField() {
			continue // by its selection or its literal, which know the type
		}
		if recv := receiver(obj); recv != nil {
			l.add(recv, obj.Name())
			l.add(recv, "") // a method is a use of its type
		} else {
			l.add(obj, "")
		}
	}
	for _, sel := range u.info.Selections {
		if sel.Kind() == types.FieldVal {
			l.selection(sel)
		}
	}
	for expr, tv := range u.info.Types {
		if lit, ok := expr.(*ast.CompositeLit); ok {
			l.literal(lit, tv.Type)
		}
	}
	return l.used
}

type useList struct {
	s    *session
	u    *unit
	used map[string]bool
}

func (l *useList) add(obj types.Object, member string) {
	if obj.Pkg() == nil || obj.Pkg() == l.u.pkg {
		return
	}
	if owner := l.s.owner(obj.Pkg()); owner == nil || !owner.inTree {
		return
	}
	name := obj.Pkg().Path() + "." + obj.Name()
	if member != "" {
		name += "." + member
	}
	l.used[name] = true
}

// selection adds each field on the way to the selected one: x.f may be the
// field f of a struct that x embeds.
func (l *useList) selection(sel *types.Selection) {
	t := sel.Recv()
	for _, i := range sel.Index() {
		st, ok := structOf(t)
		if !ok {
			return
		}
		f := st.Field(i)
		if named := declared(t); named != nil {
			l.add(named, f.Name())
		}
		t = f.Type()
	}
}

func (l *useList) literal(lit *ast.CompositeLit, t types.Type) {
	st, ok := structOf(t)
	named := declared(t)
	if !ok || named == nil {
		return
	}
	for i, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok {
				l.add(named, key.Name)
			}
		} else if i < st.NumFields() {
			l.add(named, st.Field(i).Name())
		}
	}
}

func structOf(t types.Type) (*types.Struct, bool) {
	if t == nil {
		return nil, false
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	return st, ok
}

// declared returns the name of a declared type or of the one pointed to.
func declared(t types.Type) *types.TypeName {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if named, ok := t.(*types.Named); ok {
		return named.Obj()
	}
	return nil
}

// receiver returns the type that a method belongs to; nil for all else.
func receiver(obj types.Object) *types.TypeName {
	f, ok := obj.(*types.Func)
	if !ok || f.Signature().Recv() == nil {
		return nil
	}
	return declared(f.Signature().Recv().Type())
}
