package params

func names(a, b int, c string) {} // want "params: 3 parameters$"

func nameless(int, string, ...any) {} // want "params: 3 parameters$"

func generic[K comparable, V any](a K, b V, _ int) {} // want "params: 3 parameters$"

type t struct{}

func (t) method(a int, b func(x, y, z int), c ...int) {} // want "params: 3 parameters$"
