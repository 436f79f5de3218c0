package report

import (
	"strings"
	"unicode"
)

// Select Graphic Rendition codes. Colour only ever repeats what a word says.
const (
	plainText = ""
	bold      = "1"
	dim       = "2"
	red       = "31"
	green     = "32"
	yellow    = "33"
)

// canvas collects the lines of one text report.
type canvas struct {
	strings.Builder
	color bool
}

// paint returns s in the style, or as it is where colour is off.
func (c *canvas) paint(style, s string) string {
	if !c.color || style == plainText || s == "" {
		return s
	}
	return "\x1b[" + style + "m" + s + "\x1b[0m"
}

// line writes one line and drops the spaces at its end.
func (c *canvas) line(parts ...string) {
	c.WriteString(strings.TrimRight(strings.Join(parts, ""), " "))
	c.WriteByte('\n')
}

// cell is one field of a table. Text is escaped already.
type cell struct {
	text  string
	style string
	right bool // aligned to the right: numbers
	over  bool // goes on over the columns behind it, and widens none
}

// maxAligned is the width past which a cell does not widen its column: one long
// message would push the last column of all rows out of sight.
const maxAligned = 90

// columnWidths is the widest cell of each column that is not wider than limit.
func columnWidths(rows [][]cell, limit int) []int {
	var widths []int
	for _, row := range rows {
		for i, f := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			if w := width(f.text); w <= limit && !f.over {
				widths[i] = max(widths[i], w)
			}
		}
	}
	return widths
}

// table writes rows in columns two spaces apart, indented by two.
func (c *canvas) table(rows [][]cell) {
	widths := columnWidths(rows, maxAligned)
	for _, row := range rows {
		var b strings.Builder
		for i, f := range row {
			b.WriteString("  ")
			pad := strings.Repeat(" ", max(0, widths[i]-width(f.text)))
			if f.right {
				b.WriteString(pad + c.paint(f.style, f.text))
			} else {
				b.WriteString(c.paint(f.style, f.text) + pad)
			}
		}
		c.line(b.String())
	}
}

// width is the number of terminal columns that plain text takes.
func width(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

// runeWidth approximates UAX #11 by the blocks that are wide as a whole; a
// wrong guess costs alignment, nothing else.
func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case 0x1100 <= r && r <= 0x115F,
		0x2E80 <= r && r <= 0xA4CF,
		0xAC00 <= r && r <= 0xD7A3,
		0xF900 <= r && r <= 0xFAFF,
		0xFE30 <= r && r <= 0xFE6F,
		0xFF00 <= r && r <= 0xFF60,
		0xFFE0 <= r && r <= 0xFFE6,
		0x1F300 <= r && r <= 0x1FAFF,
		0x20000 <= r && r <= 0x3FFFD:
		return 2
	}
	return 1
}

// cutRight shortens s to n columns and ends it with "…".
func cutRight(s string, n int) string {
	if width(s) <= n {
		return s
	}
	used := 1
	for i, r := range s {
		if used += runeWidth(r); used > n {
			return s[:i] + "…"
		}
	}
	return s // unreachable: the loop spends more than n columns
}

// cutLeft shortens s to n columns and begins it with "…": of a path, the end
// tells most.
func cutLeft(s string, n int) string {
	over := width(s) - n
	if over <= 0 {
		return s
	}
	for i, r := range s {
		if over < 0 {
			return "…" + s[i:]
		}
		over -= runeWidth(r)
	}
	return "…"
}

// wrap breaks words into lines of at most n columns, where words allow it.
func wrap(s string, n int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(s) {
		switch {
		case line == "":
			line = word
		case width(line)+1+width(word) > n:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
