package analyzers

import (
	"go/ast"
	"go/types"
	"regexp"
	"strings"
)

// flagSDK is a feature-flag or experiment SDK.
type flagSDK struct {
	name string
	// modules are its paths without the major version; packages below count.
	modules []string
	// calls are the names of the functions and methods that evaluate, expose or
	// override a flag.
	calls *regexp.Regexp
}

// flagSDKs are the SDKs that are known, with the names that their current and
// earlier major versions use.
var flagSDKs = []flagSDK{
	{"amplitude", []string{"github.com/amplitude/experiment-go-server"},
		regexp.MustCompile(`^Evaluate(V2)?$`)},
	{"configcat", []string{"github.com/configcat/go-sdk"},
		regexp.MustCompile(`^(Get(Bool|Int|Float|String)Value(Details)?|Bool|Int|Float|String)$`)},
	{"devcycle", []string{"github.com/devcyclehq/go-server-sdk"},
		regexp.MustCompile(`^Variable(Value)?$`)},
	{"eppo", []string{"github.com/Eppo-exp/golang-sdk"},
		regexp.MustCompile(`^Get(Bool|Numeric|Integer|String|JSON|JSONBytes)?Assignment(Context)?$|^GetBanditAction(Details)?$`)},
	{"flagsmith", []string{"github.com/Flagsmith/flagsmith-go-client"},
		regexp.MustCompile(`^(IsFeatureEnabled|GetFeatureValue|GetFlag)$`)},
	{"flipt", []string{"go.flipt.io/flipt", "go.flipt.io/flipt-client"},
		regexp.MustCompile(`^(Evaluate)?(Boolean|Variant|Batch)$|^Evaluate$`)},
	{"go-feature-flag", []string{"github.com/thomaspoignant/go-feature-flag"},
		regexp.MustCompile(`^((Bool|Int|Float64|String|JSON|JSONArray|Raw)Variation(Details)?)$`)},
	{"growthbook", []string{"github.com/growthbook/growthbook-golang"},
		regexp.MustCompile(`^(EvalFeature|Feature|IsOn|IsOff|GetFeatureValue|Run|RunExperiment)$`)},
	{"launchdarkly", []string{"github.com/launchdarkly/go-server-sdk", "gopkg.in/launchdarkly/go-server-sdk", "gopkg.in/launchdarkly/go-client"},
		regexp.MustCompile(`^((Bool|Int|Float64|String|JSON|Json|Migration)Variation(Detail)?(Ctx)?)$`)},
	{"openfeature", []string{"github.com/open-feature/go-sdk"},
		regexp.MustCompile(`^((Boolean|String|Float|Int|Object)(Value(Details)?)?)$`)},
	{"optimizely", []string{"github.com/optimizely/go-sdk"},
		regexp.MustCompile(`^(Decide|DecideForKeys|Activate|GetVariation|IsFeatureEnabled|Get(All)?FeatureVariable\w*|SetForcedDecision)$`)},
	{"posthog", []string{"github.com/posthog/posthog-go"},
		regexp.MustCompile(`^(IsFeatureEnabled|GetFeatureFlag(Result|Payload)?|GetRemoteConfigPayload|IsEnabled|GetFlag(Payload)?)$`)},
	{"split", []string{"github.com/splitio/go-client"},
		regexp.MustCompile(`^Treatments?(WithConfig)?(ByFlagSets?)?$`)},
	{"statsig", []string{"github.com/statsig-io/go-sdk"},
		regexp.MustCompile(`^((CheckGate|GetGate|GetConfig|GetExperiment|GetLayer)(WithExposureLoggingDisabled|WithOptions)?|` +
			`GetExperimentBy\w+|ManuallyLog(Gate|Config|Experiment)Exposure|Override(Gate|Config|Layer))$`)},
	{"unleash", []string{"github.com/Unleash/unleash-client-go"},
		regexp.MustCompile(`^(IsEnabled|GetVariant)$`)},
}

