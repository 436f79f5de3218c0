//go:build !never

package packagesize

import "fmt"

func _() { fmt.Print() }
