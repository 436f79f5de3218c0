package selfadmitted

// A sentence that speaks of a TODO, or of FIXME: both further on.

// todo is an English word in some circles, hack another.

// hack away!

// TODOs are many. TODO_LIST is a name.

// XXX-XXX is a placeholder, as are
// XXX XXX and
// XXX.go and
// XXXXXX.

// TODO list of the example.

// XXX_unrecognized holds what protobuf does not know.
type message struct {
	// XXX_sizecache is of protobuf, too.
	XXX_sizecache int
}

const text = "// TODO: in a string" + `
// FIXME: in a raw string
`

// TODO returns a context, which is what the word means here.
func TODO() {}

// TODO() is called by nobody. Use context.Background or context.
// TODO when it is unclear which to use.
func use() {
	//go:noinline

	// URLs such as //TODO.example.com
}