// markFlagCall marks a call of a flag SDK: what it evaluates, with the default
// and what else of the call is constant. A key that is computed is an
// ellipsis: the call is there, for no flag that the code names.
func markFlagCall(s *markScan, call *ast.CallExpr, callee *types.Func) {
	if !callee.Exported() {
		return
	}
	sdk := flagSDKOf(s.path(callee.Pkg()), callee.Name())
	if sdk == "" {
		return
	}
	at := keyParam(callee)
	if at < 0 || at >= len(call.Args) {
		return
	}
	value := strings.Join(s.flagTerms(call, callee, at), ", ")
	keys, more := s.flagKeys(call.Args[at])
	for _, key := range keys {
		s.add(call.Pos(), sdk+" "+key, strings.Trim(value+", "+more, ", "))
	}
}

func flagSDKOf(pkg, name string) string {
	for _, sdk := range flagSDKs {
		for _, m := range sdk.modules {
			below, ok := strings.CutPrefix(pkg, m)
			if ok && (below == "" || below[0] == '/') && sdk.calls.MatchString(name) {
				return sdk.name
			}
		}
	}
	return ""
}

var flagWord = regexp.MustCompile(`(?i)flag|feature|gate|experiment`)

// keyParam is the index of the parameter that takes the key of a flag: the one
// named for it, or the first that is a string, a list of them, or a struct
// with a field for it. It is -1 where there is none.
//
// SDKs differ in where they have it, and some moved it between versions.
func keyParam(fn *types.Func) int {
	first := -1
	for i := range fn.Signature().Params().Len() {
		p := fn.Signature().Params().At(i)
		if !takesKey(p.Type()) {
			continue
		}
		if flagWord.MatchString(p.Name()) {
			return i
		}
		if first < 0 {
			first = i
		}
	}
	return first
}

func takesKey(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() == types.String
	case *types.Slice:
		return takesKey(u.Elem())
	case *types.Pointer:
		_, isStruct := u.Elem().Underlying().(*types.Struct)
		return isStruct && takesKey(u.Elem())
	case *types.Struct:
		for f := range u.Fields() {
			if f.Name() == "Key" || f.Name() == "FlagKey" {
				return true
			}
		}
	}
	return false
}

// flagKeys are the keys that an argument names, and where it is a struct, what
// else is constant in it.
func (s *markScan) flagKeys(arg ast.Expr) (keys []string, more string) {
	if text := fold(s.pattern(arg)); text != "" {
		return []string{text}, ""
	}
	lit := structLiteral(arg)
	if lit == nil {
		return []string{unknownPart}, ""
	}
	var terms []string
	for field, value := range s.keyed(lit) {
		switch {
		case field.Name == "Key" || field.Name == "FlagKey":
			text := fold(s.pattern(value))
			if text == "" {
				text = unknownPart
			}
			keys = append(keys, text)
		case s.fixed(value):
			terms = append(terms, field.Name+": "+s.value(value))
		}
	}
	if len(keys) > 0 {
		return keys, strings.Join(terms, ", ")
	}
	for _, elt := range lit.Elts { // a list of keys, or of structs
		inner, _ := s.flagKeys(elt)
		keys = append(keys, inner...)
	}
	if len(keys) == 0 {
		keys = []string{unknownPart}
	}
	return keys, ""
}

// flagTerms are the default, whatever it is, and the other arguments that are
// constant: a variant, a fallback among the options.
func (s *markScan) flagTerms(call *ast.CallExpr, callee *types.Func, key int) []string {
	params := callee.Signature().Params()
	var terms []string
	for i, arg := range call.Args {
		if i == key {
			continue
		}
		isDefault := i < params.Len() && strings.HasPrefix(strings.ToLower(params.At(i).Name()), "default")
		if isDefault || s.fixed(arg) && !isUser(callee, i) {
			terms = append(terms, s.value(arg))
		}
	}
	return terms
}

// isUser reports whether the i-th parameter says for whom a flag is asked.
func isUser(fn *types.Func, i int) bool {
	if i >= fn.Signature().Params().Len() {
		return false
	}
	switch name := strings.ToLower(fn.Signature().Params().At(i).Name()); name {
	case "ctx", "context", "key", "entityid", "evalctx", "evalcontext", "attributes", "target":
		return true
	default:
		return strings.HasPrefix(name, "user") || strings.HasPrefix(name, "subject")
	}
}
