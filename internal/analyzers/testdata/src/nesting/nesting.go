package nesting

func three(m map[string][]int) (n int) { // want "nesting: nesting 3 levels deep$"
	for _, list := range m {
		for _, v := range list {
			if v > 0 {
				n += v
			}
		}
	}
	return n
}

func selects(c chan int, v any) { // want "nesting: nesting 4 levels deep$"
	for {
		select {
		case <-c:
			switch v := v.(type) {
			case int:
				switch v {
				case 1:
				}
			}
		}
	}
}

// A literal is no level, and keeps the levels around it.
func literal(list []int, do func(func())) { // want "nesting: nesting 3 levels deep$"
	for range list {
		do(func() {
			for range list {
				if len(list) > 1 {
					return
				}
			}
		})
	}
}

func inElse(a, b, c bool) { // want "nesting: nesting 3 levels deep$"
	if a {
	} else if b {
	} else {
		if a {
			for c {
			}
		}
	}
}

type t struct{}

func (t) method(a bool) { // want "nesting: nesting 3 levels deep$"
	if a {
		if a {
			if a {
			}
		}
	}
}
