package impact

import "strings"

// changedMark is one fact whose value differs, or its key where the place says
// that it is the same fact: an answer that was reworded, a flag's new key.
type changedMark struct{ old, new Mark }

// A difference is how the marks of two sides differ.
type difference struct {
	added, removed []Mark // in the order of the head's and the base's marks
	changed        []changedMark
}

// An identity is what two marks have in common that are taken for one fact.
// The zero identity is of marks that a pass leaves alone.
type identity struct {
	kind                Kind
	key, value          string
	pkg, symbol, detail string
}

// passes pair the marks of both sides, what is most alike first. Moved code is
// no change: a package or a file that a mark is in tells twins apart and is
// otherwise nothing. Marks are a multiset, so that a second route of the same
// name is a new one.
var passes = []func(Mark) identity{
	func(m Mark) identity {
		return identity{kind: m.Kind, key: m.Key, value: m.Value, pkg: m.Package, symbol: m.Symbol}
	},
	func(m Mark) identity { return identity{kind: m.Kind, key: m.Key, value: m.Value, pkg: m.Package} },
	func(m Mark) identity { return identity{kind: m.Kind, key: m.Key, value: m.Value} },
	func(m Mark) identity { return identity{kind: m.Kind, key: m.Key, pkg: m.Package, symbol: m.Symbol} },
	func(m Mark) identity { return identity{kind: m.Kind, key: m.Key, pkg: m.Package} },
	func(m Mark) identity { return identity{kind: m.Kind, key: m.Key} },
	renamedDeclaration,
	renamedField,
	renamedType,
	otherKey,
}

// renamedDeclaration pairs facts whose key is no more than the declaration that
// they are in, or the words of a comment: a function with a goroutine that got
// another name has no new goroutine.
func renamedDeclaration(m Mark) identity {
	switch m.Kind {
	case Goroutine, Lock, InsecureTLS, NoSec:
		return identity{kind: m.Kind, pkg: m.Package}
	}
	return identity{}
}

// renamedField pairs fields that only Go knows under another name: the tag says
// what they are called in the data.
func renamedField(m Mark) identity {
	if m.Kind != Field || !tagNames(m.Value) {
		return identity{}
	}
	return identity{kind: m.Kind, value: m.Value, pkg: m.Package, detail: "of " + structOf(m)}
}

// renamedType pairs the fields of a type that got another name, which is not in
// the data either.
func renamedType(m Mark) identity {
	if m.Kind != Field {
		return identity{}
	}
	return identity{kind: m.Kind, value: m.Value, pkg: m.Package, detail: "named " + fieldOf(m)}
}

// structOf and fieldOf are the parts of a field's key. A struct within a struct
// or a function has the names of those before its own.
func structOf(field Mark) string { return field.Key[:max(0, strings.LastIndexByte(field.Key, '.'))] }
func fieldOf(field Mark) string  { return field.Key[strings.LastIndexByte(field.Key, '.')+1:] }

// otherKey pairs what stands at the same place under another key.
func otherKey(m Mark) identity {
	if m.Symbol == "" || m.Kind != Message && m.Kind != FlagCall {
		return identity{}
	}
	return identity{kind: m.Kind, pkg: m.Package, symbol: m.Symbol}
}

// tagNames reports whether the tag of a field says what it is called: in
// `string json:"id,omitempty"` it does, in `string json:",omitempty"` not.
func tagNames(value string) bool {
	for _, after := range strings.Split(value, `:"`)[1:] {
		if after != "" && after[0] != ',' && after[0] != '"' {
			return true
		}
	}
	return false
}

// diffMarks compares the marks of two sides.
func diffMarks(base, head []Mark) difference {
	partner := make([]int, len(head)) // index in base, plus one; 0 is none
	taken := make([]bool, len(base))
	for _, pass := range passes {
		waiting := map[identity][]int{}
		for i, m := range base {
			if id := pass(m); !taken[i] && id != (identity{}) {
				waiting[id] = append(waiting[id], i)
			}
		}
		for j, m := range head {
			if id := pass(m); partner[j] == 0 && len(waiting[id]) > 0 {
				i := waiting[id][0]
				waiting[id] = waiting[id][1:]
				partner[j], taken[i] = i+1, true
			}
		}
	}
	var d difference
	for j, m := range head {
		if partner[j] == 0 {
			d.added = append(d.added, m)
		} else if old := base[partner[j]-1]; old.Value != m.Value || old.Key != m.Key && otherKey(m) != (identity{}) {
			d.changed = append(d.changed, changedMark{old, m})
		}
	}
	for i, m := range base {
		if !taken[i] {
			d.removed = append(d.removed, m)
		}
	}
	return d
}
