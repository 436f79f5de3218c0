package debt

// Structural rules on one symbol are one refactoring; deleted code is repaid apart.
var structuralStories = []story{
	{
		name: "structural findings on one symbol are damped, the others are not",
		head: measures{at("cognitive", "p.F", "a.go:1", 55), at("func-lines", "p.F", "a.go:1", 200), at("nesting", "p.F", "a.go:1", 5), at("errcheck", "p.F", "a.go:3", 1)},
		want: []string{"new cognitive 45 a.go:1", "new func-lines 20 a.go:1", "new nesting 20 a.go:1", "new errcheck 5 a.go:3"}, intro: 60,
	},
	{
		name: "a second structural finding on a symbol costs a quarter",
		base: measures{at("cognitive", "p.F", "a.go:1", 55)},
		head: measures{at("cognitive", "p.F", "a.go:1", 55), at("func-lines", "p.F", "a.go:1", 200)},
		want: []string{"new func-lines 20 a.go:1", "unchanged cognitive 45 a.go:1"}, intro: 5,
	},
	{
		name: "what is wrong with the whole package is one refactoring, and none of the file at which it is reported",
		head: measures{at("god-package", "p", "p/a.go:1", 4000), at("package-fan-out", "p", "p/a.go:1", 60), at("file-lines", "p", "p/a.go:1", 1000)},
		want: []string{"new god-package 180 p/a.go:1", "new file-lines 60 p/a.go:1", "new package-fan-out 60 p/a.go:1"}, intro: 255,
	},
	{
		name: "paying the dearest leaves the others in full",
		base: measures{at("cognitive", "p.F", "a.go:1", 55), at("func-lines", "p.F", "a.go:1", 200)},
		head: measures{at("func-lines", "p.F", "a.go:1", 200)},
		want: []string{"paid cognitive 45 a.go:1", "unchanged func-lines 20 a.go:1"}, repaid: 30,
	},
	{
		name: "one traded for the other",
		base: measures{at("cognitive", "p.F", "a.go:1", 55)},
		head: measures{at("func-lines", "p.F", "a.go:1", 200)},
		want: []string{"new func-lines 20 a.go:1", "paid cognitive 45 a.go:1"}, intro: 20, repaid: 45,
	},
	{
		name:     "damped through a rename",
		base:     measures{at("cognitive", "p.F", "a.go:1", 55), at("func-lines", "p.F", "a.go:1", 200)},
		head:     measures{at("cognitive", "p.G", "b.go:1", 55), at("func-lines", "p.G", "b.go:1", 200)},
		baseSyms: "p.F a.go:1" + ten, headSyms: "p.G b.go:1" + ten,
		want: []string{"moved cognitive 45 b.go:1", "moved func-lines 20 b.go:1"},
	},
	{
		name: "findings of two declarations joined in one: the net stays the difference of the totals",
		base: measures{at("cognitive", "p.init", "a.go:1", 55), at("func-lines", "p.init", "b.go:1", 200)},
		head: measures{at("cognitive", "p.init", "a.go:1", 55), at("func-lines", "p.init", "a.go:1", 200)},
		want: []string{"moved func-lines 20 a.go:1", "unchanged cognitive 45 a.go:1"}, repaid: 15,
	},
	{
		name: "and the way back",
		base: measures{at("cognitive", "p.init", "a.go:1", 55), at("func-lines", "p.init", "a.go:1", 200)},
		head: measures{at("cognitive", "p.init", "a.go:1", 55), at("func-lines", "p.init", "b.go:1", 200)},
		want: []string{"moved func-lines 20 b.go:1", "unchanged cognitive 45 a.go:1"}, intro: 15,
	},

	// Deleted code.
	{
		name:     "repaid by deleting the declaration",
		base:     measures{at("cognitive", "p.F", "a.go:1", 55), at("func-lines", "p.F", "a.go:1", 200), at("errcheck", "p.G", "a.go:50", 1)},
		baseSyms: "p.F a.go:1" + ten + "\np.G a.go:50" + other, headSyms: "p.G a.go:1" + other,
		want: []string{"paid cognitive 45 a.go:1 deleted", "paid func-lines 20 a.go:1 deleted", "paid errcheck 5 a.go:50"}, repaid: 55, deleted: 50,
	},
	{
		name:     "the second of two init deleted",
		base:     measures{at("errcheck", "p.init", "a.go:25", 1)},
		baseSyms: "p.init a.go:1" + ten + "\np.init a.go:20" + other, headSyms: "p.init a.go:1" + ten,
		want: []string{"paid errcheck 5 a.go:25 deleted"}, repaid: 5, deleted: 5,
	},
	{
		name:  "repaid by deleting the file",
		base:  measures{at("file-lines", "p", "a.go:1", 1000), at("unused", "p.x", "a.go:5", 1)},
		files: []FileChange{{Old: "a.go"}},
		want:  []string{"paid file-lines 60 a.go:1 deleted", "paid unused 5 a.go:5 deleted"}, repaid: 65, deleted: 65,
	},
	{
		name:  "a renamed file deletes nothing",
		base:  measures{at("unused", "p.x", "a.go:5", 1)},
		files: []FileChange{{Old: "a.go", New: "b.go"}},
		want:  []string{"paid unused 5 a.go:5"}, repaid: 5,
	},
}

