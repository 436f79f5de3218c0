package analyzers

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Suppression is a comment that asks linters to be silent.
type Suppression struct {
	Pos, End token.Pos // the comment
	// FromLine and ToLine are the range that it covers, both included.
	FromLine, ToLine int
	// Names are the linters, as the style spells them; empty for all of them.
	Names  []string
	Reason string // empty where none is given
	Style  string // "nolint", "lint:ignore", "lint:file-ignore" or "nosec"
}

// Suppressions finds the suppressions of f, in order. It reads four styles:
//
//	//nolint:a,b // reason               golangci-lint
//	//lint:ignore SA1019,SA4006 reason   staticcheck
//	//lint:file-ignore U1000 reason      staticcheck
//	// #nosec G404 -- reason             gosec
//
// What they cover is what the linters of their names make of them, with one
// difference. A comment at the end of a line covers that line, and the whole
// of the declaration, spec, field or statement that starts on it, so that
// "func f() { //nolint:x" covers the function. One on a line of its own covers
// the node below likewise. A nolint or nosec on or above the package clause
// covers the file. The difference: golangci-lint extends a nolint of its own
// line only, and to the file only from right above the clause; here the
// comment is believed, since what it hides is priced.
func Suppressions(fset *token.FileSet, f *ast.File) []Suppression {
	var list []Suppression
	for _, group := range f.Comments {
		for _, c := range group.List {
			s, ok := parseSuppression(c.Text)
			if !ok {
				continue
			}
			s.Pos, s.End = c.Pos(), c.End()
			list = append(list, s)
			list[len(list)-1].FromLine = lineOf(fset, group.Pos())
			list[len(list)-1].ToLine = lineOf(fset, group.End())
		}
	}
	if len(list) > 0 {
		extend(list, extents(fset, f), lineOf(fset, f.Package), lineOf(fset, f.FileEnd))
	}
	return list
}

// extent is where the outermost node that starts on a line ends, and whether
// code stands before the comments of that line.
type extent struct{ code, node int }

// extents maps each line on which code stands to the last line of the
// outermost node that starts there.
func extents(fset *token.FileSet, f *ast.File) map[int]extent {
	m := map[int]extent{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n.(type) {
		case nil, *ast.File:
			return true
		case *ast.Comment, *ast.CommentGroup:
			return false
		}
		first, last := lineOf(fset, n.Pos()), lineOf(fset, n.End())
		e := m[first]
		e.code = first
		switch n.(type) {
		case ast.Stmt, ast.Spec, ast.Decl, *ast.Field:
			e.node = max(e.node, last)
		}
		m[first] = e
		// Code ends here too: the comment behind a closing brace is inline.
		e = m[last]
		e.code = last
		m[last] = e
		return true
	})
	return m
}

// extend widens each range, which is the comment's group so far, to what the
// comment covers.
func extend(list []Suppression, m map[int]extent, packageLine, lastLine int) {
	for i := range list {
		s := &list[i]
		inline := m[s.FromLine].code == s.FromLine
		target := s.FromLine
		if !inline {
			target = s.ToLine + 1
		}
		switch {
		case s.Style == "lint:file-ignore",
			s.FromLine <= packageLine && s.Style != "lint:ignore":
			s.FromLine, s.ToLine = 1, lastLine
		case s.Style == "lint:ignore":
			// staticcheck silences the line on which the node starts, and
			// nothing inside.
			s.FromLine, s.ToLine = target, target
		default:
			s.ToLine = max(target, m[target].node)
		}
	}
}

var (
	nolintMark = regexp.MustCompile(`^//( *)nolint([: ]|$)`)
	lintMark   = regexp.MustCompile(`^//lint:(ignore|file-ignore) +(\S+)[ \t]+(\S.*)$`)
	nosecMark  = regexp.MustCompile(`^(?://|/\*)\s*#nosec\b`)
	nosecRule  = regexp.MustCompile(`\bG[0-9]{3}\b`)
)

// parseSuppression reads the text of one comment, marks included. It leaves
// positions and lines zero.
func parseSuppression(text string) (Suppression, bool) {
	text = strings.TrimRight(text, " \t\r\n")
	if s, ok := parseNolint(text); ok {
		return s, true
	}
	// staticcheck refuses a directive without a reason, so it hides nothing.
	if m := lintMark.FindStringSubmatch(text); m != nil {
		return Suppression{Style: "lint:" + m[1], Names: splitNames(m[2]), Reason: strings.TrimSpace(m[3])}, true
	}
	if mark := nosecMark.FindString(text); mark != "" {
		rest := strings.TrimSuffix(text[len(mark):], "*/")
		names, reason, _ := strings.Cut(rest, "--")
		return Suppression{Style: "nosec", Names: nosecRule.FindAllString(names, -1), Reason: strings.TrimSpace(reason)}, true
	}
	return Suppression{}, false
}

