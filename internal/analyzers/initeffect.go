package analyzers

import (
	"fmt"
	"go/ast"
	"go/types"
	"reflect"
	"regexp"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// initEffect finds what a package does to the world, or makes depend on it,
// merely by being imported: work on files, the network, the environment, flags
// or processes, a goroutine, another package's state. The first such thing of
// an init function or of a variable's initialiser is reported, also where it
// happens in a function of the package that is called there.
//
// Not effects:
//   - Registration, as drivers, codecs and metrics do it. (But a handler on
//     the default mux of net/http is one: every server of the program has it.)
//   - In a main package, or one with the commands of a program, the definition
//     of flags, reading the environment and the settings of other packages:
//     nobody else imports it.
//   - What function literals do that are not called at once.
//   - Anything in tests.
var initEffect = &analysis.Analyzer{
	Name:       "initeffect",
	Doc:        "find side effects of importing a package",
	Run:        runInitEffect,
	ResultType: reflect.TypeFor[[]Measure](),
}

// effects says what functions of others do, by package and a pattern of the
// names: Func or Type.Method.
var effects = []struct {
	pkg   string
	names *regexp.Regexp
	does  effect
}{
	{"os", regexp.MustCompile(`^(Getenv|LookupEnv|Environ|ExpandEnv|Hostname|Getwd|User(Home|Cache|Config)Dir|Executable)$`), readsEnvironment},
	{"os", regexp.MustCompile(`^(Setenv|Unsetenv|Clearenv|Chdir)$`), changesProcess},
	{"os", regexp.MustCompile(`^(Exit|StartProcess|FindProcess)$`), worksProcess},
	{"os", regexp.MustCompile(`^(Open|Create|Read|Write|Mkdir|Remove|Rename|Stat|Lstat|Link|Symlink|Chmod|Chown|Chtimes|Truncate)`), worksFiles},
	{"os/user", regexp.MustCompile(`^(Current|Lookup)`), readsEnvironment},
	{"io/ioutil", regexp.MustCompile(`^(ReadFile|ReadDir|WriteFile|TempFile|TempDir)$`), worksFiles},
	{"path/filepath", regexp.MustCompile(`^(Walk|WalkDir|Glob|EvalSymlinks)$`), worksFiles},
	{"text/template", regexp.MustCompile(`(^|\.)Parse(Files|Glob)$`), worksFiles},
	{"html/template", regexp.MustCompile(`(^|\.)Parse(Files|Glob)$`), worksFiles},
	{"plugin", regexp.MustCompile(`^Open$`), worksFiles},
	{"net", regexp.MustCompile(`^(Dial|Listen|Lookup|Interface)|^(Dialer|ListenConfig|Resolver)\.(Dial|Listen|Lookup)`), worksNetwork},
	{"net/http", regexp.MustCompile(`^(Get|Post|PostForm|Head|ListenAndServe|ListenAndServeTLS|Serve|ServeTLS)$|^Client\.(Do|Get|Post|PostForm|Head)$|^Server\.(Serve|Listen)`), worksNetwork},
	{"net/http", regexp.MustCompile(`^Handle(Func)?$`), changesOther},
	{"os/exec", regexp.MustCompile(`^Cmd\.(Run|Start|Output|CombinedOutput)$`), worksProcess},
	{"os/exec", regexp.MustCompile(`^LookPath$`), worksFiles},
	{"os/signal", regexp.MustCompile(`^(Notify|Ignore|Reset)$`), changesProcess},
	{"flag", regexp.MustCompile(`^Parse$`), parsesFlags},
	{"flag", regexp.MustCompile(`^(Var|TextVar|Func|BoolFunc|(Bool|Duration|Float64|Int|Int64|String|Uint|Uint64)(Var)?)$`), definesFlag},
	{"github.com/spf13/pflag", regexp.MustCompile(`^Parse$`), parsesFlags},
	{"github.com/spf13/pflag", regexp.MustCompile(`^[A-Z][A-Za-z0-9]*(P|Var|VarP)$|^(Bool|String|Int|Int64|Duration|Float64|Uint|StringSlice|StringArray)$`), definesFlag},
	{"log", regexp.MustCompile(`^Set(Flags|Output|Prefix)$`), changesOther},
	{"log/slog", regexp.MustCompile(`^Set`), changesOther},
	{"math/rand", regexp.MustCompile(`^Seed$`), changesOther},
	{"runtime", regexp.MustCompile(`^GOMAXPROCS$`), changesProcess},
	{"runtime/debug", regexp.MustCompile(`^Set(GCPercent|MaxStack|MaxThreads|MemoryLimit|PanicOnFault|Traceback)$`), changesProcess},
}

// effect is what a finding says that the package does.
type effect string

const (
	worksFiles       effect = "works on files"
	worksNetwork     effect = "works on the network"
	worksProcess     effect = "works on processes"
	readsEnvironment effect = "reads the environment"
	changesProcess   effect = "changes the process"
	parsesFlags      effect = "parses the command line"
	definesFlag      effect = "defines a flag for every program"
	startsGoroutine  effect = "starts a goroutine"
	changesOther     effect = "changes the state of another package"
)

func runInitEffect(pass *analysis.Pass) (any, error) {
	s := initScan{pass: pass, program: ofProgram(pass), bodies: bodiesOf(pass), seen: map[*ast.FuncDecl]*happening{}}
	var list []Measure
	report := func(name string, n ast.Node) {
		if h := s.first(n); h != nil {
			list = append(list, Measure{
				Rule:    "init-effect",
				Pos:     h.at.Pos(),
				End:     h.at.End(),
				Message: fmt.Sprintf("%s %s: %s", name, h.does, h.by),
				Value:   1,
			})
		}
	}
	for _, f := range production(pass) {
		for _, decl := range f.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if decl.Recv == nil && decl.Name.Name == "init" && decl.Body != nil {
					report("init", decl.Body)
				}
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					if spec, ok := spec.(*ast.ValueSpec); ok {
						for i, value := range spec.Values {
							report("the initialiser of "+spec.Names[min(i, len(spec.Names)-1)].Name, value)
						}
					}
				}
			}
		}
	}
	return list, nil
}

