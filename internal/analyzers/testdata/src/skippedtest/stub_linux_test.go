package skippedtest

import "testing"

func TestNotOnLinux(t *testing.T) { t.Skip("not on Linux") }
