package bound // want "package-fan-out: package that imports 1 package$"

import "fmt"

func Print() { fmt.Print(1) }
