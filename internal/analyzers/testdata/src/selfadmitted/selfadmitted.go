// Package selfadmitted admits.
//
// TODO: write it // want `self-admitted/todo: TODO: write it`
package selfadmitted

// TODO(bob): later // want `self-admitted/todo: TODO\(bob\): later`

//TODO without a colon // want `self-admitted/todo: TODO without a colon`

// todo: in small letters // want `self-admitted/todo: todo: in small letters`

// FIXME this is wrong // want `self-admitted/fixme: FIXME this is wrong`

// Hack(ann): around a bug of others // want `self-admitted/fixme: Hack\(ann\): around`

// XXX // want `self-admitted/fixme: XXX`

// TODO: see #123 // want `self-admitted/linked: TODO: see #123`

// FIXME(golang/go#4711) // want `self-admitted/linked: FIXME\(golang/go#4711\)`

// TODO: https://example.com/7 // want `self-admitted/linked: TODO: https://example.com/7`

// HACK for PROJ-12 // want `self-admitted/linked: HACK for PROJ-12`

// TODO: read UTF-8 and RFC-3339 too // want `self-admitted/todo: TODO: read UTF-8`

// TODO: the issue is named on the next line, // want `self-admitted/linked: TODO: the issue is named`
// golang.org/issue/12.

// TODO: the issue below belongs to the next one // want `self-admitted/todo: TODO: the issue below`
// FIXME: see #9 // want `self-admitted/linked: FIXME: see #9`

func body() int {
	x := 1 // TODO: at the end of a line // want `self-admitted/todo: TODO: at the end of a line`

	// Some words first.
	//   - TODO: in a list // want `self-admitted/todo: - TODO: in a list`

	/* TODO: in a block */ // want `self-admitted/todo: TODO: in a block`

	return x
}

// TODO: a text that goes on and on for more than the eighty runes that a message may take up in a line // want `self-admitted/todo: TODO: a text that goes on and on for more than the eighty runes that a message…$`
