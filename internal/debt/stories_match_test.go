package debt

// Thresholds, prices and the order of the findings.
var priceStories = []story{
	{
		name: "a value at or below the threshold is no finding",
		base: measures{at("cognitive", "p.F", "a.go:1", 15)},
		head: measures{at("cognitive", "p.F", "a.go:1", 14), at("nesting", "p.F", "a.go:1", 4)},
	},
	{
		name: "over the threshold: the whole price",
		base: measures{at("cognitive", "p.F", "a.go:1", 15)}, head: measures{at("cognitive", "p.F", "a.go:1", 17)},
		want: []string{"new cognitive 7 a.go:1"}, intro: 7,
	},
	{
		name: "worse: only what was added",
		base: measures{at("cognitive", "p.F", "a.go:1", 20)}, head: measures{at("cognitive", "p.F", "a.go:1", 30)},
		want: []string{"worse cognitive 10 a.go:1"}, intro: 10,
	},
	{
		name: "better: only what was given back",
		base: measures{at("cognitive", "p.F", "a.go:1", 30)}, head: measures{at("cognitive", "p.F", "a.go:1", 20)},
		want: []string{"better cognitive 10 a.go:1"}, repaid: 10,
	},
	{
		name: "another value at the same price is no change",
		base: measures{at("func-lines", "p.F", "a.go:1", 140)}, head: measures{at("func-lines", "p.F", "a.go:1", 300)},
		want: []string{"unchanged func-lines 20 a.go:1"},
	},
	{
		name: "an API break without dependants is a finding",
		head: measures{at("api-break", "p.F", "a.go:1", 0)},
		want: []string{"new api-break 30 a.go:1"}, intro: 30,
	},
	{
		name: "an unknown rule has no price",
		head: measures{at("gosec", "p.F", "a.go:1", 1)},
	},
	{
		name: "a rule under a former name is the same rule",
		base: measures{at("gocognit", "p.F", "a.go:1", 20)}, head: measures{at("cognitive", "p.F", "a.go:1", 20)},
		want: []string{"unchanged cognitive 10 a.go:1"},
	},
	{
		name: "the findings in the order in which to read them",
		base: measures{
			at("unused", "p.A", "a.go:1", 1), at("errcheck", "p.B", "a.go:2", 1), at("cognitive", "p.C", "a.go:3", 30),
			at("vet/printf", "p.D", "z.go:4", 1), at("cognitive", "p.E", "a.go:5", 20), at("errorlint", "p.G", "a.go:7", 1),
		},
		head: measures{
			at("errorlint", "p.G", "a.go:7", 1).hidden("x.go:9"),
			at("errcheck", "p.B", "a.go:2", 1), at("cognitive", "p.C", "a.go:3", 20),
			at("vet/printf", "p.D", "b.go:4", 1), at("cognitive", "p.E", "a.go:5", 40), at("errcheck", "p.F", "a.go:6", 1),
			at("errcheck", "p.A", "a.go:6", 1),
		},
		want: []string{
			"worse cognitive 20 a.go:5", "new errcheck 5 a.go:6", "new errcheck 5 a.go:6", "suppressed errorlint 5 a.go:7",
			"paid unused 5 a.go:1", "better cognitive 10 a.go:3", "moved vet/printf 10 b.go:4", "unchanged errcheck 5 a.go:2",
		},
		intro: 30, repaid: 15,
	},
}

