package packagesize

import "testing"

func Test(t *testing.T) {}
