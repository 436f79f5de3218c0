package analyzers

import (
	"go/ast"
	"go/constant"
	"go/types"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

const skipVerify = "InsecureSkipVerify"

func markInsecureLiteral(s *markScan, lit *ast.CompositeLit) {
	if !s.isTLSConfig(s.info.TypeOf(lit)) {
		return
	}
	for field, value := range s.keyed(lit) {
		if field.Name == skipVerify && !s.isFalse(value) {
			s.add(field.Pos(), s.symbol, "")
		}
	}
}

func markInsecureAssign(s *markScan, target, value ast.Expr) {
	sel, ok := ast.Unparen(target).(*ast.SelectorExpr)
	if ok && sel.Sel.Name == skipVerify && s.isTLSConfig(s.info.TypeOf(sel.X)) && !s.isFalse(value) {
		s.add(target.Pos(), s.symbol, "")
	}
}

func (s *markScan) isTLSConfig(t types.Type) bool {
	path, name := s.named(t)
	return path == "crypto/tls" && name == "Config"
}

// isFalse reports whether e is false for sure. A value that is configured may
// be true.
func (s *markScan) isFalse(e ast.Expr) bool {
	v := s.constant(e)
	return v != nil && v.Kind() == constant.Bool && !constant.BoolVal(v)
}

func markNoSec(s *markScan, f *ast.File) {
	for _, group := range f.Comments {
		for _, c := range group.List {
			sup, ok := parseSuppression(c.Text)
			if !ok || sup.Style != "nosec" {
				continue
			}
			s.symbol = Symbol(f, c.Pos())
			s.add(c.Pos(), fold(strings.TrimSuffix(c.Text[2:], "*/")), "")
		}
	}
	s.symbol = ""
}

// statements are the forms of SQL that destroy data. Each is a whole
// statement, so that a sentence that begins like one is none; NAME stands for
// a name, quoted or filled in later.
var statements = []struct {
	verb string
	form *regexp.Regexp
}{
	{"DROP", sqlForm(`(?i:DROP (TABLE|DATABASE|SCHEMA|INDEX)(?: CONCURRENTLY)?(?: IF EXISTS)? NAMES(?: ON NAME)?(?: CASCADE| RESTRICT| PURGE)?)`)},
	{"ALTER TABLE DROP", sqlForm(`(?i:ALTER TABLE(?: IF EXISTS)?(?: ONLY)? NAME (?:.*[ ,])?DROP (?:COLUMN|CONSTRAINT|INDEX|KEY|PARTITION|PRIMARY KEY|FOREIGN KEY|NAME$).*)`)},
	// TRUNCATE in small letters is a common word.
	{"TRUNCATE", sqlForm(`(?:(?i:TRUNCATE TABLE)|TRUNCATE)(?i: NAMES(?: RESTART IDENTITY| CONTINUE IDENTITY)?(?: CASCADE| RESTRICT)?)`)},
	{"DELETE", sqlForm(`(?i:DELETE FROM (?:ONLY )?NAME)`)}, // without WHERE
}

func sqlForm(form string) *regexp.Regexp {
	const name = "[\\w.$%:?@{}\\[\\]\"'`" + unknownPart + "]+"
	form = strings.ReplaceAll(form, "NAMES", name+"(?: ?, ?"+name+")*")
	return regexp.MustCompile("^" + strings.ReplaceAll(form, "NAME", name) + "$")
}

var (
	// Most texts hold none of these, and need no further look.
	sqlWord    = regexp.MustCompile(`(?i)\b(?:DROP|TRUNCATE|DELETE)\b`)
	sqlComment = regexp.MustCompile(`--[^\n]*|/\*(?s:.*?)\*/`)
	// callees to which text is handed that people read
	proseTaker = regexp.MustCompile(`^(?:Log|Trace|Debug|Info|Notice|Warn|Warning|Error|Fatal|Panic|Print|Fprint|Wrap)(?:f|w|ln|Context|Ctx|S)?$`)
)

// markSQL marks each destructive statement of a text. Those that only a text
// for people quotes are none.
func markSQL(s *markScan, e ast.Expr, text string) {
	if !sqlWord.MatchString(text) || s.isProse() {
		return
	}
	text = sqlComment.ReplaceAllString(text, "")
	for statement := range strings.SplitSeq(text, ";") {
		statement = fold(statement)
		for _, form := range statements {
			m := form.form.FindStringSubmatch(statement)
			if m == nil {
				continue
			}
			verb := form.verb
			if len(m) > 1 {
				verb += " " + strings.ToUpper(m[1])
			}
			s.add(e.Pos(), statement, verb)
			break
		}
	}
}

// isProse reports whether the text being visited is handed to a function that
// logs, or that makes an error.
func (s *markScan) isProse() bool {
	call, ok := s.parent(0).(*ast.CallExpr)
	if !ok {
		return false
	}
	switch fun := call.Fun.(type) {
	case *ast.SelectorExpr:
		pkg, _ := fun.X.(*ast.Ident)
		return proseTaker.MatchString(fun.Sel.Name) || pkg != nil && pkg.Name == "errors"
	case *ast.Ident:
		return proseTaker.MatchString(fun.Name) || fun.Name == "panic"
	}
	return false
}

// wireTags are the keys of struct tags that name a field in something stored
// or sent, by those who wrote the libraries that read them.
var wireTags = []string{
	"avro", "bson", "bun", "cbor", "codec", "datastore", "db", "dynamodbav", "env", "envconfig", "firestore", "form",
	"gorm", "header", "hcl", "ini", "json", "mapstructure", "msgpack", "parquet", "pg", "protobuf", "query", "redis",
	"schema", "toml", "uri", "url", "xml", "xorm", "yaml",
}

// markFields marks the fields of a struct that is stored or sent: one that
// says so for a field by a tag. Exported fields without one take part in it;
// a field that every tag leaves out does not.
func markFields(s *markScan, st *ast.StructType) {
	var serialised bool
	for _, f := range st.Fields.List {
		tags, _ := wireTagsOf(f)
		serialised = serialised || tags != ""
	}
	if !serialised {
		return
	}
	for _, f := range st.Fields.List {
		tags, out := wireTagsOf(f)
		if out {
			continue
		}
		value := fieldType(f.Type)
		if tags != "" {
			value += " `" + tags + "`"
		}
		for name, pos := range fieldNames(f) {
			if ast.IsExported(name) || len(f.Names) == 0 && tags != "" {
				s.add(pos, s.structPath()+"."+name, value)
			}
		}
	}
}

// fieldType is the source of a type. What a struct holds is marked by itself.
func fieldType(e ast.Expr) string {
	switch t := e.(type) {
	case *ast.StructType:
		return "struct"
	case *ast.StarExpr:
		return "*" + fieldType(t.X)
	case *ast.ArrayType:
		if t.Len == nil {
			return "[]" + fieldType(t.Elt)
		}
	case *ast.MapType:
		return "map[" + source(t.Key) + "]" + fieldType(t.Value)
	}
	return source(e)
}

// wireTagsOf are the tags of a field that say how it is stored or sent, in one
// order, and whether they all leave it out.
func wireTagsOf(f *ast.Field) (tags string, out bool) {
	if f.Tag == nil {
		return "", false
	}
	raw, err := strconv.Unquote(f.Tag.Value)
	if err != nil {
		return "", false
	}
	var list []string
	out = true
	for _, key := range wireTags {
		tag, ok := reflect.StructTag(raw).Lookup(key)
		if !ok {
			continue
		}
		out = out && tag == "-"
		list = append(list, key+":"+strconv.Quote(sortedOptions(key, tag)))
	}
	return strings.Join(list, " "), out && len(list) > 0
}

// sortedOptions puts what follows the name in a tag in order: readers take it
// in any.
func sortedOptions(key, tag string) string {
	if key == "gorm" || key == "xorm" {
		var options []string
		for option := range strings.SplitSeq(tag, ";") {
			if option = strings.TrimSpace(option); option != "" {
				options = append(options, option)
			}
		}
		slices.Sort(options)
		return strings.Join(options, ";")
	}
	name, rest, ok := strings.Cut(tag, ",")
	if !ok {
		return tag
	}
	options := strings.Split(rest, ",")
	slices.Sort(options)
	return name + "," + strings.Join(options, ",")
}

// termNames are the words that say for how long something is kept.
var termNames = [][]string{
	{"retention"}, {"ttl"}, {"expiry"}, {"expiration"}, {"expire", "after"}, {"expires", "after"}, {"expires", "in"},
	{"max", "age"}, {"keep", "for"}, {"keep", "days"}, {"retain", "for"}, {"retain", "days"},
}

// notTerms are words of names that are about such a time without being one.
var notTerms = []string{"code", "ecode", "err", "error", "status"}

func isTermName(name string) bool {
	have := words(name)
	if slices.ContainsFunc(have, func(word string) bool { return slices.Contains(notTerms, word) }) {
		return false
	}
	return slices.ContainsFunc(termNames, func(want []string) bool {
		for i := range len(have) - len(want) + 1 {
			if slices.Equal(have[i:i+len(want)], want) {
				return true
			}
		}
		return false
	})
}

// words are those of a name, in small letters: "maxTTLSeconds" has max, ttl
// and seconds.
func words(name string) []string {
	var list []string
	runes := []rune(name)
	start := 0
	cut := func(end int) {
		if word := strings.Trim(string(runes[start:end]), "_"); word != "" {
			list = append(list, strings.ToLower(word))
		}
		start = end
	}
	for i := 1; i < len(runes); i++ {
		prev, r := runes[i-1], runes[i]
		acronymEnds := unicode.IsUpper(prev) && unicode.IsUpper(r) && i+1 < len(runes) && unicode.IsLower(runes[i+1])
		if r == '_' || prev == '_' || !unicode.IsUpper(prev) && unicode.IsUpper(r) || acronymEnds {
			cut(i)
		}
	}
	cut(len(runes))
	return list
}

// isTerm reports whether a value can be a time or a size for which data is
// kept: a constant number, or a text that begins with one ("15d").
func (s *markScan) isTerm(e ast.Expr) bool {
	if e == nil {
		return false
	}
	v := s.constant(e)
	if v == nil || usesIota(s.info, e) {
		return false
	}
	switch v.Kind() {
	case constant.Int, constant.Float:
		return true
	case constant.String:
		text := constant.StringVal(v)
		return text != "" && text[0] >= '0' && text[0] <= '9'
	}
	return false
}

// isReset reports whether e is zero or less, by which a field or variable is
// cleared.
func (s *markScan) isReset(e ast.Expr) bool {
	v := s.constant(e)
	return v != nil && (v.Kind() == constant.Int || v.Kind() == constant.Float) && constant.Sign(v) <= 0
}

// usesIota reports whether e numbers the constants of a group.
func usesIota(info *types.Info, e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Name == "iota" {
			found = found || info.Uses[id] == types.Universe.Lookup("iota")
		}
		return !found
	})
	return found
}

