package report

import (
	"bytes"
	"fmt"
	"html"
	"image/color"
	"math"
	"slices"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// # Charts
//
// A chart is an SVG file that a page shows as an image: the styles that the
// chart library writes into it would be refused by the page's policy if the SVG
// were part of it. So each chart is drawn six times, for a light and a dark
// page, wide and narrow, and half as wide, and the page picks by media query.
//
// Colour never says anything alone: a line has its name at its end and a dash of
// its own, bars go up or down.

// theme is the colours of a chart. The hues are those of Okabe and Ito, "Color
// Universal Design" (2008), which people with any colour vision tell apart, made
// lighter on dark.
type theme struct {
	name             string
	ink, faint, grid color.Color
	lines            []color.Color
	paper            color.Color
}

var themes = []theme{
	{
		"light", hex(0x1f2328), hex(0x59636e), hex(0xd1d9e0),
		[]color.Color{hex(0x0072b2), hex(0xd55e00), hex(0x007a5a), hex(0xa8447d), hex(0x8a6100), hex(0x59636e)},
		hex(0xffffff),
	},
	{
		"dark", hex(0xe6edf3), hex(0x9aa4ae), hex(0x30363d),
		[]color.Color{hex(0x56b4e9), hex(0xff8c4a), hex(0x2dbd96), hex(0xe29dc5), hex(0xe6c229), hex(0x9aa4ae)},
		hex(0x0d1117),
	},
}

func hex(rgb uint32) color.Color {
	return color.RGBA{R: uint8(rgb >> 16), G: uint8(rgb >> 8), B: uint8(rgb), A: 255}
}

// dashes tell lines apart without their colour.
var dashes = [][]vg.Length{nil, {6, 3}, {2, 2}, {8, 3, 2, 3}, {4, 4}, {1, 3}}

// size is how large a chart is drawn, in points, and what it has room for.
type chartSize struct {
	name          string
	width, height vg.Length
	room          vg.Length // for the names at the ends of lines
	letters       int       // of such a name
	above         bool      // two names stand above the lines, where there is more room
}

var chartSizes = []chartSize{
	{"wide", 560, 210, 112, 22, false},
	{"narrow", 260, 190, 72, 13, true},
	{"half", 400, 180, 100, 19, true}, // one of two beside each other
}

// chart is one figure over time.
type chart struct {
	slug  string // names the files
	title string
	desc  string // what there is to see, for those who do not see it
	at    []time.Time
	known []bool
	lines []chartLine
	bars  bool // the first line goes up, the second one down
	zero  bool // the axis begins at 0
	fixed bool // the axis is in minutes, also where they are many
	marks []chartMark
	band  *chartBand
}

// chartMark is something that happened, a line across the chart with a number on
// top of it: what it was stands in a table.
type chartMark struct {
	at   time.Time
	name string
}

// chartBand is where the first line may go.
type chartBand struct {
	at                []time.Time
	low, middle, high []float64
}

// chartLine is one row of values.
type chartLine struct {
	name   string
	values []float64
}

// svg draws the chart for a page.
func (c chart) svg(t theme, s chartSize) ([]byte, error) {
	canvas := vgsvg.New(s.width, s.height)
	if err := c.draw(draw.New(canvas), t, s); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("draw %s: %w", c.slug, err)
	}
	return titled(b.Bytes(), c.title, c.desc), nil
}

// draw draws the chart on a canvas of its size.
func (c chart) draw(canvas draw.Canvas, t theme, s chartSize) error {
	p := plot.New()
	p.BackgroundColor = nil // the page's
	room, above := s.room, s.above && len(c.lines) == 2
	if above || len(c.lines) == 1 {
		room = 22 // half of a date
	}
	c.axes(p, t, int((s.width-room-40)/56))
	if len(c.marks) > 0 {
		p.Add(marks{c.marks, t})
	}
	if c.band != nil {
		p.Add(band{c, t})
	}
	if c.bars {
		p.Add(barsOf(c, t))
	} else if err := c.addLines(p, t); err != nil {
		return fmt.Errorf("draw %s: %w", c.slug, err)
	}
	if above {
		c.namesAbove(canvas, t, int((s.width/2-40)/5))
		p.Draw(draw.Crop(canvas, 0, -room, 0, -namesRoom))
		return nil
	}
	if err := c.addNames(p, t, s); err != nil {
		return fmt.Errorf("draw %s: %w", c.slug, err)
	}
	p.Draw(draw.Crop(canvas, 0, -room, 0, -4))
	return nil
}

