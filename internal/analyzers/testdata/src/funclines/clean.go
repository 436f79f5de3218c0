package funclines

type t struct{}

func (t) four() int {
	a := 1

	// And a comment.
	return a
}

func one() {}

func two() {
}
