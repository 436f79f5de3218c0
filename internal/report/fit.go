package report

import (
	"math"
	"slices"
)

// The columns of a table that may be cut.
const placeColumn, messageColumn = 2, 3

// fit cuts places (third column) and messages (fourth) so that a row stays
// within the width, as far as that leaves them readable.
func fit(rows [][]cell, limit int) [][]cell {
	const readable = 20
	widths := columnWidths(rows, math.MaxInt)
	if limit <= 0 || len(widths) <= messageColumn {
		return rows
	}
	others := 2*len(widths) + sum(widths) - widths[placeColumn] - widths[messageColumn]
	places := min(widths[placeColumn], max(readable, (limit-others)/2))
	messages := max(readable, limit-others-places)
	for _, row := range rows {
		if len(row) > placeColumn {
			row[placeColumn].text = cutLeft(row[placeColumn].text, places)
		}
		if len(row) > messageColumn {
			row[messageColumn].text = cutRight(row[messageColumn].text, messages)
		}
	}
	return rows
}

// narrow is the width of messages from which on a table of findings has them beside
// their places; in less, most of them would lose what they say.
const narrow = 40

// fitFindings keeps a table of findings (label, minutes, place, message, rule) within
// the width: by fit where that leaves the messages readable, else with each message
// below its place.
func fitFindings(rows [][]cell, limit int) [][]cell {
	widths := columnWidths(rows, math.MaxInt)
	if limit <= 0 || len(widths) <= messageColumn || 2*len(widths)+sum(widths) <= limit {
		return rows
	}
	cut := fit(clone(rows), limit)
	if columnWidths(cut, math.MaxInt)[messageColumn] >= narrow {
		return cut
	}
	before := 2*(placeColumn+1) + sum(widths[:placeColumn])
	rules := 0 // with the gap before them
	for _, n := range widths[messageColumn+1:] {
		rules += 2 + n
	}
	var folded [][]cell
	for _, row := range rows {
		if len(row) <= messageColumn {
			folded = append(folded, row)
			continue
		}
		head := append(row[:placeColumn:placeColumn], cell{text: cutLeft(row[placeColumn].text, max(narrow/2, limit-before-rules))})
		message := cell{text: cutRight(row[messageColumn].text, max(narrow, limit-before)), over: true}
		folded = append(folded, append(head, row[messageColumn+1:]...), []cell{{}, {}, message})
	}
	return folded
}

// clone copies rows, whose cells fit changes.
func clone(rows [][]cell) [][]cell {
	out := make([][]cell, len(rows))
	for i, row := range rows {
		out[i] = slices.Clone(row)
	}
	return out
}

func sum(widths []int) int {
	n := 0
	for _, w := range widths {
		n += w
	}
	return n
}
