package report

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// namesRoom is the height of names above the lines, in points.
const namesRoom = 20

// namesAbove writes the names of two lines in a row, each behind a piece of its line
// and of so many letters at most.
func (c chart) namesAbove(canvas draw.Canvas, t theme, letters int) {
	at := vg.Point{X: canvas.Min.X + 4, Y: canvas.Max.Y - 7}
	for i, l := range c.lines {
		line := draw.LineStyle{Color: t.lines[i], Width: 1.75, Dashes: dashes[i]}
		if c.bars {
			line = draw.LineStyle{Color: barColours(t)[i], Width: 7}
		}
		canvas.StrokeLine2(line, at.X, at.Y, at.X+14, at.Y)
		name := text.Style{Color: line.Color, Font: sans(9), YAlign: text.YCenter, Handler: plot.DefaultTextHandler}
		at.X += 19
		words := clip(plain(l.name), letters)
		canvas.FillText(name, at, words)
		at.X += name.Width(words) + 16
	}
}

// addNames writes the name of each line at its end, apart from each other.
func (c chart) addNames(p *plot.Plot, t theme, s chartSize) error {
	var labels plotter.XYLabels
	var colours []color.Color
	apart := (p.Y.Max - p.Y.Min) * 12 / float64(s.height-34)
	for i, l := range c.lines {
		last := lastTrue(c.known)
		if last < 0 {
			continue
		}
		y := l.values[last]
		if c.bars {
			y = map[bool]float64{true: p.Y.Max, false: p.Y.Min}[i == 0] * .6
		}
		labels.XYs = append(labels.XYs, plotter.XY{X: p.X.Max, Y: y})
		labels.Labels = append(labels.Labels, clip(plain(l.name), s.letters))
		colour := t.lines[i%len(t.lines)]
		if c.bars {
			colour = barColours(t)[i]
		}
		colours = append(colours, colour)
	}
	if len(labels.XYs) == 0 || len(c.lines) == 1 {
		return nil // the title says it
	}
	spread(labels.XYs, apart, p.Y.Min, p.Y.Max)
	names, err := plotter.NewLabels(labels)
	if err != nil {
		return err
	}
	for i := range names.TextStyle {
		names.TextStyle[i] = text.Style{Color: colours[i], Font: sans(9), YAlign: text.YCenter, Handler: plot.DefaultTextHandler}
	}
	names.Offset = vg.Point{X: 8}
	p.Add(names)
	return nil
}
