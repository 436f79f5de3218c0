package analyzers

import (
	"fmt"
	"go/ast"
	"go/types"
	"reflect"
	"regexp"
	"slices"

	"golang.org/x/tools/go/analysis"
)

// unjoinedGoroutine finds go statements whose goroutine nobody can wait for or
// tell to stop: neither tests nor a shutdown know when its work is done.
//
// It speaks up only where the whole of the goroutine is in sight, a function
// literal or a function of the package, and shows no sign of an end that others
// share in: a channel (but a ticker's), a context or its cancel function, a
// WaitGroup, a Cond, a pipe, something that it closes, a server that can be
// shut down, a process that is waited for. A call of a function value may be
// such a sign and counts as one. What a goroutine calls in the package is
// looked through; what it calls elsewhere says nothing.
//
// Left out are tests, commands and the main function, which live as long as the
// program, and init, of which init-effect tells.
var unjoinedGoroutine = &analysis.Analyzer{
	Name:       "unjoinedgoroutine",
	Doc:        "find goroutines that nobody can wait for",
	Run:        runUnjoinedGoroutine,
	ResultType: reflect.TypeFor[[]Measure](),
}

func runUnjoinedGoroutine(pass *analysis.Pass) (any, error) {
	s := joinScan{info: pass.TypesInfo, bodies: bodiesOf(pass)}
	var list []Measure
	for _, decl := range functions(production(pass)) {
		plain := decl.Recv == nil
		if plain && (decl.Name.Name == "init" || decl.Name.Name == "main" && pass.Pkg.Name() == "main") || isCommand(pass.TypesInfo, decl) {
			continue
		}
		ast.Inspect(decl.Body, func(n ast.Node) bool {
			if start, ok := n.(*ast.GoStmt); ok && s.unjoined(start.Call) {
				list = append(list, Measure{
					Rule:    "unjoined-goroutine",
					Pos:     start.Pos(),
					End:     start.Call.Fun.Pos(),
					Message: fmt.Sprintf("nobody can wait for the end of go %s", calleeName(start.Call)),
					Value:   1,
				})
			}
			return true
		})
	}
	return list, nil
}

// isCommand reports whether the function is handed a command of cobra, which
// it makes up or runs.
func isCommand(info *types.Info, decl *ast.FuncDecl) bool {
	return slices.ContainsFunc(decl.Type.Params.List, func(f *ast.Field) bool {
		return isType(info.TypeOf(f.Type), "github.com/spf13/cobra", "Command")
	})
}

type joinScan struct {
	info   *types.Info
	bodies bodies
}

// unjoined reports whether the started call is in sight and shows no sign of
// being joined.
func (s joinScan) unjoined(call *ast.CallExpr) bool {
	seen := map[*ast.FuncDecl]bool{}
	for _, arg := range call.Args {
		if s.joined(arg, seen) {
			return false
		}
	}
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
		return !s.joined(lit, seen)
	}
	decl := s.bodies[callee(s.info, call)]
	return decl != nil && !s.joined(call.Fun, seen) && !s.joinedIn(decl, seen)
}

// lasting are names of what others see the end of, or bring to an end: a
// process, a server, something open.
var lasting = regexp.MustCompile(`^(Wait|Serve|ListenAndServe|Close)`)

// joinedIn is joined of the declaration's body, once.
func (s joinScan) joinedIn(decl *ast.FuncDecl, seen map[*ast.FuncDecl]bool) bool {
	if seen[decl] {
		return false
	}
	seen[decl] = true
	return s.joined(decl.Body, seen)
}

// joined reports whether n holds a sign.
func (s joinScan) joined(n ast.Node, seen map[*ast.FuncDecl]bool) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			found = found || s.joins(call, seen)
		}
		if e, ok := n.(ast.Expr); ok {
			found = found || s.isSign(s.info.TypeOf(e))
		}
		return !found
	})
	return found
}

// joins reports whether a call is a sign, or leads to one in the package.
func (s joinScan) joins(call *ast.CallExpr, seen map[*ast.FuncDecl]bool) bool {
	if builtin(s.info, call) != "" || s.info.Types[call.Fun].IsType() {
		return false // close takes a channel, which is one itself
	}
	fn := callee(s.info, call)
	if fn == nil {
		_, lit := ast.Unparen(call.Fun).(*ast.FuncLit)
		return !lit
	}
	if decl := s.bodies[fn]; decl != nil {
		return s.joinedIn(decl, seen)
	}
	return lasting.MatchString(fn.Name())
}

// isSign reports whether a value of the type is there to end or to await
// something.
func (s joinScan) isSign(t types.Type) bool {
	if t == nil {
		return false
	}
	if ch, ok := t.Underlying().(*types.Chan); ok {
		return !isType(ch.Elem(), "time", "Time") // a ticker's
	}
	for _, sign := range [][2]string{
		{"context", "Context"}, {"context", "CancelFunc"}, {"context", "CancelCauseFunc"},
		{"sync", "WaitGroup"}, {"sync", "Cond"}, {"golang.org/x/sync/errgroup", "Group"},
		{"io", "PipeWriter"}, {"io", "PipeReader"},
	} {
		if isType(t, sign[0], sign[1]) {
			return true
		}
	}
	return false
}