// What is the same finding on both sides.
var matchStories = []story{
	{
		name:  "the position does not matter",
		base:  measures{at("errcheck", "p.F", "a.go:10", 1)},
		head:  measures{at("errcheck", "p.F", "a.go:90", 1)},
		files: []FileChange{{Old: "a.go", New: "a.go"}},
		want:  []string{"unchanged errcheck 5 a.go:90"},
	},
	{
		name: "equal findings are counted",
		base: measures{at("errcheck", "p.F", "a.go:10", 1), at("errcheck", "p.F", "a.go:11", 1), at("errcheck", "p.F", "a.go:12", 1)},
		head: measures{at("errcheck", "p.F", "a.go:10", 1), at("errcheck", "p.F", "a.go:12", 1)},
		want: []string{"paid errcheck 5 a.go:11", "unchanged errcheck 5 a.go:10", "unchanged errcheck 5 a.go:12"}, repaid: 5,
	},
	{
		name:  "of equal findings the nearest line, counted through the hunks",
		base:  measures{at("errcheck", "p.F", "a.go:50", 1)},
		head:  measures{at("errcheck", "p.F", "a.go:50", 1), at("errcheck", "p.F", "a.go:60", 1)},
		files: []FileChange{{Old: "a.go", New: "a.go", Hunks: []Hunk{{40, 0, 41, 10}}}},
		want:  []string{"new errcheck 5 a.go:50", "unchanged errcheck 5 a.go:60"}, intro: 5,
	},
	{
		name: "of equal findings the same file",
		base: measures{at("errcheck", "p.init", "b.go:5", 1)},
		head: measures{at("errcheck", "p.init", "a.go:5", 1), at("errcheck", "p.init", "b.go:90", 1)},
		want: []string{"new errcheck 5 a.go:5", "unchanged errcheck 5 b.go:90"}, intro: 5,
	},
	{
		name: "several init: each has its own findings",
		base: measures{at("cognitive", "p.init", "a.go:5", 20), at("cognitive", "p.init", "b.go:5", 30)},
		head: measures{at("cognitive", "p.init", "a.go:7", 20), at("cognitive", "p.init", "b.go:3", 35)},
		want: []string{"worse cognitive 5 b.go:3", "unchanged cognitive 10 a.go:7"}, intro: 5,
	},
	{
		name: "another node, the same remark but for its numbers",
		base: measures{at("vet/printf", "p.F", "a.go:1", 1).node("x").says("call has 2 arguments")},
		head: measures{at("vet/printf", "p.F", "a.go:9", 1).node("y").says("call has 3 arguments")},
		want: []string{"unchanged vet/printf 10 a.go:9"},
	},
	{
		name: "another node and another remark: another finding",
		base: measures{at("errcheck", "p.F", "a.go:1", 1).node("x").says("f.Close ignored")},
		head: measures{at("errcheck", "p.F", "a.go:9", 1).node("y").says("g.Close ignored")},
		want: []string{"new errcheck 5 a.go:9", "paid errcheck 5 a.go:1"}, intro: 5, repaid: 5,
	},
	{
		name:  "a renamed file",
		base:  measures{at("file-lines", "p", "p/a.go:1", 1000), at("vet/buildtag", "p", "p/a.go:1", 1)},
		head:  measures{at("file-lines", "p", "p/b.go:1", 1000), at("vet/buildtag", "p", "p/b.go:1", 1)},
		files: []FileChange{{Old: "p/a.go", New: "p/b.go"}},
		want:  []string{"moved file-lines 60 p/b.go:1", "moved vet/buildtag 10 p/b.go:1"},
	},
	{
		name:     "a package that moved with its files",
		base:     measures{at("file-lines", "p", "p/a.go:1", 1000), at("vet/buildtag", "p", "p/a.go:1", 1), at("nesting", "p.F", "p/a.go:3", 5)},
		head:     measures{at("file-lines", "q", "q/a.go:1", 1000), at("vet/buildtag", "q", "q/a.go:1", 1), at("nesting", "q.F", "q/a.go:3", 5)},
		baseSyms: "p.F p/a.go:3 a b", headSyms: "q.F q/a.go:3 x y",
		files: []FileChange{{Old: "p/a.go", New: "q/a.go"}},
		want:  []string{"moved file-lines 60 q/a.go:1", "moved nesting 20 q/a.go:3", "moved vet/buildtag 10 q/a.go:1"},
	},
	{
		name: "one long file for another in the same package",
		base: measures{at("file-lines", "p", "p/a.go:1", 1000)},
		head: measures{at("file-lines", "p", "p/b.go:1", 1000)},
		want: []string{"new file-lines 60 p/b.go:1", "paid file-lines 60 p/a.go:1"}, intro: 60, repaid: 60,
	},
	{
		name:     "a renamed function",
		base:     measures{at("cognitive", "p.F", "a.go:1", 20), at("unused", "p.F", "a.go:1", 1).node("x").says("func F is unused")},
		head:     measures{at("cognitive", "p.G", "a.go:9", 20), at("unused", "p.G", "a.go:9", 1).node("y").says("func G is unused")},
		baseSyms: "p.F a.go:1" + ten, headSyms: "p.G a.go:9" + ten,
		want: []string{"moved cognitive 10 a.go:9", "moved unused 5 a.go:9"},
	},
	{
		name:     "a finding about a declaration of another file, which was renamed",
		base:     measures{at("mutable-global", "p.x", "b.go:3", 1).node("x")},
		head:     measures{at("mutable-global", "p.y", "b.go:3", 1).node("y")},
		baseSyms: "p.x a.go:1 = 1", headSyms: "p.y a.go:1 = 1",
		want: []string{"moved mutable-global 30 b.go:3"},
	},
	{
		name:     "a function moved to another package",
		base:     measures{at("cognitive", "p.F", "p/a.go:1", 20)},
		head:     measures{at("cognitive", "q.F", "q/a.go:1", 20)},
		baseSyms: "p.F p/a.go:1" + ten, headSyms: "q.F q/a.go:1" + ten,
		want: []string{"moved cognitive 10 q/a.go:1"},
	},
	{
		name:     "a function moved and made worse",
		base:     measures{at("cognitive", "p.F", "p/a.go:1", 20)},
		head:     measures{at("cognitive", "q.F", "q/a.go:1", 21)},
		baseSyms: "p.F p/a.go:1" + ten, headSyms: "q.F q/a.go:1" + ten,
		want: []string{"worse cognitive 1 q/a.go:1"}, intro: 1,
	},
	{
		name:     "one function mended and another made as bad is not a move",
		base:     measures{at("cognitive", "p.F", "p/a.go:1", 20)},
		head:     measures{at("cognitive", "q.F", "q/a.go:1", 20)},
		baseSyms: "p.F p/a.go:1" + ten + "\nq.F q/a.go:1" + other, headSyms: "p.F p/a.go:1 x\nq.F q/a.go:1" + ten,
		want: []string{"new cognitive 10 q/a.go:1", "paid cognitive 10 p/a.go:1"}, intro: 10, repaid: 10,
	},
	{
		name: "a statement moved to another function",
		base: measures{at("errcheck", "p.F", "a.go:1", 1)},
		head: measures{at("errcheck", "q.G", "b.go:7", 1)},
		want: []string{"moved errcheck 5 b.go:7"},
	},
	{
		name: "of several statements moved elsewhere, the first ones",
		base: measures{at("errcheck", "p.F", "a.go:20", 1), at("errcheck", "p.F", "a.go:10", 1)},
		head: measures{at("errcheck", "q.G", "b.go:5", 1)},
		want: []string{"paid errcheck 5 a.go:20", "moved errcheck 5 b.go:5"}, repaid: 5,
	},
	{
		name:     "in a function that moved, the line counts from its beginning",
		base:     measures{at("errcheck", "p.F", "a.go:103", 1), at("errcheck", "p.F", "a.go:108", 1), at("errcheck", "p.F", "a.go:109", 1)},
		head:     measures{at("errcheck", "p.F", "b.go:8", 1)},
		baseSyms: "p.F a.go:101" + ten, headSyms: "p.F b.go:1" + ten,
		want: []string{"paid errcheck 5 a.go:103", "paid errcheck 5 a.go:109", "moved errcheck 5 b.go:8"}, repaid: 10,
	},
	{
		name:  "a line that was removed has no successor",
		base:  measures{at("errcheck", "p.F", "a.go:11", 1).node("x").says("f.Close ignored")},
		head:  measures{at("errcheck", "p.F", "a.go:10", 1).node("y").says("g.Close ignored")},
		files: []FileChange{{Old: "a.go", New: "a.go", Hunks: []Hunk{{10, 3, 10, 1}}}},
		want:  []string{"new errcheck 5 a.go:10", "paid errcheck 5 a.go:11"}, intro: 5, repaid: 5,
	},
	{
		name:     "the line that took the place of the line",
		base:     measures{at("errcheck", "p.F", "a.go:10", 1).node("x").says("f.Close ignored")},
		head:     measures{at("errcheck", "p.F", "a.go:14", 1).node("y").says("g.Close ignored")},
		baseSyms: "p.F a.go:5" + ten, headSyms: "p.F a.go:9" + other,
		files: []FileChange{{Old: "a.go", New: "a.go", Hunks: []Hunk{{1, 0, 2, 4}, {10, 1, 14, 1}}}},
		want:  []string{"unchanged errcheck 5 a.go:14"},
	},
	{
		name:     "but not in another declaration",
		base:     measures{at("cognitive", "p.F", "a.go:10", 20)},
		head:     measures{at("cognitive", "p.G", "a.go:10", 20)},
		baseSyms: "p.F a.go:10" + ten, headSyms: "p.F a.go:30 x\np.G a.go:10" + other,
		files: []FileChange{{Old: "a.go", New: "a.go", Hunks: []Hunk{{10, 1, 10, 1}}}},
		want:  []string{"new cognitive 10 a.go:10", "paid cognitive 10 a.go:10"}, intro: 10, repaid: 10,
	},
	{
		name:     "a function rewritten under another name in its place",
		base:     measures{at("cognitive", "p.F", "a.go:10", 30)},
		head:     measures{at("cognitive", "p.G", "a.go:10", 20)},
		baseSyms: "p.F a.go:10" + ten, headSyms: "p.G a.go:10" + other,
		files: []FileChange{{Old: "a.go", New: "a.go", Hunks: []Hunk{{10, 1, 10, 1}}}},
		want:  []string{"better cognitive 10 a.go:10"}, repaid: 10,
	},
}
