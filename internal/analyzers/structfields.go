package analyzers

import (
	"go/ast"
	"iter"
	"reflect"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// structFields counts the fields of each struct type that its own methods work
// on: every name, an embedded type once, the blank ones not, since they are
// padding.
//
// It leaves out records, which are as wide as what they are about and no harder
// to change for it: fields with tags, whose number another format decides, and
// structs that few methods know, such as options and sets of metrics. Such a
// struct has fewer than three methods that use a field (one to fill it, one to
// read it out), or they use fewer than half of the fields.
var structFields = &analysis.Analyzer{
	Name:             "structfields",
	Doc:              "count the fields of structs",
	Run:              runStructFields,
	RunDespiteErrors: true,
	ResultType:       reflect.TypeFor[[]Measure](),
}

func runStructFields(pass *analysis.Pass) (any, error) {
	used := usedFields(pass.Files)
	var list []Measure
	for spec := range typeSpecs(pass.Files) {
		s, ok := spec.Type.(*ast.StructType)
		if !ok {
			continue
		}
		uses := used[spec.Name.Name]
		known, count := 0, 0
		for name := range untaggedFields(s) {
			count++
			if uses.fields[name] {
				known++
			}
		}
		if count == 0 || uses.methods < 3 || known*2 < count {
			continue
		}
		list = append(list, Measure{
			Rule:    "struct-fields",
			Pos:     spec.Pos(),
			End:     spec.End(),
			Message: "struct with " + plural(count, "field"),
			Value:   float64(count),
		})
	}
	return list, nil
}

// untaggedFields yields the names of the fields that have no tag.
func untaggedFields(s *ast.StructType) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, field := range s.Fields.List {
			if field.Tag != nil {
				continue
			}
			names := field.Names
			if len(names) == 0 {
				names = []*ast.Ident{embeddedName(field.Type)}
			}
			for _, name := range names {
				if name.Name != "_" && !yield(name.Name) {
					return
				}
			}
		}
	}
}

// embeddedName is T for the embedded types T, *T, p.T and T[K].
func embeddedName(t ast.Expr) *ast.Ident {
	for {
		switch x := t.(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			return x.Sel
		case *ast.StarExpr:
			t = x.X
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		default: // does not type-check
			return ast.NewIdent("_")
		}
	}
}

// fieldUses is what the methods of one type do with its fields.
type fieldUses struct {
	fields  map[string]bool // the names that are selected from a receiver
	methods int             // that select one
}

// usedFields goes by the names of types and receivers: that a receiver's name
// is hidden by a variable of the same name is rare.
func usedFields(files []*ast.File) map[string]fieldUses {
	types := map[string]fieldUses{}
	for _, decl := range functions(files) {
		if decl.Recv == nil || len(decl.Recv.List[0].Names) == 0 {
			continue
		}
		recv := decl.Recv.List[0].Names[0].Name
		owner, _, _ := strings.Cut(funcSymbol(decl), ".")
		uses := types[owner]
		if uses.fields == nil {
			uses.fields = map[string]bool{}
		}
		selects := false
		ast.Inspect(decl.Body, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if id, ok := sel.X.(*ast.Ident); ok && id.Name == recv {
					uses.fields[sel.Sel.Name], selects = true, true
				}
			}
			return true
		})
		if selects {
			uses.methods++
		}
		types[owner] = uses
	}
	return types
}
