package analyzers

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/types/typeutil"
)

// Mark is a fact of the code that others may rely on, or that those who guard
// a domain want to hear of: a route, a flag of the command line, an import.
// It is an impact.Mark that is placed by a position.
type Mark struct {
	Kind   string
	Key    string // which fact it is, the same after a move to another file
	Value  string // what may differ while it is still the same fact; often empty
	Symbol string // enclosing declaration, as Symbol has it
	Pos    token.Pos
}

// MarkKind is one kind of mark, with what the key and the value of its marks
// are.
type MarkKind struct{ Name, Doc string }

// markRow makes the marks of one kind. All rows see the same single walk over
// the syntax. A row names what it wants to see by the functions that it has;
// they call markScan.add.
type markRow struct {
	MarkKind

	file    func(*markScan, *ast.File)
	fn      func(*markScan, *ast.FuncDecl)
	spec    func(*markScan, ast.Spec)        // of a type, const or var; local ones too
	structs func(*markScan, *ast.StructType) // see markScan.structPath
	literal func(*markScan, *ast.CompositeLit)
	call    func(*markScan, *ast.CallExpr, *types.Func) // only where the callee is known
	assign  func(s *markScan, target, value ast.Expr)   // each pair of an assignment
	spawn   func(*markScan, *ast.GoStmt)
	// text sees the outermost expression that is, or concatenates, a string,
	// as markScan.pattern reads it.
	text func(s *markScan, e ast.Expr, text string)
}

// markRows are all kinds of mark there are.
var markRows = []markRow{
	{MarkKind: MarkKind{"import", "import path"}, file: markImports},
	{MarkKind: MarkKind{"export", "exported symbol; func, method, type, interface, generic, var or const"},
		fn: markExportedFunc, spec: markExportedSpec},
	{MarkKind: MarkKind{"goroutine", "declaration that starts one"}, spawn: markGo, call: markGoCall},
	{MarkKind: MarkKind{"lock", "field or package variable; its type"}, structs: markLockFields, spec: markLockVars},
	{MarkKind: MarkKind{"route", "method and path of an HTTP route, or its path"}, call: markRoute},
	{MarkKind: MarkKind{"command-flag", "name of a flag of the command line; type and default"},
		call: markFlag, literal: markFlagLiteral},
	{MarkKind: MarkKind{"command", "name of a command"}, call: markCommand, literal: markCommandLiteral},
	{MarkKind: MarkKind{"message", "status and text of an answer"}, call: markMessage},
	{MarkKind: MarkKind{"default", "constant or field of a default configuration; its value"},
		spec: markDefaultSpec, fn: markDefaultFunc},
	{MarkKind: MarkKind{"flag-call", "flag SDK and key; default and variant"}, call: markFlagCall},
	{MarkKind: MarkKind{"insecure-tls", "declaration that switches the verification off"},
		literal: markInsecureLiteral, assign: markInsecureAssign},
	{MarkKind: MarkKind{"nosec", "comment that silences gosec"}, file: markNoSec},
	{MarkKind: MarkKind{"sql", "destructive statement; its verb"}, text: markSQL},
	{MarkKind: MarkKind{"field", "field of a serialised struct; type and tags"}, structs: markFields},
	{MarkKind: MarkKind{"retention-term", "constant, variable or field that says for how long data is kept; its value"},
		spec: markTermSpec, literal: markTermLiteral, assign: markTermAssign},
}

// MarkKinds returns the kinds of mark there are. The slice is the caller's.
func MarkKinds() []MarkKind {
	var kinds []MarkKind
	for _, r := range markRows {
		kinds = append(kinds, r.MarkKind)
	}
	return kinds
}

// Marks returns the marks of a package's production files, in the order of
// positions. Generated files are the caller's to leave out.
//
// The files need their comments, info its Types, Defs, Uses and Selections.
// These may lack entries: what they do not know makes no mark. So a package
// with errors has fewer marks, and is not to be compared with its other side.
func Marks(files []*ast.File, info *types.Info) []Mark {
	s := &markScan{info: info, paths: map[*types.Package]string{}}
	for _, f := range files {
		s.scanFile(f)
	}
	slices.SortStableFunc(s.marks, func(a, b Mark) int {
		return cmp.Or(cmp.Compare(a.Pos, b.Pos), strings.Compare(a.Kind, b.Kind), strings.Compare(a.Key, b.Key))
	})
	return s.marks
}

