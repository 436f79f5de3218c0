package booloperators

// Lists: one operator all along.
func equal(p, q point) bool {
	return p.x == q.x && p.y == q.y && p.z == q.z && known(p.x) && known(p.y) && known(p.z)
}

func special(c rune, a, b bool) bool {
	return c == 'a' || c == 'b' || (a || b) || c == 'd' || c == 'e'
}

// A range and a set of one operand are one part each.
func letter(c rune) bool {
	return c == '_' || (c >= 'a' && c <= 'z') || ('A' <= c && c <= 'Z') || (c >= '0' && c <= '9')
}

func either(op string, a, b bool) bool {
	return (op == "+" || op == "-" || "*" == op || op == "/") && a && b
}

// A guard is part of what it guards.
func safe(p, q *point, list []int, id int) bool {
	return id == 0 || p != nil && known(p.x) || q != nil && known(q.x) || len(list) > 0 && known(list[0])
}

func short(a, b, c bool) bool {
	return a && b || c
}
