package mutableglobal

var inTest int

func helper() {
	inTest = 1
	swapped = 2
}