// markScan is one walk over the files of a package.
type markScan struct {
	info  *types.Info
	paths map[*types.Package]string // see path

	marks    []Mark
	imported map[string]bool // by the files so far

	// Where the walk is.
	row    *markRow
	pkg    string     // name of the package clause
	symbol string     // enclosing declaration
	stack  []ast.Node // from the declaration or spec to the node being visited
}

// add adds a mark of the row that is at work. Without a key it says nothing.
func (s *markScan) add(pos token.Pos, key, value string) {
	if key == "" {
		return
	}
	s.marks = append(s.marks, Mark{
		Kind: s.row.Name, Key: shortenMark(key), Value: shortenMark(value), Symbol: s.symbol, Pos: pos,
	})
}

// each calls do for every row.
func (s *markScan) each(do func(*markRow)) {
	for i := range markRows {
		s.row = &markRows[i]
		do(s.row)
	}
}

func (s *markScan) scanFile(f *ast.File) {
	s.pkg, s.symbol = f.Name.Name, ""
	s.each(func(r *markRow) {
		if r.file != nil {
			r.file(s, f)
		}
	})
	for _, decl := range f.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			s.symbol = funcSymbol(decl)
			s.each(func(r *markRow) {
				if r.fn != nil {
					r.fn(s, decl)
				}
			})
			s.walk(decl)
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				s.scanSpec(spec)
			}
		}
	}
}

// scanSpec walks over what a group declares. The value of each name is walked
// over under that name.
func (s *markScan) scanSpec(spec ast.Spec) {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		s.symbol = spec.Name.Name
		s.walk(spec)
	case *ast.ValueSpec:
		s.symbol = spec.Names[0].Name
		s.visitSpec(spec)
		if spec.Type != nil {
			s.walk(spec.Type)
		}
		for i, value := range spec.Values {
			s.symbol = spec.Names[min(i, len(spec.Names)-1)].Name
			s.walk(value)
		}
	}
}

func (s *markScan) walk(root ast.Node) {
	ast.Inspect(root, func(n ast.Node) bool {
		if n == nil {
			s.stack = s.stack[:len(s.stack)-1]
			return false
		}
		s.stack = append(s.stack, n)
		s.visit(n)
		return true
	})
}

// visit shows a node to the rows that want to see its like.
func (s *markScan) visit(n ast.Node) {
	switch n := n.(type) {
	case *ast.TypeSpec:
		s.visitSpec(n)
	case *ast.ValueSpec:
		s.visitSpec(n)
	case *ast.StructType:
		s.each(func(r *markRow) {
			if r.structs != nil {
				r.structs(s, n)
			}
		})
	case *ast.CompositeLit:
		s.each(func(r *markRow) {
			if r.literal != nil {
				r.literal(s, n)
			}
		})
	case *ast.CallExpr:
		s.visitCall(n)
	case *ast.AssignStmt:
		s.visitAssign(n)
	case *ast.GoStmt:
		s.each(func(r *markRow) {
			if r.spawn != nil {
				r.spawn(s, n)
			}
		})
	case *ast.BasicLit, *ast.BinaryExpr:
		s.visitText(n.(ast.Expr))
	}
}

func (s *markScan) visitSpec(spec ast.Spec) {
	s.each(func(r *markRow) {
		if r.spec != nil {
			r.spec(s, spec)
		}
	})
}

func (s *markScan) visitCall(call *ast.CallExpr) {
	callee, ok := typeutil.Callee(s.info, call).(*types.Func)
	if !ok || callee.Pkg() == nil {
		return
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		if x := s.info.Selections[sel]; x != nil && x.Kind() == types.MethodExpr {
			return // its arguments begin with the receiver
		}
	}
	s.each(func(r *markRow) {
		if r.call != nil {
			r.call(s, call, callee)
		}
	})
}

func (s *markScan) visitAssign(stmt *ast.AssignStmt) {
	if len(stmt.Lhs) != len(stmt.Rhs) {
		return
	}
	for i, target := range stmt.Lhs {
		s.each(func(r *markRow) {
			if r.assign != nil {
				r.assign(s, target, stmt.Rhs[i])
			}
		})
	}
}

func (s *markScan) visitText(e ast.Expr) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return
		}
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return
		}
	}
	if sum, ok := s.parent(0).(*ast.BinaryExpr); ok && sum.Op == token.ADD {
		return // it is seen as part of the sum
	}
	text := s.pattern(e)
	if text == "" {
		return
	}
	s.each(func(r *markRow) {
		if r.text != nil {
			r.text(s, e, text)
		}
	})
}
