package identicalfunctions

import "text/template"

// The same words, but of another package.
func plain(s string) string {
	s = template.HTMLEscapeString(s)
	s += "\n"
	return s
}
