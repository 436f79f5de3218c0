package impact

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// words splits a name or a path into lower-case words at what is no letter or
// digit, and where the case says that a new one begins: "pay/tlsConfig_v2" is
// pay, tls, config, v2, and "HTTPServer" http, server.
func words(name string) []string {
	var out []string
	for part := range strings.FieldsFuncSeq(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		runes := []rune(part)
		begin := 0
		for i := 1; i < len(runes); i++ {
			lowerBefore := !unicode.IsUpper(runes[i-1])
			lowerAfter := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if unicode.IsUpper(runes[i]) && (lowerBefore || lowerAfter) {
				out = append(out, strings.ToLower(string(runes[begin:i])))
				begin = i
			}
		}
		out = append(out, strings.ToLower(string(runes[begin:])))
	}
	return out
}

// Folders whose content no user of the product meets: tests, examples, texts
// about it. Marks are made of production code, but what is a test is known
// there by the file alone, and a framework of tests is production code to it.
var asideFolders = []string{
	"test", "tests", "testing", "testdata", "testutil", "testutils", "fixtures", "mock", "mocks", "fake", "fakes", "e2e",
	"contrib", "example", "examples", "sample", "samples", "demo", "demos", "doc", "docs", "documentation", "website", "site",
	"vendor", "third_party", "node_modules",
}

// Folders of what only the developers of the repository run: wherever they are,
// and those whose names mean that at the top of a repository alone.
var (
	workshopFolders    = []string{"script", "scripts", "hack"}
	topWorkshopFolders = []string{"tool", "tools", "build", "ci", "dev", "benchmarks"}
)

// aside reports whether a file lies where no user meets it.
func aside(file string) bool {
	return inFolder(file, asideFolders) || slices.ContainsFunc(folders(file), func(dir string) bool {
		return strings.HasPrefix(dir, "_") || strings.HasPrefix(dir, ".") && dir != ".github"
	})
}

// workshop reports whether a file lies where no user meets it, or where only
// developers run it.
func workshop(file string) bool {
	in := folders(strings.TrimPrefix(file, "internal/"))
	return aside(file) || inFolder(file, workshopFolders) || len(in) > 0 && slices.Contains(topWorkshopFolders, strings.ToLower(in[0]))
}

func inFolder(file string, names []string) bool {
	return slices.ContainsFunc(folders(file), func(dir string) bool { return slices.Contains(names, strings.ToLower(dir)) })
}

// folders are those that a file is in.
func folders(file string) []string {
	dir := path.Dir(file)
	if dir == "." {
		return nil
	}
	return strings.Split(dir, "/")
}

// code puts text of the repository between backquotes, which it cannot end.
func code(text string) string { return "`" + clip(strings.ReplaceAll(text, "`", "'")) + "`" }

// mostText is how many characters of a text from outside a sentence holds.
const mostText = 80

// clip makes a text one line that is no longer than a person reads.
func clip(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > mostText {
		text = string(runes[:mostText-1]) + "…"
	}
	return text
}

// fromTo names two values. Of long ones that begin alike it leaves most of that
// out, so that what differs is seen.
func fromTo(old, now string) string {
	const before = 20 // characters of what they have in common
	a, b := []rune(old), []rune(now)
	same := 0
	for same < min(len(a), len(b)) && a[same] == b[same] {
		same++
	}
	if max(len(a), len(b)) > mostText && same > before {
		old, now = "…"+string(a[same-before:]), "…"+string(b[same-before:])
	}
	return code(old) + " → " + code(now)
}

// plural is a number with its noun.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

// thousands writes a number as people read it: 12,345.
func thousands(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
