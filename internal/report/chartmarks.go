package report

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// marks are drawn before all else, behind the lines.
type marks struct {
	all   []chartMark
	theme theme
}

// Plot is plot.Plotter's.
func (m marks) Plot(canvas draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&canvas)
	line := draw.LineStyle{Color: m.theme.faint, Width: .75, Dashes: []vg.Length{2, 3}}
	name := text.Style{Color: m.theme.faint, Font: sans(8), YAlign: text.YTop, Handler: plot.DefaultTextHandler}
	for i := 0; i < len(m.all); {
		// Numbers that would be written over each other are one: "3–5".
		at, label, next := x(unix(m.all[i].at)), m.all[i].name, i+1
		for next < len(m.all) && x(unix(m.all[next].at))-at < name.Width(label)+4 {
			label = m.all[i].name + "–" + m.all[next].name
			next++
		}
		for _, mark := range m.all[i:next] {
			here := x(unix(mark.at))
			canvas.StrokeLine2(line, here, canvas.Min.Y, here, canvas.Max.Y-10)
		}
		canvas.FillText(name, vg.Point{X: at - 2, Y: canvas.Max.Y}, label)
		i = next
	}
}

// band is where a line may go, as an area with a dashed line in the middle.
type band struct {
	c     chart
	theme theme
}

// Plot is plot.Plotter's.
func (b band) Plot(canvas draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&canvas)
	last := lastTrue(b.c.known)
	if last < 0 {
		return
	}
	from := vg.Point{X: x(unix(b.c.at[last])), Y: y(b.c.lines[0].values[last])}
	area, middle := []vg.Point{from}, []vg.Point{from}
	for i, at := range b.c.band.at {
		area = append(area, vg.Point{X: x(unix(at)), Y: y(b.c.band.high[i])})
		middle = append(middle, vg.Point{X: x(unix(at)), Y: y(b.c.band.middle[i])})
	}
	for i := len(b.c.band.at) - 1; i >= 0; i-- {
		area = append(area, vg.Point{X: x(unix(b.c.band.at[i])), Y: y(b.c.band.low[i])})
	}
	r, g, bl, _ := b.theme.lines[0].RGBA()
	canvas.FillPolygon(color.NRGBA{R: uint8(r >> 8), G: uint8(g >> 8), B: uint8(bl >> 8), A: 46}, area)
	canvas.StrokeLines(draw.LineStyle{Color: b.theme.lines[0], Width: 1.25, Dashes: []vg.Length{2, 2}}, middle)
}
