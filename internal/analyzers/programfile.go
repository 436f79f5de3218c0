package analyzers

import (
	"go/ast"
	"go/token"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// ProgramFile is what program checks need of one file, so that neither its
// source nor its syntax has to be kept. It is never changed: the two sides of a
// review share those of equal files.
type ProgramFile struct {
	Rel     string // relative to the repository
	Name    string // of the package clause
	Imports []Import
	// Words are the string literals that were asked for, the first place of each.
	Words []Word
	// Platform says that a build constraint decides whether the file is built.
	Platform bool

	// What clones are looked for in; exported for gob. Simple are the statements
	// that hold no others, in order; Raw is one number for each token: see lexed.
	Lists  []stmtList
	Simple []stmt
	Raw    []uint32
}

// Import is one import declaration.
type Import struct {
	Path         string
	Line, Column int
}

// Word is a string literal.
type Word struct {
	Value        string
	Line, Column int
	Count        int // how many of them the file has
}

// NewProgramFile takes out of a parsed file what program checks need. src is what
// was parsed, words are the values of the string literals to look for.
func NewProgramFile(rel string, src []byte, fset *token.FileSet, syntax *ast.File, words []string) *ProgramFile {
	f := &ProgramFile{Rel: rel, Name: syntax.Name.Name}
	for _, spec := range syntax.Imports {
		if path, err := strconv.Unquote(spec.Path.Value); err == nil {
			at := fset.PositionFor(spec.Pos(), false)
			f.Imports = append(f.Imports, Import{path, at.Line, at.Column})
		}
	}
	if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(string(src), w) }) {
		f.Words = findWords(fset, syntax, words)
	}
	l := &lister{f: f, fset: fset, file: fset.File(syntax.FileStart), lexed: lexAll(src)}
	l.paint(syntax)
	l.collect(syntax)
	f.Raw = l.raw
	return f
}

func findWords(fset *token.FileSet, syntax *ast.File, words []string) []Word {
	var found []Word
	ast.Inspect(syntax, func(n ast.Node) bool {
		if _, imports := n.(*ast.ImportSpec); imports {
			return false
		}
		lit, ok := n.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return true
		}
		value, err := strconv.Unquote(lit.Value)
		if err != nil || !slices.Contains(words, value) {
			return true
		}
		if i := slices.IndexFunc(found, func(w Word) bool { return w.Value == value }); i >= 0 {
			found[i].Count++
			return true
		}
		at := fset.PositionFor(lit.Pos(), false)
		found = append(found, Word{value, at.Line, at.Column, 1})
		return true
	})
	return found
}

// lexed are the tokens of a file as clones are compared by: one number for
// each, and where it begins. The two upper bits of a number are its class. A
// name or a literal has a hash of its text below, which tells how alike two
// clones are; whether they are clones is decided without it.
type lexed struct {
	raw    []uint32
	offset []int32
	counts []bool // whether the token counts: see paint
}

const (
	nameClass    = 1 << 30
	literalClass = 2 << 30
	classMask    = 3 << 30
)

// shapeOf is a token without what names and literals say.
func shapeOf(raw uint32) uint32 {
	if class := raw & classMask; class != 0 {
		return class
	}
	return raw
}

func lexAll(src []byte) lexed {
	var l lexed
	for _, t := range normalised(src) {
		n := uint32(t.tok)
		switch {
		case t.tok == token.IDENT:
			n = nameClass | hash32(t.text)&^classMask
		case t.tok.IsLiteral():
			n = literalClass | hash32(t.text)&^classMask
		}
		l.raw, l.offset, l.counts = append(l.raw, n), append(l.offset, int32(t.offset)), append(l.counts, true)
	}
	return l
}

// stmtList are the statements of one block.
type stmtList struct {
	Stmts  []stmt
	Symbol string // the declaration that the block lies in
}

type stmt struct {
	Hash          uint64 // of the shapes of its tokens
	From, To      int32  // its tokens
	Weight        int32  // those of them that count
	Line, EndLine int32
}

// lister collects the statement lists of a file.
type lister struct {
	f    *ProgramFile
	fset *token.FileSet
	file *token.File
	lexed
}

func (l *lister) index(pos token.Pos) int {
	at := int32(l.file.Offset(pos))
	return sort.Search(len(l.offset), func(i int) bool { return l.offset[i] >= at })
}

// paint marks the tokens that do not count towards the size of a clone, because
// they make a table: the elements of composite literals, without the bodies of
// functions in them, and switches that map values to values.
func (l *lister) paint(syntax *ast.File) {
	fill := func(from, to token.Pos, counts bool) {
		for i := l.index(from); i < l.index(to); i++ {
			l.counts[i] = counts
		}
	}
	ast.Inspect(syntax, func(n ast.Node) bool { // outer before inner, so that the inner one decides
		switch n := n.(type) {
		case *ast.CompositeLit:
			fill(n.Lbrace, n.Rbrace, false)
		case *ast.FuncLit:
			fill(n.Body.Lbrace, n.Body.Rbrace, true)
		case *ast.SwitchStmt:
			if mapping(n.Body) {
				fill(n.Body.Lbrace, n.Body.Rbrace, false)
			}
		case *ast.TypeSwitchStmt:
			if mapping(n.Body) {
				fill(n.Body.Lbrace, n.Body.Rbrace, false)
			}
		}
		return true
	})
}

// mapping reports whether each case of a switch does no more than to return or to
// assign something.
func mapping(body *ast.BlockStmt) bool {
	for _, c := range body.List {
		clause := c.(*ast.CaseClause)
		if len(clause.Body) > 1 {
			return false
		}
		for _, s := range clause.Body {
			switch s.(type) {
			case *ast.ReturnStmt, *ast.AssignStmt:
			default:
				return false
			}
		}
	}
	return len(body.List) > 0
}

func (l *lister) collect(syntax *ast.File) {
	for _, decl := range syntax.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			l.blocks(decl, funcSymbol(decl))
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				l.blocks(spec, specName(spec, spec.Pos()))
			}
		}
	}
}

// blocks adds the statement lists in a declaration.
func (l *lister) blocks(decl ast.Node, symbol string) {
	ast.Inspect(decl, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			l.add(n.List, symbol)
		case *ast.CaseClause:
			l.add(n.Body, symbol)
		case *ast.CommClause:
			l.add(n.Body, symbol)
		case *ast.AssignStmt, *ast.DeclStmt, *ast.DeferStmt, *ast.ExprStmt, *ast.GoStmt, *ast.IncDecStmt, *ast.ReturnStmt, *ast.SendStmt:
			l.f.Simple = append(l.f.Simple, l.stmt(n.Pos(), n.End()))
		}
		return true
	})
}

func (l *lister) add(list []ast.Stmt, symbol string) {
	out := stmtList{Symbol: symbol}
	weight := int32(0)
	for _, s := range list {
		st := l.stmt(s.Pos(), s.End())
		weight += st.Weight
		out.Stmts = append(out.Stmts, st)
	}
	if weight >= minCloneTokens {
		l.f.Lists = append(l.f.Lists, out)
	}
}

func (l *lister) stmt(pos, end token.Pos) stmt {
	from, to := l.index(pos), l.index(end)
	s := stmt{
		From: int32(from), To: int32(to), Hash: 14695981039346656037,
		Line: int32(lineOf(l.fset, pos)), EndLine: int32(lineOf(l.fset, end)),
	}
	for i := from; i < to; i++ { // FNV-1a, by tokens
		s.Hash = (s.Hash ^ uint64(shapeOf(l.raw[i]))) * 1099511628211
		if l.counts[i] {
			s.Weight++
		}
	}
	return s
}
