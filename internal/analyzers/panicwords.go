package analyzers

import (
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// final are names of functions of which one expects that they may end it all.
var final = regexp.MustCompile(`^init$|^(?i:must)|(?i:exit|fatal|panic|interrupt|crash|assert)`)

// announces reports whether the comment of a function says that it may panic or
// end the program, so that who calls it has been told.
func announces(decl *ast.FuncDecl) bool {
	return decl.Doc != nil && announced.MatchString(decl.Doc.Text())
}

var announced = regexp.MustCompile(`(?i)\b(panic(s|king)?|fatal(ly)?|os\.Exit|(exits?|ends?|terminates?|aborts?) (with|the (program|process)))\b`)

// markers are words by which a panic says that it does not happen.
var markers = regexp.MustCompile(`(?i)unreach|impossible|not reached|can ?('|no)t happen|cannot happen|should(n't| not| never)|must not|never|\bbug\b|invariant|internal error|invalid state|unexpected|unhandled|unknown|unrecognized|unsupported|been caught|programm|assert`)

// assured are words by which a comment says the same of the call before it.
var assured = regexp.MustCompile(`(?i)(always|must|should|will) (succeed|work)|(can|could|will|does|do|should)( ?n['o]t|not) (fail|err\b|error|return an error)|infallible`)

// explained reports whether a comment beside the panic, or beside or right above
// the call whose error it is about, says that it does not happen.
func (s *panicScan) explained(panicking, source *ast.CallExpr) bool {
	line := func(pos token.Pos) int { return s.fset.PositionFor(pos, false).Line }
	first, last := line(source.Pos()), line(panicking.End())
	i := slices.IndexFunc(s.files, func(f *ast.File) bool { return f.FileStart <= panicking.Pos() && panicking.Pos() < f.FileEnd })
	return i >= 0 && slices.ContainsFunc(s.files[i].Comments, func(g *ast.CommentGroup) bool {
		text := g.Text()
		return line(g.End()) >= first-1 && line(g.Pos()) <= last && (markers.MatchString(text) || assured.MatchString(text))
	})
}

// handedOver reports whether the call is about an error that its function was
// given: the caller asked for it.
func (s *panicScan) handedOver(call *ast.CallExpr, decl *ast.FuncDecl) bool {
	params := map[types.Object]bool{}
	for _, param := range decl.Type.Params.List {
		for _, name := range param.Names {
			params[s.info.Defs[name]] = true
		}
	}
	found := false
	ast.Inspect(call, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && params[s.info.Uses[id]] && isErrorValue(s.info, id)
		return !found
	})
	return found
}

// excused reports whether an end of the program is one of those that are left out:
// of an error that the function was given or that does not happen, or where all
// cases have been dealt with.
func (s *panicScan) excused(call *ast.CallExpr, decl *ast.FuncDecl, stack []ast.Node) bool {
	if s.handedOver(call, decl) || s.unreachable(call, stack) {
		return true
	}
	source := s.lastSet(s.errorsIn(call), decl.Body, call.Pos())
	return source != nil && (s.neverFails(callee(s.info, source), source) || s.explained(call, source))
}

// errorsIn are the variables with an error that a call is about.
func (s *panicScan) errorsIn(call *ast.CallExpr) map[types.Object]bool {
	errs := map[types.Object]bool{}
	ast.Inspect(call, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && isErrorValue(s.info, id) {
			errs[s.info.Uses[id]] = true
		}
		return true
	})
	return errs
}

// readsArguments reports whether the package parses the command line: what does
// is the program, in whatever folder it lies.
func readsArguments(pass *analysis.Pass) bool {
	return slices.ContainsFunc(production(pass), func(f *ast.File) bool {
		found := false
		ast.Inspect(f, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok || found {
				return !found
			}
			obj := pass.TypesInfo.Uses[sel.Sel]
			if obj != nil && obj.Pkg() != nil {
				name := obj.Pkg().Path() + "." + obj.Name()
				found = name == "os.Args" || name == "flag.Parse" && obj.Parent() == obj.Pkg().Scope()
			}
			return !found
		})
		return found
	})
}

// neverFails reports whether the call of fn does not return an error.
func (s *panicScan) neverFails(fn *types.Func, call *ast.CallExpr) bool {
	if fn == nil {
		return false
	}
	path := pathOf(fn)
	switch {
	case path == "crypto/rand", path == "strings", path == "bytes":
		return true
	case strings.HasPrefix(path, "crypto/") && strings.HasPrefix(fn.Name(), "New"):
		return true // all that it can refuse is the length of a key
	case fn.Name() == "Write" && s.isHash(call), fn.Name() == "Encode" && s.intoMemory(call):
		return true
	case strings.HasPrefix(fn.Name(), "Marshal"):
		return true
	}
	variable := func(e ast.Expr) bool { return s.info.Types[e].Value == nil }
	return reads.MatchString(fn.Name()) && !slices.ContainsFunc(call.Args, variable)
}

// reads are names of functions whose outcome is known where their arguments
// are constant.
var reads = regexp.MustCompile(`^(Parse|Compile|Decode|Atoi|New)`)

// isHash reports whether a method is called of a hash.
func (s *panicScan) isHash(call *ast.CallExpr) bool {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	return ok && slices.ContainsFunc([]string{"Hash", "Hash32", "Hash64"}, func(name string) bool {
		return isType(s.info.TypeOf(sel.X), "hash", name)
	})
}

// intoMemory reports whether the call is of an encoder that was made right there,
// as in json.NewEncoder(&buf).Encode(v), and writes into a buffer.
func (s *panicScan) intoMemory(call *ast.CallExpr) bool {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	made, ok := ast.Unparen(sel.X).(*ast.CallExpr)
	if !ok || len(made.Args) != 1 {
		return false
	}
	p, ok := s.info.TypeOf(made.Args[0]).(*types.Pointer)
	return ok && (isType(p.Elem(), "bytes", "Buffer") || isType(p.Elem(), "strings", "Builder"))
}
