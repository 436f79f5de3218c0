package report

import (
	"bytes"
	_ "embed" // the page and its style
	"fmt"
	"html/template"
	"io"
	"strings"
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
	Parts
	CSP, Name, Branch, Dates, Catalogue, States string
}

// maxSpots is how many hotspots the page lists; the files beside it have all.
const maxSpots = 40

// Site draws a trend, and the hotspots of its newest state, as the files of a
// static site by their name. A folder is all that it needs.
func Site(t Trend, spots Hotspots) (map[string][]byte, error) {
	sheet := trendSheet(t, spots)
	files := map[string][]byte{"style.css": siteStyle}
	for _, name := range sheet.Names() {
		if strings.Contains(name, "-"+chartSizes[2].name+"-") {
			continue // its figures stand one below the other
		}
		content, _, err := sheet.File(name)
		if err != nil {
			return nil, err
		}
		files[name] = content
	}
	p := page{
		Parts: sheet.Parts, CSP: sitePolicy, Catalogue: t.Catalogue,
		Name: plain(t.Repository), Branch: plain(t.Branch.Name), States: count(len(t.Points), "state"),
		Dates: strings.TrimPrefix(dates(t.Points), ", "),
	}
	if p.Name == "" {
		p.Name = "This repository"
	}
	var b bytes.Buffer
	if err := sitePage.Execute(&b, p); err != nil {
		return nil, fmt.Errorf("draw the page: %w", err)
	}
	files["index.html"] = b.Bytes()
	return files, nil
}

// trendSheet is all that is known locally.
func trendSheet(t Trend, spots Hotspots) *Sheet {
	s := newSheet()
	s.Sentence, s.Context = t.Sentence(), t.Context()
	s.written("trend.json", func(w io.Writer) error { return TrendJSON(w, t) })
	s.written("hotspots.json", func(w io.Writer) error { return HotspotsJSON(w, spots, true) })
	if len(t.Points) == 0 {
		return s
	}
	s.Tiles, s.Warnings = t.tiles(), t.warnings()
	s.Sections = append(s.Sections, s.overTime(t))
	for _, b := range breakdowns {
		if list := t.rowsOf(b); len(list) > 0 {
			s.Sections = append(s.Sections, s.breakdown(t, b, list))
		}
	}
	if len(t.Jumps) > 0 {
		s.Sections = append(s.Sections, s.jumps(t))
	}
	s.credits(t.credit(), true, "")
	if len(spots.Spots) > 0 {
		s.Sections = append(s.Sections, s.hotspots(spots))
	}
	return s
}

// tiles are the four figures that matter most, of the newest whole state.
func (t Trend) tiles() []Tile {
	first, last, _ := t.ends()
	var introduced, repaid float64
	for _, p := range t.Points {
		introduced, repaid = introduced+p.Introduced, repaid+p.Repaid
	}
	density := Tile{"Per 1,000 code lines", fmt.Sprintf("%.0f min", last.Density()), fmt.Sprintf("%s code lines", thousands(last.Lines))}
	if last.Rank != nil {
		density.More += fmt.Sprintf("; denser than %.0f %% of the corpus", 100**last.Rank)
	}
	return []Tile{
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
		out = append(out, upper(plain(h)))
	}
	return out
}
