package params

// The receiver, type parameters, results and the parameters of a literal are
// none.
func (x t) two(a, b int) (c, d, e int) {
	func(a, b, c int) {}(a, b, 0)
	return
}

func typed[A, B, C any](a A) {}

func none() {}

// An interface's methods have no body to carry the parameters.
type i interface {
	wide(a, b, c, d int)
}
