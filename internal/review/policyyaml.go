package review

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// What a policy may be at most. They are there for the parser's sake: it takes
// quadratic time in the number of keys, and recurses with the nesting, past the
// end of a stack if it has to. A roster of some 2,500 people is within them.
const (
	// MaxPolicyBytes is the size of a file.
	MaxPolicyBytes  = 1 << 20
	maxPolicyTokens = 100_000
	maxPolicyKeys   = 10_000
	maxPolicyDepth  = 32
)

// A node is a YAML value, reduced to what a policy is made of.
type node struct {
	kind   nodeKind
	text   string  // of a scalar
	number float64 // of a number
	at     span
	items  []node  // of a list
	fields []field // of a mapping, in the order of the file
}

type field struct{ key, value node }

type nodeKind int

const (
	nodeNothing nodeKind = iota // also what was refused and has its problem
	nodeText
	nodeNumber
	nodeTruth
	nodeList
	nodeMapping
)

// String says what stands there, with its article.
func (n node) String() string {
	switch n.kind {
	case nodeText:
		return fmt.Sprintf("%q", shorten(n.text))
	case nodeNumber:
		return "the number " + n.text
	case nodeTruth:
		return "the truth value " + n.text
	case nodeList:
		return "a list"
	case nodeMapping:
		return "a mapping"
	}
	return "nothing"
}

func shorten(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

// reader turns one file into nodes, and collects what is wrong with it.
type reader struct {
	file     string
	lines    []string
	problems []Problem
	more     int // problems that were not kept
}

// maxProblems is how many problems of one file are kept. Nobody reads more, and
// each has an excerpt, of a line that may be the whole file.
const maxProblems = 200

func (r *reader) problem(at span, format string, args ...any) {
	if len(r.problems) == maxProblems {
		r.more++
		return
	}
	r.problems = append(r.problems, Problem{
		Position: Position{r.file, max(at.line, 1), max(at.column, 1)},
		What:     string(printable(fmt.Sprintf(format, args...))),
		Excerpt:  excerpt(r.lines, at),
	})
}

// told are the problems, with a last one that counts those that were not kept.
func (r *reader) told() []Problem {
	if r.more == 0 {
		return r.problems
	}
	last := r.problems[len(r.problems)-1]
	return append(r.problems, Problem{Position: last.Position, What: fmt.Sprintf("there are %d more problems in this file", r.more)})
}

// read parses a file. ok is false where that failed, so that nothing can be
// said of its content.
func (r *reader) read(content []byte) (root node, ok bool) {
	if len(content) > MaxPolicyBytes {
		r.problem(span{1, 1, 1}, "the file has more than %d bytes", MaxPolicyBytes)
		return node{}, false
	}
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	r.lines = strings.SplitAfter(string(content), "\n")
	for i, line := range r.lines {
		if at := unreadable(line); at >= 0 {
			r.problem(span{i + 1, utf8.RuneCountInString(line[:at]) + 1, 1}, "this character is no plain text in UTF-8")
			return node{}, false
		}
	}
	tokens := lexer.Tokenize(string(content))
	if !r.affordable(tokens) {
		return node{}, false
	}
	file, err := parse(tokens)
	if err != nil {
		r.syntax(err)
		return node{}, false
	}
	docs := file.Docs
	for len(docs) > 0 && docs[0].Body == nil {
		docs = docs[1:]
	}
	if len(docs) == 0 {
		return node{kind: nodeMapping, at: span{1, 1, 1}}, true
	}
	if len(docs) > 1 {
		at := span{1, 1, 1}
		if docs[1].Start != nil {
			at = tokenSpan(docs[1].Start)
		}
		r.problem(at, "there is more than one YAML document; a policy is one")
		return node{}, false
	}
	return r.node(docs[0].Body), true
}

// unreadable returns where a line has a control character or a byte that is
// none of UTF-8's, -1 where it has none.
func unreadable(line string) int {
	for i, c := range line {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7f {
			return i
		}
		if c == utf8.RuneError && !strings.HasPrefix(line[i:], string(utf8.RuneError)) {
			return i
		}
	}
	return -1
}

// affordable refuses what the parser would choke on, before it sees it.
func (r *reader) affordable(tokens token.Tokens) bool {
	var keys, flow, stacked, line int
	for _, t := range tokens {
		if t.Position.Line != line {
			stacked, line = 0, t.Position.Line
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		case token.SequenceEntryType, token.MappingKeyType, token.TagType, token.AnchorType:
			stacked++ // "- - - x" nests without indentation
		case token.MappingValueType:
			keys++
		}
		if flow+stacked > maxPolicyDepth {
			r.problem(tokenSpan(t), "this is nested too deeply for a policy")
			return false
		}
	}
	if keys > maxPolicyKeys || len(tokens) > maxPolicyTokens {
		r.problem(span{1, 1, 1}, "the file is too large: a policy has at most %d keys and %d words and signs", maxPolicyKeys, maxPolicyTokens)
		return false
	}
	return true
}

var errParser = errors.New("this is no YAML that can be read")

// parse keeps a panic of the parser to itself: it has had such bugs, and a
// policy comes from whoever can write to a branch.
func parse(tokens token.Tokens) (file *ast.File, err error) {
	defer func() {
		if recover() != nil {
			file, err = nil, errParser
		}
	}()
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey()) // we report all of them, not the first
}