// Packages that do not type-check, and code that no longer counts.
var awayStories = []story{
	{
		name: "broken at the head: nothing is repaid", brokenH: []string{"p"},
		base: measures{at("errcheck", "p.F", "a.go:1", 1), at("errcheck", "q.F", "q/a.go:1", 1)},
		want: []string{"paid errcheck 5 q/a.go:1"}, repaid: 5,
	},
	{
		name: "broken at the base: nothing is introduced", brokenB: []string{"p"},
		head: measures{at("errcheck", "p.F", "a.go:1", 1)},
	},
	{
		name: "moved into a broken package", brokenH: []string{"q"},
		base:     measures{at("errcheck", "p.F", "p/a.go:3", 1), at("file-lines", "p", "p/a.go:1", 1000)},
		baseSyms: "p.F p/a.go:1" + ten, headSyms: "q.F q/a.go:1" + ten,
		files: []FileChange{{Old: "p/a.go", New: "q/a.go"}},
	},
	{
		name: "moved out of a broken package", brokenB: []string{"p"},
		head:     measures{at("errcheck", "q.F", "q/a.go:3", 1), at("file-lines", "q", "q/a.go:1", 1000)},
		baseSyms: "p.F p/a.go:1" + ten, headSyms: "q.F q/a.go:1" + ten,
		files: []FileChange{{Old: "p/a.go", New: "q/a.go"}},
	},

	// Code that no longer counts.
	{
		name:     "a function moved into generated code repays nothing",
		base:     measures{at("cognitive", "p.F", "a.go:1", 20)},
		baseSyms: "p.F a.go:1" + ten, headSyms: "p.F zz.go:1 !generated x y",
		want: []string{"moved cognitive 10 a.go:1 (now in generated code: repays nothing)"},
	},
	{
		name:     "renamed on the way, too",
		base:     measures{at("cognitive", "p.F", "a.go:1", 20)},
		baseSyms: "p.F a.go:1" + ten, headSyms: "q.G vendor/q/z.go:1 !vendored" + ten,
		want: []string{"moved cognitive 10 a.go:1 (now in vendored code: repays nothing)"},
	},
	{
		name:     "a file that became an excluded one",
		base:     measures{at("unused", "p.x", "a.go:3", 1), at("file-lines", "p", "a.go:1", 1000), at("errcheck", "p.F", "b.go:1", 1)},
		files:    []FileChange{{Old: "a.go", New: "testdata/a.go"}, {Old: "b.go", New: "b.go"}},
		excluded: map[string]string{"testdata/a.go": "testdata", "b.go": "not parsed"},
		want: []string{
			"moved file-lines 60 a.go:1 (now in testdata: repays nothing)", "moved unused 5 a.go:3 (now in testdata: repays nothing)",
			"moved errcheck 5 b.go:1 (no longer read (not parsed): repays nothing)",
		},
	},
	{
		name:     "mended in code that counts, while its old file became a generated one",
		base:     measures{at("errcheck", "p.F", "a.go:1", 1)},
		baseSyms: "p.F a.go:1" + ten, headSyms: "p.F b.go:1" + ten,
		files:    []FileChange{{Old: "a.go", New: "a.go"}},
		excluded: map[string]string{"a.go": "generated"},
		want:     []string{"paid errcheck 5 a.go:1"}, repaid: 5,
	},
	{
		name:     "moved into a file that could not be read as far as the finding",
		base:     measures{at("errcheck", "p.F", "a.go:1", 1)},
		baseSyms: "p.F a.go:1" + ten, headSyms: "p.F b.go:1" + ten,
		excluded: map[string]string{"b.go": "not parsed"},
		want:     []string{"moved errcheck 5 a.go:1 (no longer read (not parsed): repays nothing)"},
	},
	{
		name:     "mended in test code",
		base:     measures{at("errcheck", "p.F", "a_test.go:1", 1)},
		baseSyms: "p.F a_test.go:1 !test" + ten, headSyms: "p.F a_test.go:1 !test" + ten,
		want: []string{"paid errcheck 5 a_test.go:1"}, testRe: 5,
	},
	{
		name: "moved into test code",
		base: measures{at("cognitive", "p.F", "a.go:1", 20)},
		head: measures{at("cognitive", "p.F", "a_test.go:1", 20)},
		want: []string{"moved cognitive 10 a_test.go:1 (now in test code: repays nothing)"},
	},
	{
		name: "moved out of test code",
		base: measures{at("cognitive", "p.F", "a_test.go:1", 20)},
		head: measures{at("cognitive", "p.F", "a.go:1", 20)},
		want: []string{"moved cognitive 10 a.go:1"},
	},
	{
		name: "out of test code and made worse on the way",
		base: measures{at("cognitive", "p.F", "a_test.go:1", 20)},
		head: measures{at("cognitive", "p.F", "a.go:1", 25)},
		want: []string{"worse cognitive 5 a.go:1"}, intro: 5,
	},
	{
		name: "into test code and made better on the way",
		base: measures{at("cognitive", "p.F", "a.go:1", 25)},
		head: measures{at("cognitive", "p.F", "a_test.go:1", 20)},
		want: []string{"moved cognitive 10 a_test.go:1 (now in test code: repays nothing)"},
	},
	{
		name:     "into test code, where it is no finding any more",
		base:     measures{at("cognitive", "p.F", "a.go:1", 25), at("file-lines", "p", "b.go:1", 1000)},
		baseSyms: "p.F a.go:1" + ten, headSyms: "p.F a_test.go:1 !test" + ten,
		files: []FileChange{{Old: "b.go", New: "b_test.go"}},
		want: []string{
			"moved file-lines 60 b.go:1 (now in test code: repays nothing)",
			"moved cognitive 15 a.go:1 (now in test code: repays nothing)",
		},
	},
	{
		name: "test code is counted apart",
		base: measures{at("errcheck", "p.TestF", "a_test.go:1", 1)},
		head: measures{at("cognitive", "p.TestG", "a_test.go:9", 20)},
		want: []string{"new cognitive 10 a_test.go:9", "paid errcheck 5 a_test.go:1"}, testIn: 10, testRe: 5,
	},
}

