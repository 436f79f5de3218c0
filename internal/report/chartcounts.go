package report

import (
	"bytes"
	"fmt"
	"html"
)

// countBar is a row of a chart that counts.
type countBar struct {
	name  string
	count int
}

// The rows of a chart that counts, in points.
const (
	countRow  = 22.0
	countName = 84.0 // room for the names
	countRoom = 34.0 // for the numbers
)

func countHeight(rows []countBar) int { return int(countRow*float64(len(rows)) + 6) }

// countBars draws a bar to the right for each row, with its number behind it. It is
// our own for the same reason as the treemap: a row of labelled rectangles.
func countBars(title, desc string, rows []countBar, t theme, s chartSize) []byte {
	most := 1
	for _, r := range rows {
		most = max(most, r.count)
	}
	var b bytes.Buffer
	width, height := float64(s.width), countHeight(rows)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%gpt" height="%dpt" viewBox="0 0 %g %d" font-family="Liberation Sans, Arial, sans-serif" font-size="9">`, width, height, width, height)
	fmt.Fprintf(&b, "\n<title>%s</title>\n<desc>%s</desc>\n", html.EscapeString(plain(title)), html.EscapeString(plain(desc)))
	for i, r := range rows {
		y := countRow*float64(i) + 3
		long := (width - countName - countRoom) * float64(r.count) / float64(most)
		fmt.Fprintf(&b, `<text x="%g" y="%g" text-anchor="end" fill="%s">%s</text>`+"\n", countName-8, y+13, rgb(t.faint), html.EscapeString(plain(r.name)))
		fmt.Fprintf(&b, `<rect x="%g" y="%g" width="%.1f" height="%g" fill="%s"/>`+"\n", countName, y+2, long, countRow-6, rgb(t.lines[0]))
		fmt.Fprintf(&b, `<text x="%.1f" y="%g" fill="%s">%d</text>`+"\n", countName+long+5, y+13, rgb(t.ink), r.count)
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}
