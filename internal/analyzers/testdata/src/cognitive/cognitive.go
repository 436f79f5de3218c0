package cognitive

func twoLevels(a, b bool) { // want "cognitive: cognitive complexity 3$"
	if a {
		if b {
			return
		}
	}
}

// A directive of gocognit's own hides nothing.
//
//gocognit:ignore
func ignored(a, b bool) { // want "cognitive: cognitive complexity 3$"
	if a {
		if b {
			return
		}
	}
}

type list struct{ next *list }

func (l *list) last(skip, stop bool) *list { // want "cognitive: cognitive complexity 4$"
	if l.next == nil || skip && stop {
		return l
	}
	return l.next.last(skip, stop)
}

// Two functions that call each other are one cycle: a point for each.
func even(n int) bool { // want "cognitive: cognitive complexity 3$"
	if n == 0 || n == 2 {
		return true
	}
	return odd(n - 1)
}

func odd(n int) bool { // want "cognitive: cognitive complexity 3$"
	if n == 0 || n == -2 {
		return false
	}
	return even(n - 1)
}
