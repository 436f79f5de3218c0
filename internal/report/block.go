package report

import (
	"fmt"
	"strings"
)

// moreRoom is kept free for the line that says how many rows are missing.
const moreRoom = 128

// block is a section of a document of limited length. A list without rows is
// left out.
type block struct {
	open, close string
	// A list has rows rows. Row is asked for one after the other, and only
	// until the document is full: 5,000 findings are not all escaped for the
	// 500 that fit.
	list bool
	rows int
	row  func(i int) string
	// more stands for the rows from the given one on, where they do not fit;
	// at most moreRoom bytes.
	more func(from int) string
	// last blocks get what room the others leave.
	last bool
}

// bullets is a list under a title, and says how many of its rows are missing.
// The title may be empty.
func bullets[T any](title string, items []T, row func(T) string) block {
	if title != "" {
		title += "\n"
	}
	return block{
		open: title,
		list: true,
		rows: len(items),
		row:  func(i int) string { return "- " + row(items[i]) + "\n" },
		more: func(from int) string { return fmt.Sprintf("- %s more, not shown\n", thousands(len(items)-from)) },
	}
}

// details folds a block under a summary.
func details(summary string, b block) block {
	// The empty lines make GitHub read Markdown inside of the HTML.
	b.open = "<details><summary>" + summary + "</summary>\n\n" + b.open
	b.close += "\n</details>\n"
	return b
}

// assemble joins the blocks by empty lines within limit bytes. What frames a
// block always fits (its size has a bound that does not depend on the change),
// rows are added while there is room.
func assemble(limit int, blocks []block) string {
	var shown []block
	for _, b := range blocks {
		if b.rows > 0 || !b.list {
			shown = append(shown, b)
		}
	}
	room := limit
	for _, b := range shown {
		room -= len("\n") + len(b.open) + len(b.close)
		if b.list {
			room -= moreRoom
		}
	}
	bodies := make([]string, len(shown))
	for _, last := range []bool{false, true} {
		for i, b := range shown {
			if b.last == last {
				bodies[i] = b.fill(room)
				room -= len(bodies[i])
			}
		}
	}
	var out strings.Builder
	for i, b := range shown {
		if i > 0 {
			out.WriteByte('\n')
		}
		out.WriteString(b.open + bodies[i] + b.close)
	}
	return out.String()
}

// fill is as many rows as there is room for, and the line about the others,
// which has its room already.
func (b block) fill(room int) string {
	var body strings.Builder
	for i := range b.rows {
		row := b.row(i)
		if body.Len()+len(row) > room {
			return body.String() + b.more(i)
		}
		body.WriteString(row)
	}
	return body.String()
}
