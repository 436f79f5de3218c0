package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// maxHolders is how many rows a table on a page has; its CSV has all.
const maxHolders = 50

// holdings is where the debt lies: the places of a repository for engineers, else
// the repositories, else the components.
func (s *Sheet) holdings(v Survey, leadership bool) {
	switch {
	case v.Of == OfRepository && !leadership:
		if len(v.Hotspots.Spots) == 0 {
			return
		}
		s.written("hotspots.json", func(w io.Writer) error { return HotspotsJSON(w, v.Hotspots, true) })
		s.Sections = append(s.Sections, s.hotspots(v.Hotspots))
	case v.Of == OfRepository:
		s.treeOf("components", "By component", "Component", v.Components, v)
	default:
		s.treeOf("repositories", "By repository", "Repository", v.Repositories, v)
	}
}

// treeOf is a section with a treemap of holders.
func (s *Sheet) treeOf(slug, title, what string, holders []Holder, v Survey) {
	if len(holders) == 0 {
		return
	}
	section := s.holders(v, title, what, slug, holders)
	var tiles []tile
	for _, h := range holders {
		tiles = append(tiles, tile{area: h.End.Principal, name: plain(h.Name), sort: h.sort()})
	}
	s.picture(slug, func(t theme, size chartSize) ([]byte, error) {
		return tileMap(tiles, title, "The area of each rectangle is its debt.", t, size), nil
	})
	var largest []string
	for _, h := range byDebt(holders) {
		if len(largest) < 3 {
			largest = append(largest, fmt.Sprintf("%s with %s", plain(h.Name), Minutes(h.End.Principal)))
		}
	}
	section.Figures = append(section.Figures, Figure{
		Slug: slug, Width: int(chartSizes[0].width), Height: int(chartSizes[0].height * 1.5),
		Alt:     title + ", as rectangles: the largest are " + strings.Join(largest, ", ") + ". The table below has the same.",
		Caption: "The area is the debt. Palest: nobody works there, leave it alone. Darkest, with a border: half of it or more pays back within four quarters.",
	})
	s.Sections = append(s.Sections, section)
}

// sort is as tileSort has it.
func (h Holder) sort() int {
	switch {
	case h.End.Interest <= 0:
		return 0
	case h.End.Payable*2 >= h.End.Principal:
		return 2
	}
	return 1
}

func byDebt(holders []Holder) []Holder {
	return slices.SortedStableFunc(slices.Values(holders), func(a, b Holder) int { return cmp.Compare(b.End.Principal, a.End.Principal) })
}

// holders is a section with a table of holders, the most debt first.
func (s *Sheet) holders(v Survey, title, what, slug string, holders []Holder) Section {
	g := grid{slug: slug, caption: title, head: heads(what, "#Debt", "#Change", "#Introduced", "#Repaid", "#Costs a quarter", "#Pays back in a year")}
	dense := slices.ContainsFunc(holders, func(h Holder) bool { return h.End.Lines > 0 })
	if dense {
		g.head = append(g.head, heads("", "#Per 1,000 lines")[1:]...)
	}
	ahead := slices.ContainsFunc(holders, func(h Holder) bool { return h.Forecast != nil })
	if ahead {
		g.head = append(g.head, heads("", "#In 13 weeks, from", "#to")[1:]...)
	}
	for _, h := range byDebt(holders) {
		row := []gridCell{
			linked(h.Name, h.Link), amount(h.End.Principal), h.change(), amount(h.End.Introduced), amount(h.End.Repaid),
			amount(h.End.Interest), amount(h.End.Payable),
		}
		if dense {
			row = append(row, numberCell(fmt.Sprintf("%.0f min", h.End.density()), h.End.density()))
		}
		if ahead {
			low, high := gridCell{number: true}, gridCell{number: true}
			if b := h.Forecast; b != nil {
				n := len(b.Low) - 1
				low, high = amount(b.Low[n]), amount(b.High[n])
			}
			row = append(row, low, high)
		}
		g.rows = append(g.rows, row)
	}
	out := Section{ID: slug, Title: title, Tables: []Table{s.table(g, false, "", maxHolders)}}
	if slug == "teams" || slug == "goals" {
		out.Text = "Each as it would be priced alone, so the parts are not the whole."
	}
	if ahead {
		out.Text = strings.TrimSpace(out.Text + " The last columns are where it lies in a quarter in four cases of five, if what comes is like what was.")
	}
	return out
}

// forEngineers is what the other view leaves out.
func (s *Sheet) forEngineers(v Survey) {
	if v.Of != OfRepository {
		return
	}
	for _, b := range breakdowns {
		if b.slug == "teams" || b.slug == "goals" {
			continue // they have sections of their own
		}
		if list := v.rowsOf(b); len(list) > 0 {
			s.Sections = append(s.Sections, s.breakdown(v.Trend, b, list))
		}
	}
	if len(v.Jumps) > 0 {
		s.Sections = append(s.Sections, s.jumps(v.Trend))
	}
}
