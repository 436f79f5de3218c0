package web

import (
	"net/url"
	"reflect"
	"strings"

	"github.com/barraiser/barraiser/internal/report"
)

// clean makes all text in a page's struct plain: one line of visible characters,
// without what turns the reading direction, hides, or moves the cursor. It is
// done in one place and to all of it, since a field that was forgotten looks
// like any other. What is left is escaped by html/template.
func clean(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(report.EscapeTerminal(v.String()))
	case reflect.Pointer:
		if !v.IsNil() {
			clean(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			clean(v.Field(i))
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			clean(v.Index(i))
		}
	case reflect.Bool, reflect.Int, reflect.Int64, reflect.Float64:
	default:
		panic("web: a page has a field of kind " + v.Kind().String()) // TestPages draws each of them
	}
}

// webAddress returns an address of the web that somebody gave, to link to; empty
// where it is none.
func webAddress(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || strings.ContainsAny(s, " \t\r\n") {
		return ""
	}
	return u.String()
}
