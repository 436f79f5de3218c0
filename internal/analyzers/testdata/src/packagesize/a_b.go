package packagesize

import "unsafe"

var _ unsafe.Pointer
