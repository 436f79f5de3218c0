package main // no want: it has no fan-out, and is too narrow for a god

import "fmt"

func main() { fmt.Print(1) }
