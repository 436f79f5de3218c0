package engine

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// factText writes all that a fact says, in the same words in every process. (gob
// would not do: it numbers types in the order in which a process meets them.)
func factText(f analysis.Fact) string {
	var b strings.Builder
	writeValue(&b, reflect.ValueOf(f))
	return b.String()
}

// writeValue writes a value with all its fields. Facts have no cycles, since gob
// could not keep them.
func writeValue(b *strings.Builder, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			b.WriteString("nil")
			return
		}
		fmt.Fprintf(b, "%s:", v.Elem().Type())
		writeValue(b, v.Elem())
	case reflect.Struct:
		b.WriteByte('{')
		for i := range v.NumField() {
			b.WriteString(v.Type().Field(i).Name + ":")
			writeValue(b, v.Field(i))
			b.WriteByte(' ')
		}
		b.WriteByte('}')
	case reflect.Slice, reflect.Array:
		b.WriteByte('[')
		for i := range v.Len() {
			writeValue(b, v.Index(i))
			b.WriteByte(' ')
		}
		b.WriteByte(']')
	case reflect.Map:
		var lines []string
		for it := v.MapRange(); it.Next(); {
			var line strings.Builder
			writeValue(&line, it.Key())
			line.WriteByte(':')
			writeValue(&line, it.Value())
			lines = append(lines, line.String())
		}
		slices.Sort(lines)
		fmt.Fprintf(b, "map%q", lines)
	case reflect.String:
		fmt.Fprintf(b, "%q", v.String())
	default:
		fmt.Fprint(b, v) // fmt reads fields that are not exported, too
	}
}
