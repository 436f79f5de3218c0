package report

import (
	"bytes"
	_ "embed" // the page and its style
	"fmt"
	"html/template"
	"strings"

	"github.com/barraiser/barraiser/internal/debt"
)

// # The site
//
// A trend as a folder of files that any server, and any browser without one, can
// show: index.html, its style, the charts, and each table as CSV and JSON. There
// is no script, nothing is loaded from elsewhere, and the page's policy lets it
// load nothing but its own style and images. Text from outside reaches the page
// through html/template alone.

//go:embed site/index.tmpl
var siteTemplate string

//go:embed site/style.css
var siteStyle []byte

var sitePage = template.Must(template.New("index.html").Parse(siteTemplate))

// sitePolicy is the page's Content-Security-Policy.
const sitePolicy = "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'"

// page is what the template draws.
type page struct {
	CSP, Sentence, Context, Name, Branch, Dates, Catalogue, States string
	Warnings                                                       []string
	Tiles                                                          []pageTile
	Sections                                                       []pageSection
}

type pageTile struct{ Name, Value, More string }

type pageSection struct {
	ID, Title, Text string
	Figures         []pageFigure
	Table           *pageTable
}

type pageFigure struct {
	Slug, Alt, Caption string
	Width, Height      int
}

type pageTable struct {
	Caption string
	Folded  bool
	Head    []pageCell
	Rows    [][]pageCell
	Files   []string
}

type pageCell struct {
	Text   string
	Number bool
}

// Class is how the cell is laid out: a number to the right, a short text in one
// line, a long one with room.
func (c pageCell) Class() string {
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

// maxSpots is how many hotspots the page lists; the files beside it have all.
const maxSpots = 40

// Site draws a trend, and the hotspots of its newest state, as the files of a
// static site by their name. A folder is all that it needs.
func Site(t Trend, spots Hotspots) (map[string][]byte, error) {
	files := map[string][]byte{"style.css": siteStyle}
	p := page{
		CSP: sitePolicy, Sentence: t.Sentence(), Context: t.Context(), Catalogue: t.Catalogue,
		Name: plain(t.Repository), Branch: plain(t.Branch.Name), States: count(len(t.Points), "state"),
		Dates: strings.TrimPrefix(dates(t.Points), ", "),
	}
	if p.Name == "" {
		p.Name = "This repository"
	}
	s := site{files: files}
	if len(t.Points) > 0 {
		p.Tiles = t.tiles()
		p.Sections = s.sections(t, spots)
		p.Warnings = t.warnings()
	}
	var b bytes.Buffer
	if err := TrendJSON(&b, t); err != nil {
		return nil, err
	}
	files["trend.json"] = bytes.Clone(b.Bytes())
	b.Reset()
	if err := HotspotsJSON(&b, spots, true); err != nil {
		return nil, err
	}
	files["hotspots.json"] = bytes.Clone(b.Bytes())
	b.Reset()
	if err := sitePage.Execute(&b, p); err != nil {
		return nil, fmt.Errorf("draw the page: %w", err)
	}
	files["index.html"] = b.Bytes()
	return files, s.err
}

// site collects the files.
type site struct {
	files map[string][]byte
	err   error
}

// figure draws a chart in all themes and sizes.
func (s *site) figure(c chart, caption string) pageFigure {
	f := pageFigure{Slug: c.slug, Alt: c.desc, Caption: caption, Width: int(chartSizes[0].width), Height: int(chartSizes[0].height)}
	for _, size := range chartSizes {
		for _, t := range themes {
			svg, err := c.svg(t, size)
			if err != nil && s.err == nil {
				s.err = err
			}
			s.files[c.slug+"-"+size.name+"-"+t.name+".svg"] = svg
		}
	}
	return f
}

// table keeps the table's CSV and makes its twin on the page, of its first most
// rows; 0: all.
func (s *site) table(g grid, folded bool, json string, most int) *pageTable {
	var b bytes.Buffer
	if err := g.csv(&b); err != nil && s.err == nil {
		s.err = err // unreachable: a buffer takes everything
	}
	s.files[g.slug+".csv"] = b.Bytes()
	t := &pageTable{Caption: g.caption, Folded: folded, Files: []string{g.slug + ".csv", json}}
	if most > 0 && len(g.rows) > most {
		t.Caption = fmt.Sprintf("%s: the first %d of %s", g.caption, most, thousands(len(g.rows)))
		g.rows = g.rows[:most]
	}
	cells := func(row []gridCell) (out []pageCell) {
		for _, c := range row {
			out = append(out, pageCell{c.text, c.number})
		}
		return out
	}
	t.Head = cells(g.head)
	for _, r := range g.rows {
		t.Rows = append(t.Rows, cells(r))
	}
	return t
}

// tiles are the four figures that matter most, of the newest whole state.
func (t Trend) tiles() []pageTile {
	first, last, _ := debt.Ends(t.Points)
	var introduced, repaid float64
	for _, p := range t.Points {
		introduced, repaid = introduced+p.Introduced, repaid+p.Repaid
	}
	density := pageTile{"Per 1,000 code lines", fmt.Sprintf("%.0f min", last.Density()), fmt.Sprintf("%s code lines", thousands(last.Lines))}
	if last.Rank != nil {
		density.More += fmt.Sprintf("; denser than %.0f %% of the corpus", 100**last.Rank)
	}
	return []pageTile{
		{"Debt", Minutes(last.Principal), fmt.Sprintf("%s, from %s", moved(first.Principal, last.Principal), Minutes(first.Principal))},
		density,
		{"Costs a quarter", Minutes(last.Interest), Minutes(last.Payable) + " of debt pay back within a year"},
		{"Introduced less repaid", signed(introduced - repaid), fmt.Sprintf("%s introduced, %s repaid", Minutes(introduced), Minutes(repaid))},
	}
}

// warnings say what the trend does not know.
func (t Trend) warnings() []string {
	var out []string
	gaps := 0
	for _, p := range t.Points {
		if p.Gap != "" {
			gaps++
		}
	}
	if gaps > 0 {
		out = append(out, fmt.Sprintf("%s could be analysed in part only, and had to be left out of charts and comparisons.", count(gaps, "state")))
	}
	for _, h := range t.Hints {
		out = append(out, plain(h))
	}
	return out
}
