package analyzers

import (
	"fmt"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/exp/apidiff"
)

// Break is an incompatible change to one exported symbol.
type Break struct {
	// Symbol is "Func", "Type.Method", "Type", or the name of a variable or
	// constant. A field and a method of an interface belong to their type. It
	// is empty for the package as a whole, and where what changed is a type of
	// another package.
	Symbol string
	// Fields are "Type.Field" for each field that changed, where nothing else of
	// the type did.
	Fields []string
	// Message says what changed; several changes to one symbol are one
	// message.
	Message string
	// BasePos and HeadPos are where the symbol is declared, each in the file
	// set of its side; NoPos where it is not declared there.
	BasePos, HeadPos token.Pos
}

// APIBreak compares the exported API of a package at the merge base and at the
// head, by x/exp/apidiff, and returns what is incompatible, ordered by symbol.
// The two packages are different objects even where their path is one.
//
// A nil package is one that is not there: a new one breaks nothing, a removed
// one is a single break without a symbol. A command has no API. What depends
// on a type that did not check is left out, since it is not known.
//
// Given test variants, the result includes the symbols of _test.go files; the
// positions tell them.
//
// It returns an error where apidiff panics. On some odd input apidiff prints
// to the standard output of the process.
func APIBreak(base, head *types.Package) (breaks []Break, err error) {
	defer func() {
		if p := recover(); p != nil {
			breaks, err = nil, fmt.Errorf("compare the API of %s: %v", base.Path(), p)
		}
	}()
	switch {
	case base == nil || base.Name() == "main":
		return nil, nil
	case head == nil:
		if !exports(base) {
			return nil, nil
		}
		return []Break{{Message: "package " + base.Name() + " removed"}}, nil
	}

	var messages []string
	for _, c := range apidiff.Changes(base, head).Changes {
		if !c.Compatible && !strings.Contains(c.Message, "invalid type") {
			messages = append(messages, c.Message)
		}
	}
	return groupBreaks(ofThemselves(messages), base, head), nil
}

// ofThemselves leaves out what is only said of a declaration because a type that it
// names became another one, such as a defined type an alias:
//
//	F: changed from func(T) to func(T)
//
// That change has a message of its own, and one cause is one break. Where it has
// none, of a type that is not exported, the declaration stays: it is all there is.
func ofThemselves(messages []string) []string {
	var causes []string
	for _, m := range messages {
		if subject, how, _ := strings.Cut(m, ": "); !sameWords(how) && token.IsExported(subject) {
			causes = append(causes, subject)
		}
	}
	return slices.DeleteFunc(messages, func(m string) bool {
		_, how, _ := strings.Cut(m, ": ")
		return sameWords(how) && slices.ContainsFunc(identifiers.FindAllString(how, -1), func(name string) bool {
			return slices.Contains(causes, name)
		})
	})
}

// identifiers are the words of a type.
var identifiers = regexp.MustCompile(`[\pL_][\pL\p{Nd}_]*`)

// sameWords reports whether both sides of a change are written alike.
func sameWords(how string) bool {
	change, ok := strings.CutPrefix(how, "changed from ")
	const to = " to "
	half := (len(change) - len(to)) / 2
	return ok && half > 0 && change == change[:half]+to+change[:half]
}

func exports(p *types.Package) bool {
	return slices.ContainsFunc(p.Scope().Names(), token.IsExported)
}

// groupBreaks makes one Break of the messages about one symbol. A message
// about another package's type stays alone.
func groupBreaks(messages []string, base, head *types.Package) []Break {
	slices.Sort(messages)
	bySymbol := map[string][]string{}
	var foreign []Break
	for _, m := range slices.Compact(messages) {
		if symbol := brokenSymbol(m, base, head); symbol != "" {
			bySymbol[symbol] = append(bySymbol[symbol], m)
		} else {
			foreign = append(foreign, Break{Message: oneLine(m)})
		}
	}
	breaks := foreign
	for symbol, messages := range bySymbol {
		breaks = append(breaks, Break{
			Symbol:  symbol,
			Fields:  brokenFields(messages, symbol, base),
			Message: joinSome(messages, 3),
			BasePos: symbolPos(base, symbol),
			HeadPos: symbolPos(head, symbol),
		})
	}
	slices.SortStableFunc(breaks, func(a, b Break) int { return strings.Compare(a.Symbol, b.Symbol) })
	return breaks
}

// brokenSymbol reads the symbol off a message of apidiff, which is one of
//
//	F: removed
//	T.Field: changed from int to string
//	(*T).M: changed from func() to func(int)
//	T.M, method set of *T: removed
//	example.com/other.T: …
//	./sub.T: …
//
// and empty for the last two.
func brokenSymbol(message string, base, head *types.Package) string {
	subject, _, _ := strings.Cut(message, ": ")
	subject = receiverParams.ReplaceAllString(subject, "")
	subject, _, _ = strings.Cut(subject, ",")
	subject = strings.NewReplacer("(*", "", ")", "").Replace(subject)
	top, member, _ := strings.Cut(subject, ".")
	if base.Scope().Lookup(top) == nil && head.Scope().Lookup(top) == nil {
		return ""
	}
	member, _, _ = strings.Cut(member, ".") // a field of a struct in a field
	if member != "" && (method(base, top, member) != nil || method(head, top, member) != nil) {
		return top + "." + member
	}
	return top
}

// brokenFields reads the fields off the messages about one type; nil where one
// of them is not about a field.
func brokenFields(messages []string, symbol string, base *types.Package) []string {
	tn, ok := base.Scope().Lookup(symbol).(*types.TypeName)
	if !ok {
		return nil
	}
	if _, ok := tn.Type().Underlying().(*types.Struct); !ok {
		return nil
	}
	var fields []string
	for _, m := range messages {
		subject, _, _ := strings.Cut(m, ": ")
		top, member, _ := strings.Cut(subject, ".")
		field, _, _ := strings.Cut(member, ".")
		if top != symbol || !token.IsExported(field) || !token.IsIdentifier(field) {
			return nil
		}
		fields = append(fields, symbol+"."+field)
	}
	return slices.Compact(fields)
}

// receiverParams are the type parameters of a generic receiver.
var receiverParams = regexp.MustCompile(`\[[^\[\]]*\]`)

// method returns the method that is declared on the named type, or nil. The
// methods of an interface are part of its declaration.
func method(p *types.Package, name, member string) *types.Func {
	obj, ok := p.Scope().Lookup(name).(*types.TypeName)
	if !ok {
		return nil
	}
	named, ok := obj.Type().(*types.Named)
	if !ok {
		return nil
	}
	for m := range named.Methods() {
		if m.Name() == member {
			return m
		}
	}
	return nil
}

func symbolPos(p *types.Package, symbol string) token.Pos {
	top, member, isMethod := strings.Cut(symbol, ".")
	if isMethod {
		if m := method(p, top, member); m != nil {
			return m.Pos()
		}
		return token.NoPos
	}
	if obj := p.Scope().Lookup(top); obj != nil {
		return obj.Pos()
	}
	return token.NoPos
}

// joinSome joins the first n messages and counts the rest.
func joinSome(messages []string, n int) string {
	rest := ""
	if more := len(messages) - n; more > 0 {
		rest = fmt.Sprintf("; and %d more", more)
		messages = messages[:n]
	}
	return oneLine(strings.Join(messages, "; ") + rest)
}

// oneLine folds white space: a type in a message may be a struct with a tag
// that holds anything.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
