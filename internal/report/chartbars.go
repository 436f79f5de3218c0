package report

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// bars are two rows of values, the one upwards and the other downwards from 0.
type bars struct {
	c      chart
	colour [2]color.Color
	axis   color.Color
}

func barsOf(c chart, t theme) bars { return bars{c: c, colour: barColours(t), axis: t.faint} }

// barColours are of what came and of what went.
func barColours(t theme) [2]color.Color { return [2]color.Color{t.lines[1], t.lines[0]} }

// Plot is plot.Plotter's.
func (b bars) Plot(canvas draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&canvas)
	half := (canvas.Max.X - canvas.Min.X) / vg.Length(len(b.c.at)) * .35
	half = min(max(half, .75), 10)
	for i, at := range b.c.at {
		if !b.c.known[i] {
			continue
		}
		for j, l := range b.c.lines {
			v := l.values[i]
			if j == 1 {
				v = -v
			}
			if v == 0 {
				continue
			}
			middle := x(unix(at))
			canvas.FillPolygon(b.colour[j], []vg.Point{
				{X: middle - half, Y: y(0)}, {X: middle - half, Y: y(v)},
				{X: middle + half, Y: y(v)}, {X: middle + half, Y: y(0)},
			})
		}
	}
	canvas.StrokeLine2(draw.LineStyle{Color: b.axis, Width: .75}, canvas.Min.X, y(0), canvas.Max.X, y(0))
}
