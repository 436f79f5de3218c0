package report

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
)

// # Sheets
//
// A sheet is what a page about debt over time says, whoever shows it: the static
// site and the pages of the server are two templates around the same parts. Its
// files are the charts, and each table as data. They are drawn when they are asked
// for, since a page shows one chart of the four that a figure has, and few tables
// are ever downloaded.

// Sheet is the parts of a page and the files that it leads to.
type Sheet struct {
	Parts
	files map[string]func() ([]byte, error)
}

// Parts are what is written on the page, as text that no surface has escaped yet.
type Parts struct {
	Sentence, Context string
	Warnings          []string
	Tiles             []Tile
	Sections          []Section
}

// Tile is a figure that matters, with what it means.
type Tile struct{ Name, Value, More string }

// Section is a part under a heading.
type Section struct {
	ID, Title, Text string
	Figures         []Figure
	Tables          []Table
	Empty           string // said where there is neither
}

// Figure is a chart: a file for each size and theme, Slug-SIZE-THEME.svg, of which a
// page shows the one that fits. Alt says what there is to see. Width and height are of
// the wide ones, in points.
type Figure struct {
	Slug, Alt, Caption string
	Width, Height      int
}

// Size is how a figure of the section is drawn on a page that has two beside each
// other: where they are odd, the first has a row of its own.
func (s Section) Size(i int) FigureSize {
	if f := s.Figures[i]; i == 0 && len(s.Figures)%2 == 1 {
		return FigureSize{chartSizes[0].name, f.Width, f.Height}
	}
	half := chartSizes[2]
	return FigureSize{half.name, int(half.width), int(half.height)}
}

// FigureSize is a size by its name in files, in points.
type FigureSize struct {
	Name          string
	Width, Height int
}

// Table is the twin of charts, or stands for itself. Folded: shown on demand.
type Table struct {
	Slug, Caption string
	Folded        bool
	Head          []Cell
	Rows          [][]Cell
	Files         []string // the same as data
}

// Cell is a field of a table. Link is a path on the server that shows the page,
// empty for none.
type Cell struct {
	Text, Link string
	Number     bool
}

// Class is how the cell is laid out: a number to the right, a short text in one
// line, a long one with room.
func (c Cell) Class() string {
	switch n := len([]rune(c.Text)); {
	case c.Number:
		return "n"
	case n <= 12:
		return "short"
	case n > 40:
		return "long"
	}
	return ""
}

func newSheet() *Sheet { return &Sheet{files: map[string]func() ([]byte, error){}} }

// Names are those of all files.
func (s *Sheet) Names() []string { return slices.Sorted(maps.Keys(s.files)) }

// File draws one of the files; ok is false where there is none of that name. The
// error is about a number that cannot be drawn.
func (s *Sheet) File(name string) (content []byte, ok bool, err error) {
	draw, ok := s.files[name]
	if !ok {
		return nil, false, nil
	}
	content, err = draw()
	return content, true, err
}

// FileType is the media type of a sheet's file.
func FileType(name string) string {
	switch path.Ext(name) {
	case ".svg":
		return "image/svg+xml"
	case ".csv":
		return "text/csv; charset=utf-8"
	}
	return "application/json"
}

// written adds a file that a function writes.
func (s *Sheet) written(name string, write func(io.Writer) error) {
	s.files[name] = func() ([]byte, error) {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			return nil, fmt.Errorf("draw %s: %w", name, err)
		}
		return b.Bytes(), nil
	}
}

// picture adds a chart in all themes and sizes.
func (s *Sheet) picture(slug string, draw func(theme, chartSize) ([]byte, error)) {
	for _, size := range chartSizes {
		for _, t := range themes {
			s.files[slug+"-"+size.name+"-"+t.name+".svg"] = func() ([]byte, error) { return draw(t, size) }
		}
	}
}

// figure adds a chart over time.
func (s *Sheet) figure(c chart, caption string) Figure {
	s.picture(c.slug, c.svg)
	return Figure{Slug: c.slug, Alt: plain(c.desc), Caption: plain(caption), Width: int(chartSizes[0].width), Height: int(chartSizes[0].height)}
}

// table keeps the table as CSV and makes its twin on the page, of its first most
// rows; 0: all. Json is the file that has the same, among others; empty: a file of
// its own.
func (s *Sheet) table(g grid, folded bool, json string, most int) Table {
	s.written(g.slug+".csv", g.csv)
	if json == "" {
		json = g.slug + ".json"
		s.written(json, g.json)
	}
	t := Table{Slug: g.slug, Caption: g.caption, Folded: folded, Files: []string{g.slug + ".csv", json}}
	if most > 0 && len(g.rows) > most {
		t.Caption = fmt.Sprintf("%s: the first %d of %s", g.caption, most, thousands(len(g.rows)))
		g.rows = g.rows[:most]
	}
	cells := func(row []gridCell) (out []Cell) {
		for _, c := range row {
			out = append(out, Cell{Text: c.text, Link: c.link, Number: c.number})
		}
		return out
	}
	t.Head = cells(g.head)
	for _, r := range g.rows {
		t.Rows = append(t.Rows, cells(r))
	}
	return t
}