type initScan struct {
	pass    *analysis.Pass
	program bool
	bodies  bodies
	// seen is what each function was found to do; nil while it is looked at,
	// so that recursion ends, and where it does nothing.
	seen map[*ast.FuncDecl]*happening
}

// happening is one effect: the node, what it does and by what.
type happening struct {
	at   ast.Node
	does effect
	by   string
}

// first returns the first effect of running n.
func (s initScan) first(n ast.Node) *happening {
	var found *happening
	ast.Inspect(n, func(n ast.Node) bool {
		if found != nil {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			return false // but see call
		case *ast.GoStmt:
			found = &happening{n, startsGoroutine, "go " + calleeName(n.Call)}
		case *ast.AssignStmt:
			for _, target := range n.Lhs {
				if name := s.foreign(target); name != "" && s.counts(changesOther) {
					found = &happening{n, changesOther, name}
				}
			}
		case *ast.CallExpr:
			found = s.call(n)
		}
		return found == nil
	})
	return found
}

// call returns the effect of a call itself, not of its arguments.
func (s initScan) call(call *ast.CallExpr) *happening {
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
		return s.first(lit.Body)
	}
	fn := callee(s.pass.TypesInfo, call)
	if decl := s.bodies[fn]; decl != nil {
		inner, known := s.seen[decl]
		if !known {
			s.seen[decl] = nil
			inner = s.first(decl.Body)
			s.seen[decl] = inner
		}
		if inner == nil {
			return nil
		}
		by, _, _ := strings.Cut(inner.by, " in ")
		return &happening{call, inner.does, by + " in " + calleeName(call)}
	}
	name := funcName(fn)
	for _, e := range effects {
		if e.pkg == pathOf(fn) && e.names.MatchString(name) && s.counts(e.does) && !s.asks(call) {
			return &happening{call, e.does, calleeName(call)}
		}
	}
	return nil
}

// asks reports whether the call is runtime.GOMAXPROCS(0), which sets nothing.
func (s initScan) asks(call *ast.CallExpr) bool {
	fn := callee(s.pass.TypesInfo, call)
	return fn.Name() == "GOMAXPROCS" && s.pass.TypesInfo.Types[call.Args[0]].Value != nil &&
		s.pass.TypesInfo.Types[call.Args[0]].Value.String() == "0"
}

// counts reports whether the package is one that should not do that.
func (s initScan) counts(e effect) bool {
	return !s.program || e != definesFlag && e != readsEnvironment && e != changesOther
}

// foreign names the variable of another package that an assignment to target
// changes; empty where it changes none.
func (s initScan) foreign(target ast.Expr) string {
	for {
		switch x := target.(type) {
		case *ast.ParenExpr:
			target = x.X
		case *ast.StarExpr:
			target = x.X
		case *ast.IndexExpr:
			target = x.X
		case *ast.SelectorExpr:
			v, ok := s.pass.TypesInfo.Uses[x.Sel].(*types.Var)
			if ok && !v.IsField() && v.Pkg() != s.pass.Pkg {
				return types.ExprString(x)
			}
			target = x.X
		default:
			return ""
		}
	}
}

// funcName is "Func" or "Type.Method"; empty for nil.
func funcName(fn *types.Func) string {
	if fn == nil {
		return ""
	}
	recv := fn.Signature().Recv()
	if recv == nil {
		return fn.Name()
	}
	t := types.Unalias(recv.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if named, ok := t.(*types.Named); ok {
		return named.Obj().Name() + "." + fn.Name()
	}
	return "." + fn.Name()
}
