package engine

import (
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestLanguage: a go.mod that asks for another patch release leaves all packages
// as they are, and one that asks for another language does not.
func TestLanguage(t *testing.T) {
	t.Parallel()
	const module = `
-- base/go.mod --
module ex.com/m

go 1.24.1
-- base/p/p.go --
package p
-- head/go.mod --
module ex.com/m

go HEAD
-- head/p/p.go --
package p
`
	for head, reused := range map[string]int{"1.24.3": 1, "1.24": 1, "1.25.0": 0} {
		a := txtar.Parse([]byte(strings.ReplaceAll(module, "HEAD", head)))
		if res := judgeFor(t, job(t, a)); res.Packages != 1 || res.Reused != reused {
			t.Errorf("go %s: %d of %d packages reused, want %d", head, res.Reused, res.Packages, reused)
		}
	}
}