func markTermSpec(s *markScan, spec ast.Spec) {
	vals, ok := spec.(*ast.ValueSpec)
	if !ok {
		return
	}
	for name, value := range s.declared(vals) {
		if isTermName(name.Name) && s.isTerm(value) {
			s.add(name.Pos(), name.Name, s.value(value))
		}
	}
}

func markTermLiteral(s *markScan, lit *ast.CompositeLit) {
	for field, value := range s.keyed(lit) {
		if isTermName(field.Name) && s.isTerm(value) && !s.isReset(value) {
			s.add(field.Pos(), s.member(s.info.TypeOf(lit), field.Name), s.value(value))
		}
	}
}

func markTermAssign(s *markScan, target, value ast.Expr) {
	if s.isReset(value) {
		return
	}
	switch target := ast.Unparen(target).(type) {
	case *ast.SelectorExpr:
		if isTermName(target.Sel.Name) && s.isTerm(value) {
			s.add(target.Pos(), s.member(s.info.TypeOf(target.X), target.Sel.Name), s.value(value))
		}
	case *ast.Ident:
		if isTermName(target.Name) && s.isTerm(value) {
			s.add(target.Pos(), target.Name, s.value(value))
		}
	}
}

// member is "Type.field", or the field alone where the type has no name.
func (s *markScan) member(t types.Type, field string) string {
	if _, name := s.named(t); name != "" {
		return name + "." + field
	}
	return field
}
