package analyzers

import (
	"crypto/sha256"
	"encoding/hex"
	"go/ast"
	"go/token"
	"hash/fnv"
	"sort"
	"strings"
)

// NodeHash identifies the code at [pos, end) by what it says and not by where
// it stands: 16 hex digits over the normalised tokens of the smallest
// statement, spec, field or declaration that holds the range. Comments, white
// space, line ends and gofmt change nothing; a renamed identifier does. For a
// range in a comment it is the comment's text with its white space folded.
//
// src is the file as it was parsed. The result is empty where nothing holds
// the range.
func NodeHash(fset *token.FileSet, src []byte, f *ast.File, pos, end token.Pos) string {
	end = max(pos, end)
	for _, group := range f.Comments {
		for _, c := range group.List {
			if c.Pos() <= pos && pos < c.End() {
				text := strings.TrimSuffix(c.Text[2:], "*/")
				return digest(strings.Join(strings.Fields(text), " "))
			}
		}
	}
	node := smallest(f, pos, end)
	file := fset.File(pos)
	if node == nil || file == nil || fset.File(node.Pos()) != file {
		return ""
	}
	from, to := file.Offset(node.Pos()), file.Offset(node.End())
	if to > len(src) || from > to {
		return "" // not the source that was parsed
	}
	var b strings.Builder
	for _, l := range normalised(src[from:to]) {
		b.WriteString(l.text)
		b.WriteByte(0)
	}
	return digest(b.String())
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}

// smallest returns the innermost statement, spec, field or declaration that
// holds [pos, end), or the package clause's name, or nil.
func smallest(f *ast.File, pos, end token.Pos) ast.Node {
	var found ast.Node
	ast.Inspect(f, func(n ast.Node) bool {
		if n == nil || n.Pos() > pos || n.End() < end {
			_, isFile := n.(*ast.File) // its Pos is the package clause
			return isFile
		}
		switch n.(type) {
		case ast.Stmt, ast.Spec, ast.Decl, *ast.Field:
			found = n
		}
		return true
	})
	if found == nil && f.Package <= pos && end <= f.Name.End() {
		return f.Name
	}
	return found
}

// Symbol is the top-level declaration around pos: "Func", "Type.Method",
// "Type", or the name of a variable or constant. A doc comment belongs to its
// declaration. It is empty outside of any, and in an import.
func Symbol(f *ast.File, pos token.Pos) string {
	for _, decl := range f.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if within(decl, decl.Doc, nil, pos) {
				return funcSymbol(decl)
			}
		case *ast.GenDecl:
			if name := genSymbol(decl, pos); name != "" {
				return name
			}
		}
	}
	return ""
}

// funcSymbol is "Func" or "Type.Method", where Type is the receiver's base
// type without its type parameters.
func funcSymbol(decl *ast.FuncDecl) string {
	if decl.Recv == nil || len(decl.Recv.List) == 0 {
		return decl.Name.Name
	}
	recv := decl.Recv.List[0].Type
	for {
		switch x := recv.(type) {
		case *ast.ParenExpr:
			recv = x.X
		case *ast.StarExpr:
			recv = x.X
		case *ast.IndexExpr:
			recv = x.X
		case *ast.IndexListExpr:
			recv = x.X
		case *ast.Ident:
			return x.Name + "." + decl.Name.Name
		default: // does not type-check
			return decl.Name.Name
		}
	}
}

// genSymbol is the name that the declaration gives at pos. What stands around
// the specs of a group, its doc comment for instance, is about no single one.
func genSymbol(decl *ast.GenDecl, pos token.Pos) string {
	for _, spec := range decl.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			if within(s, s.Doc, s.Comment, pos) {
				return s.Name.Name
			}
		case *ast.ValueSpec:
			if within(s, s.Doc, s.Comment, pos) {
				return specName(s, pos)
			}
		}
	}
	if len(decl.Specs) == 1 && within(decl, decl.Doc, nil, pos) {
		return specName(decl.Specs[0], pos)
	}
	return ""
}

// specName is the name that a spec declares; where it declares several, the
// one to which pos belongs, or else the first.
func specName(spec ast.Spec, pos token.Pos) string {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		return s.Name.Name
	case *ast.ValueSpec:
		for i, name := range s.Names {
			if name.Pos() <= pos && pos < name.End() || i < len(s.Values) && within(s.Values[i], nil, nil, pos) {
				return name.Name
			}
		}
		return s.Names[0].Name
	}
	return "" // an import
}

func within(n ast.Node, doc, comment *ast.CommentGroup, pos token.Pos) bool {
	return n.Pos() <= pos && pos < n.End() ||
		doc != nil && doc.Pos() <= pos && pos < n.End() ||
		comment != nil && n.Pos() <= pos && pos < comment.End()
}

// Declaration is one name that a file declares at the top level, to recognise
// it after a rename or a move.
type Declaration struct {
	Name          string // as Symbol has it; not unique: there may be several init and _
	Line, EndLine int    // of the declaration without its doc comment, from 1
	// Tokens are hashes of the normalised tokens in order. The declaration's
	// own name is left out wherever it stands, so that a renamed function is
	// equal to itself even where it is recursive.
	Tokens []uint32
}

// Symbols returns the declarations of f in order, imports left out. src is the
// file as it was parsed.
func Symbols(fset *token.FileSet, f *ast.File, src []byte) []Declaration {
	file := fset.File(f.FileStart)
	if file == nil || file.Size() > len(src) {
		return nil // not the source that was parsed
	}
	tokens := normalised(src)
	var list []Declaration
	add := func(name, own string, keyword token.Token, n ast.Node) {
		d := Declaration{
			Name:    name,
			Line:    lineOf(fset, n.Pos()),
			EndLine: lineOf(fset, n.End()),
		}
		if keyword != token.FUNC { // a spec: var or const is not in its range
			d.Tokens = append(d.Tokens, hash32(keyword.String()))
		}
		from := sort.Search(len(tokens), func(i int) bool { return tokens[i].offset >= file.Offset(n.Pos()) })
		to := sort.Search(len(tokens), func(i int) bool { return tokens[i].offset >= file.Offset(n.End()) })
		for _, l := range tokens[from:max(from, to)] {
			if l.tok != token.IDENT || l.text != own {
				d.Tokens = append(d.Tokens, hash32(l.text))
			}
		}
		list = append(list, d)
	}
	for _, decl := range f.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			add(funcSymbol(decl), decl.Name.Name, token.FUNC, decl)
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					add(spec.Name.Name, spec.Name.Name, decl.Tok, spec)
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						add(name.Name, name.Name, decl.Tok, spec)
					}
				}
			}
		}
	}
	return list
}

func hash32(s string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(s))
	return h.Sum32()
}