func (r *reader) syntax(err error) {
	var syntax *yaml.SyntaxError
	if !errors.As(err, &syntax) || syntax.Token == nil {
		r.problem(span{1, 1, 1}, "%v", errParser)
		return
	}
	what := syntax.Message
	switch {
	case strings.Contains(what, "reserved character"):
		what += "; put the text into quotes"
	case strings.Contains(what, "'\t'"):
		what = "a tab; indent with spaces"
	}
	r.problem(tokenSpan(syntax.Token), "not YAML: %s", what)
}

func tokenSpan(t *token.Token) span {
	if t == nil || t.Position == nil {
		return span{1, 1, 1}
	}
	width := utf8.RuneCountInString(t.Value)
	if t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType {
		width += 2
	}
	return span{t.Position.Line, t.Position.Column, width}
}

// node reduces a syntax tree. What a policy has no use for becomes a problem:
// an alias lets a short file stand for a huge one, a tag names a type to make,
// a merge key says in one place what holds in another.
func (r *reader) node(n ast.Node) node {
	if n == nil {
		return node{}
	}
	at := tokenSpan(n.GetToken())
	refuse := func(what string) node {
		r.problem(at, "%s is not understood here; write the value itself", what)
		return node{at: at}
	}
	scalar := func(kind nodeKind, text string) node { return node{kind: kind, text: text, at: at} }
	switch n := n.(type) {
	case *ast.MappingNode:
		return r.mapping(n.Values, at)
	case *ast.MappingValueNode:
		return r.mapping([]*ast.MappingValueNode{n}, at)
	case *ast.SequenceNode:
		out := node{kind: nodeList, at: at}
		for _, v := range n.Values {
			out.items = append(out.items, r.node(v))
		}
		return out
	case *ast.StringNode:
		return scalar(nodeText, n.Value)
	case *ast.LiteralNode:
		if n.Value == nil {
			return scalar(nodeText, "")
		}
		return scalar(nodeText, n.Value.Value)
	case *ast.IntegerNode:
		out := scalar(nodeNumber, n.Token.Value)
		switch v := n.Value.(type) {
		case int64:
			out.number = float64(v)
		case uint64:
			out.number = float64(v)
		default:
			out.kind = nodeText // unreachable: an integer has one of the two
		}
		return out
	case *ast.FloatNode:
		out := scalar(nodeNumber, n.Token.Value)
		out.number = n.Value
		return out
	case *ast.BoolNode:
		return scalar(nodeTruth, n.Token.Value)
	case *ast.NullNode:
		return node{at: at}
	case *ast.InfinityNode, *ast.NanNode:
		return refuse("a number without a value")
	case *ast.AnchorNode:
		return refuse("an anchor (&)")
	case *ast.AliasNode:
		return refuse("an alias (*)")
	case *ast.TagNode:
		return refuse("a tag (!)")
	case *ast.MergeKeyNode:
		return refuse("a merge key (<<)")
	case *ast.MappingKeyNode:
		return refuse("an explicit key (?)")
	case *ast.DirectiveNode:
		return refuse("a directive (%)")
	}
	return refuse("this")
}

func (r *reader) mapping(values []*ast.MappingValueNode, at span) node {
	out := node{kind: nodeMapping, at: at}
	for i, v := range values {
		key := r.node(v.Key)
		if i == 0 {
			out.at = key.at // the library's is the colon
		}
		switch key.kind {
		case nodeText, nodeNumber, nodeTruth: // a team may be named 7
			out.fields = append(out.fields, field{key, r.node(v.Value)})
		case nodeNothing:
			if _, null := v.Key.(*ast.NullNode); null {
				r.problem(key.at, "a key is missing before the colon")
			}
		default: // unreachable: the parser takes no list or mapping for a key
			r.problem(key.at, "a key is a word, not %s", key)
		}
	}
	return out
}