// parseNolint reads golangci-lint's directive: case-sensitive, a space before
// it allowed, names after a colon. "nolint" and words without a colon silence
// everything, a common slip. With a space before it as well, such a line is
// prose ("// nolint is read by golangci-lint"), and golangci-lint's reading
// of it as a directive is not followed.
func parseNolint(text string) (Suppression, bool) {
	m := nolintMark.FindStringSubmatchIndex(text)
	if m == nil {
		return Suppression{}, false
	}
	s := Suppression{Style: "nolint"}
	spaced := m[2] < m[3]
	names, reason, commented := strings.Cut(text[m[5]:], "//")
	s.Reason = strings.TrimSpace(reason)
	switch {
	case text[m[4]:m[5]] == ":":
		s.Names = splitNames(strings.ToLower(names))
		if slices.Contains(s.Names, "all") {
			s.Names = nil
		} else if len(s.Names) == 0 {
			// "//nolint:" names the linter "", which there is not.
			return Suppression{}, false
		}
	case spaced && strings.TrimSpace(names) != "":
		return Suppression{}, false
	case !commented:
		s.Reason = strings.TrimSpace(names)
	}
	return s, true
}

func splitNames(list string) []string {
	var names []string
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// Covers reports whether s silences the rule on a line of its file. Nothing
// silences a suppression or an API break: the first would hide itself, the
// second is between two trees and not in a line.
func (s Suppression) Covers(rule string, line int) bool {
	if line < s.FromLine || line > s.ToLine || rule == "suppression" || rule == "api-break" {
		return false
	}
	rule = strings.ToLower(rule)
	switch s.Style {
	case "nolint":
		return len(s.Names) == 0 || slices.ContainsFunc(s.Names, func(name string) bool { return nolintCovers(name, rule) })
	case "lint:ignore", "lint:file-ignore":
		return slices.ContainsFunc(s.Names, func(name string) bool { return lintCovers(name, rule) })
	}
	return false // gosec's rules are not ours
}

// linterRules says which of our rules the linters of golangci-lint are, by the
// names that their users write. A pattern is one of path.Match.
var linterRules = map[string][]string{
	"staticcheck":      {"staticcheck/*"},
	"megacheck":        {"staticcheck/*", "unused"},
	"govet":            {"vet/*"},
	"vet":              {"vet/*"},
	"unused":           {"unused"},
	"deadcode":         {"unused"},
	"structcheck":      {"unused"},
	"varcheck":         {"unused"},
	"u1000":            {"unused"},
	"gocognit":         {"cognitive"},
	"gocyclo":          {"cognitive"},
	"cyclop":           {"cognitive"},
	"maintidx":         {"cognitive"},
	"funlen":           {"func-lines"},
	"nestif":           {"nesting"},
	"godox":            {"self-admitted/*"},
	"gofixme":          {"self-admitted/*"},
	"self-admitted":    {"self-admitted/*"},
	"gochecknoglobals": {"mutable-global"},
	"reassign":         {"mutable-global"},
	"gochecknoinits":   {"init-effect"},
	"containedctx":     {"context-misuse"},
	"contextcheck":     {"context-misuse"},
	"intrange":         {"modernize/rangeint"},
	"modernize":        {"modernize/*"},
	"dupl":             {"clone", "clone-across", "identical-functions"},
	"depguard":         {"layer"},
}

// nolintCovers reports whether the name in a nolint is the rule: a linter's
// name, a code of staticcheck, or one of our own ids. Both are in lower case.
func nolintCovers(name, rule string) bool {
	for _, pattern := range linterRules[name] {
		if ok, _ := path.Match(pattern, rule); ok {
			return true
		}
	}
	return name == rule || "staticcheck/"+name == rule
}

// lintCovers reports whether a check's name or glob in a lint:ignore is the
// rule. staticcheck folds case, and so does this.
func lintCovers(name, rule string) bool {
	code, ok := strings.CutPrefix(rule, "staticcheck/")
	if !ok {
		if rule != "unused" {
			return false
		}
		code = "u1000"
	}
	ok, err := path.Match(strings.ToLower(name), code)
	return ok && err == nil
}
