package analyzers

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// contextMisuse finds what keeps a deadline or a cancellation from those whom
// it is meant for: a context that is stored in a struct, one that is not the
// first parameter, and a new Background or TODO where one is at hand.
//
// Not misuse:
//   - A context beside its own cancel function or errgroup: the struct ends
//     its work by it, as it might by a channel.
//   - A struct that is a context itself or has a method Context, one inside a
//     function, and one that by its name lives as long as one call: options, a
//     request, a transaction, a stream.
//   - A parameter after a *testing.T.
//   - A new context for what must outlive the one at hand: in a goroutine, in
//     a deferred call, after <-ctx.Done(), in place of a nil one, for shutting
//     down and cleaning up, or in a function literal, which may run at any time.
//
// Tests may do as they like.
var contextMisuse = &analysis.Analyzer{
	Name:       "contextmisuse",
	Doc:        "find contexts that are stored, hidden among parameters or not handed on",
	Run:        runContextMisuse,
	ResultType: reflect.TypeFor[[]Measure](),
}

func runContextMisuse(pass *analysis.Pass) (any, error) {
	s := contextScan{info: pass.TypesInfo}
	for _, f := range production(pass) {
		for _, decl := range f.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				s.params(decl.Name, decl.Type)
				if decl.Body != nil {
					s.fresh(decl.Type, decl.Body)
				}
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					if spec, ok := spec.(*ast.TypeSpec); ok {
						s.typeSpec(spec)
					}
				}
			}
		}
	}
	return s.list, nil
}

type contextScan struct {
	info *types.Info
	list []Measure
}

func (s *contextScan) add(n ast.Node, message string) {
	s.list = append(s.list, Measure{Rule: "context-misuse", Pos: n.Pos(), End: n.End(), Message: message, Value: 1})
}

func (s *contextScan) isContext(e ast.Expr) bool {
	t := s.info.TypeOf(e)
	_, pointer := t.(*types.Pointer)
	return !pointer && isType(t, "context", "Context")
}

// brief are names of structs that live as long as one call, whose context they
// may so keep.
var brief = regexp.MustCompile(`(?i)(opts?|options|params|args|arguments|config|cfg|settings|request|req|input|context|ctx|call|event|message|msg|` +
	`job|task|item|txn?|transaction|stm|stream|reader|writer|closer|iter|iterator|cursor|quer(y|ier)|scanner|builder|visitor|walker)$|^txn?[a-z]`)

func (s *contextScan) typeSpec(spec *ast.TypeSpec) {
	switch t := spec.Type.(type) {
	case *ast.InterfaceType:
		for _, m := range t.Methods.List {
			if fn, ok := m.Type.(*ast.FuncType); ok && len(m.Names) == 1 {
				s.params(m.Names[0], fn)
			}
		}
	case *ast.StructType:
		if brief.MatchString(spec.Name.Name) || s.hasContextMethod(spec.Name) || slices.ContainsFunc(t.Fields.List, s.ends) {
			return
		}
		for _, field := range t.Fields.List {
			if s.isContext(field.Type) && len(field.Names) > 0 { // an embedded one makes a context
				s.add(field, fmt.Sprintf("context in the struct %s", spec.Name.Name))
				return // whoever takes out the first takes out the others
			}
		}
	}
}

// ends reports whether a field is there to end the context beside it.
func (s *contextScan) ends(field *ast.Field) bool {
	t := s.info.TypeOf(field.Type)
	if fn, ok := t.Underlying().(*types.Signature); ok { // CancelFunc, or a func() that is one
		return isType(t, "context", "CancelFunc") || isType(t, "context", "CancelCauseFunc") ||
			fn.Params().Len() == 0 && len(field.Names) > 0 && strings.Contains(strings.ToLower(field.Names[0].Name), "cancel")
	}
	return isType(t, "golang.org/x/sync/errgroup", "Group")
}

