package analyzers

import (
	"go/ast"
	"go/token"
	"reflect"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/tools/go/analysis"
)

// selfAdmitted finds the comment lines in which the author says that something
// is left to do. It yields three rules, because they cost differently: a to-do
// that is tracked in an issue, one that is not, and code known to be wrong.
//
// The word counts at the start of a line only; elsewhere it is more often
// spoken about than meant. See admission for what else is not meant.
var selfAdmitted = &analysis.Analyzer{
	Name:             "selfadmitted",
	Doc:              "find comments that admit unfinished work",
	Run:              runSelfAdmitted,
	RunDespiteErrors: true,
	ResultType:       reflect.TypeFor[[]Measure](),
}

func runSelfAdmitted(pass *analysis.Pass) (any, error) {
	var list []Measure
	for _, f := range pass.Files {
		declared := declaredBy(f)
		for _, group := range f.Comments {
			list = append(list, admissions(commentLines(pass.Fset, group), declared[group])...)
		}
	}
	return list, nil
}

// admissions returns one measure for each of the lines, which make up one
// comment, that admits debt. A comment that documents an object of the name
// declared may well begin with that name.
func admissions(lines []commentLine, declared string) []Measure {
	var list []Measure
	for i, line := range lines {
		word := admission(line.text)
		if word == "" || word == declared || continuesContext(lines, i) {
			continue
		}
		rule := "self-admitted/fixme"
		if word == "TODO" {
			rule = "self-admitted/todo"
		}
		if linked(lines[i:]) {
			rule = "self-admitted/linked"
		}
		list = append(list, Measure{
			Rule:    rule,
			Pos:     line.pos,
			End:     line.end,
			Message: shorten(line.text, 80),
			Value:   1,
		})
	}
	return list
}

var (
	admissionMark = regexp.MustCompile(`^(?:[-*•] )?(?i:(TODO|FIXME|HACK|XXX))\b`)
	// a colon after the word, or after a name in parentheses
	admissionColon = regexp.MustCompile(`^(?:\([^()]*\))?:`)
	// words that make the mark a noun: the TODO list of an example, a comment
	// on TODO comments
	admissionNoun = regexp.MustCompile(`^s? +(?:list|lists|app|apps|item|items|entry|entries|comment|comments|marker|markers)\b`)
)

// admission returns the word with which a line of a comment admits debt, in
// upper case; empty where it does not.
//
//	TODO: x    TODO(bob): x    TODO x    todo: x    - FIXME x
//
// are meant, and
//
//	todo x    TODO()    XXX-XXX    XXX_unrecognized    XXX.go    TODO list
//
// are not.
func admission(line string) string {
	m := admissionMark.FindStringSubmatchIndex(line)
	if m == nil {
		return ""
	}
	written, rest := line[m[2]:m[3]], line[m[3]:]
	word := strings.ToUpper(written)
	if admissionColon.MatchString(rest) {
		return word
	}
	// Without the colon only capitals tell the mark from the English word.
	if written != word || strings.HasPrefix(rest, "()") || admissionNoun.MatchString(rest) {
		return ""
	}
	if strings.HasPrefix(rest, " XXX") {
		return "" // XXX XXX: a placeholder
	}
	next, _ := utf8.DecodeRuneInString(rest)
	if rest == "" || unicode.IsSpace(next) || strings.ContainsRune("(!?", next) {
		return word
	}
	return ""
}

// continuesContext reports whether line i is the middle of a sentence on
// context.TODO that was broken before the word:
//
//	// Use context.Background or context.
//	// TODO when it is unclear which one is meant.
func continuesContext(lines []commentLine, i int) bool {
	if i == 0 || !strings.HasPrefix(lines[i].text, "TODO ") {
		return false
	}
	before := lines[i-1].text
	return before != "" && !strings.ContainsAny(before[len(before)-1:], ":;!?") &&
		(strings.HasSuffix(before, "context.") ||
			!strings.HasSuffix(before, ".") && strings.Contains(before, "context."))
}

var (
	issueLink = regexp.MustCompile(`(?:^|[^&])#[0-9]+\b|https?://|\b(?i:issues?|gh)[/-][0-9]+\b`)
	issueKey  = regexp.MustCompile(`\b([A-Z][A-Z0-9]+)-[0-9]+\b`)
)

// standards look like the key of an issue and are none.
var standards = map[string]bool{
	"AES": true, "CVE": true, "ECMA": true, "GPT": true, "HTTP": true, "IEEE": true, "IEC": true, "ISO": true, "MD": true,
	"PEP": true, "RFC": true, "RSA": true, "SHA": true, "SSE": true, "TLS": true, "UTC": true, "UTF": true, "UCS": true,
}

// linked reports whether the admission that starts at lines[0] names an issue,
// on its own line or on those that continue it.
func linked(lines []commentLine) bool {
	for i, line := range lines {
		if i > 0 && (line.text == "" || admission(line.text) != "") {
			return false
		}
		if issueLink.MatchString(line.text) {
			return true
		}
		for _, key := range issueKey.FindAllStringSubmatch(line.text, -1) {
			if !standards[key[1]] {
				return true
			}
		}
	}
	return false
}

// commentLine is one line of a comment, without its marks.
type commentLine struct {
	pos, end token.Pos
	text     string
}

// commentLines splits a comment group into its lines. The second and later
// lines of a /* comment are found by their line number, because the text that
// the parser keeps has lost its carriage returns and so does not lead to them.
func commentLines(fset *token.FileSet, group *ast.CommentGroup) []commentLine {
	var list []commentLine
	for _, c := range group.List {
		if text, ok := strings.CutPrefix(c.Text, "//"); ok {
			list = append(list, commentLine{c.Pos(), c.End(), strings.TrimSpace(text)})
			continue
		}
		file := fset.File(c.Pos())
		first := lineOf(fset, c.Pos())
		text := strings.TrimSuffix(strings.TrimPrefix(c.Text, "/*"), "*/")
		for i, text := range strings.Split(text, "\n") {
			l := commentLine{pos: c.Pos(), text: strings.TrimSpace(text)}
			if i > 0 {
				l.pos = file.LineStart(first + i)
				l.text = strings.TrimSpace(strings.TrimPrefix(l.text, "*"))
			}
			l.end = l.pos + token.Pos(len(text))
			list = append(list, l)
		}
	}
	return list
}

// declaredBy maps the doc comments of a file to the name that they document.
func declaredBy(f *ast.File) map[*ast.CommentGroup]string {
	names := map[*ast.CommentGroup]string{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			names[n.Doc] = n.Name.Name
		case *ast.TypeSpec:
			names[n.Doc] = n.Name.Name
		case *ast.ValueSpec:
			names[n.Doc] = n.Names[0].Name
		case *ast.Field:
			if len(n.Names) > 0 {
				names[n.Doc] = n.Names[0].Name
			}
		case *ast.GenDecl:
			if len(n.Specs) == 1 {
				names[n.Doc] = specName(n.Specs[0], n.Specs[0].Pos())
			}
		}
		return true
	})
	delete(names, nil)
	return names
}

// shorten cuts text to n runes, the last of them an ellipsis where something
// is missing.
func shorten(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return strings.TrimSpace(string([]rune(text)[:n-1])) + "…"
}
