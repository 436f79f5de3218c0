package report

import (
	"slices"
	"strings"
	"testing"
)

// TestFitFindings: what is found is read whole where that is possible, beside its
// place or below it, and no row is wider than the terminal.
func TestFitFindings(t *testing.T) {
	const place, rule = "middleware/client_ip.go:218:6", "modernize/slicesbackward"
	message := "walkXFF: backward loop over slice can be modernized using slices.Backward"
	long := strings.Repeat("日本 long ", 60)
	rows := [][]cell{
		{{text: "NEW"}, {text: "1 min"}, {text: place}, {text: message}, {text: rule}},
		{{text: "WORSE"}, {text: "3 h 10 min"}, {text: "tree.go:629:1"}, {text: "node.routes: cognitive complexity 28 → 37"}, {text: "cognitive"}},
		{{text: "PAID"}, {text: "−1 min"}, {text: "a.go"}, {text: "1 finding: errcheck"}},
		{{text: "MOVED"}, {text: "(5 min)"}, {text: "1 finding (--all)"}},
	}
	for _, test := range []struct {
		name  string
		rows  [][]cell
		width int
		want  int      // lines
		has   []string // in one line each
	}{
		{"no limit", rows, 0, 4, []string{place + "  " + message + "  " + rule}},
		{"wide", rows, 200, 4, []string{place + "  " + message + "  " + rule}},
		{"cut", rows, 130, 4, []string{"  " + rule, "28 → 37"}},
		{"below", rows, 100, 7, []string{place + "  " + rule, message, "28 → 37", "1 finding: errcheck"}},
		{"narrow", rows, 80, 7, []string{"client_ip.go:218:6  " + rule, "slice can be", "28 → 37", "1 finding (--all)"}},
		{"long message", [][]cell{{{text: "NEW"}, {text: "1 min"}, {text: place}, {text: long}, {text: rule}}}, 80, 2, []string{rule, "日本 long 日本"}},
		{"long place", [][]cell{{{text: "NEW"}, {text: "1 min"}, {text: strings.Repeat("deep/", 30) + "run.go:1:1"}, {text: message}, {text: rule}}}, 80, 2, []string{"/run.go:1:1  " + rule}},
	} {
		before := slices.Clone(test.rows[0])
		var c canvas
		c.table(fitFindings(test.rows, test.width))
		lines := strings.Split(strings.TrimSuffix(c.String(), "\n"), "\n")
		if len(lines) != test.want {
			t.Errorf("%s: %d lines, want %d:\n%s", test.name, len(lines), test.want, &c)
		}
		for _, line := range lines {
			if got := width(line); test.width > 0 && got > test.width {
				t.Errorf("%s: a line of %d columns: %s", test.name, got, line)
			}
		}
		for _, want := range test.has {
			if !slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, want) }) {
				t.Errorf("%s: no line has %q:\n%s", test.name, want, &c)
			}
		}
		if !slices.Equal(before, test.rows[0]) {
			t.Errorf("%s: the rows that were given changed", test.name)
		}
	}
}
