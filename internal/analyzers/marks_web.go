package analyzers

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// routers are, by package, the functions and methods that take the path of a
// route, with the index of it. Where it is not the first argument, the one
// before it is the method, or a list of methods. Those that take a prefix for
// other routes are among them: who changes it changes them all.
var routers = map[string]map[string]int{
	"net/http": {"Handle": 0, "HandleFunc": 0},
	"github.com/go-chi/chi": withVerbs(map[string]int{
		"Handle": 0, "HandleFunc": 0, "Method": 1, "MethodFunc": 1, "Route": 0, "Mount": 0}),
	"github.com/gin-gonic/gin": withVerbs(map[string]int{
		"Any": 0, "Handle": 1, "Match": 1, "Group": 0, "Static": 0, "StaticFS": 0, "StaticFile": 0, "StaticFileFS": 0}),
	"github.com/gofiber/fiber": withVerbs(map[string]int{
		"All": 0, "Add": 1, "Group": 0, "Route": 0, "Mount": 0, "Static": 0}),
	"github.com/gorilla/mux":                         {"Handle": 0, "HandleFunc": 0, "Path": 0, "PathPrefix": 0},
	"github.com/grpc-ecosystem/grpc-gateway/runtime": {"HandlePath": 1},
	"github.com/julienschmidt/httprouter": withVerbs(map[string]int{
		"Handle": 1, "Handler": 1, "HandlerFunc": 1, "ServeFiles": 0}),
	"github.com/labstack/echo": withVerbs(map[string]int{
		"Any": 0, "Add": 1, "Match": 1, "Group": 0, "Static": 0, "File": 0}),
	"github.com/prometheus/common/route": withVerbs(map[string]int{
		"Del": 0, "Query": 0, "WithPrefix": 0}),
	"github.com/emicklei/go-restful": withVerbs(map[string]int{"Path": 0}),
}

// routerReceivers are the types whose methods count, for packages in which
// methods of the same names mean something else.
var routerReceivers = map[string][]string{
	"net/http":                       {"", "ServeMux"},
	"github.com/emicklei/go-restful": {"WebService"},
	"github.com/gin-gonic/gin":       {"Engine", "RouterGroup", "IRouter", "IRoutes"},
	"github.com/gofiber/fiber":       {"App", "Group", "Router", "Register"},
	"github.com/labstack/echo":       {"Echo", "Group"},
	"github.com/gorilla/mux":         {"Router", "Route"},
}

var verbs = []string{"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"}

// withVerbs adds the methods of HTTP, in the two spellings of routers.
func withVerbs(m map[string]int) map[string]int {
	for _, verb := range verbs {
		m[verb], m[verb[:1]+strings.ToLower(verb[1:])] = 0, 0
	}
	return m
}

func markRoute(s *markScan, call *ast.CallExpr, callee *types.Func) {
	pkg := s.path(callee.Pkg())
	at, ok := routers[pkg][callee.Name()]
	if !ok {
		return
	}
	if only := routerReceivers[pkg]; only != nil && !slices.Contains(only, s.receiver(callee)) {
		return
	}
	path := argument(call, at)
	if path == nil {
		return
	}
	text := fold(s.pattern(path))
	if text == "" {
		return
	}
	for _, method := range s.methods(call, callee, at) {
		s.add(path.Pos(), strings.TrimSpace(method+" "+text), "")
	}
}

// methods are those of a route; one empty string where none is said.
func (s *markScan) methods(call *ast.CallExpr, callee *types.Func, at int) []string {
	name := strings.ToUpper(callee.Name())
	switch {
	case at > 0:
		if list := s.constStrings(call.Args[at-1]); len(list) > 0 {
			return list
		}
	case slices.Contains(verbs, name) || name == "QUERY":
		return []string{name}
	case name == "DEL":
		return []string{"DELETE"}
	default:
		for chained, outer := range s.chained() { // gorilla's HandleFunc(…).Methods("GET")
			if chained != "Methods" {
				continue
			}
			var list []string
			for _, arg := range outer.Args {
				list = append(list, s.constStrings(arg)...)
			}
			if len(list) > 0 {
				return list
			}
		}
	}
	return []string{""}
}