// hasContextMethod reports whether the type hands out its context, as
// *http.Request and the streams of gRPC do.
func (s *contextScan) hasContextMethod(name *ast.Ident) bool {
	obj := s.info.Defs[name]
	if obj == nil {
		return false
	}
	m, _, _ := types.LookupFieldOrMethod(obj.Type(), true, obj.Pkg(), "Context")
	_, ok := m.(*types.Func)
	return ok
}

// params looks for a context that is not the first parameter.
func (s *contextScan) params(name *ast.Ident, fn *ast.FuncType) {
	for i, field := range fn.Params.List {
		switch {
		case isType(s.info.TypeOf(field.Type), "testing", "T") || isType(s.info.TypeOf(field.Type), "testing", "TB"):
			return
		case s.isContext(field.Type) && i > 0:
			s.add(field, fmt.Sprintf("context of %s is not its first parameter", name.Name))
			return
		case s.isContext(field.Type):
			return
		}
	}
}

// fresh looks for a new context where one is at hand.
func (s *contextScan) fresh(fn *ast.FuncType, body *ast.BlockStmt) {
	hand := s.atHand(fn)
	if hand == "" {
		return
	}
	done := s.awaited(body)
	ast.PreorderStack(body, nil, func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt, *ast.DeferStmt, *ast.FuncLit:
			return false
		case *ast.CallExpr:
			made := callee(s.info, n)
			isNew := pathOf(made) == "context" && (made.Name() == "Background" || made.Name() == "TODO")
			if isNew && (!done.IsValid() || n.Pos() < done) && !s.detached(stack) {
				s.add(n, fmt.Sprintf("context.%s() where %s is at hand", made.Name(), hand))
			}
		}
		return true
	})
}

// atHand is how the context that a function is given is written; empty where it
// is given none.
func (s *contextScan) atHand(fn *ast.FuncType) string {
	for _, field := range fn.Params.List {
		for _, name := range field.Names {
			switch t := s.info.TypeOf(field.Type); {
			case name.Name == "_":
			case s.isContext(field.Type):
				return name.Name
			case isType(t, "net/http", "Request"):
				return name.Name + ".Context()"
			}
		}
	}
	return ""
}

// awaited is where the function first waits for the end of a context: what
// comes after runs without it. It is NoPos where it nowhere does.
func (s *contextScan) awaited(body *ast.BlockStmt) token.Pos {
	first := token.NoPos
	ast.Inspect(body, func(n ast.Node) bool {
		u, ok := n.(*ast.UnaryExpr)
		if !ok || u.Op != token.ARROW || first.IsValid() {
			return true
		}
		if call, ok := ast.Unparen(u.X).(*ast.CallExpr); ok {
			if fn := callee(s.info, call); pathOf(fn) == "context" && fn.Name() == "Done" {
				first = u.Pos()
			}
		}
		return true
	})
	return first
}

// ending are names of what is done at the end, when the context at hand is
// likely to be over.
var ending = regexp.MustCompile(`(?i)(shutdown|close|stop|clean|rollback|abort|release|unlock|revoke|cancel|background|detach|async)`)

// detached reports whether the new context under stack is meant to be apart: in
// place of one that is nil, or for something done at the end.
func (s *contextScan) detached(stack []ast.Node) bool {
	for i, n := range stack {
		switch n := n.(type) {
		case *ast.IfStmt:
			if i+1 < len(stack) && stack[i+1] == n.Body && s.testsNil(n.Cond) {
				return true
			}
		case *ast.CallExpr:
			if fn := callee(s.info, n); fn != nil && ending.MatchString(fn.Name()) {
				return true
			}
		case *ast.AssignStmt:
			for _, target := range n.Lhs {
				if id, ok := target.(*ast.Ident); ok && ending.MatchString(id.Name) && !isType(s.info.TypeOf(id), "context", "CancelFunc") {
					return true
				}
			}
		}
	}
	return false
}

// testsNil reports whether cond compares a context with nil.
func (s *contextScan) testsNil(cond ast.Expr) bool {
	b, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	return ok && b.Op == token.EQL && s.info.Types[b.Y].IsNil() && s.isContext(b.X)
}