// Hidden findings are still there.
var suppressionStories = []story{
	{
		name: "a new suppression over an old finding, with a reason",
		base: measures{at("errcheck", "p.F", "a.go:5", 1)},
		head: measures{at("errcheck", "p.F", "a.go:6", 1).hidden("a.go:5"), at("suppression", "p.F", "a.go:5", 1)},
		want: []string{"new suppression 0 a.go:5", "suppressed errcheck 5 a.go:6"},
	},
	{
		name: "and without one",
		base: measures{at("errcheck", "p.F", "a.go:5", 1)},
		head: measures{at("errcheck", "p.F", "a.go:6", 1).hidden("a.go:5"), at("suppression", "p.F", "a.go:5", 1).reasonless()},
		want: []string{"new suppression 5 a.go:5", "suppressed errcheck 5 a.go:6"}, intro: 5,
	},
	{
		name: "a new suppression over a new finding costs what it hides",
		head: measures{at("cognitive", "p.F", "a.go:6", 45).hidden("a.go:5"), at("suppression", "p.F", "a.go:5", 1)},
		want: []string{"new suppression 35 a.go:5", "suppressed cognitive 35 a.go:6"}, intro: 35,
	},
	{
		name: "and 5 without a reason",
		head: measures{at("cognitive", "p.F", "a.go:6", 45).hidden("a.go:5"), at("errcheck", "p.F", "a.go:6", 1).hidden("a.go:5"), at("suppression", "p.F", "a.go:5", 1).reasonless()},
		want: []string{"new suppression 45 a.go:5", "suppressed cognitive 35 a.go:6", "suppressed errcheck 5 a.go:6"}, intro: 45,
	},
	{
		name: "a new finding under an old suppression",
		base: measures{at("suppression", "p.F", "a.go:5", 1).reasonless()},
		head: measures{at("errcheck", "p.F", "a.go:6", 1).hidden("a.go:5"), at("suppression", "p.F", "a.go:5", 1).reasonless()},
		want: []string{"worse suppression 5 a.go:5", "suppressed errcheck 5 a.go:6"}, intro: 5,
	},
	{
		name: "a finding that grew under an old suppression",
		base: measures{at("cognitive", "p.F", "a.go:6", 45).hidden("a.go:5"), at("suppression", "p.F", "a.go:5", 1)},
		head: measures{at("cognitive", "p.F", "a.go:6", 55).hidden("a.go:5"), at("suppression", "p.F", "a.go:5", 1)},
		want: []string{"worse suppression 10 a.go:5", "suppressed cognitive 45 a.go:6"}, intro: 10,
	},
	{
		name: "a finding that shrank and was suppressed",
		base: measures{at("cognitive", "p.F", "a.go:6", 45)},
		head: measures{at("cognitive", "p.F", "a.go:6", 35).hidden("a.go:5"), at("suppression", "p.F", "a.go:5", 1)},
		want: []string{"new suppression 0 a.go:5", "better cognitive 10 a.go:6"}, repaid: 10,
	},
	{
		name: "a suppression removed: what it hid was there all the time",
		base: measures{at("errcheck", "p.F", "a.go:6", 1).hidden("a.go:5"), at("suppression", "p.F", "a.go:5", 1).reasonless()},
		head: measures{at("errcheck", "p.F", "a.go:5", 1)},
		want: []string{"paid suppression 5 a.go:5", "unchanged errcheck 5 a.go:5"}, repaid: 5,
	},
	{
		name: "the same with a reason",
		base: measures{at("errcheck", "p.F", "a.go:6", 1).hidden("a.go:5"), at("suppression", "p.F", "a.go:5", 1)},
		head: measures{at("errcheck", "p.F", "a.go:5", 1)},
		want: []string{"paid suppression 0 a.go:5", "unchanged errcheck 5 a.go:5"},
	},
	{
		name: "hidden code that is mended is paid once",
		base: measures{at("errcheck", "p.F", "a.go:6", 1).hidden("a.go:5"), at("suppression", "p.F", "a.go:5", 1)},
		want: []string{"paid errcheck 5 a.go:6", "paid suppression 0 a.go:5"}, repaid: 5,
	},
	{
		name: "a suppression that hides nothing we know, with a reason",
		head: measures{at("suppression", "p.F", "a.go:5", 1), at("cognitive", "p.F", "a.go:6", 3).hidden("a.go:5")},
	},
	{
		name: "and without one",
		head: measures{at("suppression", "p.F", "a.go:5", 1).reasonless()},
		want: []string{"new suppression 5 a.go:5"}, intro: 5,
	},
	{
		name: "a reason that was added",
		base: measures{at("suppression", "p.F", "a.go:5", 1).reasonless()},
		head: measures{at("suppression", "p.F", "a.go:5", 1)},
		want: []string{"better suppression 5 a.go:5"}, repaid: 5,
	},
	{
		name: "a suppression of other linters is another suppression",
		base: measures{at("suppression", "p.F", "a.go:5", 1).node("errcheck").reasonless()},
		head: measures{at("suppression", "p.F", "a.go:5", 1).node("all").reasonless()},
		want: []string{"new suppression 5 a.go:5", "paid suppression 5 a.go:5"}, intro: 5, repaid: 5,
	},
	{
		name: "a suppression cannot hide itself",
		head: measures{at("suppression", "p.F", "a.go:5", 1).hidden("a.go:5")},
	},
	{
		name: "hidden by a comment that is not listed: the finding is charged itself",
		head: measures{at("errcheck", "p.F", "a.go:5", 1).hidden("a.go:4")},
		want: []string{"new errcheck 5 a.go:5"}, intro: 5,
	},
	{
		name: "nothing changed under a suppression",
		base: measures{at("errcheck", "p.F", "a.go:6", 1).hidden("a.go:5"), at("suppression", "p.F", "a.go:5", 1)},
		head: measures{at("errcheck", "p.F", "a.go:8", 1).hidden("a.go:7"), at("suppression", "p.F", "a.go:7", 1)},
		want: []string{"unchanged errcheck 5 a.go:8", "unchanged suppression 0 a.go:7"},
	},
}
