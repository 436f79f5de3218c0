package report

import (
	"bytes"
	"cmp"
	"fmt"
	"html"
	"image/color"
	"path"
	"slices"

	"github.com/barraiser/barraiser/internal/debt"
)

// maxTiles is how many hotspots a treemap shows apart.
const maxTiles = 40

// tile is one place, or one part, in the treemap.
type tile struct {
	area       float64
	name       string
	sort       int // 0: left alone for free, 1: costs interest, 2: pays back soon
	x, y, w, h float64
}

// treemap draws hotspots: the area is what they cost to mend, the shade what to
// make of it.
func treemap(spots []debt.Hotspot, t theme, s chartSize) []byte {
	var tiles []tile
	for _, h := range spots {
		tiles = append(tiles, tile{area: h.Principal, name: tileName(h), sort: tileSort(h)})
	}
	return tileMap(tiles, "Hotspots", "The area of each rectangle is what it costs to mend a place. Those with a thick border pay back within four quarters.", t, s)
}

// tileMap draws tiles, the largest ones apart and the others as one.
func tileMap(tiles []tile, title, desc string, t theme, s chartSize) []byte {
	tiles = slices.Clone(tiles)
	slices.SortStableFunc(tiles, func(a, b tile) int { return cmp.Compare(b.area, a.area) })
	rest := tile{name: "all others"}
	for len(tiles) > maxTiles {
		rest.area += tiles[len(tiles)-1].area
		tiles = tiles[:len(tiles)-1]
	}
	width, height := float64(s.width), float64(s.height)*1.5
	if rest.area > 0 {
		// It may be larger than all that is named: then it would hide them.
		named := 0.0
		for _, t := range tiles {
			named += t.area
		}
		rest.area = min(rest.area, named/2)
		tiles = append(tiles, rest)
	}
	squarify(tiles, 0, 0, width, height)

	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%gpt" height="%gpt" viewBox="0 0 %g %g" font-family="Liberation Sans, Arial, sans-serif" font-size="9">`, width, height, width, height)
	fmt.Fprintf(&b, "\n<title>%s</title>\n<desc>%s</desc>\n", html.EscapeString(title), html.EscapeString(desc))
	for _, tile := range tiles {
		tile.draw(&b, t)
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func tileName(h debt.Hotspot) string {
	name := path.Base(h.File)
	switch {
	case h.Symbol != "":
		name = h.Symbol
	case h.File == "" || wholeFolder(h):
		name = path.Base(h.Package)
	}
	return plain(name)
}

func tileSort(h debt.Hotspot) int {
	switch {
	case h.Interest == 0:
		return 0
	case h.Payback() <= debt.MaxPayback:
		return 2
	}
	return 1
}

// draw writes the rectangle, and the name where there is room for it.
func (r tile) draw(b *bytes.Buffer, t theme) {
	opacity := []float64{.10, .30, .60}[r.sort]
	stroke, width := t.paper, 1.0
	if r.sort == 2 {
		stroke, width = t.lines[1], 2
	}
	inset := 1 + width/2
	fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s" fill-opacity="%g" stroke="%s" stroke-width="%g"/>`+"\n",
		r.x+inset, r.y+inset, max(0, r.w-2*inset), max(0, r.h-2*inset), rgb(t.lines[1]), opacity, rgb(stroke), width)
	const letter = 5.2 // the mean width of one, in points
	if letters := int((r.w - 10) / letter); letters >= 4 && r.h >= 16 {
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" fill="%s">%s</text>`+"\n", r.x+6, r.y+13, rgb(t.ink), html.EscapeString(clip(r.name, letters)))
	}
}

func rgb(c color.Color) string {
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}

// squarify places tiles of falling area in a rectangle, in rows along its
// shorter side, each as long as that makes its tiles more square (Bruls,
// Huizing, van Wijk, "Squarified Treemaps", 2000).
func squarify(tiles []tile, x, y, w, h float64) {
	sum := 0.0
	for _, t := range tiles {
		sum += t.area
	}
	if sum <= 0 {
		return
	}
	scale := w * h / sum
	for len(tiles) > 0 && w > 0 && h > 0 {
		side := min(w, h)
		n, taken := 1, tiles[0].area*scale
		for n < len(tiles) {
			more := taken + tiles[n].area*scale
			if worst(tiles[:n+1], scale, more, side) > worst(tiles[:n], scale, taken, side) {
				break
			}
			n, taken = n+1, more
		}
		depth := taken / side
		at := 0.0
		for i := range tiles[:n] {
			length := tiles[i].area * scale / depth
			if w >= h {
				tiles[i].x, tiles[i].y, tiles[i].w, tiles[i].h = x, y+at, depth, length
			} else {
				tiles[i].x, tiles[i].y, tiles[i].w, tiles[i].h = x+at, y, length, depth
			}
			at += length
		}
		if w >= h {
			x, w = x+depth, w-depth
		} else {
			y, h = y+depth, h-depth
		}
		tiles = tiles[n:]
	}
}

// worst is the largest ratio of the sides of a row's tiles.
func worst(row []tile, scale, area, side float64) float64 {
	out := 0.0
	for _, t := range row {
		a := t.area * scale
		out = max(out, side*side*a/(area*area), area*area/(side*side*a))
	}
	return out
}
