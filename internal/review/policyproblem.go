package review

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// A Position is a place in a file. Lines and columns count from 1, columns in
// characters.
type Position struct {
	File         string
	Line, Column int
}

func (p Position) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column) }

// A Problem is something in a policy that is to be mended before any of it
// holds.
type Problem struct {
	Position
	What string // what is wrong and what to do, one sentence without a full stop
	// Excerpt is the line with a caret below, two lines without a newline at
	// the end. It holds printable characters only.
	Excerpt string
}

func (p Problem) String() string { return p.Position.String() + ": " + p.What }

// byPlace orders the problems of one file as one reads it.
func byPlace(a, b Problem) int {
	return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.What, b.What))
}

// span is a place in the file at hand that a caret can point at.
type span struct{ line, column, width int }

// excerptWidth is how much of a long line is shown.
const excerptWidth = 100

// excerpt draws
//
//	3 | buget: 1h
//	  | ^^^^^
func excerpt(lines []string, at span) string {
	if at.line < 1 || at.line > len(lines) {
		return ""
	}
	line := printable(strings.TrimRight(lines[at.line-1], "\r\n"))
	column := min(max(at.column, 1), len(line)+1)
	if column > excerptWidth/2 && len(line) > excerptWidth {
		cut := column - excerptWidth/2
		line = append([]rune("…"), line[cut:]...)
		column += 1 - cut
	}
	if len(line) > excerptWidth {
		line = append(line[:excerptWidth:excerptWidth], '…')
	}
	width := min(max(at.width, 1), max(len(line)-column+1, 1))
	number := fmt.Sprint(at.line)
	return fmt.Sprintf("%s | %s\n%*s | %s%s", number, strings.TrimRight(string(line), " "),
		len(number), "", strings.Repeat(" ", column-1), strings.Repeat("^", width))
}

// printable replaces what is not, character by character.
func printable(s string) []rune {
	out := []rune(s)
	for i, r := range out {
		switch {
		case r == '\t':
			out[i] = ' '
		case !unicode.IsPrint(r):
			out[i] = unicode.ReplacementChar
		}
	}
	return out
}

// closest returns the candidate that a word is most likely meant to be, empty
// where none is close.
func closest(word string, candidates []string) string {
	best, at := "", 0
	for _, c := range slices.Sorted(slices.Values(candidates)) {
		d := distance(strings.ToLower(word), strings.ToLower(c))
		if limit := max(len(c)/3, 1); d <= limit && (best == "" || d < at) {
			best, at = c, d
		}
	}
	return best
}

func didYouMean(word string) string {
	if word == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", word)
}

// nearest is the end of a message about a word that is none of the candidates.
func nearest(word string, candidates []string) string { return didYouMean(closest(word, candidates)) }

// distance is the number of characters to insert, delete, replace or swap with
// their neighbour that makes b out of a. Words longer than any key are far from
// all of them.
func distance(a, b string) int {
	const longest = 64
	s, t := []rune(a), []rune(b)
	if len(s) > longest || len(t) > longest {
		return longest
	}
	rows := make([][]int, len(s)+1)
	for i := range rows {
		rows[i] = make([]int, len(t)+1)
		rows[i][0] = i
	}
	for j := range t {
		rows[0][j+1] = j + 1
	}
	for i := range s {
		for j := range t {
			d := min(rows[i][j+1], rows[i+1][j]) + 1
			if s[i] == t[j] {
				d = min(d, rows[i][j])
			} else {
				d = min(d, rows[i][j]+1)
			}
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				d = min(d, rows[i-1][j-1]+1)
			}
			rows[i+1][j+1] = d
		}
	}
	return rows[len(s)][len(t)]
}