// titled puts title and description into an SVG file, for those who open it by
// itself.
func titled(svg []byte, title, desc string) []byte {
	open := bytes.Index(svg, []byte("<svg"))
	end := open + bytes.IndexByte(svg[open:], '>') + 1
	text := fmt.Sprintf("\n<title>%s</title>\n<desc>%s</desc>", html.EscapeString(plain(title)), html.EscapeString(plain(desc)))
	return append(append(append([]byte(nil), svg[:end]...), text...), svg[end:]...)
}

// sans is the face of all text, at a size in points.
func sans(size vg.Length) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
}

// axes sets the axes up, with room for so many dates.
func (c chart) axes(p *plot.Plot, t theme, dates int) {
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.LineStyle = draw.LineStyle{Color: t.grid, Width: 0.75}
		a.Tick.LineStyle = draw.LineStyle{Color: t.grid, Width: 0.75}
		a.Tick.Length = 3
		a.Tick.Label.Font, a.Tick.Label.Color = sans(9), t.faint
		a.Padding = 4
	}
	p.Y.LineStyle.Width = 0
	p.X.Min, p.X.Max = unix(c.at[0]), unix(c.at[len(c.at)-1])
	if c.band != nil {
		p.X.Max = unix(c.band.at[len(c.band.at)-1])
	}
	if p.X.Min == p.X.Max {
		p.X.Min, p.X.Max = p.X.Min-86400, p.X.Max+86400
	}
	if c.bars { // the first and the last one whole
		half := (p.X.Max - p.X.Min) / float64(2*len(c.at))
		p.X.Min, p.X.Max = p.X.Min-half, p.X.Max+half
	}
	p.X.Tick.Marker = dateTicks(dates)
	p.Y.Tick.Marker = amountTicks(c.fixed)
	p.Y.Min, p.Y.Max = c.bounds()
	grid := plotter.NewGrid()
	grid.Vertical.Width = 0
	grid.Horizontal = draw.LineStyle{Color: t.grid, Width: 0.5}
	p.Add(grid)
}

// bounds are the ends of the axis of amounts, with some room around.
func (c chart) bounds() (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for i, l := range c.lines {
		for j, v := range l.values {
			if !c.known[j] {
				continue
			}
			if c.bars && i == 1 {
				v = -v
			}
			low, high = min(low, v), max(high, v)
		}
	}
	if math.IsInf(low, 1) {
		return 0, 1
	}
	if c.band != nil {
		low, high = min(low, slices.Min(c.band.low)), max(high, slices.Max(c.band.high))
	}
	if c.zero || c.bars {
		low, high = min(low, 0), max(high, 0)
	}
	margin := max((high-low)*.06, high*.01, .5)
	if !c.zero || low < 0 {
		low -= margin
	}
	if !c.bars {
		low = max(low, 0)
	}
	return low, high + margin
}

// cut says, after a caption, that the axis leaves out what lies below the lines.
func (c chart) cut() string {
	if low, _ := c.bounds(); low > 0 {
		return " The axis does not begin at 0."
	}
	return ""
}

func unix(at time.Time) float64 { return float64(at.Unix()) }

// addLines draws the lines, with a gap where nothing is known.
func (c chart) addLines(p *plot.Plot, t theme) error {
	for i := len(c.lines) - 1; i >= 0; i-- { // the first one on top
		for _, run := range c.runs(c.lines[i].values) {
			line, err := plotter.NewLine(run)
			if err != nil {
				return err
			}
			line.LineStyle = draw.LineStyle{Color: t.lines[i%len(t.lines)], Width: 1.75, Dashes: dashes[i%len(dashes)]}
			p.Add(line)
			if len(run) == 1 || len(c.at) <= 16 {
				dots, err := plotter.NewScatter(run)
				if err != nil {
					return err
				}
				dots.GlyphStyle = draw.GlyphStyle{Color: t.lines[i%len(t.lines)], Radius: 2, Shape: draw.CircleGlyph{}}
				p.Add(dots)
			}
		}
	}
	return nil
}

// runs are the stretches of points without a gap.
func (c chart) runs(values []float64) []plotter.XYs {
	var out []plotter.XYs
	open := false
	for i, v := range values {
		if !c.known[i] {
			open = false
			continue
		}
		if !open {
			out, open = append(out, nil), true
		}
		out[len(out)-1] = append(out[len(out)-1], plotter.XY{X: unix(c.at[i]), Y: v})
	}
	return out
}
