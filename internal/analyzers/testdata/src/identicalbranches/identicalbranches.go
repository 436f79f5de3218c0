package identicalbranches

const (
	red = iota
	green
	blue
)

func chain(n int) int {
	if n == 1 {
		n++
		return n
	} else if n == 2 { // want "identical-branches: branch that does the same as one before it$"
		n++
		// Comments say nothing.
		return n
	} else if n == 3 {
		n--
		return n
	} else { // want "identical-branches: branch that does the same as one before it$"
		n--
		return n
	}
}

// The order of constants means nothing.
func constants(n int) int {
	switch n {
	case red:
		n++
		return n
	case 7, 8:
		n--
		return n
	case green, blue: // want "identical-branches: branch that does the same as one before it$"
		n++
		return n
	default: // want "identical-branches: branch that does the same as one before it$"
		n--
		return n
	}
}

func conditions(a, b int) int {
	switch {
	case a > b:
		a++
		return a
	case a < b+2: // want "identical-branches: branch that does the same as one before it$"
		a++
		return a
	}
	return b
}

func types(v any) (n int) {
	switch v.(type) {
	case int:
		if n > 0 {
			n++
		}
	case int8: // want "identical-branches: branch that does the same as one before it$"
		if n > 0 {
			n++
		}
	}
	switch w := v.(type) {
	case int:
		return w
	case []int:
		n++
		n++
	case []int8: // want "identical-branches: branch that does the same as one before it$"
		n++
		n++
	}
	return n
}
