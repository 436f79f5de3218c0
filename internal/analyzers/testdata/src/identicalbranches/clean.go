package identicalbranches

func table(n int) string {
	switch n {
	case 1:
		return "few"
	case 2:
		return "few"
	}
	if n == 3 {
		return "few"
	} else if n == 4 {
		return "few"
	}
	return "many"
}

// The order of conditions means something.
func apart(a, b int) int {
	switch {
	case a > b:
		a++
		return a
	case a < b:
		a--
		return a
	case a == 0:
		a++
		return a
	}
	switch a {
	case b:
		a++
		return a
	case 1:
		a--
		return a
	case b + 1:
		a++
		return a
	}
	return b
}

// The variable has another type in each.
func bound(v any) int {
	switch v := v.(type) {
	case []int:
		n := len(v)
		return n
	case []int8:
		n := len(v)
		return n
	}
	return 0
}

func falling(n int) int {
	switch n {
	case 1:
		n += 2
		fallthrough
	case 2:
		n += 2
		fallthrough
	case 3:
		n += 3
	}
	return n
}

func receiving(a, b chan int) (n int) {
	select {
	case <-a:
		n++
		n++
	case <-b:
		n++
		n++
	}
	return n
}

func prepared(f func() (int, bool)) (n int) {
	if f == nil {
		n++
		n++
	} else if _, ok := f(); ok {
		n++
		n++
	}
	return n
}

// Two chains, one in the other.
func nested(a, b bool) (n int) {
	if a {
		n++
		n--
	} else {
		if b {
			n++
			n--
		}
		n++
	}
	return n
}
