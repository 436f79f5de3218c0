package analyzers

import (
	"go/ast"
	"iter"
	"strconv"
)

// functions yields the functions and methods of files that have a body, in
// order, each with the index of its file. A function literal belongs to the declaration that it stands in; one
// that initialises a package variable belongs to no function.
func functions(files []*ast.File) iter.Seq2[int, *ast.FuncDecl] {
	return func(yield func(int, *ast.FuncDecl) bool) {
		for i, f := range files {
			for _, decl := range f.Decls {
				if fn, ok := decl.(*ast.FuncDecl); ok && fn.Body != nil && !yield(i, fn) {
					return
				}
			}
		}
	}
}

// plural is "1 line", "2 lines".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
