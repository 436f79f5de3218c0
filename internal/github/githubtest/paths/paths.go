// Package paths finds the operation of a request in a table of GitHub's paths.
// An http.ServeMux refuses that table: /issues/comments/{id} and
// /issues/{number}/comments are both in it, and neither is more specific.
package paths

import (
	"net/url"
	"strings"
)

// A Table holds values by patterns such as "GET /repos/{owner}/{repo}" or
// "GET /repos/{owner}/{repo}/contents/{path...}", whose last parameter takes
// the rest of the path.
type Table[T any] struct {
	rows []row[T]
}

type row[T any] struct {
	method   string
	segments []string
	value    T
}

// Add puts a value into the table.
func (t *Table[T]) Add(pattern string, value T) {
	method, path, _ := strings.Cut(pattern, " ")
	t.rows = append(t.rows, row[T]{method, split(path), value})
}

// Find looks up a method and an escaped path, and returns the parameters
// unescaped. Where several patterns match, the one that has a word where the
// others have a parameter wins, from the left.
func (t *Table[T]) Find(method, escapedPath string) (value T, parameters map[string]string, ok bool) {
	segments := split(escapedPath)
	var best *row[T]
	for i := range t.rows {
		r := &t.rows[i]
		if r.method == method && r.matches(segments) && (best == nil || r.before(best)) {
			best = r
		}
	}
	if best == nil {
		return value, nil, false
	}
	return best.value, best.parameters(segments), true
}

func split(path string) []string { return strings.Split(strings.Trim(path, "/"), "/") }

// parameter is the name in a segment such as {owner}.
func parameter(segment string) (name string, rest, ok bool) {
	if !strings.HasPrefix(segment, "{") {
		return "", false, false
	}
	name, rest = strings.CutSuffix(strings.Trim(segment, "{}"), "...")
	return name, rest, true
}

func (r *row[T]) matches(segments []string) bool {
	for i, s := range r.segments {
		_, rest, isParameter := parameter(s)
		switch {
		case rest:
			return true
		case i >= len(segments), !isParameter && s != segments[i], segments[i] == "":
			return false
		}
	}
	return len(r.segments) == len(segments)
}

func (r *row[T]) before(other *row[T]) bool {
	for i := range min(len(r.segments), len(other.segments)) {
		_, _, mine := parameter(r.segments[i])
		_, _, theirs := parameter(other.segments[i])
		if mine != theirs {
			return theirs
		}
	}
	return len(r.segments) < len(other.segments) // the longer one has a rest, which is empty
}

func (r *row[T]) parameters(segments []string) map[string]string {
	values := map[string]string{}
	for i, s := range r.segments {
		name, rest, isParameter := parameter(s)
		if !isParameter {
			continue
		}
		text := ""
		if i < len(segments) {
			text = segments[i]
		}
		if rest {
			text = strings.Join(segments[min(i, len(segments)):], "/")
		}
		if plain, err := url.PathUnescape(text); err == nil {
			text = plain
		}
		values[name] = text
	}
	return values
}
