//go:build go1.18

package skippedtest

import "testing"

func TestOnlyElsewhere(t *testing.T) { t.Skip("not here") }
