package identicalfunctions

import "html/template"

func page(s string) string {
	s = template.HTMLEscapeString(s)
	s += "\n"
	return s
}
