package analyzers

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// flagPackages define flags by functions whose parameters say what is what:
// name is the flag's, value behind it its default.
var flagPackages = map[string]bool{"flag": true, pflagPackage: true}

const pflagPackage = "github.com/spf13/pflag"

// kingpins are the names of kingpin's packages, as markScan.path has them.
var kingpins = map[string]bool{"github.com/alecthomas/kingpin": true, "gopkg.in/alecthomas/kingpin": true}

func markFlag(s *markScan, call *ast.CallExpr, callee *types.Func) {
	switch made := s.flagMade(callee); {
	case kingpins[made]:
		s.markKingpinFlag(call, callee)
	case made != "":
		s.markNamedFlag(call, callee)
	}
}

// flagMade is the package of flags of which a function defines one; "" where
// it does none. A function of the repository itself does where it returns a
// flag, and asks for a name and what to say of it, as a look-up does not.
func (s *markScan) flagMade(fn *types.Func) string {
	pkg := s.path(fn.Pkg())
	if flagPackages[pkg] && hasParams(fn, "name", "usage") {
		return pkg
	}
	if results := fn.Signature().Results(); results.Len() == 1 {
		switch path, name := s.named(results.At(0).Type()); {
		case kingpins[path] && name == "FlagClause" && hasParams(fn, "name", "help"),
			path == pflagPackage && name == "Flag" && hasParams(fn, "name", "usage"):
			return path
		}
	}
	return ""
}

func hasParams(fn *types.Func, names ...string) bool {
	for p := range fn.Signature().Params().Variables() {
		names = slices.DeleteFunc(names, func(name string) bool { return name == p.Name() })
	}
	return len(names) == 0
}

func (s *markScan) markNamedFlag(call *ast.CallExpr, callee *types.Func) {
	var name, initial, custom ast.Expr
	for param, arg := range arguments(call, callee) {
		switch {
		case param.Name() == "name":
			name = arg
		case name != nil && (param.Name() == "value" || strings.HasPrefix(param.Name(), "def")):
			initial = arg
		case name == nil && param.Name() == "value":
			custom = arg // flag.Var(value, name, usage)
		}
	}
	if name == nil {
		return
	}
	key, ok := s.constString(name)
	if !ok || key == "" {
		return
	}
	value := flagType(callee.Name())
	switch made, isCall := custom.(*ast.CallExpr); {
	case initial != nil:
		value += " " + s.value(initial)
	case isCall && len(made.Args) > 0: // newList("a,b") may say the default
		value += " " + source(made)
	}
	s.add(name.Pos(), key, value)
}

// flagType is the type that the name of a function says: of StringVarP it is
// string. One of a flag.Value is "value".
func flagType(name string) string {
	for _, suffix := range []string{"VarPF", "VarP", "Var", "Flag"} {
		if short, ok := strings.CutSuffix(name, suffix); ok {
			name = short
			break
		}
	}
	if name != "IP" { // which has a type IP, and IPP
		name = strings.TrimSuffix(name, "P")
	}
	if name == "" {
		return "value"
	}
	return strings.ToLower(name)
}

// kingpinOptions are the methods of kingpin's flags that do not say the type.
var kingpinOptions = []string{
	"Action", "Default", "Envar", "Hidden", "HintAction", "HintOptions", "IsSetByUser", "NoEnvar",
	"OverrideDefaultFromEnvar", "PlaceHolder", "PreAction", "Required", "Short",
}

// markKingpinFlag marks Flag("name", help).Default("1").Int(). The help is
// not part of it.
func (s *markScan) markKingpinFlag(call *ast.CallExpr, callee *types.Func) {
	name := argumentFor(call, callee, "name")
	if name == nil {
		return
	}
	key, ok := s.constString(name)
	if !ok || key == "" {
		return
	}
	var typ string
	var initial []string
	for method, outer := range s.chained() {
		switch {
		case method == "Default":
			initial = nil
			for _, arg := range outer.Args {
				initial = append(initial, s.value(arg))
			}
		case method == "SetValue":
			typ = flagType("")
		case !slices.Contains(kingpinOptions, method):
			typ = flagType(method)
		}
	}
	s.add(name.Pos(), key, strings.TrimSpace(typ+" "+strings.Join(initial, ", ")))
}

// markFlagLiteral marks the flags of urfave/cli: &cli.IntFlag{Name: "n", Value: 3}.
func markFlagLiteral(s *markScan, lit *ast.CompositeLit) {
	path, name := s.named(s.info.TypeOf(lit))
	if path != "github.com/urfave/cli" || !strings.HasSuffix(name, "Flag") && name != "FlagBase" {
		return
	}
	if written := fieldName(lit.Type); written != "" {
		name = written // cli.IntFlag is an alias of FlagBase[…] in v3
	}
	typ := flagType(name)
	var initial string
	for field, value := range s.keyed(lit) {
		if field.Name == "Value" {
			initial = s.value(value)
		}
	}
	for field, value := range s.keyed(lit) {
		if field.Name != "Name" {
			continue
		}
		if key, ok := s.constString(value); ok {
			s.add(value.Pos(), key, strings.TrimSpace(typ+" "+initial))
		}
	}
}

func markCommand(s *markScan, call *ast.CallExpr, callee *types.Func) {
	if !kingpins[s.path(callee.Pkg())] || callee.Name() != "Command" && callee.Name() != "Alias" {
		return
	}
	if name := argument(call, 0); name != nil {
		s.markCommandName(name)
	}
}

// markCommandLiteral marks the commands of cobra and urfave/cli, and their
// aliases: both are typed by people and by scripts.
func markCommandLiteral(s *markScan, lit *ast.CompositeLit) {
	path, typ := s.named(s.info.TypeOf(lit))
	if typ != "Command" || path != "github.com/spf13/cobra" && path != "github.com/urfave/cli" {
		return
	}
	for field, value := range s.keyed(lit) {
		switch field.Name {
		case "Use", "Name":
			s.markCommandName(value)
		case "Aliases":
			if list, ok := ast.Unparen(value).(*ast.CompositeLit); ok {
				for _, alias := range list.Elts {
					s.markCommandName(alias)
				}
			}
		}
	}
}

// markCommandName marks the first word: cobra's Use goes on with arguments.
func (s *markScan) markCommandName(e ast.Expr) {
	text, _ := s.constString(e)
	if words := strings.Fields(text); len(words) > 0 {
		s.add(e.Pos(), words[0], "")
	}
}
