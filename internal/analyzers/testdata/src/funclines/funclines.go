package funclines

func six(n int) int { // want "func-lines: 6 lines of code$"

	// Neither comments nor blank lines count,
	/* in whatever
	form, */

	if n > 0 { // but this line does.
		return n
	}

	return /* as does this */ -n
}

// A raw string stands on all its lines, as each of them is to be read.
func raw() string { // want "func-lines: 6 lines of code$"
	return `

	// no comment
`
}

func spread( // want "func-lines: 6 lines of code$"
	a int,
	b int,
) int {
	return a + b
}
