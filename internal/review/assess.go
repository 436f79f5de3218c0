package review

import (
	"fmt"
	"slices"

	"github.com/barraiser/barraiser/internal/debt"
)

// AssessScan judges a scan: only what was not analysed counts.
func AssessScan(c debt.Coverage) (Outcome, []string) {
	if reasons := gaps(c, gapsOfScan); len(reasons) > 0 {
		return Incomplete, reasons
	}
	return Clear, nil
}

// gapWords are how gaps says what is unknown: of one and of many files, and of one
// and of many packages.
type gapWords struct{ file, files, broken, allBroken string }

var (
	gapsOfChange = gapWords{
		"changed file was not analysed", "changed files were not analysed",
		"package does not type-check any more", "packages do not type-check any more",
	}
	// A scan knows of no change.
	gapsOfScan = gapWords{
		"file was not analysed", "files were not analysed",
		"package does not type-check", "packages do not type-check",
	}
)

// gaps says what of the change or of the scan is unknown, one sentence each.
//
// A package that was broken at the base already hinders nothing of its own: it
// is listed, and the changed files in it are gaps as files.
func gaps(c debt.Coverage, words gapWords) []string {
	var out []string
	if n := count(c.Skipped, func(s debt.Skipped) bool { return !s.Expected }); n > 0 {
		out = append(out, plural(n, words.file, words.files))
	}
	broken := count(c.Broken, func(b debt.Broken) bool {
		return b.Side == "head" && !slices.ContainsFunc(c.Broken, func(o debt.Broken) bool {
			return o.Side == "base" && o.Package == b.Package
		})
	})
	if broken > 0 {
		out = append(out, plural(broken, words.broken, words.allBroken))
	}
	if n := len(c.Lost); n > 0 {
		out = append(out, plural(n, "check failed on a package", "checks failed on a package"))
	}
	return out
}

func count[T any](list []T, match func(T) bool) (n int) {
	for _, v := range list {
		if match(v) {
			n++
		}
	}
	return n
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