// answer says which arguments of a function are the status and the text of an
// answer; -1 for none.
type answer struct{ status, text int }

// answers are, by package, the functions and methods that answer a request or
// make the error that does.
var answers = map[string]map[string]answer{
	"net/http":                       {"Error": {2, 1}, "Redirect": {3, -1}, "WriteHeader": {0, -1}},
	"google.golang.org/grpc/status":  {"Error": {0, 1}, "Errorf": {0, 1}, "New": {0, 1}, "Newf": {0, 1}},
	"connectrpc.com/connect":         {"NewError": {0, 1}},
	"github.com/twitchtv/twirp":      {"NewError": {0, 1}, "NewErrorf": {0, 1}},
	"github.com/emicklei/go-restful": {"WriteErrorString": {0, 1}, "WriteError": {0, -1}, "WriteHeader": {0, -1}},
	"github.com/gin-gonic/gin": {
		"JSON": {0, -1}, "IndentedJSON": {0, -1}, "XML": {0, -1}, "YAML": {0, -1}, "HTML": {0, -1}, "String": {0, 1},
		"Data": {0, -1}, "Redirect": {0, -1}, "Status": {0, -1},
		"AbortWithStatus": {0, -1}, "AbortWithStatusJSON": {0, -1}, "AbortWithError": {0, 1},
	},
	"github.com/labstack/echo": {
		"NewHTTPError": {0, 1}, "JSON": {0, -1}, "JSONPretty": {0, -1}, "XML": {0, -1}, "HTML": {0, -1},
		"String": {0, 1}, "Blob": {0, -1}, "NoContent": {0, -1}, "Redirect": {0, -1},
	},
	"github.com/gofiber/fiber": {"NewError": {0, 1}, "Status": {0, -1}, "SendStatus": {0, -1}},
}

// markMessage marks a status that is constant, with as much of its text as is.
// A text alone is marked for http.Error and its like, whose second argument
// users read.
func markMessage(s *markScan, call *ast.CallExpr, callee *types.Func) {
	a, ok := answers[s.path(callee.Pkg())][callee.Name()]
	if !ok {
		if !isWriteHeader(callee) { // of a type that wraps a ResponseWriter
			return
		}
		a = answer{0, -1}
	}
	var parts []string
	if status := argument(call, a.status); status != nil {
		if text := s.status(status); text != "" {
			parts = append(parts, text)
		}
	}
	if text := argument(call, a.text); text != nil {
		if text := fold(s.pattern(text)); text != "" {
			parts = append(parts, text)
		}
	}
	if len(parts) > 0 {
		s.add(call.Pos(), strings.Join(parts, " "), "")
	}
}

func isWriteHeader(fn *types.Func) bool {
	sig := fn.Signature()
	return fn.Name() == "WriteHeader" && sig.Recv() != nil && sig.Params().Len() == 1 && sig.Results().Len() == 0 &&
		types.Identical(sig.Params().At(0).Type(), types.Typ[types.Int])
}

// status is the number of an HTTP status, or the name of a code of gRPC and
// its like; "" where it is not constant.
func (s *markScan) status(e ast.Expr) string {
	v := s.constant(e)
	if v == nil {
		return ""
	}
	if _, basic := types.Unalias(s.info.TypeOf(e)).(*types.Basic); basic && v.Kind() == constant.Int {
		n, _ := constant.Int64Val(v)
		return strconv.FormatInt(n, 10)
	}
	if sel, ok := ast.Unparen(e).(*ast.SelectorExpr); ok {
		return sel.Sel.Name
	}
	return source(e)
}
