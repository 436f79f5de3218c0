// Package filelines is documented in a comment, which is no code.
package filelines // want "file-lines: 6 lines of code$"

import "fmt"

// Print prints.
func Print() {
	fmt.Print(`a
b`)
}

/*
End.
*/
