package githubtest

import (
	"bytes"
	"html/template"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// markdown draws what people and Apps write as GitHub does, as far as it matters
// here: github.github.com/gfm.
var markdown = goldmark.New(
	goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.Linkify),
	goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(plainTags{}, 100))),
)

// hidden are HTML comments, which Markdown does not show.
var hidden = regexp.MustCompile(`(?s)<!--.*?-->`)

// prose is a text in Markdown as HTML. It is strangers' text: of HTML in it nothing
// is left but plainTags.
func prose(source string) template.HTML {
	var out bytes.Buffer
	if err := markdown.Convert([]byte(strings.TrimSpace(hidden.ReplaceAllString(source, ""))), &out); err != nil {
		return template.HTML(template.HTMLEscapeString(source)) // unreachable: a buffer takes all
	}
	return template.HTML(out.String())
}

// plainTag is a tag without attributes that GitHub leaves as it is, too.
var plainTag = regexp.MustCompile(`(?i)</?(?:details|summary|span|sub|sup|b|i|em|strong|code|kbd|del|br|hr)\s*/?>`)

// plainTags draws HTML within Markdown: tags that mark text as what it is, and all
// else as the text that it was written as.
type plainTags struct{}

func (p plainTags) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindHTMLBlock, p.block)
	r.Register(ast.KindRawHTML, p.inline)
}

func (plainTags) block(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		writeTags(w, source, node.Lines())
	} else if n := node.(*ast.HTMLBlock); n.HasClosure() {
		_, _ = w.WriteString(tagged(string(n.ClosureLine.Value(source)))) // into a buffer
	}
	return ast.WalkContinue, nil
}

func (plainTags) inline(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		writeTags(w, source, node.(*ast.RawHTML).Segments)
	}
	return ast.WalkSkipChildren, nil
}

func writeTags(w util.BufWriter, source []byte, lines *text.Segments) {
	for i := range lines.Len() {
		line := lines.At(i)
		_, _ = w.WriteString(tagged(string(line.Value(source)))) // into a buffer
	}
}

// tagged escapes all of an HTML text but its plain tags.
func tagged(line string) string {
	var out strings.Builder
	end := 0
	for _, at := range plainTag.FindAllStringIndex(line, -1) {
		out.WriteString(template.HTMLEscapeString(line[end:at[0]]))
		out.WriteString(line[at[0]:at[1]])
		end = at[1]
	}
	out.WriteString(template.HTMLEscapeString(line[end:]))
	return out.String()
}
