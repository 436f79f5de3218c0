package debt

import "fmt"

// modernized are n findings of the rule in pkg, of no declaration.
func modernized(pkg string, from, n int) measures {
	var list measures
	for i := range n {
		line := from + i
		list = append(list, at("modernize/any", pkg+".", fmt.Sprintf("%s.go:%d", pkg, line), 1).node(fmt.Sprint(line)))
	}
	return list
}

func lines(format string, from, n int) []string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(format, from+i))
	}
	return list
}

// What one run of a tool mends costs no more in a package, however often it is
// found: 30 minutes for modernize.
var capStories = []story{
	{
		name:  "below the cap each finding counts",
		head:  append(modernized("p", 1, 2), at("modernize/forvar", "p.", "p.go:9", 1)),
		want:  []string{"new modernize/any 1 p.go:1", "new modernize/any 1 p.go:2", "new modernize/forvar 1 p.go:9"},
		intro: 3,
	},
	{
		name: "the checks of the family share one cap, other rules are beside it",
		head: append(modernized("p", 1, 30), at("modernize/forvar", "p.", "p.go:31", 1), at("vet/printf", "p.", "p.go:32", 1)),
		want: append(append([]string{"new vet/printf 10 p.go:32"}, lines("new modernize/any 1 p.go:%d", 1, 30)...),
			"new modernize/forvar 1 p.go:31"),
		intro: 40,
	},
	{
		name:  "each package has its own",
		head:  append(modernized("p", 1, 31), modernized("q", 1, 2)...),
		want:  append(lines("new modernize/any 1 p.go:%d", 1, 31), lines("new modernize/any 1 q.go:%d", 1, 2)...),
		intro: 32,
	},
	{
		name:  "one more over the cap costs nothing, up to it the rest",
		base:  modernized("p", 1, 29),
		head:  modernized("p", 1, 32),
		want:  append(lines("new modernize/any 1 p.go:%d", 30, 3), lines("unchanged modernize/any 1 p.go:%d", 1, 29)...),
		intro: 1,
	},
	{
		name:   "and going below it repays what is below",
		base:   modernized("p", 1, 32),
		head:   modernized("p", 1, 29),
		want:   append(lines("paid modernize/any 1 p.go:%d", 30, 3), lines("unchanged modernize/any 1 p.go:%d", 1, 29)...),
		repaid: 1,
	},
	{
		name: "some traded for others above the cap",
		base: modernized("p", 1, 31),
		head: append(modernized("p", 1, 30), at("modernize/forvar", "p.", "p.go:40", 1)),
		want: append(append([]string{"new modernize/forvar 1 p.go:40"}, "paid modernize/any 1 p.go:31"),
			lines("unchanged modernize/any 1 p.go:%d", 1, 30)...),
	},
	{
		name: "tests have a cap of their own",
		head: append(modernized("p", 1, 31), at("modernize/any", "p.", "p_test.go:1", 1), at("modernize/any", "p.", "p_test.go:2", 1)),
		want: append(lines("new modernize/any 1 p.go:%d", 1, 31),
			"new modernize/any 1 p_test.go:1", "new modernize/any 1 p_test.go:2"),
		intro: 30, testIn: 2,
	},
}
