package switchcases

func values(n int) (m int) {
	switch n { // want "switch-cases: switch with 4 cases of more than one statement$"
	case 1:
		m++
		n++
	case 2, 3:
		m--
		n++
	case 4:
		if n > 0 {
			m++
		}
	case 5:
		m++
		return n
	case 6:
		return m
	case 7:
	default:
		m++
		return n
	}
	return m
}

func types(v any) int {
	switch v := v.(type) { // want "switch-cases: type switch with 3 cases of more than one statement$"
	case int:
		v++
		return v
	case int8:
		v++
		return int(v)
	case []int:
		for range v {
			return 1
		}
	}
	return 0
}

func channels(a, b, c chan int) (n int) {
	select { // want "switch-cases: select with 3 cases of more than one statement$"
	case <-a:
		n++
		return n
	case n = <-b:
		n--
		return n
	case c <- n:
		switch { // want "switch-cases: switch with 3 cases of more than one statement$"
		case n > 0:
			n++
			n++
		case n > 1:
			n++
			n--
		case n > 2:
			n--
			n--
		}
	default:
	}
	return 0
}
