package switchcases

// A table.
func name(n int) (s string) {
	switch n {
	case 1:
		return "one"
	case 2:
		return "two"
	case 3:
		s = "three"
	case 4:
		return name(n - 4)
	case 5:
	case 6:
		fallthrough
	default:
		s = "many"
		s += "!"
	}
	return s
}

func two(n int) {
	switch {
	case n > 1:
		n++
		n++
	case n > 2:
		n--
		n--
	}
}
