package booloperators

type point struct{ x, y, z int }

func known(n int) bool { return n > 0 }

func mixed(a, b, c, d, e bool) bool {
	return a && b || c && d || e // want "bool-operators: condition with 4 boolean operators$"
}

func negated(a, b, c, d, e bool) bool {
	return !(a || b || c) && !(d || e) // want "bool-operators: condition with 4 boolean operators$"
}

// A call's arguments and a function literal are conditions of their own.
func nested(a, b, c, d bool, do func(bool) bool) bool {
	return a && do(b || c && d || a && b) || do(c) && d || b && // want "bool-operators: condition with 5 boolean operators$" "bool-operators: condition with 4 boolean operators$"
		func() bool { return a && b || c && d || a }() // want "bool-operators: condition with 4 boolean operators$"
}

// Two operands are no range of one.
func later(p, q point) bool {
	return p.x > q.x || p.x == q.x && p.y > q.y || p.x == q.x && p.y == q.y && p.z > q.z // want "bool-operators: condition with 5 boolean operators$"
}

// What is guarded counts, only the guard does not.
func guarded(p *point, a, b, c, d bool) bool {
	return p != nil && (p.x > 0 && a || b && c || d) // want "bool-operators: condition with 4 boolean operators$"
}

var atStart = known(1) && known(2) || known(3) && known(4) || known(5) // want "bool-operators: condition with 4 boolean operators$"
